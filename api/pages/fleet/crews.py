"""Crews of a ZAB, anonymous: counts, licences and skills; entered, changed, taken out of service and back."""

from __future__ import annotations

import uuid
from typing import Annotated, Any

from fastapi import APIRouter, Response
from fastapi.responses import HTMLResponse

from api.errors import Problem
from api.pages import forms, problems
from api.pages.faults import faults
from api.pages.fleet.calendar import may_change, zabs
from api.pages.fleet.names import LICENCES, SKILLS
from api.pages.roles import like
from api.pages.sent import NOTHING, InSent, Sent, address, new_key, once, refused, version_of
from api.pages.view import View
from api.routes import fleet as api
from api.schemas.fleet import CrewContent, CrewShown, NewCrew
from api.web.paging import InPages

router = APIRouter()
InFleet = Annotated[View, like(api.Reader)]
InOwnFleet = Annotated[View, like(api.Writer)]


@router.get("/fleet/crews", include_in_schema=False)
def show_list(view: InFleet, pages: InPages, zab: str = "") -> HTMLResponse:
    """Show crews: a ZAB's own, or those of all."""
    found = api.list_crews(view.context, view.actor, pages, zab=zab[:60] or None)
    return view.render(
        "fleet/crews.html", crews=found.items, zabs=zabs(view), zab=zab, may_change=may_change(view), skills=SKILLS,
        more=address("/fleet/crews", {"zab": zab, "after": found.next}) if found.next else "",
    )  # fmt: skip


@router.get("/fleet/crews/new", include_in_schema=False)
def ask_new(view: InOwnFleet) -> HTMLResponse:
    """Show the form for a new crew."""
    return _form(view, None)


@router.post("/fleet/crews/new", include_in_schema=False)
def create(view: InOwnFleet, sent: InSent) -> Response:
    """Enter a crew."""

    def work() -> Response:
        body = forms.read(NewCrew, {**_said(sent), "code": sent.text("code")})
        return api.create_crew(body, view.context, view.actor, once(view, sent))

    _, problem = refused(work)
    return view.go_to("/fleet/crews") if problem is None else _form(view, None, problem, sent)


@router.get("/fleet/crews/{crew_id}", include_in_schema=False)
def show(view: InFleet, crew_id: uuid.UUID) -> HTMLResponse:
    """Show a crew, to its own ZAB with the form to change it."""
    return _form(view, crew_id)


@router.post("/fleet/crews/{crew_id}", include_in_schema=False)
def change(view: InOwnFleet, crew_id: uuid.UUID, sent: InSent) -> Response:
    """Say anew what a crew is made up of, or take it out of service or back."""

    def work() -> CrewShown:
        context, actor, seen = view.context, view.actor, sent.if_match
        if sent.text("action") == "retire":
            return api.retire_crew(crew_id, Response(), context, actor, seen)
        if sent.text("action") == "reinstate":
            return api.reinstate_crew(crew_id, Response(), context, actor, seen)
        body = forms.read(CrewContent, _said(sent))
        return api.change_crew(crew_id, body, Response(), context, actor, seen)

    _, problem = refused(work)
    return view.go_to(f"/fleet/crews/{crew_id}") if problem is None else _form(view, crew_id, problem, sent)


def _said(sent: Sent) -> dict[str, Any]:
    counts = ("heads", "officers", "female_officers")
    return {
        **{name: sent.number(name) for name in counts}, "licences": sent.all("licences"),
        "skills": sent.all("skills"), "cost_per_hour": sent.cents("cost_per_hour"),
    }  # fmt: skip


def _form(view: View, crew_id: uuid.UUID | None, problem: Problem | None = None, sent: Sent = NOTHING) -> HTMLResponse:
    answer = Response()
    crew = None if crew_id is None else api.show_crew(crew_id, answer, view.context, view.actor)
    content = CrewContent() if crew is None else crew.content
    is_again = problem is not None and bool(sent.text("heads"))
    return view.render(
        "fleet/crew.html", status=200 if problem is None else problem.status, crew=crew, version=version_of(answer),
        values=_said(sent) if is_again else content.model_dump(mode="json"), call_key=new_key(),
        code=sent.text("code"), licences=LICENCES, skills=SKILLS, may_change=may_change(view),
        faults=faults(view, problem), problem="" if problem is None else problems.shown(view, problem),
        duties=[] if problem is None else problem.more.get("duties", []),
    )  # fmt: skip
