"""What questions about a plan are answered with: why not there, what would help, why there, what has changed.

Plain values: whoever only shows an answer needs nothing of what found it. Every answer brings its *witness*, a plan
that the checker judged before anything was told.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from optimizer.model import DutyId, RequestId, Rule, Seconds, Solution, Stage, Tour, VehicleId, ZabId
from optimizer.model.value import Value

Texts = Mapping[str, str]
"""A text by language, ``"de"`` and ``"en"``."""


class Verdict(StrEnum):
    """How a request and a duty stand to each other under a plan."""

    STATIC = "static"
    """Rules between request and duty, whatever the tour."""
    TOUR = "tour"
    """Rules along the tour, even with the duty to itself but for its promises."""
    PLAN = "plan"
    """It fits on the duty, but no plan with it keeps the rules across tours."""
    DISPLACES = "displaces"
    """Others would stay unserved for it, and the plan would be worse."""
    SWAPS = "swaps"
    """Others would stay unserved for it, and the plan would be no worse: a person may choose."""
    COSTS = "costs"
    """Nobody would stay unserved for it, yet the plan would be worse."""
    FITS = "fits"
    """Nobody would stay unserved for it, and the plan would be no worse."""
    UNKNOWN = "unknown"
    """Nothing could be shown: it is not told what is not certain."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference(Value):
    """The value of a stage in the plan and in another one; see ``Stage`` for units and for which is better."""

    stage: Stage
    before: int
    after: int

    @property
    def is_worse(self) -> bool:
        """Whether the other plan is worse in this stage."""
        return self.after < self.before if self.stage.is_maximised else self.after > self.before

    @property
    def is_better(self) -> bool:
        """Whether the other plan is better in this stage."""
        return self.after > self.before if self.stage.is_maximised else self.after < self.before


@dataclass(frozen=True, slots=True, kw_only=True)
class Move(Value):
    """A request that rides on another duty, or rides at all on one side only (``None``: unserved)."""

    request: RequestId
    before: DutyId | None
    after: DutyId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness(Value):
    """A plan told by its difference from another: tours in the place of those of the same duties.

    Parameters
    ----------
    tours
        Tours that the other plan has not, or has otherwise.
    emptied
        Duties that make no tour any more.
    """

    tours: tuple[Tour, ...]
    emptied: tuple[DutyId, ...] = ()

    def apply(self, plan: Solution) -> Solution:
        """Return the whole plan; tours of duties that make one already keep their place."""
        new = {tour.duty: tour for tour in self.tours}
        kept = tuple(new.pop(tour.duty, tour) for tour in plan.tours if tour.duty not in self.emptied)
        return Solution(tours=(*kept, *new.values()))


@dataclass(frozen=True, slots=True, kw_only=True)
class WhyNot(Value):
    """Why a request does not ride on a duty.

    Parameters
    ----------
    rules
        Exactly the rules that the checker finds broken in ``witness``; empty where it breaks none.
    reason
        Code of the text (``why.texts``, the rule's own where the reason is a rule).
    displaced
        Who is carried by the plan and not by ``witness``.
    moved
        Others who ride on another duty in ``witness``.
    around
        Duties whose tours may differ in ``witness``: ``price`` is the least that these allow.
    price
        Every stage of the instance in its order; empty where rules are broken.
    """

    request: RequestId
    duty: DutyId
    zab: ZabId
    verdict: Verdict
    rules: tuple[Rule, ...]
    reason: str
    texts: Texts
    actions: Texts
    displaced: tuple[RequestId, ...] = ()
    moved: tuple[Move, ...] = ()
    around: tuple[DutyId, ...] = ()
    price: tuple[Difference, ...] = ()
    witness: Witness | None = None


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
        The plan with the request; ``None`` where nobody may grant it. It keeps every rule of ``relaxed``.
    price
        What else it changes, by stages of the relaxed day.
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

    @property
    def rank(self) -> tuple[int, int, int]:
        """Who may grant it, then how much."""
        return list(Granter).index(self.granter), list(Unit).index(self.unit), self.size


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatHelps(Value):
    """What would let a request ride, all others kept.

    Parameters
    ----------
    fits_on
        A duty that it fits on as things are; then nothing need be relaxed, and nothing is listed.
    relaxations
        The least of each kind, those that the nearest may grant first; what nobody may grant comes last.
    """

    request: RequestId
    fits_on: DutyId | None
    relaxations: tuple[Relaxation, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OnBoard(Value):
    """Seconds that someone on the same tour is on board, without the request and with it (as the plan has it)."""

    request: RequestId
    without: Seconds
    with_it: Seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class WhyThis(Value):
    """Why a request rides where it does.

    Parameters
    ----------
    terms
        What the request adds to each stage: from the plan without it (its duty planned anew) to the plan.
    next_best
        The best answer among all other duties: ``WhyNot`` with its price; ``None`` where no other could take it.
    on_board
        Others on the same tour whose time on board it changes, or not.
    forbidden
        Who would ride elsewhere, or not at all, were the request kept off its duty; the request itself first.
    forbidden_price, forbidden_witness, around
        The plan then: as many carried as can be, as few changes as can be, and the duties that might change in it.
    details
        Further sentences: the next best duty, those on board, who would ride elsewhere.
    """

    request: RequestId
    duty: DutyId
    zab: ZabId
    terms: tuple[Difference, ...]
    next_best: WhyNot | None
    on_board: tuple[OnBoard, ...]
    forbidden: tuple[Move, ...]
    forbidden_price: tuple[Difference, ...]
    forbidden_witness: Witness | None
    around: tuple[DutyId, ...]
    texts: Texts
    details: tuple[Texts, ...]


class Cause(StrEnum):
    """Why a request rides otherwise than in the plan before."""

    GONE = "gone"
    """The day no longer has the request."""
    NEW = "new"
    """The day has the request only now."""
    DUTY_GONE = "duty_gone"
    """The day no longer has the duty that it rode on."""
    PROMISED = "promised"
    """It is promised by now."""
    RULE = "rule"
    """Where it rode, a rule now stands against it."""
    MADE_ROOM = "made_room"
    """Who rides there now would not fit beside it."""
    TOOK_ROOM = "took_room"
    """It took the room that somebody has left."""
    BETTER = "better"
    """The plan is better for it."""
    TIMES = "times"
    """It rides on the same duty at other times."""
    NO_WORSE = "no_worse"
    """It could as well ride where it did: nothing in the plan's value tells the two apart."""
    UNKNOWN = "unknown"
    """Nothing could be shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change(Value):
    """One request that rides otherwise, with one reason.

    Parameters
    ----------
    rule
        Where ``cause`` is a rule.
    others
        Who made room, or for whom; who joined or left the tour where only times have changed.
    price
        Where ``cause`` is ``BETTER``: what it would cost to keep the request where it was.
    minutes
        Where only times have changed: by how much the pick-up is later (negative: earlier), rounded to the greater.
    """

    request: RequestId
    before: DutyId | None
    after: DutyId | None
    cause: Cause
    texts: Texts
    rule: Rule | None = None
    others: tuple[RequestId, ...] = ()
    price: tuple[Difference, ...] = ()
    minutes: int = 0
