"""Fuzz: does the solver ever claim what is not true? ``python -m benchmarks.fuzz --seeds 0-9999 --jobs 2``.

For each seed a tiny instance that uses every rule (``tests.strategies``), an oracle, and several runs of the solver:
two left alone, and some that limits stop half-way (``MODES``). The oracle is brute force over all plans
(``tests.oracle``); with ``--oracle compact`` an integer model (``tests.oracle_compact``) on larger instances, of five
to eight requests, which tells less: bounds are judged only where all stages before are at their best.
Whatever strikes, nothing that a run claims may be false: not ``optimal``, not ``infeasible``, not ``proven``, no bound
on the wrong side, no plan that the checker refuses. Runs that end unproven are counted; among those left alone they
are told as well, seed by seed.

Each finished seed is a line of ``out/fuzz-<code>.jsonl``, named after the solver's source, so that a run that was
broken off goes on where it was, and one of changed code begins anew. Exit code 1 where anything false was found.
"""

from __future__ import annotations

import ast
import csv
import json
import multiprocessing
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from benchmarks.days import compiled
from benchmarks.fuzz_judge import LIES, BruteForce, CompactTruth, Fault, Kind, Truth, judge
from benchmarks.provenance import RESULTS, ROOT, code, machine
from optimizer.params import SolveParams
from optimizer.result import Result, Status
from optimizer.solve import solve
from tests.strategies import random_tiny
from tests.strategies_small import random_small

