"""The best timetable of a fixed sequence of stops: exact, and knowing nothing of ``optimizer.routing``.

``Course.is_legal`` states what a legal timetable is, plainly. ``best_timetable`` finds the best one: where the
compact timetable already reaches a lower bound it is the best, else a little integer model in CP-SAT decides. Whatever
it answers is put through ``is_legal`` and valued from the times alone.

Breaks: at most one in each stretch of the tour on which nobody is on board, either before the drive (at the place of
the last hand-over) or after it (at the place of the next pick-up); it takes all the idle time there. None before the
first drive or after the last: it would do nothing that one at the other end of that drive does not do as well.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from ortools.sat.python import cp_model

from optimizer.model import Stage, VisitKind, Window, WorkingTime

TIMETABLE_STAGES = (Stage.CUSTODY, Stage.NIGHT, Stage.COST)
"""The stages that a timetable can change; the others follow from who rides where."""


class BreakAt(StrEnum):
    """Where on an empty leg a break lies."""

    BEFORE = "before the drive"
    AFTER = "after the drive"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One stop of a sequence; ``earliest`` and ``latest`` bound the begin of service, rules on instants included."""

    request: str
    kind: VisitKind
    place: str
    earliest: int
    latest: int
    service: int
    drive: int
    """Seconds of the drive to this stop, without rests."""
    rests: int
    rest_seconds: int
    aboard: bool
    """Whether anyone is on board on the drive to this stop."""


