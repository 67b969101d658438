"""Loose days of the literature: tours by large neighbourhood search over stops, recombined by set partitioning.

Where windows are wide, rides long and vehicles large, fragments are too many to list, and whole tours are searched
instead (``flow_lns_kernel``). Every tour of an accepted plan is remembered; from time to time the best choice among
them is made (``master.flow_choice``). The fragments of the tours found are then added to those that are known, so that
all that follows, the checker first of all, deals with columns as ever. Nothing is proven here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from optimizer.master.flow_choice import choose
from optimizer.master.flow_programme import Programme, relax
from optimizer.model import Instance, Stage
from optimizer.params import SolveParams
from optimizer.routing.classes import CAPACITY_KINDS, DutyClass, Fleet
from optimizer.routing.rides import ADULTS, SEATS, Rides
from optimizer.search.flow_lns_kernel import UNSERVED, improve, tour_cost
from optimizer.search.flow_network import sparse
from optimizer.search.observer import Observer
from optimizer.search.stop import Stop
from optimizer.travel.matrix import TravelMatrix

Ints = NDArray[np.int64]

_FIRST = 2_000
"""Rounds of the first cycle; each has twice those of the one before."""
_MOST = 320
"""Rounds of the last cycle where there is no time limit, for each of ``SolveParams.rounds``."""
_LONGEST_CYCLE, _FASTER = 0.8, 64
"""Share of the time left that a cycle takes where there is a limit, if that is not so many times the one before: on
R5a one long cycle found better plans than several."""
_HOT, _COLD = 0.015, 0.0002
"""First and last temperature of a cycle, as shares of the plan's cost (0.5 to 4 % tried on R1b, R2a, R5a)."""
_REMEMBERED = 20_000
_CHOICE_SECONDS = 5.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Alike:
    """A day on which vehicles are alike and only windows, ride caps, seats and tour length bind.

    Stops are coded as in ``flow_lns_kernel``; tables are over them.
    """

    drive: Ints
    cost: Ints
    window: Ints
    cap: Ints
    load: Ints
    seats: int
    longest: int
    vehicles: int

    @property
    def rides(self) -> int:
        """Number of rides."""
        return len(self.cap)

    def near(self) -> Ints:
        """Return the other rides of each, those alike in place and time first."""
        n = self.rides
        starts, ends = np.arange(0, 2 * n, 2), np.arange(1, 2 * n, 2)
        apart = self.cost[np.ix_(starts, starts)] + self.cost[np.ix_(ends, ends)]
        # Time weighs a quarter of what a drive of that length costs.
        per_second = float(self.cost.sum()) / max(1.0, float(self.drive.sum()))
        begin = self.window[starts, 0].astype(np.float64)
        distance = apart + 0.25 * per_second * np.abs(begin[:, None] - begin[None, :])
        np.fill_diagonal(distance, -1.0)
        return np.ascontiguousarray(np.argsort(distance, axis=1, kind="stable")[:, 1:], dtype=np.int64)


def alike(instance: Instance, rides: Rides, fleet: Fleet, travel: TravelMatrix) -> Alike | None:
    """Return the day in these terms, ``None`` where another rule might bind."""
    if len(fleet.classes) != 1 or instance.stages != (Stage.COST,) or not instance.serve_all or instance.commitments:
        return None
    duty_class, n, parameters = fleet.classes[0], len(rides), instance.parameters
    slot = np.uint64(1) << np.uint64(duty_class.slots[0] % 64)
    other_load = np.delete(rides.load, [SEATS, ADULTS], axis=1)
    plain = (
        n == len(rides.ids) == len(set(rides.request.tolist()))
        and len(duty_class.slots) == 1
        and duty_class.rate_per_second == 0
        and not duty_class.profile.tiers
        and duty_class.profile.max_stretch is None
        and min(duty_class.start_row, duty_class.end_row) >= 0
        and parameters.max_wait is None
        and parameters.rest_interval(with_children=False) is None
        and parameters.rest_interval(with_children=True) is None
        and parameters.escorts.base == 0
        and not other_load.any()
        and bool(np.all(fleet.static[:, 0] & slot))
        and bool(np.all(rides.together | np.eye(n, dtype=np.bool_)))
        and not any(zab.budget is not None for zab in instance.zabs)
    )
    return _tables(duty_class, rides, fleet, travel) if plain else None


