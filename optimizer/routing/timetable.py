"""Exact timetables of a *given* sequence by small linear programmes: for the few that the closed forms do not cover.

The closed forms (``fragments``, ``schedule``) settle custody, span and feasibility. Two things they leave open: the
night seconds of a sequence that waits with people on board, and those of a tour whose fragments cannot all have
their own least night at once. Night seconds are linear once it is settled on which side of a night's edge a ride begins
and ends, so the sides that are open are tried in turn. For each choice the programme is one of differences with a
convex cost of differences: its vertices are whole numbers. The answer is rounded, checked and re-evaluated.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog


@dataclass(frozen=True, slots=True, kw_only=True)
class Aboard:
    """Somebody is on board from ``begin_offset`` after node ``begin`` to ``end_offset`` after node ``end``."""

    begin: int
    begin_offset: int
    end: int
    end_offset: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Timetable:
    """A network of ``n`` nodes with windows and differences ``x[j] - x[i] >= c``."""

    earliest: Sequence[int]
    latest: Sequence[int]
    differences: Sequence[tuple[int, int, int]]
    aboard: Sequence[Aboard] = ()
    nights: Sequence[tuple[int, int]] = ()

    def night(self, times: Sequence[int]) -> int:
        """Return the night seconds of all on board under ``times``."""
        total = 0
        for ride in self.aboard:
            start, end = times[ride.begin] + ride.begin_offset, times[ride.end] + ride.end_offset
            total += sum(max(0, min(end, until) - max(start, since)) for since, until in self.nights)
        return total

    def keeps(self, times: Sequence[int]) -> bool:
        """Whether ``times`` keep windows and differences."""
        inside = all(a <= t <= b for a, t, b in zip(self.earliest, times, self.latest, strict=True))
        return inside and all(times[j] - times[i] >= c for i, j, c in self.differences)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Overlap:
    """A reading of a ride's overlap with a night: ``(end or until) - (begin or since)``; ``None`` is the constant."""

    end: int | None
    end_constant: int
    begin: int | None
    begin_constant: int


def best_times(table: Timetable, goals: Sequence[Sequence[int] | None]) -> list[int] | None:
    """Return times that are lexicographically least in ``goals``; ``None`` where there are none at all.

    Each goal is a vector of whole weights on the nodes, or ``None`` for the night seconds.
    """
    readings = _readings(table) if None in goals else []
    best: tuple[list[int], list[int]] | None = None
    for overlaps in itertools.product(*readings):
        times = _least(table, goals, overlaps)
        if times is None:
            return None if best is None else best[1]
        values = [
            table.night(times) if goal is None else sum(w * t for w, t in zip(goal, times, strict=True))
            for goal in goals
        ]
        if best is None or values < best[0]:
            best = values, times
    return None if best is None else best[1]


def _readings(table: Timetable) -> list[list[_Overlap]]:
    """For each ride and night that can meet: the readings that its window leaves open."""
    readings = []
    for ride in table.aboard:
        for since, until in table.nights:
            first_begin = table.earliest[ride.begin] + ride.begin_offset
            last_begin = table.latest[ride.begin] + ride.begin_offset
            first_end = table.earliest[ride.end] + ride.end_offset
            last_end = table.latest[ride.end] + ride.end_offset
            if last_end <= since or first_begin >= until:
                continue
            ends: list[tuple[int | None, int]] = []
            if first_end < until:
                ends.append((ride.end, ride.end_offset))
            if last_end > until:
                ends.append((None, until))
            begins: list[tuple[int | None, int]] = []
            if last_begin > since:
                begins.append((ride.begin, ride.begin_offset))
            if first_begin < since:
                begins.append((None, since))
            readings.append(
                [
                    _Overlap(end=end, end_constant=end_constant, begin=begin, begin_constant=begin_constant)
                    for end, end_constant in ends or [(None, until)]
                    for begin, begin_constant in begins or [(None, since)]
                ]
            )
    return readings


def _least(table: Timetable, goals: Sequence[Sequence[int] | None], overlaps: Sequence[_Overlap]) -> list[int] | None:
    """Least times under one reading of every overlap (an overlap is never below 0)."""
    n, size = len(table.earliest), len(table.earliest) + len(overlaps)
    rows: list[dict[int, int]] = []
    upper: list[int] = []
    for i, j, c in table.differences:
        if i != j:
            rows.append({i: 1, j: -1})
            upper.append(-c)
        elif c > 0:
            return None
    for number, overlap in enumerate(overlaps):
        row = {n + number: -1}
        if overlap.end is not None:
            row[overlap.end] = row.get(overlap.end, 0) + 1
        if overlap.begin is not None:
            row[overlap.begin] = row.get(overlap.begin, 0) - 1
        rows.append(row)
        upper.append(overlap.begin_constant - overlap.end_constant)
    bounds: list[tuple[float, float | None]] = list(zip(table.earliest, table.latest, strict=True))
    bounds += [(0, None)] * len(overlaps)
    times: list[int] | None = None
    for goal in goals:
        weights = [0] * n + [1] * len(overlaps) if goal is None else [*goal, *([0] * len(overlaps))]
        if not any(weights) and times is not None:
            continue
        answer = linprog(
            np.array(weights, dtype=np.float64),
            A_ub=_dense(rows, size),
            b_ub=np.array(upper, dtype=np.float64) if upper else None,
            bounds=bounds,
            method="highs-ds",
        )
        if answer.x is None:
            return times
        times = [round(value) for value in answer.x[:n]]
        if not table.keeps(times):
            raise AssertionError("a timetable that is not whole")
        rows.append({k: w for k, w in enumerate(weights) if w})
        upper.append(round(float(answer.fun or 0.0)))
    return times


def _dense(rows: list[dict[int, int]], size: int) -> NDArray[np.float64] | None:
    """Rows as a table: a handful of stops, so that a sparse form would gain nothing."""
    if not rows:
        return None
    table = np.zeros((len(rows), size))
    for number, row in enumerate(rows):
        for column, value in row.items():
            table[number, column] = value
    return table
