"""A back-test as a value: several ways in which a past period might have gone, compared day by day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from optimizer.errors import InvalidValue
from optimizer.model import Instance
from optimizer.model.value import Value
from optimizer.simulate.draws import NO_CHANCE
from optimizer.simulate.edits import days_of
from optimizer.simulate.outcome import Limits, Outcome
from optimizer.simulate.results import Key
from optimizer.simulate.running import History, Running
from optimizer.simulate.scenario import Scenario
from optimizer.simulate.sweep import Period, Sweep, periods_of
from optimizer.simulate.swept import Swept


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
    days
        Local days of the period, 1 or more; ``None``: up to the last shift or pick-up of the file. On the days after
        these nothing happened, and they count as well.
    """

    name: str
    variants: tuple[Variant, ...]
    history: History = field(default_factory=History)
    period: Period = Period.WEEK
    confidence: float = 0.95
    limits: Limits = field(default_factory=Limits)
    seed: int = 0
    days: int | None = None

    def __post_init__(self) -> None:
        if self.days is not None and self.days < 1:
            raise InvalidValue("backtest.days", "1 or more", self.days)
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

    def days_in(self, instance: Instance) -> int:
        """Return the number of local days that are replayed, 1 or more."""
        return days_of(instance) if self.days is None else self.days

    def swept(self, outcomes: Mapping[Key, Outcome], days: int, *, was_cancelled: bool = False) -> Swept:
        """Return the variants with the outcomes that there are, a day for a draw; keys are ids of scenarios.

        ``days``: local days of the period, 1 or more.
        """
        scenarios = tuple(variant.scenario for variant in self.variants)
        return Swept(
            sweep=self.as_sweep(),
            scenarios=scenarios,
            keys={scenario.id: scenario.id for scenario in scenarios},
            outcomes=outcomes,
            factor=periods_of(self.period, days) * days,
            enough={},
            failed=(),
            was_cancelled=was_cancelled,
        )
