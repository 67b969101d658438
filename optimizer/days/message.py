"""What the processes and the one that started them tell each other."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from optimizer.model import Instance
from optimizer.params import SolveParams
from optimizer.travel.matrix import TravelMatrix


class Kind(StrEnum):
    """What a message of a process says."""

    COMPILING = "compiling"
    """Kernels are not in their cache: it compiles them, which may take minutes."""
    READY = "ready"
    """Kernels loaded."""
    TOLD = "told"
    """``payload`` is (text, value, bound) of the part in work."""
    SOLVED = "solved"
    """``payload`` is the ``Result``."""
    UNSOUND = "unsound"
    """The checker refused the plan; ``payload`` is its violations as texts."""
    FAILED = "failed"
    """An error that should not be; ``payload`` is its trace as text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What a process tells of part ``number`` (-1: of none)."""

    kind: Kind
    number: int = -1
    payload: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """Told to a process, before any part: it is its turn to load the kernels, trying them on this small problem.

    ``None``: nothing can ride anywhere, so there is nothing to try.
    """

    tiny: tuple[Instance, TravelMatrix] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Told to a process: solve part ``number``."""

    number: int
    instance: Instance
    travel: TravelMatrix
    params: SolveParams
