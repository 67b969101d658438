"""Requests tried on duties, one pair after the other, as things stand: what fits, within a limit of time."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass

from api.db.tables import TransportRequest
from api.services.assignments import Wish, fit
from api.services.checking import Ground
from api.services.verdicts import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """A request that a duty could carry, and how; ``on_board`` in seconds."""

    ground: Ground
    request: TransportRequest
    verdict: Verdict
    on_board: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What fits, in the order in which it was tried, and how many pairs were tried in the time that there was."""

    found: tuple[Fit, ...]
    tried: int


def try_each(pairs: Iterable[tuple[Ground, TransportRequest]], *, seconds: float) -> Tried:
    """Try each request on its duty, at whatever time fits best; nobody is moved for it, and nothing is stored.

    Parameters
    ----------
    seconds
        Wall-clock seconds after which no further pair is begun.
    """
    until = time.perf_counter() + seconds
    found: list[Fit] = []
    tried = 0
    for ground, request in pairs:
        if time.perf_counter() > until:
            break
        tried += 1
        verdict = fit(ground, request, Wish(request_id=request.id, duty_id=ground.duty.id))
        if verdict.fits and verdict.figures is not None:
            found.append(Fit(ground=ground, request=request, verdict=verdict, on_board=verdict.figures.on_board))
    return Tried(found=tuple(found), tried=tried)
