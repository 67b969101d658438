"""Working-time profiles: what they say, and which ZAB works by which."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Annotated

from pydantic import Field, StringConstraints

from api.db.tables import WorkingTimeChoice
from api.schemas.base import PLAIN, Body, CodeText, Day, Shown
from optimizer.model import WorkingTime


class NewChoice(Body):
    """A profile that a ZAB works by from a day on."""

    profile: Annotated[CodeText, Field(description="Profile of the parameter set of that day.", examples=["arbzg"])]
    valid_from: Annotated[Day, Field(description="First day; today or later.", examples=["2027-01-01"])]
    source: Annotated[
        str, StringConstraints(min_length=1, max_length=200, pattern=PLAIN),
        Field(description="What it rests on: a law or a service agreement with its date; no name.",
              examples=["ArbZG §§ 3-5"]),
    ]  # fmt: skip


class ChoiceShown(Shown):
    """Which profile a ZAB works by from a day on."""

    id: Annotated[uuid.UUID, Field(description="UUIDv7.")]
    zab: Annotated[str, Field(examples=["zab:essen"])]
    profile: Annotated[str, Field(examples=["arbzg"])]
    valid_from: Annotated[date, Field(description="First day.")]
    source: Annotated[str, Field(description="What it rests on.", examples=["ArbZG §§ 3-5"])]


class BreakShown(Shown):
    """A break that a tour of some length needs."""

    over_minutes: Annotated[int, Field(description="A tour longer than this ...", examples=[360])]
    minutes: Annotated[int, Field(description="... needs so many minutes of break.", examples=[30])]


class ProfileShown(Shown):
    """A profile of the parameter set."""

    id: Annotated[str, Field(examples=["arbzg"])]
    breaks: list[BreakShown]
    longest_tour_minutes: Annotated[int | None, Field(description="Breaks included.", examples=[600])]
    rest_minutes: Annotated[int, Field(description="Rest between two shifts of a crew.", examples=[660])]


class InForce(Shown):
    """What a ZAB works by on a day."""

    zab: Annotated[str, Field(examples=["zab:essen"])]
    profile: Annotated[str, Field(examples=["arbzg"])]
    is_chosen: Annotated[bool, Field(description="Chosen by the ZAB; otherwise the first one of the set.")]


class WorkingTimesShown(Shown):
    """Profiles of a day, who works by which, and all choices."""

    on: Annotated[date, Field(description="The day.")]
    parameter_set: Annotated[str, Field(examples=["nrw-2026-01"])]
    sources: Annotated[list[str], Field(description="Where its numbers come from.", examples=[["ArbZG § 5: 11 h"]])]
    profiles: list[ProfileShown]
    zabs: list[InForce]
    choices: list[ChoiceShown]


def choice_shown(row: WorkingTimeChoice) -> ChoiceShown:
    """Return a choice as an answer tells it."""
    return ChoiceShown(
        id=row.id, zab=row.zab.code, profile=row.profile, valid_from=row.valid_from, source=row.source
    )  # fmt: skip


def profile_shown(profile: WorkingTime) -> ProfileShown:
    """Return a profile as an answer tells it."""
    return ProfileShown(
        id=profile.id,
        breaks=[BreakShown(over_minutes=tier.span // 60, minutes=tier.total // 60) for tier in profile.tiers],
        longest_tour_minutes=None if profile.max_span is None else profile.max_span // 60,
        rest_minutes=profile.rest // 60,
    )
