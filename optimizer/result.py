"""What a run answers: the plan, stage by stage what is proven, why requests stay unserved, and figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from optimizer.model import CostTerms, DutyId, RequestId, Rule, Solution, Stage, ZabId


class Status(StrEnum):
    """``OPTIMAL`` only when every stage is proven, ``INFEASIBLE`` only when it is proven that no plan exists.

    ``UNKNOWN``: stopped before a plan that keeps every rule was found.
    """

    OPTIMAL = "optimal"
    FEASIBLE = "feasible"
    INFEASIBLE = "infeasible"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class StageResult:
    """Value and bound of one stage, given the stages before it.

    ``bound`` is never better than any plan can be: at least ``value`` where the stage is maximised, at most where it
    is minimised. ``gap`` is relative: ``|value - bound| / max(1, |value|)``, 0 when proven.
    """

    name: Stage
    value: int
    bound: int
    proven: bool

    @property
    def gap(self) -> float:
        """Relative distance between value and bound; 0 when proven."""
        return 0.0 if self.proven else abs(self.value - self.bound) / max(1, abs(self.value))


class Obstacle(StrEnum):
    """How a request is kept off a duty."""

    STATIC = "static"
    """A rule between request and duty, whatever the tour."""
    TOUR = "tour"
    """A rule along the tour, even with the duty to itself (but for its commitments)."""
    DISPLACES = "displaces"
    """It would fit, but others would have to give way."""
    BUNDLE = "bundle"
    """Its partner trip cannot be carried."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why one ZAB cannot carry a request: the duty that comes nearest, and what blocks there.

    ``texts`` and ``actions`` are by language (``"de"``, ``"en"``). ``displaces`` names those that would give way.
    """

    zab: ZabId
    duty: DutyId
    obstacle: Obstacle
    rule: Rule | None
    texts: Mapping[str, str]
    actions: Mapping[str, str]
    displaces: tuple[RequestId, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Unserved:
    """An unserved request with one reason for each ZAB, the nearest to fitting first."""

    request: RequestId
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """The answer of a run. ``objective`` is recomputed by the checker, not the solver's own word.

    ``statistics`` holds seconds by phase (``seconds``), counts of fragments and columns, seed and versions.
    """

    status: Status
    stages: tuple[StageResult, ...]
    objective: CostTerms | None
    solution: Solution
    unserved: tuple[Unserved, ...]
    complete: bool
    statistics: Mapping[str, object]

    @property
    def gap(self) -> float:
        """Relative gap of the first stage; 1 where no plan was found."""
        return self.stages[0].gap if self.stages else 1.0
