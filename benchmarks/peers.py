"""Ours and the open peers side by side, on the same instances and machine in one run.

    python -m benchmarks.peers --suite sample-200 --seconds 60 --runs 3 --peers ortools,vroom,pyvrp,vrp-cli,ours
    python -m benchmarks.peers --suite sample-200 --seeds 3 --seconds 1,5,20,60     # the curve over time, three cases
    python -m benchmarks.peers --suite sample-200 --report                          # table and plots once more

Needs the extra ``peers``. Every run is a process of its own with a hard limit on the clock; the order of the solvers
rotates from run to run. Every plan goes through our own checker (``peers_judge``). Each run is a row of
``results/peers-<suite>.csv`` as soon as it is over, so that a measurement which was broken off goes on where it was
(``--fresh`` begins anew, as runs of ours do once the code has changed). What each peer is told, and what it has no
words for, stands at the head of its adapter. Exit code 1 where our own plan breaks a rule, our own run fails, or a
legal plan of anybody refutes our bound.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from benchmarks.peers_judge import Judge
from benchmarks.peers_report import report
from benchmarks.peers_rows import FAILED, KILLED, OK, Ledger, Row, refuted
from benchmarks.peers_run import ADAPTERS, ANSWER, OURS, Answer
from benchmarks.provenance import RESULTS, ROOT, code
from benchmarks.suites import NAMES, Case, suite
from optimizer.io.result_file import tell
from optimizer.model import Stage

_PREPARATION = 600.0
"""Seconds that imports, reading, kernels and translation may take before a solver's clock starts."""
_GRACE = 1.2, 30.0
"""From then on a process is ended after so many times its limit and so many seconds more."""
_POLL = 0.05
_IMPORTS = {"ortools": "ortools", "vroom": "vroom", "pyvrp": "pyvrp", "vrp-cli": "vrp_cli"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a process ended: ``exit_code`` is ``None`` where it was ended from here."""

    seconds: float
    exit_code: int | None
    errors: str


def run_bounded(command: list[str], limit: float, folder: Path, *, mark: Path | None = None) -> Ended:
    """Run ``python -m command``; end it, and whatever it started, after ``limit`` seconds.

    With ``mark`` the limit counts from when that file appears.
    """
    begun = time.perf_counter()
    until = begun + (limit if mark is None else _PREPARATION)
    errors = folder / "stderr"
    with errors.open("wb") as err:
        child = subprocess.Popen(
            [sys.executable, "-m", *command], cwd=ROOT, stdout=subprocess.DEVNULL, stderr=err, start_new_session=True
        )
        while child.poll() is None and time.perf_counter() < until:
            time.sleep(_POLL)
            if mark is not None and mark.exists():
                mark, until = None, time.perf_counter() + limit
        late = child.poll() is None
        if late:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()
    return Ended(
        seconds=round(time.perf_counter() - begun, 3),
        exit_code=None if late else child.returncode,
        errors=errors.read_text(encoding="utf-8", errors="replace"),
    )


def measure(case: Case, judge: Judge, row: Row, folder: Path) -> Row:
    """Run what ``row`` names and return it with what came of it."""
    target, mark = folder / "answer.json", folder / "begun"
    for old in (target, mark):
        old.unlink(missing_ok=True)
    factor, more = _GRACE
    ended = run_bounded(
        ["benchmarks.peers_run", row.solver, str(case.file(folder)), case.file_format, str(row.limit), str(row.run),
         str(row.threads), str(target), str(mark)],
        factor * row.limit + more,
        folder,
        mark=mark,
    )  # fmt: skip
    row = replace(row, process=ended.seconds, code=code(), best_known=case.best_known)
    if ended.exit_code != 0 or not target.is_file():
        print(ended.errors, file=sys.stderr)
        return replace(row, status=KILLED if ended.exit_code is None else FAILED)
    return judged(case, judge, row, ANSWER.validate_json(target.read_bytes()))


def judged(case: Case, judge: Judge, row: Row, answer: Answer) -> Row:
    """Put an answer and what the checker says of it into a row."""
    verdict = judge.judge_plan(answer.plan) if answer.plan is not None else judge.judge(answer.routes or [])
    problem, terms, legal = judge.problem, verdict.told, verdict.legal
    bound = answer.bounds.get(case.stage)
    return replace(
        row,
        status=OK,
        version=answer.version,
        seconds=answer.seconds,
        cpu=answer.cpu,
        peak_mib=answer.peak >> 20,
        requests=terms.served_requests + terms.unserved_requests,
        told=terms.served,
        told_requests=terms.served_requests,
        cost=float(tell(Stage.COST, terms.cost, problem.units)),
        legal=None if legal is None else legal.served,
        legal_requests=None if legal is None else legal.served_requests,
        violations=" ".join(f"{rule.value}:{number}" for rule, number in verdict.violations.items()),
        bound=None if bound is None else float(tell(case.stage, bound, problem.units)),
        points=" ".join(f"{second:g}:{weight}" for second, weight in answer.points),
    )


def installed(solvers: list[str]) -> list[str]:
    """Return those that can run here, tell the others on stderr; raises ``typer.BadParameter`` for unknown names."""
    unknown = sorted(set(solvers) - ADAPTERS.keys())
    if unknown:
        raise typer.BadParameter(f"expected names of {', '.join(ADAPTERS)}, got {', '.join(unknown)}")
    missing = [name for name in solvers if name != OURS and find_spec(_IMPORTS[name]) is None]
    if missing:
        print(f"Not installed, left out: {', '.join(missing)}. Install the extra «peers».", file=sys.stderr)
    return [name for name in solvers if name not in missing]


def is_current(row: Row) -> bool:
    """Whether a run need not be made again: it came to an end and, if ours, the code is still the same."""
    return row.status == OK and (row.solver != OURS or row.code == code())


def plan_runs(cases: list[Case], solvers: list[str], limits: list[float], runs: int, threads: int) -> list[Row]:
    """Return all runs in their order: run by run, case by case, the solvers rotating so that none is always first."""
    rows: list[Row] = []
    for run in range(runs):
        for limit in limits:
            for number, case in enumerate(cases):
                turn = (run + number) % len(solvers)
                rows += [
                    Row(case=case.name, solver=solver, limit=limit, run=run, threads=threads)
                    for solver in (*solvers[turn:], *solvers[:turn])
                ]
    return rows


def main(
    name: Annotated[str, typer.Option("--suite", help=f"One of {', '.join(NAMES)}.")],
    cases: Annotated[int, typer.Option("--cases", "--seeds", help="The first so many cases; 0: all.")] = 0,
    seconds: Annotated[str, typer.Option(help="Limits, with commas between them.")] = "60",
    peers: Annotated[str, typer.Option(help="Solvers, with commas between them.")] = ",".join(ADAPTERS),
    runs: Annotated[int, typer.Option(min=1)] = 1,
    threads: Annotated[int, typer.Option(min=1, help="For solvers that can use them.")] = 2,
    folder: Annotated[Path, typer.Option(help="Where the files go.")] = RESULTS,
    *,
    fresh: Annotated[bool, typer.Option("--fresh", help="Forget the runs that are asked for now.")] = False,
    only_report: Annotated[bool, typer.Option("--report", help="Only write table and plots anew.")] = False,
) -> None:
    """Measure, then write table and plots."""
    chosen = suite(name)[: cases or None]
    ledger = Ledger(folder / f"peers-{name}.csv")
    rows = ledger.rows()
    if not only_report:
        limits = [float(part) for part in seconds.split(",")]
        wanted = plan_runs(chosen, installed(peers.split(",")), limits, runs, threads)
        keys = {row.key for row in wanted}
        rows = [row for row in rows if is_current(row) and not (fresh and row.key in keys)]
        done = {row.key for row in rows}
        by_name = {case.name: case for case in chosen}
        judges: dict[str, Judge] = {}
        with tempfile.TemporaryDirectory() as scratch:
            for number, row in enumerate(wanted, start=1):
                if row.key in done:
                    continue
                case = by_name[row.case]
                if row.case not in judges:
                    judges = {row.case: Judge(case.load())}
                rows.append(measure(case, judges[row.case], row, Path(scratch)))
                ledger.write(rows)
                _say(rows[-1], number, len(wanted))
    report(folder / f"peers-{name}", rows, chosen)
    false = refuted(rows, by_cost=chosen[:1] != [] and chosen[0].stage is Stage.COST)
    false += [f"{row.case}: our plan breaks {row.violations}" for row in rows if row.solver == OURS and row.violations]
    false += [f"{row.case}: our run {row.status}" for row in rows if row.solver == OURS and row.status != OK]
    for line in false:
        print(line, file=sys.stderr)
    if false:
        raise typer.Exit(1)


def _say(row: Row, number: int, count: int) -> None:
    if row.status != OK:
        print(f"{number}/{count} {row.case} {row.solver} {row.limit:g} s: {row.status}", flush=True)
        return
    legal = "–" if row.legal is None else f"{row.legal} ({row.legal_requests})"
    served = f"told {row.told} ({row.told_requests}), legal {legal}, cost {row.cost:g}"
    took = f"{row.seconds:g} s, {row.peak_mib} MiB, {row.violations or 'no violations'}"
    print(f"{number}/{count} {row.case} {row.solver} {row.limit:g} s: {served}, {took}", flush=True)


if __name__ == "__main__":
    app = typer.Typer(pretty_exceptions_enable=False)
    app.command()(main)
    app()
