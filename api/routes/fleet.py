"""Vehicles and crews: what the ZABs drive with."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Annotated, TypeVar

from fastapi import APIRouter, Query, Response
from sqlalchemy.orm import Session

from api.actor import Actor
from api.db.tables import CrewRow, VehicleRow
from api.errors import Code
from api.repositories import fleet
from api.schemas.base import PLAIN, Instant
from api.schemas.fleet import (
    CrewContent,
    CrewShown,
    NewCrew,
    NewVehicle,
    VehicleContent,
    VehicleShown,
    crew_shown,
    vehicle_shown,
)
from api.services import fleet as service
from api.web import versions
from api.web.authentication import may
from api.web.context import Context, InContext
from api.web.idempotency import Answer, CreatesOnce
from api.web.openapi import also
from api.web.paging import InPages, Page
from api.web.versions import IfMatch
from api.workflow import Role

router = APIRouter(tags=["fleet"])
Item = TypeVar("Item")
Reader = Annotated[Actor, may(Role.ZAB_DISPATCHER, Role.ZAB_LEAD, Role.LTRAKO, Role.AUDITOR)]
Writer = Annotated[Actor, may(Role.ZAB_DISPATCHER, Role.ZAB_LEAD)]
OfZab = Annotated[
    str | None,
    Query(max_length=60, pattern=PLAIN, description="Only of this ZAB, by its code.", examples=["zab:essen"]),
]
Since = Annotated[Instant | None, Query(description="Only what was changed at or after this instant.")]
IsActive = Annotated[bool | None, Query(description="Only in service, or only out of it.")]


@router.get("/vehicles", summary="List vehicles", response_model=Page[VehicleShown])
def list_vehicles(
    context: InContext,
    actor: Reader,
    pages: InPages,
    zab: OfZab = None,
    is_active: IsActive = None,
    updated_since: Since = None,
) -> Page[VehicleShown]:
    """Return vehicles in the order in which they were entered: a ZAB's own, or all for LTraKo and auditor."""
    query = fleet.owned(VehicleRow, actor, zab=zab, updated_since=updated_since)
    if is_active is not None:
        query = query.where(VehicleRow.is_active.is_(is_active))
    with context.store.reading() as session:
        return pages.page(session, query, (VehicleRow.id,), vehicle_shown)


@router.post(
    "/vehicles",
    summary="Enter a vehicle",
    status_code=201,
    response_model=VehicleShown,
    openapi_extra=also(Code.EXISTS_ALREADY),
)
def create_vehicle(body: NewVehicle, context: InContext, actor: Writer, once: CreatesOnce) -> Response:
    """Enter a vehicle of your ZAB."""

    def work(session: Session) -> Answer:
        row = service.create_vehicle(session, actor, body, now=context.now)
        headers = {"Location": f"/v1/vehicles/{row.id}", "ETag": versions.tag(row)}
        return Answer(body=vehicle_shown(row), headers=headers)

    return once.do(actor, work)


@router.get("/vehicles/{vehicle_id}", summary="Show a vehicle", response_model=VehicleShown)
def show_vehicle(vehicle_id: uuid.UUID, response: Response, context: InContext, actor: Reader) -> VehicleShown:
    """Return one vehicle; `ETag` is the version that a change names."""
    with context.store.reading() as session:
        row = service.found(session, VehicleRow, actor, vehicle_id)
        versions.show(response, row)
        return vehicle_shown(row)


@router.put(
    "/vehicles/{vehicle_id}", summary="Change a vehicle", response_model=VehicleShown, openapi_extra=also(Code.IN_USE)
)
def change_vehicle(
    vehicle_id: uuid.UUID,
    body: VehicleContent,
    response: Response,
    context: InContext,
    actor: Writer,
    if_match: IfMatch = None,
) -> VehicleShown:
    """Say anew what a vehicle is; refused where promised seats depend on what it loses."""

    def work(session: Session) -> VehicleShown:
        row = service.found(session, VehicleRow, actor, vehicle_id, lock=True)
        versions.match(row, if_match)
        row = service.change(session, actor, row, body, now=context.now)
        versions.show(response, row)
        return vehicle_shown(row)

    return context.store.write(work)


@router.post(
    "/vehicles/{vehicle_id}/retire",
    summary="Take a vehicle out of service",
    response_model=VehicleShown,
    openapi_extra=also(Code.IN_USE),
)
def retire_vehicle(
    vehicle_id: uuid.UUID, response: Response, context: InContext, actor: Writer, if_match: IfMatch = None
) -> VehicleShown:
    """Take a vehicle out of service; refused while promised tours use it. What was only proposed is taken back."""
    return _serve(context, actor, VehicleRow, vehicle_id, False, if_match, response, vehicle_shown)


