"""What the processes tell the one that started them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """What a message says."""

    READY = "ready"
    """Started, kernels loaded."""
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
