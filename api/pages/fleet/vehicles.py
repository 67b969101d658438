"""Vehicles of a ZAB: what they carry; entered, changed, taken out of service and back."""

from __future__ import annotations

import uuid
from typing import Annotated, Any

from fastapi import APIRouter, Response
from fastapi.responses import HTMLResponse

from api.errors import Problem
from api.pages import forms, problems
from api.pages.faults import faults
from api.pages.fleet.calendar import may_change, zabs
from api.pages.fleet.names import LICENCES
from api.pages.roles import like
from api.pages.sent import NOTHING, InSent, Sent, address, new_key, once, refused, version_of
from api.pages.view import View
from api.routes import fleet as api
from api.schemas.fleet import NewVehicle, VehicleContent, VehicleShown
from api.web.paging import InPages

router = APIRouter()
InFleet = Annotated[View, like(api.Reader)]
InOwnFleet = Annotated[View, like(api.Writer)]
_WAYS = 4
"""Ways to set a vehicle up that the form has rows for; a vehicle that has more keeps its rows."""


@router.get("/fleet/vehicles", include_in_schema=False)
def show_list(view: InFleet, pages: InPages, zab: str = "") -> HTMLResponse:
    """Show vehicles: a ZAB's own, or those of all."""
    found = api.list_vehicles(view.context, view.actor, pages, zab=zab[:60] or None)
    return view.render(
        "fleet/vehicles.html", vehicles=found.items, zabs=zabs(view), zab=zab, may_change=may_change(view),
        more=address("/fleet/vehicles", {"zab": zab, "after": found.next}) if found.next else "",
    )  # fmt: skip


@router.get("/fleet/vehicles/new", include_in_schema=False)
def ask_new(view: InOwnFleet) -> HTMLResponse:
    """Show the form for a new vehicle."""
    return _form(view, None)


@router.post("/fleet/vehicles/new", include_in_schema=False)
def create(view: InOwnFleet, sent: InSent) -> Response:
    """Enter a vehicle."""

    def work() -> Response:
        body = forms.read(NewVehicle, {**_said(sent), "code": sent.text("code")})
        return api.create_vehicle(body, view.context, view.actor, once(view, sent))

    _, problem = refused(work)
    return view.go_to("/fleet/vehicles") if problem is None else _form(view, None, problem, sent)


@router.get("/fleet/vehicles/{vehicle_id}", include_in_schema=False)
def show(view: InFleet, vehicle_id: uuid.UUID) -> HTMLResponse:
    """Show a vehicle, to its own ZAB with the form to change it."""
    return _form(view, vehicle_id)


@router.post("/fleet/vehicles/{vehicle_id}", include_in_schema=False)
def change(view: InOwnFleet, vehicle_id: uuid.UUID, sent: InSent) -> Response:
    """Say anew what a vehicle is, or take it out of service or back."""

    def work() -> VehicleShown:
        context, actor, seen = view.context, view.actor, sent.if_match
        if sent.text("action") == "retire":
            return api.retire_vehicle(vehicle_id, Response(), context, actor, seen)
        if sent.text("action") == "reinstate":
            return api.reinstate_vehicle(vehicle_id, Response(), context, actor, seen)
        body = forms.read(VehicleContent, _said(sent))
        return api.change_vehicle(vehicle_id, body, Response(), context, actor, seen)

    _, problem = refused(work)
    if problem is None:
        return view.go_to(f"/fleet/vehicles/{vehicle_id}")
    return _form(view, vehicle_id, problem, sent)


def _said(sent: Sent) -> dict[str, Any]:
    places = sent.form.getlist("wheelchair_places")
    seats = sent.form.getlist("seats")
    ways = [
        {"seats": Sent.as_number(str(all_seats)), "wheelchair_places": Sent.as_number(str(wheelchairs or "0"))}
        for all_seats, wheelchairs in zip(seats, places, strict=False)
        if str(all_seats).strip()
    ]
    return {
        "kind": sent.text("kind"), "configurations": ways, "licence": sent.text("licence"),
        "child_seats": [sent.number(f"child_seats_{each}") or 0 for each in range(3)],
        "luggage": sent.number("luggage"), "features": sent.words("features"),
        "carries_children": sent.is_on("carries_children"), "cost_per_km": sent.number("cost_per_km"),
        "co2_per_km": sent.number("co2_per_km"),
    }  # fmt: skip


def _form(
    view: View, vehicle_id: uuid.UUID | None, problem: Problem | None = None, sent: Sent = NOTHING
) -> HTMLResponse:
    answer = Response()
    vehicle = None if vehicle_id is None else api.show_vehicle(vehicle_id, answer, view.context, view.actor)
    is_again = problem is not None and bool(sent.text("kind"))
    values = _said(sent) if is_again else _new() if vehicle is None else vehicle.content.model_dump(mode="json")
    ways = [*values["configurations"], *({"seats": "", "wheelchair_places": ""} for _ in range(_WAYS))]
    return view.render(
        "fleet/vehicle.html", status=200 if problem is None else problem.status, vehicle=vehicle, values=values,
        ways=ways[: max(_WAYS, len(values["configurations"]))], version=version_of(answer), call_key=new_key(),
        code=sent.text("code"), licences=LICENCES, may_change=may_change(view), faults=faults(view, problem),
        problem="" if problem is None else problems.shown(view, problem),
        duties=[] if problem is None else problem.more.get("duties", []),
    )  # fmt: skip


def _new() -> dict[str, Any]:
    return VehicleContent.model_validate({"configurations": [{"seats": 9}]}).model_dump(mode="json")
