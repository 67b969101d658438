"""What fits: every kind of load at the limit, and one configuration from empty to empty."""

from __future__ import annotations

from typing import Any

import pytest

from optimizer.model import AgeBand, Need, Request, Rule, SeatConfiguration
from tests.builders import TourBuilder, crew, instance, party, people, request, seats, vehicle
from tests.verify.judge import ROAD, broken

OK: set[Rule] = set()
FULL = {Rule.LOAD}


def _together(*requests: Request, heads: int = 2, **of_vehicle: Any) -> set[Rule]:
    """Broken rules with all requests on board at once, from A to B."""
    problem = instance(*requests, vehicles=(vehicle(**of_vehicle),), crews=(crew(heads=heads, officers=0),))
    builder = TourBuilder(problem, ROAD)
    for each in requests:
        builder.pickup(each.id)
    for each in requests:
        builder.delivery(each.id)
    return broken(problem, builder.build())


def _seated(chairs: int, number: int = 1, id: str = "R1", **fields: Any) -> Request:  # noqa: A002
    needs = frozenset({Need.WHEELCHAIR}) if chairs else frozenset()
    return request(id, party=party(people(count=number)), wheelchairs=chairs, needs=needs, **fields)


@pytest.mark.parametrize(("number", "expected"), [(7, OK), (8, FULL)])
def test_the_crew_takes_seats(number: int, expected: set[Rule]) -> None:
    assert _together(_seated(0, number)) == expected


@pytest.mark.parametrize(("number", "expected"), [(9, OK), (10, FULL)])
def test_in_the_literature_the_crew_takes_none(number: int, expected: set[Rule]) -> None:
    assert _together(_seated(0, number), heads=0) == expected


@pytest.mark.parametrize(("load", "expected"), [(7, OK), (8, FULL), (0, OK)])
def test_a_stated_load_stands_in_the_place_of_the_people(load: int, expected: set[Rule]) -> None:
    assert _together(_seated(0, 20, load=load)) == expected


@pytest.mark.parametrize(
    ("configurations", "number", "chairs", "expected"),
    [
        ((seats(9),), 1, 1, FULL),
        ((seats(3, 1),), 2, 1, OK),
        ((seats(3, 1),), 3, 1, FULL),
        ((seats(3, 1),), 2, 2, FULL),
        ((seats(9), seats(3, 1)), 2, 1, OK),
        ((seats(9), seats(3, 1)), 3, 1, FULL),
        ((seats(9), seats(3, 1)), 7, 0, OK),
    ],
)
def test_a_wheelchair_takes_a_wheelchair_place_and_no_seat(
    configurations: tuple[SeatConfiguration, ...], number: int, chairs: int, expected: set[Rule]
) -> None:
    assert _together(_seated(chairs, number), configurations=configurations) == expected


def test_one_configuration_holds_from_empty_to_empty() -> None:
    requests = (_seated(0, 5), _seated(1, 1, "R2"), _seated(0, 1, "R3"))
    problem = instance(*requests, vehicles=(vehicle(configurations=(seats(7), seats(4, 1))),))
    emptied = TourBuilder(problem, ROAD).ride("R1").ride("R2").build()
    assert broken(problem, emptied) == OK
    linked = TourBuilder(problem, ROAD).pickup("R1").delivery("R1").pickup("R3").pickup("R2").delivery("R2")
    assert broken(problem, linked.delivery("R3").build()) == OK
    chained = TourBuilder(problem, ROAD).pickup("R1").pickup("R2").delivery("R1").delivery("R2").build()
    assert broken(problem, chained) == {Rule.LOAD, Rule.FAMILIES_APART}
    # R3 rides from the first moment to the last, so that the vehicle is never empty in between.
    few = instance(_seated(0, 3), _seated(1, 1, "R2"), _seated(0, 1, "R3"), vehicles=problem.vehicles)
    never_empty = TourBuilder(few, ROAD).pickup("R1").pickup("R3").delivery("R1").pickup("R2").delivery("R2")
    # Four seats, then one seat and a wheelchair: each moment fits a configuration, but not the same one.
    assert broken(few, never_empty.delivery("R3").build()) == {Rule.LOAD, Rule.FAMILIES_APART}


@pytest.mark.parametrize(("age", "band"), [(AgeBand.INFANT, 0), (AgeBand.TODDLER, 1), (AgeBand.CHILD, 2)])
@pytest.mark.parametrize("stock", [1, 2])
def test_each_child_rides_in_a_seat_of_its_size(age: AgeBand, band: int, stock: int) -> None:
    child_seats = tuple(stock if i == band else 0 for i in range(3))
    family = request("R1", party=party(people(), people(age, count=2)))
    assert _together(family, child_seats=child_seats) == (OK if stock == 2 else FULL)


def test_from_twelve_on_no_child_seat_is_needed() -> None:
    family = request("R1", party=party(people(), people(AgeBand.YOUNG)))
    assert _together(family, child_seats=(0, 0, 0)) == OK


@pytest.mark.parametrize(("luggage", "expected"), [(3, OK), (2, FULL)])
def test_luggage_adds_up(luggage: int, expected: set[Rule]) -> None:
    assert _together(request("R1", luggage=1), request("R2", luggage=2), luggage=luggage) == expected


def test_loads_that_follow_each_other_do_not_add_up() -> None:
    problem = instance(
        request("R1", load=7, luggage=1), request("R2", load=7, luggage=1), vehicles=(vehicle(luggage=1),)
    )
    assert broken(problem, TourBuilder(problem, ROAD).ride("R1", "R2").build()) == OK
    both = TourBuilder(problem, ROAD).pickup("R1").pickup("R2").delivery("R1").delivery("R2").build()
    assert broken(problem, both) == FULL
