"""Gates: the legal and organisational preconditions of a measure, one pure function each (domain.md, "Gates").

Facts in, a finding out: no clock, no database. What nobody has stated is not there, and blocks. Which gates may be
lifted, and the terms, are parameters (``data.service_parameters.GateRules``); a stated "no" is never lifted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, Literal, TypeVar

from api import gate_texts
from api.dates_of_law import first_day_after_announcement
from api.db.tables_clearances import ClearanceKind, ClearanceState
from api.deadlines import BERLIN
from api.workflow import Role
from data.service_parameters import GateRules

E = TypeVar("E", bound=StrEnum)


class Gate(StrEnum):
    """Every gate by its stable code."""

    COURT_ORDER = "court_order"
    URGENT_APPLICATION = "urgent_application"
    ANNOUNCEMENT = "announcement"
    FITNESS_TO_TRAVEL = "fitness_to_travel"
    UNACCOMPANIED_MINOR = "unaccompanied_minor"
    TRANSIT = "transit"
    MEDICAL_RECEPTION = "medical_reception"


PRECONDITION: Literal["precondition"] = "precondition"
"""What a gate is called to those who need not know which one it is."""
ToldGate = Gate | Literal["precondition"]
PRIVATE = frozenset({Gate.MEDICAL_RECEPTION})
"""Gates that tell something of somebody's health by their name alone; whoever is no owner and clears none of them
learns that a precondition is missing, and no more (domain.md, humane rule 4)."""
KNOWING = frozenset({Role.ABH, Role.ZRK, Role.AUDITOR})
"""Who may know them: the owner (an ABH sees its own alone), who clears them, and the data protection officer."""


class GateState(StrEnum):
    """How a gate stands."""

    OPEN = "open"
    """Lets the measure through."""
    CLOSED = "closed"
    """Blocks it."""
    WAIVED = "waived"
    """Would block it; two persons of the owner lifted it."""


class CourtOrder(StrEnum):
    """Whether a judge's order to enter a dwelling is there."""

    PRESENT = "present"
    NOT_NEEDED = "not_needed"


class UrgentApplication(StrEnum):
    """An application to a court that would suspend the measure."""

    NONE = "none"
    REJECTED = "rejected"
    PENDING = "pending"


class Fitness(StrEnum):
    """What the check of fitness to travel said; no diagnosis."""

    FIT = "fit"
    UNFIT = "unfit"


class MinorHandover(StrEnum):
    """Whether an unaccompanied minor is handed over to family, guardian or facility."""

    ASSURED = "assured"
    NOT_ASSURED = "not_assured"