FREE = ("plain", "bare")
"""Modes that nothing stops: they must prove everything."""
MODES = (*FREE, "fragments", "columns", "effort", "cancelled")
"""Left alone; without search for a first plan; few fragments; few columns; hardly any selection; stopped half-way."""
_PATIENCE = 120.0
"""Seconds after which a run is stopped and told as slow."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seed:
    """What came of one seed: the status by mode, and what was wrong."""

    seed: int
    status: dict[str, str]
    faults: list[tuple[str, Kind, str]]

    def line(self) -> str:
        """One line of JSON."""
        return json.dumps({"seed": self.seed, "status": self.status, "faults": self.faults}, ensure_ascii=False)

    @staticmethod
    def read(line: str) -> Seed:
        """Inverse of ``line``."""
        told = json.loads(line)
        faults = [(mode, Kind(kind), detail) for mode, kind, detail in told["faults"]]
        return Seed(seed=told["seed"], status=told["status"], faults=faults)


class Polls:
    """A wish to cancel that comes after so many questions, or when patience ends."""

    def __init__(self, until: int | None = None) -> None:
        self._until = until
        self._begun = time.monotonic()
        self.number = 0
        self.is_slow = False

    def __call__(self) -> bool:
        """Whether to stop."""
        self.number += 1
        self.is_slow = self.is_slow or time.monotonic() - self._begun > _PATIENCE
        return self.is_slow or (self._until is not None and self.number > self._until)


def limits(mode: str, seed: int, polls: int) -> tuple[SolveParams, int | None]:
    """Return the parameters of a mode, and after how many of ``polls`` questions to cancel."""
    params = SolveParams(workers=1, seed=seed % 3, rounds=0)
    match mode:
        case "plain":
            return replace(params, rounds=10), None
        case "bare":
            return params, None
        case "fragments":
            return replace(params, max_fragments=1 + seed % 9), None
        case "columns":
            return replace(params, max_columns=1 + seed % 5), None
        case "effort":
            return replace(params, deterministic_limit=1e-6), None
        case "cancelled":
            # A multiple of a large odd number: spread over the whole run, and the same for the same seed.
            return replace(params, rounds=seed % 4), seed * 7919 % max(1, polls)
        case _:
            raise ValueError(f"mode: expected one of {', '.join(MODES)}, got {mode!r}")


class Oracle(StrEnum):
    """Who knows the truth."""

    BRUTE = "brute"
    COMPACT = "compact"

    def ask(self, seed: int) -> Truth:
        """Make the instance of the seed and find out everything about it."""
        return BruteForce(*random_tiny(seed)) if self is Oracle.BRUTE else CompactTruth(*random_small(seed))


def told(truth: Truth) -> Status:
    """Return what the oracle knows, in the words of a run."""
    if truth.feasible is None:
        return Status.UNKNOWN
    if not truth.feasible:
        return Status.INFEASIBLE
    return Status.OPTIMAL if truth.values.keys() == set(truth.instance.stages) else Status.FEASIBLE


def run_seed(seed: int, *, oracle: Oracle, modes: tuple[str, ...], changes: dict[str, Any]) -> Seed:
    """Make the instance, ask the oracle, run every mode, judge every answer."""
    truth = oracle.ask(seed)
    status = {"oracle": told(truth).value}
    faults: list[tuple[str, Kind, str]] = []
    polls = 0
    for mode in modes:
        params, until = limits(mode, seed, polls or 200)
        asked = Polls(until)
        try:
            result: Result = solve(truth.instance, truth.travel, replace(params, **changes), is_cancelled=asked)
            found = list(judge(truth, result))
            status[mode] = result.status.value
        except Exception as error:  # noqa: BLE001  # a crash is a finding, and the other seeds go on
            # The first line says what; the rest of a compiler's message is pages long and names paths of the machine.
            found = [Fault(kind=Kind.CRASH, detail=f"{type(error).__name__}: {str(error).partition(chr(10))[0]}")]
            status[mode] = "crash"
        if mode in FREE:
            polls = max(polls, asked.number)
        if asked.is_slow:
            found.append(Fault(kind=Kind.SLOW, detail=f"more than {_PATIENCE:.0f} s"))
        faults += [
            (mode, fault.kind, fault.detail) for fault in found if mode in FREE or fault.kind is not Kind.UNPROVEN
        ]
    return Seed(seed=seed, status=status, faults=faults)


def run_seeds(seeds: Iterable[int], work: Callable[[int], Seed], jobs: int) -> Iterator[Seed]:
    """Yield seeds as they are finished. Processes are forked, so that all run the code that was read at the start."""
    if jobs == 1:
        yield from map(work, seeds)
        return
    with ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context("fork")) as pool:
        yield from pool.map(work, seeds, chunksize=4)


def summary(done: list[Seed], modes: tuple[str, ...]) -> str:
    """Return a table in Markdown: what each mode answered, and what was wrong."""
    answers = [status.value for status in Status]
    kinds = [kind for kind in Kind if kind is not Kind.UNPROVEN]  # the answers tell that already
    heads = [*answers, *(kind.value for kind in kinds)]
    lines = [f"| mode | {' | '.join(heads)} |", f"|---|{'---:|' * len(heads)}"]
    for mode in ("oracle", *modes):
        counts = Counter(seed.status.get(mode) for seed in done)
        # Runs, not faults: one run may have several of a kind.
        wrong = Counter(kind for seed in done for kind in {kind for at, kind, _ in seed.faults if at == mode})
        numbers = [*(counts[answer] for answer in answers), *(wrong[kind] for kind in kinds)]
        lines.append(f"| {mode} | {' | '.join(map(str, numbers))} |")
    return "\n".join(lines) + "\n"


def read_done(path: Path, modes: tuple[str, ...]) -> dict[int, Seed]:
    """Return the seeds of an earlier run that had all ``modes``; a torn last line is left out."""
    done: dict[int, Seed] = {}
    if path.is_file():
        for line in path.read_text(encoding="utf-8").splitlines():
            try:
                seed = Seed.read(line)
            except ValueError:
                continue
            if set(modes) <= set(seed.status):
                done[seed.seed] = seed
    return done


def main(
    seeds: Annotated[str, typer.Option(help="First and last seed.", metavar="A-B")] = "0-9999",
    oracle: Annotated[
        Oracle, typer.Option(help="Brute force, or the compact model on larger instances.")
    ] = Oracle.BRUTE,
    jobs: Annotated[int, typer.Option(help="Processes side by side.", min=1)] = 1,
    mode: Annotated[list[str] | None, typer.Option(help=f"Modes; all by default: {', '.join(MODES)}.")] = None,
    change: Annotated[
        list[str] | None, typer.Option("--set", help="NAME=VALUE: a field of SolveParams for every run.")
    ] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Forget what an earlier run did.")] = False,
    out: Annotated[Path, typer.Option(help="Folder for the lines of this run.")] = ROOT / "out",
) -> None:
    """Run the seeds, tell the rate, write what failed. Exit code 1 where anything false was claimed."""
    first, _, last = seeds.partition("-")
    wanted = range(int(first), int(last or first) + 1)
    modes = tuple(mode or MODES)
    changes = dict(_changed(text) for text in change or ())
    name = "-".join(["fuzz", oracle.value, code(), *(f"{key}={value}" for key, value in sorted(changes.items()))])
    out.mkdir(parents=True, exist_ok=True)
    path = out / f"{name}.jsonl"
    if fresh:
        path.unlink(missing_ok=True)
    known = read_done(path, modes)
    left = [seed for seed in wanted if seed not in known]
    print(f"{len(wanted)} seeds, {len(wanted) - len(left)} known, modes {', '.join(modes)}; {path}", file=sys.stderr)
    if left:
        compiled()  # Or the first seeds would be told as slow; processes forked later have it, too.
    begun = time.monotonic()
    with path.open("a", encoding="utf-8") as lines:
        for number, seed in enumerate(
            run_seeds(left, partial(run_seed, oracle=oracle, modes=modes, changes=changes), jobs), 1
        ):
            known[seed.seed] = seed
            lines.write(seed.line() + "\n")
            lines.flush()
            for at, kind, detail in seed.faults:
                print(f"seed {seed.seed}, {at}: {kind.value.upper()}: {detail}", file=sys.stderr, flush=True)
            if number % 100 == 0 or number == len(left):
                rate = number / (time.monotonic() - begun) * 60
                print(f"{number} / {len(left)}, {rate:.0f} seeds a minute", file=sys.stderr, flush=True)
    done = [known[seed] for seed in wanted]
    table = summary(done, modes)
    print(table)
    _write(done, table, title=f"Seeds {seeds}, code {code()}" + (f", {', '.join(change)}" if change else ""), name=name)
    if any(kind in LIES for seed in done for _, kind, _ in seed.faults):
        raise typer.Exit(1)


def _changed(text: str) -> tuple[str, Any]:
    name, _, value = text.partition("=")
    try:
        return name, ast.literal_eval(value)
    except (ValueError, SyntaxError):
        return name, value


def _write(done: list[Seed], table: str, *, title: str, name: str) -> None:
    """Write the table and the seeds that failed."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    stem = "fuzz" if "=" not in name else "fuzz-" + name.split("-", 2)[2]
    (RESULTS / f"{stem}.md").write_text(
        f"# Fuzz against brute force\n\n{title}; {machine()}.\n\n{table}", encoding="utf-8"
    )
    with (RESULTS / f"{stem}.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["seed", "mode", "kind", "detail"])
        writer.writerows((seed.seed, mode, kind.value, detail) for seed in done for mode, kind, detail in seed.faults)


if __name__ == "__main__":
    typer.run(main)
