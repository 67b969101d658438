"""The segment algebra against shortest paths: one sequence, joined sequences, and fragments as rigid blocks."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from optimizer.errors import InvalidValue
from optimizer.model.units import FOREVER
from optimizer.routing.network import least_ride_seconds, tighten_earliest, tighten_latest
from optimizer.routing.segment import Segment
from tests.routing.oracle_network import Network, random_network

segments = st.builds(Segment, st.integers(-1000, 1000), st.integers(-1000, 1000), st.integers(0, 500))
drives = st.integers(0, 300)


def feasible_networks(seed: int, number: int) -> list[Network]:
    rng = random.Random(seed)
    drawn = (random_network(rng) for _ in range(number))
    return [network for network in drawn if network.earliest() is not None]


def segment_of(network: Network) -> Segment:
    """The three numbers by their definition: longest paths, the last of them without windows."""
    straight = network.earliest(0, windows=False)
    earliest = network.earliest()
    assert straight is not None
    assert earliest is not None
    return Segment(network.latest()[0], earliest[-1] + network.service[-1], straight[-1] + network.service[-1])


def joined_completion(networks: list[Network], drives: list[int], arrival: int) -> int | None:
    """Completion of sequences one after the other, each by its own oracle."""
    now: int | None = arrival
    for network, drive in zip(networks, [0, *drives], strict=True):
        if now is None:
            return None
        now = network.completion(now + drive)
    return now


def instants(network: Network, segment: Segment) -> set[int]:
    """Arrivals at which something could change, and one second to either side."""
    edges = {segment.latest, segment.earliest_end - segment.duration, network.begin[0], *network.to}
    return {edge + nudge for edge in edges for nudge in (-1000, -1, 0, 1)}


def test_three_numbers_tell_every_completion() -> None:
    checked = 0
    for network in feasible_networks(1, 1500):
        segment = segment_of(network)
        for arrival in instants(network, segment):
            assert segment.end_if_started(arrival) == network.completion(arrival), (network, arrival)
            checked += 1
    assert checked > 5000


def test_joined_segments_tell_every_completion_of_the_whole() -> None:
    rng = random.Random(2)
    pool = feasible_networks(3, 1500)
    outcomes = {True: 0, False: 0}
    for _ in range(2000):
        networks = rng.sample(pool, rng.randint(2, 4))
        # Later sequences lie later, so that some chains are possible and some just are not.
        shifted: list[Network] = []
        for position, network in enumerate(networks):
            later = 100 * rng.randint(0, 25) * position
            shifted.append(
                Network(
                    begin=[t + later for t in network.begin], to=[t + later for t in network.to],
                    service=network.service, lag=network.lag, pick=network.pick, reach=network.reach, wait=network.wait,
                )
            )  # fmt: skip
        legs = [100 * rng.randint(0, 5) for _ in shifted[1:]]
        whole: Segment | None = segment_of(shifted[0])
        for drive, network in zip(legs, shifted[1:], strict=True):
            whole = None if whole is None else whole.join(drive, segment_of(network))
        outcomes[whole is not None] += 1
        if whole is None:
            assert joined_completion(shifted, legs, -10_000) is None, (shifted, legs)
            continue
        for arrival in instants(shifted[0], whole):
            assert whole.end_if_started(arrival) == joined_completion(shifted, legs, arrival), (shifted, legs, arrival)
    assert min(outcomes.values()) > 300, outcomes


def test_the_shortest_span_is_the_least_over_all_starts() -> None:
    for network in feasible_networks(4, 400):
        segment = segment_of(network)
        first, last = segment.starts
        starts = range(network.begin[0], segment.latest + 1, 100)
        spans = {start: end - start for start in starts if (end := segment.end_if_started(start)) is not None}
        assert min(spans.values()) == segment.shortest_span
        assert {start for start, span in spans.items() if span == segment.shortest_span} == {
            start for start in starts if first <= start <= last
        }


def test_fragments_are_rigid() -> None:
    """``lo``, ``hi`` and ``duration``, as the kernel takes them from its network, lose nothing.

    Whoever arrives at ``t`` and begins at ``max(lo, t)`` is complete as early as anyone can be, and at every such start
    the custody is the least of all timetables: shown by a linear programme with start and completion held.
    """
    waiting = 0
    for network in feasible_networks(5, 700):
        begin, to, lag, pick, reach = network.arrays()
        earliest, latest = begin.copy(), to.copy()
        assert tighten_earliest(network.n, earliest, to, lag, pick, reach, network.wait)
        tighten_latest(network.n, latest, lag, pick, reach, network.wait)
        earliest_end = int(earliest[-1]) + network.service[-1]
        shortest = int(np.sum(lag[1:])) + network.service[-1]
        hi = int(latest[0])
        waits = earliest_end - shortest > hi
        lo = hi if waits else earliest_end - shortest
        duration = earliest_end - hi if waits else shortest
        waiting += waits
        block = Segment.of_block(lo, hi, duration)
        for arrival in instants(network, block):
            assert block.end_if_started(arrival) == network.completion(arrival), (network, arrival)
        least = least_ride_seconds(network.n, begin, to, lag, pick, reach, network.wait)
        for start in {lo, hi, (lo + hi) // 2}:
            assert network.least_ride_seconds(start, start + duration) == least, (network, start)
    assert waiting > 20, "some fragments must wait with people on board"


@given(segments, drives, segments, drives, segments)
def test_join_is_associative(a: Segment, d: int, b: Segment, e: int, c: Segment) -> None:
    ab, bc = a.join(d, b), b.join(e, c)
    left = None if ab is None else ab.join(e, c)
    right = None if bc is None else a.join(d, bc)
    if ab is not None and bc is not None:
        assert left == right
    else:
        # Infeasible in a part is infeasible in the whole: the drive to the part only adds time.
        assert left is None or bc is None
        assert right is None or ab is None


@given(segments)
def test_the_empty_segment_is_neutral(segment: Segment) -> None:
    assert Segment.empty().join(0, segment) == segment
    assert segment.join(0, Segment.empty()) == segment


def test_a_block_begins_within_its_limits() -> None:
    block = Segment.of_block(100, 300, 50)
    assert [block.end_if_started(t) for t in (0, 100, 200, 300, 301)] == [150, 150, 250, 350, None]
    assert block.shortest_span == 50
    assert block.starts == (100, 300)
    assert Segment(latest=100, earliest_end=400, duration=50).shortest_span == 300
    assert Segment(latest=100, earliest_end=400, duration=50).starts == (100, 100)


def test_an_arrival_on_the_last_second_is_in_time() -> None:
    first, second = Segment.of_block(0, 100, 50), Segment.of_block(0, 80, 10)
    assert first.join(30, second) == Segment(latest=0, earliest_end=90, duration=90)
    assert first.join(31, second) is None


def test_impossible_segments_are_refused() -> None:
    with pytest.raises(InvalidValue, match="lo <= hi"):
        Segment.of_block(2, 1, 0)
    with pytest.raises(InvalidValue, match="duration"):
        Segment(FOREVER, 0, -1)
