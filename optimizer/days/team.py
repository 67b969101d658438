"""Processes that solve parts side by side: who works on what, how long it may take, and what if one dies or hangs.

Not ``concurrent.futures``: there a process that dies takes the answers of all others with it, and a part that waits in
a queue is given its seconds before its turn has come.

Nothing is shared but one integer, and no lock is: whoever dies, at whatever moment, keeps nobody else waiting. Kernels
are loaded by one process alone until it has them, since it may have to compile them; the others then find them in the
cache. Only the parent decides whose turn it is.
"""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess

from optimizer.days.message import Kind, Load, Message, Task
from optimizer.days.process import cause_of, without_interrupt
from optimizer.days.shares import share, turns
from optimizer.days.split import Part
from optimizer.days.tiny import tiny_problem
from optimizer.days.worker import serve
from optimizer.errors import UnsoundSolution
from optimizer.model import Instance
from optimizer.params import SolveParams
from optimizer.result import Result
from optimizer.search.observer import Observer
from optimizer.travel.matrix import TravelMatrix

_POLL = 0.05
"""Seconds between two looks at the wish to cancel."""
_ATTEMPTS = 2
"""A part whose process died is tried once more, when nothing else runs that could take its memory."""
_LEAST = 0.05
"""Least seconds of a part."""
_GRACE = 5.0
"""Seconds after which a process that was to stop is ended the hard way; it takes some tenths to answer."""


