"""How the exchange ran, or might have run, over a past period: what became known when, and the rules of its runs."""

from __future__ import annotations

from dataclasses import dataclass, field

from optimizer.errors import InvalidValue
from optimizer.model import DAY, HOUR, RequestId, Seconds
from optimizer.model.value import Value


@dataclass(frozen=True, slots=True, kw_only=True)
class History(Value):
    """What became known when, in seconds of the horizon; who is named must be in the file.

    Parameters
    ----------
    known
        From when on a request was in the pool. Who is not named was known ``Running.known_days`` before the pick-up.
    cancelled
        When a request fell away; after its tour began it was driven to in vain.
    failed
        Requests that failed at the door.
    """

    known: dict[RequestId, Seconds] = field(default_factory=dict)
    cancelled: dict[RequestId, Seconds] = field(default_factory=dict)
    failed: tuple[RequestId, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Running(Value):
    """How the exchange runs.

    Parameters
    ----------
    at
        Second of the local day of the night run, 0 to 86,399.
    ahead_days
        Pick-ups within so many days (1 or more) of a run are planned by it.
    known_days
        Days (0 or more) before its pick-up that a request is known, where the history says nothing.
    frozen
        Tours whose first stop begins within so many seconds (0 or more) of a run are fixed and closed to it.
    change_budget
        Most assignments of the published plan that a run may change (``None``: no limit).
    """

    at: Seconds = 0
    ahead_days: int = 3
    known_days: int = 5
    frozen: Seconds = 6 * HOUR
    change_budget: int | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.at < DAY:
            raise InvalidValue("running.at", f"0 to {DAY - 1} seconds", self.at)
        if self.ahead_days < 1 or self.known_days < 0 or self.frozen < 0:
            raise InvalidValue(
                "running", "ahead_days >= 1, known_days >= 0, frozen >= 0",
                (self.ahead_days, self.known_days, self.frozen),
            )  # fmt: skip
        if self.change_budget is not None and self.change_budget < 0:
            raise InvalidValue("running.change_budget", "0 or more changes", self.change_budget)
