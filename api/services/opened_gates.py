"""Scenarios in which gates of requests open: these stand in the snapshot, and in no other scenario. Loads no solver.

A snapshot is one problem for all scenarios of a simulation. So it has everybody whom any scenario lets in, and every
scenario that does not let them in begins by leaving them out.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import replace

from sqlalchemy.orm import Session

from api.actor import Actor
from api.errors import Code, FieldError, Problem
from api.repositories import requests
from optimizer.model import Instance, RequestId
from optimizer.simulate.changes_demand import CancelRequests, OpenGates
from optimizer.simulate.edits import without_requests
from optimizer.simulate.scenario import Scenario
from optimizer.simulate.sweep import Sweep


def opened(
    session: Session, actor: Actor, scenarios: Iterable[Scenario], places: Mapping[str, str]
) -> frozenset[uuid.UUID]:
    """Return the requests whose gates any scenario opens.

    Parameters
    ----------
    places
        JSON pointer of each scenario in the body, by its id.

    Raises
    ------
    Problem
        ``value_refused`` (422) for what is no request that the actor may see.
    """
    found: set[uuid.UUID] = set()
    for scenario in scenarios:
        for number, change in enumerate(scenario.changes):
            if isinstance(change, OpenGates):
                key = _key(change.request)
                if key is None or requests.find(session, actor, key) is None:
                    path = f"{places.get(scenario.id, '')}/changes/{number}/request"
                    raise Problem(
                        Code.VALUE_REFUSED, "A scenario opens gates of a request that is not yours to see.",
                        errors=[FieldError(path=path, expected="an id that is there")],
                    )  # fmt: skip
                found.add(key)
    return frozenset(found)


def _key(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def closed_to(scenario: Scenario, held: frozenset[RequestId]) -> frozenset[RequestId]:
    """Return those of ``held`` (requests that a gate keeps out today) whom a scenario does not let in."""
    return held - {change.request for change in scenario.changes if isinstance(change, OpenGates)}


def as_seen_by(scenario: Scenario, instance: Instance, held: frozenset[RequestId]) -> Instance:
    """Return the snapshot with those alone whom a scenario lets in."""
    return without_requests(instance, closed_to(scenario, held))


def kept_apart(sweep: Sweep, held: frozenset[RequestId]) -> Sweep:
    """Return the same scenarios, each for a snapshot that has all of ``held``.

    Raises
    ------
    Problem
        ``value_refused`` (422) where studies make scenarios of their own, which would know of no gates.
    """
    if not held:
        return sweep
    if sweep.studies:
        raise Problem(
            Code.VALUE_REFUSED, "Gates open in single scenarios only. Leave the studies out, or the gates.",
            errors=[FieldError(path="/sweep/studies", expected="none where a scenario opens gates")],
        )  # fmt: skip
    return replace(
        sweep, baseline=_without(sweep.baseline, held), scenarios=tuple(_without(s, held) for s in sweep.scenarios)
    )


def _without(scenario: Scenario, held: frozenset[RequestId]) -> Scenario:
    out = closed_to(scenario, held)
    if not out:
        return scenario
    return replace(scenario, changes=(CancelRequests(requests=tuple(sorted(out))), *scenario.changes))
