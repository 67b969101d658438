"""Why a request rides where it does, and why it no longer rides where it did."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from optimizer.answer.why_not import WhyNot
from optimizer.answer.witness import Difference, Move, Texts, Witness
from optimizer.model import DutyId, RequestId, Rule, Seconds, ZabId
from optimizer.model.value import Value


@dataclass(frozen=True, slots=True, kw_only=True)
class OnBoard(Value):
    """Seconds that someone on the same tour is on board, without the request and with it (as the plan has it)."""

    request: RequestId
    without: Seconds
    with_it: Seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class WhyThis(Value):
    """Why a request rides where it does.

    Parameters
    ----------
    terms
        What the request adds to each stage: from the plan without it (its duty planned anew) to the plan.
    next_best
        The best answer among all other duties: ``WhyNot`` with its price; ``None`` where no other could take it.
    on_board
        Others on the same tour whose time on board it changes, or not.
    forbidden
        Who would ride elsewhere, or not at all, were the request kept off its duty; the request itself first.
    forbidden_price, forbidden_witness, around
        The plan then: as many carried as can be, as few changes as can be, and the duties that might change in it.
    details
        Further sentences: the next best duty, those on board, who would ride elsewhere.
    """

    request: RequestId
    duty: DutyId
    zab: ZabId
    terms: tuple[Difference, ...]
    next_best: WhyNot | None
    on_board: tuple[OnBoard, ...]
    forbidden: tuple[Move, ...]
    forbidden_price: tuple[Difference, ...]
    forbidden_witness: Witness | None
    around: tuple[DutyId, ...]
    texts: Texts
    details: tuple[Texts, ...]


class Cause(StrEnum):
    """Why a request rides otherwise than in the plan before."""

    GONE = "gone"
    """The day no longer has the request."""
    NEW = "new"
    """The day has the request only now."""
    DUTY_GONE = "duty_gone"
    """The day no longer has the duty that it rode on."""
    PROMISED = "promised"
    """It is promised by now."""
    RULE = "rule"
    """Where it rode, a rule now stands against it."""
    MADE_ROOM = "made_room"
    """Who rides there now would not fit beside it."""
    TOOK_ROOM = "took_room"
    """It took the room that somebody has left."""
    BETTER = "better"
    """The plan is better for it."""
    TIMES = "times"
    """It rides on the same duty at other times."""
    NO_WORSE = "no_worse"
    """It could as well ride where it did: nothing in the plan's value tells the two apart."""
    UNKNOWN = "unknown"
    """Nothing could be shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change(Value):
    """One request that rides otherwise, with one reason.

    Parameters
    ----------
    rule
        Where ``cause`` is a rule.
    others
        Who made room, or for whom; who joined or left the tour where only times have changed.
    price
        Where ``cause`` is ``BETTER``: what it would cost to keep the request where it was.
    minutes
        Where only times have changed: by how much the pick-up is later (negative: earlier), rounded to the greater.
    """

    request: RequestId
    before: DutyId | None
    after: DutyId | None
    cause: Cause
    texts: Texts
    rule: Rule | None = None
    others: tuple[RequestId, ...] = ()
    price: tuple[Difference, ...] = ()
    minutes: int = 0
