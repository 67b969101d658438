"""Simulations as people ask for them: a snapshot of some days, scenarios, and what is left to chance. Loads no solver.

The snapshot is read here, by a connection that the database lets change nothing, and kept with the run; workers read
nothing else. A simulation is a run of its own kind: durable, watched by events, ended with what it has by then.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from importlib.metadata import version
from typing import Any

from sqlalchemy.orm import Session

from api import audit
from api.actor import Actor
from api.db.snapshots import Snapshots
from api.db.tables import Run, RunInput, RunKind, RunState, Simulation, SimulationKind
from api.errors import Code, FieldError, Problem, not_found
from api.mapping.horizon import Horizon
from api.mapping.problem import Mapped
from api.mapping.snapshots import written
from api.mapping.what_if import plain_of, read, refused
from api.repositories import what_if as rows
from api.services import gatekeeping, looking, opened_gates, parameters, scenarios
from api.services.preparing import LIBRARIES
from api.services.runs import MOST_DAYS, cancelled
from api.settings import Settings
from optimizer.errors import InvalidValue
from optimizer.model import Instance, RequestId
from optimizer.simulate.draws import NO_CHANCE
from optimizer.simulate.outcome import Limits
from optimizer.simulate.running import History
from optimizer.simulate.scenario import Scenario, apply
from optimizer.simulate.sweep import FleetSizes, Sweep
from optimizer.travel import TravelMatrix

MOST_SCENARIOS = 60
MOST_DRAWS = 1_000
MOST_LIVE = 5
"""Simulations of an organisation that wait or are at work at the same time."""
_MOST_RESULTS = 20_000
_HARDER = 10
"""So many times the default work an evaluation may be at most."""
TODAY = Scenario(id="today", title={"de": "wie es steht", "en": "as it stands"})
"""What scenarios are compared with: the snapshot as it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is to be simulated, before it is known of which days.

    Parameters
    ----------
    places
        JSON pointer of each scenario in the body, by its id: faults are told there.
    """

    kind: SimulationKind
    sweep: Sweep
    places: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """The state of some days as a value."""

    horizon: Horizon
    instance: Instance
    travel: TravelMatrix
    parameter_set: str
    versions: Mapping[str, Any]
    history: History | None = None
    """Of days that are over."""


def wanted(
    session: Session,
    actor: Actor,
    name: str,
    *,
    scenario_ids: Sequence[uuid.UUID],
    inline: Sequence[Mapping[str, Any]],
    sweep: Mapping[str, Any] | None,
) -> Wanted:
    """Return what is asked for as values of the optimizer.

    Parameters
    ----------
    scenario_ids, inline
        Scenarios that are kept, and others as they were sent.
    sweep
        A sweep as it was sent, which may name further ones; ``None``: nothing is left to chance.

    Raises
    ------
    Problem
        ``not_found`` (404) of a scenario; ``body_invalid`` or ``value_refused`` (422) with the path of each fault.
    """
    found = scenarios.chosen(session, actor, scenario_ids, inline)
    if sweep is None:
        made = Sweep(name=name, baseline=TODAY, draws=NO_CHANCE, fewest=2, most=2)
    else:
        made = read(Sweep, {"baseline": plain_of(TODAY), **sweep, "name": name}, "/sweep")
        found += [(each, f"/sweep/scenarios/{n}") for n, each in enumerate(made.scenarios)]
    for scenario, place in [*found, (made.baseline, "/sweep/baseline")]:
        scenarios.see_that_it_is_small(scenario, place)
    see_that_they_differ([(made.baseline, "/sweep/baseline"), *found])
    _see_that_it_is_small(made)
    made = replace(made, scenarios=tuple(scenario for scenario, _ in found))
    kind = SimulationKind.PLANS if sweep is None else SimulationKind.SWEEP
    return Wanted(kind=kind, sweep=made, places={made.baseline.id: "/sweep/baseline"} | {s.id: at for s, at in found})


def see_that_they_differ(scenarios_at: Sequence[tuple[Scenario, str]]) -> None:
    """Refuse scenarios of the same id, each at its place but the first: results are told by it.

    Raises
    ------
    Problem
        ``value_refused`` (422).
    """
    known: set[str] = set()
    errors = []
    for scenario, place in scenarios_at:
        if scenario.id in known:
            errors.append(FieldError(path=place, expected="an id that no scenario before it has"))
        known.add(scenario.id)
    if errors:
        raise Problem(Code.VALUE_REFUSED, "Nothing was stored. Mend what 'errors' names.", errors=errors)


def _see_that_it_is_small(sweep: Sweep) -> None:
    errors = []
    if sweep.most > MOST_DRAWS:
        errors.append(FieldError(path="/sweep/most", expected=f"at most {MOST_DRAWS}"))
    errors += hard_limits(sweep.limits, "/sweep/limits")
    for number, study in enumerate(sweep.studies):
        if isinstance(study, FleetSizes) and study.sizes[-1] > scenarios.MOST_VEHICLES:
            errors.append(
                FieldError(path=f"/sweep/studies/{number}/sizes", expected=f"at most {scenarios.MOST_VEHICLES}")
            )
    if errors:
        raise Problem(Code.VALUE_REFUSED, "Nothing was stored. Mend what 'errors' names.", errors=errors)


def hard_limits(limits: Limits, where: str) -> list[FieldError]:
    """Return the faults of limits that let one evaluation take all day."""
    most = {
        name: _HARDER * int(getattr(Limits(), name)) for name in ("rounds", "max_nodes", "max_fragments", "max_columns")
    }
    return [
        FieldError(path=f"{where}/{name}", expected=f"at most {number}")
        for name, number in most.items()
        if getattr(limits, name) > number
    ]


def snapshot(
    session: Session,
    horizon: Horizon,
    settings: Settings,
    *,
    now: datetime,
    opened: Collection[uuid.UUID] = (),
) -> Snapshot:
    """Return the state of these days, as a run that began now would see it; ``session`` need only read.

    Parameters
    ----------
    opened
        Requests that are in it whatever gates keep them out.

    Raises
    ------
    Problem
        ``value_refused`` (422) where there is nothing to be planned in these days.
    """
    mapped = looking.days(session, horizon, settings, now=now, opened=opened)
    if not mapped.instance.requests:
        raise Problem(
            Code.VALUE_REFUSED, "Nobody waits or is promised in these days. Choose others.",
            errors=[FieldError(path="/first_day", expected="days with requests")],
        )  # fmt: skip
    return snapshot_of(session, horizon, mapped)


def snapshot_of(session: Session, horizon: Horizon, mapped: Mapped, history: History | None = None) -> Snapshot:
    """Return days as they were read, with what a run of them is stored with."""
    return Snapshot(
        horizon=horizon, instance=mapped.instance, travel=mapped.travel, history=history,
        parameter_set=parameters.row_in_force(session, horizon.first).name,
        versions={"requests": dict(mapped.request_versions), "duties": dict(mapped.duty_versions)},
    )  # fmt: skip


def start(
    session: Session, actor: Actor, asked: Wanted, horizon: Horizon, snapshots: Snapshots, settings: Settings, *,
    now: datetime,
) -> Simulation:  # fmt: skip
    """Take the snapshot, see whether every scenario can be made of it, and queue the simulation.

    Raises
    ------
    Problem
        ``in_use`` (409) where the organisation has as many as may wait; ``value_refused`` (422) with the path of what
        the days do not have; ``unavailable`` (503) where the snapshot cannot be read.
    """
    see_room(session, actor)
    if horizon.days > MOST_DAYS:
        raise Problem(Code.VALUE_REFUSED, f"Expected at most {MOST_DAYS} days, got {horizon.days}. Ask for fewer.")
    with snapshots.reading() as reader:
        wished = opened_gates.opened(session, actor, (asked.sweep.baseline, *asked.sweep.scenarios), asked.places)
        taken = snapshot(reader, horizon, settings, now=now, opened=wished)
        held = frozenset(str(key) for key in gatekeeping.blocked(reader, wished, now=now))
        held &= {request.id for request in taken.instance.requests}
    # The problem begins a day before the first one, for tours that reach into it; a scenario counts from the first.
    before = horizon.calendar.seconds(horizon.since)
    sweep = replace(
        asked.sweep, baseline=asked.sweep.baseline.counted_from(before, 1),
        scenarios=tuple(each.counted_from(before, 1) for each in asked.sweep.scenarios),
    )  # fmt: skip
    every = _tried(sweep, taken.instance, asked.places, held)
    if held:
        sweep = opened_gates.kept_apart(sweep, held)
        every = sweep.all_scenarios(taken.instance)
    return queued(
        session, actor, asked.kind, sweep.name, plain_of(sweep), every, taken, days=horizon.days, seed=sweep.seed,
        now=now,
    )  # fmt: skip


def see_room(session: Session, actor: Actor) -> None:
    """Refuse where an organisation has as many simulations under way as there may be.

    Raises
    ------
    Problem
        ``in_use`` (409).
    """
    if rows.live_of(session, actor.organisation_id) >= MOST_LIVE:
        raise Problem(
            Code.IN_USE, f"Your organisation has {MOST_LIVE} simulations under way. Wait for one, or end one."
        )


def _tried(
    sweep: Sweep, instance: Instance, places: Mapping[str, str], held: frozenset[RequestId]
) -> tuple[Scenario, ...]:
    try:
        every = sweep.all_scenarios(instance)
    except InvalidValue as error:
        raise refused(error, "/sweep/studies") from error
    if len(every) > MOST_SCENARIOS or len(every) * sweep.most > _MOST_RESULTS:
        raise Problem(
            Code.VALUE_REFUSED,
            f"Expected at most {MOST_SCENARIOS} scenarios and {_MOST_RESULTS} results, got {len(every)} scenarios of "
            f"{sweep.most} draws. Ask for fewer.",
        )
    for scenario in every:
        see_that_they_apply([scenario], opened_gates.as_seen_by(scenario, instance, held), places, "/sweep/studies")
    return every


def see_that_they_apply(
    every: Sequence[Scenario], instance: Instance, places: Mapping[str, str], elsewhere: str
) -> None:
    """Refuse scenarios that name what the days do not have.

    Parameters
    ----------
    places, elsewhere
        JSON pointer of a scenario in the body by its id, and of those that the body does not have.

    Raises
    ------
    Problem
        ``value_refused`` (422) with the path of the first.
    """
    for scenario in every:
        try:
            apply(scenario, instance)
        except InvalidValue as error:
            raise refused(error, places.get(scenario.id, elsewhere)) from error


def queued(
    session: Session, actor: Actor, kind: SimulationKind, name: str, document: dict[str, Any],
    every: Sequence[Scenario], taken: Snapshot, *, days: int, seed: int, now: datetime,
) -> Simulation:  # fmt: skip
    """Queue a simulation of a snapshot.

    Parameters
    ----------
    document
        The sweep, or the back-test.
    every
        All scenarios of it, what they are compared with first.
    days
        Local days that figures stand for, 1 or more.
    """
    if actor.organisation_id is None:
        raise AssertionError("only organisations simulate")
    text = written(taken.instance, taken.travel, taken.history)
    run = Run(
        created_at=now, updated_at=now, kind=RunKind.SIMULATION, state=RunState.QUEUED, horizon=str(taken.horizon),
        horizon_from=taken.horizon.since, horizon_to=taken.horizon.until, night=None,
        parameter_set=taken.parameter_set, solve_params={"seed": seed, "workers": 1}, account_id=actor.account_id,
        input_sha256=hashlib.sha256(text).hexdigest(),
        versions={"libraries": {each: version(each) for each in LIBRARIES}, **taken.versions},
    )  # fmt: skip
    session.add(run)
    session.flush()
    session.add(RunInput(run_id=run.id, instance=text, result=None))
    row = Simulation(
        run_id=run.id, organisation_id=actor.organisation_id, kind=kind, name=name, wanted=document,
        scenarios={"items": [plain_of(each) for each in every]}, days=days,
    )  # fmt: skip
    session.add(row)
    session.flush()
    session.refresh(row, ["run", "organisation"])
    audit.append(
        session, actor, "simulation_asked", "run", run.id, at=now,
        details={"kind": kind.value, "horizon": run.horizon, "scenarios": len(every)},
    )  # fmt: skip
    return row


def of(session: Session, actor: Actor, run_id: uuid.UUID) -> Simulation:
    """Return a simulation that the actor may see.

    Raises
    ------
    Problem
        ``not_found`` (404).
    """
    found = rows.find_simulation(session, actor, run_id)
    if found is None:
        raise not_found("a simulation")
    return found


def stop(session: Session, actor: Actor, run_id: uuid.UUID, *, now: datetime) -> Simulation:
    """Wish that a simulation of the actor's organisation ends; the results by then are kept.

    Raises
    ------
    Problem
        ``not_found`` (404); ``role_may_not`` (403) where it is another organisation's; ``state_forbids`` (409).
    """
    found = of(session, actor, run_id)
    if found.organisation_id != actor.organisation_id:
        raise Problem(Code.ROLE_MAY_NOT, "Only the organisation that asked for a simulation ends it.")
    cancelled(session, actor, run_id, now=now)
    return found
