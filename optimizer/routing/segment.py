"""The segment algebra: what a stretch of a tour looks like in time from outside, in plain Python.

The reference for what ``fragment_kernel``, ``label_kernel`` and ``schedule`` compute in their own compiled terms;
tests hold both against a shortest-path oracle. Source: the time-window segments of Vidal, Crainic, Gendreau and Prins
(2013), "A hybrid genetic algorithm with adaptive diversity management for a large class of vehicle routing problems
with time-windows", which PyVRP carries as its duration segments; here without time warp, as a late tour is no tour, and
exact with ride-time caps and limits on waits (``optimizer/README.md``, "Segments").

Why three numbers are enough. The timetables of a stop sequence are the solutions of difference constraints, so the
earliest completion is a longest path in their graph. Let the first service not begin before ``t``. A longest path to
the completion either begins at the origin of time, by way of some window, and then its length knows no ``t``:
``earliest_end``; or it begins at the first service, and is as long as without windows: ``duration``. Hence it is
complete at ``max(earliest_end, t + duration)``. A timetable exists as long as no cycle is positive. Those through the
origin and the first service bound ``t`` from above: ``latest``; the others do not depend on ``t``.

Why segments join. A ride cap or a limit on waits is a constraint between stops of one ride or one drive with people on
board. None of them crosses a joint at which the vehicle is empty, so the second sequence only sees when the vehicle
arrives: at the completion of the first plus the drive. Put the formula of the one into that of the other.
"""

from __future__ import annotations

from dataclasses import dataclass

from optimizer.errors import InvalidValue
from optimizer.model.units import FOREVER, Seconds


@dataclass(frozen=True, slots=True)
class Segment:
    """A feasible stop sequence with nobody on board before and after it.

    Parameters
    ----------
    latest
        Latest instant at which the first service may begin.
    earliest_end
        Earliest completion of the last service, whatever the start.
    duration
        Least seconds from first begin to last completion where no window makes anyone wait, 0 or more.
    """

    latest: Seconds
    earliest_end: Seconds
    duration: Seconds

    def __post_init__(self) -> None:
        if self.duration < 0:
            raise InvalidValue("Segment.duration", "0 or more seconds", self.duration)

    @classmethod
    def empty(cls) -> Segment:
        """Return the sequence without a stop: neutral in ``join`` with a drive of 0."""
        return cls(FOREVER, -FOREVER, 0)

    @classmethod
    def of_block(cls, lo: Seconds, hi: Seconds, duration: Seconds) -> Segment:
        """Return the segment of a rigid block: begun anywhere in ``[lo, hi]`` it takes ``duration`` seconds.

        Who arrives before ``lo`` waits until then. Raises ``InvalidValue`` where ``lo > hi``.
        """
        if lo > hi:
            raise InvalidValue("Segment.of_block", "lo <= hi", (lo, hi))
        return cls(hi, lo + duration, duration)

    def join(self, drive: Seconds, other: Segment) -> Segment | None:
        """Return this segment, an empty drive of ``drive`` seconds, then ``other``; ``None`` where that comes too late.

        Associative: joining from the left or from the right gives the same.
        """
        if self.earliest_end + drive > other.latest:
            return None
        return Segment(
            min(self.latest, other.latest - drive - self.duration),
            max(other.earliest_end, self.earliest_end + drive + other.duration),
            self.duration + drive + other.duration,
        )

    def end_if_started(self, arrival: Seconds) -> Seconds | None:
        """Return the earliest completion for a vehicle that arrives at ``arrival``; ``None`` where that is too late."""
        return None if arrival > self.latest else max(self.earliest_end, arrival + self.duration)

    @property
    def shortest_span(self) -> Seconds:
        """Least seconds from the first begin to the completion over all starts."""
        return max(self.duration, self.earliest_end - self.latest)

    @property
    def starts(self) -> tuple[Seconds, Seconds]:
        """First and last start of ``shortest_span``: earlier ones only wait, between them every start has it."""
        return min(self.latest, self.earliest_end - self.duration), self.latest
