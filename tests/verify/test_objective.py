"""Every term of the objective against examples worked out by hand."""

from __future__ import annotations

import time
from typing import Any

import pytest

from optimizer.model import CostTerms, DeadlineClass, Instance, Tour
from optimizer.model.units import HOUR
from optimizer.verify import check, objective
from tests.builders import (
    FATHER_AND_SON,
    TourBuilder,
    commitment,
    crew,
    duty,
    fleet,
    instance,
    line,
    neutral,
    plan,
    published,
    request,
    shift,
    vehicle,
    window,
    zab,
)
from tests.verify.judge import ROAD
from tests.verify.mutations import rich_world


def _terms(problem: Instance, *tours: Tour) -> CostTerms:
    return objective(problem, ROAD, plan(*tours))


def _tour(problem: Instance, *requests: str, duty: str = "D1") -> Tour:
    return TourBuilder(problem, ROAD, duty).ride(*requests).build()


def test_the_empty_plan_costs_nothing() -> None:
    problem = instance(request("R1"), request("R2"))
    assert _terms(problem) == CostTerms(
        pinned=0,
        served=0,
        custody=0,
        night=0,
        fair_load=0,
        changes=0,
        cost=0,
        served_requests=0,
        unserved_requests=2,
        metres=0,
        co2_grams=0,
        crew_seconds=0,
        rest_seconds=0,
    )


def test_served_weighs_by_deadline_and_counts_a_bundle_once() -> None:
    requests = (
        request("R1", deadline_class=DeadlineClass.URGENT),
        request("R2", weight=7),
        request("R3", bundle="b"),
        request("R4", bundle="b", deadline_class=DeadlineClass.SOON),
    )
    problem = instance(*requests)
    for carried, weight in ((["R1"], 4), (["R2"], 7), (["R3", "R4"], 2), (["R1", "R2", "R3", "R4"], 13), (["R3"], 0)):
        terms = _terms(problem, _tour(problem, *carried))
        assert (terms.served, terms.served_requests) == (weight, len(carried))
        assert terms.unserved_requests == 4 - len(carried)


def test_committed_requests_weigh_nothing_but_their_time_on_board_counts() -> None:
    promised = (commitment("D1", ("R1", "pickup", 1000), ("R1", "delivery", 2500)),)
    problem = instance(request("R1"), request("R2"), commitments=promised)
    tour = TourBuilder(problem, ROAD).pickup("R1").delivery("R1", at=2500).ride("R2").build()
    terms = _terms(problem, tour)
    assert (terms.served, terms.served_requests, terms.unserved_requests) == (1, 1, 0)
    assert terms.custody == 500


def test_pinned_counts_served_requests_with_a_pin() -> None:
    problem = instance(request("R1", pin="D1"), request("R2", pin="D1"), request("R3"))
    assert _terms(problem, _tour(problem, "R1", "R3")).pinned == 1
    assert _terms(problem, _tour(problem, "R1", "R2", "R3")).pinned == 2


def test_custody_is_the_time_on_board_above_the_direct_drive() -> None:
    # R1 from A to C directly 2000 s; picking R2 up at B on the way takes 600 s of service more.
    problem = instance(request("R1", "A", "C"), request("R2", "B", "C", service=(600, 300)))
    tour = TourBuilder(problem, ROAD).pickup("R1").pickup("R2").delivery("R2").delivery("R1").build()
    # R1: 1000 + 600 + 1000 + 300 = 2900 against 2000; R2: 1000 against 1000.
    assert _terms(problem, tour).custody == 900


def test_custody_takes_the_direct_rides_own_rests_off() -> None:
    parameters = neutral(rest_every=1000, rest_every_children=500, rest_length=60)
    problem = instance(request("R1"), request("R2", party=FATHER_AND_SON), parameters=parameters)
    terms = _terms(problem, _tour(problem, "R1", "R2"))
    assert (terms.custody, terms.rest_seconds) == (0, 60)
    tour = TourBuilder(problem, ROAD).pickup("R2").delivery("R2", rests=3).build()
    terms = _terms(problem, tour)
    assert (terms.custody, terms.rest_seconds) == (120, 180)


@pytest.mark.parametrize(
    ("leave", "seconds"),
    [
        # On board for 1000 s, from leave + 1000 on; nights [0, 6 h) and [21 h, 30 h).
        (0, 1000),
        (6 * HOUR - 1500, 500),
        (6 * HOUR - 1000, 0),
        (6 * HOUR, 0),
        (21 * HOUR - 2000, 0),
        (21 * HOUR - 1999, 1),
        (24 * HOUR - 1500, 1000),  # over midnight
        (30 * HOUR - 1001, 1),
        (30 * HOUR - 1000, 0),
    ],
)
def test_night_seconds(leave: int, seconds: int) -> None:
    nights = (window(0, 6 * HOUR), window(21 * HOUR, 30 * HOUR))
    problem = instance(request("R1"), nights=nights)
    tour = TourBuilder(problem, ROAD, leave=leave).ride("R1").build()
    assert _terms(problem, tour).night == seconds


def test_night_counts_from_the_end_of_the_pickup_to_the_begin_of_the_hand_over() -> None:
    problem = instance(request("R1", service=(600, 600)), nights=(window(0, 9000),))
    assert _terms(problem, _tour(problem, "R1")).night == 1000


