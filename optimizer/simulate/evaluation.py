"""One evaluation: a scenario, or one draw of it, solved with a seed and limits that count work instead of seconds.

No clock is asked anywhere, so the same seed gives the same outcome on any machine, in any process, however busy.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Set
from dataclasses import dataclass, replace

from optimizer.days.recipe import solve_days
from optimizer.explain.trials import narrowed, subproblem
from optimizer.model import DutyId, Instance, InstanceIndex, Request, RequestId, Seconds
from optimizer.params import SolveParams
from optimizer.result import Result
from optimizer.simulate.changes_rules import SecondRoundOff
from optimizer.simulate.draws import NO_CHANCE, Draws, world
from optimizer.simulate.outcome import Limits, Outcome
from optimizer.simulate.scenario import Scenario, covering
from optimizer.solve import solve
from optimizer.travel import TravelMatrix, TravelProvider
from optimizer.verify.objective import night_seconds
from optimizer.verify.plan import new_requests_by_zab
from optimizer.verify.view import Ride, View


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluated:
    """An outcome with the plan behind it: for a time line, a map, or the checker."""

    outcome: Outcome
    instance: Instance
    travel: TravelMatrix
    result: Result


def evaluate(
    scenario: Scenario,
    snapshot: Instance,
    travel: TravelMatrix,
    *,
    draws: Draws = NO_CHANCE,
    draw: int = 0,
    limits: Limits | None = None,
    seed: int = 0,
    provider: TravelProvider | None = None,
    is_cancelled: Callable[[], bool] = lambda: False,
) -> Evaluated:
    """Solve one draw of a scenario; the snapshot stays as it is.

    Parameters
    ----------
    draws, draw
        What is left to chance, and which draw (0 or more).
    limits
        Work of the solver; ``None``: the defaults.
    seed
        Of the solver, 0 or more; that of chance stands in ``draws``.
    provider
        Travel times of places that are new, see ``covering``.
    is_cancelled
        Ends the search early; what is returned then is no outcome to keep.

    Raises
    ------
    InvalidValue
        Where a change of the scenario names what is not there.
    UnsoundSolution
        Where the checker refuses the plan: a defect.
    """
    params = (limits or Limits()).params(seed)
    drawn = world(scenario, snapshot, draws, draw)
    matrix = covering(snapshot, travel, drawn.instance, provider)
    instance, result = solved(drawn.instance, matrix, params, is_cancelled=is_cancelled)
    outcome = outcome_of(
        instance,
        matrix,
        result,
        at_door=drawn.at_door,
        own=scenario.second_round_off,
        draw=draw,
    )
    promised = InstanceIndex(snapshot).committed_duty.keys() & {r.id for r in instance.requests}
    kept = InstanceIndex(instance).committed_duty.keys()
    outcome = replace(outcome, cancelled=drawn.cancelled, released=len(promised - kept))
    return Evaluated(outcome=outcome, instance=instance, travel=matrix, result=result)


def solved(
    instance: Instance,
    travel: TravelMatrix,
    params: SolveParams,
    *,
    is_cancelled: Callable[[], bool] = lambda: False,
) -> tuple[Instance, Result]:
    """Return a problem and its answer; without those of its promises that no plan can keep.

    What happens in a scenario may make a promise impossible: whom it strikes is planned anew with the pool, the others
    stay promised. A day on which all promises can be kept comes back as it is.
    """
    result = solve_days(instance, travel, params, is_cancelled=is_cancelled)
    if result.objective is None and instance.commitments and not is_cancelled():
        instance = _without_broken_promises(instance, travel, params)
        result = solve_days(instance, travel, params, is_cancelled=is_cancelled)
    return instance, result


def _without_broken_promises(instance: Instance, travel: TravelMatrix, params: SolveParams) -> Instance:
    """Return the instance without the commitments that no tour of their duty can keep, each duty by itself.

    Where that is not enough (two duties exclude each other), no commitment is left.
    """
    index = InstanceIndex(instance)
    kept = tuple(c for c in instance.commitments if _can_be_kept(index, travel, c.duty, params))
    if len(kept) == len(instance.commitments):
        kept = ()
    return replace(instance, commitments=kept)


def _can_be_kept(index: InstanceIndex, travel: TravelMatrix, duty: DutyId, params: SolveParams) -> bool:
    alone = subproblem(index, [], [duty])
    return solve(alone, narrowed(travel, alone), params).objective is not None


def outcome_of(
    instance: Instance,
    travel: TravelMatrix,
    result: Result,
    *,
    at_door: Set[RequestId] = frozenset(),
    own: SecondRoundOff | None = None,
    draw: int = 0,
) -> Outcome:
    """Return what a plan comes to.

    Parameters
    ----------
    at_door
        Requests that fail at the door.
    own
        Set where there is no second round: unplaced requests are then driven by their ABHs, as far as these can.
    draw
        Which draw (0 or more) decides whose ABH can.

    Raises
    ------
    InvalidValue
        Where the matrix lacks a place.
    """
    load = {zab.id: 0 for zab in instance.zabs}
    terms = result.objective
    if terms is None:
        return Outcome(status=result.status.value, load=load)
    view = View(instance, travel, result.solution)
    rides = list(view.rides())
    made = [ride for ride in rides if ride.request.id not in at_door]
    served = result.solution.served
    left = [r for r in view.index.pool if r.id not in served]
    driven = [] if own is None else [r for r in left if own.can_drive(r, draw)]
    there = [r for r in driven if r.id not in at_door]
    own_metres = sum(travel.distance(a, b) + travel.distance(b, a) for a, b in map(_ends, driven))
    return Outcome(
        status=result.status.value,
        requests=len(instance.requests),
        carried=len(made) + len(there),
        unplaced=len(left) - len(driven),
        failed=len(rides) - len(made) + len(driven) - len(there),
        custody=sum(ride.on_board - view.direct(ride.request) for ride in made),
        on_board=sum(ride.on_board for ride in made) + sum(view.direct(r) for r in there),
        night=sum(_night(view, ride) for ride in made),
        metres=terms.metres + own_metres,
        cost=round(terms.cost / 10_000),
        own_drives=len(there),
        own_metres=own_metres,
        load=load | dict(Counter(new_requests_by_zab(view))),
        served_weight=terms.served,
        gap=result.gap,
    )


def _ends(request: Request) -> tuple[str, str]:
    return request.pickup.place, request.delivery.place


def _night(view: View, ride: Ride) -> Seconds:
    return night_seconds(view, ride.pickup.departure, ride.delivery.start)
