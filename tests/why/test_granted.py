"""Each kind of relaxation, found on a day worked out by hand, is a change of a scenario: with it the request rides."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from optimizer.answer import Combination, Granter, Kind, Relaxation, WhatHelps
from optimizer.io.answers import dump_answers, parse_answers
from optimizer.model import DAY, Instance, Licence, Need, Tour, Vehicle
from optimizer.simulate.documents import dump_scenario, parse_scenario
from optimizer.simulate.draws import NO_CHANCE
from optimizer.simulate.evaluation import evaluate
from optimizer.simulate.scenario import Scenario
from optimizer.verify import check, hard
from optimizer.why.relaxations import what_helps
from tests import builders as b
from tests.simulate.worlds import LIMITS

TRAVEL = b.line({"depot": 0, "A": 600, "B": 1200, "C": 1800})
Made = tuple[Instance, tuple[Tour, ...]]


def alone(*vehicles: Vehicle, **asked: Any) -> Made:
    """R1 and one duty, for which it asks too much."""
    fields: dict[str, Any] = {"vehicles": vehicles} if vehicles else {}
    return b.instance(b.request("R1", "A", "C", **asked), **fields), ()


def of_fleet(**fields: Any) -> Made:
    """R1, and what the day has."""
    asked = fields.pop("asked", b.request("R1", "A", "C"))
    return b.instance(asked, **fields), ()


def two_vehicles(zab: str) -> Made:
    """A wheelchair that only a vehicle without a duty can take."""
    chair = b.request("R1", "A", "C", needs=frozenset({Need.WHEELCHAIR}), wheelchairs=1)
    fields = b.fleet(2) | {"zabs": (b.zab(), b.zab("Z2"))}
    fields |= {"vehicles": (b.vehicle("V1"), b.vehicle("V2", zab, configurations=(b.seats(7, 1),)))}
    return b.instance(chair, **fields | {"duties": fields["duties"][:1]}), ()


def frozen() -> Made:
    """A promised tour that takes nobody else."""
    day = b.instance(
        b.request("R1", "A", "C"),
        b.request("R2", "A", "C"),
        commitments=(replace(b.commitment("D1", ("R2", "pickup", 600), ("R2", "delivery", 1800)), frozen=True),),
    )
    return day, (b.TourBuilder(day, TRAVEL).pickup("R2", at=600).delivery("R2", at=1800).build(),)


def bundled() -> Made:
    """R1 stands and falls with R2, which nobody can reach in time."""
    return b.instance(
        b.request("R1", "A", "C", bundle="both"), b.request("R2", "A", "C", bundle="both", pickup=(0, 0))
    ), ()


def pinned() -> Made:
    """R1 was assigned by hand to a duty that is too short for it."""
    fields = b.fleet(2)
    shifts = (fields["shifts"][0], b.shift("S2", "C2", end=100))
    return b.instance(b.request("R1", "A", "C", pin="D2"), **fields | {"shifts": shifts}), ()


DAYS: Mapping[Kind, Callable[[], Made]] = {
    Kind.PICKUP_EARLIER: lambda: alone(pickup=(3000, 3000), delivery=(0, 4000)),
    Kind.PICKUP_LATER: lambda: alone(pickup=(0, 300)),
    Kind.HANDOVER_EARLIER: lambda: of_fleet(
        asked=b.request("R1", "A", "C", delivery=(80_000, DAY)), shifts=(b.shift(end=81_000),)
    ),
    Kind.HANDOVER_LATER: lambda: alone(pickup=(3000, 3000), delivery=(0, 4000)),
    Kind.DAY_EARLIER: lambda: alone(pickup=(DAY + 600, DAY + 900), delivery=(DAY + 600, DAY + 7200)),
    Kind.DAY_LATER: lambda: of_fleet(
        asked=b.request("R1", "A", "C", pickup=(0, 900), delivery=(0, 7200)), shifts=(b.shift(start=DAY, end=2 * DAY),)
    ),
    Kind.NIGHT_GROUND: lambda: of_fleet(
        asked=b.request("R1", "A", "C", pickup=(0, 3600)), nights=(b.window(0, 6 * 3600),)
    ),
    Kind.LUGGAGE: lambda: alone(b.vehicle(luggage=1), luggage=3),
    Kind.PARTED: bundled,
    Kind.SHIFT_EARLIER: lambda: alone(pickup=(0, 300)),
    Kind.SHIFT_LATER: lambda: of_fleet(shifts=(b.shift(end=3000),)),
    Kind.AVAILABLE_EARLIER: lambda: alone(b.vehicle(availability=(b.window(1200, DAY),)), pickup=(0, 900)),
    Kind.AVAILABLE_LATER: lambda: alone(b.vehicle(availability=(b.window(0, 3000),))),
    Kind.BAR_LIFTED: lambda: alone(barred_duties=frozenset({"D1"}), barred_zabs=frozenset({"Z1"})),
    Kind.TOUR_RELEASED: frozen,
    Kind.OVERRIDE: lambda: of_fleet(parameters=b.neutral(ride_cap=600)),
    Kind.BUDGET: lambda: of_fleet(zabs=(b.zab(budget=0),)),
    Kind.CHILD_SEATS: lambda: alone(b.vehicle(child_seats=(4, 4, 0)), party=b.FATHER_AND_SON),
    Kind.SEATS: lambda: two_vehicles("Z1"),
    Kind.OFFICER: lambda: alone(escort_officers=3),
    Kind.FEMALE_OFFICER: lambda: alone(escort_officers=1, escort_female=1),
    Kind.SKILL: lambda: alone(needs=frozenset({Need.DOCTOR})),
    Kind.DRIVER: lambda: alone(b.vehicle(licence=Licence.D1)),
    Kind.VEHICLE: lambda: two_vehicles("Z1"),
    Kind.VEHICLE_OF_OTHER_ZAB: lambda: two_vehicles("Z2"),
    Kind.PIN_RELEASED: pinned,
}
"""A day for each kind on which it helps; an allowed change of the published plan helps only beside another one."""


def rides(day: Instance, found: Relaxation | Combination) -> None:
    """See that R1 is carried by the plan of a scenario that is written, read back and applied, and not without it."""
    without = evaluate(Scenario(id="today"), day, TRAVEL, draws=NO_CHANCE, draw=0, limits=LIMITS)
    assert "R1" not in without.result.solution.duty_by_request
    scenario = parse_scenario(dump_scenario(Scenario(id="tried", changes=found.changes)), "tried.json")
    made = evaluate(scenario, day, TRAVEL, draws=NO_CHANCE, draw=0, limits=LIMITS)
    assert hard(check(made.instance, made.travel, made.result.solution)) == []
    assert "R1" in made.result.solution.duty_by_request, found


def helps(day: Instance, tours: tuple[Tour, ...]) -> WhatHelps:
    answer = what_helps(day, TRAVEL, b.plan(*tours), "R1", strict=True)
    assert parse_answers(dump_answers([answer], "day"), "answers.json") == (answer,)
    return answer


@pytest.mark.parametrize("kind", list(DAYS))
def test_what_helps_is_tried_as_a_scenario(kind: Kind) -> None:
    day, tours = DAYS[kind]()
    (found,) = (each for each in helps(day, tours).relaxations if each.kind is kind)
    assert len(found.changes) == 1
    rides(day, found)


def test_two_changes_together_are_one_scenario() -> None:
    day, tours = alone(escort_officers=3, luggage=3, pickup=(0, 300))
    pairs = helps(day, tours).combinations
    assert pairs
    rides(day, pairs[0])


def test_an_exchange_of_vehicles_is_made_before_what_is_of_the_vehicle() -> None:
    day, tours = two_vehicles("Z1")
    other = replace(day.vehicles[1], kind="bus", child_seats=(0, 0, 0))
    day = replace(
        day,
        vehicles=(day.vehicles[0], other),
        requests=(replace(day.requests[0], party=b.FATHER_AND_SON),),
    )
    wanted = {Kind.VEHICLE, Kind.CHILD_SEATS}
    pair = next(each for each in helps(day, tours).combinations if {part.kind for part in each.parts} == wanted)
    assert pair.changes[0].kind == "exchange_vehicles"
    rides(day, pair)


def test_what_nobody_may_grant_is_no_scenario() -> None:
    day, tours = of_fleet(
        asked=b.request("R1", "A", "C", pickup=(3600, 3600), delivery=(18_000, 21_600)),
        parameters=b.neutral(max_wait=2700),
    )
    last = helps(day, tours).relaxations[-1]
    assert (last.granter, last.changes) == (Granter.NOBODY, ())


def test_every_kind_has_its_day_but_those_that_never_help_alone() -> None:
    assert set(Kind) - DAYS.keys() == {Kind.CHANGES, Kind.RULE}
