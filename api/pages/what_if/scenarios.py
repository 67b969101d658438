"""Scenarios by form: one block of fields for each change; or as a file of the optimizer."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Response
from fastapi.responses import HTMLResponse

import data
from api.db.tables import DutyRow
from api.deadlines import BERLIN
from api.errors import Code, FieldError, Problem
from api.pages import forms, problems
from api.pages.faults import by_path
from api.pages.place_names import place
from api.pages.roles import like
from api.pages.sent import NOTHING, InSent, Sent, new_key, once, read_back, refused, version_of, whole
from api.pages.view import View
from api.pages.what_if.changes import SHAPES, as_change, as_said, places, presets, sent_changes, wrong
from api.pages.what_if.names import CHANGES, ChangeKind, change_name
from api.repositories import fleet as duties_of
from api.repositories import ledger
from api.routes import fleet
from api.routes import scenarios as api
from api.schemas.scenarios import ScenarioContent, ScenarioShown

router = APIRouter()
InWhatIf = Annotated[View, like(api.Planner)]
_MOST_BYTES = 200_000
_MOST_CHANGES = 12
"""Of one form."""
_COMING = timedelta(days=14)
"""So far ahead duties are offered."""


@router.get("/what-if/scenarios/new", include_in_schema=False)
def new(view: InWhatIf) -> HTMLResponse:
    """Show the form of a new scenario."""
    return _form(view, None, NOTHING, [_block(ChangeKind.ADD_VEHICLES)])


@router.post("/what-if/scenarios/new", include_in_schema=False)
def create(view: InWhatIf, sent: InSent) -> Response:
    """Keep a scenario, or show its form with one change more or less."""
    blocks = sent_changes(sent)
    asked = _asked_for(view, None, sent, blocks)
    if asked is not None:
        return asked

    def work() -> Response:
        body = forms.read(ScenarioContent, _said(sent, blocks, {}))
        return api.create_scenario(body, view.context, view.actor, once(view, sent))

    answer, problem = refused(work)
    if answer is None:
        return _form(view, None, sent, blocks, problem)
    return view.go_to(f"/what-if/scenarios/{read_back(ScenarioShown, answer).id}")


@router.post("/what-if/scenarios/upload", include_in_schema=False)
async def upload(view: InWhatIf, sent: InSent) -> Response:
    """Keep a scenario that stands in a file."""
    chosen = sent.file("file")
    content = b"" if chosen is None else await chosen.read(_MOST_BYTES + 1)
    answer, problem = refused(lambda: _taken(view, sent, content))
    if answer is None:
        return _form(view, None, sent, [_block(ChangeKind.ADD_VEHICLES)], problem)
    return view.go_to(f"/what-if/scenarios/{read_back(ScenarioShown, answer).id}")


@router.get("/what-if/scenarios/{scenario_id}", include_in_schema=False)
def show(view: InWhatIf, scenario_id: uuid.UUID) -> HTMLResponse:
    """Show a scenario: to its organisation with the form that changes it."""
    return _form(view, scenario_id, NOTHING, None)


@router.post("/what-if/scenarios/{scenario_id}", include_in_schema=False)
def change(view: InWhatIf, scenario_id: uuid.UUID, sent: InSent) -> Response:
    """Say anew what a scenario is, or show its form with one change more or less."""
    blocks = sent_changes(sent)
    asked = _asked_for(view, scenario_id, sent, blocks)
    if asked is not None:
        return asked

    def work() -> ScenarioShown:
        kept = api.show_scenario(scenario_id, Response(), view.context, view.actor).scenario
        body = forms.read(ScenarioContent, _said(sent, blocks, kept))
        return api.change_scenario(scenario_id, body, Response(), view.context, view.actor, sent.if_match)

    done, problem = refused(work)
    if done is None:
        return _form(view, scenario_id, sent, blocks, problem)
    return view.go_to(f"/what-if/scenarios/{scenario_id}")


@router.post("/what-if/scenarios/{scenario_id}/delete", include_in_schema=False)
def delete(view: InWhatIf, scenario_id: uuid.UUID, sent: InSent) -> Response:
    """Delete a scenario."""
    api.delete_scenario(scenario_id, view.context, view.actor, sent.if_match)
    return view.go_to("/what-if")


def _taken(view: View, sent: Sent, content: bytes) -> Response:
    try:
        document = json.loads(content) if len(content) <= _MOST_BYTES else None
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise Problem(
            Code.BODY_INVALID, "The file is no scenario. Choose one as docs/what-if.md tells.",
            errors=[FieldError(path="/file", expected="a JSON file of at most 200 kB")],
        )  # fmt: skip
    body = forms.read(ScenarioContent, document | {"shared": sent.is_on("shared")})
    return api.create_scenario(body, view.context, view.actor, once(view, sent, content))


def _asked_for(
    view: View, scenario_id: uuid.UUID | None, sent: Sent, blocks: list[dict[str, Any]]
) -> HTMLResponse | None:
    """Return the form with one change more or less, where that was asked for."""
    wish, _, number = sent.text("do").partition(".")
    if wish == "add" and sent.text("add") in set(ChangeKind) and len(blocks) < _MOST_CHANGES:
        return _form(view, scenario_id, sent, [*blocks, _block(ChangeKind(sent.text("add")))], focus=len(blocks))
    if wish == "remove" and number.isdecimal() and len(number) < 4:
        return _form(view, scenario_id, sent, [each for n, each in enumerate(blocks) if n != int(number)])
    return None


def _block(kind: ChangeKind) -> dict[str, Any]:
    """Return a new change with what its fields begin with."""
    return {"kind": kind.value, **{each.name: each.default for each in SHAPES[kind].fields}}


def _said(sent: Sent, blocks: list[dict[str, Any]], kept: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a form says as the API takes it; changes that no form can show stay behind the others."""
    name = sent.text("name")
    english = sent.text("name_en")
    known = [each for each in blocks if each["kind"] in set(ChangeKind)]
    faulty = [fault for n, each in enumerate(known) for fault in wrong(each, f"/scenario/changes/{n}")]
    if faulty:
        raise Problem(Code.VALUE_REFUSED, "Nothing was stored. Mend what 'errors' names.", errors=faulty)
    others = [each for each in kept.get("changes", []) if as_said(each) is None and not sent.is_on("drop_others")]
    changes = [as_change(each) for each in known]
    return {
        "scenario": {
            "id": name, "title": {"de": name} | ({"en": english} if english else {}), "changes": [*changes, *others],
        },
        "shared": sent.is_on("shared"),
    }  # fmt: skip


