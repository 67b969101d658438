"""The best timetable of a stop sequence that somebody else chose, by our own routines.

A peer decides who rides where and in which order; it is not blamed for times, rests and breaks that it has no words
for. So its order of stops gets the timetable of least custody and least span that keeps *every* rule on time, with
breaks wherever they fit. Only where there is none, rules are let go, fewest first: ride caps and longest wait, then
breaks, then both, then windows and shift (as soon as possible).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations, product

import numpy as np

from optimizer.io.problem import Problem
from optimizer.model import DutyId, InstanceIndex, RequestId, Tour, Visit, VisitKind, WorkingTime
from optimizer.routing import fragment_kernel as fk
from optimizer.routing.classes import DutyClass, Fleet, build_fleet
from optimizer.routing.fragments import Fragments
from optimizer.routing.network import tighten_earliest, tighten_latest
from optimizer.routing.rides import Rides, build_rides
from optimizer.routing.schedule import Scheduler
from optimizer.routing.sequence import Sequence as Stops
from optimizer.routing.sequence import read_sequence


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """One stop of a peer's route: whose, which of the two, and the begin of service that the peer plans."""

    request: RequestId
    kind: VisitKind
    start: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """The stops that a peer gives a duty, in order."""

    duty: DutyId
    stops: tuple[Stop, ...]

    def without(self, requests: frozenset[RequestId]) -> Route:
        """Return the route without these requests."""
        return replace(self, stops=tuple(stop for stop in self.stops if stop.request not in requests))


class Timetabler:
    """Makes tours of routes of one instance."""

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        instance = problem.instance
        self._strict = _World(problem)
        loose = replace(
            instance,
            requests=tuple(replace(request, max_ride=None) for request in instance.requests),
            parameters=replace(
                instance.parameters, ride_cap=None, ride_cap_children=None, detour_permille=None, max_wait=None
            ),
        )
        self._loose = _World(replace(problem, instance=loose))

    def legal(self, route: Route) -> Tour | None:
        """Return a tour that keeps every rule on time, ``None`` where the order allows none."""
        return self._strict.tour(route, with_breaks=True)

    def candidates(self, route: Route) -> Iterator[Tour]:
        """Return tours that let more and more rules on time go; the last one always exists."""
        for world, with_breaks in ((self._loose, True), (self._strict, False), (self._loose, False)):
            tour = world.tour(route, with_breaks=with_breaks)
            if tour is not None:
                yield tour
        yield self._loose.at_once(route)


