"""Dublin transfers by days left, Amtshilfe cases and tasks, as people see and decide them."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Self

from pydantic import Field, StringConstraints

from api import texts
from api.actor import Actor
from api.amtshilfe import AmtshilfeAction, AmtshilfeReason, AmtshilfeState, amtshilfe_actions
from api.db.tables import AmtshilfeCase, Task, TaskState, TransportRequest
from api.dublin import DublinWarning, Level, WarningCode
from api.schemas.base import Body, CodeText, Day, Remark, Shown
from api.schemas.catalogue import Text
from api.schemas.pool import PoolEntry, days_to
from api.schemas.text_warnings import Warnings, told
from api.tasks import OUTCOMES, DropCode, TaskKind
from api.workflow import Role
from data.service_parameters import dublin_rules

_ID = "01890a5d-ac96-774b-bcce-b302099a8057"


def _text(pair: texts.Pair) -> Text:
    return Text(de=pair[0], en=pair[1])


class DublinWarningShown(Shown):
    """Something to know of the dates of a transfer; it blocks nothing."""

    code: Annotated[WarningCode, Field(examples=["form_due"])]
    level: Annotated[Level, Field(description="How urgent.", examples=["warn"])]
    on: Annotated[date | None, Field(description="The day that it is about.", examples=["2026-10-05"])]
    text: Text

    @classmethod
    def of(cls, warning: DublinWarning) -> Self:
        """Return a warning with its text."""
        return cls(
            code=warning.code, level=warning.level, on=warning.on, text=_text(texts.DUBLIN_WARNINGS[warning.code])
        )


class DublinEntry(Shown):
    """A Dublin transfer, coarsely, with its deadline."""

    request: Annotated[PoolEntry, Field(description="The request in coarse form.")]
    days_left: Annotated[int | None, Field(description="Local days to the deadline; negative: past.", examples=[15])]
    regime: Annotated[str | None, Field(description="Law that sets the deadline.", examples=["604/2013"])]
    regime_text: Annotated[Text | None, Field(description="What it is called.")]
    source: Annotated[
        str | None,
        Field(
            description="Where the deadline was read; for owner and ZAB.", examples=["BAMF, Zustimmung vom 01.09.2026"]
        ),
    ]
    form_sent_on: Annotated[date | None, Field(description="Day on which the form went out.")]
    asked_until: Annotated[datetime | None, Field(description="Until when the ZAB that the decree names answers.")]
    level: Annotated[Level | None, Field(description="That of the most urgent warning.", examples=["warn"])]
    warnings: Annotated[list[DublinWarningShown], Field(description="The most urgent first.")]

    @classmethod
    def of(cls, row: TransportRequest, actor: Actor, warnings: Sequence[DublinWarning], now: datetime) -> Self:
        """Return a transfer with what there is to know of its dates; the source is a text: for owner and ZAB."""
        deadline = row.content.get("deadline") or {}
        regime = dublin_rules().regime(deadline.get("regime", ""))
        return cls(
            request=PoolEntry.of(row, now=now),
            days_left=days_to(row.deadline_at, now),
            regime=deadline.get("regime"),
            regime_text=None if regime is None else Text(de=regime.german, en=regime.english),
            source=(deadline.get("source") or None) if _reads_text(actor) else None,
            form_sent_on=row.form_sent_on,
            asked_until=row.asked_until,
            level=warnings[0].level if warnings else None,
            warnings=[DublinWarningShown.of(each) for each in warnings],
        )


def _reads_text(actor: Actor) -> bool:
    """Whether free text is for the actor: the owner, and ZABs, which see only what is theirs to examine or to carry."""
    return actor.role is Role.ABH or actor.is_zab


class FormBody(Body):
    """When the form of a Dublin transfer went out."""

    sent_on: Annotated[
        Day | None, Field(description="Local day; none: it has not, after all.", examples=["2026-09-24"])
    ]  # fmt: skip


class AssignmentBody(Body):
    """To which municipality somebody is assigned, and when."""

    municipality: Annotated[
        str, StringConstraints(pattern=r"^\d{8}$"),
        Field(description="AGS of the municipality.", examples=["05315000"]),
    ]  # fmt: skip
    assigned_on: Annotated[Day, Field(description="Local day, not after the deadline.", examples=["2026-10-01"])]


class AmtshilfeDeclineBody(Body):
    """Why the ZAB of the Bezirk of assignment does not take over."""

    code: Annotated[
        AmtshilfeReason,
        Field(strict=False, description=f"Why: {', '.join(AmtshilfeReason)}.", examples=["no_capacity"]),
    ]
    remark: Annotated[
        Remark, Field(description="At most 200 characters, needed with the code `other`: no names, no diagnoses.")
    ] = ""  # fmt: skip


class AmtshilfeShown(Shown):
    """An Amtshilfe case. The request's owner stays responsible whatever is decided here."""

    id: Annotated[uuid.UUID, Field(examples=[_ID])]
    request: Annotated[PoolEntry, Field(description="The request in coarse form.")]
    owner: Annotated[str, Field(description="Code of the ABH that owns the request.", examples=["abh:05113000"])]
    zab: Annotated[str, Field(description="ZAB of the Bezirk of assignment: it examines.", examples=["zab:koeln"])]
    opener: Annotated[str, Field(description="Who told of the assignment.", examples=["abh:05113000"])]
    municipality: Annotated[str, Field(description="AGS of the municipality.", examples=["05315000"])]
    assigned_on: Annotated[date, Field(description="Local day of the assignment.", examples=["2026-10-01"])]
    state: Annotated[AmtshilfeState, Field(examples=["open"])]
    state_text: Text
    code: Annotated[AmtshilfeReason | None, Field(description="Why it was declined.", examples=["no_capacity"])]
    remark: Annotated[
        str | None,
        Field(description="Its text; for the owner, the ZAB that examines and who opened it.", examples=[""]),
    ]
    actions: Annotated[list[AmtshilfeAction], Field(description="What your role may do.", examples=[["examine"]])]
    created_at: datetime
    updated_at: datetime
    version: Annotated[int, Field(description="As in the `ETag`.", examples=[1])]
    warnings: Warnings = ()

    @classmethod
    def of(cls, row: AmtshilfeCase, actor: Actor, now: datetime) -> Self:
        """Return a case, with its text for those alone whom it concerns."""
        remark = row.remark if _reads_text(actor) else None
        return cls(
            id=row.id,
            request=PoolEntry.of(row.request, now=now),
            owner=row.request.organisation.code,
            zab=row.zab.code,
            opener=row.opener.code,
            municipality=row.municipality_ags,
            assigned_on=row.assigned_on,
            state=row.state,
            state_text=_text(texts.AMTSHILFE_STATES[row.state]),
            code=row.code,
            remark=remark,
            actions=sorted(amtshilfe_actions(row.state, actor.role)),
            created_at=row.created_at,
            updated_at=row.updated_at,
            version=row.version,
            warnings=told({"/remark": remark or ""}),
        )