def _form(
    view: View,
    scenario_id: uuid.UUID | None,
    sent: Sent,
    blocks: list[dict[str, Any]] | None,
    problem: Problem | None = None,
    *,
    focus: int | None = None,
) -> HTMLResponse:
    answer = Response()
    found = None if scenario_id is None else api.show_scenario(scenario_id, answer, view.context, view.actor)
    content = {} if found is None else found.scenario
    told = [as_said(each) for each in content.get("changes", [])]
    blocks = [each for each in told if each is not None] if blocks is None else blocks
    title = content.get("title", {})
    filled = sent is not NOTHING
    return view.render(
        "what_if/scenario.html", status=200 if problem is None else problem.status, found=found,
        blocks=blocks,
        others=[each for each, said in zip(content.get("changes", []), told, strict=True) if said is None],
        name=sent.text("name") if filled else title.get("de", content.get("id", "")),
        name_en=sent.text("name_en") if filled else title.get("en", ""),
        is_shared=sent.is_on("shared") if filled else found is not None and found.shared,
        shapes=SHAPES, kinds=CHANGES, change_name=change_name, options=_options(view, blocks), call_key=new_key(),
        version=sent.text("version") or version_of(answer), faults=_faults(view, problem),
        problem="" if problem is None else problems.shown(view, problem), focus=focus, written=_written,
    )  # fmt: skip


def _faults(view: View, problem: Problem | None) -> dict[str, str]:
    """Return what is wrong by the field of the form: ``c0.count`` of the first change, ``name``."""
    found: dict[str, str] = {}
    for path, said in by_path(view, problem).items():
        parts = path.split(".")
        if parts[:2] == ["scenario", "changes"] and len(parts) > 3:
            found.setdefault(f"c{parts[2]}.{_FIELDS.get(parts[3], parts[3])}", said)
        elif parts[:1] == ["scenario"] and len(parts) > 1:
            found.setdefault("name", said)
        else:
            found.setdefault(path, said)
    return found


_FIELDS = {
    "by": "minutes", "at": "hour", "factor": "percent", "able": "percent", "share": "percent", "changes": "ride_cap"
}  # fmt: skip
"""Fields of a form for those of a change, where they are others."""


def _duty_name(duty: DutyRow) -> str:
    return f"{duty.starts_at.astimezone(BERLIN):%d.%m. %H:%M} {duty.code}"


def _options(view: View, blocks: Sequence[Mapping[str, Any]]) -> dict[str, list[tuple[str, str]]]:
    """Return what fields are chosen from: vehicles, crews, coming duties that the viewer may see; places."""
    vehicles = fleet.list_vehicles(view.context, view.actor, whole(view), is_active=True).items
    crews = fleet.list_crews(view.context, view.actor, whole(view), is_active=True).items
    now = view.context.now
    with view.context.store.reading() as session:
        zabs = [(zab.code, zab.name) for zab in ledger.zabs(session)]
        coming = duties_of.duties(view.actor, since=now, until=now + _COMING).order_by(DutyRow.starts_at, DutyRow.id)
        duties = [(str(each.id), _duty_name(each)) for each in session.scalars(coming).unique()]
    # One that is over, or another ZAB's, stays what it is.
    named = {str(each["shift"]) for each in blocks if each.get("shift")} - {key for key, _ in duties}
    duties += [(key, key) for key in sorted(named)]
    return {
        "zabs": zabs, "duties": duties, "places": list(places()), "presets": list(presets()),
        "vehicles": [(str(each.id), each.code) for each in vehicles],
        "crews": [(str(each.id), each.code) for each in crews],
        "airports": [(each.place.id, place(each.place.id)) for each in data.airports()],
    }  # fmt: skip


def _written(change: Mapping[str, Any]) -> str:
    """Return a change as its file has it, without what says nothing."""
    told = {name: value for name, value in change.items() if name != "kind" and value not in (None, [], {}, "")}
    return json.dumps(told, ensure_ascii=False)
