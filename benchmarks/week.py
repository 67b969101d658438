"""Many days side by side against the same days one by one: ``python -m benchmarks.week --seconds 60``.

A sampled week is taken apart as the solver does it (``optimizer.days.split``). Each part is solved alone, in a process
of its own with all ``--workers`` and a limit of ``--seconds``; then the whole week, with as many days at a time as
workers, in the time that the parts took one after another: at most twice their sum halved. Everything is
``python -m optimizer solve``, start and reading included, and goes through ``check``. Rows are in ``results/week.csv``
as soon as they are known, the table (medians over ``--runs``) in ``results/week.md``. Exit code 1 where a plan is
refused, two bounds contradict each other, or a run fails.
"""

from __future__ import annotations

import csv
import resource
import sys
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from statistics import median
from typing import Annotated, TypeAlias

import typer

from benchmarks.processes import Process, run
from benchmarks.provenance import RESULTS, code, machine
from benchmarks.quality_rows import read_json
from optimizer.days.split import split
from optimizer.io.json import write_instance
from optimizer.model import Stage
from optimizer.simulate.sampling import sample

Row: TypeAlias = dict[str, str]

COLUMNS = (
    *("run", "what", "requests", "duties", "limit", "workers", "seed", "code"),
    *("status", "served", "bound", "proven", "stages", "in_week", "week_seconds", "solve", "process", "cpu", "check"),
)
"""``served``, ``bound``: weight of the first stage; ``proven`` of how many ``stages``; ``in_week``, ``week_seconds``:
status and seconds of this part in the run of the week; ``limit``, ``solve``, ``process``, ``cpu`` in seconds."""
WEEK = "week"
FAILED = "failed"
_SHORT = 5.0
"""Seconds of the run that loads, or compiles, the kernels; compiling is not counted."""


def solve(file: Path, folder: Path, *, seconds: float, workers: int, seed: int) -> tuple[Process, float]:
    """Solve a file into ``result.json``; return the process and the CPU seconds of it and all that it started."""
    before = _used()
    (folder / "result.json").unlink(missing_ok=True)
    process = run(
        "optimizer", "solve", str(file), "--time-limit", f"{seconds:g}", "--workers", str(workers),
        "--seed", str(seed), "--out", str(folder / "result.json"), folder=folder,
    )  # fmt: skip
    return process, _used() - before


def _used() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def row_of(what: str, file: Path, folder: Path, *, seconds: float, workers: int, seed: int) -> tuple[Row, list[Row]]:
    """Solve and check; return the row, and of the week what became of its parts."""
    process, cpu = solve(file, folder, seconds=seconds, workers=workers, seed=seed)
    row = {"what": what, "limit": f"{seconds:.1f}", "workers": str(workers), "seed": str(seed), "code": code()}
    row |= {"status": FAILED, "process": f"{process.seconds:.2f}", "cpu": f"{cpu:.2f}", "check": "no plan"}
    if process.exit_code:
        said = (process.errors or process.output).strip().splitlines()
        return row | {"check": f"exit code {process.exit_code}: {said[-1] if said else 'nothing said'}"}, []
    result = read_json(folder / "result.json")
    stages = result["stages"]
    first = next((stage for stage in stages if stage["name"] == Stage.SERVED), None)
    row |= {"status": result["status"], "solve": str(result["statistics"]["seconds"]["total"])}
    row |= {"stages": str(len(stages)), "proven": str(sum(stage["proven"] for stage in stages))}
    if first is not None:
        row |= {"served": str(first["value"]), "bound": str(first["bound"])}
    if result["objective"] is not None:
        judged = run("optimizer", "check", str(file), str(folder / "result.json"), folder=folder)
        row["check"] = (judged.output + judged.errors).strip().splitlines()[0]
    parts = result["statistics"].get("parts", ())
    return row, [{"in_week": part["status"], "week_seconds": str(part["seconds"])} for part in parts]


def claims(rows: Sequence[Row]) -> list[str]:
    """Return what cannot be true in the rows of one run, in words."""
    found = [f"{row['what']}: {row['check']}" for row in rows if row["check"] not in ("feasible", "no plan")]
    alone, week = [row for row in rows if row["what"] != WEEK], [row for row in rows if row["what"] == WEEK]
    if week and all(row.get("served") for row in rows):
        served, bound = (sum(int(row[name]) for row in alone) for name in ("served", "bound"))
        if int(week[0]["served"]) > bound:
            found.append(f"the week serves {week[0]['served']}, above the bounds of its parts, {bound}")
        if int(week[0]["bound"]) < served:
            found.append(f"the parts serve {served}, above the bound of the week, {week[0]['bound']}")
    return found