@dataclass(frozen=True, kw_only=True)
class Course:
    """A sequence with all that its timetable must keep. ``home`` is the drive to the end depot."""

    steps: tuple[Step, ...]
    home: int
    window: Window
    caps: Mapping[str, int | None]
    """Most time on board by request."""
    directs: Mapping[str, int]
    max_wait: int | None
    max_span: int | None
    profile: WorkingTime | None
    """Break rules; ``None`` where they are switched off."""
    nights: tuple[Window, ...]
    fixed_cost: int
    """Micro-euros that do not depend on times."""
    rate: int
    """Micro-euros per second of span."""
    order: tuple[Stage, ...]
    """Which of ``TIMETABLE_STAGES`` count, most important first."""

    @cached_property
    def rides(self) -> tuple[tuple[str, int, int], ...]:
        """``(request, node of the pick-up, node of the hand-over)``; node 0 is the start, 1 the first step."""
        pickup = {step.request: i for i, step in enumerate(self.steps, 1) if step.kind is VisitKind.PICKUP}
        return tuple(
            (step.request, pickup[step.request], i)
            for i, step in enumerate(self.steps, 1)
            if step.kind is VisitKind.DELIVERY
        )

    @cached_property
    def legs(self) -> tuple[tuple[int, int, bool], ...]:
        """Each leg ``(service before it, drive with rests, anyone on board)``: leg ``i`` runs from node i to i + 1."""
        services = (0, *(step.service for step in self.steps))
        drives = (*((step.drive + step.rest_seconds, step.aboard) for step in self.steps), (self.home, False))
        return tuple((service, drive, aboard) for service, (drive, aboard) in zip(services, drives, strict=True))

    # --- what is legal, and what it is worth --------------------------------------------------------------------------

    def slack(self, times: tuple[int, ...], leg: int) -> int:
        """Idle seconds on a leg."""
        service, drive, _ = self.legs[leg]
        return times[leg + 1] - times[leg] - service - drive

    def is_legal(self, times: tuple[int, ...], breaks: Mapping[int, BreakAt]) -> bool:
        """Whether ``times`` (start, begin of service at each step, end) with breaks by leg keep every rule."""
        for i, step in enumerate(self.steps, 1):
            if not step.earliest <= times[i] <= step.latest:
                return False
        for leg, (_, _, aboard) in enumerate(self.legs):
            slack = self.slack(times, leg)
            if slack < 0 or (aboard and self.max_wait is not None and slack > self.max_wait):
                return False
        for request, start, end in self.rides:
            cap = self.caps[request]
            if cap is not None and times[end] - times[start] - self.legs[start][0] > cap:
                return False
        span = times[-1] - times[0]
        if times[0] < self.window.earliest or times[-1] > self.window.latest:
            return False
        if self.max_span is not None and span > self.max_span:
            return False
        return self.profile is None or self._keeps_breaks(self.profile, times, breaks)

    def _keeps_breaks(self, profile: WorkingTime, times: tuple[int, ...], breaks: Mapping[int, BreakAt]) -> bool:
        counted, since, stretch = 0, times[0], 0
        for leg, (service, drive, aboard) in enumerate(self.legs):
            if leg in breaks:
                if aboard or (leg, breaks[leg]) in ((0, BreakAt.BEFORE), (len(self.steps), BreakAt.AFTER)):
                    return False
                whole = self.slack(times, leg) // profile.step * profile.step
                counted += whole
                if whole:
                    begin, end = times[leg] + service, times[leg + 1] - drive
                    if breaks[leg] is BreakAt.AFTER:
                        begin, end = begin + drive, end + drive
                    stretch, since = max(stretch, begin - since), end
        stretch = max(stretch, times[-1] - since)
        if profile.max_stretch is not None and stretch > profile.max_stretch:
            return False
        return counted >= profile.break_needed(times[-1] - times[0])

    def values(self, times: tuple[int, ...]) -> dict[Stage, int]:
        """Custody and night seconds of all rides, and the cost."""
        custody = night = 0
        for request, start, end in self.rides:
            begin, finish = times[start] + self.legs[start][0], times[end]
            custody += finish - begin - self.directs[request]
            night += sum(max(0, min(finish, n.latest) - max(begin, n.earliest)) for n in self.nights)
        cost = self.fixed_cost + self.rate * (times[-1] - times[0])
        return {Stage.CUSTODY: custody, Stage.NIGHT: night, Stage.COST: cost}

    def vector(self, values: Mapping[Stage, int]) -> tuple[int, ...]:
        """The values that count, in order."""
        return tuple(values[stage] for stage in self.order)

    @cached_property
    def bound(self) -> dict[Stage, int]:
        """Values that no timetable can beat: nobody waits on board, no night, the shortest span."""
        clock = [0]
        for service, drive, _ in self.legs:
            clock.append(clock[-1] + service + drive)
        values = self.values(tuple(clock))
        shortest = self.compact(tight=False)
        if shortest is not None:
            values[Stage.COST] = self.fixed_cost + self.rate * (shortest[-1] - shortest[0])
        return {**values, Stage.NIGHT: 0}

    # --- difference constraints ---------------------------------------------------------------------------------------

    def constraints(self, *, tight: bool, home: bool = True) -> Iterator[tuple[int, int, int]]:
        """Yield ``(i, j, w)``: ``time[j] >= time[i] + w``. ``tight`` lets nobody wait on board. Breaks are left out."""
        for leg, (service, drive, aboard) in enumerate(self.legs if home else self.legs[:-1]):
            yield leg, leg + 1, service + drive
            longest = 0 if tight and aboard else self.max_wait if aboard else None
            if longest is not None:
                yield leg + 1, leg, -(service + drive + longest)
        for request, start, end in self.rides:
            cap = self.caps[request]
            if cap is not None:
                yield end, start, -(cap + self.legs[start][0])
        if self.max_span is not None:
            last = len(self.steps) + 1 if home else len(self.steps)
            yield last, 0, -self.max_span + (0 if home else self.steps[-1].service)

    def bounds(self, *, home: bool = True) -> tuple[list[int], list[int]]:
        """Bounds of each node's time from windows alone."""
        lows = [self.window.earliest, *(step.earliest for step in self.steps)]
        highs = [self.window.latest, *(step.latest for step in self.steps)]
        return ([*lows, self.window.earliest], [*highs, self.window.latest]) if home else (lows, highs)

    def earliest(self, *, tight: bool, home: bool = True, start: int | None = None) -> list[int] | None:
        """Earliest times (all at once), or ``None``; ``home=False`` treats the steps as the beginning of more."""
        lows, highs = self.bounds(home=home)
        if start is not None:
            lows[0] = max(lows[0], start)
        edges = list(self.constraints(tight=tight, home=home))
        for _ in range(len(lows) + 1):
            changed = False
            for i, j, weight in edges:
                if lows[i] + weight > lows[j]:
                    lows[j] = lows[i] + weight
                    changed = True
            if any(low > high for low, high in zip(lows, highs, strict=True)):
                return None
            if not changed:
                return lows
        return None  # still rising after one round for each node: a cycle that can never be satisfied

    def latest(self, *, tight: bool) -> list[int]:
        """Latest times of a network that has a solution."""
        _, highs = self.bounds()
        edges = list(self.constraints(tight=tight))
        changed = True
        while changed:
            changed = False
            for i, j, weight in edges:
                if highs[j] - weight < highs[i]:
                    highs[i] = highs[j] - weight
                    changed = True
        return highs

    def compact(self, *, tight: bool) -> tuple[int, ...] | None:
        """The shortest timetable without breaks: leave as late as possible, then do everything early."""
        if self.earliest(tight=tight) is None:
            return None
        times = self.earliest(tight=tight, start=self.latest(tight=tight)[0])
        assert times is not None
        return tuple(times)


