"""Crews of a ZAB, anonymous: counts, licences and skills; entered, changed, taken out of service and back."""

from __future__ import annotations

import uuid
from typing import Annotated, Any

from fastapi import APIRouter, Response
from fastapi.responses import HTMLResponse

from api.errors import Problem
from api.pages import problems
from api.pages.faults import faults
from api.pages.fleet.calendar import may_change, zabs
from api.pages.fleet.names import LICENCES, SKILLS
from api.pages.records import Record, versioned
from api.pages.roles import like
from api.pages.sent import Sent, address, new_key, version_of
from api.pages.view import View
from api.routes import fleet as api
from api.schemas.fleet import CrewContent, NewCrew
from api.web.paging import InPages

router = APIRouter()
InFleet = Annotated[View, like(api.Reader)]


@router.get("/fleet/crews", include_in_schema=False)
def show_list(view: InFleet, pages: InPages, zab: str = "") -> HTMLResponse:
    """Show crews: a ZAB's own, or those of all."""
    found = api.list_crews(view.context, view.actor, pages, zab=zab[:60] or None)
    return view.render(
        "fleet/crews.html", items=found.items, zabs=zabs(view), zab=zab, may_change=may_change(view), skills=SKILLS,
        more=address("/fleet/crews", {"zab": zab, "after": found.next}) if found.next else "",
    )  # fmt: skip


def _said(sent: Sent) -> dict[str, Any]:
    counts = ("heads", "officers", "female_officers")
    return {
        **{name: sent.number(name) for name in counts}, "licences": sent.all("licences"),
        "skills": sent.all("skills"), "cost_per_hour": sent.cents("cost_per_hour"),
    }  # fmt: skip


def _form(view: View, crew_id: uuid.UUID | None, problem: Problem | None, sent: Sent) -> HTMLResponse:
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


Record(
    path="/fleet/crews", key="crew_id", reader=api.Reader, writer=api.Writer,
    new=NewCrew, content=CrewContent, said=_said,
    create=api.create_crew, change=api.change_crew, form=_form,
    steps={"retire": versioned(api.retire_crew), "reinstate": versioned(api.reinstate_crew)},
).add_to(router)  # fmt: skip