def text(rows: Sequence[Row], name: str) -> str:
    """Return the table: each part alone and in the week, their sums, the week."""
    names = list(dict.fromkeys(row["what"] for row in rows))
    by_name = {each: [row for row in rows if row["what"] == each] for each in names}
    alone = [each for each in names if each != WEEK]
    runs = len({row["run"] for row in rows})

    def middle(each: str, column: str) -> float:
        return median([float(row[column]) for row in by_name[each] if row.get(column)] or [0.0])

    def words(each: str, column: str) -> str:
        return ", ".join(dict.fromkeys(row[column] for row in by_name[each] if row.get(column)))

    def line(head: str, number: Callable[[str], float], status: str, in_week: str, within: float | None) -> str:
        figures = [f"{number(c):,.0f}" for c in ("requests", "duties")]
        figures += [status, *(f"{number(c):,.0f}" for c in ("served", "bound")), f"{number('proven'):g}"]
        figures += [f"{number(c):,.1f}" for c in ("process", "cpu")]
        figures += [in_week, "–" if within is None else f"{within:,.1f}"]
        return f"| {' | '.join([head, *figures])} |"

    heads = ("part", "requests", "duties", "status", "served", "bound", "stages proven", "process s", "CPU s",
             "in the week", "s in the week")  # fmt: skip
    out = [f"# A week in days side by side: {name}", ""]
    limits = ", ".join(sorted({f"{row['limit']} s" for row in rows if row["what"] != WEEK}))
    out += [
        f"Medians of {runs} runs; each part alone: {limits} at most, all workers; code {rows[0]['code']}; {machine()}."
    ]
    out += ["", f"| {' | '.join(heads)} |", f"|{' --- |' * len(heads)}"]
    for each in alone:
        within = middle(each, "week_seconds")
        out.append(line(each, partial(middle, each), words(each, "status"), words(each, "in_week"), within))
    out.append(line("sum", lambda c: sum(middle(each, c) for each in alone), "", "", None))
    if WEEK in by_name:
        out.append(line(WEEK, partial(middle, WEEK), words(WEEK, "status"), "", None))
        ratio = middle(WEEK, "process") / max(0.01, sum(middle(each, "process") for each in alone))
        out += ["", f"The week took {ratio:.2f} of the sum of its parts (at most 1.00 is the aim)."]
    wrong = [f"- **{claim}**" for number in range(1, runs + 1) for claim in claims(_of(rows, number))]
    return "\n".join([*out, *(["", "## False", "", *wrong] if wrong else [])]) + "\n"


def _of(rows: Sequence[Row], number: int) -> list[Row]:
    return [row for row in rows if row["run"] == str(number)]


def write(rows: Sequence[Row], target: Path) -> None:
    """Write the rows known so far."""
    with target.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.DictWriter(lines, COLUMNS, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def main(
    seconds: Annotated[float, typer.Option(help="Limit of each part alone, start and reading included.", min=1)] = 60.0,
    *,
    requests: Annotated[int, typer.Option(help="Requests of the week.", min=1)] = 1400,
    duties: Annotated[int, typer.Option(help="Duties of the week.", min=1)] = 280,
    days: Annotated[int, typer.Option(help="Days of the week.", min=2)] = 7,
    sample_seed: Annotated[int, typer.Option(help="Seed of the sample.", min=0)] = 1,
    runs: Annotated[int, typer.Option(help="Runs of everything.", min=1)] = 1,
    workers: Annotated[
        int, typer.Option(help="Cores: threads of a part alone, days at a time of the week.", min=2)
    ] = 2,
    seed: Annotated[int, typer.Option(help="Seed of the solver.", min=0)] = 0,
    results: Annotated[Path, typer.Option(help="Where rows and table go.")] = RESULTS,
) -> None:
    """Measure the parts alone, then the week; tell each run as it ends; write rows and table."""
    results.mkdir(parents=True, exist_ok=True)
    instance, travel = sample(requests=requests, duties=duties, seed=sample_seed, days=days)
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        parts = split(instance, travel)
        sizes = [(f"part {k}", part.pool, len(part.instance.duties)) for k, part in enumerate(parts, 1)]
        files = {name: folder / f"{name.replace(' ', '-')}.json" for name, _, _ in sizes}
        for part, file in zip(parts, files.values(), strict=True):
            write_instance(file, part.instance, part.travel)
        files[WEEK] = folder / "week.json"
        write_instance(files[WEEK], instance, travel)
        smallest = min(sizes, key=lambda size: size[1])[0]
        solve(files[smallest], folder, seconds=_SHORT, workers=1, seed=seed)
        for number in range(1, runs + 1):
            own: list[Row] = []
            for name, pool, count in (*sizes, (WEEK, requests, duties)):
                limit = seconds if name != WEEK else sum(float(row["process"]) for row in own)
                row, inner = row_of(name, files[name], folder, seconds=limit, workers=workers, seed=seed)
                row |= {"run": str(number), "requests": str(pool), "duties": str(count)}
                for part_row, in_week in zip(own, inner, strict=False):
                    part_row.update(in_week)
                own.append(row)
                write([*rows, *own], results / "week.csv")
                figures = [f"{column} {row.get(column) or '–'}" for column in ("served", "bound", "process", "cpu")]
                print(f"{name} {number} / {runs}: {row['status']}, {', '.join(figures)}", flush=True)
            rows += own
            for claim in claims(own):
                print(f"FALSE: run {number}: {claim}", file=sys.stderr, flush=True)
    name = f"{requests:,} requests, {duties} duties, {days} days, seed {sample_seed}"
    (results / "week.md").write_text(text(rows, name), encoding="utf-8")
    if any(row["status"] == FAILED or claims(_of(rows, int(row["run"]))) for row in rows):
        raise typer.Exit(1)


if __name__ == "__main__":
    typer.run(main)
