"""A sweep compared: figures for tables and plots, each with its interval, all of them plain values.

Figures are told for the period of the sweep: counts of requests, minutes, kilometres, euros. Differences are paired,
draw by draw, with the baseline.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from optimizer.io.document import layout, plain
from optimizer.model import ZabId
from optimizer.model.value import Value
from optimizer.simulate.outcome import Outcome
from optimizer.simulate.scenario import Scenario
from optimizer.simulate.statistics import Estimate, estimate, exact, paired
from optimizer.simulate.sweep import FleetSizes, Metric, Period
from optimizer.simulate.swept import Swept

FORMAT = "restplatz-comparison"
VERSION = 1

SCALE: dict[Metric, float] = {
    Metric.CUSTODY: 1 / 60,
    Metric.ON_BOARD: 1 / 60,
    Metric.NIGHT: 1 / 60,
    Metric.METRES: 1 / 1000,
    Metric.COST: 1 / 100,
    Metric.GAP: 100.0,
}
"""What an outcome's integers are multiplied by for people: minutes, kilometres, euros, percent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line(Value):
    """One scenario of a comparison.

    Parameters
    ----------
    draws
        Worlds in which both it and the baseline have a plan.
    without_plan
        Worlds in which one of them has none: they are in no figure.
    is_enough
        Whether the interval is as tight as was asked for.
    figures, differences
        By metric: the scenario's own mean, and what it differs from the baseline. With one draw the mean is that draw
        without an interval, and no difference is told; without any both are empty.
    load, load_differences
        New requests of each ZAB, in the same way.
    """

    id: str
    title: dict[str, str]
    draws: int
    without_plan: int
    is_enough: bool
    figures: dict[Metric, Estimate]
    differences: dict[Metric, Estimate]
    load: dict[ZabId, Estimate]
    load_differences: dict[ZabId, Estimate]

    def told(self, language: str) -> str:
        """Return what people read."""
        return self.title.get(language, self.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve(Value):
    """Unplaced requests for each size of the fleet: points for a plot, the sizes rising."""

    sizes: tuple[int, ...]
    unplaced: tuple[Estimate, ...]
    carried: tuple[Estimate, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison(Value):
    """A whole sweep, the baseline first.

    Parameters
    ----------
    period
        What figures are told for; ``None``: the days of the snapshot as they are.
    was_cancelled
        Figures of the draws there were.
    """

    name: str
    period: Period | None
    confidence: float
    lines: tuple[Line, ...]
    curves: tuple[Curve, ...] = ()
    was_cancelled: bool = False

    @property
    def baseline(self) -> Line:
        """What the others are compared with."""
        return self.lines[0]

    def best(self, metric: Metric = Metric.CARRIED) -> tuple[Line, ...]:
        """Return the other scenarios by the mean difference in a metric, the best first; those without come last."""
        others = self.lines[1:]
        sign = -1.0 if metric.is_gain else 1.0
        return tuple(sorted(others, key=lambda line: _ranked(line.differences.get(metric), sign)))


def _ranked(found: Estimate | None, sign: float) -> float:
    return math.inf if found is None else sign * found.mean


def compare(swept: Swept) -> Comparison:
    """Return the figures of a sweep."""
    lines = {scenario.id: _line(swept, scenario) for scenario in swept.scenarios}
    curves = []
    for study in swept.sweep.studies:
        if isinstance(study, FleetSizes):
            found = [(size, lines[f"fleet {size}"]) for size in study.sizes]
            known = [(size, line.figures) for size, line in found if line.draws >= 2]
            curves.append(
                Curve(
                    sizes=tuple(size for size, _ in known),
                    unplaced=tuple(figures[Metric.UNPLACED] for _, figures in known),
                    carried=tuple(figures[Metric.CARRIED] for _, figures in known),
                )
            )
    return Comparison(
        name=swept.sweep.name,
        period=swept.sweep.period,
        confidence=swept.sweep.confidence,
        lines=tuple(lines.values()),
        curves=tuple(curves),
        was_cancelled=swept.was_cancelled,
    )


def _line(swept: Swept, scenario: Scenario) -> Line:
    pairs = swept.pairs(scenario)
    made = sum(key == swept.keys[scenario.id] for key, _ in swept.outcomes)
    mine, other = [one for one, _ in pairs], [two for _, two in pairs]
    is_known = len(pairs) >= 2
    zabs = list(mine[0].load) if mine else []
    metrics = list(Metric) if mine else []

    def told(values: Sequence[float], factor: float) -> Estimate:
        if not is_known:  # What was is known; how far it varies is not.
            return exact(values[0] * factor)
        return estimate(values, swept.sweep.confidence).times(factor)

    def against(values: Sequence[float], others: Sequence[float], factor: float) -> Estimate:
        return paired(values, others, swept.sweep.confidence).times(factor)

    def factor(metric: Metric) -> float:
        return SCALE.get(metric, 1.0) * (1.0 if metric is Metric.GAP else swept.factor)

    return Line(
        id=scenario.id,
        title=scenario.title,
        draws=len(pairs),
        without_plan=made - len(pairs),
        is_enough=swept.enough.get(scenario.id, True),
        figures={m: told([value_of(o, m) for o in mine], factor(m)) for m in metrics},
        differences={
            m: against([value_of(o, m) for o in mine], [value_of(o, m) for o in other], factor(m))
            for m in metrics
            if is_known
        },
        load={z: told([o.load[z] for o in mine], swept.factor) for z in zabs},
        load_differences={
            z: against([o.load[z] for o in mine], [o.load.get(z, 0) for o in other], swept.factor)
            for z in zabs
            if is_known
        },
    )


def compare_plans(swept: Swept) -> Comparison:
    """Return the figures of scenarios in which nothing was left to chance: each was planned once.

    They are those of the days of the snapshot, whole and without an interval.
    """
    lines = tuple(_plan_line(swept, scenario) for scenario in swept.scenarios)
    return Comparison(
        name=swept.sweep.name, period=None, confidence=swept.sweep.confidence, lines=lines,
        was_cancelled=swept.was_cancelled,
    )  # fmt: skip


def _plan_line(swept: Swept, scenario: Scenario) -> Line:
    pairs = swept.pairs(scenario)[:1]
    made = any(key == swept.keys[scenario.id] for key, _ in swept.outcomes)

    def scaled(value: float, metric: Metric) -> Estimate:
        return exact(value * SCALE.get(metric, 1.0))

    return Line(
        id=scenario.id, title=scenario.title, draws=len(pairs), without_plan=int(made and not pairs), is_enough=True,
        figures={m: scaled(value_of(mine, m), m) for mine, _ in pairs for m in Metric},
        differences={m: scaled(value_of(mine, m) - value_of(other, m), m) for mine, other in pairs for m in Metric},
        load={zab: exact(number) for mine, _ in pairs for zab, number in mine.load.items()},
        load_differences={
            zab: exact(number - other.load.get(zab, 0)) for mine, other in pairs for zab, number in mine.load.items()
        },
    )  # fmt: skip


def value_of(outcome: Outcome, metric: Metric) -> float:
    """Return a metric of one outcome, in the outcome's own unit."""
    return float(getattr(outcome, metric.value))


def dump_comparison(comparison: Comparison) -> str:
    """Return the text of a JSON file: what pages and plots read."""
    document = {"format": FORMAT, "version": VERSION, "comparison": plain(comparison)}
    return layout(document, depth=6) + "\n"
