"""Simulations as they are told: figures to all who may see them, tours of own duties, others counted."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TypeVar

from sqlalchemy.orm import Session

from api.actor import Actor
from api.db.tables import DutyRow, Simulation, SimulationKind, SimulationResult
from api.mapping.horizon import Horizon
from api.repositories import proposals
from api.repositories import what_if as rows
from api.schemas.simulations import (
    ComparisonShown,
    EstimateShown,
    LineShown,
    LostResult,
    PlanShown,
    PointShown,
    ResultShown,
    ScenarioNamed,
    SimulationShown,
    StopInPlan,
    TourInPlan,
)
from api.services import comparisons
from optimizer.simulate.compare import Curve, Line
from optimizer.simulate.plan import Plan, PlannedTour
from optimizer.simulate.statistics import Estimate
from optimizer.simulate.sweep import Metric, Period
from optimizer.simulate.telling import statement

Key = TypeVar("Key", Metric, str)


def shown(actor: Actor, row: Simulation, results: int) -> SimulationShown:
    """Return a simulation as an answer tells it."""
    run, days = row.run, Horizon.read(row.run.horizon)
    return SimulationShown(
        id=run.id, organisation=row.organisation.code, is_own=row.organisation_id == actor.organisation_id,
        name=row.name, kind=row.kind, state=run.state, first_day=days.first, last_day=days.last,
        created_at=run.created_at, started_at=run.started_at, finished_at=run.finished_at,
        is_cancel_wanted=run.is_cancel_wanted,
        scenarios=[ScenarioNamed(id=each.id, titles=_titles(each.id, each.title))
                   for each in comparisons.scenarios_of(row)],
        results=results, most_results=comparisons.most_results(row),
        lost=[LostResult(**each) for each in run.summary.get("lost", [])],
        parameter_set=run.parameter_set, input_sha256=run.input_sha256, failure=run.failure,
    )  # fmt: skip


def one_shown(session: Session, actor: Actor, row: Simulation) -> SimulationShown:
    """Return one simulation with the number of its results."""
    return shown(actor, row, rows.counts(session, [row.run_id]).get(row.run_id, 0))


def result_shown(row: SimulationResult, names: Mapping[str, str]) -> ResultShown:
    """Return a result; ``names``: ids of scenarios by what their results are kept by."""
    return ResultShown(
        scenario=names.get(row.scenario, row.scenario), draw=row.draw, at=row.at, outcome=row.outcome
    )  # fmt: skip


def names_of(row: Simulation) -> dict[str, str]:
    """Return ids of scenarios by what their results are kept by: of two that are alike the first."""
    return {key: name for name, key in reversed(comparisons.keys_of(row).items())}


def comparison_shown(session: Session, actor: Actor, row: Simulation) -> ComparisonShown:
    """Return a simulation in figures, as far as it has come."""
    told, _ = comparisons.comparison(session, row)
    metric = comparisons.metric_of(row)
    return ComparisonShown(
        id=row.run_id, name=row.name, kind=row.kind, state=row.run.state, metric=metric, period=told.period,
        confidence=told.confidence,
        lines=[
            _line(each, metric, told.period, is_first=n == 0, of_days=comparisons.is_of_days(row))
            for n, each in enumerate(told.lines)
        ],
        best=[each.id for each in told.best(metric)], curves=[_points(each) for each in told.curves],
        plans=_plans(session, actor, row),
    )  # fmt: skip


def _titles(name: str, title: Mapping[str, str]) -> dict[str, str]:
    return {language: title.get(language, name) for language in comparisons.LANGUAGES}


def _line(line: Line, metric: Metric, period: Period | None, *, is_first: bool, of_days: bool) -> LineShown:
    said = {each: statement(line, metric, period, each, of_days=of_days) for each in comparisons.LANGUAGES}
    return LineShown(
        id=line.id, titles=_titles(line.id, line.title), draws=line.draws, without_plan=line.without_plan,
        is_enough=line.is_enough, statements={} if is_first else said,
        figures=_estimates(line.figures), differences=_estimates(line.differences), load=_estimates(line.load),
        load_differences=_estimates(line.load_differences),
    )  # fmt: skip


def _estimates(found: Mapping[Key, Estimate]) -> dict[Key, EstimateShown]:
    return {key: _estimate(each) for key, each in found.items()}


def _estimate(found: Estimate) -> EstimateShown:
    return EstimateShown(mean=found.mean, low=found.low, high=found.high)


def _points(curve: Curve) -> list[PointShown]:
    return [
        PointShown(vehicles=size, unplaced=_estimate(unplaced), carried=_estimate(carried))
        for size, unplaced, carried in zip(curve.sizes, curve.unplaced, curve.carried, strict=True)
    ]


# --- plans ------------------------------------------------------------------------------------------------------------


def _plans(session: Session, actor: Actor, row: Simulation) -> list[PlanShown]:
    if row.kind is not SimulationKind.PLANS:
        return []
    found = {
        scenario.id: plan
        for scenario in comparisons.scenarios_of(row)
        if (plan := comparisons.plan_of(session, row, scenario)) is not None
    }
    ids = {key for plan in found.values() for tour in plan.tours if (key := _uuid(tour.duty)) is not None}
    duties = proposals.duties(session, sorted(ids))
    own = {zab.code for zab in [row.organisation] if actor.is_zab and row.organisation_id == actor.organisation_id}
    horizon = Horizon.read(row.run.horizon)
    return [_plan(name, plan, horizon, duties, own if actor.is_zab else None) for name, plan in found.items()]


def _plan(
    name: str, plan: Plan, horizon: Horizon, duties: Mapping[uuid.UUID, DutyRow], own: set[str] | None
) -> PlanShown:  # fmt: skip
    """``own``: ZABs whose tours are told; ``None``: all."""
    others: dict[str, int] = {}
    told = []
    for tour in plan.tours:
        if own is None or tour.zab in own:
            told.append(_tour(tour, plan, horizon, duties))
        else:
            others[tour.zab] = others.get(tour.zab, 0) + len({stop.request for stop in tour.stops})
    return PlanShown(scenario=name, tours=told, others=others, unplaced=len(plan.unplaced))


def _tour(tour: PlannedTour, plan: Plan, horizon: Horizon, duties: Mapping[uuid.UUID, DutyRow]) -> TourInPlan:
    places = {place.id: place for place in plan.places}
    riders = {request: number for number, request in enumerate(dict.fromkeys(s.request for s in tour.stops), 1)}
    key = _uuid(tour.duty)
    row = None if key is None else duties.get(key)

    def at(seconds: int) -> datetime:
        return horizon.calendar.local(seconds).astimezone(UTC)

    return TourInPlan(
        zab=tour.zab, duty=tour.duty.removeprefix(f"{tour.zab}-") if row is None else row.code,
        vehicle=tour.vehicle.removeprefix(f"{tour.zab}-") if row is None else row.vehicle.code,
        starts_at=at(tour.start), ends_at=at(tour.end),
        stops=[
            StopInPlan(
                kind=stop.kind, at=at(stop.start), leaves_at=at(stop.departure), place=stop.place,
                place_name=places[stop.place].name if stop.place in places else stop.place,
                lat=places[stop.place].lat if stop.place in places else None,
                lon=places[stop.place].lon if stop.place in places else None, people=stop.people,
                on_board=stop.on_board, rider=riders[stop.request], is_promised=stop.request in tour.promised,
            )
            for stop in tour.stops
        ],
    )  # fmt: skip


def _uuid(text: str) -> uuid.UUID | None:
    """Return the id of a duty of the exchange; ``None`` for what a scenario added."""
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
