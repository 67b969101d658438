"""The life of a clearance as ONE table: transit (through the ZFA) and medical reception (through the ZRK) alike.

Nothing else sets a state of a clearance. Every cell that is not in ``TABLE`` is refused. Also here: until when it must
be applied for and answered, and when it stands against a transport. Pure: no clock, no database.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from api.workflow import Role
from data.service_parameters import ServiceParameters, service_parameters


class ClearanceKind(StrEnum):
    """What is asked for, and so who asks: transit through the ZFA, medical reception through the ZRK."""

    TRANSIT = "transit"
    """Durchbeförderung, decided by the Bundespolizei for a flight with a stop-over."""
    MEDICAL_RECEPTION = "medical_reception"
    """Medizinische Inempfangnahme, confirmed by the embassy or the foreign body."""


class ClearanceState(StrEnum):
    """Where a clearance stands. Only ``GRANTED`` and ``NOT_NEEDED`` open the gate."""

    NEEDED = "needed"
    APPLIED = "applied"
    GRANTED = "granted"
    REFUSED = "refused"
    ALTERNATIVE = "alternative"
    """Not for this date, but for ``alternative_on``: the owner moves the measure, or asks anew."""
    NOT_NEEDED = "not_needed"
    """The measure changed, so that nothing need be asked for."""


class ClearanceAction(StrEnum):
    """What can be done to a clearance."""

    APPLY = "apply"
    """The body has applied; also anew, after a refusal."""
    EXTEND = "extend"
    """Whoever decides needs the further days that the law gives, once."""
    GRANT = "grant"
    REFUSE = "refuse"
    """Also of what was granted before: a consent can be taken back."""
    OFFER_DATE = "offer_date"
    """Not for this date, but for another one."""
    ACCEPT_DATE = "accept_date"
    """The owner moves the measure to that date; for the new one it is asked for anew."""
    DECLINE_DATE = "decline_date"
    """That date does not suit the owner: the body asks again."""
    WITHDRAW = "withdraw"
    """The owner needs no medical reception any more."""
    LAPSE = "lapse"
    """Flight, stop-over or date changed: what was asked for, or consented to, no longer holds."""


class Party(StrEnum):
    """Who acts on a clearance."""

    BODY = "body"
    """ZFA or ZRK, by the kind."""
    OWNER = "owner"
    """The ABH that owns the request."""
    SYSTEM = "system"


class RefusalCode(StrEnum):
    """Why it was refused. The ground itself stands in the file that ``reference`` names."""

    DATE_NOT_POSSIBLE = "date_not_possible"
    TOO_LATE = "too_late"
    DOCUMENTS_MISSING = "documents_missing"
    STATE_REFUSES = "state_refuses"
    """The state of transit, or of destination."""
    CARRIER_REFUSES = "carrier_refuses"
    NO_RECEPTION = "no_reception"
    """Nobody there can receive the people as needed."""
    CONSENT_WITHDRAWN = "consent_withdrawn"
    OTHER = "other"


BODY_OF: dict[ClearanceKind, Role] = {
    ClearanceKind.TRANSIT: Role.ZFA,
    ClearanceKind.MEDICAL_RECEPTION: Role.ZRK,
}
"""Who asks for it (decree of 26 February 2024)."""
OPEN = frozenset({ClearanceState.NEEDED, ClearanceState.APPLIED})
"""No answer yet."""
AGAINST = frozenset({ClearanceState.REFUSED, ClearanceState.ALTERNATIVE})
"""Answered: not on this date."""
CLEAR = frozenset({ClearanceState.GRANTED, ClearanceState.NOT_NEEDED})
LIVE = frozenset(ClearanceState) - {ClearanceState.NOT_NEEDED}
"""Of each kind a request has at most one that counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One cell: the state it leads to, and who may. ``only`` limits it to some kinds."""

    to: ClearanceState
    who: Party
    needs_code: bool = False
    needs_date: bool = False
    only: frozenset[ClearanceKind] = frozenset(ClearanceKind)


def _cells() -> dict[tuple[ClearanceState, ClearanceAction], Cell]:
    s, a = ClearanceState, ClearanceAction
    table: dict[tuple[ClearanceState, ClearanceAction], Cell] = {}

    def body(states: Collection[ClearanceState], action: ClearanceAction, to: ClearanceState) -> None:
        for state in states:
            table[state, action] = Cell(
                to=to, who=Party.BODY, needs_code=action is a.REFUSE, needs_date=action is a.OFFER_DATE
            )

    body((s.NEEDED, s.REFUSED, s.ALTERNATIVE), a.APPLY, s.APPLIED)
    body((s.APPLIED,), a.EXTEND, s.APPLIED)
    body((s.APPLIED,), a.GRANT, s.GRANTED)
    body((s.APPLIED, s.GRANTED), a.REFUSE, s.REFUSED)
    body((s.APPLIED, s.GRANTED, s.REFUSED), a.OFFER_DATE, s.ALTERNATIVE)
    table[s.ALTERNATIVE, a.ACCEPT_DATE] = Cell(to=s.NOT_NEEDED, who=Party.OWNER)
    table[s.ALTERNATIVE, a.DECLINE_DATE] = Cell(to=s.NEEDED, who=Party.OWNER)
    for state in sorted(LIVE):
        # A stop-over needs transit whatever its owner says; what people need at the destination the owner knows.
        medical = frozenset({ClearanceKind.MEDICAL_RECEPTION})
        table[state, a.WITHDRAW] = Cell(to=s.NOT_NEEDED, who=Party.OWNER, only=medical)
        table[state, a.LAPSE] = Cell(to=s.NOT_NEEDED, who=Party.SYSTEM)
    return table


TABLE: dict[tuple[ClearanceState, ClearanceAction], Cell] = _cells()


class NotAllowed(Exception):
    """An action that the table does not have for state and kind, or not for this role.

    ``allowed`` is what this role may do; ``exists`` tells whether somebody else may do what was asked.
    """

    def __init__(
        self, kind: ClearanceKind, state: ClearanceState, action: ClearanceAction, role: Role, *, exists: bool
    ) -> None:
        self.allowed = actions(kind, state, role)
        self.exists = exists
        may = ", ".join(sorted(self.allowed)) or "nothing"
        super().__init__(f"Expected what {role} may do to a clearance that is {state} ({may}), got {action}.")


def party_of(kind: ClearanceKind, role: Role) -> Party | None:
    """Return as whom a role acts on a clearance of this kind; ``None``: not at all."""
    if role is BODY_OF[kind]:
        return Party.BODY
    return {Role.ABH: Party.OWNER, Role.SYSTEM: Party.SYSTEM}.get(role)


def actions(kind: ClearanceKind, state: ClearanceState, role: Role) -> frozenset[ClearanceAction]:
    """Return what ``role`` may do to a clearance of this kind in ``state``; an ABH to one of its own requests."""
    party = party_of(kind, role)
    return frozenset(
        action for (of, action), cell in TABLE.items() if of is state and cell.who is party and kind in cell.only
    )


def transition(kind: ClearanceKind, state: ClearanceState, action: ClearanceAction, role: Role) -> Cell:
    """Return the cell.

    Raises
    ------
    NotAllowed
        Where there is none, or not for this role.
    """
    cell = TABLE.get((state, action))
    exists = cell is not None and kind in cell.only
    if cell is None or not exists or party_of(kind, role) is not cell.who:
        raise NotAllowed(kind, state, action, role, exists=exists)
    return cell


# --- times ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The times of one kind of clearance, by the parameters of the decree."""

    apply_before: timedelta
    decide: timedelta
    extension: timedelta
    warn_before: timedelta
    red_before: timedelta