class _World:
    """An instance with what routing makes of it."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.index = InstanceIndex(problem.instance)

    @cached_property
    def rides(self) -> Rides:
        return build_rides(self.index, self.problem.travel)

    @cached_property
    def fleet(self) -> Fleet:
        return build_fleet(self.index, self.rides, self.problem.travel)

    @cached_property
    def of_request(self) -> dict[RequestId, list[int]]:
        rows: dict[RequestId, list[int]] = {}
        for ride, request in enumerate(self.rides.request):
            rows.setdefault(self.rides.ids[int(request)], []).append(ride)
        return rows

    def tour(self, route: Route, *, with_breaks: bool) -> Tour | None:
        """Return the tour of least custody and span; without breaks also without the limits on work."""
        number = self.fleet.class_by_duty.get(route.duty)
        episodes = self._episodes(route)
        if number is None or episodes is None:
            return None
        duty_class = self.fleet.classes[number]
        bare = replace(duty_class, profile=WorkingTime(id="none", step=duty_class.profile.step))
        figures = [_figures(self._sequence(codes)) for codes in episodes]
        if any(figure is None for figure in figures):
            return None
        fragments = _fragments(episodes, [figure for figure in figures if figure is not None])
        scheduler = Scheduler(self.index, self.rides, fragments, self.problem.travel)
        blocks = range(len(episodes))
        none = [0] * (len(episodes) + 1)
        if scheduler.times(bare, blocks, none) is None:
            return None
        if not with_breaks:
            return scheduler.tour(route.duty, bare, blocks, none)
        for gaps in _breaks(len(episodes), duty_class):
            if scheduler.times(duty_class, blocks, gaps) is not None:
                return scheduler.tour(route.duty, duty_class, blocks, gaps)
        return None

    def at_once(self, route: Route) -> Tour:
        """Return the tour that makes each stop as soon as it can, whatever becomes of windows and shift."""
        travel, duty = self.problem.travel, self.index.duty[route.duty]
        now, place = self.index.duty_shift(route.duty).start, duty.start_place
        visits = [Visit(kind=VisitKind.START, place=place, arrival=now, start=now, departure=now)]
        for stop in route.stops:
            request = self.index.request[stop.request]
            told = request.pickup if stop.kind is VisitKind.PICKUP else request.delivery
            arrival = now + (0 if place is None else travel.drive(place, told.place))
            begin = max(arrival, told.earliest)
            now, place = begin + told.service, told.place
            visits.append(
                Visit(kind=stop.kind, place=place, request=request.id, arrival=arrival, start=begin, departure=now)
            )
        now += 0 if place is None or duty.end_place is None else travel.drive(place, duty.end_place)
        visits.append(Visit(kind=VisitKind.END, place=duty.end_place, arrival=now, start=now, departure=now))
        return Tour(duty=route.duty, visits=tuple(visits))

    def _episodes(self, route: Route) -> list[list[int]] | None:
        """Stop codes from empty to empty; ``None`` where pick-ups and hand-overs do not pair or a ride is impossible.

        A request that has several stretches of day takes the one nearest to the time that the peer plans.
        """
        episodes: list[list[int]] = []
        aboard: dict[RequestId, int] = {}
        done: set[RequestId] = set()
        for stop in route.stops:
            if stop.kind is VisitKind.PICKUP:
                rows = self.of_request.get(stop.request, [])
                if not rows or stop.request in aboard or stop.request in done:
                    return None
                if not aboard:
                    episodes.append([])
                aboard[stop.request] = ride = min(rows, key=lambda row: self._off(row, stop.start))
                episodes[-1].append(2 * ride)
            elif stop.request not in aboard:
                return None
            else:
                episodes[-1].append(2 * aboard.pop(stop.request) + 1)
                done.add(stop.request)
        return None if aboard or not episodes or any(len(e) > fk.DEEPEST for e in episodes) else episodes

    def _off(self, ride: int, start: int) -> int:
        return max(int(self.rides.pickup_from[ride]) - start, start - int(self.rides.pickup_to[ride]), 0)

    def _sequence(self, codes: list[int]) -> Stops:
        return read_sequence(np.array(codes, dtype=np.int64), self.rides, self.index, self.problem.travel)


def _figures(stops: Stops) -> list[int] | None:
    """Return the row of figures that the scheduler reads, ``None`` where the sequence has no timetable."""
    n = len(stops.rides)
    lag, pick, reach = (np.array(values, dtype=np.int64) for values in (stops.lag, stops.pick, stops.reach))
    earliest, latest = np.array(stops.begin, dtype=np.int64), np.array(stops.to, dtype=np.int64)
    base = stops.base
    if any(pick[k] >= 0 and base[k] - base[pick[k]] > reach[k] for k in range(n)):
        return None
    if not tighten_earliest(n, earliest, latest, lag, pick, reach, stops.wait):
        return None
    tighten_latest(n, latest, lag, pick, reach, stops.wait)
    end, last, length = int(earliest[-1]) + stops.service[-1], int(latest[0]), base[-1] + stops.service[-1]
    row = [0] * fk.FIGURES
    row[fk.FIRST], row[fk.LAST], row[fk.STOPS] = stops.places[0], stops.places[-1], n
    row[fk.LO], row[fk.HI], row[fk.DURATION] = min(last, end - length), last, max(length, end - last)
    row[fk.WAITS] = int(end - length > last)
    return row


def _fragments(episodes: list[list[int]], figures: list[list[int]]) -> Fragments:
    return Fragments(
        figures=np.array(figures, dtype=np.int64),
        masks=np.zeros((len(episodes), 1), dtype=np.uint64),
        stops=np.array([code for codes in episodes for code in codes], dtype=np.int64),
        stops_from=np.cumsum([0, *map(len, episodes)], dtype=np.int64),
        requests=np.zeros((len(episodes), 1), dtype=np.uint64),
        complete=True,
    )


def _breaks(blocks: int, duty_class: DutyClass) -> Iterator[list[int]]:
    """Ways to place breaks, shortest in all first: codes of ``label_kernel`` for each gap.

    More break than the greatest tier asks for never helps: a longer pause only leaves less time.
    """
    profile = duty_class.profile
    most = max((tier.total // profile.step for tier in profile.tiers), default=0)
    for total in range(most + 1):
        for parts in range(min(total, 1), min(total, blocks + 1) + 1):
            for gaps in combinations(range(blocks + 1), parts):
                sides: Sequence[tuple[int, ...]] = [_sides(gap, blocks) for gap in gaps]
                for lengths in _compositions(total, parts):
                    for choice in product(*sides):
                        codes = [0] * (blocks + 1)
                        for gap, length, before in zip(gaps, lengths, choice, strict=True):
                            codes[gap] = 2 * length - before
                        yield codes


def _sides(gap: int, blocks: int) -> tuple[int, ...]:
    """Before the drive (1) or after it (0); in the first gap only after, in the last only before."""
    return (0,) if gap == 0 else (1,) if gap == blocks else (1, 0)


def _compositions(total: int, parts: int) -> Iterator[tuple[int, ...]]:
    if parts == 0:
        if total == 0:
            yield ()
        return
    for first in range(1, total - parts + 2):
        for rest in _compositions(total - first, parts - 1):
            yield (first, *rest)
