"""Why a request does not ride on a duty."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from optimizer.answer.witness import Difference, Move, Texts, Witness
from optimizer.model import DutyId, RequestId, Rule, ZabId
from optimizer.model.value import Value


class Verdict(StrEnum):
    """How a request and a duty stand to each other under a plan."""

    STATIC = "static"
    """Rules between request and duty, whatever the tour."""
    TOUR = "tour"
    """Rules along the tour, even with the duty to itself but for its promises."""
    PLAN = "plan"
    """It fits on the duty, but no plan with it keeps the rules across tours."""
    DISPLACES = "displaces"
    """Others would stay unserved for it, and the plan would be worse."""
    SWAPS = "swaps"
    """Others would stay unserved for it, and the plan would be no worse: a person may choose."""
    COSTS = "costs"
    """Nobody would stay unserved for it, yet the plan would be worse."""
    FITS = "fits"
    """Nobody would stay unserved for it, and the plan would be no worse."""
    UNKNOWN = "unknown"
    """Nothing could be shown: it is not told what is not certain."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WhyNot(Value):
    """Why a request does not ride on a duty.

    Parameters
    ----------
    rules
        Exactly the rules that the checker finds broken in ``witness``; empty where it breaks none.
    reason
        Code of the text (``why.texts``, the rule's own where the reason is a rule).
    displaced
        Who is carried by the plan and not by ``witness``.
    moved
        Others who ride on another duty in ``witness``.
    around
        Duties whose tours may differ in ``witness``: ``price`` is the least that these allow.
    price
        Every stage of the instance in its order; empty where rules are broken.
    """

    request: RequestId
    duty: DutyId
    zab: ZabId
    verdict: Verdict
    rules: tuple[Rule, ...]
    reason: str
    texts: Texts
    actions: Texts
    displaced: tuple[RequestId, ...] = ()
    moved: tuple[Move, ...] = ()
    around: tuple[DutyId, ...] = ()
    price: tuple[Difference, ...] = ()
    witness: Witness | None = None
