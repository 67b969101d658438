"""Loose days of the literature: tours by large neighbourhood search over stops, recombined by set partitioning.

Where windows are wide, rides long and vehicles large, fragments are too many to list, and whole tours are searched
instead (``flow_lns_kernel``), by one search for each worker. The tours of accepted plans are remembered; unless the day
is large, from time to time the best choice among them is made (``flow_lns_recombination``). The fragments of the tours
found are then added to those that are known, so that all that follows, the checker first of all, deals with columns as
ever. Nothing is proven here.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from optimizer.model import Instance, Stage
from optimizer.params import SolveParams
from optimizer.routing.classes import CAPACITY_KINDS, DutyClass, Fleet
from optimizer.routing.rides import ADULTS, SEATS, Rides
from optimizer.search.flow_lns_insertion import Plan, Tables, empty_plan
from optimizer.search.flow_lns_kernel import UNSERVED, Memory, improve
from optimizer.search.flow_lns_recombination import empty_memory, recombined
from optimizer.search.observer import Observer, SilentObserver
from optimizer.search.stop import Stop
from optimizer.travel.matrix import TravelMatrix

Ints = NDArray[np.int64]

_FIRST = 500
"""Rounds of the first step, which makes a first plan and shows the pace."""
_MOST = 2_000
"""Rounds of a run without a time limit, for each of ``SolveParams.rounds``."""
_HOT, _COLD = 0.005, 0.0007
"""First and last temperature, as shares of the best plan's cost: on R5a nothing moves below, little is kept above."""
_STEPS, _TOGETHER = 40, 10
"""Steps of a run; after each so many the searches share their best plan, and their tours are put together."""
_PIECE, _TO_THE_END = 0.7, 0.03
"""A search makes rounds for this share of the time left of a step, by its last pace, until so little is left."""
_FROM_BEST = 0.45
"""Share of the run after which all searches then go on from the best plan."""
_LARGE = 80
"""Rides of a day above which tours are not put together: on R5a (120) it took seconds, and lowered no cost."""
_CHOICE_SECONDS, _CHOICE_SHARE = 3.0, 0.1
"""Most seconds of putting together, and most of the time left."""
_MOST_TAKEN = 30
_MOST_SEARCHES = 8


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

    def tables(self) -> Tables:
        """Return what the kernels need."""
        return Tables(
            drive=self.drive, cost=self.cost, window=self.window, cap=self.cap, load=self.load, seats=self.seats,
            longest=self.longest,
        )  # fmt: skip

    def room(self) -> int:
        """Return how many stops, depots included, a tour can have at most."""
        n = self.rides
        away = self.drive + np.where(np.eye(2 * n + 2, dtype=np.bool_), self.drive.max(initial=0), 0)
        least = self.window[: 2 * n, 2] + away.min(axis=1)[: 2 * n]
        taken = np.cumsum(np.sort(least[0::2] + least[1::2]))
        return 2 + 2 * max(1, int((taken <= self.longest).sum()))

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
        and instance.change_budget is None
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


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Chain:
    """One search with its own plans, tours remembered, and dice."""

    plan: Plan
    best: Plan
    old: Plan
    memory: Memory
    dice: np.random.Generator

    @property
    def value(self) -> int:
        """Cost of its best plan."""
        return int(self.best.cost.sum()) + UNSERVED * int((self.best.tour_of < 0).sum())

    def take(self, tours: Sequence[Sequence[int]], tables: Tables, *, rides: int) -> None:
        """Make ``tours`` (stops without depots) its best plan."""
        best = self.best
        best.length[:], best.cost[:] = 2, 0
        best.stops[:, 1] = 2 * rides + 1
        for v, stops in enumerate(tours):
            whole = np.array([2 * rides, *stops, 2 * rides + 1])
            best.stops[v, : len(whole)] = whole
            best.length[v] = len(whole)
            best.cost[v] = tables.cost[whole[:-1], whole[1:]].sum()
            best.tour_of[whole[1:-1] // 2] = v

    def begin_again(self) -> None:
        """Go on from the best plan."""
        for work, best in zip(self.plan[:4], self.best[:4], strict=True):
            work[:] = best


class LooseSearch:
    """Searches one day: as many searches as there are workers, each in its thread, and what their tours make together.

    With one worker and no time limit the result is always the same.
    """

    def __init__(self, day: Alike, params: SolveParams, stop: Stop, observer: Observer) -> None:
        self._day = day
        self._params = params
        self._stop = stop
        self._observer = observer
        self._near = day.near()
        self._tables = day.tables()
        n, room = day.rides, day.room()
        self._chains = []
        for dice in np.random.default_rng(params.seed).spawn(min(params.workers, _MOST_SEARCHES)):
            plans = [empty_plan(n, day.vehicles, room, timed=timed) for timed in (True, False, True)]
            # All memories have the same lots.
            memory = empty_memory(n, room, np.random.default_rng(params.seed), is_kept=n <= _LARGE)
            self._chains.append(_Chain(plan=plans[0], best=plans[1], old=plans[2], memory=memory, dice=dice))
        self._pace = [1e-3] * len(self._chains)

    @property
    def value(self) -> int:
        """Cost of the best plan so far; ``UNSERVED`` and more where it does not serve all."""
        return min(chain.value for chain in self._chains)

    def run(self) -> list[list[int]] | None:
        """Return the stops of each tour (without depots) of the best plan found; ``None`` where none serves all.

        With a time limit, the temperature falls by the clock until it strikes.
        """
        stop, limited = self._stop, self._stop.remaining != float("inf")
        most = max(_FIRST, _MOST * self._params.rounds)
        rounds = max(_FIRST // 10, most // _STEPS)
        with ThreadPoolExecutor(len(self._chains)) as team:
            self._improve(team, _FIRST, 0.0, 0.0)
            begun, whole, done, step = stop.elapsed, stop.remaining, 0, 0
            while not stop() and (limited or done < most):
                part = (stop.elapsed - begun) / whole if limited else done / most
                seconds = min(whole / _STEPS, stop.remaining) if limited else None
                self._improve(team, rounds, part, min(1.0, part + 1 / _STEPS), seconds=seconds)
                done, step = done + rounds, step + 1
                if step % _TOGETHER == 0:
                    self._recombine(again=part >= _FROM_BEST)
            if step % _TOGETHER:
                self._recombine(again=False)
        best = min(self._chains, key=lambda chain: chain.value).best
        if self.value >= UNSERVED:
            return None
        return _tours_of(best)

    def _improve(
        self, team: ThreadPoolExecutor, rounds: int, part: float, following: float, *, seconds: float | None = None
    ) -> None:
        """Let each search go on, cooling from one part of the whole run to the ``following``.

        Each makes ``rounds``, or as many as it can in so many ``seconds``: one that is quicker waits for no other.
        """
        if self._stop():
            return
        value = self.value
        guide = max(1, value if value < UNSERVED else int(self._day.cost.max()) * self._day.rides)
        most = max(2, min(_MOST_TAKEN, self._day.rides // 3))

        def go(chain: _Chain, rounds: int, at: float, to: float) -> None:
            hot, cold = (guide * _HOT * (_COLD / _HOT) ** (part + x * (following - part)) for x in (at, to))
            improve(
                chain.plan, chain.best, chain.old, chain.memory, self._tables, self._near, rounds, hot, cold, most,
                chain.dice, self._stop.flag,
            )  # fmt: skip

        def go_on(number: int) -> None:
            chain = self._chains[number]
            if seconds is None:
                begun = self._stop.elapsed
                go(chain, rounds, 0.0, 1.0)
                self._pace[number] = max(1e-6, (self._stop.elapsed - begun) / rounds)
                return
            begun, at = self._stop.elapsed, 0.0
            while at < 1.0 - _TO_THE_END and not self._stop():
                to = at + _PIECE * (1.0 - at)
                pace = self._pace[number]
                since, some = self._stop.elapsed, max(1, int((to - at) * seconds / pace))
                go(chain, some, at, to)
                now = self._stop.elapsed
                self._pace[number], at = max(1e-6, (now - since) / some), min(1.0, (now - begun) / seconds)

        list(team.map(go_on, range(len(self._chains))))
        value = self.value
        self._observer.progress("searching", value=value if value < UNSERVED else None)

    def _recombine(self, *, again: bool) -> None:
        """Share the best plan, chosen unless the day is large among all tours remembered.

        Where wanted, all searches go on from it ``again``.
        """
        value = self.value
        if value >= UNSERVED or self._stop():
            return
        tours = None
        if self._day.rides <= _LARGE:
            tours = recombined(
                [chain.memory for chain in self._chains],
                vehicles=self._day.vehicles,
                below=value,
                seconds=min(_CHOICE_SECONDS, _CHOICE_SHARE * self._stop.remaining),
                seed=self._params.seed,
                stop=self._stop,
            )
        if tours is None:
            best = min(self._chains, key=lambda chain: chain.value).best
            tours = _tours_of(best)
        for chain in self._chains:
            chain.take(tours, self._tables, rides=self._day.rides)
            if again:
                chain.begin_again()
        self._observer.progress("recombined", value=self.value)


def load_kernels() -> None:
    """Compile the kernels, which takes up to a minute once on a machine, or load them from the cache."""
    apart = 1 - np.eye(4, dtype=np.int64)
    day = Alike(
        drive=apart, cost=apart, window=np.full((4, 3), [0, 9, 0], dtype=np.int64), cap=np.ones(1, dtype=np.int64),
        load=np.array([1, -1, 0, 0], dtype=np.int64), seats=1, longest=9, vehicles=1,
    )  # fmt: skip
    with Stop() as stop:
        LooseSearch(day, SolveParams(workers=1, rounds=0), stop, SilentObserver()).run()


def _tours_of(plan: Plan) -> list[list[int]]:
    """Return the stops (without depots) of each tour that carries somebody."""
    return [stops[1 : m - 1].tolist() for stops, m in zip(plan.stops, plan.length.tolist(), strict=True) if m > 2]


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
