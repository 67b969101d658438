"""One case in a process of its own: read, solve, watch how value and bound move, write the result and the figures.

    python -m benchmarks.quality_run FILE FORMAT SECONDS WORKERS SEED RESULT.json FIGURES.json

As ``python -m optimizer solve`` does, with an observer that keeps the curve. A run that outlasts any reason is ended
from within, and tells where it hung.
"""

from __future__ import annotations

import faulthandler
import json
import sys
import time

BEGUN = time.perf_counter()


class Recorder:
    """An observer that keeps each improvement of value and bound: ``[seconds, stage, value or None, bound or None]``.

    A step names no stage; it is that of the phase (``stage served``, ``gap served``, ...: the last word), before the
    first such phase the first stage. ``ended`` has the second at which each stage's last phase ended.
    """

    def __init__(self, stages: tuple[str, ...], maximised: frozenset[str]) -> None:
        self._begun = time.perf_counter()
        self._stages = stages
        self._maximised = maximised
        self._stage = stages[0]
        self._is_running = False
        self._best: dict[tuple[str, str], int] = {}
        self.curve: list[tuple[float, str, int | None, int | None]] = []
        self.ended: dict[str, float] = {}

    @property
    def seconds(self) -> float:
        """Seconds since the recorder was made."""
        return round(time.perf_counter() - self._begun, 4)

    def phase(self, name: str) -> None:
        """Take note which stage is in work."""
        if self._is_running:
            self.ended[self._stage] = self.seconds
        stage = name.rpartition(" ")[2]
        self._is_running = stage in self._stages
        if self._is_running:
            self._stage = stage

    def progress(self, text: str, *, value: int | None = None, bound: int | None = None) -> None:  # noqa: ARG002
        """Keep what is better than all before."""
        is_max = self._stage in self._maximised
        value = self._improved("value", value, is_more_better=is_max)
        bound = self._improved("bound", bound, is_more_better=not is_max)
        if value is not None or bound is not None:
            self.curve.append((self.seconds, self._stage, value, bound))

    def _improved(self, what: str, number: int | None, *, is_more_better: bool) -> int | None:
        """Return ``number`` where it is better than before, else ``None``."""
        if number is None:
            return None
        before = self._best.get((self._stage, what))
        if before is not None and (number <= before if is_more_better else number >= before):
            return None
        self._best[self._stage, what] = number
        return number


def run(file: str, file_format: str, seconds: float, workers: int, seed: int, *targets: str) -> None:
    """Solve and write; ``targets`` are the files of the result and of the figures."""
    from pathlib import Path

    from benchmarks.provenance import peak_memory
    from optimizer.io.cordeau import read_cordeau
    from optimizer.io.json import read_instance
    from optimizer.io.ptp import read_ptp
    from optimizer.io.result_file import tell, write_result
    from optimizer.model import Stage
    from optimizer.params import SolveParams
    from optimizer.search.plan import relevant_stages
    from optimizer.solve import solve

    read = {"instance": read_instance, "cordeau": read_cordeau, "ptp": read_ptp}[file_format]
    stated = read(Path(file))
    left = max(0.05, seconds - (time.perf_counter() - BEGUN))
    stages = tuple(stage.value for stage in relevant_stages(stated.instance))
    recorder = Recorder(stages, frozenset(stage.value for stage in Stage if stage.is_maximised))
    params = SolveParams(time_limit=left, workers=workers, seed=seed)
    used = time.process_time()
    result = solve(stated.instance, stated.travel, params, observer=recorder)
    ended, used = recorder.seconds, time.process_time() - used
    write_result(Path(targets[0]), result, stated)

    def told(stage: str, value: int | None) -> float | None:
        return None if value is None else tell(stage, value, stated.units)

    figures = {
        "curve": [(at, stage, told(stage, value), told(stage, bound)) for at, stage, value, bound in recorder.curve],
        "ended": recorder.ended,
        "seconds": ended,
        "cpu": round(used, 3),
        "peak": peak_memory(),
        "first": stages[0],
    }
    Path(targets[1]).write_text(json.dumps(figures), encoding="utf-8")


def main(arguments: list[str]) -> None:
    """Run what the command line says."""
    file, file_format, seconds, workers, seed, result, figures = arguments
    faulthandler.dump_traceback_later(2 * float(seconds) + 60, exit=True)
    run(file, file_format, float(seconds), int(workers), int(seed), result, figures)


if __name__ == "__main__":
    main(sys.argv[1:])
