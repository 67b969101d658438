"""The burden ledger as all five ZABs see it."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Field

from api.schemas.base import Shown
from api.workflow import DeclineClass


class LedgerSums(Shown):
    """What trips of one kind add up to."""

    requests: Annotated[int, Field(examples=[14])]
    km: Annotated[float, Field(description="Kilometres that they add to the tours.", examples=[1210.5])]
    crew_hours: Annotated[float, Field(description="Crew hours that they add to the tours.", examples=[22.4])]
    custody_minutes: Annotated[int, Field(description="Minutes on board.", examples=[980])]


class LedgerRow(Shown):
    """One ZAB in one month."""

    zab: Annotated[str, Field(description="Code.", examples=["zab:essen"])]
    name: Annotated[str, Field(examples=["ZAB Essen"])]
    accepted: Annotated[LedgerSums, Field(description="Promised.")]
    declined: Annotated[
        dict[DeclineClass, int], Field(description="Requests by class.", examples=[{"bar": 1, "wait": 0}])
    ]
    backed_out: Annotated[int, Field(description="Promises given back.", examples=[1])]
    released: Annotated[
        int, Field(description="Promises that ended because the owner's date moved: nobody's refusal.", examples=[1])
    ]
    done: Annotated[LedgerSums, Field(description="Driven to the hand-over.")]


class LedgerShown(Shown):
    """A month, all ZABs alike."""

    month: Annotated[date, Field(description="First day.", examples=["2026-10-01"])]
    zabs: list[LedgerRow]
