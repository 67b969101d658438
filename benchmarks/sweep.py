"""A sweep over a day of 30 requests, on processes and on a Dask cluster, side by side: ``python -m benchmarks.sweep``.

200 results: ten scenarios (the day, one more van at each of the five ZAB, no pooling, demand x 1.5, a flight delayed,
no second round) in 20 drawn worlds each. Both crews have as many workers as ``--jobs`` says and begin without a solver
loaded: processes are started, and those of the cluster import it with their first piece. Then they must have found the
same. The table goes to ``results/sweep.md``. Exit code 1 where the processes take longer than 3 minutes, or results
differ.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from benchmarks.provenance import RESULTS, ROOT, code, machine
from optimizer.days.warm import compile_kernels
from optimizer.simulate.changes_demand import DelayFlight, ScaleDemand
from optimizer.simulate.changes_rules import PoolingOff, SecondRoundOff
from optimizer.simulate.results import Results
from optimizer.simulate.sampling import sample
from optimizer.simulate.scale_out import Crew, Processes, cluster
from optimizer.simulate.scenario import Scenario
from optimizer.simulate.sweep import OneMoreEach, Sweep
from optimizer.simulate.sweeping import digest_of, run_sweep
from optimizer.simulate.swept import Swept

LIMIT = 180.0
"""Seconds that 200 results may take on two cores."""
SCENARIOS = (
    Scenario(id="no pooling", changes=(PoolingOff(),)),
    Scenario(id="demand x 1.5", changes=(ScaleDemand(factor=1.5),)),
    Scenario(id="flight delayed", changes=(DelayFlight(place="DUS", by=3600),)),
    Scenario(id="no second round", changes=(SecondRoundOff(),)),
)


@dataclass
class Row:
    """What a crew took."""

    crew: str
    seconds: float
    found: Swept
    cpu: float = 0.0


def main(
    jobs: Annotated[int, typer.Option(min=1, help="Workers of each crew.")] = 2,
    draws: Annotated[int, typer.Option(min=2, help="Draws of each of the ten scenarios.")] = 20,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the day.")] = 1,
) -> None:
    """Measure both, write the table, tell what must not be."""
    instance, travel = sample(requests=30, duties=8, seed=seed)
    compile_kernels(instance, travel)  # Once on a machine, and counted in nobody's time.
    wanted = Sweep(name="benchmark", scenarios=SCENARIOS, studies=(OneMoreEach(),), fewest=2, most=draws)
    rows: list[Row] = []

    def measure(name: str, crew: Crew) -> Row:
        with Results(None, digest_of(wanted, instance, travel)) as results:
            begun = time.perf_counter()
            found = run_sweep(wanted, instance, travel, results, crew)
            rows.append(Row(crew=name, seconds=time.perf_counter() - begun, found=found))
        return rows[-1]

    load, used = os.getloadavg()[0], _used()
    own = measure(f"{jobs} processes", Processes(jobs))
    own.cpu, used = _used() - used, _used()
    with dask(jobs) as address, cluster(address, timeout=60.0) as crew:
        other = measure(f"Dask, {jobs} workers", crew)
    other.cpu = _used() - used
    pool = own.found
    text = "\n".join(_table(rows, load))
    (RESULTS / "sweep.md").write_text(text + "\n", encoding="utf-8")
    print(text)
    faults = []
    if pool.failed or other.found.failed:
        faults.append(f"{len(pool.failed) + len(other.found.failed)} pieces failed")
    if dict(pool.outcomes) != dict(other.found.outcomes):
        faults.append("the crews found different results")
    if own.seconds > LIMIT * len(pool.outcomes) / 200:
        faults.append(f"{own.crew}: {own.seconds:.0f} s")
    for fault in faults:
        print(f"FAULT: {fault}")
    raise typer.Exit(1 if faults else 0)


def _used() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _table(rows: Sequence[Row], load: float) -> Iterator[str]:
    yield "# A sweep over a day of 30 requests on 8 duties"
    yield ""
    yield f"{machine()}; code {code()}; load of the machine before it began: {load:.1f} processes."
    yield ""
    yield "CPU counts all that the workers did, start and imports included: it is what a busy machine does not change."
    yield ""
    yield "| crew | results | seconds | results a second | CPU s | proven |"
    yield "|---|---:|---:|---:|---:|---:|"
    for row in rows:
        number = len(row.found.outcomes)
        proven = sum(outcome.status == "optimal" for outcome in row.found.outcomes.values())
        yield f"| {row.crew} | {number} | {row.seconds:.1f} | {number / row.seconds:.2f} | {row.cpu:.1f} | {proven} |"


@contextmanager
def dask(workers: int) -> Iterator[str]:
    """Start a scheduler and workers of one thread each; give the address."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "scheduler.json")
        started = [_dask("dask_scheduler", "--port", "0", "--scheduler-file", str(file))]
        try:
            while not file.exists() or not file.read_text(encoding="utf-8").strip().endswith("}"):
                if started[0].poll() is not None:
                    raise RuntimeError("the scheduler ended")
                time.sleep(0.05)
            worker = ("dask_worker", "--nthreads", "1", "--no-nanny", "--scheduler-file", str(file))
            started.extend(_dask(*worker) for _ in range(workers))
            yield _address(file, workers)
        finally:
            for process in reversed(started):
                process.terminate()
                process.wait()


def _address(file: Path, workers: int) -> str:
    from distributed import Client

    with Client(scheduler_file=str(file), timeout=60) as client:  # type: ignore[no-untyped-call]
        client.wait_for_workers(workers, timeout=60)
        return str(client.scheduler.address)


def _dask(command: str, *arguments: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", f"distributed.cli.{command}", "--host", "127.0.0.1", "--no-dashboard", *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


if __name__ == "__main__":
    typer.run(main)
