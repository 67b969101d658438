"""Proposals as lists and the page of one show them, and what people say to them."""

from __future__ import annotations

import uuid
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import Field
from sqlalchemy import Row

from api.company import knows_lifted, rule_told
from api.db.tables import Override, Proposal, Standing
from api.gates import ToldGate, rule_seen_by
from api.reason_codes import ConditionCode, CounterCode, FailCode, SettleCode
from api.schemas.base import Body, CodeText, Instant, Remark, Shown
from api.schemas.text_warnings import Warnings
from api.workflow import Action, DeclineClass, DeclineCode, Role, State
from optimizer.model import Rule, Strength, VisitKind

_REMARK = Field(description="At most 200 characters, needed with the code `other`: no names, no diagnoses.")


def _codes(kind: type[StrEnum]) -> Any:
    return Field(strict=False, description=f"Why: {', '.join(kind)}.", examples=[next(iter(kind)).value])


def minutes(seconds: int) -> int:
    """Return whole minutes, rounded up: nobody is on board for less than is told.

    Limits too: what keeps one in seconds is then never shown above it.
    """
    return -(-seconds // 60)


# --- shown ------------------------------------------------------------------------------------------------------------


class ProposalItem(Shown):
    """A proposal in a list."""

    id: uuid.UUID
    request_id: uuid.UUID
    state: Annotated[State, Field(description="State of the request.")]
    standing: Annotated[Standing, Field(description="What became of the proposal; a live one binds the seat.")]
    zab: Annotated[str, Field(description="Code of the ZAB that is asked.", examples=["zab:essen"])]
    duty_id: uuid.UUID
    duty: Annotated[str, Field(description="The ZAB's name of the duty.", examples=["E-VAN-1 06-14"])]
    run_id: Annotated[uuid.UUID | None, Field(description="Run that made it; none: assigned by hand.")]
    pickup_ags: Annotated[str, Field(description="Municipality of the pick-up.", examples=["05113000"])]
    handover_place: Annotated[str, Field(description="Place of the hand-over.", examples=["DUS"])]
    pickup_at: Annotated[datetime, Field(description="Begin of service at the pick-up.")]
    handover_at: Annotated[datetime, Field(description="Begin of service at the hand-over.")]
    people: Annotated[int, Field(description="Seats that this request takes.", examples=[1])]
    minutes_on_board: Annotated[int, Field(description="As proposed.", examples=[61])]
    minutes_direct: Annotated[int, Field(description="Going alone.", examples=[52])]
    minutes_limit: Annotated[int | None, Field(description="Most that the rules allow.", examples=[75])]
    respond_by: Annotated[datetime | None, Field(description="Until when an answer is needed.")]
    is_manual: Annotated[bool, Field(description="Whether a person put it there by hand.")]
    is_pinned: Annotated[bool, Field(description="Whether it stays on its duty until released.")]
    end_code: Annotated[str | None, Field(description="Why it ended.", examples=["better_plan"])]
    is_red: Annotated[
        bool, Field(description="A gate closed since: it cannot be promised, and a promised trip does not depart.")
    ] = False  # fmt: skip
    blocked_by: Annotated[list[ToldGate], Field(description="Those gates.", examples=[["transit"]])] = []  # noqa: RUF012  # pydantic copies it
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of_list(cls, row: Row[Any]) -> Self:
        """Return a row of a list (``repositories.proposals.listed``) as lists show it: with what ``item`` holds."""
        return cls(
            id=row.id,
            request_id=row.request_id,
            state=row.state,
            standing=row.standing,
            zab=row.zab,
            duty_id=row.duty_id,
            duty=row.duty,
            run_id=row.run_id,
            pickup_ags=row.pickup_ags,
            handover_place=row.delivery_place,
            pickup_at=row.pickup_at,
            handover_at=row.handover_at,
            people=row.people,
            minutes_on_board=minutes(row.on_board_seconds),
            minutes_direct=minutes(row.direct_seconds),
            minutes_limit=None if row.limit_seconds is None else minutes(row.limit_seconds),
            respond_by=row.respond_by,
            is_manual=row.is_manual,
            is_pinned=row.standing is Standing.LIVE and row.pinned_duty_id == row.duty_id,
            end_code=row.end_code,
            created_at=row.created_at,
            updated_at=row.updated_at,
        )


def item(row: Proposal) -> dict[str, Any]:
    """Return the fields of a proposal that lists and pages share, for a page."""
    request = row.request
    return {
        "id": row.id, "request_id": row.request_id, "state": request.state, "standing": row.standing,
        "zab": row.zab.code, "duty_id": row.duty_id, "duty": row.duty.code, "run_id": row.run_id,
        "pickup_ags": request.pickup_ags, "handover_place": request.delivery_place, "pickup_at": row.pickup_at,
        "handover_at": row.handover_at, "people": request.people, "minutes_on_board": minutes(row.on_board_seconds),
        "minutes_direct": minutes(row.direct_seconds),
        "minutes_limit": None if row.limit_seconds is None else minutes(row.limit_seconds),
        "respond_by": row.respond_by, "is_manual": row.is_manual,
        "is_pinned": row.standing is Standing.LIVE and request.pinned_duty_id == row.duty_id,
        "end_code": row.end_code, "created_at": row.created_at, "updated_at": row.updated_at,
    }  # fmt: skip


class StopShown(Shown):
    """A stop of the duty's tour. Of others only the seats are told, not who they are."""

    position: Annotated[int, Field(description="From 0.", examples=[0])]
    kind: VisitKind
    is_own: Annotated[bool, Field(description="Whether it is for this request.")]
    place: Annotated[str | None, Field(description="Id of the place; an ABH sees only its own.", examples=["05113000"])]
    start: Annotated[datetime, Field(description="Begin of service.")]
    departure: datetime
    people: Annotated[int, Field(description="Who gets on or off.", examples=[1])]
    seats_taken: Annotated[int, Field(description="When the vehicle leaves.", examples=[2])]
    seats: Annotated[int, Field(description="Seats for riders.", examples=[7])]


class RiderShown(Shown):
    """Somebody else on the tour, in coarse form."""

    seats: Annotated[int, Field(description="Seats they take.", examples=[1])]
    is_promised: Annotated[bool, Field(description="Whether their ZAB has given its word.")]
    is_together: Annotated[bool, Field(description="Whether they are on board at the same time.")]
    minutes_before: Annotated[int | None, Field(description="On board without this trip; none: not known.")]
    minutes_after: Annotated[int, Field(description="On board with it.", examples=[70])]


class LiftedRule(Shown):
    """A rule that does not bind here, since two persons lifted it for this request."""

    rule: Annotated[str, Field(description="Stable code of the rule.", examples=["detour"])]
    organisation: Annotated[
        str, Field(description="Who lifted it: the owner for all, a ZAB for itself.", examples=["zab:essen"])
    ]
    role: Annotated[Role, Field(description="Role of whoever asked for it.")]
    at: Annotated[datetime, Field(description="When.")]

    @classmethod
    def of(cls, row: Override, role: Role) -> Self:
        """Return an override as those see it whom it concerns; its reason stands with the request.

        A ZAB sees those of its own duties only.
        """
        is_own = role in (Role.ZAB_DISPATCHER, Role.ZAB_LEAD)
        may_know = knows_lifted(role, is_own=is_own, by=row.account.role, is_full=True)
        return cls(
            rule=rule_told(rule_seen_by(row.rule, role), knows=may_know, owns=role is Role.ABH),
            organisation=row.account.organisation.code, role=row.account.role, at=row.created_at,
        )  # fmt: skip


class AlternativeShown(Shown):
    """Another duty that could carry the trip, as the run found it and as far as it still stands."""

    zab: Annotated[str, Field(description="Code of its ZAB.", examples=["zab:koeln"])]
    duty_id: uuid.UUID
    duty: Annotated[str, Field(description="The ZAB's name of the duty.", examples=["K-VAN-2 06-14"])]
    extra_minutes: Annotated[
        int, Field(description="Minutes on board above the direct ride that it adds for all riders.", examples=[12])
    ]


class ConditionShown(Shown):
    """What a provisional promise waits for."""

    text: Annotated[str | None, Field(description="The condition; for the owner, the ZAB and whoever meets it.")]
    owner: Annotated[str | None, Field(description="Who meets it.", examples=["zab:essen"])]
    until: Annotated[datetime | None, Field(description="By when.")]


class CounterShown(Shown):
    """Other times, or another place of pick-up, that the ZAB offers."""

    code: CounterCode
    pickup_at: datetime
    handover_at: datetime
    place: Annotated[str | None, Field(description="Other place of pick-up.", examples=["05113000"])] = None
    remark: Annotated[str, Field(description="Not shown to auditors.")] = ""


class CostShown(Shown):
    """What the trip adds to the cost of its duty."""

    km: Annotated[
        float, Field(description="Kilometres that it adds to the tour, as the ledger counts.", examples=[32.4])
    ]
    crew_minutes: Annotated[
        int, Field(description="Minutes that it adds to the crew's tour, rounded up.", examples=[55])
    ]  # fmt: skip
    euros: Annotated[
        float | None,
        Field(
            description="Both and CO2 by the rates of vehicle, crew and parameter set; none: there are no rates.",
            examples=[134.57],
        ),
    ]


class NoteShown(Shown):
    """What the checker tells of the duty's tour as it is laid out, and what nobody is kept from promising by."""

    rule: Annotated[Rule, Field(description="Stable code.", examples=["driver_break"])]
    texts: Annotated[dict[str, str], Field(description="By language.", examples=[{"de": "…", "en": "…"}])]
    actions: Annotated[dict[str, str], Field(description="What could be done.", examples=[{"de": "…", "en": "…"}])]


class ProposalShown(ProposalItem):
    """A proposal whole; `ETag` is the version that decisions name."""

    may: Annotated[list[Action], Field(description="What your role may do to the request now.")]
    stops: Annotated[list[StopShown], Field(description="The duty's tour; empty where the proposal stands no longer.")]
    riders: Annotated[list[RiderShown], Field(description="Who else rides, and how it affects them.")]
    cost: Annotated[CostShown | None, Field(description="What it adds to its duty; not for an ABH.")] = None
    alternatives: Annotated[list[AlternativeShown], Field(description="Next best duties, best first.")]
    lifted_rules: Annotated[
        list[LiftedRule], Field(description="Rules that do not bind where this ZAB carries the request.")
    ]
    notes: Annotated[
        list[NoteShown], Field(description="What the checker tells of the tour; for the duty's ZAB and the LTraKo.")
    ]
    condition: ConditionShown | None
    counter: CounterShown | None
    warnings: Warnings = ()


class ViolationShown(Shown):
    """A rule, or a fact, that stands against a trip."""

    rule: Annotated[str, Field(description="Stable code.", examples=["ride_time"])]
    strength: Annotated[Strength, Field(description="`overridable`: with a reason and a second person.")]
    texts: Annotated[dict[str, str], Field(description="By language.", examples=[{"de": "…", "en": "…"}])]
    actions: Annotated[dict[str, str], Field(description="What could be done.", examples=[{"de": "…", "en": "…"}])]
    is_own: Annotated[bool, Field(description="Whether it is about this request, not about somebody else.")]


class DeclinePreview(Shown):
    """What a decline would do, before the click."""

    decline_class: Annotated[DeclineClass, Field(description="What the code does.")]
    state_after: Annotated[State, Field(description="State of the request then.")]
    until: Annotated[datetime | None, Field(description="Your ZAB is not asked again before, if nothing else is said.")]
    is_matched_again: Annotated[bool, Field(description="Whether it is matched again at once.")]
    next_best: Annotated[AlternativeShown | None, Field(description="None: no other match is known.")]


# --- said -------------------------------------------------------------------------------------------------------------


class DeclineBody(Body):
    """Why a ZAB declines."""

    code: Annotated[DeclineCode, _codes(DeclineCode)]
    remark: Annotated[Remark, _REMARK] = ""
    until: Annotated[
        Instant | None,
        Field(
            description="With `escort_not_available`: not before, at the latest the pick-up; "
            "left out: the next working day.",
            examples=[None],
        ),
    ] = None


class BackOutBody(Body):
    """Why a ZAB gives a promise back."""

    code: Annotated[DeclineCode, _codes(DeclineCode)]
    remark: Annotated[Remark, _REMARK] = ""


class ConditionBody(Body):
    """What a provisional promise waits for, who meets it, and by when."""

    code: Annotated[ConditionCode, _codes(ConditionCode)]
    condition: Annotated[
        str, Field(min_length=1, max_length=200, description="The condition: no names.", examples=["Fahrzeug aus HU"])
    ]
    owner: Annotated[
        CodeText,
        Field(
            description="Who meets it, and is told: `abh` (the request's owner), `zfa`, `zrk`, `ltrako`, the code of "
            "one of these, or of your own ZAB.",
            examples=["zab:essen"],
        ),
    ]
    until: Annotated[
        Instant, Field(description="By when; at the latest the pick-up.", examples=["2026-10-04T12:00:00+02:00"])
    ]


class CounterBody(Body):
    """Other times, or another place of pick-up."""

    code: Annotated[CounterCode, _codes(CounterCode)]
    pickup_at: Annotated[Instant, Field(description="Begin of the pick-up.", examples=["2026-10-05T08:30:00+02:00"])]
    handover_at: Annotated[
        Instant | None, Field(description="Left out: moved by as much as the pick-up.", examples=[None])
    ] = None
    place: Annotated[
        CodeText | None,
        Field(description="Another place of pick-up: a municipality or facility of the catalogue.", examples=[None]),
    ] = None  # fmt: skip
    remark: Annotated[Remark, _REMARK] = ""


class SettleReasonBody(Body):
    """Why a lead gives a decline back, or opens what was frozen."""

    code: Annotated[SettleCode, _codes(SettleCode)]
    remark: Annotated[Remark, _REMARK] = ""


class FailBody(Body):
    """Why a transport did not end at the hand-over."""

    code: Annotated[FailCode, _codes(FailCode)]
    remark: Annotated[Remark, _REMARK] = ""
