"""Commitments: planned tours with their own riders, as ZABs enter them. The seats that are left are the Restplätze."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, Self

from pydantic import Field, model_validator

from api.db.tables import Proposal
from api.schemas.base import Body, CodeText, Id, Instant, Shown
from api.schemas.duties import DutyShown
from api.schemas.gates import CLEAR, Gates
from api.schemas.requests import EXAMPLE, RequestContent
from api.workflow import State

_LONGEST = timedelta(hours=24)


class NewRider(Body):
    """A request that a ZAB carries on a planned tour of its own, with the times that it promised."""

    abh: Annotated[CodeText, Field(description="ABH that owns the case, by its code.", examples=["abh:05113000"])]
    request: Annotated[RequestContent, Field(description="The request, as its ABH stated it.", examples=[EXAMPLE])]
    gates: Annotated[
        Gates | None,
        Field(
            description="What its ABH stated of the gates; left out: nothing, and it does not depart.",
            examples=[CLEAR],
        ),
    ] = None
    pickup_at: Annotated[
        Instant, Field(description="Promised begin of the pick-up.", examples=["2026-10-05T07:10:00+02:00"])
    ]  # fmt: skip
    handover_at: Annotated[
        Instant, Field(description="Promised begin of the hand-over.", examples=["2026-10-05T09:05:00+02:00"])
    ]  # fmt: skip

    @model_validator(mode="after")
    def _check(self) -> Self:
        if not self.pickup_at < self.handover_at <= self.pickup_at + _LONGEST:
            raise ValueError("expected the hand-over after the pick-up, within 24 h: correct the times")
        if self.request.bundle is not None:
            raise ValueError("request.bundle: expected none, for each rider is promised by itself")
        return self


class NewCommitment(Body):
    """Riders of a planned tour, all of them or none."""

    duty_id: Annotated[Id, Field(description="Duty of your ZAB that carries them.")]
    riders: Annotated[list[NewRider], Field(min_length=1, max_length=40, description="Who rides.")]


class RiderShown(Shown):
    """Somebody who was promised a seat."""

    request_id: Annotated[uuid.UUID, Field(description="The request; stopping or cancelling is done there.")]
    proposal_id: Annotated[uuid.UUID, Field(description="The promise; backing out is done there.")]
    abh: Annotated[str, Field(description="ABH that owns the case.", examples=["abh:05113000"])]
    case_reference: Annotated[
        str | None, Field(description="Pseudonym of the case; only for the ZAB that promised it.")
    ]  # fmt: skip
    state: Annotated[State, Field(description="Where the request stands.")]
    people: Annotated[int, Field(description="How many.")]
    pickup_at: Annotated[datetime, Field(description="Promised begin of the pick-up.")]
    handover_at: Annotated[datetime, Field(description="Promised begin of the hand-over.")]


class CommitmentShown(Shown):
    """A tour on which seats were promised."""

    duty: Annotated[DutyShown, Field(description="The duty with its tour and the seats that are left.")]
    riders: Annotated[list[RiderShown], Field(description="Who was promised a seat.")]


def commitment_shown(duty: DutyShown, promises: Sequence[Proposal], *, is_own: bool) -> CommitmentShown:
    """Return a commitment as an answer tells it; ``is_own``: whether the caller's ZAB promised it."""
    return CommitmentShown(
        duty=duty,
        riders=[
            RiderShown(
                request_id=each.request_id, proposal_id=each.id, abh=each.request.organisation.code,
                case_reference=each.request.case_reference if is_own else None, state=each.request.state,
                people=each.request.people, pickup_at=each.pickup_at, handover_at=each.handover_at,
            )
            for each in promises
        ],
    )  # fmt: skip
