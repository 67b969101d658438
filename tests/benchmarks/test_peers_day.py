"""What the peers are told: translation of instances into numbers, without any peer."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.peers_day import Day, build_day
from benchmarks.peers_loads import ALONE
from optimizer.io.json import instance_units
from optimizer.io.problem import Problem
from optimizer.model import EscortRule, Instance, Need, VisitKind
from optimizer.model.units import HOUR, MINUTE
from optimizer.travel.matrix import TravelMatrix
from tests import builders as b

CHAIR = frozenset({Need.WHEELCHAIR})
PLACES = {"depot": 0, "A": 600, "B": 1800, "far": 10 * HOUR}


def day(instance: Instance, travel: TravelMatrix | None = None) -> Day:
    matrix = travel if travel is not None else b.line(PLACES)
    return build_day(Problem(instance=instance, travel=matrix, units=instance_units(instance)))


def capacity(given: Day, kind: str) -> list[int]:
    return [means.capacity[given.kinds.index(kind)] for means in given.duties]


def demand(given: Day, kind: str) -> list[int]:
    return [ride.demand[given.kinds.index(kind)] for ride in given.rides]


def test_nodes_are_stops_then_depots() -> None:
    given = day(b.instance(b.request("R1", service=(60, 90)), b.request("R2", "B", "A")))
    assert given.nodes == 6
    assert given.service() == [60, 90, 0, 0, 0, 0]
    assert given.seconds[0, 1] == 1200
    assert given.seconds[given.duties[0].start, 0] == 600
    assert given.metres[0, 1] == 1200 * b.METRES_PER_SECOND


def test_windows_are_tightened_by_drive_and_cap() -> None:
    request = b.request("R1", pickup=(0, HOUR), delivery=(HOUR, 2 * HOUR), service=(60, 0), max_ride=1500)
    (ride,) = day(b.instance(request)).rides
    assert ride.cap == 1500
    assert ride.pickup == ((HOUR - 1500 - 60, HOUR),)
    assert ride.delivery == ((HOUR, HOUR + 60 + 1500),)


def test_a_night_parts_the_window() -> None:
    nights = (b.window(6 * HOUR, 8 * HOUR),)
    (ride,) = day(b.instance(b.request("R1", pickup=(0, 10 * HOUR)), nights=nights)).rides
    assert ride.pickup == ((0, 6 * HOUR - 1), (8 * HOUR, 10 * HOUR))
    assert len(ride.delivery) == 2


def test_what_nobody_can_carry_is_left_out() -> None:
    small = (b.vehicle(configurations=(b.seats(3),)),)
    given = day(b.instance(b.request("R1"), b.request("R2", load=2), vehicles=small))
    assert [ride.request for ride in given.rides] == ["R1"]


def test_allowed_duties_and_their_skills() -> None:
    barred = b.request("R2", barred_duties=frozenset({"D1"}))
    given = day(b.instance(b.request("R1"), barred, b.request("R3"), **b.fleet(2)))
    assert given.allowed.tolist() == [[True, True], [False, True], [True, True]]
    assert given.skills() == [0, 1, 0]
    assert list(given.groups()) == [((0,), [1]), ((1,), [])]


def test_alternatives_of_seats_and_wheelchairs_become_their_hull() -> None:
    room = (b.seats(9), b.seats(7, 1), b.seats(5, 2))
    requests = [b.request(f"R{i}", load=3) for i in range(4)]
    chair = b.request("W", party=b.MAN, wheelchairs=1, needs=CHAIR, load=0)
    chairs = [chair, b.request("X", wheelchairs=1, needs=CHAIR),
              b.request("Y", wheelchairs=1, needs=CHAIR)]  # fmt: skip
    given = day(b.instance(*requests, *chairs, vehicles=(b.vehicle(configurations=room),)))
    assert demand(given, "seats+2") == [3, 3, 3, 3, 2, 2, 2]
    assert capacity(given, "seats+2") == [7]
    assert capacity(given, "wheelchairs") == [2]


def test_officers_become_a_most_number_of_people() -> None:
    parameters = b.neutral(escorts=EscortRule(base=2, base_covers=3, per_further=3))
    crews = (b.crew(heads=3, officers=3),)
    given = day(b.instance(*(b.request(f"R{i}") for i in range(8)), parameters=parameters, crews=crews))
    assert capacity(given, "escorted") == [6]
    assert demand(given, "escorted") == [1] * 8


def test_who_shares_with_nobody_fills_the_vehicle() -> None:
    requests = [b.request("R1", separate=True), b.request("R2"), b.request("R3")]
    given = day(b.instance(*requests))
    assert demand(given, "alone") == [ALONE, 1, 1]
    assert capacity(given, "alone") == [ALONE]


def test_an_excluded_pair_has_a_load_of_its_own() -> None:
    requests = [b.request("R1", excluded=frozenset({"R3"})), b.request("R2"), b.request("R3")]
    given = day(b.instance(*requests))
    assert demand(given, "not 0 with 2") == [1, 0, 1]
    assert not given.together[0, 2]
    assert given.together[0, 1]


def test_rests_count_where_somebody_is_surely_on_board() -> None:
    parameters = b.neutral(rest_every=2 * HOUR, rest_every_children=90 * MINUTE, rest_length=600)
    requests = [b.request("R1", "A", "far"), b.request("R2", "A", "far", party=b.FATHER_AND_SON)]
    given = day(b.instance(*requests, parameters=parameters))
    direct = 10 * HOUR - 600
    start = given.duties[0].start
    assert given.seconds[0, 1] == direct + 4 * 600
    assert given.seconds[2, 3] == direct + 6 * 600
    assert given.seconds[0, 3] == direct + 6 * 600  # whoever is handed over was on board
    assert given.seconds[1, 2] == direct  # perhaps nobody
    assert given.seconds[start, 1] == 10 * HOUR


def test_no_depot_is_nowhere_far() -> None:
    duties = (b.duty(start_place=None, end_place=None),)
    given = day(b.instance(b.request("R1"), duties=duties))
    assert not given.seconds[given.duties[0].start].any()
    assert not given.seconds[:, given.duties[0].end].any()


def test_a_bundle_shares_its_weight() -> None:
    requests = [b.request("R1", bundle="x", weight=4), b.request("R2", bundle="x"), b.request("R3", weight=4)]
    given = day(b.instance(*requests))
    assert [ride.weight for ride in given.rides] == [4, 4, 8]
    assert [ride.bundle for ride in given.rides] == [0, 0, -1]


def test_a_promise_is_bound_to_its_duty() -> None:
    kept = b.commitment("D2", ("R1", "pickup", 1000), ("R1", "delivery", 4000))
    given = day(b.instance(b.request("R1"), b.request("R2"), commitments=(kept,), **b.fleet(2)))
    promised = next(ride for ride in given.rides if ride.request == "R1")
    assert promised.promised
    assert promised.pickup == ((1000, 1000),)
    assert given.allowed[given.rides.index(promised)].tolist() == [False, True]


def test_duties_of_one_vehicle_conflict() -> None:
    fields = b.fleet(2) | {"duties": (b.duty("D1", "S1", "V1"), b.duty("D2", "S2", "V1"))}
    assert day(b.instance(b.request("R1"), **fields)).conflicts == ((0, 1),)


def test_a_route_tells_requests_and_kinds() -> None:
    given = day(b.instance(b.request("R1"), b.request("R2")))
    route = given.route(0, [(2, 5), (3, 7)])
    assert [(stop.request, stop.kind, stop.start) for stop in route.stops] == [
        ("R2", VisitKind.PICKUP, 5),
        ("R2", VisitKind.DELIVERY, 7),
    ]


def test_visit_types_part_exactly_who_may_not_meet() -> None:
    pytest.importorskip("ortools")
    from benchmarks.peers_ortools import visit_types

    # Two that may meet each other, two that may not, and one who meets nobody.
    together = np.zeros((5, 5), dtype=np.bool_)
    together[0, 1] = together[1, 0] = True
    for i, j in ((0, 2), (0, 3), (1, 2), (1, 3)):
        together[i, j] = together[j, i] = True
    rows = [row.tolist() for row in visit_types(together)]
    assert rows[0] == rows[1]
    assert rows[2] == rows[3]
    assert rows[0] != rows[2]
    assert rows[0][1]
    assert not rows[2][3]
    assert not any(rows[4])
