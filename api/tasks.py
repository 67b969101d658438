"""Tasks: what an organisation has to examine, and with which outcome it may say that it is done. Pure."""

from __future__ import annotations

from enum import StrEnum


class TaskKind(StrEnum):
    """What is to be examined."""

    EXAMINE_AMTSHILFE = "examine_amtshilfe"
    """Whether the transfer of somebody who was assigned to the Bezirk is taken over."""
    EXAMINE_NEW_MEASURE = "examine_new_measure"
    """A Dublin transfer failed and days are left (decree of 30.08.2024)."""


class NewMeasureOutcome(StrEnum):
    """What the examination of a new measure led to."""

    NEW_REQUEST_ENTERED = "new_request_entered"
    NEW_DATE_ASKED = "new_date_asked"
    """The BAMF was asked for another date."""
    NOT_POSSIBLE_IN_TIME = "not_possible_in_time"
    DEADLINE_CHANGED = "deadline_changed"
    MEASURE_ENDED = "measure_ended"


class DropCode(StrEnum):
    """Why the system took a task back."""

    POOLED_AGAIN = "pooled_again"
    DEADLINE_PASSED = "deadline_passed"
    REQUEST_ENDED = "request_ended"
    CASE_WITHDRAWN = "case_withdrawn"


OUTCOMES: dict[TaskKind, type[StrEnum] | None] = {
    TaskKind.EXAMINE_AMTSHILFE: None,
    TaskKind.EXAMINE_NEW_MEASURE: NewMeasureOutcome,
}
"""Codes with which people say that a task is done; ``None``: it is done by what it asks for, and by nothing else."""