def limits_of(kind: ClearanceKind, parameters: ServiceParameters) -> Limits:
    """Return the times of a kind by a set of parameters (``data.service_parameters``)."""
    found = parameters.transit if kind is ClearanceKind.TRANSIT else parameters.medical
    return Limits(
        apply_before=timedelta(days=found.apply_days_before.value),
        decide=timedelta(days=found.decide_days.value),
        extension=timedelta(days=found.extension_days.value),
        warn_before=timedelta(hours=found.warn_hours_before_pickup.value),
        red_before=timedelta(hours=found.red_hours_before_pickup.value),
    )


def limits(kind: ClearanceKind, at: datetime) -> Limits:
    """Return the times of a kind by the set that holds on the day of ``at``."""
    return limits_of(kind, service_parameters(at.date()))


def due(times: Limits, leaves_at: datetime) -> tuple[datetime, datetime]:
    """Return until when to apply, and when an answer is due if that is done at the last moment.

    Parameters
    ----------
    leaves_at
        The flight, or where none is stated the hand-over.
    """
    apply_by = leaves_at - times.apply_before
    return apply_by, apply_by + times.decide


class Standing(Protocol):
    """What is asked of a clearance; the row of the table has it."""

    @property
    def kind(self) -> ClearanceKind:
        """What it is for."""

    @property
    def state(self) -> ClearanceState:
        """Where it stands."""


def is_red(clearance: Standing, pickup_at: datetime, now: datetime, times: Limits | None = None) -> bool:
    """Whether a clearance stands against a transport: refused for its date, or still open shortly before.

    Parameters
    ----------
    pickup_at
        Begin of the pick-up.
    times
        Left out: those that hold on the day of the pick-up (24 h before it, domain.md).
    """
    if clearance.state in CLEAR:
        return False
    if clearance.state in AGAINST:
        return True
    before = (times or limits(clearance.kind, pickup_at)).red_before
    return now >= pickup_at - before


def is_due(clearance: Standing, pickup_at: datetime, now: datetime, times: Limits | None = None) -> bool:
    """Whether it is time to warn that a clearance is not there yet (T-2 d, domain.md)."""
    before = (times or limits(clearance.kind, pickup_at)).warn_before
    return clearance.state not in CLEAR and now >= pickup_at - before