@dataclass(slots=True, kw_only=True, eq=False)
class _Worker:
    process: SpawnProcess
    line: Connection
    is_loading: bool = False
    compiling: float | None = None
    """Since when it compiles kernels."""
    is_ready: bool = False
    is_overdue: bool = False
    part: int | None = None
    """Part in work."""
    until: float = 0.0
    """When it must be over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """A part that has no answer because its process died; ``cause`` is an English phrase."""

    part: int
    cause: str


class Team:
    """Solves parts in processes of their own, in the order of ``shares.turns``.

    Once cancelled, or where the time is over, no part is begun any more: those in work answer with what they have, and
    a process that still loads its kernels is ended, since compiling cannot be interrupted from within. Time in which
    kernels are compiled before any part is begun is not counted.

    Parameters
    ----------
    params
        ``time_limit`` is that of all parts together, counted from here; ``workers`` is how many cores there are.
    processes
        1 or more.
    target
        What a process does: ``worker.serve``, or what a test puts in its place.
    """

    def __init__(
        self,
        parts: Sequence[Part],
        params: SolveParams,
        *,
        processes: int,
        observer: Observer,
        is_cancelled: Callable[[], bool],
        target: Callable[..., None] = serve,
    ) -> None:
        self._target = target
        self._parts = parts
        self._params = replace(params, workers=max(1, params.workers // processes))
        self._end = None if params.time_limit is None else time.perf_counter() + params.time_limit
        self._processes = processes
        self._observer = observer
        self._is_cancelled = is_cancelled
        self._context = multiprocessing.get_context("spawn")
        self._flag = self._context.Value("i", 0, lock=False)
        self._waiting = turns([weight_of(part) for part in parts], is_limited=self._end is not None)
        self._again: list[int] = []
        self._deaths = dict.fromkeys(range(len(parts)), 0)
        self._workers: list[_Worker] = []
        self._load = Load(tiny=None)
        self._is_loaded = False
        self._stopped: float | None = None
        self.results: dict[int, Result] = {}
        self.lost: list[Lost] = []

    def run(self) -> None:
        """Solve all parts; ``results`` and ``lost`` tell what came of them.

        Raises
        ------
        UnsoundSolution
            Where the checker refused the plan of a part.
        RuntimeError
            Where a part failed by an error that should not be, with its trace.
        """
        try:
            for _ in range(self._processes):
                self._start()
            self._load = Load(tiny=next((tiny for tiny in map(_tiny, self._parts) if tiny is not None), None))
            while self._is_open():
                self._look_up()
                self._let_load()
                self._give()
                self._listen()
        finally:
            self._stop()

    def _is_open(self) -> bool:
        if self._stopped is not None:
            return any(worker.part is not None for worker in self._workers)
        return len(self.results) + len(self.lost) < len(self._parts)

    def _look_up(self) -> None:
        """Look whether the run is to end, and whether all who were told so have ended."""
        now = time.perf_counter()
        if self._stopped is not None:
            if now > self._stopped + _GRACE:
                for worker in self._workers:
                    worker.is_overdue = True
                    worker.process.kill()  # The end of its line tells the rest.
            return
        is_compiling = not self._is_loaded and any(worker.compiling is not None for worker in self._workers)
        is_late = self._end is not None and now > self._end and not is_compiling
        if is_late or self._is_cancelled():
            self._stopped = now
            self._flag.value = 1
            self._waiting.clear()
            self._again.clear()

    # --- processes ----------------------------------------------------------------------------------------------------

    def _start(self) -> None:
        line, other = self._context.Pipe()
        # What it is given here is little: ``start`` waits until it is read, and that is after all imports.
        process = self._context.Process(target=self._target, args=(other, self._flag), name="part", daemon=True)
        with without_interrupt():
            process.start()
        other.close()  # So that the end of the process is the end of the line.
        self._workers.append(_Worker(process=process, line=line))

    def _let_load(self) -> None:
        """Tell one process to load the kernels; the others too, once they are surely in the cache."""
        if self._stopped is not None:
            return
        for worker in self._workers:
            if not self._is_loaded and any(other.is_loading for other in self._workers):
                return
            if not worker.is_loading and not worker.is_ready:
                worker.is_loading = True
                self._send(worker, self._load)

    def _stop(self) -> None:
        # None holds anything: what was solved is here, and what still works or loads is of no use any more.
        for worker in self._workers:
            worker.process.kill()
        for worker in self._workers:
            worker.process.join()
            worker.line.close()

    def _buried(self, worker: _Worker) -> None:
        """Note the death of a process; its part is tried again, or lost."""
        worker.process.join()
        worker.line.close()
        self._workers.remove(worker)
        self._not_counted(worker)
        part = worker.part
        cause = "did not stop when it was to, and was ended" if worker.is_overdue else cause_of(worker.process.exitcode)
        if part is None:
            # It died before it had work: the part that it would have taken bears the blame, so that this ends.
            if not self._waiting and not self._again:
                return
            part = (self._waiting or self._again).pop(0)
        self._deaths[part] += 1
        if self._deaths[part] < _ATTEMPTS and self._stopped is None:
            self._again.append(part)
            self._observer.progress(f"part {part + 1}: its process {cause}; it is tried once more")
        else:
            self.lost.append(Lost(part=part, cause=cause))
        if (self._waiting or self._again) and len(self._workers) < self._processes:
            self._start()

    def _not_counted(self, worker: _Worker) -> None:
        """Move the end by the time in which a process compiled while nobody could work."""
        if worker.compiling is not None and self._end is not None and not self._is_loaded:
            self._end += time.perf_counter() - worker.compiling
        worker.compiling = None

    # --- work ---------------------------------------------------------------------------------------------------------

    def _give(self) -> None:
        for worker in self._workers:
            if not worker.is_ready or worker.part is not None:
                continue
            is_alone = all(other.part is None for other in self._workers)
            if self._waiting:
                number = self._waiting[0]
            elif self._again and is_alone:
                number = self._again[0]
            else:
                continue
            seconds = self._share()
            (self._waiting or self._again).pop(0)
            limit = None if self._end is None else max(_LEAST, seconds)
            worker.part, worker.until = number, time.perf_counter() + (0.0 if limit is None else limit)
            part, params = self._parts[number], replace(self._params, time_limit=limit)
            self._send(worker, Task(number=number, instance=part.instance, travel=part.travel, params=params))

    def _send(self, worker: _Worker, told: Load | Task) -> None:
        with suppress(OSError):  # It has just died; ``_listen`` finds out.
            worker.line.send(told)

    def _share(self) -> float:
        now = time.perf_counter()
        if self._end is None:
            return float("inf")
        running = [max(0.0, worker.until - now) for worker in self._workers if worker.part is not None]
        weights = [weight_of(self._parts[number]) for number in (*self._waiting, *self._again)]
        return share(max(0.0, self._end - now), weights, running, self._processes)

    def _listen(self) -> None:
        by_line = {worker.line: worker for worker in self._workers}
        for line in wait(list(by_line), timeout=_POLL):
            worker = by_line[line]  # type: ignore[index]  # only lines were waited for
            try:
                message: Message = worker.line.recv()
            except (EOFError, OSError):
                self._buried(worker)
                continue
            self._hear(worker, message)

    def _hear(self, worker: _Worker, message: Message) -> None:
        match message.kind:
            case Kind.COMPILING:
                worker.compiling = time.perf_counter()
                self._observer.phase("compiling, once")
            case Kind.READY:
                self._not_counted(worker)
                worker.is_ready, worker.is_loading, self._is_loaded = True, False, True
            case Kind.TOLD:
                text, value, bound = message.payload
                self._observer.progress(f"part {message.number + 1} {text}", value=value, bound=bound)
            case Kind.SOLVED:
                self.results[message.number] = message.payload
                worker.part = None
                self._observer.phase(f"{len(self.results)} of {len(self._parts)}")
            case Kind.UNSOUND:
                raise UnsoundSolution(message.payload)
            case Kind.FAILED:
                raise RuntimeError(f"part {message.number + 1} failed:\n{message.payload}")


def _tiny(part: Part) -> tuple[Instance, TravelMatrix] | None:
    return tiny_problem(part.instance, part.travel)


def weight_of(part: Part) -> float:
    """Return what a part weighs when seconds are shared: its requests, and something for the work around them."""
    return 10.0 + part.pool
