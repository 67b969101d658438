"""Closed gates among what would help: the optimizer knows none, so its answer is one with all of them open."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from api import gate_texts
from api.gates import Finding
from api.schemas.explanations import ToldGranter
from api.services import gatekeeping
from api.workflow import Role
from optimizer.answer import Granter, Texts, WhatHelps

_GRANTERS: dict[Role, ToldGranter] = {Role.ABH: Granter.REQUESTER, Role.ZFA: "zfa", Role.ZRK: "zrk"}
"""Who clears a gate, as a granter."""
NEAREST: tuple[ToldGranter, ...] = (Granter.REQUESTER, Granter.ZAB, "zfa", "zrk", Granter.LEAD, Granter.NOBODY)
"""Granters, the nearest to the request first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clearance:
    """A gate that would have to open; ``is_enough``: the request then rides, and needs nothing else."""

    finding: Finding
    granter: ToldGranter
    who: tuple[Role, ...]
    texts: Texts
    actions: Texts
    is_enough: bool


def clearances(closed: Sequence[Finding], answer: WhatHelps | None, *, is_full: bool) -> Iterator[Clearance]:
    """Yield closed gates with what opening them comes to.

    Parameters
    ----------
    closed
        As the reader may see them (``gates.seen_by``).
    answer
        What helps beside them; ``None`` where that was not asked.
    is_full
        Whether the reader sees the request whole.
    """
    for finding, told in zip(closed, gatekeeping.reasons(closed, is_full=is_full), strict=True):
        duty = None if answer is None else answer.fits_on
        who = finding.who if finding.is_told else (Role.ABH,)
        yield Clearance(
            finding=finding,
            granter=_GRANTERS[who[0]],
            who=who,
            texts={
                language: f"{told['texts'][language]} {text.format(duty=duty)}".rstrip()
                for language, text in zip(("de", "en"), _outcome(answer, len(closed)), strict=True)
            },
            actions=told["actions"],
            is_enough=duty is not None and len(closed) == 1,
        )


def _outcome(answer: WhatHelps | None, closed: int) -> gate_texts.Pair:
    """Return what opening one of so many closed gates comes to."""
    if answer is None:
        return ("", "")
    if answer.fits_on is not None:
        return gate_texts.THEN_FITS if closed == 1 else gate_texts.ALL_THEN_FITS
    helps = any(each.granter is not Granter.NOBODY for each in answer.relaxations) or answer.combinations
    return gate_texts.NOT_ENOUGH if helps else gate_texts.NOTHING_HELPS
