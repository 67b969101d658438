"""Scenarios as values: what is different, change by change, and applied to a snapshot without touching it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Annotated, TypeAlias

import numpy as np
from pydantic import Field

from optimizer.errors import InvalidValue
from optimizer.granted import AnyGranted
from optimizer.io.document import layout, plain
from optimizer.model import Instance, Seconds, Window
from optimizer.model.value import Value
from optimizer.simulate.changes_demand import (
    AddPlace,
    CancelFlight,
    CancelRequests,
    DelayFlight,
    OpenGates,
    ScaleDemand,
)
from optimizer.simulate.changes_fleet import (
    AddVehicles,
    BreakVehicle,
    CloseZab,
    CrewIll,
    MoveShift,
    RemoveVehicle,
    ResizeFleet,
)
from optimizer.simulate.changes_rules import PoolingOff, SecondRoundOff, UseParameters
from optimizer.travel import GreatCircle, TravelMatrix, TravelProvider
from optimizer.travel.great_circle import factor_permille

Change: TypeAlias = Annotated[
    AddVehicles
    | RemoveVehicle
    | BreakVehicle
    | CrewIll
    | MoveShift
    | CloseZab
    | ResizeFleet
    | DelayFlight
    | CancelFlight
    | CancelRequests
    | OpenGates
    | ScaleDemand
    | AddPlace
    | UseParameters
    | PoolingOff
    | SecondRoundOff
    | AnyGranted,
    Field(discriminator="kind"),
]
"""One thing that is different; ``kind`` tells which."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario(Value):
    """What is different from the snapshot: changes, made in their order.

    Parameters
    ----------
    id
        Short name, stable: results are told by it.
    title
        What people read, by language (``"de"``, ``"en"``); the id where it is missing.
    changes
        Each is made to what the ones before it left, so that one may name what another added. None: the snapshot as
        it is.
    """

    id: str
    title: dict[str, str] = field(default_factory=dict)
    changes: tuple[Change, ...] = ()

    def __post_init__(self) -> None:
        if not self.id.strip():
            raise InvalidValue("Scenario.id", "a short name", self.id)

    def then(self, other: Scenario) -> Scenario:
        """Return this scenario, and after it the other one."""
        title = {language: f"{self.told(language)}, {other.told(language)}" for language in self.title | other.title}
        return Scenario(id=f"{self.id}, {other.id}", title=title, changes=(*self.changes, *other.changes))

    def counted_from(self, seconds: Seconds, days: int) -> Scenario:
        """Return the same scenario for an instance whose horizon begins so much earlier, 0 or more of both."""
        return replace(self, changes=tuple(_counted_from(change, seconds, days) for change in self.changes))

    def told(self, language: str) -> str:
        """Return what people read."""
        return self.title.get(language, self.id)

    @property
    def second_round_off(self) -> SecondRoundOff | None:
        """The change that sends rejected requests back to their ABHs, if there is one; the last of several."""
        return next((c for c in reversed(self.changes) if isinstance(c, SecondRoundOff)), None)

    @property
    def key(self) -> str:
        """Sixteen hex digits that stand for the changes, whatever id and title are."""
        return sha256(layout(plain(self.changes), depth=0).encode()).hexdigest()[:16]


def _counted_from(change: Change, seconds: Seconds, days: int) -> Change:
    def moved(window: Window) -> Window:
        return Window(earliest=window.earliest + seconds, latest=window.latest + seconds)

    match change:
        case AddVehicles():
            return replace(change, shifts=tuple(moved(shift) for shift in change.shifts))
        case BreakVehicle():
            return replace(change, at=change.at + seconds)
        case CrewIll():
            begin = None if change.earliest is None else change.earliest + seconds
            return replace(change, earliest=begin, latest=None if change.latest is None else change.latest + seconds)
        case CloseZab():
            return change if change.day is None else replace(change, day=change.day + days)
        case DelayFlight() | CancelFlight():
            return change if change.handover is None else replace(change, handover=moved(change.handover))
        case _:
            return change


def apply(scenario: Scenario, instance: Instance) -> Instance:
    """Return the instance of a scenario; the one given stays as it is.

    Raises
    ------
    InvalidValue
        Where a change names what is not there, with the number of the change and ids that are.
    """
    for _, _, changed in _steps(scenario, instance):
        instance = changed
    return instance


_ADDING = (AddVehicles, ResizeFleet, ScaleDemand, AddPlace)
"""Changes that add things, which later ones may name."""


def misfits(scenario: Scenario, instance: Instance) -> list[InvalidValue]:
    """Return what ``apply`` would refuse, one for each change at most; empty where the scenario fits.

    A change that does not fit is left out for those behind it. What would have added things ends the list: whether a
    later change names one of these cannot be told.
    """
    found = []
    for number, change in enumerate(scenario.changes, 1):
        try:
            instance = _made(scenario, number, change, instance)
        except InvalidValue as error:
            found.append(error)
            if isinstance(change, _ADDING):
                break
    return found


def unchanging(scenario: Scenario, instance: Instance) -> list[tuple[int, Change]]:
    """Return the changes that leave the instance as those before them left it, with their numbers from 1 on.

    Raises
    ------
    InvalidValue
        As ``apply`` does.
    """
    found = []
    for number, change, changed in _steps(scenario, instance):
        if changed == instance:
            found.append((number, change))
        instance = changed
    return found


def _steps(scenario: Scenario, instance: Instance) -> Iterator[tuple[int, Change, Instance]]:
    """Yield each change with its number and the instance that it makes."""
    for number, change in enumerate(scenario.changes, 1):
        instance = _made(scenario, number, change, instance)
        yield number, change, instance


def _made(scenario: Scenario, number: int, change: Change, instance: Instance) -> Instance:
    try:
        return change.change(instance)
    except InvalidValue as error:
        where = f"scenario {scenario.id}, change {number}: {error.subject}"
        raise InvalidValue(where, error.expected, error.got, error.action) from None


def covering(
    base: Instance, travel: TravelMatrix, instance: Instance, provider: TravelProvider | None = None
) -> TravelMatrix:
    """Return travel times for all places of ``instance``, which came of ``base`` and its ``travel``.

    Known pairs keep their values, scaled where the parameter set has another margin or other factors of the day
    (rounded up). Pairs with a new place come from ``provider`` (``None``: great circles by the rules of the instance's
    parameter set). The matrix itself is returned where nothing is new.
    """
    rules, before = instance.parameters.travel, base.parameters.travel
    old = (1000 + before.margin_permille) * factor_permille(before, None)
    new = (1000 + rules.margin_permille) * factor_permille(rules, None)
    if new != old:
        travel = replace(travel, seconds=-(-travel.seconds * new // old))
    known = set(travel.places)
    missing = [place for place in instance.places if place.id not in known]
    if not missing:
        return travel
    provider = provider if provider is not None else GreatCircle(rules)
    there = {place.id: place for place in (*base.places, *instance.places)}
    # A matrix may know more places than the instance tells coordinates of: nobody drives there.
    kept = [place for place in travel.places if place in there]
    added = provider.matrix([*(there[place] for place in kept), *missing])
    rows, size = travel.index(kept), len(kept)
    seconds, metres, sources = added.seconds.copy(), added.metres.copy(), added.sources + len(travel.tags)
    block = np.ix_(rows, rows)
    seconds[:size, :size], metres[:size, :size] = travel.seconds[block], travel.metres[block]
    sources[:size, :size] = travel.sources[block]
    return TravelMatrix(
        places=added.places,
        seconds=seconds,
        metres=metres,
        sources=sources.astype(np.uint8),
        tags=(*travel.tags, *added.tags),
    )