def test_fair_load_rises_with_what_a_zab_carries_relative_to_its_shifts() -> None:
    problem = instance(
        *(request(f"R{i}") for i in range(1, 5)),
        zabs=(zab("Z1", prior_load=3), zab("Z2")),
        vehicles=(vehicle("V1"), vehicle("V2"), vehicle("V3")),
        crews=(crew("C1"), crew("C2", "Z2"), crew("C3", "Z2")),
        shifts=(shift("S1", "C1"), shift("S2", "C2"), shift("S3", "C3")),
        duties=(duty("D1", "S1", "V1"), duty("D2", "S2", "V2"), duty("D3", "S3", "V3")),
        commitments=(commitment("D2", ("R4", "pickup", 1000), ("R4", "delivery", 2000)),),
    )
    # Z1, 1 shift, 3 before: (4² - 3²) = 7, then (5² - 4²) = 9. Z2, 2 shifts: 1/2, 3/2 (R4 is committed: not counted).
    assert _terms(problem, _tour(problem, "R1")).fair_load == 7000
    assert _terms(problem, _tour(problem, "R1", "R2")).fair_load == 16000
    assert _terms(problem, _tour(problem, "R4", "R1", duty="D2")).fair_load == 500
    spread = [_tour(problem, "R1"), _tour(problem, "R4", "R2", duty="D2"), _tour(problem, "R3", duty="D3")]
    assert _terms(problem, *spread).fair_load == 7000 + 500 + 1500


def test_changes_are_published_assignments_that_are_not_kept() -> None:
    problem = instance(request("R1"), request("R2"), request("R3"), published=published(R1="D1", R2="D1"), **fleet(2))
    assert _terms(problem).changes == 2
    assert _terms(problem, _tour(problem, "R1", "R2", "R3")).changes == 0
    assert _terms(problem, _tour(problem, "R1", "R3"), _tour(problem, "R2", duty="D2")).changes == 1


def test_cost_distance_emission_and_time_by_hand() -> None:
    problem = instance(
        request("R1"),
        vehicles=(vehicle(cost_per_km=60, co2_per_km=230),),
        crews=(crew(cost_per_hour=6100),),
        parameters=neutral(co2_price=50),
    )
    terms = _terms(problem, _tour(problem, "R1"))
    # depot - A - B - depot: 4000 s at 20 m/s, empty ways included.
    assert (terms.metres, terms.crew_seconds) == (80_000, 4000)
    assert terms.co2_grams == 18_400
    # 60 ct/km = 600 µEUR/m, 230 g/km at 50 EUR/t = 11 µEUR/m (11.5 cut off); 61 EUR/h = 16,944 µEUR/s (cut off).
    assert terms.cost == 80_000 * 611 + 4000 * 16_944


def test_span_counts_from_leaving_the_depot_and_drives_without_depots_are_free() -> None:
    problem = instance(request("R1"), duties=(duty(start_place=None, end_place=None),), crews=(crew(cost_per_hour=36),))
    terms = _terms(problem, TourBuilder(problem, ROAD, leave=700).ride("R1").build(end=3000))
    assert (terms.metres, terms.crew_seconds, terms.cost) == (20_000, 2300, 2300 * 100)


def test_emissions_are_cut_to_whole_grams_per_tour() -> None:
    road = line({"depot": 0, "A": 1, "B": 2})  # 80 metres a tour
    problem = instance(
        request("R1"), request("R2"), **{**fleet(2), "vehicles": tuple(vehicle(f"V{i}", co2_per_km=18) for i in (1, 2))}
    )
    tours = [TourBuilder(problem, road, d).ride(r).build() for d, r in (("D1", "R1"), ("D2", "R2"))]
    assert objective(problem, road, plan(*tours)).co2_grams == 2  # twice 1.44


def test_the_rich_plan_by_hand() -> None:
    world = rich_world()
    terms = objective(world.instance, world.travel, world.solution)
    expected: dict[str, Any] = {
        "pinned": 1,
        # R1, R2, the bundle R3 + R4, R5, each normal; Q1 is committed
        "served": 4,
        "served_requests": 5,
        "unserved_requests": 1,
        # R1 waits for R2's pickup (1800), R2 for R1's hand-over (600), R5 for its window (1800)
        "custody": 4200,
        "night": 0,
        # Z1: R1, R2 on 2 shifts: 500 + 1500; Z2: R3, R4, R5 on 2 shifts: 500 + 1500 + 2500
        "fair_load": 6500,
        "changes": 0,
        # D1 9000 + 3600 + 3600 + 9000, D2 4 times 1800 and 7200 by twos, D3 3600 + 1800 + 5400 s
        "metres": (25200 + 18000 + 10800) * 20,
        "crew_seconds": 36000 + 23100 + 13800,
        "rest_seconds": 0,
    }
    assert {name: getattr(terms, name) for name in expected} == expected


def test_a_large_day_is_checked_in_well_under_a_second() -> None:
    towns = {f"T{i}": 100 * i for i in range(120)}
    road = line({"depot": 0, **towns})
    requests = [request(f"R{i}", f"T{i % 60}", f"T{60 + i % 60}") for i in range(200)]
    problem = instance(*requests, **fleet(40))
    tours = []
    for number in range(40):
        builder = TourBuilder(problem, road, f"D{number + 1}")
        for each in requests[5 * number : 5 * number + 5]:
            builder.pickup(each.id)
        for each in requests[5 * number : 5 * number + 5]:
            builder.delivery(each.id)
        tours.append(builder.build())
    begin = time.perf_counter()
    assert check(problem, road, plan(*tours)) == []
    assert objective(problem, road, plan(*tours)).served_requests == 200
    # About 0.02 s where it was written; what looks at every pair of trips would take minutes.
    assert time.perf_counter() - begin < 30
