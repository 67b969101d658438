"""Vehicles and crews as ZABs enter them: what they can carry, never who drives."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Annotated, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from api.db.tables import CrewRow, VehicleRow
from api.schemas.base import Body, CodeText, Shown
from optimizer.model import CREW_NEEDS, Licence, Need

Word = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
"""A code in lower case; nothing that could be a sentence."""
_LICENCES = ", ".join(Licence)
_SKILLS = ", ".join(sorted(CREW_NEEDS))


def _anonymous(code: str) -> str:
    if not any(character.isdigit() for character in code):
        raise ValueError("expected a code with a number in it, as K-C001: crews are anonymous, no names")
    return code


def _crew_skill(need: Need) -> Need:
    if need not in CREW_NEEDS:
        raise ValueError(f"expected one of {_SKILLS}")
    return need


CrewCode = Annotated[CodeText, AfterValidator(_anonymous)]
_Stock = Annotated[int, Field(ge=0, le=99)]


class Seats(Body):
    """One way to set up a vehicle."""

    seats: Annotated[int, Field(ge=1, le=100, description="All seats, the driver's included.", examples=[9])]
    wheelchair_places: Annotated[int, Field(ge=0, le=20, description="Places for wheelchairs.", examples=[0])] = 0


class VehicleContent(Body):
    """What a vehicle carries and costs."""

    kind: Annotated[Word, Field(description="Kind, for people to read.", examples=["van"])] = "van"
    configurations: Annotated[
        list[Seats],
        Field(
            min_length=1, max_length=12, description="Alternatives; one holds from empty to empty.",
            examples=[[{"seats": 9, "wheelchair_places": 0}]],
        ),
    ]  # fmt: skip
    child_seats: Annotated[
        tuple[_Stock, _Stock, _Stock],
        Field(strict=False, description="Stock for the ages 0-2, 3-5 and 6-11.", examples=[[1, 2, 2]]),
    ] = (0, 0, 0)
    luggage: Annotated[int, Field(ge=0, le=100_000, description="Pieces that fit.", examples=[12])] = 1_000
    features: Annotated[
        tuple[Word, ...],
        Field(strict=False, max_length=20, description="Features, as codes.", examples=[["ramp"]]),
    ] = ()
    licence: Annotated[
        Licence, Field(strict=False, description=f"Driving licence it needs: {_LICENCES}.", examples=["B"])
    ] = Licence.B
    carries_children: Annotated[
        bool, Field(description="Whether children under 14 may ride; never in a prisoner transporter.")
    ] = True  # fmt: skip
    cost_per_km: Annotated[int, Field(ge=0, le=100_000, description="Cents per kilometre.", examples=[60])] = 0
    co2_per_km: Annotated[int, Field(ge=0, le=100_000, description="Grams per kilometre.", examples=[230])] = 0


class NewVehicle(VehicleContent):
    """A vehicle to be entered."""

    code: Annotated[CodeText, Field(description="What the ZAB calls it; unique within the ZAB.", examples=["E-V001"])]


class CrewContent(Body):
    """A crew as an anonymous resource: counts, licences, skills."""

    heads: Annotated[
        int, Field(ge=1, le=20, description="People on board, the driver included; each takes a seat.", examples=[2])
    ] = 2  # fmt: skip
    officers: Annotated[int, Field(ge=0, le=20, description="Of them officers who escort.", examples=[2])] = 2
    female_officers: Annotated[int, Field(ge=0, le=20, description="Of these, women.", examples=[1])] = 0
    licences: Annotated[
        tuple[Annotated[Licence, Field(strict=False)], ...],
        Field(
            strict=False, min_length=1, max_length=8, description=f"Driving licences: {_LICENCES}.", examples=[["B"]]
        ),
    ] = (Licence.B,)
    skills: Annotated[
        tuple[Annotated[Need, Field(strict=False), AfterValidator(_crew_skill)], ...],
        Field(
            strict=False, max_length=8, description=f"Needs of riders that it meets: {_SKILLS}.",
            examples=[["interpreter"]],
        ),
    ] = ()  # fmt: skip
    cost_per_hour: Annotated[
        int, Field(ge=0, le=1_000_000, description="Cents per hour of the whole crew.", examples=[12_200])
    ] = 0  # fmt: skip

    @model_validator(mode="after")
    def _check(self) -> Self:
        if not self.female_officers <= self.officers <= self.heads:
            raise ValueError("expected female_officers <= officers <= heads: correct the numbers")
        return self


class NewCrew(CrewContent):
    """A crew to be entered."""

    code: Annotated[
        CrewCode, Field(description="What the ZAB calls it, with a number in it; no name.", examples=["E-C001"])
    ]


class _Resource(Shown):
    id: Annotated[uuid.UUID, Field(description="UUIDv7.")]
    code: Annotated[str, Field(description="What the ZAB calls it.", examples=["E-V001"])]
    zab: Annotated[str, Field(description="ZAB that owns it.", examples=["zab:essen"])]
    is_active: Annotated[bool, Field(description="Whether it is in service.")]
    updated_at: Annotated[datetime, Field(description="When it was last changed.")]


class VehicleShown(_Resource):
    """A vehicle."""

    content: Annotated[VehicleContent, Field(description="What it carries and costs.")]


class CrewShown(_Resource):
    """A crew."""

    content: Annotated[CrewContent, Field(description="What it is made up of: counts and codes.")]


def vehicle_shown(row: VehicleRow) -> VehicleShown:
    """Return a vehicle as an answer tells it."""
    return VehicleShown(
        id=row.id, code=row.code, zab=row.zab.code, is_active=row.is_active, updated_at=row.updated_at,
        content=VehicleContent.model_validate(row.content),
    )  # fmt: skip


def crew_shown(row: CrewRow) -> CrewShown:
    """Return a crew as an answer tells it."""
    return CrewShown(
        id=row.id, code=row.code, zab=row.zab.code, is_active=row.is_active, updated_at=row.updated_at,
        content=CrewContent.model_validate(row.content),
    )  # fmt: skip
