"""The timetable of one tour: from fragments and breaks to visits with times.

Fragments are rigid blocks, so a tour is a chain of blocks with drives and pauses between them. The timetable has the
least custody (by the blocks), then the least night, then the least span, then the earliest end.
"""

from __future__ import annotations

from collections.abc import Sequence as Many
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from optimizer.model import DutyId, InstanceIndex, Tour, Visit, VisitKind
from optimizer.routing import fragment_kernel as fk
from optimizer.routing.classes import DutyClass
from optimizer.routing.fragments import Fragments, night_table
from optimizer.routing.rides import Rides
from optimizer.routing.sequence import Sequence, read_sequence
from optimizer.routing.timetable import Aboard, Timetable, best_times
from optimizer.travel.matrix import TravelMatrix

Ints = NDArray[np.int64]


@dataclass(slots=True, kw_only=True)
class Chain:
    """A tour as blocks: block ``i`` starts in ``[lo[i], hi[i]]`` and takes ``block[i]`` seconds.

    ``drive[i]`` leads to block ``i`` (``drive[-1]`` home); ``pause[i]`` is the least break in that gap, ``before[i]``
    whether it stands before the drive.
    """

    lo: list[int]
    hi: list[int]
    block: list[int]
    drive: list[int]
    pause: list[int]
    before: list[bool]
    duty_class: DutyClass

    def starts(self) -> tuple[int, list[int], int] | None:
        """Return (departure, block starts, end) of least span, leaving latest; ``None`` where a rule on time fails."""
        duty_class, profile = self.duty_class, self.duty_class.profile
        n = len(self.block)
        ready = duty_class.earliest
        for i in range(n):
            arrival = ready + self.pause[i] + self.drive[i]
            if arrival > self.hi[i]:
                return None
            ready = max(self.lo[i], arrival) + self.block[i]
        end = ready + self.pause[n] + self.drive[n]
        if end > duty_class.latest:
            return None
        # Latest starts that keep this end, then, within each stretch between breaks, as early as its start allows.
        start = [0] * n
        limit = end - self.drive[n] - self.pause[n]
        for i in range(n - 1, -1, -1):
            start[i] = min(self.hi[i], limit - self.block[i])
            limit = start[i] - self.drive[i] - self.pause[i]
        departure = limit
        for i in range(1, n):
            if not self.pause[i]:
                start[i] = max(self.lo[i], start[i - 1] + self.block[i - 1] + self.drive[i])
        breaks, stretch_from, longest = 0, departure, 0
        for i in range(n + 1):
            done = departure if i == 0 else start[i - 1] + self.block[i - 1]
            begin = start[i] if i < n else end
            if self.pause[i]:
                from_, until = (done, begin - self.drive[i]) if self.before[i] else (done + self.drive[i], begin)
                breaks += (until - from_) // profile.step * profile.step
                longest = max(longest, from_ - stretch_from)
                stretch_from = until
        longest = max(longest, end - stretch_from)
        span = end - departure
        if profile.max_stretch is not None and longest > profile.max_stretch:
            return None
        if (profile.max_span is not None and span > profile.max_span) or profile.break_needed(span) > breaks:
            return None
        return departure, start, end


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """An exact timetable of a chain: departure, block starts, end, and the night seconds of its rides."""

    departure: int
    starts: tuple[int, ...]
    end: int
    night: int

    @property
    def span(self) -> int:
        """Seconds from departure to end."""
        return self.end - self.departure


