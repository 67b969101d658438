"""Pieces of work for tests of scaling out: functions of a module, which other processes can name."""

from __future__ import annotations

import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

from optimizer.errors import InvalidValue


@dataclass(frozen=True)
class Piece:
    """``folder`` is where pieces leave marks for each other."""

    number: int
    folder: str = ""
    kills: int = 0
    """How often the process that has it is killed."""
    seconds: float = 0.0


def square(piece: Piece) -> int:
    """Return the square; fail for 13 and 21; kill the process as often as the piece says."""
    if piece.number == 13:
        raise ValueError("thirteen")
    if piece.number == 21:
        raise InvalidValue("piece", "another number", piece.number)  # Cannot be unpickled: it takes what it says apart.
    if piece.kills:
        marks = len(list(Path(piece.folder).glob(f"{piece.number}-*")))
        if marks < piece.kills:
            Path(piece.folder, f"{piece.number}-{marks}").touch()
            os.kill(os.getpid(), signal.SIGKILL)
    if piece.seconds:
        time.sleep(piece.seconds)
    return piece.number**2


def process_of(piece: Piece) -> int:
    """Return the process that does the work."""
    time.sleep(0.05)
    return os.getpid()


def marked(piece: Piece) -> int:
    """Leave a mark that names the process, then work for a long time."""
    Path(piece.folder, str(os.getpid())).touch()
    time.sleep(piece.seconds)
    return piece.number
