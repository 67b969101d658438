"""Clearances as ZFA, ZRK and ABH see them, what is recorded, and what was sent to the airport office."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import Field, StringConstraints

from api.actor import Actor
from api.clearance_workflow import (
    BODY_OF,
    ClearanceAction,
    ClearanceKind,
    ClearanceState,
    Party,
    RefusalCode,
    actions,
    is_red,
)
from api.db.tables import Clearance, DispatchRecord
from api.schemas.base import Body, CodeText, Day, Instant, Shown
from api.schemas.catalogue import CodeShown, Text
from api.workflow import Role

_KINDS = ", ".join(ClearanceKind)
_CODES = ", ".join(RefusalCode)


class Trip(Shown):
    """What ZFA and ZRK need for their application; no name, no address."""

    case_reference: Annotated[str, Field(description="Pseudonym that leads to the case.", examples=["A-2026-0815"])]
    flight: Annotated[str | None, Field(examples=["LH 1234"])]
    departure: Annotated[datetime | None, Field(description="Take-off.")]
    stop_overs: Annotated[list[str], Field(description="Airports (IATA).", examples=[["IST"]])]
    destination: Annotated[str | None, Field(description="State of destination.", examples=["TR"])]
    handover_place: Annotated[str, Field(description="Where people are handed over.", examples=["DUS"])]
    people: Annotated[int, Field(examples=[1])]

    @classmethod
    def of(cls, row: Clearance) -> Self:
        """Return what the request of a clearance says of its trip."""
        content: dict[str, Any] = row.request.content
        return cls(
            case_reference=row.request.case_reference, flight=content.get("flight"),
            departure=content.get("departure"), stop_overs=list(content.get("stop_overs") or ()),
            destination=content.get("destination"), handover_place=row.request.delivery_place,
            people=row.request.people,
        )  # fmt: skip


class ClearanceShown(Shown):
    """A clearance; `ETag` is the version that decisions name."""

    id: uuid.UUID
    kind: Annotated[ClearanceKind, Field(description=f"What is asked for: {_KINDS}.", examples=["transit"])]
    state: Annotated[ClearanceState, Field(examples=["applied"])]
    request_id: uuid.UUID
    owner: Annotated[str, Field(description="Code of the ABH that owns the request.", examples=["abh:05113000"])]
    subject: Annotated[
        str, Field(description="Airports of the stop-over, or the state of destination.", examples=["IST"])
    ]
    trip: Annotated[Trip | None, Field(description="For the owner, and for ZFA or ZRK, who apply.")]
    pickup_at: Annotated[datetime, Field(description="Begin of the pick-up, as proposed or as asked for.")]
    apply_by: Annotated[datetime, Field(description="Until when to apply.")]
    decide_by: Annotated[datetime, Field(description="When an answer is due.")]
    is_overdue: Annotated[bool, Field(description="Whether the application, or the answer, is late.")]
    is_red: Annotated[bool, Field(description="Whether it stands against the transport now.")]
    is_extended: Annotated[bool, Field(description="Whether further days were taken for the answer.")]
    applied_at: datetime | None
    decided_at: datetime | None
    alternative_on: Annotated[date | None, Field(description="Day that was offered instead.")]
    code: Annotated[str | None, Field(description="Why it was refused.", examples=["date_not_possible"])]
    reference: Annotated[str | None, Field(description="File number of the deciding body.", examples=["DB-2026/114"])]
    created_at: datetime
    updated_at: datetime
    version: Annotated[int, Field(description="As in the `ETag`.", examples=[1])]
    actions: Annotated[list[ClearanceAction], Field(description="What your role may do now.", examples=[["apply"]])]

    @classmethod
    def of(cls, row: Clearance, actor: Actor, pickup_at: datetime, now: datetime) -> Self:
        """Return a row as far as the actor may see it."""
        needs_trip = actor.role in (Role.ABH, BODY_OF[row.kind])
        late = {ClearanceState.NEEDED: row.apply_by, ClearanceState.APPLIED: row.decide_by}.get(row.state)
        return cls(
            id=row.id, kind=row.kind, state=row.state, request_id=row.request_id, owner=row.request.organisation.code,
            subject=row.subject, trip=Trip.of(row) if needs_trip else None, pickup_at=pickup_at,
            apply_by=row.apply_by, decide_by=row.decide_by, is_overdue=late is not None and late < now,
            is_red=is_red(row, pickup_at, now), is_extended=row.is_extended, applied_at=row.applied_at,
            decided_at=row.decided_at, alternative_on=row.alternative_on, code=row.code,
            reference=row.reference if needs_trip else None, created_at=row.created_at, updated_at=row.updated_at,
            version=row.version, actions=sorted(actions(row.kind, row.state, actor.role)),
        )  # fmt: skip


# --- said -------------------------------------------------------------------------------------------------------------

_REFERENCE = Field(
    description="File number of the deciding body; no name. Left out: stays as it is.", examples=["DB-2026/114"]
)
_AT = Field(description="When it happened; left out: now.", examples=[None])


class RecordBody(Body):
    """What is recorded with an application or a consent."""

    reference: Annotated[CodeText | None, _REFERENCE] = None
    at: Annotated[Instant | None, _AT] = None


class RefuseBody(RecordBody):
    """A refusal; its ground stands in the file that the reference names."""

    code: Annotated[RefusalCode, Field(strict=False, description=f"Why: {_CODES}.", examples=["date_not_possible"])]


class OfferDateBody(RecordBody):
    """Another date."""

    on: Annotated[Day, Field(description="Local day of the flight that is possible.", examples=["2026-10-07"])]


class ReceptionBody(Body):
    """For which state medical reception is asked for."""

    destination: Annotated[
        str | None, StringConstraints(pattern=r"^[A-Z]{2}$"),
        Field(description="ISO 3166-1 alpha-2; left out: as the request states.", examples=["TR"]),
    ] = None  # fmt: skip


_DOCUMENT = Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,40}$")]


class DispatchBody(Body):
    """What was sent to the airport office; the files stay in your own system."""

    office: Annotated[CodeText, Field(description="Code of the catalogue.", examples=["bpol:DUS"])]
    documents: Annotated[
        list[_DOCUMENT],
        Field(min_length=1, max_length=20, description="Codes of the catalogue.", examples=[["transit_consent"]]),
    ]
    sent_at: Annotated[
        Instant | None, Field(description="When it was sent; left out: now.", examples=["2026-10-03T10:00:00+02:00"])
    ] = None  # fmt: skip


# --- dispatches -------------------------------------------------------------------------------------------------------


class DispatchShown(Shown):
    """One sending."""

    id: uuid.UUID
    office: Annotated[str, Field(examples=["bpol:DUS"])]
    documents: Annotated[list[str], Field(description="Codes.", examples=[["transit_consent"]])]
    sent_at: datetime
    created_at: Annotated[datetime, Field(description="When it was recorded.")]

    @classmethod
    def of(cls, row: DispatchRecord) -> Self:
        """Return a record."""
        return cls(
            id=row.id, office=row.office, documents=row.documents.split(","), sent_at=row.sent_at,
            created_at=row.created_at,
        )  # fmt: skip


class DispatchSet(Shown):
    """All that was sent for a clearance, and what the set for the airport office still lacks."""

    items: list[DispatchShown]
    missing: Annotated[list[str], Field(description="Codes of required documents.", examples=[["flight_booking"]])]
    is_complete: bool


# --- catalogue --------------------------------------------------------------------------------------------------------


class DocumentShown(Shown):
    """A kind of document."""

    code: Annotated[str, Field(examples=["transit_consent"])]
    text: Text
    is_required: Annotated[bool, Field(description="Whether the set for the airport office needs it.")]


class OfficeShown(Shown):
    """An office of the Bundespolizei at an airport."""

    code: Annotated[str, Field(examples=["bpol:DUS"])]
    airport: Annotated[str, Field(description="IATA.", examples=["DUS"])]
    text: Text


class ClearanceCell(Shown):
    """What can be done to a clearance in a state."""

    state: ClearanceState
    action: ClearanceAction
    text: Text
    to: Annotated[ClearanceState, Field(description="State it leads to.")]
    who: Annotated[Party, Field(description="`body`: ZFA for transit, ZRK for medical reception.")]
    kinds: Annotated[list[ClearanceKind], Field(description="For which it is there.", examples=[["transit"]])]


class ClearanceCatalogue(Shown):
    """The life of clearances, why they are refused, and what is sent to whom."""

    kinds: Annotated[list[CodeShown], Field(description="What is asked for.")]
    states: list[CodeShown]
    refusals: list[CodeShown]
    workflow: list[ClearanceCell]
    documents: list[DocumentShown]
    offices: list[OfficeShown]


def codes_shown(kind: type[StrEnum], known: Any) -> list[CodeShown]:
    """Return all codes of an enumeration with their texts."""
    return [
        CodeShown(code=code.value, text=Text(de=known[code][0], en=known[code][1]), needs_remark=False)
        for code in kind
    ]  # fmt: skip
