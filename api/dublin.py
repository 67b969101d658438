"""Dates of a Dublin transfer: days left, the form to the other state, what a second attempt would need. Pure.

Deadline and regime are entered by an officer with their source; nothing here computes a deadline. Facts go in, warnings
come out; warnings block nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from data.service_parameters import Dublin


class RoutingCode(StrEnum):
    """Why a ZAB is asked before all others."""

    STATE_FACILITY = "dublin_state_facility"
    """A Dublin transfer from a state facility of its Bezirk."""
    AMTSHILFE = "amtshilfe_taken_over"
    """It took the transfer over as Amtshilfe."""


class Level(StrEnum):
    """How urgent a warning is."""

    NOTE = "note"
    WARN = "warn"
    RED = "red"


class WarningCode(StrEnum):
    """What there is to know of a Dublin transfer."""

    DEADLINE_MISSING = "deadline_missing"
    """Nobody entered a deadline: it cannot be watched."""
    DEADLINE_NEAR = "deadline_near"
    DEADLINE_PAST = "deadline_past"
    ARRIVAL_AFTER_DEADLINE = "arrival_after_deadline"
    FORM_DUE = "form_due"
    """The form may go out from now on, and must within so many days."""
    FORM_TOO_EARLY = "form_too_early"
    FORM_TOO_LATE = "form_too_late"
    """It went out, or could now only go out, after its last day."""
    NOT_MOVABLE = "not_movable"
    """A missed transport cannot simply be moved to tomorrow: a new form needs its lead again."""
    LAST_ATTEMPT = "last_attempt"
    """Should this transport be missed, no other is possible before the deadline."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DublinFacts:
    """What the dates of a transfer are judged by; all are local days.

    Parameters
    ----------
    today
        The day on which it is looked at.
    arrival
        Day of the arrival in the other state: of the flight, or of the hand-over at the border.
    deadline
        Last day of the deadline as it was entered; ``None``: nobody entered one.
    has_special_needs
        Whether the state of destination must prepare for special needs, or somebody travels as an unaccompanied minor.
    form_sent_on
        Day on which the form went out; ``None``: not yet, as far as anybody told.
    """

    today: date
    arrival: date
    deadline: date | None
    has_special_needs: bool = False
    form_sent_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DublinWarning:
    """A warning: its code, how urgent, and the day that it is about (the last day for the form, the deadline)."""

    code: WarningCode
    level: Level
    on: date | None = None


def days_left(deadline: date, today: date) -> int:
    """Return the days from ``today`` to the deadline: 0 on its last day, negative afterwards."""
    return (deadline - today).days


def form_last_day(arrival: date, parameters: Dublin, *, has_special_needs: bool) -> date:
    """Return the last day on which the form for an arrival may go out (DVO (EU) 2025/2055 Art. 25 (2), (3))."""
    lead = parameters.form_special_latest_days if has_special_needs else parameters.form_latest_days
    return arrival - timedelta(days=lead.value)


def form_first_day(arrival: date, parameters: Dublin, *, has_special_needs: bool) -> date:
    """Return the first day on which the form is due; with special needs it may go out earlier, too."""
    lead = parameters.form_special_reminder_days if has_special_needs else parameters.form_earliest_days
    return arrival - timedelta(days=lead.value)


def soonest_arrival(today: date, parameters: Dublin, *, has_special_needs: bool) -> date:
    """Return the first day of an arrival for which the form, sent today, is in time."""
    lead = parameters.form_special_latest_days if has_special_needs else parameters.form_latest_days
    return today + timedelta(days=lead.value)


def new_measure_due(deadline: date, today: date, parameters: Dublin, *, has_special_needs: bool) -> date:
    """Return until when a new measure must be examined after a failed attempt.

    So that its form still goes out in time for an arrival on the last day of the deadline; where that is past already,
    today: whoever examines says that it is no longer possible, or that another lead was agreed on.
    """
    return max(today, form_last_day(deadline, parameters, has_special_needs=has_special_needs))


def warnings(facts: DublinFacts, parameters: Dublin) -> tuple[DublinWarning, ...]:
    """Return what there is to know of a transfer, the most urgent first.

    Raises
    ------
    Nothing: whatever the dates are, they are told.
    """
    found = [*_of_deadline(facts, parameters), *_of_form(facts, parameters), *_of_second_attempt(facts, parameters)]
    urgency = (Level.RED, Level.WARN, Level.NOTE)
    return tuple(sorted(found, key=lambda each: urgency.index(each.level)))


def _of_deadline(facts: DublinFacts, parameters: Dublin) -> list[DublinWarning]:
    if facts.deadline is None:
        return [DublinWarning(code=WarningCode.DEADLINE_MISSING, level=Level.WARN)]
    left = days_left(facts.deadline, facts.today)
    if left < 0:
        return [DublinWarning(code=WarningCode.DEADLINE_PAST, level=Level.RED, on=facts.deadline)]
    if facts.arrival > facts.deadline:
        return [DublinWarning(code=WarningCode.ARRIVAL_AFTER_DEADLINE, level=Level.RED, on=facts.deadline)]
    if left <= parameters.deadline_near_days.value:
        return [DublinWarning(code=WarningCode.DEADLINE_NEAR, level=Level.WARN, on=facts.deadline)]
    return []


def _of_form(facts: DublinFacts, parameters: Dublin) -> list[DublinWarning]:
    if facts.arrival < facts.today:
        return []
    last = form_last_day(facts.arrival, parameters, has_special_needs=facts.has_special_needs)
    first = form_first_day(facts.arrival, parameters, has_special_needs=facts.has_special_needs)
    if (facts.form_sent_on or facts.today) > last:
        return [DublinWarning(code=WarningCode.FORM_TOO_LATE, level=Level.RED, on=last)]
    if facts.form_sent_on is None:
        return [DublinWarning(code=WarningCode.FORM_DUE, level=Level.WARN, on=last)] if facts.today >= first else []
    if facts.form_sent_on < first and not facts.has_special_needs:
        return [DublinWarning(code=WarningCode.FORM_TOO_EARLY, level=Level.WARN, on=first)]
    return []


def _of_second_attempt(facts: DublinFacts, parameters: Dublin) -> list[DublinWarning]:
    """Return what a missed transport would mean: the form of the next one can go out on the day of this one."""
    if facts.arrival < facts.today:
        return []
    again = soonest_arrival(facts.arrival, parameters, has_special_needs=facts.has_special_needs)
    if facts.deadline is not None and facts.arrival <= facts.deadline < again:
        return [DublinWarning(code=WarningCode.LAST_ATTEMPT, level=Level.WARN, on=again)]
    return [DublinWarning(code=WarningCode.NOT_MOVABLE, level=Level.NOTE, on=again)]
