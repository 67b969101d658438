"""What processes do in the place of solving: answer, die, fail, wait to be cancelled. Loads no solver."""

from __future__ import annotations

import os
import signal
import time
from ctypes import c_int
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from optimizer.days.message import Kind, Message
from optimizer.model import Instance, Solution
from optimizer.result import Result, Status


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


def serve(line: Connection, cancelled: c_int, _compiling: Any, _first: Any) -> None:
    """Do with each part what its name asks for."""
    line.send(Message(kind=Kind.READY))
    while (task := line.recv()) is not None:
        number, instance, _, params = task
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
        if what == "long":
            time.sleep(600)
        line.send(Message(kind=Kind.TOLD, number=number, payload=(f"limit {params.time_limit}", None, None)))
        line.send(Message(kind=Kind.SOLVED, number=number, payload=answer(instance)))


def stillborn(*_: object) -> None:
    """Die before there is any work."""
    os._exit(9)
