"""Enumerated fragments against all fragments: none is missing but for dominated ones, none is made up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from optimizer.model import Stage, VisitKind
from optimizer.model.units import MINUTE
from optimizer.routing import fragment_kernel as fk
from optimizer.travel.matrix import TravelMatrix
from tests.builders import commitment, instance, line, request, seats, vehicle
from tests.routing.oracle_fragments import FragmentOracle, OracleFragment, Stops
from tests.routing.prepared import Prepared, prepare
from tests.strategies import random_tiny

TRAVEL = line({"depot": 0, "A": 600, "B": 1200, "C": 1800})


def stops_of(made: Prepared, fragment: int) -> Stops:
    kinds = (VisitKind.PICKUP, VisitKind.DELIVERY)
    codes = [int(code) for code in made.fragments.stops_of(fragment)]
    return tuple((made.rides.ids[int(made.rides.request[code // 2])], kinds[code % 2]) for code in codes)


def enumerated(made: Prepared, travel: TravelMatrix, slot: int) -> Iterator[OracleFragment]:
    """Each fragment whose mask allows a slot, in the oracle's own terms."""
    for fragment in range(len(made.fragments)):
        if not int(made.fragments.masks[fragment, slot // 64]) >> (slot % 64) & 1:
            continue
        row = [int(value) for value in made.fragments.figures[fragment]]
        yield OracleFragment(
            stops=stops_of(made, fragment),
            first=travel.places[row[fk.FIRST]],
            last=travel.places[row[fk.LAST]],
            latest=row[fk.HI],
            earliest_end=row[fk.LO] + row[fk.DURATION],
            duration=row[fk.DURATION],
            metres=row[fk.METRES],
            custody=row[fk.CUSTODY],
        )


def compare(seed: int) -> int:
    """Hold the fragments of a tiny instance, slot by slot, against those of the oracle; return how many there are."""
    day, travel = random_tiny(seed)
    made = prepare(day, travel)
    assert made.fragments.complete
    compared = 0
    for duty_class in made.fleet.classes:
        # Duties of a class are alike, so that what one can do all can.
        for duty in duty_class.duties:
            oracle = FragmentOracle(day, travel, duty)
            for slot, configuration in zip(duty_class.slots, made.index.duty_vehicle(duty).configurations, strict=True):
                expected = set(oracle.fragments(configuration))
                if Stage.CUSTODY not in day.stages:
                    # Nobody asks for it then, and it is not worked out.
                    expected = {replace(fragment, custody=0) for fragment in expected}
                found = set(enumerated(made, travel, slot))
                assert found <= expected, (seed, duty, slot, found - expected)
                for missing in expected - found:
                    assert any(other.beats(missing) for other in found), (seed, duty, slot, missing)
                compared += len(expected)
    return compared


@pytest.mark.parametrize("first", range(0, 120, 30))
def test_fragments_are_those_of_the_oracle(first: int) -> None:
    assert sum(compare(seed) for seed in range(first, first + 30)) > 60


@pytest.mark.slow
@pytest.mark.parametrize("first", range(1000, 4000, 100))
def test_fragments_are_those_of_the_oracle_on_many_instances(first: int) -> None:
    for seed in range(first, first + 100):
        compare(seed)


def test_one_ride_is_one_fragment() -> None:
    day = instance(request("r", "A", "B", pickup=(1000, 3000), delivery=(0, 3000), service=(100, 50)))
    made = prepare(day, TRAVEL)
    assert [stops_of(made, f) for f in range(len(made.fragments))] == [
        (("r", VisitKind.PICKUP), ("r", VisitKind.DELIVERY))
    ]
    row = made.fragments.figures[0]
    # The hand-over must begin by 3,000, the drive takes 600, the pick-up 100: no later start than 2,300.
    assert (row[fk.LO], row[fk.HI], row[fk.DURATION]) == (1000, 2300, 100 + 600 + 50)
    assert (row[fk.CUSTODY], row[fk.METRES], row[fk.WAITS]) == (0, 12_000, 0)


def test_a_late_hand_over_makes_a_fragment_that_waits() -> None:
    day = instance(request("r", "A", "B", pickup=(1000, 1100), delivery=(5000, 6000)))
    row = prepare(day, TRAVEL).fragments.figures[0]
    assert (row[fk.LO], row[fk.HI], row[fk.DURATION], row[fk.WAITS]) == (1100, 1100, 3900, 1)
    assert row[fk.CUSTODY] == 3900 - 600


def test_two_rides_that_fit_make_every_order() -> None:
    day = instance(request("r", "A", "C"), request("q", "A", "C"))
    made = prepare(day, TRAVEL)
    # Each alone; together two pick-ups and two hand-overs in any order, of which equal ones dominate each other.
    assert {frozenset(name for name, _ in stops_of(made, f)) for f in range(len(made.fragments))} == {
        frozenset("r"), frozenset("q"), frozenset("rq"),
    }  # fmt: skip
    small = instance(request("r", "A", "C"), request("q", "A", "C"), vehicles=(vehicle(configurations=(seats(3),)),))
    assert len(prepare(small, TRAVEL).fragments) == 2


def test_promised_stops_keep_their_order_inside_fragments() -> None:
    day = instance(
        request("c", "A", "B"),
        request("d", "A", "C"),
        commitments=(commitment("D1", ("c", "pickup", 600), ("d", "pickup", 600), ("c", "delivery", 1200),
                                ("d", "delivery", 1800)),),
    )  # fmt: skip
    made = prepare(day, TRAVEL)
    names = [tuple(f"{kind.value[0]}{name}" for name, kind in stops_of(made, f)) for f in range(len(made.fragments))]
    assert names == [("pc", "pd", "dc", "dd")]
    assert made.fragments.figures[0, fk.PROMISES_FROM] == 0
    assert made.fragments.figures[0, fk.PROMISES_TO] == 4


def test_a_limit_makes_the_set_incomplete() -> None:
    day = instance(*(request(f"r{i}", "A", "C", service=(MINUTE, MINUTE)) for i in range(3)))
    assert prepare(day, TRAVEL).fragments.complete
    cut = prepare(day, TRAVEL, limit=3).fragments
    assert not cut.complete


def test_no_rides_make_no_fragments() -> None:
    made = prepare(instance(), TRAVEL)
    assert len(made.fragments) == 0
    assert made.fragments.complete
    assert made.fragments.requests.dtype == np.uint64
