"""One request and one duty with its promises, judged by brute force: nothing of ``optimizer.explain`` or the solver."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from optimizer.model import Instance, InstanceIndex, Rule
from optimizer.travel.matrix import TravelMatrix
from tests.oracle import brute_force
from tests.oracle_sequences import DutyRules


def only(instance: Instance, duty: str, pool: Iterable[str], *, promises: bool = True) -> Instance:
    """The instance of one duty, its promises (unless left out) and these pool requests, without rules across tours."""
    commitments = tuple(c for c in instance.commitments if c.duty == duty and promises)
    kept = {*pool, *(promise.request for c in commitments for promise in c.promises)}
    requests = []
    for request in instance.requests:
        if request.id in kept:
            barred = request.barred_duties & {duty}
            if request.pin is not None and request.pin != duty:
                barred = frozenset({duty})
            requests.append(
                replace(request, excluded=request.excluded & kept, bundle=None, barred_duties=barred, pin=None)
            )
    return replace(
        instance,
        duties=tuple(d for d in instance.duties if d.id == duty),
        zabs=tuple(replace(zab, budget=None) for zab in instance.zabs),
        requests=tuple(requests),
        commitments=commitments,
        published=(),
        serve_all=False,
    )


def most_kept(
    instance: Instance,
    travel: TravelMatrix,
    duty: str,
    request: str,
    riders: tuple[str, ...] = (),
    *,
    off: frozenset[Rule] = frozenset(),
    promises: bool = True,
) -> int | None:
    """The most of ``riders`` that some tour of ``duty`` carries together with ``request``; ``None`` without a tour."""
    part = only(instance, duty, (request, *riders), promises=promises)
    tours = brute_force(part, travel, off=off, verify=False).tours
    return max((len(tour.served) - 1 for tour in tours if request in tour.served), default=None)


def can_pair(instance: Instance, travel: TravelMatrix, duty: str, request: str) -> bool:
    """Whether nothing but the tour itself could keep ``request`` off ``duty``."""
    index = InstanceIndex(instance)
    rules = DutyRules(instance, travel, index, duty, frozenset())
    return rules.is_usable() and rules.can_carry(index.request[request])