NOT_STATED = "not_stated"
_NEGATIVE = frozenset({"pending", "unfit", "not_assured", "refused", "alternative", "too_early", "undecided"})
"""Somebody said no, or not yet: nobody's override makes that a yes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement:
    """Whether the measure must be announced, and the local day on which it was."""

    is_needed: bool
    announced_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """What an officer stated; ``None``: nothing."""

    court_order: CourtOrder | None = None
    urgent_application: UrgentApplication | None = None
    announcement: Announcement | None = None
    fitness_to_travel: Fitness | None = None
    unaccompanied_minor: MinorHandover | None = None

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Stated:
        """Return what ``TransportRequest.gates`` says; a word that is not known counts as nothing."""
        return cls(
            court_order=_word(CourtOrder, document.get("court_order")),
            urgent_application=_word(UrgentApplication, document.get("urgent_application")),
            announcement=_announcement(document.get("announcement")),
            fitness_to_travel=_word(Fitness, document.get("fitness_to_travel")),
            unaccompanied_minor=_word(MinorHandover, document.get("unaccompanied_minor")),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """All that gates are judged by.

    Parameters
    ----------
    pickup_at
        Begin of the pick-up, as proposed or promised; else when its window begins.
    now
        The instant for which it is asked.
    is_lone_minor
        Whether one minor travels without relatives.
    needs
        Clearances that the request asks for by what it says (stop-overs, medical reception).
    clearances
        State of the clearance of a kind that counts; none where nobody has raised it.
    lifted
        Codes of gates that two persons of the owner lifted.
    """

    stated: Stated
    pickup_at: datetime
    now: datetime
    is_lone_minor: bool = False
    needs: frozenset[ClearanceKind] = frozenset()
    clearances: Mapping[ClearanceKind, ClearanceState] = field(default_factory=dict)
    lifted: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """How one gate stands.

    Parameters
    ----------
    code
        What is missing, or why it is open.
    is_warning
        Open for now, and not for good: people must look at it.
    may_be_lifted
        Whether two persons of the owner may lift it as it stands.
    who
        Roles that can clear it; none where nothing is to be done.
    day
        A day that the texts name.
    is_told
        Whether whom it is shown to may know which gate it is.
    """

    gate: Gate
    state: GateState
    code: str
    law: str
    is_warning: bool = False
    may_be_lifted: bool = False
    who: tuple[Role, ...] = ()
    day: date | None = None
    is_told: bool = True

    @property
    def told(self) -> ToldGate:
        """What it is called to whom it is shown."""
        return self.gate if self.is_told else PRECONDITION

    @property
    def blocks(self) -> bool:
        """Whether the measure may not go on."""
        return self.state is GateState.CLOSED

    @property
    def name(self) -> dict[str, str]:
        """What the gate is called, by language."""
        return _told(gate_texts.GATES[self.gate.value] if self.is_told else gate_texts.UNTOLD, None)

    @property
    def texts(self) -> dict[str, str]:
        """What holds or is missing, by language."""
        if not self.is_told:
            return self.coarse_texts
        said = _told(gate_texts.SAID[self.gate.value, self.code][0], self.day)
        return said if self.state is not GateState.WAIVED else _and(said, gate_texts.LIFTED)

    @property
    def coarse_texts(self) -> dict[str, str]:
        """Which gate it is, and no more: for those who see the request only in coarse form."""
        told = _told(gate_texts.MISSING, None, name="{name}")
        return {language: text.format(name=self.name[language]) for language, text in told.items()}

    @property
    def coarse_actions(self) -> dict[str, str]:
        """Who can clear it."""
        who = self.who if self.is_told else (Role.ABH,)
        return _told(gate_texts.CLEARED_BY, None, who=", ".join(role.value.upper() for role in who))

    @property
    def actions(self) -> dict[str, str]:
        """What can be done, and who can, by language; empty texts where nothing is to be done."""
        if not self.is_told:
            return self.coarse_actions
        to_do = _told(gate_texts.SAID[self.gate.value, self.code][1], self.day)
        return _and(to_do, gate_texts.MAY_BE_LIFTED) if self.blocks and self.may_be_lifted else to_do


def seen_by(found: Iterable[Finding], role: Role) -> tuple[Finding, ...]:
    """Return findings as a role may see them."""
    return tuple(
        replace(each, is_told=False) if each.gate in PRIVATE and role not in KNOWING else each for each in found
    )


def rule_seen_by(rule: str, role: Role) -> str:
    """Return the code of a lifted rule or gate as a role may see it."""
    return PRECONDITION if rule in PRIVATE and role not in KNOWING else rule


def court_order(facts: Facts, rules: GateRules) -> Finding:
    """A court order is present, or not needed."""
    stated = facts.stated.court_order
    return _finding(Gate.COURT_ORDER, facts, rules, stated or NOT_STATED, is_open=stated is not None)


def urgent_application(facts: Facts, rules: GateRules) -> Finding:
    """No urgent application, or a rejected one; while one is pending nothing happens."""
    stated = facts.stated.urgent_application
    is_open = stated in (UrgentApplication.NONE, UrgentApplication.REJECTED)
    return _finding(Gate.URGENT_APPLICATION, facts, rules, stated or NOT_STATED, is_open=is_open)


def announcement(facts: Facts, rules: GateRules) -> Finding:
    """Not needed, or announced, and the pick-up comes only when the term has passed."""
    stated = facts.stated.announcement
    day: date | None = None
    if stated is None:
        code = NOT_STATED
    elif not stated.is_needed:
        code = "not_needed"
    elif stated.announced_on is None:
        code = "not_announced"
    else:
        day = first_day_after_announcement(stated.announced_on, rules.announcement_months.value)
        code = "announced" if facts.pickup_at.astimezone(BERLIN).date() >= day else "too_early"
    return _finding(Gate.ANNOUNCEMENT, facts, rules, code, is_open=code in ("not_needed", "announced"), day=day)


def fitness_to_travel(facts: Facts, rules: GateRules) -> Finding:
    """Checked, and fit."""
    stated = facts.stated.fitness_to_travel
    return _finding(Gate.FITNESS_TO_TRAVEL, facts, rules, stated or NOT_STATED, is_open=stated is Fitness.FIT)


def unaccompanied_minor(facts: Facts, rules: GateRules) -> Finding:
    """Nobody is one, or the hand-over is assured."""
    stated = facts.stated.unaccompanied_minor
    code = (stated or NOT_STATED) if facts.is_lone_minor else "not_needed"
    is_open = not facts.is_lone_minor or stated is MinorHandover.ASSURED
    return _finding(Gate.UNACCOMPANIED_MINOR, facts, rules, code, is_open=is_open)


def transit(facts: Facts, rules: GateRules) -> Finding:
    """Not needed, or granted; one that is applied for is a warning until shortly before the pick-up."""
    state = _clearance(facts, ClearanceKind.TRANSIT)
    last = facts.pickup_at - timedelta(hours=rules.clearance_hours_before_pickup.value)
    is_applied = state is ClearanceState.APPLIED
    is_late = is_applied and facts.now >= last
    is_open = state in (ClearanceState.GRANTED, ClearanceState.NOT_NEEDED) or (is_applied and not is_late)
    code = "undecided" if is_late else state.value
    return _finding(Gate.TRANSIT, facts, rules, code, is_open=is_open, who=(Role.ZFA,), is_warning=is_applied)


def medical_reception(facts: Facts, rules: GateRules) -> Finding:
    """Not needed, or confirmed."""
    state = _clearance(facts, ClearanceKind.MEDICAL_RECEPTION)
    is_open = state in (ClearanceState.GRANTED, ClearanceState.NOT_NEEDED)
    return _finding(Gate.MEDICAL_RECEPTION, facts, rules, state.value, is_open=is_open, who=(Role.ZRK,))


GATES: Mapping[Gate, Callable[[Facts, GateRules], Finding]] = {
    Gate.COURT_ORDER: court_order,
    Gate.URGENT_APPLICATION: urgent_application,
    Gate.ANNOUNCEMENT: announcement,
    Gate.FITNESS_TO_TRAVEL: fitness_to_travel,
    Gate.UNACCOMPANIED_MINOR: unaccompanied_minor,
    Gate.TRANSIT: transit,
    Gate.MEDICAL_RECEPTION: medical_reception,
}
"""The function of each gate, in the order in which they are told."""


def examine(facts: Facts, rules: GateRules) -> tuple[Finding, ...]:
    """Return how every gate stands."""
    return tuple(check(facts, rules) for check in GATES.values())


def blocking(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Return those that block."""
    return tuple(finding for finding in findings if finding.blocks)


