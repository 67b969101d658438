"""Working-time profiles: what they say, which ZAB works by which, and the choice of a lead for its own."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Response
from fastapi.responses import HTMLResponse

from api.errors import Problem
from api.pages import forms, problems
from api.pages.faults import faults
from api.pages.fleet.calendar import read_day
from api.pages.roles import like, roles
from api.pages.sent import NOTHING, InSent, Sent, new_key, once, refused
from api.pages.view import View
from api.routes import working_times as api
from api.schemas.working_times import NewChoice

router = APIRouter()
InFleet = Annotated[View, like(api.Reader)]
InLead = Annotated[View, like(api.Lead)]


@router.get("/fleet/working-times", include_in_schema=False)
def show(view: InFleet, on: str = "") -> HTMLResponse:
    """Show what is worked by on a day, today where none is said."""
    return _page(view, on)


@router.post("/fleet/working-times", include_in_schema=False)
def choose(view: InLead, sent: InSent) -> Response:
    """Choose the profile that the own ZAB works by from a day on."""

    def work() -> Response:
        body = forms.read(NewChoice, {name: sent.text(name) for name in ("profile", "valid_from", "source")})
        return api.choose_working_time(body, view.context, view.actor, once(view, sent))

    _, problem = refused(work)
    return view.go_to("/fleet/working-times") if problem is None else _page(view, "", problem, sent)


def _page(view: View, on: str, problem: Problem | None = None, sent: Sent = NOTHING) -> HTMLResponse:
    found = api.show_working_times(view.context, view.actor, read_day(on))
    own = view.viewer.organisation if view.viewer is not None and view.actor.is_zab else None
    return view.render(
        "fleet/working_times.html", status=200 if problem is None else problem.status, found=found, sent=sent,
        zabs=[each for each in found.zabs if own in (None, each.zab)],
        choices=sorted(
            (each for each in found.choices if own in (None, each.zab)), key=lambda each: each.valid_from, reverse=True
        ),
        profile_options=[(each.id, each.id) for each in found.profiles],
        may_choose=view.actor.role in roles(api.Lead), call_key=new_key(), faults=faults(view, problem),
        problem="" if problem is None else problems.shown(view, problem),
    )  # fmt: skip