@dataclass(frozen=True, slots=True, kw_only=True)
class Timetable:
    """The best timetable of a course."""

    times: tuple[int, ...]
    breaks: Mapping[int, BreakAt]
    values: Mapping[Stage, int]


def best_timetable(course: Course) -> Timetable | None:
    """Return the lexicographically best legal timetable in ``course.order``, or ``None`` where none is legal."""
    if course.earliest(tight=False) is None:
        return None
    floor = course.vector(course.bound)
    for tight in (True, False):
        times = course.compact(tight=tight)
        if times is not None and course.is_legal(times, {}):
            values = course.values(times)
            if course.vector(values) == floor:
                return Timetable(times=times, breaks={}, values=values)
    return solve_exactly(course)


def solve_exactly(course: Course) -> Timetable | None:
    """Return the best timetable by an integer model, or ``None``."""
    steps, legs, profile = course.steps, course.legs, course.profile
    lows = course.earliest(tight=False)
    if lows is None:
        return None
    highs = course.latest(tight=False)
    unit = math.gcd(*_numbers(course)) or 1
    model = cp_model.CpModel()
    time = [model.new_int_var(-(-low // unit), high // unit, "") for low, high in zip(lows, highs, strict=True)]
    for i, j, weight in course.constraints(tight=False):
        model.add(time[j] >= time[i] + weight // unit)
    length = highs[-1] // unit - lows[0] // unit + 1
    span = model.new_int_var(0, length, "span")
    model.add(span == time[-1] - time[0])

    flags: dict[tuple[int, BreakAt], cp_model.IntVar] = {}
    if profile is not None and (profile.tiers or profile.max_stretch is not None):
        step = profile.step // unit
        counted: list[cp_model.LinearExpr] = []
        since: cp_model.LinearExpr = time[0]
        for leg, (service, drive, aboard) in enumerate(legs):
            places = [at for at in BreakAt if (leg, at) not in ((0, BreakAt.BEFORE), (len(steps), BreakAt.AFTER))]
            if aboard:
                continue
            number = model.new_int_var(0, length // step + 1, f"steps{leg}")
            after = model.new_int_var(lows[0] // unit, highs[-1] // unit, f"since{leg}")
            any_break = model.new_bool_var(f"break{leg}")
            model.add(number * step <= time[leg + 1] - time[leg] - (service + drive) // unit)
            model.add(number >= 1).only_enforce_if(any_break)
            model.add(number == 0).only_enforce_if(~any_break)
            model.add(after == since).only_enforce_if(~any_break)
            for at in places:
                flag = flags[leg, at] = model.new_bool_var(f"break{leg}{at}")
                begin = time[leg] + (service + (drive if at is BreakAt.AFTER else 0)) // unit
                end = time[leg + 1] - (0 if at is BreakAt.AFTER else drive) // unit
                model.add(after == end).only_enforce_if(flag)
                if profile.max_stretch is not None:
                    model.add(begin - since <= profile.max_stretch // unit).only_enforce_if(flag)
            model.add(sum(flags[leg, at] for at in places) == any_break)
            counted.append(number * step)
            since = after
        if profile.max_stretch is not None:
            model.add(time[-1] - since <= profile.max_stretch // unit)
        for tier in profile.tiers:
            beyond = model.new_bool_var(f"beyond{tier.span}")
            model.add(span <= tier.span // unit).only_enforce_if(~beyond)
            model.add(sum(counted) >= tier.total // unit).only_enforce_if(beyond)

    # Lexicographic by weights: each term's range times the weight of all that follow. All small integers.
    terms: dict[Stage, tuple[list[cp_model.LinearExpr], int]] = {
        Stage.CUSTODY: ([time[end] - time[start] for _, start, end in course.rides], length * len(course.rides)),
        Stage.NIGHT: _night_terms(course, model, time, unit) if Stage.NIGHT in course.order else ([], 0),
        Stage.COST: ([span] if course.rate else [], length),
    }
    weight = 1
    objective: list[cp_model.LinearExpr] = []
    for stage in reversed(course.order):
        parts, most = terms[stage]
        objective.extend(weight * part for part in parts)
        weight *= most + 1
    model.minimize(sum(objective))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = 0
    solver.parameters.cp_model_presolve = True
    status = solver.solve(model)
    if status == cp_model.INFEASIBLE:
        return None
    assert status == cp_model.OPTIMAL, solver.status_name(status)
    times = tuple(solver.value(t) * unit for t in time)
    breaks = {leg: at for (leg, at), flag in flags.items() if solver.boolean_value(flag)}
    assert course.is_legal(times, breaks), (course, times, breaks)
    return Timetable(times=times, breaks=breaks, values=course.values(times))


def _night_terms(
    course: Course, model: cp_model.CpModel, time: list[cp_model.IntVar], unit: int
) -> tuple[list[cp_model.LinearExpr], int]:
    """Seconds (in units) of each ride in each night that it can meet; minimised, so bounding from below is enough."""
    _, highs = course.bounds()
    horizon = max(highs) // unit
    parts: list[cp_model.LinearExpr] = []
    most = 0
    for _, start, end in course.rides:
        service = course.legs[start][0]
        for night in course.nights:
            if highs[end] > night.earliest:
                first, last = night.earliest // unit, night.latest // unit
                begin = model.new_int_var(0, horizon + last, "")
                finish = model.new_int_var(0, horizon + last, "")
                model.add_max_equality(begin, [time[start] + service // unit, first])
                model.add_min_equality(finish, [time[end], last])
                inside = model.new_int_var(0, last - first, "")
                model.add(inside >= finish - begin)
                parts.append(inside)
                most += last - first
    return parts, most


def _numbers(course: Course) -> Iterator[int]:
    """Every number of the model: their common divisor is a unit in which an optimal timetable is whole.

    Given which side of each night and tier every instant lies on, and how many whole steps each break counts, the
    model is a system of difference constraints with a linear objective: its vertices are sums of these numbers.
    """
    for _, _, weight in course.constraints(tight=False):
        yield weight
    for service, drive, _ in course.legs:
        yield from (service, drive)
    for step in course.steps:
        yield from (step.earliest, step.latest)
    yield from (course.window.earliest, course.window.latest)
    for night in course.nights:
        yield from (night.earliest, night.latest)
    if course.profile is not None:
        yield from (course.profile.step, course.profile.max_stretch or 0)
        for tier in course.profile.tiers:
            yield from (tier.span, tier.total)