def _tables(duty_class: DutyClass, rides: Rides, fleet: Fleet, travel: TravelMatrix) -> Alike:
    n = len(rides)
    place, window = np.empty(2 * n + 2, dtype=np.int64), np.zeros((2 * n + 2, 3), dtype=np.int64)
    place[0 : 2 * n : 2], place[1 : 2 * n : 2] = rides.pickup, rides.delivery
    place[2 * n :] = duty_class.start_row, duty_class.end_row
    window[0 : 2 * n : 2] = np.stack([rides.pickup_from, rides.pickup_to, rides.pickup_service], axis=1)
    window[1 : 2 * n : 2] = np.stack([rides.delivery_from, rides.delivery_to, rides.delivery_service], axis=1)
    window[2 * n :] = duty_class.earliest, duty_class.latest, 0
    load = np.zeros(2 * n + 2, dtype=np.int64)
    load[0 : 2 * n : 2], load[1 : 2 * n : 2] = rides.load[:, SEATS], -rides.load[:, SEATS]
    at = CAPACITY_KINDS.index(SEATS)
    longest = duty_class.latest - duty_class.earliest
    if duty_class.profile.max_span is not None:
        longest = min(longest, duty_class.profile.max_span)
    return Alike(
        drive=np.ascontiguousarray(travel.seconds[np.ix_(place, place)]),
        cost=np.ascontiguousarray(duty_class.rate_per_metre * travel.metres[np.ix_(place, place)]),
        window=window,
        cap=rides.cap,
        load=load,
        seats=int(fleet.fits_from[at + 1] - fleet.fits_from[at]) - 1,
        longest=longest,
        vehicles=duty_class.count,
    )