@router.post("/vehicles/{vehicle_id}/reinstate", summary="Put a vehicle back into service", response_model=VehicleShown)
def reinstate_vehicle(
    vehicle_id: uuid.UUID, response: Response, context: InContext, actor: Writer, if_match: IfMatch = None
) -> VehicleShown:
    """Put a vehicle back into service; what waits is matched with its seats."""
    return _serve(context, actor, VehicleRow, vehicle_id, True, if_match, response, vehicle_shown)


@router.get("/crews", summary="List crews", response_model=Page[CrewShown])
def list_crews(
    context: InContext,
    actor: Reader,
    pages: InPages,
    zab: OfZab = None,
    is_active: IsActive = None,
    updated_since: Since = None,
) -> Page[CrewShown]:
    """Return crews, counts and codes only: a ZAB's own, or all for LTraKo and auditor."""
    query = fleet.owned(CrewRow, actor, zab=zab, updated_since=updated_since)
    if is_active is not None:
        query = query.where(CrewRow.is_active.is_(is_active))
    with context.store.reading() as session:
        return pages.page(session, query, (CrewRow.id,), crew_shown)


@router.post(
    "/crews", summary="Enter a crew", status_code=201, response_model=CrewShown, openapi_extra=also(Code.EXISTS_ALREADY)
)
def create_crew(body: NewCrew, context: InContext, actor: Writer, once: CreatesOnce) -> Response:
    """Enter a crew of your ZAB. Crews are anonymous: names and other unknown fields are refused."""

    def work(session: Session) -> Answer:
        row = service.create_crew(session, actor, body, now=context.now)
        headers = {"Location": f"/v1/crews/{row.id}", "ETag": versions.tag(row)}
        return Answer(body=crew_shown(row), headers=headers)

    return once.do(actor, work)


@router.get("/crews/{crew_id}", summary="Show a crew", response_model=CrewShown)
def show_crew(crew_id: uuid.UUID, response: Response, context: InContext, actor: Reader) -> CrewShown:
    """Return one crew; `ETag` is the version that a change names."""
    with context.store.reading() as session:
        row = service.found(session, CrewRow, actor, crew_id)
        versions.show(response, row)
        return crew_shown(row)


@router.put("/crews/{crew_id}", summary="Change a crew", response_model=CrewShown, openapi_extra=also(Code.IN_USE))
def change_crew(
    crew_id: uuid.UUID,
    body: CrewContent,
    response: Response,
    context: InContext,
    actor: Writer,
    if_match: IfMatch = None,
) -> CrewShown:
    """Say anew what a crew is made up of; refused where promised seats depend on what it loses."""

    def work(session: Session) -> CrewShown:
        row = service.found(session, CrewRow, actor, crew_id, lock=True)
        versions.match(row, if_match)
        row = service.change(session, actor, row, body, now=context.now)
        versions.show(response, row)
        return crew_shown(row)

    return context.store.write(work)


@router.post(
    "/crews/{crew_id}/retire",
    summary="Take a crew out of service",
    response_model=CrewShown,
    openapi_extra=also(Code.IN_USE),
)
def retire_crew(
    crew_id: uuid.UUID, response: Response, context: InContext, actor: Writer, if_match: IfMatch = None
) -> CrewShown:
    """Take a crew out of service; refused while promised tours use it. What was only proposed is taken back."""
    return _serve(context, actor, CrewRow, crew_id, False, if_match, response, crew_shown)


@router.post("/crews/{crew_id}/reinstate", summary="Put a crew back into service", response_model=CrewShown)
def reinstate_crew(
    crew_id: uuid.UUID, response: Response, context: InContext, actor: Writer, if_match: IfMatch = None
) -> CrewShown:
    """Put a crew back into service; what waits is matched with its seats."""
    return _serve(context, actor, CrewRow, crew_id, True, if_match, response, crew_shown)


def _serve(
    context: Context,
    actor: Actor,
    table: type[service.Resource],
    row_id: uuid.UUID,
    is_active: bool,
    if_match: str | None,
    response: Response,
    shown: Callable[[service.Resource], Item],
) -> Item:
    now: datetime = context.now

    def work(session: Session) -> Item:
        row = service.found(session, table, actor, row_id, lock=True)
        versions.match(row, if_match)
        row = service.set_in_service(session, actor, row, is_active, now=now)
        # Told while the session is open: what is taken back reads duties anew, and rows lose what hangs on them.
        versions.show(response, row)
        return shown(row)

    return context.store.write(work)
