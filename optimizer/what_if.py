"""``python -m optimizer whatif | sweep | backtest``: simulations on files, without the service."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from optimizer.terminal import (
    EXIT_BAD_INPUT,
    EXIT_DEFECT,
    File,
    FileFormat,
    Language,
    Out,
    bad_target,
    check_target,
    print_lines,
    read_problem,
    tell,
    telling_errors,
    write_out,
)

if TYPE_CHECKING:
    from optimizer.io.problem import Problem
    from optimizer.model import Instance
    from optimizer.simulate.backtest import Backtest
    from optimizer.simulate.scale_out import Crew
    from optimizer.simulate.scenario import Scenario
    from optimizer.simulate.sweep import Sweep
    from optimizer.simulate.swept import Swept

Cluster = Annotated[
    str | None, typer.Option(metavar="ADDRESS", help="Scheduler of a Dask cluster, such as tcp://10.0.0.5:8786.")
]
Jobs = Annotated[int, typer.Option(metavar="N", min=1, help="Processes of this machine, without a cluster.")]
COMPARISON, WORKBOOK = "comparison.json", "comparison.xlsx"


def whatif(
    file: File,
    *,
    scenario: Annotated[
        list[Path], typer.Option(metavar="S.json", help="What is different; several are made one after another.")
    ],
    seed: Annotated[int, typer.Option(metavar="N", min=0, help="Seed of the solver.")] = 0,
    out: Out = None,
    day: Annotated[
        Path | None, typer.Option("--day", metavar="DAY.json", help="Where to write the day as it would be.")
    ] = None,
    language: Annotated[Language, typer.Option(help="Language of what is told.")] = Language.DE,
) -> None:
    """Tell what a scenario would change on this day. With --out the plan, --day the day: `check` judges both.

    Limits count work, so the same files and seed give the same answer on any machine.
    """
    with telling_errors():
        from optimizer.progress import ended_by_interrupt, run_interruptibly

        for target in (out, day):
            check_target(target, file)
        with ended_by_interrupt():
            stated = started(file)

            from optimizer.io.json import dump_instance, instance_units
            from optimizer.io.problem import Problem
            from optimizer.io.result_file import dump_result
            from optimizer.simulate.documents import read_scenario
            from optimizer.simulate.evaluation import Evaluated, evaluate
            from optimizer.simulate.scenario import Scenario
            from optimizer.simulate.telling import beside, names_of, without_effect

            made = [read_scenario(path) for path in scenario]
            wanted = made[0]
            for other in made[1:]:
                wanted = wanted.then(other)
            _see_that_they_fit([wanted], stated.instance)
            idle = list(without_effect(wanted, stated.instance, language.value))

        def both(is_cancelled: Callable[[], bool]) -> list[Evaluated]:
            return [
                evaluate(each, stated.instance, stated.travel, seed=seed, is_cancelled=is_cancelled)
                for each in (Scenario(id="today"), wanted)
            ]

        (before, after), was_cancelled = run_interruptibly(both)
        if was_cancelled:
            tell("Stopped on request: there is no answer to keep.")
            raise typer.Exit(130)
        print_lines(beside(wanted, before.outcome, after.outcome, language.value, names_of(stated.instance)))
        print_lines(idle)
        if day is not None:
            write_out(day, dump_instance(after.instance, after.travel))
        if out is not None:
            units = instance_units(after.instance)
            plan = Problem(instance=after.instance, travel=after.travel, units=units)
            write_out(out, dump_result(after.result, plan))


def sweep(
    file: File,
    *,
    sweep: Annotated[  # the option is to be called so
        Path, typer.Option(metavar="SW.json", help="Scenarios, chance, and when it is enough.")
    ],
    cluster: Cluster = None,
    jobs: Jobs = 2,
    draws: Annotated[
        int | None, typer.Option(metavar="N", min=2, help="Most draws of each scenario; without it, as SW.json says.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="Folder for results and comparison; the same one again goes on."),
    ] = None,
    language: Annotated[Language, typer.Option(help="Language of what is told.")] = Language.DE,
) -> None:
    """Compare scenarios over many draws of chance. Ctrl-C keeps what is done; the same command goes on there.

    DIR gets results.jsonl (each draw, written once), comparison.json and comparison.xlsx.
    """
    with telling_errors():
        from optimizer.progress import ended_by_interrupt, run_interruptibly, terminal_observer

        with ended_by_interrupt():
            stated = started(file)

            from optimizer.simulate.compare import compare
            from optimizer.simulate.documents import read_sweep
            from optimizer.simulate.results import FILE, Results
            from optimizer.simulate.sweeping import digest_of, run_sweep
            from optimizer.simulate.telling import names_of, statements, table, without_effect

            wanted = _with_draws(read_sweep(sweep), draws)
            _see_that_they_fit((wanted.baseline, *wanted.scenarios), stated.instance)
            _make_folder(out)
        digest = digest_of(wanted, stated.instance, stated.travel)
        with (
            Results(None if out is None else out / FILE, digest) as results,
            _crew(cluster, jobs) as crew,
            terminal_observer(phases=2 + (wanted.most - wanted.fewest) // wanted.batch) as observer,
        ):
            if len(results):
                tell(f"{len(results)} results are there already")
            found, was_cancelled = run_interruptibly(
                lambda is_cancelled: run_sweep(
                    wanted, stated.instance, stated.travel, results, crew, observer=observer, is_cancelled=is_cancelled
                )
            )
        comparison = compare(found)
        print_lines(table(comparison, language.value, names=names_of(stated.instance)))
        print()
        print_lines(statements(comparison, wanted.metric, language.value))
        # Of what studies make nothing is said: a fleet of today's size is one of their points.
        for scenario in (wanted.baseline, *wanted.scenarios):
            print_lines(without_effect(scenario, stated.instance, language.value))
        if out is not None:
            _write_comparison(out, found, language)
        if was_cancelled:
            kept = "; the same command goes on" if out is not None else ", and without --out nothing is kept"
            tell(f"Stopped on request: figures of {len(found.outcomes)} results{kept}.")
        for each in found.failed:
            tell(f"Lost: scenario {each.task.scenario.id}, draw {each.task.draw}: {each.cause}")
        if found.failed:
            raise typer.Exit(EXIT_DEFECT)


def backtest(
    file: File,
    *,
    backtest: Annotated[
        Path, typer.Option(metavar="B.json", help="Variants of a past period, and what was known when.")
    ],
    cluster: Cluster = None,
    jobs: Jobs = 2,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Folder for comparison.json and comparison.xlsx.")
    ] = None,
    language: Annotated[Language, typer.Option(help="Language of what is told.")] = Language.DE,
) -> None:
    """Replay a past period day by day under other rules: each night run knows only what was known by then.

    Variants are replayed side by side; Ctrl-C keeps those that were replayed to their end.
    """
    with telling_errors():
        from optimizer.progress import ended_by_interrupt

        with ended_by_interrupt():
            stated = started(file)

            from optimizer.simulate.documents import read_backtest

            wanted = read_backtest(backtest)
        tell_backtest(stated, wanted, cluster=cluster, jobs=jobs, out=out, language=language)


def tell_backtest(
    stated: Problem, wanted: Backtest, *, cluster: str | None, jobs: int, out: Path | None, language: Language
) -> None:
    """Replay the variants of a period, and tell and write how they compare.

    Raises
    ------
    typer.Exit
        With 3 where a variant could not be replayed; the others are told.
    """
    from optimizer.progress import run_interruptibly, terminal_observer
    from optimizer.simulate.backtest import Variant
    from optimizer.simulate.backtesting import Replay, replay_each
    from optimizer.simulate.backtesting import backtest as replayed_here
    from optimizer.simulate.compare import compare
    from optimizer.simulate.outcome import Outcome
    from optimizer.simulate.results import Key
    from optimizer.simulate.scale_out import Unfinished
    from optimizer.simulate.sweep import Metric
    from optimizer.simulate.telling import names_of, statements, table, without_effect

    _see_that_they_fit([variant.scenario for variant in wanted.variants], stated.instance)
    _make_folder(out)
    failed: list[Unfinished[Replay]] = []

    def made(is_cancelled: Callable[[], bool]) -> Swept:
        if cluster is None and jobs == 1:  # Here a replay hears of Ctrl-C between two days.
            return replayed_here(wanted, stated.instance, stated.travel, observer=observer, is_cancelled=is_cancelled)
        outcomes: dict[Key, Outcome] = {}

        def take(variant: Variant, days: tuple[Outcome, ...]) -> None:
            outcomes.update({(variant.scenario.id, day): outcome for day, outcome in enumerate(days)})
            observer.phase(f"{len({name for name, _ in outcomes})} of {len(wanted.variants)}")

        with _crew(cluster, jobs) as crew:
            failed.extend(replay_each(wanted, stated.instance, stated.travel, crew, take, is_cancelled=is_cancelled))
        return wanted.swept(outcomes, wanted.days_in(stated.instance), was_cancelled=is_cancelled())

    with terminal_observer(phases=1 + len(wanted.variants)) as observer:
        found, was_cancelled = run_interruptibly(made)
    comparison = compare(found)
    print_lines(table(comparison, language.value, of_days=True, names=names_of(stated.instance)))
    print()
    print_lines(statements(comparison, Metric.CARRIED, language.value, of_days=True))
    for variant in wanted.variants:
        print_lines(without_effect(variant.scenario, stated.instance, language.value))
    if out is not None:
        _write_comparison(out, found, language, of_days=True)
    if was_cancelled:
        tell("Stopped on request: figures of the variants that were replayed to their end.")
    for each in failed:
        tell(f"Lost: variant {each.task.variant.scenario.id}: {each.cause}")
    if failed:
        raise typer.Exit(EXIT_DEFECT)


def started(file: Path) -> Problem:
    """Read the problem, and compile the kernels where this machine never did, before processes are started."""
    stated = read_problem(file, FileFormat.INSTANCE)
    from optimizer.days.warm import compile_kernels

    compiling = compile_kernels(stated.instance, stated.travel)
    if compiling:
        tell(f"compiled the kernels in {compiling:.0f} s, once on this machine")
    return stated


def _see_that_they_fit(scenarios: Iterable[Scenario], instance: Instance) -> None:
    """Tell all that scenarios name and the file does not have, before anything is solved; exit where there is any."""
    from optimizer.simulate.scenario import misfits

    found = [each for scenario in scenarios for each in misfits(scenario, instance)]
    for each in found:
        tell(str(each))
    if found:
        raise typer.Exit(EXIT_BAD_INPUT)


def _with_draws(sweep: Sweep, draws: int | None) -> Sweep:
    return sweep if draws is None else replace(sweep, most=draws, fewest=min(sweep.fewest, draws))


def _make_folder(out: Path | None) -> None:
    if out is None:
        return
    try:
        out.mkdir(exist_ok=True)
    except FileExistsError:
        raise bad_target(out, "a folder", "a file") from None
    except OSError as error:
        raise bad_target(out, "a folder in one that exists", error.strerror or str(error)) from None


@contextmanager
def _crew(address: str | None, jobs: int) -> Iterator[Crew]:
    from optimizer.simulate.scale_out import InProcess, Processes, cluster

    if address is None:
        yield InProcess() if jobs == 1 else Processes(jobs)
        return
    with cluster(address) as crew:
        yield crew


def _write_comparison(out: Path, found: Swept, language: Language, *, of_days: bool = False) -> None:
    from optimizer.simulate.compare import compare, dump_comparison
    from optimizer.simulate.workbook import write_comparison

    comparison = compare(found)
    write_out(out / COMPARISON, dump_comparison(comparison))
    try:
        write_comparison(out / WORKBOOK, comparison, found, language.value, of_days=of_days)
    except OSError as error:
        raise bad_target(out / WORKBOOK, "a file that may be written", error.strerror or str(error)) from None
