"""Duties: a crew's shift on a vehicle; entered, changed, withheld from the exchange, offered, deleted."""

from __future__ import annotations

import uuid
from typing import Annotated, Any

from fastapi import APIRouter, Response
from fastapi.responses import HTMLResponse

from api.deadlines import BERLIN
from api.errors import Problem
from api.pages import problems
from api.pages.faults import faults
from api.pages.fleet.calendar import may_change, read_day, zabs
from api.pages.records import Record, versioned
from api.pages.roles import like
from api.pages.sent import Sent, address, for_field, new_key, version_of, whole
from api.pages.view import View
from api.routes import duties as api
from api.routes import fleet, working_times
from api.schemas.duties import DutyContent, DutyShown, NewDuty
from api.web.paging import InPages

router = APIRouter()
InFleet = Annotated[View, like(api.Reader)]
Options = list[tuple[str, str]]
_FIELDS = ("code", "crew_id", "vehicle_id", "profile", "start_place", "end_place")
_TIMES = ("starts_at", "ends_at", "vehicle_from", "vehicle_to")


@router.get("/fleet/duties", include_in_schema=False)
def show_list(view: InFleet, pages: InPages, day: str = "", zab: str = "") -> HTMLResponse:
    """Show the duties of a day with their tours and free seats."""
    on = read_day(day) or view.now.astimezone(BERLIN).date()
    found = api.list_duties(view.context, view.actor, pages, day=on, zab=zab[:60] or None)
    query = {"day": on.isoformat(), "zab": zab, "after": found.next}
    return view.render(
        "fleet/duties.html", duties=found.items, day=on, zabs=zabs(view), zab=zab, may_change=may_change(view),
        more=address("/fleet/duties", query) if found.next else "",
    )  # fmt: skip


def _said(sent: Sent) -> dict[str, Any]:
    return {
        **{name: sent.text(name) for name in _FIELDS if name != "code"},
        **{name: sent.instant(name) for name in _TIMES},
        "tolerance_minutes": sent.number("tolerance_minutes"), "is_offered": sent.is_on("is_offered"),
    }  # fmt: skip


def _form(view: View, duty_id: uuid.UUID | None, problem: Problem | None, sent: Sent) -> HTMLResponse:
    answer = Response()
    duty = None if duty_id is None else api.show_duty(duty_id, answer, view.context, view.actor)
    is_own = may_change(view)
    crews, vehicles = resources(view, duty) if is_own else ([], [])
    values = _empty(view) if duty is None else _values(duty)
    if problem is not None and sent.text("starts_at"):
        values = {name: sent.text(name) for name in (*_FIELDS, *_TIMES, "tolerance_minutes")} | {
            "is_offered": sent.is_on("is_offered")
        }
    return view.render(
        "fleet/duty.html", status=200 if problem is None else problem.status, duty=duty, may_change=is_own,
        values=values, crews=crews, vehicles=vehicles,
        profiles=profiles(view) if is_own else [], version=version_of(answer), call_key=new_key(),
        faults=faults(view, problem), problem="" if problem is None else problems.shown(view, problem),
        calendar="/fleet" if duty is None else address(
            "/fleet", {"on": f"{duty.starts_at.astimezone(BERLIN):%Y-%m-%d}", "zab": duty.zab}
        ),
    )  # fmt: skip


def resources(view: View, duty: DutyShown | None = None) -> tuple[Options, Options]:
    """Return the crews and vehicles of the own ZAB that are in service, and those that a duty has."""
    every = whole(view)
    crews = {
        str(each.id): each.code for each in fleet.list_crews(view.context, view.actor, every, is_active=True).items
    }
    vehicles = {
        str(each.id): each.code for each in fleet.list_vehicles(view.context, view.actor, every, is_active=True).items
    }
    if duty is not None:
        crews.setdefault(str(duty.crew.id), duty.crew.code)
        vehicles.setdefault(str(duty.vehicle.id), duty.vehicle.code)
    return list(crews.items()), list(vehicles.items())


def profiles(view: View) -> Options:
    """Return the working-time profiles that may be worked by today."""
    found = working_times.show_working_times(view.context, view.actor)
    return [(each.id, each.id) for each in found.profiles]


def _empty(view: View) -> dict[str, Any]:
    """Return the form of a new duty; the calendar says of which day."""
    on = read_day(view.request.query_params.get("day", ""))
    begins = {} if on is None else {"starts_at": f"{on}T06:00", "ends_at": f"{on}T15:00"}
    return dict.fromkeys((*_FIELDS, *_TIMES), "") | {"tolerance_minutes": 0, "is_offered": True} | begins


def _values(duty: DutyShown) -> dict[str, Any]:
    return {
        "code": duty.code, "crew_id": str(duty.crew.id), "vehicle_id": str(duty.vehicle.id), "profile": duty.profile,
        "start_place": duty.start_place or "", "end_place": duty.end_place or "",
        **{name: for_field(getattr(duty, name)) for name in _TIMES},
        "tolerance_minutes": duty.tolerance_minutes, "is_offered": duty.is_offered,
    }  # fmt: skip


Record(
    path="/fleet/duties", key="duty_id", reader=api.Reader, writer=api.Writer,
    new=NewDuty, content=DutyContent, said=_said,
    create=api.create_duty, change=api.change_duty, form=_form,
    steps={
        "withhold": versioned(api.withhold_duty), "offer": versioned(api.offer_duty),
        "delete": lambda view, key, sent: api.delete_duty(key, view.context, view.actor, sent.if_match),
    },
    created=lambda view, answer: view.go_to(answer.headers["Location"].replace("/v1/", "/fleet/", 1)),
    changed=lambda view, key, action, answer: view.go_to(  # noqa: ARG005  # the record is shown anew
        "/fleet/duties" if action == "delete" else f"/fleet/duties/{key}"
    ),
).add_to(router)  # fmt: skip
