"""Bodies of the audit log."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Annotated, Any

from pydantic import Field

from api.schemas.base import Shown

_HASH = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"


class AuditLine(Shown):
    """A line of the log: who did what to which record, and the hash that the next line holds."""

    number: Annotated[int, Field(description="Without a gap, from 1.", examples=[4711])]
    at: Annotated[datetime, Field(examples=["2026-10-01T09:00:00Z"])]
    account_id: Annotated[
        uuid.UUID | None,
        Field(description="Null: the clock or a run.", examples=["01920a3c-7b1e-7cc3-9a41-5d0c8e2f6b10"]),
    ]
    organisation_id: Annotated[uuid.UUID | None, Field(examples=["01920a3c-7b1e-7cc3-9a41-5d0c8e2f6b11"])]
    role: Annotated[str, Field(examples=["zab_dispatcher"])]
    action: Annotated[str, Field(examples=["confirm"])]
    subject_kind: Annotated[str, Field(examples=["request"])]
    subject_id: Annotated[str, Field(examples=["01920a3c-7b1e-7cc3-9a41-5d0c8e2f6b12"])]
    purpose: Annotated[str, Field(description="Why a staged field was read.", examples=[""])]
    details: Annotated[
        dict[str, Any],
        Field(description="Names of fields, codes, states.", examples=[{"before": "proposed", "after": "confirmed"}]),
    ]
    previous: Annotated[str, Field(description="SHA-256 of the line before.", examples=["0" * 64])]
    sha256: Annotated[str, Field(description="SHA-256 of this line, the one before included.", examples=[_HASH])]


class AuditHead(Shown):
    """The last line, to be noted elsewhere: lines that are cut off at the end show only against it."""

    number: Annotated[int, Field(examples=[4711])]
    sha256: Annotated[str, Field(examples=[_HASH])]


class AuditFault(Shown):
    """Where the log is not what it was."""

    number: Annotated[int, Field(examples=[4700])]
    what: Annotated[str, Field(examples=["was changed"])]


class AuditVerification(Shown):
    """What was found in a part of the log."""

    checked: Annotated[int, Field(description="Lines that were verified.", examples=[10000])]
    first: Annotated[int, Field(description="Number of the first of them; 0 where there was none.", examples=[1])]
    last: Annotated[int, Field(description="Number of the last of them; 0 where there was none.", examples=[10000])]
    faults: Annotated[list[AuditFault], Field(description="Empty where they are whole.", examples=[[]])]
    next: Annotated[
        int | None, Field(description="Send it as `from` to verify on; absent at the end.", examples=[10001])
    ] = None  # fmt: skip
