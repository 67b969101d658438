"""Many independent pieces of work on whatever can do them: this process, processes of this machine, a cluster.

The seam is ``concurrent.futures.Executor``. A piece whose process was killed is done again; where a process pool
breaks, it is built anew and only what was in work is repeated. A piece that kills its process again and again is
tried alone, so that it cannot take others with it, and is then reported instead of tried for ever.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    CancelledError,
    Executor,
    Future,
    ProcessPoolExecutor,
    wait,
)
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar, cast

from optimizer.days.process import end_with_parent, without_interrupt
from optimizer.errors import InvalidValue, OptimizerError

T = TypeVar("T")
R = TypeVar("R")

_POLL = 0.1
"""Seconds between two looks whether the work is to be cancelled."""
_LAST_WORDS = 10.0
"""Seconds that the futures of a broken pool have to say so."""
_TOGETHER, _ALONE = 2, 2
"""Attempts of a piece among others, and then by itself."""
_AHEAD = 2
"""Pieces handed out for each process: one in work, one that waits for it."""


class ClusterLost(OptimizerError):
    """The cluster cannot be reached, or answers no more; what is done is kept."""


class Crew(Protocol):
    """Who does the work."""

    @property
    def at_once(self) -> int:
        """Number of pieces to hand out at a time, 1 or more."""
        ...

    def open(self) -> Executor:
        """Return a new executor; called again after one broke."""
        ...

    def close(self, executor: Executor, *, is_wanted: bool) -> None:
        """Let an executor go; with ``is_wanted`` false what is in work is not waited for."""
        ...


class _Here(Executor):
    """Does each piece at once, in this thread."""

    def submit(self, fn: Callable[..., R], /, *args: Any, **kwargs: Any) -> Future[R]:
        """Return a future that is done."""
        future: Future[R] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001 - handed on, as any executor does
            future.set_exception(error)
        return future


@dataclass(frozen=True, slots=True)
class InProcess:
    """The process that asks, one piece after another."""

    @property
    def at_once(self) -> int:
        """One."""
        return 1

    def open(self) -> Executor:
        """Return an executor of this thread."""
        return _Here()

    def close(self, executor: Executor, *, is_wanted: bool) -> None:  # noqa: ARG002 - the protocol's
        """Nothing is left in work."""
        executor.shutdown()


class Processes:
    """``jobs`` (1 or more) processes of this machine; those of one pool are ended with it.

    ``niceness`` (0 to 19) is by how much they give way to everything else on the machine.
    """

    def __init__(self, jobs: int, *, niceness: int = 0) -> None:
        if jobs < 1:
            raise InvalidValue("jobs", "1 or more processes", jobs)
        if not 0 <= niceness <= 19:
            raise InvalidValue("niceness", "0 to 19", niceness)
        self._jobs = jobs
        self._niceness = niceness
        self._others: frozenset[int] = frozenset()

    @property
    def at_once(self) -> int:
        """Two for each process, so that none waits for its next piece."""
        return _AHEAD * self._jobs

    def open(self) -> Executor:
        """Return a pool of fresh interpreters: a fork of one that has threads may hang."""
        self._others = frozenset(_children())
        return ProcessPoolExecutor(
            self._jobs, mp_context=multiprocessing.get_context("spawn"), initializer=_begin, initargs=(self._niceness,)
        )

    def close(self, executor: Executor, *, is_wanted: bool) -> None:
        """End the pool; what is in work and not wanted is killed, since nothing in it asks to be stopped."""
        executor.shutdown(wait=is_wanted, cancel_futures=True)
        if not is_wanted:
            for number, child in _children().items():
                if number not in self._others:
                    child.kill()


def _children() -> dict[int, Any]:
    return {child.pid: child for child in multiprocessing.active_children() if child.pid is not None}


def _begin(niceness: int) -> None:
    """Leave Ctrl-C, which reaches every process of a terminal, to the one that hands out the work; end with it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if niceness and hasattr(os, "nice"):
        os.nice(niceness)
    end_with_parent()


class _Cluster:
    def __init__(self, client: Any) -> None:
        self._client = client

    @property
    def at_once(self) -> int:
        threads: dict[str, int] = self._client.nthreads()
        return max(1, _AHEAD * sum(threads.values()))

    def open(self) -> Executor:
        # The scheduler gives a task of a dead worker to another by itself, three times; ``run_each`` does the rest.
        executor: Executor = self._client.get_executor(pure=False)
        return executor

    def close(self, executor: Executor, *, is_wanted: bool) -> None:
        executor.shutdown(wait=is_wanted)


@contextmanager
def cluster(address: str, *, timeout: float = 15.0) -> Iterator[Crew]:
    """Connect to a Dask scheduler, whose workers have this project installed; extra ``[cluster]``.

    Raises
    ------
    ClusterLost
        Where the extra is not installed, or nobody answers at ``address`` within ``timeout`` seconds.
    """
    try:
        from distributed import Client  # noqa: PLC0415 - an extra: only who names a cluster needs it
    except ImportError:
        raise ClusterLost("Dask is not installed here: pip install 'restplatzboerse[cluster]'.") from None
    try:
        client = Client(address, timeout=timeout, set_as_default=False)  # type: ignore[no-untyped-call]
    except (OSError, TimeoutError, ValueError) as error:
        cause = str(error) or "no answer in time"
        raise ClusterLost(f"Nobody answers at {address}: {cause}. Is it a scheduler?") from None
    try:
        yield _Cluster(client)
    finally:
        client.close(timeout=timeout)  # type: ignore[no-untyped-call]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfinished(Generic[T]):
    """A piece that could not be done, and why."""

    task: T
    cause: str


