"""Would these tours be in order today? Asked of the independent checker, before anything is proposed or promised."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from optimizer.model import (
    Commitment,
    DutyId,
    Instance,
    Promise,
    Request,
    RequestId,
    Rule,
    Solution,
    Strength,
    Tour,
    Visit,
    VisitKind,
)
from optimizer.travel import TravelMatrix
from optimizer.verify.check import CHECKERS, hard
from optimizer.verify.commitments import check_commitments
from optimizer.verify.view import View
from optimizer.verify.violation import Violation

OF_THE_NEW = (
    Rule.ONCE_PER_REQUEST, Rule.BUNDLE, Rule.WINDOW, Rule.NIGHT_PICKUP, Rule.NIGHT_CHILDREN, Rule.BARRED, Rule.FROZEN,
    Rule.PIN,
)  # fmt: skip
"""Rules that bind whoever is not promised yet; they ask for nothing but the stops."""


def in_order(promises: Iterable[Promise]) -> tuple[Promise, ...]:
    """Return stops in the order in which tours are stored: by time, and who leaves before who comes."""
    return tuple(sorted(promises, key=lambda p: (p.start, p.kind is VisitKind.PICKUP, p.request)))


def faults(
    instance: Instance,
    travel: TravelMatrix,
    tours: Mapping[DutyId, Sequence[Promise]],
    new: Collection[RequestId],
) -> list[Violation]:
    """Return what is wrong with a plan that is given by the stops of its tours.

    Parameters
    ----------
    instance
        Today's problem; its commitments tell which tours are frozen.
    tours
        All tours with their stops, in their order; a duty that the problem does not have cannot be used.
    new
        Requests that nobody has promised: for these all rules of the pool hold as well.
    """
    known = {duty.id for duty in instance.duties}
    requests = {request.id: request for request in instance.requests}
    usable = {duty: tuple(tour) for duty, tour in tours.items() if duty in known and tour}
    found = [_gone(duty) for duty, tour in tours.items() if tour and duty not in known]
    stray = {p.request for tour in usable.values() for p in tour} - requests.keys()
    if stray:
        raise KeyError(f"Expected requests of the problem, got {sorted(stray)}.")
    frozen = {commitment.duty for commitment in instance.commitments if commitment.frozen}
    promised = _problem(instance, usable, frozenset(), frozen)
    found += check_commitments(promised, travel)
    asked = _problem(instance, usable, new, frozen)
    view = View(asked, travel, Solution(tours=tuple(_bare(duty, tour, requests) for duty, tour in usable.items())))
    found += hard(violation for rule in OF_THE_NEW for violation in CHECKERS[rule](view))
    return found


def _problem(
    instance: Instance, tours: Mapping[DutyId, tuple[Promise, ...]], new: Collection[RequestId], frozen: set[DutyId]
) -> Instance:
    """Return the problem in which everybody of ``tours`` but the new is promised."""
    commitments = [
        Commitment(duty=duty, promises=tuple(p for p in tour if p.request not in new), frozen=duty in frozen)
        for duty, tour in tours.items()
    ]
    kept = tuple(commitment for commitment in commitments if commitment.promises)
    promised = {promise.request for commitment in kept for promise in commitment.promises}
    return replace(
        instance,
        requests=tuple(replace(r, bundle=None) if r.id in promised else r for r in instance.requests),
        commitments=kept,
        published=(),
        change_budget=None,
    )


def _bare(duty: DutyId, tour: Sequence[Promise], requests: Mapping[RequestId, Request]) -> Tour:
    """Return a tour of stops alone; what lies between is judged by ``check_commitments``."""
    visits = []
    for promise in tour:
        request = requests[promise.request]
        stop = request.pickup if promise.kind is VisitKind.PICKUP else request.delivery
        visits.append(
            Visit(
                kind=promise.kind, place=stop.place, request=promise.request, arrival=promise.start,
                start=promise.start, departure=promise.start + stop.service,
            )
        )  # fmt: skip
    return Tour(duty=duty, visits=tuple(visits))


def _gone(duty: DutyId) -> Violation:
    return Violation(
        rule=Rule.DEPOT,
        strength=Strength.HARD,
        duty=duty,
        expected="a duty that can be used",
        got="one that is withheld, away or over",
        message=f"Duty {duty} cannot be used: it is withheld, away or over.",
    )
