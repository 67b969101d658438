"""Chance: what may come otherwise than the file says, drawn so that draw k is the same world in every scenario.

Every number is drawn by seed, draw and the name of what it decides (``edits.uniform``). A request that two scenarios
share is cancelled in both or in neither, a flight is late in both or in neither: what remains as a difference is the
scenario. These are common random numbers (Law, Simulation Modeling and Analysis, 5th ed., section 11.2).

The order: a busier day adds its requests to the snapshot first, so that changes of the scenario act on them too; then
the scenario; then a quieter day, cancellations and delays strike whatever there is.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from optimizer.errors import InvalidValue
from optimizer.model import MINUTE, Instance, InstanceIndex, PlaceKind, Request, RequestId, Seconds
from optimizer.model.value import Value
from optimizer.simulate.changes_demand import delayed
from optimizer.simulate.edits import uniform, unit_key, without_requests
from optimizer.simulate.scenario import Scenario, apply
from optimizer.simulate.synthetic import like_the_day

_STEP = 5 * MINUTE
_LONGEST_DELAY = 180 * MINUTE
"""Seconds: a flight that is later still is another flight."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draws(Value):
    """What is left to chance. All shares are of 1, all numbers assumptions but where a source is named.

    Parameters
    ----------
    seed
        0 or more: the same seed, the same worlds.
    cancelled_ahead
        Share of requests, promised ones too, whose measure falls away before the plan is made. Default: 52 % are
        cancelled or fail, a quarter of these a week ahead and a third one to six days ahead (domain notes; press).
    cancelled_at_door
        Share whose measure fails at the door: planned, driven to, not carried. Default: the rest of the 52 %.
    delayed, delay_mean
        Share of flights that are known to be late before the plan is made, and their mean delay in seconds, drawn from
        an exponential distribution in steps of five minutes, at most three hours *(ours)*.
    demand
        Whether the number of pool requests is drawn too, from a Poisson distribution around that of the file.
    """

    seed: int = 0
    cancelled_ahead: float = 0.52 * (1 / 4 + 1 / 3)
    cancelled_at_door: float = 0.52 * (1 - 1 / 4 - 1 / 3)
    delayed: float = 0.2
    delay_mean: Seconds = 30 * MINUTE
    demand: bool = True

    def __post_init__(self) -> None:
        if self.seed < 0:
            raise InvalidValue("draws.seed", "0 or more", self.seed)
        for name, share in (
            ("cancelled_ahead", self.cancelled_ahead),
            ("cancelled_at_door", self.cancelled_at_door),
            ("delayed", self.delayed),
        ):
            if not 0 <= share <= 1:
                raise InvalidValue(f"draws.{name}", "0 to 1", share)
        if self.cancelled_ahead + self.cancelled_at_door > 1:
            raise InvalidValue(
                "draws.cancelled_ahead, cancelled_at_door", "at most 1 together",
                self.cancelled_ahead + self.cancelled_at_door,
            )  # fmt: skip
        if self.delay_mean < 0:
            raise InvalidValue("draws.delay_mean", "0 or more seconds", self.delay_mean)


NO_CHANCE = Draws(cancelled_ahead=0.0, cancelled_at_door=0.0, delayed=0.0, demand=False)
"""The file as it is: every draw is the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """One draw of one scenario: the problem as it is planned, and who will not be there."""

    instance: Instance
    at_door: frozenset[RequestId]
    cancelled: int


def world(scenario: Scenario, snapshot: Instance, draws: Draws, draw: int) -> World:
    """Return the world that ``draw`` (0 or more) makes of a scenario; the snapshot stays as it is.

    Raises
    ------
    InvalidValue
        Where a change of the scenario names what is not there.
    """
    factor = _demand(snapshot, draws, draw)
    pool = len(InstanceIndex(snapshot).pool)
    more = max(0, round((factor - 1) * pool))
    busier = like_the_day(snapshot, more, seed=draws.seed, draw=draw + 1, prefix="Y") if more else snapshot
    instance = apply(scenario, busier)
    promised = InstanceIndex(instance).committed_duty

    def fate(purpose: str, request: Request) -> float:
        return uniform(draws.seed, draw, purpose, unit_key(request))

    absent = {r.id for r in instance.requests if r.id not in promised and fate("demand", r) >= factor}
    instance = without_requests(instance, absent)
    gone = {r.id for r in instance.requests if fate("cancel", r) < draws.cancelled_ahead}
    instance = _late(without_requests(instance, gone), draws, draw)
    until = draws.cancelled_ahead + draws.cancelled_at_door
    at_door = frozenset(r.id for r in instance.requests if fate("cancel", r) < until)
    return World(instance=instance, at_door=at_door, cancelled=len(gone))


def _demand(snapshot: Instance, draws: Draws, draw: int) -> float:
    """Return how many times the pool of the file the pool of this draw is."""
    pool = len(InstanceIndex(snapshot).pool)
    if not draws.demand or not pool:
        return 1.0
    from scipy.stats import poisson  # noqa: PLC0415 - half a second that only whoever draws needs

    number = poisson.ppf(uniform(draws.seed, draw, "demand", ""), pool)
    return float(number) / pool


def _late(instance: Instance, draws: Draws, draw: int) -> Instance:
    airports = {place.id for place in instance.places if place.kind is PlaceKind.AIRPORT}
    by = {
        request.id: _delay(draws, draw, f"{request.delivery.place} {request.delivery.latest}")
        for request in instance.requests
        if request.delivery.place in airports
    }
    by = {request: seconds for request, seconds in by.items() if seconds}
    return delayed(instance, by) if by else instance


def _delay(draws: Draws, draw: int, flight: str) -> Seconds:
    if uniform(draws.seed, draw, "late", flight) >= draws.delayed:
        return 0
    seconds = -math.log1p(-uniform(draws.seed, draw, "delay", flight)) * draws.delay_mean
    return min(_LONGEST_DELAY, round(seconds / _STEP) * _STEP)