class TaskShown(Shown):
    """Something that your organisation has to examine."""

    id: Annotated[uuid.UUID, Field(examples=[_ID])]
    kind: Annotated[TaskKind, Field(examples=["examine_new_measure"])]
    text: Annotated[Text, Field(description="What the kind is called.")]
    request_id: Annotated[uuid.UUID, Field(description="The request it is about.", examples=[_ID])]
    subject_id: Annotated[uuid.UUID | None, Field(description="The Amtshilfe case it is about.", examples=[None])]
    due_at: Annotated[datetime, Field(description="Until when.")]
    state: Annotated[TaskState, Field(examples=["open"])]
    code: Annotated[str | None, Field(description="Outcome, or why it was dropped.", examples=[None])]
    code_text: Annotated[Text | None, Field(description="What the code is called.")]
    outcomes: Annotated[
        list[str], Field(description="Codes with which it can be done; none: deciding its subject does it.",
                         examples=[["new_request_entered"]])
    ]  # fmt: skip
    created_at: datetime
    updated_at: datetime
    ended_at: Annotated[datetime | None, Field(description="When it was done or dropped.")]
    version: Annotated[int, Field(description="As in the `ETag`.", examples=[1])]

    @classmethod
    def of(cls, row: Task) -> Self:
        """Return a task."""
        kind = TaskKind(row.kind)
        outcomes = OUTCOMES[kind]
        return cls(
            id=row.id,
            kind=kind,
            text=_text(texts.TASKS[kind]),
            request_id=row.request_id,
            subject_id=row.subject_id,
            due_at=row.due_at,
            state=row.state,
            code=row.code,
            code_text=_outcome_text(row),
            outcomes=[] if outcomes is None else [code.value for code in outcomes],
            created_at=row.created_at,
            updated_at=row.updated_at,
            ended_at=row.ended_at,
            version=row.version,
        )


def _outcome_text(row: Task) -> Text | None:
    if row.code is None:
        return None
    if row.state is TaskState.DROPPED:
        return _text(texts.DROPS[DropCode(row.code)])
    outcomes = OUTCOMES[TaskKind(row.kind)]
    if outcomes is None:
        return _text(texts.AMTSHILFE_STATES[AmtshilfeState(row.code)])
    return _text(texts.REASON_TEXTS[outcomes][outcomes(row.code)])


class TaskDoneBody(Body):
    """What the examination led to."""

    code: Annotated[CodeText, Field(description="One of the task's `outcomes`.", examples=["new_request_entered"])]
