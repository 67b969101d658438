"""What hangs together and what does not, on days worked out by hand."""

from __future__ import annotations

from typing import Any

import pytest

from optimizer.days.split import split
from optimizer.model import Instance, Need, Request, Stage
from optimizer.model.units import DAY, HOUR
from tests.builders import (
    arbzg,
    commitment,
    crew,
    duty,
    instance,
    line,
    neutral,
    published,
    request,
    shift,
    vehicle,
    zab,
)

TRAVEL = line({"depot": 0, "A": 600, "B": 1200})
NO_FAIR_LOAD = (Stage.SERVED, Stage.CUSTODY, Stage.COST)


def on(day: int, name: str, **fields: Any) -> Request:
    """A request of one day only."""
    window = (day * DAY + 6 * HOUR, day * DAY + 18 * HOUR)
    return request(name, pickup=window, delivery=window, **fields)


def week(*requests: Request, **fields: Any) -> Instance:
    """Duties D0 and D1, one a day, with a crew and a vehicle each."""
    days = range(2)
    return instance(
        *requests,
        **{
            "vehicles": tuple(vehicle(f"V{d}") for d in days),
            "crews": tuple(crew(f"C{d}") for d in days),
            "shifts": tuple(shift(f"S{d}", f"C{d}", d * DAY + 5 * HOUR, d * DAY + 20 * HOUR) for d in days),
            "duties": tuple(duty(f"D{d}", f"S{d}", f"V{d}") for d in days),
            "stages": NO_FAIR_LOAD,
            **fields,
        },
    )


def parts(made: Instance, **options: int) -> list[tuple[set[str], set[str]]]:
    """Requests and duties of each part."""
    found = split(made, TRAVEL, **options)
    assert sorted(r.id for part in found for r in part.instance.requests) == sorted(r.id for r in made.requests)
    assert sorted(d.id for part in found for d in part.instance.duties) == sorted(d.id for d in made.duties)
    return [({r.id for r in part.instance.requests}, {d.id for d in part.instance.duties}) for part in found]


def test_two_days_are_two_parts() -> None:
    made = week(on(0, "a"), on(1, "b"), on(0, "c"))
    assert parts(made) == [({"a", "c"}, {"D0"}), ({"b"}, {"D1"})]


def test_what_is_one_is_given_back_as_it_is() -> None:
    made = instance(request("a"), request("b"))
    (whole,) = split(made, TRAVEL)
    assert whole.instance is made
    assert whole.travel is TRAVEL


def test_without_duties_there_is_one_part() -> None:
    made = instance(request("a"), request("b"), duties=(), shifts=(), crews=(), vehicles=())
    assert len(split(made, TRAVEL)) == 1


def test_a_request_that_fits_both_days_ties_them() -> None:
    made = week(on(0, "a"), on(1, "b"), request("c", pickup=(0, 2 * DAY), delivery=(0, 2 * DAY)))
    assert len(parts(made)) == 1


@pytest.mark.parametrize(
    "fields",
    [
        {"barred_duties": frozenset({"D0"})},
        {"pin": "D1"},
    ],
)
def test_a_rule_that_keeps_it_off_one_day_unties_them(fields: dict[str, Any]) -> None:
    late = request("c", pickup=(0, 2 * DAY), delivery=(0, 2 * DAY), **fields)
    assert parts(week(on(0, "a"), on(1, "b"), late)) == [({"a"}, {"D0"}), ({"b", "c"}, {"D1"})]


def test_a_bundle_ties_days() -> None:
    assert len(parts(week(on(0, "a", bundle="x"), on(1, "b", bundle="x")))) == 1


def test_a_vehicle_or_a_crew_ties_only_duties_in_each_others_way() -> None:
    one = (vehicle("V"),)
    duties = tuple(duty(f"D{d}", f"S{d}", "V") for d in range(2))
    assert len(parts(week(on(0, "a"), on(1, "b"), vehicles=one, duties=duties))) == 2
    crews = (crew("C"),)
    shifts = tuple(shift(f"S{d}", "C", d * DAY + 5 * HOUR, d * DAY + 20 * HOUR) for d in range(2))
    for rest, number in ((9 * HOUR, 2), (9 * HOUR + 1, 1)):
        rules = neutral(working_time=(arbzg(rest=rest, tiers=(), max_span=None, max_stretch=None),))
        assert len(parts(week(on(0, "a"), on(1, "b"), crews=crews, shifts=shifts, parameters=rules))) == number


def test_a_budget_ties_where_more_could_ride_than_it_allows() -> None:
    requests = (on(0, "a"), on(1, "b"), on(1, "c"))
    assert len(parts(week(*requests, zabs=(zab(budget=3),)))) == 2
    assert len(parts(week(*requests, zabs=(zab(budget=2),)))) == 1


def test_fair_load_ties_what_is_small_and_is_cut_through_where_much_is_saved() -> None:
    made = week(on(0, "a"), on(1, "b"), stages=(Stage.SERVED, Stage.FAIR_LOAD))
    assert len(parts(made)) == 1
    assert len(parts(made, small=1)) == 2
    # One day of five requests and one of one: cutting would save little.
    uneven = week(*(on(0, f"a{k}") for k in range(5)), on(1, "b"), stages=(Stage.SERVED, Stage.FAIR_LOAD))
    assert len(parts(uneven, small=1)) == 1


def test_fair_load_of_zabs_with_nothing_in_common_ties_nothing() -> None:
    made = week(
        on(0, "a"), on(1, "b"), stages=(Stage.SERVED, Stage.FAIR_LOAD), zabs=(zab("Z1"), zab("Z2")),
        crews=(crew("C0", "Z1"), crew("C1", "Z2")),
    )  # fmt: skip
    assert len(parts(made)) == 2


def test_a_request_that_nobody_can_carry_goes_where_its_day_is() -> None:
    lying = on(1, "c", needs=frozenset({Need.LYING}))
    assert parts(week(on(0, "a"), on(1, "b"), lying)) == [({"a"}, {"D0"}), ({"b", "c"}, {"D1"})]


def test_promises_stay_with_their_duty_and_references_across_are_dropped() -> None:
    promised = commitment("D0", ("p", "pickup", 8 * HOUR), ("p", "delivery", 9 * HOUR))
    made = week(
        on(0, "p"), on(0, "a", excluded=frozenset({"b"}), barred_duties=frozenset({"D1"})), on(1, "b"),
        commitments=(promised,), published=published(a="D1", b="D1"),
    )  # fmt: skip
    first, second = split(made, TRAVEL)
    assert first.instance.commitments == (promised,)
    assert second.instance.commitments == ()
    assert first.pool == 1
    (own,) = (r for r in first.instance.requests if r.id == "a")
    assert own.excluded == own.barred_duties == frozenset()
    assert first.instance.published == ()
    assert second.instance.published == published(b="D1")
    assert first.instance.zabs == made.zabs
    assert first.instance.shifts == made.shifts, "fair load counts the shifts of the whole"
