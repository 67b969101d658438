"""What all answers are told with: another plan by its difference, who moves in it, and what it is worth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from optimizer.model import DutyId, RequestId, Solution, Stage, Tour
from optimizer.model.value import Value

Texts = Mapping[str, str]
"""A text by language, ``"de"`` and ``"en"``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference(Value):
    """The value of a stage in the plan and in another one; see ``Stage`` for units and for which is better."""

    stage: Stage
    before: int
    after: int

    @property
    def is_worse(self) -> bool:
        """Whether the other plan is worse in this stage."""
        return self.after < self.before if self.stage.is_maximised else self.after > self.before

    @property
    def is_better(self) -> bool:
        """Whether the other plan is better in this stage."""
        return self.after > self.before if self.stage.is_maximised else self.after < self.before


@dataclass(frozen=True, slots=True, kw_only=True)
class Move(Value):
    """A request that rides on another duty, or rides at all on one side only (``None``: unserved)."""

    request: RequestId
    before: DutyId | None
    after: DutyId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Witness(Value):
    """A plan told by its difference from another: tours in the place of those of the same duties.

    Parameters
    ----------
    tours
        Tours that the other plan has not, or has otherwise.
    emptied
        Duties that make no tour any more.
    """

    tours: tuple[Tour, ...]
    emptied: tuple[DutyId, ...] = ()

    def apply(self, plan: Solution) -> Solution:
        """Return the whole plan; tours of duties that make one already keep their place."""
        new = {tour.duty: tour for tour in self.tours}
        kept = tuple(new.pop(tour.duty, tour) for tour in plan.tours if tour.duty not in self.emptied)
        return Solution(tours=(*kept, *new.values()))
