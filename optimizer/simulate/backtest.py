"""A back-test as a value: several ways in which a past period might have gone, compared day by day."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from optimizer.errors import InvalidValue
from optimizer.model import Instance
from optimizer.model.value import Value
from optimizer.search.observer import Observer, SilentObserver
from optimizer.simulate.draws import NO_CHANCE
from optimizer.simulate.edits import days_of
from optimizer.simulate.evaluation import Limits, Outcome
from optimizer.simulate.replay import History, Running, replay
from optimizer.simulate.results import Key
from optimizer.simulate.scenario import Scenario, apply
from optimizer.simulate.sweep import Period, Sweep, periods_of
from optimizer.simulate.sweeping import Swept
from optimizer.travel import TravelMatrix

_SILENT = SilentObserver()


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant(Value):
    """One way in which the period might have gone: what was different, and how the exchange ran."""

    scenario: Scenario
    running: Running = field(default_factory=Running)


@dataclass(frozen=True, slots=True, kw_only=True)
class Backtest(Value):
    """Ways in which a past period might have gone; all are compared with the first, day by day.

    Parameters
    ----------
    period
        What figures are told for; see ``sweep.Period``.
    confidence
        Of the intervals over days. Days that follow each other are not quite independent: read them as a guide.
    """

    name: str
    variants: tuple[Variant, ...]
    history: History = field(default_factory=History)
    period: Period = Period.WEEK
    confidence: float = 0.95
    limits: Limits = field(default_factory=Limits)
    seed: int = 0

    def __post_init__(self) -> None:
        ids = [variant.scenario.id for variant in self.variants]
        if not ids or len(set(ids)) < len(ids):
            raise InvalidValue("backtest.variants", "one or more, with different ids of their scenarios", ids)
        self.as_sweep()

    def as_sweep(self) -> Sweep:
        """Return the sweep that a comparison of the days is told as."""
        first, *others = (variant.scenario for variant in self.variants)
        return Sweep(
            name=self.name, baseline=first, scenarios=tuple(others), draws=NO_CHANCE, period=self.period,
            confidence=self.confidence, limits=self.limits, seed=self.seed,
        )  # fmt: skip


def backtest(
    wanted: Backtest,
    instance: Instance,
    travel: TravelMatrix,
    *,
    observer: Observer = _SILENT,
    is_cancelled: Callable[[], bool] = lambda: False,
) -> Swept:
    """Replay every variant; a day is what a draw is in a sweep, so that both are compared and told alike.

    Raises
    ------
    InvalidValue
        Where a variant or the history names what is not there: before anything is replayed.
    """
    for variant in wanted.variants:
        apply(variant.scenario, instance)
    outcomes: dict[Key, Outcome] = {}
    for number, variant in enumerate(wanted.variants, 1):
        observer.phase(f"{number} of {len(wanted.variants)}")
        replayed = replay(
            variant.scenario,
            instance,
            travel,
            history=wanted.history,
            running=variant.running,
            limits=wanted.limits,
            seed=wanted.seed,
            is_cancelled=is_cancelled,
        )
        if is_cancelled():
            break  # Half a period is none.
        outcomes.update({(variant.scenario.id, day): outcome for day, outcome in enumerate(replayed.days)})
    days = days_of(instance)
    scenarios = tuple(variant.scenario for variant in wanted.variants)
    return Swept(
        sweep=wanted.as_sweep(),
        scenarios=scenarios,
        keys={scenario.id: scenario.id for scenario in scenarios},
        outcomes=outcomes,
        factor=periods_of(wanted.period, days) * days,
        enough={},
        failed=(),
        was_cancelled=is_cancelled(),
    )
