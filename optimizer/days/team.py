"""Processes that solve parts side by side: who works on what, how long it may take, and what if one dies.

Not ``concurrent.futures``: there a process that dies takes the answers of all others with it, and a part that waits in
a queue is given its seconds before its turn has come.
"""

from __future__ import annotations

import multiprocessing
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess

from optimizer.days.message import Kind, Message
from optimizer.days.shares import share
from optimizer.days.split import Part
from optimizer.days.worker import serve
from optimizer.errors import UnsoundSolution
from optimizer.params import SolveParams
from optimizer.result import Result
from optimizer.search.observer import Observer

_POLL = 0.05
"""Seconds between two looks at the wish to cancel."""
_ATTEMPTS = 2
"""A part whose process died is tried once more, when nothing else runs that could take its memory."""


@dataclass(slots=True, kw_only=True, eq=False)
class _Worker:
    process: SpawnProcess
    line: Connection
    is_ready: bool = False
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
    """Solves parts in processes of their own, the largest first.

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
        self._compiling = self._context.Lock()
        self._waiting = sorted(range(len(parts)), key=lambda number: (-parts[number].pool, number))
        self._again: list[int] = []
        self._deaths = dict.fromkeys(range(len(parts)), 0)
        self._workers: list[_Worker] = []
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
            while len(self.results) + len(self.lost) < len(self._parts):
                self._flag.value = int(self._is_cancelled())
                self._give()
                self._listen()
        finally:
            self._stop()

    # --- processes ----------------------------------------------------------------------------------------------------

    def _start(self) -> None:
        line, other = self._context.Pipe()
        smallest = min(self._parts, key=lambda part: part.pool)
        process = self._context.Process(
            target=self._target,
            args=(other, self._flag, self._compiling, (smallest.instance, smallest.travel)),
            name="part",
            daemon=True,
        )
        with _without_interrupt():
            process.start()
        other.close()  # So that the end of the process is the end of the line.
        self._workers.append(_Worker(process=process, line=line))

    def _stop(self) -> None:
        self._flag.value = 1
        for worker in self._workers:
            try:
                worker.line.send(None)
            except OSError:
                continue
        for worker in self._workers:
            # What is not idle here is of no use any more: a part failed, or the run was ended the hard way.
            if worker.part is not None or not worker.is_ready:
                worker.process.terminate()
            worker.process.join()
            worker.line.close()

    def _buried(self, worker: _Worker) -> None:
        """Note the death of a process; its part is tried again, or lost."""
        worker.process.join()
        worker.line.close()
        self._workers.remove(worker)
        part = worker.part
        cause = _cause(worker.process.exitcode)
        if part is None:
            # It died before it had work: the part that it would have taken bears the blame, so that this ends.
            if not self._waiting and not self._again:
                return
            part = (self._waiting or self._again).pop(0)
        self._deaths[part] += 1
        if self._deaths[part] < _ATTEMPTS:
            self._again.append(part)
            self._observer.progress(f"part {part + 1}: its process {cause}; it is tried once more")
        else:
            self.lost.append(Lost(part=part, cause=cause))
        if (self._waiting or self._again) and len(self._workers) < self._processes:
            self._start()

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
            self._send(worker, number, seconds)

    def _send(self, worker: _Worker, number: int, seconds: float) -> None:
        part = self._parts[number]
        limit = None if self._end is None else max(0.05, seconds)
        worker.part, worker.until = number, time.perf_counter() + (0.0 if limit is None else limit)
        try:
            worker.line.send((number, part.instance, part.travel, replace(self._params, time_limit=limit)))
        except OSError:
            return  # It has just died; ``_listen`` finds out.

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
            case Kind.READY:
                worker.is_ready = True
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


@contextmanager
def _without_interrupt() -> Iterator[None]:
    """Let a process begin deaf to Ctrl-C, which reaches all of a terminal: it must not die while it still starts."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def weight_of(part: Part) -> float:
    """Return what a part weighs when seconds are shared: its requests, and something for the work around them."""
    return 10.0 + part.pool


def _cause(code: int | None) -> str:
    if code is not None and code < 0:
        number = -code
        name = signal.Signals(number).name if number in list(signal.Signals) else f"signal {number}"
        more = " (perhaps the memory was used up)" if number == signal.SIGKILL else ""
        return f"was ended by {name}{more}"
    return f"ended by itself with code {code}"
