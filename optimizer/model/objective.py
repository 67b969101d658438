"""What is minimised: stages in lexicographic order, and the named breakdown of a plan's value.

No attribute of a person stands here. Earlier stages are never traded for later ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from optimizer.model.units import Metres, MicroEuros, Seconds
from optimizer.model.value import Value


class Stage(StrEnum):
    """A stage of the objective; ``PINNED`` and ``SERVED`` are maximised, the others minimised."""

    PINNED = "pinned"
    """Pinned requests that are carried; present only where a request is pinned."""
    SERVED = "served"
    """Weight of the carried requests by deadline class; a bundle counts once."""
    CUSTODY = "custody"
    """Seconds on board above the direct drive, over all rides."""
    NIGHT = "night"
    """Seconds on board at night, over all rides."""
    FAIR_LOAD = "fair_load"
    """Convex sum of new requests per ZAB relative to its shifts, see ``fair_load_marginal``."""
    CHANGES = "changes"
    """Assignments of the published plan that are not kept."""
    COST = "cost"
    """Micro-euros: distance, crew time, CO2 at its price."""

    @property
    def is_maximised(self) -> bool:
        """Whether more is better."""
        return self in (Stage.PINNED, Stage.SERVED)


NRW_STAGES: tuple[Stage, ...] = tuple(Stage)


def fair_load_marginal(*, prior: int, number: int, shifts: int) -> int:
    """Term of a ZAB's ``number``-th new request (from 1), in thousandths.

    The marginals of ``(prior + n)² / shifts``: they rise with the load, so that the sum is least where the ZABs carry
    alike relative to the shifts they have, and they sum to a convex function, which keeps the relaxation tight.
    """
    return (1000 * (2 * (prior + number) - 1) + shifts // 2) // max(1, shifts)


@dataclass(frozen=True, slots=True, kw_only=True)
class CostTerms(Value):
    """Every term of a plan, by name; each stage reads one of them, the last five are told only."""

    pinned: int
    served: int
    custody: Seconds
    night: Seconds
    fair_load: int
    changes: int
    cost: MicroEuros
    served_requests: int
    unserved_requests: int
    metres: Metres
    co2_grams: int
    crew_seconds: Seconds
    rest_seconds: Seconds = 0

    def value(self, stage: Stage) -> int:
        """Return the term that ``stage`` optimises."""
        return int(getattr(self, stage.value))
