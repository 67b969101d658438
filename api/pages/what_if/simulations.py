"""Simulations: asked for by form, watched while they go on, ended, and compared."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Response
from fastapi.responses import HTMLResponse

from api.db.tables import SimulationKind
from api.db.tables_runs import LIVE_RUNS
from api.errors import Problem
from api.pages import forms, problems
from api.pages.board.content import coming_day
from api.pages.faults import by_path
from api.pages.language import told_money, told_number
from api.pages.planning.names import STATES, progress_words
from api.pages.roles import like
from api.pages.sent import NOTHING, InSent, Sent, new_key, once, read_back, refused, whole
from api.pages.view import View
from api.pages.what_if import drawing, trying
from api.pages.what_if.changes import presets
from api.pages.what_if.names import KINDS, METRICS, PERIODS, called, title_of
from api.routes import scenarios
from api.routes import simulations as api
from api.schemas.simulations import ComparisonShown, NewSimulation, SimulationShown
from api.words import Language
from optimizer.simulate.sweep import Metric, Period

router = APIRouter()
InWhatIf = Annotated[View, like(api.Planner)]
_CHANCE, _MORE_EACH, _FLEET = "chance", "one_more_each", "fleet_sizes"
_DRAWN = (Metric.CARRIED, Metric.CUSTODY, Metric.METRES)
"""Metrics whose differences are drawn."""


@router.get("/what-if/simulations/new", include_in_schema=False)
def new(view: InWhatIf, scenario: uuid.UUID | None = None) -> HTMLResponse:
    """Show the form of a new simulation; with one scenario chosen where somebody comes from it."""
    return _form(view, NOTHING, [] if scenario is None else [str(scenario)])


@router.post("/what-if/simulations/new", include_in_schema=False)
def start(view: InWhatIf, sent: InSent) -> Response:
    """Take a snapshot and start a simulation of it."""
    return begun(view, sent, _said, lambda problem: _form(view, sent, sent.all("scenario_ids"), problem))


def begun(
    view: View, sent: Sent, said: Callable[[Sent], dict[str, Any]], form: Callable[[Problem | None], Response]
) -> Response:
    """Start what a form asks for and go to its page; show the form again where it is refused.

    Parameters
    ----------
    said
        What the form says, as the API takes it.
    """

    def work() -> Response:
        body = forms.read(NewSimulation, said(sent))
        return api.start_simulation(body, view.context, view.actor, once(view, sent))

    answer, problem = refused(work)
    if answer is None:
        return form(problem)
    return view.go_to(f"/what-if/simulations/{read_back(SimulationShown, answer).id}")


@router.get("/what-if/simulations/{simulation_id}", include_in_schema=False)
def show(
    view: InWhatIf, simulation_id: uuid.UUID, other: str = "", answer: str = "", of: str = "", number: str = ""
) -> HTMLResponse:
    """Show how a simulation goes on and what it comes to.

    Parameters
    ----------
    other
        The scenario whose plan is beside the first.
    answer, of, number
        The answer of which a change is tried, and which one: the way back, and who would have to grant it.
    """
    found = api.show_simulation(simulation_id, Response(), view.context, view.actor)
    comparison = api.show_comparison(simulation_id, view.context, view.actor)
    plans = _beside(comparison, other)
    titles = {each.id: each.titles for each in found.scenarios}
    return view.render(
        "what_if/simulation.html", found=found, comparison=comparison, titles=titles, states=STATES, kinds=KINDS,
        metrics={m: pair for m, pair in METRICS.items() if _is_told(comparison, m)}, periods=PERIODS,
        is_live=found.state in LIVE_RUNS, words=progress_words(view.language), counts=_words(view),
        charts=[each for metric in _DRAWN if (each := drawing.bars(comparison, metric)) is not None],
        curves=[(points, drawing.curve(points)) for points in comparison.curves],
        zabs=list(dict.fromkeys(zab for line in comparison.lines for zab in line.load)),
        times=drawing.time_lines(plans), ways=drawing.ways(plans), plans=comparison.plans, other=other,
        is_plans=found.kind is SimulationKind.PLANS, drawing=drawing,
        figure=lambda *said: _figure(view, *said), called=lambda code: called(code, view.language),
        tried=trying.tried(view, answer, of, number),
        address=f"{view.path}?{urlencode({'answer': answer, 'of': of, 'number': number})}" if answer else view.path,
        is_past=found.kind is SimulationKind.BACKTEST,
    )  # fmt: skip


@router.post("/what-if/simulations/{simulation_id}/end", include_in_schema=False)
def end(view: InWhatIf, simulation_id: uuid.UUID) -> Response:
    """Wish that a simulation ends: what there is by then is kept."""
    api.stop_simulation(simulation_id, Response(), view.context, view.actor)
    return view.go_to(f"/what-if/simulations/{simulation_id}")


@router.get("/what-if/simulations/{simulation_id}/workbook", include_in_schema=False)
def workbook(view: InWhatIf, simulation_id: uuid.UUID) -> Response:
    """Return the comparison as an Excel file, in the language of the page."""
    return api.get_workbook(simulation_id, view.context, view.actor, Language(view.language))


def _said(sent: Sent) -> dict[str, Any]:
    """Return what a form says as the API takes it."""
    studies: list[dict[str, Any]] = []
    if sent.is_on(_MORE_EACH):
        studies.append({"kind": "one_more_each", "preset": sent.text("preset") or "van"})
    if sent.text(_FLEET):
        sizes = sorted({Sent.as_number(each) for each in sent.words(_FLEET)}, key=str)
        is_whole = all(isinstance(each, int) for each in sizes)
        studies.append({"kind": "fleet_sizes", "sizes": sorted(sizes) if is_whole else sizes})
    sweep: dict[str, Any] | None = None
    if sent.is_on(_CHANCE) or studies:
        precision = sent.text("precision").replace(",", ".")
        most = sent.number("most") or 20
        sweep = {
            "studies": studies, "draws": {"seed": 1}, "fewest": min(10, most) if isinstance(most, int) else most,
            "most": most, "batch": 10, "period": sent.text("period") or Period.WEEK.value,
        }  # fmt: skip
        if precision:
            sweep["precision"] = float(precision) if precision.replace(".", "", 1).isdecimal() else precision
    return {
        "name": sent.text("name"), "first_day": sent.text("first_day"), "last_day": sent.text("last_day"),
        "scenario_ids": sent.all("scenario_ids"), "sweep": sweep,
    }  # fmt: skip


def _form(view: View, sent: Sent, chosen: list[str], problem: Problem | None = None) -> HTMLResponse:
    kept = scenarios.list_scenarios(view.context, view.actor, whole(view)).items
    faults = {path.split(".")[0]: said for path, said in by_path(view, problem).items()}
    faults |= {path.split(".")[1]: said for path, said in by_path(view, problem).items() if path.startswith("sweep.")}
    return view.render(
        "what_if/simulation_new.html", status=200 if problem is None else problem.status, call_key=new_key(),
        scenarios=[(str(each.id), title_of(each.scenario, view.language)) for each in kept], chosen=chosen, sent=sent,
        first_day=coming_day(view.context, view.actor).isoformat(), faults=faults,
        problem="" if problem is None else problems.shown(view, problem), presets=presets(),
        periods={period: pair for period, pair in PERIODS.items() if period is not None},
    )  # fmt: skip


def _words(view: View) -> dict[str, str]:
    """Return what the script says of how far it has come."""
    return {"results": view.say("{done} von höchstens {most} Ergebnissen")}


def _figure(view: View, metric: str, value: float, has_sign: bool = False) -> str:
    """Return a figure of a metric: euros as money, all else with one digit at most; of a difference with its sign."""
    told = told_money if metric == Metric.COST else told_number
    said = told(value, view.language)
    return f"+{said}" if has_sign and value > 0 else said


def _is_told(comparison: ComparisonShown, metric: Metric) -> bool:
    """Whether a metric is anything but zero in any scenario; what is carried and unplaced always is told."""
    if metric in (Metric.CARRIED, Metric.UNPLACED, Metric.CUSTODY, Metric.METRES):
        return True
    figures = [line.figures[metric] for line in comparison.lines if metric in line.figures]
    return any(each.mean or each.low or each.high for each in figures)


def _beside(comparison: ComparisonShown, other: str) -> list[Any]:
    """Return the plan of the first scenario, and beside it that of another one."""
    if not comparison.plans:
        return []
    first, *rest = comparison.plans
    chosen = next((plan for plan in rest if plan.scenario == other), rest[0] if rest else None)
    return [first] if chosen is None else [first, chosen]