def run_each(
    crew: Crew,
    work: Callable[[T], R],
    tasks: Sequence[T],
    take: Callable[[T, R], None],
    *,
    is_cancelled: Callable[[], bool] = lambda: False,
) -> list[Unfinished[T]]:
    """Do every task and hand each answer to ``take``, in the order in which they come; return what failed.

    Parameters
    ----------
    work
        A function of a module, for it is named to other processes; what it raises is its answer to that task alone.
    is_cancelled
        Asked several times a second; from the first yes on nothing more is taken.

    Raises
    ------
    ClusterLost
        Where a cluster lets go of tasks again and again.
    """
    return _Run(crew, work, tasks, take, is_cancelled).run()


@dataclass(frozen=True, slots=True)
class _Answer(Generic[R]):
    """What a piece came to: its value, or the fault in words."""

    value: R | None = None
    fault: str | None = None


def _guarded(work: Callable[[T], R], task: T) -> _Answer[R]:
    """Do a piece; a fault is told in words, for an exception that cannot be unpickled would break the whole pool."""
    try:
        return _Answer(value=work(task))
    except Exception as error:  # noqa: BLE001 - one piece's fault is told, the others go on
        return _Answer(fault=f"{type(error).__name__}: {error}")


class _Run(Generic[T, R]):
    def __init__(
        self,
        crew: Crew,
        work: Callable[[T], R],
        tasks: Sequence[T],
        take: Callable[[T, R], None],
        is_cancelled: Callable[[], bool],
    ) -> None:
        self._crew, self._work, self._tasks, self._take = crew, work, tasks, take
        self._is_cancelled = is_cancelled
        self._waiting = deque(range(len(tasks)))
        self._alone: deque[int] = deque()
        self._attempts: Counter[int] = Counter()
        self._running: dict[Future[_Answer[R]], int] = {}
        self._failed: list[Unfinished[T]] = []

    def run(self) -> list[Unfinished[T]]:
        executor = self._crew.open()
        is_whole = False
        try:
            while (self._waiting or self._alone or self._running) and not self._is_cancelled():
                is_broken = self._hand_out(executor)
                if not is_broken and self._running:
                    done, _ = wait(self._running, timeout=_POLL, return_when=FIRST_COMPLETED)
                    broken = [self._hear(future) for future in done]  # All of them, whatever the first says.
                    is_broken = any(broken)
                if is_broken:
                    self._bury()
                    self._crew.close(executor, is_wanted=False)
                    executor = self._crew.open()
            is_whole = not self._running
        finally:
            for future in self._running:
                future.cancel()
            self._crew.close(executor, is_wanted=is_whole)
        return self._failed

    def _hand_out(self, executor: Executor) -> bool:
        """Hand out as much as the crew takes; whether the executor turned out to be broken."""
        while len(self._running) < self._crew.at_once and not self._is_cancelled():
            if self._waiting:
                number = self._waiting.popleft()
            elif self._alone and not self._running:
                number = self._alone.popleft()
            else:
                return False
            self._attempts[number] += 1
            try:
                with without_interrupt():
                    future = executor.submit(_guarded, self._work, self._tasks[number])
            except BrokenExecutor:
                self._again(number, "its process was ended")
                return True
            self._running[future] = number
            if self._attempts[number] > _TOGETHER:
                return False  # By itself.
        return False

    def _hear(self, future: Future[_Answer[R]]) -> bool:
        """Take an answer; whether the executor is broken."""
        number = self._running.pop(future)
        try:
            answer = future.result()
        except BrokenExecutor:
            self._again(number, "its process was ended")
            return True
        except CancelledError:
            if self._attempts[number] >= _TOGETHER + _ALONE:
                raise ClusterLost(
                    "The cluster let go of the work. What is done is kept; start again to go on."
                ) from None
            self._waiting.append(number)
        except Exception as error:  # noqa: BLE001 - what a cluster itself says of a piece
            if _is_killed_worker(error):
                self._again(number, "the workers that had it were ended")
            else:
                self._failed.append(Unfinished(task=self._tasks[number], cause=f"{type(error).__name__}: {error}"))
        else:
            if answer.fault is None:
                self._take(self._tasks[number], cast("R", answer.value))
            else:
                self._failed.append(Unfinished(task=self._tasks[number], cause=answer.fault))
        return False

    def _bury(self) -> None:
        """Take what a broken executor had still finished, and have the rest done again."""
        wait(self._running, timeout=_LAST_WORDS)
        for future in list(self._running):
            if future.done():
                self._hear(future)
            else:
                self._again(self._running.pop(future), "its process was ended")

    def _again(self, number: int, cause: str) -> None:
        if self._attempts[number] < _TOGETHER:
            self._waiting.appendleft(number)
        elif self._attempts[number] < _TOGETHER + _ALONE:
            self._alone.append(number)
        else:
            self._failed.append(Unfinished(task=self._tasks[number], cause=f"{cause}, {self._attempts[number]} times"))


def _is_killed_worker(error: Exception) -> bool:
    """Whether Dask gave a task up because every worker that had it died."""
    scheduler = sys.modules.get("distributed.scheduler")
    return scheduler is not None and isinstance(error, scheduler.KilledWorker)
