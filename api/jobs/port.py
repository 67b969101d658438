"""What the service asks of durable jobs. One implementation stands behind it (``api.jobs.dbos_port``)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Progress(StrEnum):
    """Where a job stands."""

    AT_WORK = "at_work"
    DONE = "done"
    INTERRUPTED = "interrupted"
    """This worker was told to stop in the middle of it: whoever starts next goes on with it."""
    LOST = "lost"
    """It ended without an end of its own: nobody will do it any more."""


class Interrupted(BaseException):
    """The worker is told to stop in the middle of a step: nothing is noted of it, and another worker does it again.

    No ``Exception``, so that nobody takes it for a fault of the step.
    """


Step = Callable[[str], None]
"""Does one part of the job with this id. It may be done again where a worker dies in it, so twice must be as once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """A kind of job: its steps in their order by name, and what is done where one of them raises.

    ``failed`` gets the id and the kind of the error.
    """

    steps: Sequence[tuple[str, Step]]
    failed: Callable[[str, str], None]


class Jobs(Protocol):
    """Durable jobs: a step that was done is not done again, whoever dies."""

    def start(self, id: str) -> None:  # noqa: A002
        """Start the job with this id; nothing happens where it was started before."""
        ...

    def progress(self, id: str) -> Progress | None:  # noqa: A002
        """Return where a job stands; ``None`` where it was never started."""
        ...

    def recover(self, executors: Collection[str]) -> int:
        """Go on with the jobs of workers that are dead; return how many."""
        ...

    def close(self) -> None:
        """End; what is at work is gone on with by whoever starts next."""
        ...
