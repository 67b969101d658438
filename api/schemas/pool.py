"""A request in coarse form: what everybody but its owner and its ZAB sees (domain.md, humane rule 4).

No case reference, no free text, no sex or age, no flight, no owner: codes, counts, municipality, windows.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Annotated, Any, Literal, Self

from pydantic import Field
from sqlalchemy import Row

from api.company import rule_told
from api.db.tables import TransportRequest
from api.deadlines import BERLIN
from api.dublin import days_left
from api.gates import ToldGate
from api.schemas.base import Shown
from api.schemas.text_warnings import Warnings
from api.workflow import State
from data import places
from optimizer.model import PlaceKind


@cache
def _towns() -> Mapping[str, str]:
    return {place.ags: place.name for place in places() if place.kind is PlaceKind.TOWN and place.ags}


@cache
def _names() -> Mapping[str, str]:
    return {place.id: place.name for place in places()}


class LiveOffer(Shown):
    """The live proposal, as far as everybody may know it."""

    zab: Annotated[str, Field(description="Code of the ZAB that is asked or has promised.", examples=["zab:essen"])]
    respond_by: Annotated[datetime | None, Field(description="Until when it must answer.")]


class Blocked(Shown):
    """The first reason why a ZAB could not carry it, as codes."""

    zab: Annotated[str, Field(description="The ZAB (of the catalogue).", examples=["E"])]
    obstacle: Annotated[str | None, Field(description="How it is kept off.", examples=["tour"])]
    rule: Annotated[
        str | None,
        Field(description="The rule that blocks; `company`, `crew`: not told which.", examples=["ride_time"]),
    ]


class PoolEntry(Shown):
    """A request in coarse form."""

    view: Annotated[Literal["coarse"], Field(description="How much is shown.")] = "coarse"
    id: uuid.UUID
    state: State
    pickup_ags: Annotated[str, Field(description="Municipality of the pick-up.", examples=["05113000"])]
    pickup_municipality: Annotated[str, Field(description="Its name.", examples=["Essen"])]
    pickup_from: Annotated[datetime, Field(description="The pick-up may begin from here on.")]
    pickup_to: Annotated[datetime, Field(description="The pick-up may begin up to here.")]
    handover_place: Annotated[str, Field(description="Place of the hand-over.", examples=["DUS"])]
    handover_name: Annotated[str, Field(description="Its name.", examples=["Flughafen Düsseldorf"])]
    handover_from: Annotated[datetime, Field(description="The hand-over may begin from here on.")]
    handover_to: Annotated[datetime, Field(description="The hand-over may begin up to here.")]
    people: Annotated[int, Field(description="People, wheelchairs included: places that are needed.", examples=[1])]
    wheelchairs: Annotated[int, Field(description="Of them in their own wheelchair.", examples=[0])]
    needs: Annotated[list[str], Field(description="Needs as codes.", examples=[["interpreter"]])]
    escorts: Annotated[int, Field(description="Least number of officers.")]
    escorts_female: Annotated[int, Field(description="Of them female.")]
    has_children: Annotated[bool, Field(description="Whether anyone is under 14.")]
    deadline_at: Annotated[datetime | None, Field(description="Last instant of the deadline.")]
    deadline_class: Annotated[str | None, Field(description="How near it is.", examples=["soon"])]
    days_left: Annotated[
        int | None, Field(description="Local days to the deadline: 0 on its last day, then negative.", examples=[15])
    ] = None  # fmt: skip
    matched_at: Annotated[datetime | None, Field(description="When a match last looked at it.")]
    reasons: Annotated[list[Blocked], Field(description="For each ZAB the first reason why not, as codes.")]
    blocked_by: Annotated[
        list[ToldGate], Field(description="Gates that are closed: it enters no run until they are open.", examples=[[]])
    ] = []  # noqa: RUF012  # pydantic copies it
    offer: Annotated[LiveOffer | None, Field(description="The live proposal.")] = None
    warnings: Warnings = ()

    @classmethod
    def of(cls, row: TransportRequest, offer: LiveOffer | None = None, *, now: datetime | None = None) -> Self:
        """Return the coarse form of a row; with ``now`` the days that are left."""
        content = row.content
        return cls(
            id=row.id,
            state=row.state,
            pickup_ags=row.pickup_ags,
            pickup_municipality=_towns().get(row.pickup_ags, row.pickup_ags),
            pickup_from=row.pickup_from,
            pickup_to=row.pickup_to,
            handover_place=row.delivery_place,
            handover_name=_names().get(row.delivery_place, row.delivery_place),
            handover_from=row.delivery_from,
            handover_to=row.delivery_to,
            people=row.people,
            wheelchairs=int(content.get("wheelchairs", 0)),
            needs=list(content.get("needs", ())),
            escorts=int(content.get("escorts", 0)),
            escorts_female=int(content.get("escorts_female", 0)),
            has_children=row.has_children,
            deadline_at=row.deadline_at,
            deadline_class=content.get("deadline_class"),
            days_left=days_to(row.deadline_at, now),
            matched_at=row.matched_at,
            reasons=first_reasons(row.reasons),
            offer=offer,
        )

    @classmethod
    def of_board(cls, row: Row[Any], blocked_by: list[ToldGate], *, now: datetime) -> Self:
        """Return the coarse form of a row of the board (``repositories.requests.pool``): the same as ``of``."""
        place = row.delivery_place
        return cls(
            id=row.id,
            state=row.state,
            pickup_ags=row.pickup_ags,
            pickup_municipality=_towns().get(row.pickup_ags, row.pickup_ags),
            pickup_from=row.pickup_from,
            pickup_to=row.pickup_to,
            handover_place=place,
            handover_name=_names().get(place, place),
            handover_from=row.delivery_from,
            handover_to=row.delivery_to,
            people=row.people,
            wheelchairs=row.wheelchairs or 0,
            needs=row.needs or [],
            escorts=row.escorts or 0,
            escorts_female=row.escorts_female or 0,
            has_children=row.has_children,
            deadline_at=row.deadline_at,
            deadline_class=row.deadline_class,
            days_left=days_to(row.deadline_at, now),
            matched_at=row.matched_at,
            reasons=first_reasons(row.reasons),
            blocked_by=blocked_by,
            offer=None if row.zab is None else LiveOffer(zab=row.zab, respond_by=row.respond_by),
        )


def days_to(deadline: datetime | None, now: datetime | None) -> int | None:
    """Return the local days that are left to a deadline; ``None`` where one of the two is not known."""
    if deadline is None or now is None:
        return None
    return days_left(deadline.astimezone(BERLIN).date(), now.astimezone(BERLIN).date())


def first_reasons(reasons: Mapping[str, Any] | None) -> list[Blocked]:
    """Return the first reason of each ZAB, in the order in which they are stored."""
    if not reasons:
        return []
    first: dict[str, Blocked] = {}
    for item in reasons.get("items", ()):
        # What only changed meanwhile is no ZAB's doing.
        zab = str(item.get("zab") or "")
        if zab:
            rule = item.get("rule")
            told = None if rule is None else rule_told(rule, knows=False, owns=False)
            first.setdefault(zab, Blocked(zab=zab, obstacle=item.get("obstacle"), rule=told))
    return list(first.values())
