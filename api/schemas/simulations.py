"""Simulations as they are asked for and shown: counts and figures; of plans the tours of own duties."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Annotated, Any, Self

from pydantic import Field, StringConstraints, WithJsonSchema, model_validator

from api.db.tables import RunState, SimulationKind
from api.mapping.horizon import Horizon
from api.mapping.what_if import schema_of
from api.schemas.base import PLAIN, Body, Day, Id, Shown
from api.schemas.scenarios import EXAMPLE, ScenarioDocument
from optimizer.model import VisitKind
from optimizer.simulate.backtest import Backtest
from optimizer.simulate.outcome import Outcome
from optimizer.simulate.sweep import Metric, Period, Sweep

_MOST_DAYS, _MOST_PAST_DAYS = 14, 31
SWEEP_EXAMPLE = {
    "studies": [{"kind": "one_more_each", "preset": "van"}], "draws": {"seed": 1}, "fewest": 20, "most": 200,
    "batch": 20, "metric": "carried", "precision": 1.0, "period": "week",
}  # fmt: skip
_SWEEP = schema_of(Sweep)
_SWEEP_SCHEMA = {
    **_SWEEP, "required": [], "examples": [SWEEP_EXAMPLE],
    "properties": {name: each for name, each in _SWEEP["properties"].items() if name != "name"},
}  # fmt: skip
_OURS = frozenset({"name", "history", "days"})
"""Fields of a back-test that no body has."""
BACKTEST_EXAMPLE = {
    "variants": [
        {"scenario": {"id": "as it was", "title": {"de": "wie es war", "en": "as it was"}}},
        {"scenario": {"id": "no changes"}, "running": {"change_budget": 0}},
    ],
    "period": "week",
}  # fmt: skip
_BACKTEST = schema_of(Backtest)
_BACKTEST_SCHEMA = {
    **_BACKTEST, "required": [], "examples": [BACKTEST_EXAMPLE],
    "properties": {name: each for name, each in _BACKTEST["properties"].items() if name not in _OURS},
}  # fmt: skip
_OUTCOME_EXAMPLE = {
    "status": "optimal", "requests": 30, "carried": 26, "unplaced": 4, "failed": 0, "cancelled": 0, "released": 0,
    "custody": 5400, "on_board": 98_000, "night": 0, "metres": 2_100_000, "cost": 410_000, "own_drives": 0,
    "own_metres": 0, "load": {"zab:essen": 9}, "served_weight": 40, "gap": 0.0,
}  # fmt: skip


class NewSimulation(Body):
    """What would be, in some days: scenarios, each planned once, or over many drawn worlds; or what might have been."""

    name: Annotated[
        str, StringConstraints(min_length=1, max_length=120, pattern=PLAIN),
        Field(description="What you call it.", examples=["Where does one more van help most"]),
    ]  # fmt: skip
    first_day: Annotated[Day, Field(description="First local day.", examples=["2026-10-05"])]
    last_day: Annotated[
        Day | None, Field(description="Last local day; left out: the first one. At most 14 days, of a back-test 31.")
    ] = None  # fmt: skip
    scenario_ids: Annotated[
        tuple[Id, ...], Field(strict=False, max_length=50, description="Scenarios that are kept.", examples=[[]])
    ] = ()
    scenarios: Annotated[
        tuple[ScenarioDocument, ...],
        Field(strict=False, max_length=50, description="Further ones, not kept.", examples=[[EXAMPLE]]),
    ] = ()
    sweep: Annotated[
        dict[str, Any] | None,
        WithJsonSchema({"anyOf": [_SWEEP_SCHEMA, {"type": "null"}], "default": None}),
        Field(
            description="What is left to chance, and when it is enough, as in a file of the optimizer without `name`; "
            "studies make scenarios by themselves. Left out: each scenario is planned once, and its plan is kept.",
        ),
    ] = None

    backtest: Annotated[
        dict[str, Any] | None,
        WithJsonSchema({"anyOf": [_BACKTEST_SCHEMA, {"type": "null"}], "default": None}),
        Field(
            description="Days that are over, replayed night by night: in which ways, compared with the first, as in a "
            "file of the optimizer without `name`, `history` and `days`, which the data tell. Variants left out: as it "
            "was, in the usual way. Scenarios beside it run as the first variant does. Not beside `sweep`.",
            examples=[None],
        ),
    ] = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        last = self.last_day or self.first_day
        most = _MOST_DAYS if self.backtest is None else _MOST_PAST_DAYS
        faults = []
        if last < self.first_day:
            faults.append("last_day: expected it at or after first_day")
        elif (last - self.first_day).days >= most:
            faults.append(f"last_day: expected at most {most} days")
        sweep = self.sweep or {}
        if self.backtest is not None:
            if self.sweep is not None:
                faults.append("sweep, backtest: expected one of them")
        elif not (self.scenario_ids or self.scenarios or sweep.get("studies") or sweep.get("scenarios")):
            faults.append("scenario_ids, scenarios, sweep: expected at least one scenario or study")
        if faults:
            raise ValueError("; ".join(faults))
        return self

    @property
    def horizon(self) -> Horizon:
        """The days."""
        return Horizon(first=self.first_day, last=self.last_day or self.first_day)


class ScenarioNamed(Shown):
    """A scenario of a simulation."""

    id: Annotated[str, Field(description="Its id within the simulation.", examples=["+1 van zab:essen"])]
    titles: Annotated[dict[str, str], Field(description="By language.", examples=[{"de": "…", "en": "…"}])]


class LostResult(Shown):
    """What could not be made."""

    scenario: Annotated[str, Field(description="Id of the scenario.", examples=["no pooling"])]
    draw: Annotated[int, Field(description="Which draw.", examples=[3])]
    kind: Annotated[str, Field(description="Kind of the fault.", examples=["UnsoundSolution"])]


class SimulationShown(Shown):
    """A simulation, and how far it has come."""

    id: Annotated[uuid.UUID, Field(description="UUIDv7.")]
    organisation: Annotated[str, Field(description="Who asked for it.", examples=["zab:essen"])]
    is_own: Annotated[bool, Field(description="Whether that is your organisation, which may end it.")]
    name: Annotated[str, Field(description="What it is called.", examples=["Where does one more van help most"])]
    kind: Annotated[SimulationKind, Field(description="What is made of the snapshot.", examples=["sweep"])]
    state: Annotated[RunState, Field(description="Where it stands.", examples=["running"])]
    first_day: Annotated[date, Field(description="First local day.", examples=["2026-10-05"])]
    last_day: Annotated[date, Field(description="Last local day.", examples=["2026-10-05"])]
    created_at: Annotated[datetime, Field(description="When it was asked for: its snapshot is of that moment.")]
    started_at: Annotated[datetime | None, Field(description="When a worker took it.")]
    finished_at: Annotated[datetime | None, Field(description="When it ended.")]
    is_cancel_wanted: Annotated[bool, Field(description="Whether it is to end; what there is by then is kept.")]
    scenarios: Annotated[list[ScenarioNamed], Field(description="What the others are compared with first.")]
    results: Annotated[int, Field(description="Results that there are.", examples=[40])]
    most_results: Annotated[int, Field(description="There may be so many at most.", examples=[200])]
    lost: Annotated[list[LostResult], Field(description="What could not be made.")]
    parameter_set: Annotated[str, Field(description="Parameter set of the snapshot.", examples=["nrw-2026-01"])]
    input_sha256: Annotated[str | None, Field(description="Hash of the snapshot.")]
    failure: Annotated[str | None, Field(description="Kind of the error that ended it.")]


class ResultShown(Shown):
    """What one draw of a scenario came to."""

    scenario: Annotated[str, Field(description="Id of the scenario.", examples=["today"])]
    draw: Annotated[int, Field(description="Number of the drawn world, of a back-test of the day, from 0.")]
    at: Annotated[datetime, Field(description="When it was made.")]
    outcome: Annotated[
        dict[str, Any],
        WithJsonSchema(schema_of(Outcome) | {"examples": [_OUTCOME_EXAMPLE]}),
        Field(description="Counts, seconds, metres and cents; docs/what-if.md, \"What is counted\"."),
    ]  # fmt: skip


class EstimateShown(Shown):
    """A mean with its confidence interval; all three alike where nothing varies."""

    mean: Annotated[float, Field(examples=[3.2])]
    low: Annotated[float, Field(examples=[2.7])]
    high: Annotated[float, Field(examples=[3.7])]


class LineShown(Shown):
    """A scenario beside the others, for the period; differences are to the first one, draw by draw."""

    id: Annotated[str, Field(description="Id of the scenario.", examples=["+1 van zab:essen"])]
    titles: Annotated[dict[str, str], Field(description="By language.", examples=[{"de": "…", "en": "…"}])]
    draws: Annotated[int, Field(description="Worlds, of a back-test days, in which both have a plan.", examples=[40])]
    without_plan: Annotated[int, Field(description="Worlds in which one has none: in no figure.", examples=[0])]
    is_enough: Annotated[bool, Field(description="Whether the interval is as tight as was asked for.")]
    statements: Annotated[
        dict[str, str], Field(description="What it brings, by language; the first one brings nothing.")
    ]
    figures: Annotated[
        dict[Metric, EstimateShown],
        Field(description="Requests, minutes, kilometres, euros, percent.",
              examples=[{"carried": {"mean": 26.0, "low": 25.1, "high": 26.9}}]),
    ]  # fmt: skip
    differences: Annotated[
        dict[Metric, EstimateShown],
        Field(description="To the first scenario.", examples=[{"carried": {"mean": 3.2, "low": 2.7, "high": 3.7}}]),
    ]
    load: Annotated[
        dict[str, EstimateShown],
        Field(description="New requests of each ZAB.", examples=[{"zab:essen": {"mean": 9.0, "low": 8.0, "high": 10}}]),
    ]
    load_differences: Annotated[
        dict[str, EstimateShown],
        Field(description="To the first scenario.", examples=[{"zab:essen": {"mean": 1.0, "low": 0.4, "high": 1.6}}]),
    ]


class PointShown(Shown):
    """A point of a curve."""

    vehicles: Annotated[int, Field(description="Vehicles with duties.", examples=[10])]
    unplaced: EstimateShown
    carried: EstimateShown


class StopInPlan(Shown):
    """A stop of a planned tour."""

    kind: Annotated[VisitKind, Field(description="What happens.", examples=["pickup"])]
    at: Annotated[datetime, Field(description="When it begins.")]
    leaves_at: Annotated[datetime, Field(description="When the vehicle drives on.")]
    place: Annotated[str | None, Field(description="Place of the catalogue, or of the scenario.", examples=["DUS"])]
    place_name: Annotated[str | None, Field(description="What the place is called.", examples=["Flughafen Düsseldorf"])]
    lat: Annotated[float | None, Field(description="Latitude of the place.", examples=[51.28])]
    lon: Annotated[float | None, Field(description="Longitude of the place.", examples=[6.76])]
    people: Annotated[int, Field(description="Who get on or off.", examples=[1])]
    on_board: Annotated[int, Field(description="Who ride then.", examples=[2])]
    rider: Annotated[int, Field(description="Number of the request within the tour, from 1.", examples=[1])]
    is_promised: Annotated[bool, Field(description="Whether that was promised before.")]


class TourInPlan(Shown):
    """A tour of a duty that is yours to see."""

    zab: Annotated[str, Field(description="Whose duty it is.", examples=["zab:essen"])]
    duty: Annotated[str, Field(description="Code of the duty; what a scenario added has its own.", examples=["E-1"])]
    vehicle: Annotated[str, Field(description="Code of the vehicle.", examples=["E-V1"])]
    starts_at: Annotated[datetime, Field(description="Begin of the shift.")]
    ends_at: Annotated[datetime, Field(description="Its end.")]
    stops: list[StopInPlan]


class PlanShown(Shown):
    """The plan of a scenario: tours of duties that are yours to see, the others counted."""

    scenario: Annotated[str, Field(description="Id of the scenario.", examples=["today"])]
    tours: list[TourInPlan]
    others: Annotated[
        dict[str, int], Field(description="Requests on tours of other ZABs.", examples=[{"zab:koeln": 4}])
    ]
    unplaced: Annotated[int, Field(description="Requests of the pool that nobody drives.", examples=[2])]


class ComparisonShown(Shown):
    """A simulation in figures, as far as it has come: for tables, plots, time lines and maps."""

    id: Annotated[uuid.UUID, Field(description="The simulation.")]
    name: Annotated[str, Field(description="What it is called.", examples=["Where does one more van help most"])]
    kind: Annotated[SimulationKind, Field(description="What was made of the snapshot.", examples=["sweep"])]
    state: Annotated[RunState, Field(description="Where it stands: before it is done, figures may change.")]
    metric: Annotated[Metric, Field(description="What statements are about.", examples=["carried"])]
    period: Annotated[Period | None, Field(description="What figures are told for; none: the days as they are.")]
    confidence: Annotated[float, Field(description="Of the intervals.", examples=[0.95])]
    lines: Annotated[list[LineShown], Field(description="What the others are compared with first.")]
    best: Annotated[list[str], Field(description="Ids of the others, what brings most first.", examples=[["a"]])]
    curves: Annotated[list[list[PointShown]], Field(description="Unplaced requests over the size of the fleet.")]
    plans: Annotated[list[PlanShown], Field(description="Where nothing was left to chance: the plans.")]
