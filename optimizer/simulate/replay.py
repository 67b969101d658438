"""Back-test: a past period replayed day by day, as the exchange would have run it under these rules.

At each night run only what was known by then is planned; tours that begin soon are frozen, the rest of the published
plan may change within its budget (``optimizer.rolling``); then the day is driven, and what fell away in the meantime is
driven to in vain or frees its seat. Nobody in the replay knows the future, so its figures are what the rules can do and
not what hindsight could.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace

from optimizer.granted.edits import known
from optimizer.model import DAY, DutyId, Instance, InstanceIndex, Promise, RequestId, Seconds, Solution, Tour
from optimizer.result import Result, Status
from optimizer.rolling import roll
from optimizer.simulate.edits import days_of, local_day, without_duties
from optimizer.simulate.evaluation import outcome_of, solved
from optimizer.simulate.outcome import Limits, Outcome
from optimizer.simulate.running import History, Running
from optimizer.simulate.scenario import Scenario, apply, covering
from optimizer.travel import TravelMatrix
from optimizer.verify.objective import objective


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """A period as it would have gone.

    Parameters
    ----------
    outcome
        Of the whole period; ``gap`` is the mean of the runs, ``status`` ``optimal`` where every run was proven.
    days
        Outcome of each local day: requests by the day of their pick-up, tours by that of their shift.
    instance, travel, solution
        What was driven, for the checker: the problem without those who fell away in time, and all tours.
    """

    outcome: Outcome
    days: tuple[Outcome, ...]
    instance: Instance
    travel: TravelMatrix
    solution: Solution


def replay(
    scenario: Scenario,
    instance: Instance,
    travel: TravelMatrix,
    *,
    history: History | None = None,
    running: Running | None = None,
    limits: Limits | None = None,
    seed: int = 0,
    days: int | None = None,
    is_cancelled: Callable[[], bool] = lambda: False,
) -> Replayed:
    """Replay the days of a file under a scenario and the rules of running; the file's values stay as they are.

    Parameters
    ----------
    instance
        The whole period: all requests that came, all duties there were, promises of the first round.
    history, running
        ``None``: the defaults of their fields.
    days
        Local days, 1 or more; ``None``: up to the last shift or pick-up of the scenario.
    is_cancelled
        Ends it early, between two days; the days so far are then all that was driven.

    Raises
    ------
    InvalidValue
        Where scenario or history name what is not there, or the file has no calendar.
    """
    history = history or History()
    see_that_it_fits(history, instance)
    changed = apply(scenario, instance)
    days = days_of(changed) if days is None else days
    period = _Period(changed, covering(instance, travel, changed), history, running or Running(), days)
    params = (limits or Limits()).params(seed)
    gaps: list[float] = []
    proven = True
    for day in range(days):
        if is_cancelled():
            break
        _, result = solved(period.problem(day), period.travel, params)
        period.publish(result, day)
        gaps.append(result.gap)
        proven = proven and result.status is Status.OPTIMAL
    mean_gap = sum(gaps) / len(gaps) if gaps else 0.0
    return period.told(scenario, status=Status.OPTIMAL if proven else Status.FEASIBLE, gap=mean_gap)


def see_that_it_fits(history: History, instance: Instance) -> None:
    """Refuse a history of requests that the period has not.

    Raises
    ------
    InvalidValue
        Naming some that it has.
    """
    ids = {request.id for request in instance.requests}
    for who in (*history.known, *history.cancelled, *history.failed):
        known("history", who, ids)


class _Period:
    """What is known, published and driven so far."""

    def __init__(self, instance: Instance, travel: TravelMatrix, history: History, running: Running, days: int) -> None:
        self.travel = travel
        self._days = days
        self._instance = instance
        self._index = InstanceIndex(instance)
        self._history, self._running = history, running
        self._plan: dict[DutyId, Tour] = {}
        self._driven: dict[DutyId, Tour] = {}
        self._fallen: set[RequestId] = set()

    def _now(self, day: int) -> Seconds:
        # The first run comes before everything: what began earlier would be planned by none.
        return local_day(self._instance, day).earliest + (self._running.at if day else 0)

    def _is_known(self, request: RequestId, now: Seconds) -> bool:
        asked = self._index.request[request]
        since = self._history.known.get(request)
        if since is None:
            since = asked.pickup.earliest - self._running.known_days * DAY
        return request in self._index.committed_duty or since <= now

    def problem(self, day: int) -> Instance:
        """Return what a run at the beginning of a day plans: known requests, duties of the next days, the plan."""
        now = self._now(day)
        until = self._now(day + self._running.ahead_days)
        self._fall({r for r, at in self._history.cancelled.items() if at <= now})
        # Yesterday's tours stay, fixed: whoever drove them must rest, and their vehicles may still be out.
        begins = {duty.id: self._index.duty_shift(duty.id).start for duty in self._instance.duties}
        duties = {
            duty
            for duty, begin in begins.items()
            if now <= begin < until or (duty in self._driven and begin >= now - DAY)
        }
        riding = {r for duty in duties & self._driven.keys() for r in self._driven[duty].requests}
        promised = {r for r, duty in self._index.committed_duty.items() if duty in duties}
        done = {r for tour in self._driven.values() for r in tour.requests}
        waiting = {
            r.id
            for r in self._index.pool
            if r.id not in done and self._is_known(r.id, now) and now <= r.pickup.latest and r.pickup.earliest < until
        }
        wanted = (waiting | promised | riding) - self._fallen
        there = {r.id for r in self._instance.requests}
        left = without_duties(self._instance, {d.id for d in self._instance.duties} - duties)
        left = _narrowed(left, there - wanted)
        stops = {duty: tour.promises for duty, tour in {**self._plan, **self._driven}.items() if duty in duties}
        rolled = roll(
            left,
            stops,
            frozen_until=now + self._running.frozen,
            change_budget=self._running.change_budget,
        )
        return self._with_ledger(rolled)

    def _fall(self, gone: set[RequestId]) -> None:
        """Note who fell away, with the rest of their bundles, unless they were driven before."""
        whole = {member for unit in self._index.units if gone & set(unit) for member in unit}
        self._fallen |= (gone | whole) - {r for tour in self._driven.values() for r in tour.requests}

    def _with_ledger(self, problem: Instance) -> Instance:
        """Return the problem with what each ZAB took so far: its load goes on, and its budget is used up."""
        index = InstanceIndex(problem)
        carried = {r: duty for duty, tour in self._driven.items() for r in tour.requests}
        carried |= {r: duty for r, duty in index.committed_duty.items() if r not in self._index.committed_duty}
        taken = Counter(
            self._index.duty_zab(duty) for r, duty in carried.items() if r not in self._index.committed_duty
        )
        return replace(problem, zabs=tuple(zab.having_taken(taken[zab.id]) for zab in problem.zabs))

    def publish(self, result: Result, day: int) -> None:
        """Take a run's plan for the published one, and drive what begins before the next run."""
        if result.objective is not None:
            self._plan = {tour.duty: tour for tour in result.solution.tours}
        next_run = self._now(day + 1)
        for duty, tour in self._plan.items():
            if duty not in self._driven and self._index.duty_shift(duty).start < next_run:
                self._driven[duty] = tour

    def told(self, scenario: Scenario, *, status: Status, gap: float) -> Replayed:
        """Return the period as it went."""
        order = {duty.id: number for number, duty in enumerate(self._instance.duties)}
        tours = tuple(sorted(self._driven.values(), key=lambda tour: order[tour.duty]))
        solution = Solution(tours=tours)
        served = solution.served
        late = {r for r in self._history.cancelled if r in served}
        self._fall(set(self._history.cancelled))
        at_door = (late | set(self._history.failed)) & served
        instance = _narrowed(self._instance, self._fallen)
        kept = tuple(c for c in instance.commitments if _is_kept(c.promises, self._driven.get(c.duty)))
        instance = replace(instance, commitments=kept)
        whole = self._outcome(instance, solution, scenario, at_door, status=status, gap=gap)
        days = tuple(
            self._outcome(*self._of_day(instance, solution, day), scenario, at_door, status=status, gap=gap)
            for day in range(self._days)
        )
        whole = replace(
            whole,
            cancelled=len(self._fallen),
            released=len(self._index.committed_duty) - sum(len(c.promises) for c in kept) // 2,
        )
        return Replayed(outcome=whole, days=days, instance=instance, travel=self.travel, solution=solution)

    def _of_day(self, instance: Instance, solution: Solution, day: int) -> tuple[Instance, Solution]:
        when = local_day(instance, day)
        duties = {d.id for d in instance.duties if when.earliest <= self._index.duty_shift(d.id).start <= when.latest}
        tours = tuple(tour for tour in solution.tours if tour.duty in duties)
        riding = {r for tour in tours for r in tour.requests}
        served = solution.served
        of_day = riding | {
            r.id for r in instance.requests if r.id not in served and when.earliest <= r.pickup.earliest <= when.latest
        }
        left = without_duties(instance, {d.id for d in instance.duties} - duties)
        return _narrowed(left, {r.id for r in instance.requests} - of_day), Solution(tours=tours)

    def _outcome(
        self,
        instance: Instance,
        solution: Solution,
        scenario: Scenario,
        at_door: set[RequestId],
        *,
        status: Status,
        gap: float,
    ) -> Outcome:
        told = Result(
            status=status,
            stages=(),
            objective=objective(instance, self.travel, solution),
            solution=solution,
            unserved=(),
            complete=True,
            statistics={},
        )
        made = outcome_of(instance, self.travel, told, at_door=at_door, own=scenario.second_round_off)
        return replace(made, gap=gap)


def _narrowed(instance: Instance, gone: set[RequestId]) -> Instance:
    """Return the instance without these requests; a partner of a bundle that stays is a request of its own then."""
    left = tuple(
        replace(r, excluded=r.excluded - gone, bundle=None if _has_partner(instance, r.bundle, gone) else r.bundle)
        for r in instance.requests
        if r.id not in gone
    )
    promises = [(c, tuple(p for p in c.promises if p.request not in gone)) for c in instance.commitments]
    return replace(
        instance,
        requests=left,
        commitments=tuple(replace(c, promises=kept) for c, kept in promises if kept),
        published=tuple(was for was in instance.published if was.request not in gone),
    )


def _has_partner(instance: Instance, bundle: str | None, gone: set[RequestId]) -> bool:
    return bundle is not None and any(r.id in gone and r.bundle == bundle for r in instance.requests)


def _is_kept(promises: tuple[Promise, ...], tour: Tour | None) -> bool:
    return tour is not None and {p.request for p in promises} <= tour.requests
