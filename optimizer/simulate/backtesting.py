"""A back-test, made: every variant replayed, each day a draw of a sweep, so that both are compared and told alike.

A replay goes on from day to day and cannot be cut; variants are independent of each other, and are made side by side.
"""

from __future__ import annotations

from collections.abc import Callable, Container
from dataclasses import dataclass

from optimizer.io.json import dump_instance
from optimizer.model import Instance
from optimizer.search.observer import Observer, SilentObserver
from optimizer.simulate.backtest import Backtest, Variant
from optimizer.simulate.outcome import Limits, Outcome
from optimizer.simulate.replay import replay, see_that_it_fits
from optimizer.simulate.results import Key
from optimizer.simulate.running import History
from optimizer.simulate.scale_out import Crew, Unfinished, run_each
from optimizer.simulate.scenario import apply
from optimizer.simulate.sweeping import packed, unpacked
from optimizer.simulate.swept import Swept
from optimizer.travel import TravelMatrix

_SILENT = SilentObserver()


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """One variant as another process is told of it; ``snapshot`` is the packed text of the period's file."""

    snapshot: bytes
    variant: Variant
    history: History
    limits: Limits
    seed: int
    days: int


def work(task: Replay) -> tuple[Outcome, ...]:
    """Replay one variant and return its days: what a process of any kind of crew does."""
    stated = unpacked(task.snapshot)
    return replay(
        task.variant.scenario, stated.instance, stated.travel,
        history=task.history, running=task.variant.running, limits=task.limits, seed=task.seed, days=task.days,
    ).days  # fmt: skip


def replay_each(
    wanted: Backtest,
    instance: Instance,
    travel: TravelMatrix,
    crew: Crew,
    take: Callable[[Variant, tuple[Outcome, ...]], None],
    *,
    done: Container[str] = frozenset(),
    is_cancelled: Callable[[], bool] = lambda: False,
) -> list[Unfinished[Replay]]:
    """Replay the variants side by side, and hand the days of each to ``take`` as it is done; return what failed.

    Parameters
    ----------
    done
        Ids of scenarios whose variants are not replayed: they were before.
    is_cancelled
        Asked several times a second; from the first yes on nothing more is taken.

    Raises
    ------
    InvalidValue
        Where a variant or the history names what is not there: before anything is replayed.
    ClusterLost
        Where a cluster is gone; ``take`` had what was done.
    """
    _see_that_it_can_be_made(wanted, instance)
    snapshot = packed(dump_instance(instance, travel))
    tasks = [
        Replay(
            snapshot=snapshot, variant=variant, history=wanted.history, limits=wanted.limits, seed=wanted.seed,
            days=wanted.days_in(instance),
        )
        for variant in wanted.variants
        if variant.scenario.id not in done
    ]  # fmt: skip
    return run_each(crew, work, tasks, lambda task, days: take(task.variant, days), is_cancelled=is_cancelled)


def backtest(
    wanted: Backtest,
    instance: Instance,
    travel: TravelMatrix,
    *,
    observer: Observer = _SILENT,
    is_cancelled: Callable[[], bool] = lambda: False,
) -> Swept:
    """Replay every variant in this process; a day is what a draw is in a sweep.

    Raises
    ------
    InvalidValue
        Where a variant or the history names what is not there: before anything is replayed.
    """
    _see_that_it_can_be_made(wanted, instance)
    days = wanted.days_in(instance)
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
            days=days,
            is_cancelled=is_cancelled,
        )
        if is_cancelled():
            break  # Half a period is none.
        outcomes.update({(variant.scenario.id, day): outcome for day, outcome in enumerate(replayed.days)})
    return wanted.swept(outcomes, days, was_cancelled=is_cancelled())


def _see_that_it_can_be_made(wanted: Backtest, instance: Instance) -> None:
    see_that_it_fits(wanted.history, instance)
    for variant in wanted.variants:
        apply(variant.scenario, instance)
