"""Assigning by hand: what is to be tried, what the checker says, and freed seats with the requests that fit."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Annotated, Self

from pydantic import Field

from api.db.tables import Proposal
from api.schemas.base import Body, Id, Instant, Shown
from api.schemas.proposals import LiftedRule, NoteShown, RiderShown, ViolationShown

_ID = "01890a5d-ac96-774b-bcce-b302099a8057"


class AssignmentBody(Body):
    """A request, a duty, and times; times that are left out are looked for."""

    request_id: Annotated[Id, Field(description="A request that is not promised yet.", examples=[_ID])]
    duty_id: Annotated[Id, Field(description="A duty of your ZAB.", examples=[_ID])]
    pickup_at: Annotated[Instant | None, Field(description="Begin of the pick-up.", examples=[None])] = None
    handover_at: Annotated[Instant | None, Field(description="Begin of the hand-over.", examples=[None])] = None


class CheckShown(Shown):
    """The checker's answer; nothing was stored."""

    fits: Annotated[bool, Field(description="Whether nothing stands against it.")]
    can_be_overridden: Annotated[
        bool, Field(description="Whether all that stands against it needs only an override with a second person.")
    ]
    pickup_at: Annotated[datetime, Field(description="Begin of the pick-up that was tried.")]
    handover_at: Annotated[datetime, Field(description="Begin of the hand-over that was tried.")]
    minutes_on_board: Annotated[int | None, Field(description="None: nothing could be laid out.", examples=[61])]
    minutes_direct: Annotated[int | None, Field(description="Going alone.", examples=[52])]
    minutes_limit: Annotated[int | None, Field(description="Most that the rules allow.", examples=[75])]
    violations: Annotated[list[ViolationShown], Field(description="Every rule and fact that stands against it.")]
    lifted_rules: Annotated[
        list[LiftedRule], Field(description="Rules that do not bind where the duty's ZAB carries the request.")
    ]
    riders: Annotated[list[RiderShown], Field(description="Who else rides, and how it affects them.")]
    notes: Annotated[
        list[NoteShown],
        Field(description="What the checker would only tell of the tour with this trip, and does not without it."),
    ]


class FreedSeat(Shown):
    """A promised trip to come that was given up: its seats may be free."""

    proposal_id: uuid.UUID
    zab: Annotated[str, Field(description="Code of the ZAB.", examples=["zab:essen"])]
    duty_id: uuid.UUID
    duty: Annotated[str, Field(description="The ZAB's name of the duty.", examples=["E-VAN-1 06-14"])]
    people: Annotated[int, Field(description="Seats that were given up.", examples=[1])]
    pickup_at: datetime
    handover_at: datetime
    freed_at: datetime
    code: Annotated[str | None, Field(description="Why.", examples=["crew_ill"])]

    @classmethod
    def of(cls, row: Proposal) -> Self:
        """Return a row as the list shows it."""
        return cls(
            proposal_id=row.id, zab=row.zab.code, duty_id=row.duty_id, duty=row.duty.code, people=row.request.people,
            pickup_at=row.pickup_at, handover_at=row.handover_at, freed_at=row.updated_at, code=row.end_code,
        )  # fmt: skip


class CandidateShown(Shown):
    """A waiting request that fits a duty now, in coarse form."""

    request_id: uuid.UUID
    pickup_ags: Annotated[str, Field(description="Municipality of the pick-up.", examples=["05113000"])]
    handover_place: Annotated[str, Field(description="Place of the hand-over.", examples=["DUS"])]
    people: Annotated[int, Field(description="Seats it takes.", examples=[1])]
    pickup_at: datetime
    handover_at: datetime
    minutes_on_board: Annotated[int, Field(examples=[61])]
    minutes_direct: Annotated[int, Field(examples=[52])]


class FittingShown(Shown):
    """What fits a duty as it stands, the shortest time on board first."""

    duty_id: uuid.UUID
    duty: Annotated[str, Field(description="The ZAB's name of the duty.", examples=["E-VAN-1 06-14"])]
    zab: Annotated[str, Field(description="Code of its ZAB.", examples=["zab:essen"])]
    candidates: list[CandidateShown]
    tried: Annotated[int, Field(description="Waiting requests that were tried.", examples=[12])]
    untried: Annotated[int, Field(description="Near ones that there was no time for.", examples=[0])]


class SuggestionShown(Shown):
    """A duty that could carry a request now, everything promised kept, and what that would mean."""

    duty_id: uuid.UUID
    duty: Annotated[str, Field(description="The ZAB's name of the duty.", examples=["E-VAN-1 06-14"])]
    zab: Annotated[str, Field(description="Code of its ZAB.", examples=["zab:essen"])]
    vehicle: Annotated[str, Field(description="The ZAB's name of the vehicle.", examples=["E-VAN-1"])]
    crew: Annotated[str, Field(description="The ZAB's name of the crew.", examples=["E-C001"])]
    pickup_at: datetime
    handover_at: datetime
    minutes_on_board: Annotated[int, Field(description="Of the request itself.", examples=[61])]
    minutes_direct: Annotated[int, Field(description="Going alone.", examples=[52])]
    minutes_limit: Annotated[int | None, Field(description="Most that the rules allow.", examples=[75])]
    detour_minutes: Annotated[int, Field(description="On board above the direct ride.", examples=[9])]
    night_minutes: Annotated[int, Field(description="On board at night.", examples=[0])]
    extra_km: Annotated[int, Field(description="Kilometres that the tour is longer.", examples=[38])]
    extra_crew_minutes: Annotated[int, Field(description="Minutes that the crew is on the way longer.", examples=[55])]
    extra_cost_cents: Annotated[
        int, Field(description="What the plan's cost grows by: distance, crew time, CO2 at its price.", examples=[4120])
    ]  # fmt: skip
    riders: Annotated[list[RiderShown], Field(description="Who else rides; their stops keep their times.")]


class SuggestionsShown(Shown):
    """Where a request fits now, in the order of the plan's terms: detour, night, cost."""

    request_id: uuid.UUID
    suggestions: list[SuggestionShown]
    tried: Annotated[int, Field(description="Duties that were tried.", examples=[12])]
    untried: Annotated[int, Field(description="Near ones that there was no time for.", examples=[0])]
