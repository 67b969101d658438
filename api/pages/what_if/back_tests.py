"""Days that are over, replayed: asked for by form. How it goes and what it comes to is shown as of any simulation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Response
from fastapi.responses import HTMLResponse

from api.errors import Problem
from api.mapping.what_if import plain_of
from api.pages import problems
from api.pages.faults import by_path
from api.pages.roles import like
from api.pages.sent import NOTHING, InSent, Sent, new_key, whole
from api.pages.view import View
from api.pages.what_if.names import PERIODS, title_of
from api.pages.what_if.simulations import begun
from api.routes import scenarios
from api.routes import simulations as api
from api.services import past
from api.services.back_tests import AS_IT_WAS
from api.words import Language
from optimizer.model import HOUR
from optimizer.simulate.running import Running
from optimizer.simulate.sweep import Period

router = APIRouter()
InWhatIf = Annotated[View, like(api.Planner)]
_USUAL = Running()
_RULES = {"ahead_days": _USUAL.ahead_days, "frozen": _USUAL.frozen // HOUR}
"""Rules of running that the form shows as they usually are; ``frozen`` in hours."""
_TITLES: Mapping[Language, Mapping[str, str]] = {
    Language.DE: {
        "ahead_days": "Tage voraus: {}", "frozen": "fest so viele Stunden vorher: {}",
        "change_budget": "Änderungen je Nacht: höchstens {}",
    },
    Language.EN: {
        "ahead_days": "days ahead: {}", "frozen": "fixed so many hours before: {}",
        "change_budget": "changes a night: at most {}",
    },
}  # fmt: skip


@router.get("/what-if/back-tests/new", include_in_schema=False)
def new(view: InWhatIf) -> HTMLResponse:
    """Show the form, with the days that are usually replayed."""
    return _form(view, NOTHING)


@router.post("/what-if/back-tests/new", include_in_schema=False)
def start(view: InWhatIf, sent: InSent) -> Response:
    """Read the days and start the replay of them."""
    return begun(view, sent, _said, lambda problem: _form(view, sent, problem))


def _said(sent: Sent) -> dict[str, Any]:
    """Return what a form says as the API takes it: the days as they were run, and once more under other rules."""
    variants: list[dict[str, Any]] = [{"scenario": plain_of(AS_IT_WAS)}]
    other: dict[str, int | str] = {
        name: sent.number(name) for name, usual in _RULES.items() if sent.text(name) not in ("", str(usual))
    }
    if sent.text("change_budget"):
        other["change_budget"] = sent.number("change_budget")
    if other:
        title = {
            language.value: ", ".join(texts[name].format(value) for name, value in other.items())
            for language, texts in _TITLES.items()
        }
        hours = other.get("frozen")
        if isinstance(hours, int):
            other["frozen"] = hours * HOUR
        variants.append({"scenario": {"id": "other rules", "title": title}, "running": other})
    return {
        "name": sent.text("name"), "first_day": sent.text("first_day"), "last_day": sent.text("last_day"),
        "scenario_ids": sent.all("scenario_ids"),
        "backtest": {"variants": variants, "period": sent.text("period") or Period.WEEK.value},
    }  # fmt: skip


def _form(view: View, sent: Sent, problem: Problem | None = None) -> HTMLResponse:
    kept = scenarios.list_scenarios(view.context, view.actor, whole(view)).items
    usual = past.usual_days(view.now)
    # A fault of a rule stands at its field, wherever the rule stands in the body.
    faults = {
        path.split(".")[-1 if path.startswith("backtest.") else 0]: said
        for path, said in by_path(view, problem).items()
    }
    return view.render(
        "what_if/back_test_new.html", status=200 if problem is None else problem.status, call_key=new_key(),
        scenarios=[(str(each.id), title_of(each.scenario, view.language)) for each in kept], sent=sent,
        days=usual, earliest=past.earliest_day(view.now), rules=_RULES, faults=faults,
        problem="" if problem is None else problems.shown(view, problem),
        periods={period: pair for period, pair in PERIODS.items() if period is not None},
    )  # fmt: skip
