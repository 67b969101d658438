"""Bodies of webhook endpoints and of what was delivered to them."""

from __future__ import annotations

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from api.db.tables import OutboxMessage, WebhookEndpoint
from api.repositories.outbox import NEVER
from api.schemas.base import Body, Shown
from api.topics import WANTED, Topic, read

_ID = "01920a3c-7b1e-7cc3-9a41-5d0c8e2f6b10"
_AT = "2026-10-01T09:00:00Z"
_URL = "https://zab.example.org/hooks"
Url = Annotated[
    str,
    StringConstraints(min_length=8, max_length=500),
    Field(description="Where to send: https, on the public network, without user name.", examples=[_URL]),
]
_NAMES = ", ".join(f"`{topic}`" for topic in WANTED)
_ONE = Annotated[Topic, Field(strict=False)]
Topics = Annotated[
    list[_ONE],
    Field(min_length=1, max_length=len(WANTED), description=f"What to be told of: {_NAMES}.",
          examples=[["proposal.made", "proposal.lost"]]),
]  # fmt: skip


def _check(topics: list[Topic] | None) -> None:
    if topics is not None and any(topic not in WANTED for topic in topics):
        raise ValueError(f"topics: expected some of {', '.join(WANTED)}")


class WebhookNew(Body):
    """A new endpoint."""

    url: Url
    topics: Topics

    @model_validator(mode="after")
    def _check(self) -> Self:
        _check(self.topics)
        return self


class WebhookChange(Body):
    """What is to change; what is left out stays."""

    url: Url | None = None
    topics: Topics | None = None
    is_active: Annotated[
        bool | None, Field(description="Off: nothing is sent, and what waits is given up.", examples=[True])
    ] = None  # fmt: skip

    @model_validator(mode="after")
    def _check(self) -> Self:
        _check(self.topics)
        return self


class WebhookShown(Shown):
    """An endpoint of the organisation that calls."""

    id: Annotated[uuid.UUID, Field(examples=[_ID])]
    url: Annotated[str, Field(examples=[_URL])]
    topics: Annotated[list[Topic], Field(examples=[["proposal.made", "proposal.lost"]])]
    is_active: Annotated[
        bool, Field(description="Off where somebody switched it off, or it answered with 410.", examples=[True])
    ]
    created_at: Annotated[datetime, Field(examples=[_AT])]
    updated_at: Annotated[datetime, Field(examples=[_AT])]

    @classmethod
    def of(cls, row: WebhookEndpoint) -> Self:
        """Return what is shown of an endpoint."""
        wanted = read(row.topics)
        return cls(
            id=row.id, url=row.url, topics=[topic for topic in Topic if topic in wanted], is_active=row.is_active,
            created_at=row.created_at, updated_at=row.updated_at,
        )  # fmt: skip


class WebhookMade(WebhookShown):
    """An endpoint with its secret, as shown once."""

    secret: Annotated[
        str | None,
        Field(
            description="Signs, in the standard-webhooks way; shown once, and null where the call is repeated.",
            examples=["whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"],
        ),
    ] = None


class DeliveryState(StrEnum):
    """What became of a message."""

    PENDING = "pending"
    DELIVERED = "delivered"
    GIVEN_UP = "given_up"


class DeliveryShown(Shown):
    """A message to an endpoint; `id` is the `webhook-id` that it carries, each time it is sent."""

    id: Annotated[uuid.UUID, Field(examples=[_ID])]
    at: Annotated[datetime, Field(description="When what it tells of happened.", examples=[_AT])]
    topic: Annotated[Topic, Field(examples=["proposal.made"])]
    state: Annotated[DeliveryState, Field(examples=["pending"])]
    attempts: Annotated[int, Field(description="Times that it was sent.", examples=[1])]
    failure: Annotated[
        str | None, Field(description="Why the last attempt failed: a code.", examples=["status_500"])
    ]  # fmt: skip
    next_attempt_at: Annotated[datetime | None, Field(description="Of a pending one.", examples=[_AT])]
    delivered_at: Annotated[datetime | None, Field(examples=[None])]

    @classmethod
    def of(cls, row: OutboxMessage) -> Self:
        """Return what is shown of a message."""
        state = DeliveryState.PENDING
        if row.delivered_at is not None:
            state = DeliveryState.DELIVERED
        elif row.due_at >= NEVER:
            state = DeliveryState.GIVEN_UP
        return cls(
            id=row.id, at=row.at, topic=Topic(row.topic), state=state, attempts=row.attempts, failure=row.failure,
            next_attempt_at=row.due_at if state is DeliveryState.PENDING else None, delivered_at=row.delivered_at,
        )  # fmt: skip
