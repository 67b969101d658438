"""How good plans are, and when: ``python -m benchmarks.quality --suite darp-a --seconds 60 --runs 3``.

Every run of every case is a process of its own with a limit on the clock, and its result goes through the independent
checker (``python -m optimizer check``) in another one. Each run is a row of ``results/quality-<suite>.csv`` as soon as
it is over, so that a measurement which was broken off goes on where it was; ``--fresh`` begins anew. From the rows come
the table ``quality-<suite>.md`` (medians) and the plots. Exit code 1 where a plan is faulty, a bound or value cannot
be true, or a run crashed.
"""

from __future__ import annotations

import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from benchmarks.processes import Process, run
from benchmarks.provenance import RESULTS, code
from benchmarks.quality_rows import FAILED, Ledger, Point, Row, claims, read_json, row_of
from benchmarks.quality_table import OVER, groups, plot, text
from benchmarks.suites import NAMES, Case, find, suite

_WARM_UP = 120.0
"""Seconds that compiling and one small case may take."""


def solve(case: Case, folder: Path, *, seconds: float, workers: int, seed: int) -> Process:
    """Solve a case in a process of its own, which writes ``result.json`` and ``figures.json`` to ``folder``."""
    return run(
        "benchmarks.quality_run", str(case.file(folder)), case.file_format, str(seconds), str(workers), str(seed),
        str(folder / "result.json"), str(folder / "figures.json"), folder=folder,
    )  # fmt: skip


def warm_up(case: Case, folder: Path) -> None:
    """Compile the kernels that such a case needs, or see that they are in the cache: no measured run shall do it."""
    small = case if case.source is not None else find("n25-d5-s1")
    process = solve(small, folder, seconds=_WARM_UP, workers=1, seed=0)
    if process.exit_code:
        print(f"warming up with {small.name}: {_last_line(process)}", file=sys.stderr)


def measure(case: Case, *, seconds: float, workers: int, seed: int, folder: Path) -> tuple[Row, list[Point]]:
    """Run one case once and check it; ``folder`` takes the files."""
    result, figures = folder / "result.json", folder / "figures.json"
    for old in (result, figures):
        old.unlink(missing_ok=True)
    process = solve(case, folder, seconds=seconds, workers=workers, seed=seed)
    row: Row = {"case": case.name, "status": FAILED, "check": _last_line(process), "stage": case.stage.value}
    row |= {"unit": case.unit, "best_known": ""}
    points: list[Point] = []
    if process.exit_code == 0:
        told, known = read_json(result), read_json(figures)
        points = known["curve"]
        row = row_of(case, told, known) | {"check": "no plan"}
        if told["objective"] is not None:
            judged = run(
                "optimizer", "check", str(case.file(folder)), str(result), "--format", case.file_format, folder=folder
            )
            row["check"] = judged.output.strip() if judged.exit_code == 0 else _last_line(judged)
    row |= {"limit": f"{seconds:g}", "workers": str(workers), "seed": str(seed), "code": code()}
    row["process"] = f"{process.seconds:.3f}"
    return row, points


def _last_line(process: Process) -> str:
    """What a process that failed said last: its own words, or those of the interpreter."""
    said = [*process.errors.strip().splitlines(), *process.output.strip().splitlines()]
    return f"exit code {process.exit_code}: {said[-1] if said else 'nothing said'}"


def tell(row: Row, number: int, runs: int) -> None:
    """Print a line for a run, and one for each thing that is wrong with it."""
    stage = row["stage"]
    figures = [f"{name} {row.get(f'{stage}_{name}') or '–'}" for name in ("value", "bound", "gap")]
    times = [f"{name} {row.get(name) or '–'}" for name in ("first_plan", "solve", "process")]
    print(
        f"{row['case']} {number} / {runs}: {row['status']}, {stage} {', '.join(figures)}; {', '.join(times)}",
        flush=True,
    )
    if float(row["process"]) > OVER * float(row["limit"]):
        print(f"OVER THE LIMIT: {row['case']} took {row['process']} s of {row['limit']}", file=sys.stderr, flush=True)
    for claim in claims(row):
        print(f"FALSE: {row['case']}, run {row['run']}: {claim}", file=sys.stderr, flush=True)


def main(
    name: Annotated[str, typer.Option("--suite", help=f"One of {', '.join(NAMES)}.")],
    seconds: Annotated[float, typer.Option(help="Limit of each run, start and reading included.", min=0.1)] = 60.0,
    runs: Annotated[int, typer.Option(help="Runs of each case.", min=1)] = 3,
    workers: Annotated[int, typer.Option(help="Threads of the solver.", min=1)] = 2,
    seed: Annotated[int, typer.Option(help="Seed of the solver.", min=0)] = 0,
    only: Annotated[list[str] | None, typer.Option(help="Cases by name; all without it.")] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Forget earlier runs of these cases.")] = False,
    results: Annotated[Path, typer.Option(help="Where rows, tables and plots go.")] = RESULTS,
) -> None:
    """Measure a suite; tell each run as it ends; write the table and the plots."""
    cases = suite(name)
    unknown = set(only or ()) - {case.name for case in cases}
    if unknown:
        raise typer.BadParameter(f"suite {name} has no case {', '.join(sorted(unknown))}", param_hint="--only")
    wanted = [case for case in cases if not only or case.name in only]
    ledger = Ledger(results, name)
    ledger.forget({case.name for case in wanted} if fresh else set())
    as_asked = {"limit": f"{seconds:g}", "workers": str(workers), "seed": str(seed)}
    done = {(row["case"], row["run"]): row for row in ledger.rows()}
    other = [row for row in done.values() if row["code"] != code() or any(row[k] != v for k, v in as_asked.items())]
    if other:
        print(f"{len(other)} rows are of other code or limits: --fresh measures them anew", file=sys.stderr)
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        left = [(case, run) for case in wanted for run in range(1, runs + 1) if (case.name, str(run)) not in done]
        if left:
            warm_up(cases[0], folder)
        for case, number in left:
            row, points = measure(case, seconds=seconds, workers=workers, seed=seed, folder=folder)
            row["run"] = str(number)
            ledger.add(row, points)
            tell(row, number, runs)
    rows = ledger.rows()
    if rows:
        table = groups(rows, [case.name for case in cases])
        Path(f"{ledger.stem}.md").write_text(text(name, table), encoding="utf-8")
        if find_spec("matplotlib") is None:
            print("no plots: they need the extra `peers`", file=sys.stderr)
        else:
            plot(ledger, name, table)
    if any(row["status"] == FAILED or claims(row) for row in rows):
        raise typer.Exit(1)


if __name__ == "__main__":
    typer.run(main)
