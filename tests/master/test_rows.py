"""The linking rows of an instance: what each rule across tours becomes."""

from __future__ import annotations

from collections import Counter

from optimizer.master.rows import Rows, build_rows, conflict
from optimizer.model import InstanceIndex, Rule, Stage
from optimizer.model.units import HOUR
from optimizer.routing.classes import build_fleet
from optimizer.routing.rides import build_rides
from tests.builders import (
    arbzg,
    commitment,
    crew,
    duty,
    fleet,
    instance,
    line,
    neutral,
    published,
    request,
    shift,
    vehicle,
    zab,
)

TRAVEL = line({"depot": 0, "A": 600, "B": 1200, "C": 1800})


def built(*requests: object, **fields: object) -> Rows:
    day = instance(*requests, **fields)  # type: ignore[arg-type]
    index = InstanceIndex(day)
    rides = build_rides(index, TRAVEL)
    return build_rows(index, rides, build_fleet(index, rides, TRAVEL), TRAVEL)


def rules(rows: Rows) -> Counter[Rule | None]:
    return Counter(row.rule for row in rows.rows)


def test_each_request_and_each_class_has_a_row() -> None:
    rows = built(request("r"), request("q"), **fleet(3))
    told = rules(rows)
    assert told[Rule.ONCE_PER_REQUEST] == 2
    assert told[Rule.DEPOT] == 1, "three alike duties are one class"
    (row,) = [row for row in rows.rows if row.rule is Rule.DEPOT]
    assert (row.lower, row.upper) == (0, 3)


def test_a_bundle_is_one_choice() -> None:
    rows = built(request("r", bundle="b"), request("q", bundle="b", weight=7), request("s", pin="D1"))
    assert rules(rows)[Rule.BUNDLE] == 2
    (together,) = [a for a in rows.auxiliaries if len(a.entries) == 2]
    assert together.worth[Stage.SERVED] == 7
    assert [a.worth[Stage.PINNED] for a in rows.auxiliaries if Stage.PINNED in a.worth] == [0, 1]


def test_a_promise_demands_its_tour() -> None:
    rows = built(request("c"), commitments=(commitment("D1", ("c", "pickup", 600), ("c", "delivery", 1200)),))
    (row,) = [row for row in rows.rows if row.rule is Rule.COMMITMENT]
    assert (row.lower, row.upper) == (1, 1)
    assert not rules(rows)[Rule.ONCE_PER_REQUEST], "a committed request is not chosen"


def test_a_budget_counts_requests() -> None:
    rows = built(request("r"), zabs=(zab(budget=0),))
    (number,) = [number for number, row in enumerate(rows.rows) if row.rule is Rule.BUDGET]
    assert rows.rows[number].upper == 0
    assert number in rows.per_request[0]


def test_a_shared_vehicle_makes_a_conflict() -> None:
    shared = {
        "crews": (crew("C1"), crew("C2")),
        "shifts": (shift("S1", "C1", 0, 4 * HOUR), shift("S2", "C2", 3 * HOUR, 8 * HOUR)),
        "duties": (duty("D1", "S1"), duty("D2", "S2")),
    }
    rows = built(request("r"), **shared)
    assert rules(rows)[Rule.VEHICLE_DOUBLED] == 1
    (row,) = [row for row in rows.rows if row.rule is Rule.VEHICLE_DOUBLED]
    assert (row.lower, row.upper) == (0, 1)


def test_the_rest_between_shifts_is_that_of_the_later_one() -> None:
    def between(gap: int) -> Rule | None:
        day = instance(
            vehicles=(vehicle("V1"), vehicle("V2")),
            shifts=(
                shift("S1", "C1", 0, HOUR, profile="short"),
                shift("S2", "C1", HOUR + gap, 9 * HOUR, profile="long"),
            ),
            duties=(duty("D1", "S1", "V1"), duty("D2", "S2", "V2")),
            parameters=neutral(working_time=(arbzg(id="short", rest=0), arbzg(id="long", rest=HOUR))),
        )
        index = InstanceIndex(day)
        assert conflict(index, "D1", "D2") == conflict(index, "D2", "D1")
        return conflict(index, "D2", "D1")

    assert between(HOUR) is None
    assert between(HOUR - 1) is Rule.REST_BETWEEN_SHIFTS
    assert between(-1) is Rule.CREW_DOUBLED


def test_every_pair_in_conflict_stands_in_a_row_together() -> None:
    numbers = range(1, 5)
    rows = built(
        request("r"),
        vehicles=tuple(vehicle(f"V{i}") for i in numbers),
        shifts=tuple(shift(f"S{i}", "C1", i * HOUR, (i + 2) * HOUR) for i in numbers),
        duties=tuple(duty(f"D{i}", f"S{i}", f"V{i}") for i in numbers),
    )
    # Shifts of two hours that begin an hour apart: neighbours overlap, nobody else.
    standing = [set(rows.of_class[c]) for c in sorted(rows.of_class)]
    for a in range(4):
        for b in range(a + 1, 4):
            assert bool(standing[a] & standing[b]) == (b == a + 1), (a, b)


def test_fair_load_steps_rise() -> None:
    rows = built(request("r"), request("q"), zabs=(zab(prior_load=3),), stages=(Stage.SERVED, Stage.FAIR_LOAD))
    steps = [a.worth[Stage.FAIR_LOAD] for a in rows.auxiliaries if Stage.FAIR_LOAD in a.worth]
    assert steps == [7000, 9000]


def test_a_promise_moved_from_its_published_duty_is_a_constant_change() -> None:
    made = commitment("D1", ("c", "pickup", 600), ("c", "delivery", 1200))
    rows = built(request("c"), commitments=(made,), published=published(c="D2"), **fleet(2))
    assert rows.constant[Stage.CHANGES] == 1


def test_where_cost_leads_and_all_must_be_served_leaving_one_out_costs_more_than_any_plan() -> None:
    rows = built(request("r"), stages=(Stage.COST,), serve_all=True, vehicles=(vehicle(cost_per_km=100),))
    (auxiliary,) = rows.auxiliaries
    assert -auxiliary.worth[Stage.COST] == rows.constant[Stage.COST]
    # Depot to A to B and home again: 48 km at a euro.
    assert rows.constant[Stage.COST] > 48 * 1_000_000
