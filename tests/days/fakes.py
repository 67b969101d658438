"""What processes do in the place of solving: answer, die, fail, wait to be cancelled. Loads no solver."""

from __future__ import annotations

import os
import signal
import time
from ctypes import c_int
from multiprocessing.connection import Connection
from pathlib import Path

from optimizer.days.message import Kind, Load, Message
from optimizer.model import Instance, Solution
from optimizer.result import Result, Status

MADE = "RESTPLATZ_TEST_MADE"
"""Environment variable with the file that says that kernels are compiled."""
SECONDS = "RESTPLATZ_TEST_SECONDS"
"""Environment variable with the seconds after which who compiles is killed."""


def answer(instance: Instance) -> Result:
    """A result that names its part."""
    return Result(
        status=Status.FEASIBLE,
        stages=(),
        objective=None,
        solution=Solution(),
        unserved=(),
        complete=True,
        statistics={"name": instance.name},
    )


def serve(line: Connection, cancelled: c_int) -> None:
    """Do with each part what its name asks for."""
    while (task := line.recv()) is not None:
        if isinstance(task, Load):
            line.send(Message(kind=Kind.READY))
            continue
        number, instance, params = task.number, task.instance, task.params
        what, _, where = instance.name.partition(" ")
        if what == "die":
            os._exit(7)
        if what == "killed":
            os.kill(os.getpid(), signal.SIGKILL)
        if what == "once" and not Path(where).exists():
            Path(where).touch()
            os._exit(7)
        if what == "unsound":
            line.send(Message(kind=Kind.UNSOUND, number=number, payload=("window (hard): too late",)))
            continue
        if what == "fail":
            line.send(Message(kind=Kind.FAILED, number=number, payload="ZeroDivisionError: one by nought"))
            continue
        if what == "wait":
            line.send(Message(kind=Kind.TOLD, number=number, payload=("waits", None, None)))
        while what == "wait" and not cancelled.value:
            time.sleep(0.01)
        if what == "deaf":
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            line.send(Message(kind=Kind.TOLD, number=number, payload=("waits", None, None)))
        if what in ("long", "deaf"):
            time.sleep(600)
        line.send(Message(kind=Kind.TOLD, number=number, payload=(f"limit {params.time_limit}", None, None)))
        line.send(Message(kind=Kind.SOLVED, number=number, payload=answer(instance)))


def compile_for_ever(line: Connection, _: c_int) -> None:
    """Say that kernels are compiled, and never end."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    line.recv()
    line.send(Message(kind=Kind.COMPILING))
    time.sleep(600)


def compile_first(line: Connection, cancelled: c_int) -> None:
    """Compile for a second, the first process only; the others find what it made."""
    load = line.recv()
    assert isinstance(load, Load)
    made = Path(os.environ[MADE])
    if not made.exists():
        line.send(Message(kind=Kind.COMPILING))
        time.sleep(1)
        made.touch()
    line.send(Message(kind=Kind.READY))
    serve(line, cancelled)


def die_compiling(line: Connection, cancelled: c_int) -> None:
    """Be killed while compiling, the first process only."""
    line.recv()
    made = Path(os.environ[MADE])
    if not made.exists():
        made.touch()
        line.send(Message(kind=Kind.COMPILING))
        time.sleep(float(os.environ.get(SECONDS, "0")))
        os.kill(os.getpid(), signal.SIGKILL)
    line.send(Message(kind=Kind.READY))
    serve(line, cancelled)


def stillborn(*_: object) -> None:
    """Die before there is any work."""
    os._exit(9)
