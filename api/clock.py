"""What time it is: asked in one place, so that tests can say."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Returns the present instant, in UTC."""


def system_clock() -> datetime:
    """Return the present instant."""
    return datetime.now(UTC)
