"""What organisations can be told of by webhooks."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum


class Topic(StrEnum):
    """What a message tells of."""

    REQUEST_STATE_CHANGED = "request.state_changed"
    PROPOSAL_MADE = "proposal.made"
    PROPOSAL_LOST = "proposal.lost"
    PROPOSAL_EXPIRING = "proposal.expiring"
    DECISION_MADE = "decision.made"
    SEAT_FREED = "seat.freed"
    GATE_CLOSED = "gate.closed"
    CLEARANCE_CHANGED = "clearance.changed"
    RUN_FINISHED = "run.finished"
    AMTSHILFE_CHANGED = "amtshilfe.changed"
    TASK_OPENED = "task.opened"
    WEBHOOK_TEST = "webhook.test"
    """Sent when somebody asks for it; every endpoint gets it."""


WANTED = tuple(topic for topic in Topic if topic is not Topic.WEBHOOK_TEST)
"""Topics that can be chosen."""


def read(text: str) -> frozenset[Topic]:
    """Return the topics of an endpoint, as stored."""
    return frozenset(Topic(each) for each in text.split())


def store(topics: Collection[Topic]) -> str:
    """Return topics as they are stored: in one order, with blanks between."""
    return " ".join(topic.value for topic in Topic if topic in topics)
