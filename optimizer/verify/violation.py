"""What the checker says: one broken rule at one place of a plan."""

from __future__ import annotations

from dataclasses import dataclass

from optimizer.model import Rule, Strength
from optimizer.model.units import DutyId, RequestId
from optimizer.model.value import Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation(Value):
    """One broken rule.

    Parameters
    ----------
    rule, strength
        The rule and how binding it is under the parameter set of the instance. ``Strength.WARN`` is told only and
        does not make a plan infeasible.
    duty, request
        Where: the duty and the request concerned; ``None`` where the rule is about neither.
    expected, got
        What the rule asks for and what the plan has, with units.
    message
        A sentence in English that names ids and numbers.
    """

    rule: Rule
    strength: Strength
    duty: DutyId | None = None
    request: RequestId | None = None
    expected: str
    got: str
    message: str

    def __str__(self) -> str:
        # Ids come from files: a line break in one must not become two lines of a report.
        return f"{self.rule.value} ({self.strength.value}): {' '.join(self.message.split())}"
