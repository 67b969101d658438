"""Absences of crews and vehicles: entered with what they mean for those who ride meanwhile, and ended."""

from __future__ import annotations

import json
import uuid
from typing import Annotated, Any

from fastapi import APIRouter, Response
from fastapi.responses import HTMLResponse

from api.errors import Problem
from api.pages import forms, problems
from api.pages.faults import faults
from api.pages.fleet.calendar import may_change, zabs
from api.pages.fleet.duties import resources
from api.pages.fleet.names import ABSENCES
from api.pages.roles import like
from api.pages.sent import NOTHING, InSent, Sent, address, new_key, once, refused, whole
from api.pages.view import View
from api.routes import duties as api
from api.routes import fleet
from api.schemas.duties import NewAbsence
from api.web.paging import InPages

router = APIRouter()
InFleet = Annotated[View, like(api.Reader)]
InOwnFleet = Annotated[View, like(api.Writer)]


@router.get("/fleet/absences", include_in_schema=False)
def show_list(view: InFleet, pages: InPages, zab: str = "", is_over: bool = False) -> HTMLResponse:
    """Show absences by their begin."""
    found = api.list_absences(view.context, view.actor, pages, zab=zab[:60] or None, is_over=is_over)
    query = {"zab": zab, "is_over": "true" if is_over else None, "after": found.next}
    return view.render(
        "fleet/absences.html", found=found.items, names=_names(view), absences=ABSENCES, zabs=zabs(view),
        zab=zab, is_over=is_over, may_change=may_change(view),
        more=address("/fleet/absences", query) if found.next else "",
    )  # fmt: skip


@router.get("/fleet/absences/new", include_in_schema=False)
def ask_new(view: InOwnFleet) -> HTMLResponse:
    """Show the form for a new absence."""
    return _form(view)


@router.post("/fleet/absences/new", include_in_schema=False)
def create(view: InOwnFleet, sent: InSent) -> Response:
    """Enter an absence, and show what it means."""

    def work() -> Response:
        kind, _, key = sent.text("who").partition(":")
        said: dict[str, Any] = {name: sent.instant(name) for name in ("starts_at", "ends_at")}
        said |= {f"{kind}_id": key} if kind in ("crew", "vehicle") else {}
        body = forms.read(NewAbsence, {**said, "code": sent.text("code")})
        return api.create_absence(body, view.context, view.actor, once(view, sent))

    answer, problem = refused(work)
    if answer is None:
        return _form(view, problem, sent)
    made = json.loads(bytes(answer.body))
    return view.go_to(f"/fleet/absences/{made['absence']['id']}")


@router.get("/fleet/absences/{absence_id}", include_in_schema=False)
def show(view: InFleet, absence_id: uuid.UUID) -> HTMLResponse:
    """Show an absence and the promises that it puts in danger."""
    return view.render(
        "fleet/absence.html", effect=api.show_effect(absence_id, view.context, view.actor),
        names=_names(view), absences=ABSENCES, may_change=may_change(view),
    )  # fmt: skip


@router.post("/fleet/absences/{absence_id}/end", include_in_schema=False)
def end(view: InOwnFleet, absence_id: uuid.UUID) -> Response:
    """End an absence now."""
    api.end_absence(absence_id, view.context, view.actor)
    return view.go_to("/fleet/absences")


def _names(view: View) -> dict[uuid.UUID, str]:
    """Return what crews and vehicles are called."""
    every = whole(view)
    crews = fleet.list_crews(view.context, view.actor, every).items
    vehicles = fleet.list_vehicles(view.context, view.actor, every).items
    return {each.id: each.code for each in (*crews, *vehicles)}


def _form(view: View, problem: Problem | None = None, sent: Sent = NOTHING) -> HTMLResponse:
    crews, vehicles = resources(view)
    return view.render(
        "fleet/absence_new.html", status=200 if problem is None else problem.status, sent=sent, absences=ABSENCES,
        crews=[(f"crew:{key}", code) for key, code in crews], call_key=new_key(), faults=faults(view, problem),
        vehicles=[(f"vehicle:{key}", code) for key, code in vehicles],
        problem="" if problem is None else problems.shown(view, problem),
    )  # fmt: skip
