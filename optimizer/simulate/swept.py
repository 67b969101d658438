"""A sweep with its results, as a value: what is compared, told and written, without a solver."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from optimizer.simulate.draws import Draws
from optimizer.simulate.outcome import Limits, Outcome
from optimizer.simulate.results import Key
from optimizer.simulate.scale_out import Unfinished
from optimizer.simulate.scenario import Scenario
from optimizer.simulate.statistics import Estimate, paired
from optimizer.simulate.sweep import Metric, Sweep, periods_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One evaluation as another process is told of it; ``snapshot`` is the packed text of the problem's file."""

    snapshot: bytes
    scenario: Scenario
    draws: Draws
    draw: int
    limits: Limits
    seed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """A sweep with its results.

    Parameters
    ----------
    scenarios
        The baseline, then all others.
    keys
        For each scenario id what its outcomes are kept by: ``Scenario.key``.
    outcomes
        By key and draw.
    factor
        By what an outcome is multiplied for the period of the sweep.
    enough
        For each scenario id whether its interval is as tight as was asked for; all true where nothing was.
    failed
        What could not be done, and why.
    was_cancelled
        Whether it was ended early; the results so far are whole.
    """

    sweep: Sweep
    scenarios: tuple[Scenario, ...]
    keys: Mapping[str, str]
    outcomes: Mapping[Key, Outcome]
    factor: float
    enough: Mapping[str, bool]
    failed: tuple[Unfinished[Task], ...]
    was_cancelled: bool

    def pairs(self, scenario: Scenario) -> list[tuple[Outcome, Outcome]]:
        """Return outcome and outcome of the baseline for each draw that both have a plan for, in order."""
        return _pairs(self.outcomes, self.keys[self.scenarios[0].id], self.keys[scenario.id])

    def difference(self, scenario: Scenario, metric: Metric) -> Estimate | None:
        """Return the paired difference to the baseline for a period; ``None`` with fewer than two draws."""
        return _difference(self.sweep, self.pairs(scenario), metric, self.factor)


def swept_of(
    sweep: Sweep,
    scenarios: tuple[Scenario, ...],
    outcomes: Mapping[Key, Outcome],
    days: int,
    *,
    failed: tuple[Unfinished[Task], ...] = (),
    was_cancelled: bool = False,
) -> Swept:
    """Return a sweep with the results that there are.

    Parameters
    ----------
    scenarios
        The baseline, then all others (``Sweep.all_scenarios``).
    days
        Local days of the snapshot, 1 or more (``edits.days_of``).
    """
    factor = periods_of(sweep.period, days)
    return Swept(
        sweep=sweep,
        scenarios=scenarios,
        keys={scenario.id: scenario.key for scenario in scenarios},
        outcomes=outcomes,
        factor=factor,
        enough={s.id: is_enough(sweep, outcomes, scenarios[0], s, factor) for s in scenarios[1:]},
        failed=failed,
        was_cancelled=was_cancelled,
    )


def is_enough(
    sweep: Sweep, outcomes: Mapping[Key, Outcome], baseline: Scenario, scenario: Scenario, factor: float
) -> bool:
    """Whether the interval of a scenario is as tight as was asked for; true where nothing was."""
    if sweep.precision is None:
        return True
    pairs = _pairs(outcomes, baseline.key, scenario.key)
    found = _difference(sweep, pairs, sweep.metric, factor)
    return len(pairs) >= sweep.fewest and found is not None and found.half_width <= sweep.precision


def _pairs(outcomes: Mapping[Key, Outcome], other: str, mine: str) -> list[tuple[Outcome, Outcome]]:
    draws = sorted(draw for key, draw in outcomes if key == mine and (other, draw) in outcomes)
    pairs = [(outcomes[mine, draw], outcomes[other, draw]) for draw in draws]
    return [pair for pair in pairs if pair[0].has_plan and pair[1].has_plan]


def _difference(
    sweep: Sweep, pairs: Sequence[tuple[Outcome, Outcome]], metric: Metric, factor: float
) -> Estimate | None:
    if len(pairs) < 2:
        return None
    mine, other = zip(*pairs, strict=True)
    values = [[float(getattr(outcome, metric.value)) for outcome in side] for side in (mine, other)]
    return paired(values[0], values[1], sweep.confidence).times(1.0 if metric is Metric.GAP else factor)