class LooseSearch:
    """Searches one day."""

    def __init__(self, day: Alike, params: SolveParams, stop: Stop, observer: Observer) -> None:
        self._day = day
        self._params = params
        self._stop = stop
        self._observer = observer
        n, room = day.rides, 2 * day.rides + 2
        self._near = day.near()
        self._dice = np.random.default_rng(params.seed)
        self._best = self._empty()
        self._pool = np.zeros((_REMEMBERED, room), dtype=np.int64)
        self._pool_length = np.zeros(_REMEMBERED, dtype=np.int64)
        self._pool_cost = np.zeros(_REMEMBERED, dtype=np.int64)
        self._pooled = 0
        self._least = UNSERVED * n

    def _empty(self) -> tuple[Ints, Ints, Ints]:
        day = self._day
        n = day.rides
        tours = np.zeros((day.vehicles, 2 * n + 2), dtype=np.int64)
        tours[:, 0], tours[:, 1] = 2 * n, 2 * n + 1
        return tours, np.full(day.vehicles, 2, dtype=np.int64), np.full(n, -1, dtype=np.int64)

    @property
    def value(self) -> int:
        """Cost of the best plan so far; ``UNSERVED`` and more where it does not serve all."""
        return self._least

    def run(self) -> list[list[int]] | None:
        """Return the stops of each tour (without depots) of the best plan found; ``None`` where none serves all.

        With a time limit, cycles go on until it strikes.
        """
        most = _MOST * max(1, self._params.rounds)
        day, stop = self._day, self._stop
        tours, length, tour_of = self._empty()
        rounds = min(_FIRST, most)
        while rounds <= most or stop.remaining != float("inf"):
            if stop():
                break
            begun = stop.elapsed
            guide = self._least if self._least < UNSERVED else int(day.cost.max()) * day.rides
            self._least, self._pooled = improve(
                tours, length, tour_of, day.drive, day.cost, day.window, day.cap, day.load, day.seats, day.longest,
                self._near, rounds, _HOT * guide, _COLD * guide, self._dice, *self._best,
                self._pool, self._pool_length, self._pool_cost, self._pooled, stop.flag,
            )  # fmt: skip
            self._observer.progress(f"{rounds} rounds", value=self._least if self._least < UNSERVED else None)
            pace = (stop.elapsed - begun) / rounds
            self._recombine()
            for work, best in zip((tours, length, tour_of), self._best, strict=True):
                work[:] = best
            rounds = 2 * rounds
            if stop.remaining != float("inf"):
                rounds = max(_FIRST // 4, min(_FASTER * rounds, int(_LONGEST_CYCLE * stop.remaining / max(pace, 1e-9))))
        if self._least >= UNSERVED:
            return None
        stops, lengths, _ = self._best
        return [stops[v, 1 : lengths[v] - 1].tolist() for v in range(day.vehicles) if lengths[v] > 2]

    def _recombine(self) -> None:
        """Choose the best plan among all tours remembered."""
        if self._least >= UNSERVED or self._stop():
            return
        numbers = self._cheapest_of_each_set()
        day = self._day
        pairs = [(int(code) // 2, at) for at, t in enumerate(numbers) for code in self._stops_of(t) if code % 2 == 0]
        ride, at = (np.array(x, dtype=np.int64) for x in zip(*pairs, strict=True))
        count = len(numbers)
        parts = [(ride, at, 1), (np.full(count, day.rides, dtype=np.int64), np.arange(count), 1)]
        lower = np.concatenate([np.ones(day.rides), [0]]).astype(np.int64)
        upper = np.concatenate([np.ones(day.rides), [day.vehicles]]).astype(np.int64)
        cost = self._pool_cost[numbers]
        whole = Programme(cost=cost, rows=sparse(parts, (day.rides + 1, count)), lower=lower, upper=upper)
        relaxed = relax(whole, ending=self._stop.ending)
        if relaxed is None or relaxed.bound >= self._least or self._stop():
            return
        kept = np.nonzero(relaxed.within(self._least - 1))[0]
        part = Programme(cost=cost[kept], rows=whole.rows[:, kept], lower=lower, upper=upper)
        choice = choose(
            part,
            at_least=relaxed.bound,
            at_most=self._least - 1,
            seconds=min(_CHOICE_SECONDS, 0.1 * self._stop.remaining),
            seed=self._params.seed,
            ending=self._stop.ending,
            deterministic_limit=2.0,
        )
        if choice.chosen is not None:
            self._take_over([self._stops_of(numbers[x]) for x in kept[choice.chosen]])
            self._observer.progress("recombined", value=self._least)

    def _stops_of(self, tour: int) -> Sequence[int]:
        stops: list[int] = self._pool[tour, 1 : self._pool_length[tour] - 1].tolist()
        return stops

    def _cheapest_of_each_set(self) -> Ints:
        """Return the remembered tours, of those with the same rides only the cheapest."""
        count = min(self._pooled, _REMEMBERED)
        inside = np.zeros((count, -(-self._day.rides // 8)), dtype=np.uint8)
        for k in range(1, int(self._pool_length[:count].max(initial=2)) - 1):
            code = self._pool[:count, k].astype(np.int64)
            at = np.nonzero((k < self._pool_length[:count] - 1) & (code % 2 == 0))[0]
            inside[at, code[at] // 16] |= (1 << (code[at] // 2 % 8)).astype(np.uint8)
        order = np.argsort(self._pool_cost[:count], kind="stable")
        _, first = np.unique(inside[order], axis=0, return_index=True)
        return np.sort(order[first])

    def _take_over(self, chosen: list[Sequence[int]]) -> None:
        tours, length, tour_of = self._empty()
        for v, stops in enumerate(chosen):
            tours[v, 1 : len(stops) + 1] = stops
            tours[v, len(stops) + 1] = 2 * self._day.rides + 1
            length[v] = len(stops) + 2
            tour_of[[code // 2 for code in stops]] = v
        self._best = tours, length, tour_of
        self._least = sum(tour_cost(v, tours, length, self._day.cost) for v in range(len(length)))


def blocks_of(stops: Sequence[int]) -> list[list[int]]:
    """Cut a tour's stop codes where nobody is on board."""
    blocks: list[list[int]] = [[]]
    aboard = 0
    for code in stops:
        blocks[-1].append(code)
        aboard += 1 if code % 2 == 0 else -1
        if aboard == 0:
            blocks.append([])
    return blocks[:-1]
