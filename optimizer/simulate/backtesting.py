"""A back-test, made: every variant replayed, each day a draw of a sweep, so that both are compared and told alike."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from optimizer.model import Instance
from optimizer.search.observer import Observer, SilentObserver
from optimizer.simulate.backtest import Backtest
from optimizer.simulate.edits import days_of
from optimizer.simulate.outcome import Outcome
from optimizer.simulate.replay import replay
from optimizer.simulate.results import Key
from optimizer.simulate.scenario import apply
from optimizer.simulate.sweeping import unpacked
from optimizer.simulate.swept import Swept
from optimizer.travel import TravelMatrix

_SILENT = SilentObserver()


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
    return wanted.swept(outcomes, days_of(instance), was_cancelled=is_cancelled())


@dataclass(frozen=True, slots=True, kw_only=True)
class VariantTask:
    """One variant as another process is told of it; ``snapshot`` is the packed text of the problem's file."""

    snapshot: bytes
    wanted: Backtest
    number: int


def work_variant(task: VariantTask) -> tuple[Outcome, ...]:
    """Replay one variant; return the outcome of each local day."""
    stated = unpacked(task.snapshot)
    variant = task.wanted.variants[task.number]
    return replay(
        variant.scenario, stated.instance, stated.travel, history=task.wanted.history, running=variant.running,
        limits=task.wanted.limits, seed=task.wanted.seed,
    ).days  # fmt: skip