def _clearance(facts: Facts, kind: ClearanceKind) -> ClearanceState:
    # One that is needed and that nobody has raised yet is needed all the same.
    otherwise = ClearanceState.NEEDED if kind in facts.needs else ClearanceState.NOT_NEEDED
    return facts.clearances.get(kind, otherwise)


def _finding(
    gate: Gate,
    facts: Facts,
    rules: GateRules,
    code: str,
    *,
    is_open: bool,
    who: tuple[Role, ...] = (Role.ABH,),
    is_warning: bool = False,
    day: date | None = None,
) -> Finding:
    may_be_lifted = not is_open and gate.value in rules.may_be_lifted.value and code not in _NEGATIVE
    state = GateState.OPEN if is_open else GateState.CLOSED
    if may_be_lifted and gate.value in facts.lifted:
        state = GateState.WAIVED
    # Where it must be moved to another day, or another flight, the owner does that whoever said no.
    owner_too = code in ("refused", "alternative", "undecided") and Role.ABH not in who
    return Finding(
        gate=gate, state=state, code=str(code), law=rules.law.value[gate.value], may_be_lifted=may_be_lifted, day=day,
        is_warning=is_warning and is_open,
        who=(*who, *((Role.ABH,) if owner_too else ())) if not is_open or is_warning else (),
    )  # fmt: skip


def _word(kind: type[E], text: object) -> E | None:
    return kind(text) if isinstance(text, str) and text in set(kind) else None


def _announcement(document: object) -> Announcement | None:
    if not isinstance(document, Mapping) or not isinstance(document.get("is_needed"), bool):
        return None
    day = document.get("announced_on")
    try:
        return Announcement(
            is_needed=document["is_needed"], announced_on=None if day is None else date.fromisoformat(str(day))
        )
    except ValueError:
        return None


def _told(pair: gate_texts.Pair, day: date | None, **words: str) -> dict[str, str]:
    iso = "" if day is None else day.isoformat()
    return {
        language: text.format(day=gate_texts.day_told(iso, is_german=language == "de") if iso else "", **words)
        for language, text in zip(("de", "en"), pair, strict=True)
    }


def _and(told: Mapping[str, str], more: gate_texts.Pair) -> dict[str, str]:
    return {language: f"{told[language]} {text}".strip() for language, text in zip(("de", "en"), more, strict=True)}