class Scheduler:
    """Makes timetables of chains of fragments."""

    def __init__(self, index: InstanceIndex, rides: Rides, fragments: Fragments, travel: TravelMatrix) -> None:
        self.index = index
        self.rides = rides
        self.fragments = fragments
        self.travel = travel
        self.nights = night_table(index)
        self._row = {place: row for row, place in enumerate(travel.places)}
        self._sequences: dict[int, Sequence] = {}

    def sequence(self, fragment: int) -> Sequence:
        """Return the stops of a fragment with their lags."""
        if fragment not in self._sequences:
            self._sequences[fragment] = read_sequence(
                self.fragments.stops_of(fragment), self.rides, self.index, self.travel
            )
        return self._sequences[fragment]

    def chain(self, duty_class: DutyClass, fragments: Many[int], gaps: Many[int]) -> Chain:
        """Return the blocks of a tour; ``gaps`` are the break codes of ``label_kernel``."""
        figures = self.fragments.figures
        step = duty_class.profile.step
        at = duty_class.start_row
        drive = []
        for fragment in fragments:
            first = int(figures[fragment, fk.FIRST])
            drive.append(int(self.travel.seconds[at, first]) if at >= 0 else 0)
            at = int(figures[fragment, fk.LAST])
        drive.append(int(self.travel.seconds[at, duty_class.end_row]) if duty_class.end_row >= 0 else 0)
        return Chain(
            lo=[int(figures[f, fk.LO]) for f in fragments],
            hi=[int(figures[f, fk.HI]) for f in fragments],
            block=[int(figures[f, fk.DURATION]) for f in fragments],
            drive=drive,
            pause=[(int(gap) + 1) // 2 * step for gap in gaps],
            before=[int(gap) % 2 == 1 for gap in gaps],
            duty_class=duty_class,
        )

    def times(self, duty_class: DutyClass, fragments: Many[int], gaps: Many[int]) -> Times | None:
        """Return the best timetable of a tour, ``None`` where there is none."""
        chain = self.chain(duty_class, fragments, gaps)
        dark = [i for i, f in enumerate(fragments) if self.fragments.figures[f, fk.TOUCHES_NIGHT]]
        if not dark:
            found = chain.starts()
            return None if found is None else Times(departure=found[0], starts=tuple(found[1]), end=found[2], night=0)
        # Each fragment at its own least night: where that fits together, nothing can be better.
        least = 0
        for i in dark:
            fragment = int(fragments[i])
            least += int(self.fragments.figures[fragment, fk.NIGHT])
            if not self.fragments.figures[fragment, fk.WAITS]:
                interval = self._least_night_starts(fragment, chain.lo[i], chain.hi[i])
                if interval is None:
                    break
                chain.lo[i], chain.hi[i] = interval
        else:
            found = chain.starts()
            if found is not None:
                return Times(departure=found[0], starts=tuple(found[1]), end=found[2], night=least)
        return self._by_programme(duty_class, fragments, gaps)

    def _night_of(self, fragment: int, start: int) -> int:
        sequence = self.sequence(fragment)
        table = sequence.timetable(self.nights)
        return table.night([start + offset for offset in sequence.base])

    def _least_night_starts(self, fragment: int, lo: int, hi: int) -> tuple[int, int] | None:
        """Return the starts of least night where they are one interval, else ``None``."""
        sequence = self.sequence(fragment)
        edges = {lo, hi}
        for ride in sequence.aboard():
            for offset in (sequence.base[ride.begin] + ride.begin_offset, sequence.base[ride.end]):
                edges.update(int(edge) - offset for night in self.nights for edge in night)
        points = sorted(edge for edge in edges if lo <= edge <= hi)
        values = [self._night_of(fragment, point) for point in points]
        least = min(values)
        best = [k for k, value in enumerate(values) if value == least]
        # Linear between neighbouring points: flat there exactly when both ends are least.
        if best[-1] - best[0] + 1 != len(best):
            return None
        return points[best[0]], points[best[-1]]

    def _by_programme(self, duty_class: DutyClass, fragments: Many[int], gaps: Many[int]) -> Times | None:
        """Exact search where fragments compete for their least night: nodes are departure, blocks, end."""
        chain = self.chain(duty_class, fragments, gaps)
        profile = duty_class.profile
        n = len(chain.block)
        lower, upper = [duty_class.earliest], [duty_class.latest]
        differences: list[tuple[int, int, int]] = []
        aboard: list[Aboard] = []
        stretch_start, offset_start = 0, 0
        node_of: list[int] = []
        for i in range(n + 1):
            lower.append(chain.lo[i] if i < n else duty_class.earliest)
            upper.append(chain.hi[i] if i < n else duty_class.latest)
            node = len(lower) - 1
            node_of.append(node)
            previous = 0 if i == 0 else node_of[i - 1]
            done = 0 if i == 0 else chain.block[i - 1]
            differences.append((previous, node, done + chain.pause[i] + chain.drive[i]))
            if chain.pause[i] and profile.max_stretch is not None:
                driven = 0 if chain.before[i] else chain.drive[i]
                differences.append((previous, stretch_start, done + driven - offset_start - profile.max_stretch))
                stretch_start, offset_start = node, -chain.drive[i] if chain.before[i] else 0
            if i < n:
                sequence = self.sequence(int(fragments[i]))
                begins = sequence.times(chain.hi[i], bool(self.fragments.figures[fragments[i], fk.WAITS]), self.nights)
                offsets = [time - chain.hi[i] for time in begins]
                aboard += [
                    Aboard(
                        begin=node,
                        begin_offset=offsets[ride.begin] + ride.begin_offset,
                        end=node,
                        end_offset=offsets[ride.end],
                    )
                    for ride in sequence.aboard()
                ]
        final = node_of[n]
        if profile.max_stretch is not None:
            differences.append((final, stretch_start, -offset_start - profile.max_stretch))
        breaks = sum(chain.pause)
        allowed = min(
            [tier.span for tier in profile.tiers if tier.total > breaks]
            + [profile.max_span or duty_class.latest - duty_class.earliest]
        )
        differences.append((final, 0, -allowed))
        table = Timetable(
            earliest=lower,
            latest=upper,
            differences=differences,
            aboard=aboard,
            nights=[(int(since), int(until)) for since, until in self.nights],
        )
        span = [0] * len(lower)
        span[0], span[final] = -1, 1
        earliest_end = [0] * len(lower)
        earliest_end[final] = 1
        found = best_times(table, [None, span, earliest_end])
        if found is None:
            return None
        return Times(
            departure=found[0],
            starts=tuple(found[node] for node in node_of[:n]),
            end=found[final],
            night=table.night(found),
        )

    def tour(self, duty: DutyId, duty_class: DutyClass, fragments: Many[int], gaps: Many[int]) -> Tour:
        """Return the tour with all its visits; raises ``AssertionError`` where the chain has no timetable."""
        times = self.times(duty_class, fragments, gaps)
        if times is None:
            raise AssertionError(f"duty {duty}: a chain without a timetable")
        chain = self.chain(duty_class, fragments, gaps)
        start_place, end_place = self.index.duty[duty].start_place, self.index.duty[duty].end_place
        now = times.departure
        place = start_place
        visits = [Visit(kind=VisitKind.START, place=place, arrival=now, start=now, departure=now)]
        for i in range(len(fragments) + 1):
            last = i == len(fragments)
            begin = times.end if last else times.starts[i]
            sequence = None if last else self.sequence(int(fragments[i]))
            target = end_place if sequence is None else self.travel.places[sequence.places[0]]
            if chain.pause[i] and chain.before[i]:
                until = begin - chain.drive[i]
                visits.append(Visit(kind=VisitKind.BREAK, place=place, arrival=now, start=now, departure=until))
                now = until
            arrival = now + chain.drive[i]
            if chain.pause[i] and not chain.before[i]:
                visits.append(
                    Visit(kind=VisitKind.BREAK, place=target, arrival=arrival, start=arrival, departure=begin)
                )
                arrival = begin
            if sequence is None:
                visits.append(
                    Visit(kind=VisitKind.END, place=target, arrival=arrival, start=arrival, departure=arrival)
                )
                break
            waits = bool(self.fragments.figures[fragments[i], fk.WAITS])
            visits += self._visits(sequence, sequence.times(begin, waits, self.nights), arrival)
            now, place = visits[-1].departure, visits[-1].place
        return Tour(duty=duty, visits=tuple(visits))

    def _visits(self, sequence: Sequence, times: list[int], arrival: int) -> list[Visit]:
        visits = []
        for k, begin in enumerate(times):
            if k:
                arrival = times[k - 1] + sequence.lag[k]
            visits.append(
                Visit(
                    kind=VisitKind.PICKUP if sequence.pick[k] < 0 else VisitKind.DELIVERY,
                    place=self.travel.places[sequence.places[k]],
                    request=self.rides.ids[int(self.rides.request[sequence.rides[k]])],
                    arrival=arrival,
                    start=begin,
                    departure=begin + sequence.service[k],
                    rests=sequence.rests[k],
                )
            )
        return visits
