"""A back-test, made: every variant replayed, each day a draw of a sweep, so that both are compared and told alike."""

from __future__ import annotations

from collections.abc import Callable

from optimizer.model import Instance
from optimizer.search.observer import Observer, SilentObserver
from optimizer.simulate.backtest import Backtest
from optimizer.simulate.edits import days_of
from optimizer.simulate.outcome import Outcome
from optimizer.simulate.replay import replay
from optimizer.simulate.results import Key
from optimizer.simulate.scenario import apply
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
