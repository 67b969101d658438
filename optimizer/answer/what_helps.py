"""What would let a request ride: one change, or two together."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from optimizer.answer.witness import Difference, Texts, Witness
from optimizer.granted import Granted, vehicles_first
from optimizer.model import DutyId, RequestId, Rule, VehicleId, ZabId
from optimizer.model.value import Value


class Granter(StrEnum):
    """Who may grant a relaxation, the nearest to the request first."""

    REQUESTER = "requester"
    """The ABH that asked."""
    ZAB = "zab"
    """The ZAB of the duty."""
    LEAD = "lead"
    """The leads (LTraKo), who decide across ZABs."""
    NOBODY = "nobody"
    """A law, a rule for the protection of people, or a promise given."""


class Unit(StrEnum):
    """What the size of a relaxation counts, the least effort first."""

    MINUTES = "minutes"
    DECISIONS = "decisions"
    PIECES = "pieces"
    PLACES = "places"
    PEOPLE = "people"
    VEHICLES = "vehicles"
    DAYS = "days"


class Kind(StrEnum):
    """What is relaxed."""

    PICKUP_EARLIER = "pickup_earlier"
    PICKUP_LATER = "pickup_later"
    HANDOVER_EARLIER = "handover_earlier"
    HANDOVER_LATER = "handover_later"
    DAY_EARLIER = "day_earlier"
    DAY_LATER = "day_later"
    NIGHT_GROUND = "night_ground"
    LUGGAGE = "luggage"
    PARTED = "parted"
    SHIFT_EARLIER = "shift_earlier"
    SHIFT_LATER = "shift_later"
    AVAILABLE_EARLIER = "available_earlier"
    AVAILABLE_LATER = "available_later"
    BAR_LIFTED = "bar_lifted"
    TOUR_RELEASED = "tour_released"
    OVERRIDE = "override"
    BUDGET = "budget"
    CHILD_SEATS = "child_seats"
    SEATS = "seats"
    OFFICER = "officer"
    FEMALE_OFFICER = "female_officer"
    SKILL = "skill"
    DRIVER = "driver"
    VEHICLE = "vehicle"
    VEHICLE_OF_OTHER_ZAB = "vehicle_of_other_zab"
    PIN_RELEASED = "pin_released"
    CHANGES = "changes"
    RULE = "rule"
    """A rule that nobody may lift."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Relaxation(Value):
    """The least change of one kind with which a request fits, all others kept.

    Parameters
    ----------
    duty
        Where it then fits.
    size
        How much of ``unit``: the least that does on any duty. Nothing less of this kind is enough anywhere.
    rule
        The rule that is lifted (``Kind.OVERRIDE``, ``Kind.RULE``).
    vehicle
        The vehicle that is moved.
    witness
        The plan with the request. It keeps every rule of the day with the change; where nobody may grant it, it breaks
        ``rule`` on the day as it is, and no other.
    price
        What else it changes, by stages of the day with the change; empty where nobody may grant it.
    granted
        The change itself, which makes the day with it and is a change of a scenario (``optimizer.simulate``); ``None``
        where nobody may grant it, and in answers from before it was told.
    """

    kind: Kind
    granter: Granter
    duty: DutyId
    zab: ZabId
    size: int
    unit: Unit
    texts: Texts
    actions: Texts
    rule: Rule | None = None
    vehicle: VehicleId | None = None
    witness: Witness | None = None
    price: tuple[Difference, ...] = ()
    granted: Granted | None = None

    @property
    def changes(self) -> tuple[Granted, ...]:
        """The changes of a scenario with which the request rides; none where none can be told."""
        return () if self.granted is None else (self.granted,)

    @property
    def rank(self) -> tuple[int, int, int]:
        """Who may grant it, then how much."""
        return list(Granter).index(self.granter), list(Unit).index(self.unit), self.size


@dataclass(frozen=True, slots=True, kw_only=True)
class Part(Value):
    """One of the changes that are enough together only; fields as those of ``Relaxation``."""

    kind: Kind
    granter: Granter
    size: int
    unit: Unit
    texts: Texts
    actions: Texts
    rule: Rule | None = None
    vehicle: VehicleId | None = None
    granted: Granted | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Combination(Value):
    """Two changes with which a request fits, all others kept; neither alone is enough, nor less of either.

    Parameters
    ----------
    parts
        The changes, that of the farther granter first.
    duty
        Where it then fits.
    witness
        The plan with the request. It keeps every rule of the day with both changes.
    price
        What else they change, by stages of the day with both.
    """

    parts: tuple[Part, Part]
    duty: DutyId
    zab: ZabId
    texts: Texts
    actions: Texts
    witness: Witness
    price: tuple[Difference, ...] = ()

    @property
    def changes(self) -> tuple[Granted, ...]:
        """Both changes as those of a scenario, in the order in which they are made; none where one is not told."""
        first, second = (part.granted for part in self.parts)
        return () if first is None or second is None else vehicles_first((first, second))

    @property
    def granter(self) -> Granter:
        """Who must at least be asked: of the two who may grant the changes the farther from the request."""
        return self.parts[0].granter

    @property
    def rank(self) -> tuple[int, ...]:
        """Who may grant both, then how much."""
        who = [list(Granter).index(part.granter) for part in self.parts]
        what = [list(Unit).index(part.unit) for part in self.parts]
        return (*who, *what, *(part.size for part in self.parts))


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked(Value):
    """What was looked at for two changes together.

    Parameters
    ----------
    kinds
        The kinds of changes there are on any of the duties, in the order of ``Kind``.
    duties
        Number of duties (1 or more), of those that nothing tells apart one each.
    is_complete
        Whether all pairs of these were looked at; ``False`` where that was more work than is done for one answer.
    texts
        What is said where no two changes were found.
    """

    kinds: tuple[Kind, ...]
    duties: int
    is_complete: bool
    texts: Texts


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatHelps(Value):
    """What would let a request ride, all others kept.

    Parameters
    ----------
    fits_on
        A duty that it fits on as things are; then nothing need be relaxed, and nothing is listed.
    witness
        The plan with the request there.
    relaxations
        The least of each kind, those that the nearest may grant first; what nobody may grant comes last.
    combinations
        Where no single change is enough: the least of two kinds together, those that the nearest may grant first.
    looked_at
        What was looked at for these; ``None`` where it was not asked.
    """

    request: RequestId
    fits_on: DutyId | None
    relaxations: tuple[Relaxation, ...]
    witness: Witness | None = None
    combinations: tuple[Combination, ...] = ()
    looked_at: Looked | None = None
