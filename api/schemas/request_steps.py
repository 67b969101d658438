"""What is said with a step: the ZAB that is asked, coded reasons, an address."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field, StringConstraints

from api.reason_codes import CancelCode, LiftCode, MoveCode, SettleCode, StopCode
from api.schemas.base import Body, CodeText, Day, Id, Instant, Remark, Shown
from api.schemas.text_warnings import Warnings
from optimizer.model import RejectionCode

_REMARK = Field(description="At most 200 characters, needed with the code `other`: no names, no diagnoses.")


def _codes(kind: type[StrEnum]) -> object:
    return Field(strict=False, description=f"Why: {', '.join(kind)}.", examples=[next(iter(kind)).value])


class AskBody(Body):
    """Whom to ask in the first round."""

    zab: Annotated[CodeText, Field(description="Code of the ZAB.", examples=["zab:essen"])]


class AcceptBody(Body):
    """On which duty the first round takes it; times that are left out are looked for."""

    duty_id: Annotated[
        Id, Field(description="A duty of your ZAB.", examples=["01890a5d-ac96-774b-bcce-b302099a8057"])
    ]  # fmt: skip
    pickup_at: Annotated[Instant | None, Field(description="Begin of the pick-up.", examples=[None])] = None
    handover_at: Annotated[Instant | None, Field(description="Begin of the hand-over.", examples=[None])] = None


class RejectBody(Body):
    """Why the first round rejects."""

    code: Annotated[RejectionCode, _codes(RejectionCode)]
    remark: Annotated[Remark, _REMARK] = ""


class CancelBody(Body):
    """Why the owner withdraws."""

    code: Annotated[CancelCode, _codes(CancelCode)]
    remark: Annotated[Remark, _REMARK] = ""


class MoveBody(Body):
    """To which day the measure moves, and why."""

    to: Annotated[
        Day,
        Field(
            description="Local day of the flight, or where none is stated of the hand-over; all times stay as they are "
            "by the clock.",
            examples=["2026-10-07"],
        ),
    ]
    code: Annotated[MoveCode, _codes(MoveCode)]
    remark: Annotated[Remark, _REMARK] = ""


class StopBody(Body):
    """Why the measure must stop."""

    code: Annotated[StopCode, _codes(StopCode)]
    remark: Annotated[Remark, _REMARK] = ""


class LiftBody(Body):
    """Why a stop ends."""

    code: Annotated[LiftCode, _codes(LiftCode)]
    remark: Annotated[Remark, _REMARK] = ""


class SettleBody(Body):
    """How a lead settles what was declined."""

    code: Annotated[SettleCode, _codes(SettleCode)]
    remark: Annotated[Remark, _REMARK] = ""


class AddressPurpose(StrEnum):
    """Why somebody reads an address."""

    PLAN_TRIP = "plan_trip"
    PICK_UP = "pick_up"
    CHECK = "check"
    """The owner looks whether it is right."""


class AddressBody(Body):
    """Where exactly to pick up: kept sealed, apart from the request."""

    address: Annotated[
        str, StringConstraints(min_length=3, max_length=300),
        Field(description="Street, number, town, where to ring. No names.", examples=["Musterstr. 1, 45127 Essen"]),
    ]  # fmt: skip


class AddressEntered(Shown):
    """The address is sealed. What is said of it is only where it may hold more than an address."""

    warnings: Warnings = ()


class AddressShown(Shown):
    """An address in clear; each read is logged with its purpose."""

    address: Annotated[str, Field(examples=["Musterstraße 1, 45127 Essen"])]
