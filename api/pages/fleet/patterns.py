"""Shift patterns: regular shifts of a crew on a vehicle, and the duties that are made of them."""

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
from api.pages.fleet.duties import profiles, resources
from api.pages.fleet.names import SKIPS, WEEKDAYS
from api.pages.records import Record
from api.pages.roles import like
from api.pages.sent import NOTHING, InSent, Sent, address, new_key, once, refused, version_of
from api.pages.view import View
from api.routes import patterns as api
from api.schemas.patterns import DutiesMade, DutyRange, NewPattern, PatternAmended, PatternContent, PatternShown
from api.web.paging import InPages

router = APIRouter()
InFleet = Annotated[View, like(api.Reader)]
InOwnFleet = Annotated[View, like(api.Writer)]
_TEXTS = (
    "code", "crew_id", "vehicle_id", "begins", "ends", "vehicle_begins", "vehicle_ends", "profile", "start_place",
    "end_place", "valid_from", "valid_to",
)  # fmt: skip


@router.get("/fleet/patterns", include_in_schema=False)
def show_list(view: InFleet, pages: InPages, zab: str = "") -> HTMLResponse:
    """Show shift patterns: a ZAB's own, or those of all."""
    found = api.list_patterns(view.context, view.actor, pages, zab=zab[:60] or None)
    return view.render(
        "fleet/patterns.html", patterns=found.items, weekdays=WEEKDAYS, zabs=zabs(view), zab=zab,
        may_change=may_change(view),
        more=address("/fleet/patterns", {"zab": zab, "after": found.next}) if found.next else "",
    )  # fmt: skip


@router.post("/fleet/patterns/{pattern_id}/duties", include_in_schema=False)
def make_duties(view: InOwnFleet, pattern_id: uuid.UUID, sent: InSent) -> Response:
    """Make the duties of a range of days; which were left out is shown with the reason."""

    def work() -> DutiesMade:
        said = {"first_day": sent.text("first_day"), "last_day": sent.text("last_day")}
        body = forms.read(DutyRange, said)
        answer = api.make_duties(pattern_id, body, view.context, view.actor, once(view, sent))
        return DutiesMade.model_validate(json.loads(bytes(answer.body)))

    made, problem = refused(work)
    return _form(view, pattern_id, problem, sent, made=made)


def _said(sent: Sent) -> dict[str, Any]:
    return {
        **{name: sent.text(name) for name in _TEXTS if name != "code"}, "weekdays": sent.numbers("weekdays"),
        "tolerance_minutes": sent.number("tolerance_minutes"), "every_weeks": sent.number("every_weeks"),
        "is_offered": sent.is_on("is_offered"), "on_holidays": sent.is_on("on_holidays"),
    }  # fmt: skip


def _form(
    view: View,
    pattern_id: uuid.UUID | None,
    problem: Problem | None,
    sent: Sent,
    *,
    amended: PatternAmended | None = None,
    made: DutiesMade | None = None,
) -> HTMLResponse:
    answer = Response()
    pattern = None if pattern_id is None else api.show_pattern(pattern_id, answer, view.context, view.actor)
    is_own = may_change(view)
    crews, vehicles = resources(view) if is_own else ([], [])
    if pattern is not None:
        crews = list(dict([(str(pattern.crew.id), pattern.crew.code), *crews]).items())
        vehicles = list(dict([(str(pattern.vehicle.id), pattern.vehicle.code), *vehicles]).items())
    is_again = problem is not None and bool(sent.text("begins"))
    values = {**_said(sent), "code": sent.text("code")} if is_again else _values(pattern)
    return view.render(
        "fleet/pattern.html", status=200 if problem is None else problem.status, pattern=pattern, values=values,
        crews=crews, vehicles=vehicles, profiles=profiles(view) if is_own else [], weekdays=WEEKDAYS, skips=SKIPS,
        version=version_of(answer), call_key=new_key(), may_change=is_own, amended=amended, made=made, sent=sent,
        faults=faults(view, problem), problem="" if problem is None else problems.shown(view, problem),
    )  # fmt: skip


def _values(pattern: PatternShown | None) -> dict[str, Any]:
    if pattern is None:
        return dict.fromkeys(_TEXTS, "") | {
            "weekdays": [1, 2, 3, 4, 5], "tolerance_minutes": 0, "every_weeks": 1, "is_offered": True,
            "on_holidays": False,
        }  # fmt: skip
    values = {name: value if value is not None else "" for name, value in pattern.model_dump(mode="json").items()}
    return values | {"crew_id": str(pattern.crew.id), "vehicle_id": str(pattern.vehicle.id)}


def _changed(view: View, key: uuid.UUID, action: str, answer: Any) -> Response:
    """Show what became of the duties of a pattern that was amended; one that was deleted has no page."""
    return view.go_to("/fleet/patterns") if action == "delete" else _form(view, key, None, NOTHING, amended=answer)


Record(
    path="/fleet/patterns", key="pattern_id", reader=api.Reader, writer=api.Writer,
    new=NewPattern, content=PatternContent, said=_said,
    create=api.create_pattern, change=api.amend_pattern, form=_form,
    steps={"delete": lambda view, key, sent: api.delete_pattern(key, view.context, view.actor, sent.if_match)},
    created=lambda view, answer: view.go_to(
        answer.headers["Location"].replace("/v1/shift-patterns", "/fleet/patterns", 1)
    ),
    changed=_changed,
).add_to(router)  # fmt: skip
