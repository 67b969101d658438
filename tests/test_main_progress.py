"""The progress line, and the thread that keeps Ctrl-C prompt."""

from __future__ import annotations

import io
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console
from rich.progress import Progress

from optimizer.progress import BarObserver, ended_by_interrupt, run_interruptibly, terminal_observer
from optimizer.search.observer import SilentObserver

ROOT = Path(__file__).parents[1]


def test_the_bar_shows_the_phase_and_never_runs_backwards() -> None:
    progress = Progress(console=Console(file=io.StringIO()), auto_refresh=False)
    observer = BarObserver(progress, 4)
    task = progress.tasks[0]
    done = []
    for phase in ("fragments", "stage served", "gap served", "stage served", "check", "reasons"):
        observer.phase(phase)
        assert task.description == phase
        done.append(task.completed)
    assert done == [0, 1, 2, 3, 3, 3]


def test_the_bar_tells_value_and_bound_and_takes_no_markup() -> None:
    progress = Progress(console=Console(file=io.StringIO()), auto_refresh=False)
    observer = BarObserver(progress, 4)
    observer.progress("round 3", value=5, bound=7)
    assert progress.tasks[0].fields["step"] == "round 3 · value 5 · bound 7"
    observer.progress("[red]")
    assert progress.tasks[0].fields["step"] == r"\[red]"
    observer.phase("selection")
    assert progress.tasks[0].fields["step"] == ""


def test_there_is_no_bar_where_there_is_no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    told = io.StringIO()
    monkeypatch.setattr(sys, "stderr", told)
    with terminal_observer(phases=4) as observer:
        assert isinstance(observer, SilentObserver)
    assert told.getvalue() == ""


def test_a_signal_reaches_the_work_and_the_handlers_come_back() -> None:
    before = signal.getsignal(signal.SIGINT)

    def work(is_cancelled: Callable[[], bool]) -> str:
        signal.raise_signal(signal.SIGINT)
        deadline = time.monotonic() + 10
        while not is_cancelled() and time.monotonic() < deadline:
            time.sleep(0.001)
        return "best so far" if is_cancelled() else "never told"

    assert run_interruptibly(work) == ("best so far", True)
    assert signal.getsignal(signal.SIGINT) is before
    assert run_interruptibly(lambda is_cancelled: is_cancelled()) == (False, False)


def test_an_error_of_the_work_is_raised() -> None:
    with pytest.raises(TimeoutError, match="own"):
        run_interruptibly(lambda _: (_ for _ in ()).throw(TimeoutError("own")))


def test_it_works_outside_the_main_thread_too() -> None:
    seen: list[tuple[int, bool]] = []
    thread = threading.Thread(target=lambda: seen.append(run_interruptibly(lambda _: 1)))
    thread.start()
    thread.join()
    assert seen == [(1, False)]


STARTING = """
from optimizer.progress import ended_by_interrupt
with ended_by_interrupt():
    print("ready", flush=True)
    while True:
        try:
            while True:
                pass
        except BaseException:  # As some module does while it is imported.
            pass
"""


def test_ctrl_c_ends_a_start_whatever_swallows_exceptions() -> None:
    with subprocess.Popen([sys.executable, "-c", STARTING], stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        killer = threading.Timer(30, process.kill)
        killer.start()
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(signal.SIGINT)
        assert process.wait() == 130
        killer.cancel()


def test_after_the_start_ctrl_c_means_what_it_did() -> None:
    before = signal.getsignal(signal.SIGINT)
    with ended_by_interrupt():
        assert signal.getsignal(signal.SIGINT) is not before
    assert signal.getsignal(signal.SIGINT) is before


STUBBORN = """
import signal, sys, time
signal.signal(signal.SIGINT, signal.default_int_handler)  # Ctrl-C is ignored by what a shell started in the background.
from optimizer.progress import run_interruptibly
def work(is_cancelled):
    print("ready", flush=True)
    while not is_cancelled():
        time.sleep(0.01)
    print("cancelled", flush=True)
    time.sleep(60)
run_interruptibly(work)
"""


def test_a_second_ctrl_c_ends_work_that_does_not_listen() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", STUBBORN], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT
    ) as process:
        killer = threading.Timer(30, process.kill)
        killer.start()
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(signal.SIGINT)
        assert process.stdout.readline() == "cancelled\n"
        process.send_signal(signal.SIGINT)
        begin = time.perf_counter()
        process.wait()
        assert time.perf_counter() - begin < 10, "the work would sleep for a minute"
        assert process.returncode != 0
        killer.cancel()
