"""Back-tests as people ask for them: days that are over, and ways in which they might have gone. Loads no solver."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from api.actor import Actor
from api.db.snapshots import Snapshots
from api.db.tables import Simulation, SimulationKind
from api.errors import Code, FieldError, Problem
from api.mapping.past import PastDays
from api.mapping.what_if import plain_of, read
from api.services import past, scenarios, simulations
from api.settings import Settings
from optimizer.simulate.backtest import Backtest, Variant
from optimizer.simulate.scenario import Scenario

MOST_VARIANTS = 20
_MOST_AHEAD = 14
"""Days that one night run plans at most, as any run of the exchange."""
_OURS = ("name", "history", "days")
"""Fields of a file that the service states itself: the name of the simulation, and what the data say of the days."""
AS_IT_WAS = Scenario(id="as it was", title={"de": "wie es war", "en": "as it was"})
"""What others are compared with where nothing else is said: these days, run in the usual way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is to be replayed, before it is known of which days.

    Parameters
    ----------
    places
        JSON pointer of each scenario in the body, by its id: faults are told there.
    """

    backtest: Backtest
    places: Mapping[str, str]


def wanted(
    session: Session,
    actor: Actor,
    name: str,
    *,
    scenario_ids: Sequence[uuid.UUID],
    inline: Sequence[Mapping[str, Any]],
    sent: Mapping[str, Any],
) -> Wanted:
    """Return what is asked for as a value of the optimizer.

    Parameters
    ----------
    scenario_ids, inline
        Scenarios that are kept, and others as they were sent: variants that run as the first one does.
    sent
        A back-test as it was sent, without what the service states itself; the first variant may be left out with all
        others.

    Raises
    ------
    Problem
        ``not_found`` (404) of a scenario; ``body_invalid`` or ``value_refused`` (422) with the path of each fault.
    """
    ours = [FieldError(path=f"/backtest/{each}", expected="no such field") for each in _OURS if each in sent]
    if ours:
        raise Problem(
            Code.BODY_INVALID, "Nothing was stored: what was known when is read from the data. Leave it out.",
            errors=ours,
        )  # fmt: skip
    first = {"scenario": plain_of(AS_IT_WAS)}
    made = read(Backtest, {"variants": [first], **sent, "name": name}, "/backtest")
    found = [(each, f"/backtest/variants/{n}/scenario") for n, each in enumerate(made.variants)]
    more = scenarios.chosen(session, actor, scenario_ids, inline)
    usual = made.variants[0].running
    found += [(Variant(scenario=scenario, running=usual), place) for scenario, place in more]
    for variant, place in found:
        scenarios.see_that_it_is_small(variant.scenario, place)
    simulations.see_that_they_differ([(variant.scenario, place) for variant, place in found])
    made = replace(made, variants=tuple(variant for variant, _ in found))
    _see_that_it_is_small(made)
    return Wanted(backtest=made, places={variant.scenario.id: place for variant, place in found})


def _see_that_it_is_small(backtest: Backtest) -> None:
    errors = simulations.hard_limits(backtest.limits, "/backtest/limits")
    if len(backtest.variants) > MOST_VARIANTS:
        errors.append(FieldError(path="/backtest/variants", expected=f"at most {MOST_VARIANTS}"))
    for number, variant in enumerate(backtest.variants):
        if variant.running.ahead_days > _MOST_AHEAD:
            path = f"/backtest/variants/{number}/running/ahead_days"
            errors.append(FieldError(path=path, expected=f"at most {_MOST_AHEAD}"))
    if errors:
        raise Problem(Code.VALUE_REFUSED, "Nothing was stored. Mend what 'errors' names.", errors=errors)


def snapshot(session: Session, days: PastDays, settings: Settings, *, now: datetime) -> simulations.Snapshot:
    """Return past days with what was known when; ``session`` need only read. Raises as ``past.period``."""
    found = past.period(session, days, settings, now=now)
    return simulations.snapshot_of(session, days, found.mapped, found.history)


def start(
    session: Session, actor: Actor, asked: Wanted, days: PastDays, snapshots: Snapshots, settings: Settings, *,
    now: datetime,
) -> Simulation:  # fmt: skip
    """Read the days, see whether every variant can be made of them, and queue the back-test.

    Raises
    ------
    Problem
        ``in_use`` (409) where the organisation has as many as may wait; ``value_refused`` (422) with the path of what
        the days do not have, or where they cannot be replayed; ``unavailable`` (503) where they cannot be read.
    """
    simulations.see_room(session, actor)
    with snapshots.reading() as reader:
        taken = snapshot(reader, days, settings, now=now)
    wanted = replace(asked.backtest, days=days.days)
    every = tuple(variant.scenario for variant in wanted.variants)
    simulations.see_that_they_apply(every, taken.instance, asked.places, "/backtest/variants")
    return simulations.queued(
        session, actor, SimulationKind.BACKTEST, wanted.name, plain_of(wanted), every, taken, days=days.days,
        seed=wanted.seed, now=now,
    )  # fmt: skip
