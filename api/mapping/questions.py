"""What is asked about the plan, as it is stored with the run that answers it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self

_NAME = "question"


class Asks(StrEnum):
    """What can be asked of a request."""

    WHY_NOT = "why_not"
    """Why it does not ride on a duty, or on any."""
    WHAT_HELPS = "what_helps"
    """The least changes with which it would ride."""
    WHY_THIS = "why_this"
    """Why it is proposed where it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked of a request; ``duty_id`` only with ``WHY_NOT``."""

    asks: Asks
    request_id: uuid.UUID
    duty_id: uuid.UUID | None

    @classmethod
    def of(cls, params: Mapping[str, Any]) -> Self:
        """Return the question that stands among the parameters of its run."""
        told = params[_NAME]
        duty = told["duty"]
        return cls(
            asks=Asks(told["asks"]), request_id=uuid.UUID(told["request"]),
            duty_id=None if duty is None else uuid.UUID(duty),
        )  # fmt: skip

    def told(self) -> dict[str, Any]:
        """Return what is stored among the parameters of the run."""
        duty = None if self.duty_id is None else str(self.duty_id)
        return {_NAME: {"asks": self.asks.value, "request": str(self.request_id), "duty": duty}}
