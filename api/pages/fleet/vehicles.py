"""Vehicles of a ZAB: what they carry; entered, changed, taken out of service and back."""

from __future__ import annotations

import uuid
from typing import Annotated, Any

from fastapi import APIRouter, Response
from fastapi.responses import HTMLResponse

from api.errors import Problem
from api.pages import problems
from api.pages.faults import faults
from api.pages.fleet.calendar import may_change, zabs
from api.pages.fleet.names import LICENCES
from api.pages.records import Record, versioned
from api.pages.roles import like
from api.pages.sent import Sent, address, new_key, version_of
from api.pages.view import View
from api.routes import fleet as api
from api.schemas.fleet import NewVehicle, VehicleContent
from api.web.paging import InPages

router = APIRouter()
InFleet = Annotated[View, like(api.Reader)]
_WAYS = 4
"""Ways to set a vehicle up that the form has rows for; a vehicle that has more keeps its rows."""


@router.get("/fleet/vehicles", include_in_schema=False)
def show_list(view: InFleet, pages: InPages, zab: str = "") -> HTMLResponse:
    """Show vehicles: a ZAB's own, or those of all."""
    found = api.list_vehicles(view.context, view.actor, pages, zab=zab[:60] or None)
    return view.render(
        "fleet/vehicles.html", items=found.items, zabs=zabs(view), zab=zab, may_change=may_change(view),
        more=address("/fleet/vehicles", {"zab": zab, "after": found.next}) if found.next else "",
    )  # fmt: skip


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


def _form(view: View, vehicle_id: uuid.UUID | None, problem: Problem | None, sent: Sent) -> HTMLResponse:
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


Record(
    path="/fleet/vehicles", key="vehicle_id", reader=api.Reader, writer=api.Writer,
    new=NewVehicle, content=VehicleContent, said=_said,
    create=api.create_vehicle, change=api.change_vehicle, form=_form,
    steps={"retire": versioned(api.retire_vehicle), "reinstate": versioned(api.reinstate_vehicle)},
).add_to(router)  # fmt: skip
