"""What fits: seats, wheelchair places, child seats and luggage at every moment."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from optimizer.model import CHILD_SEAT_BANDS, AgeBand, Request, Rule
from optimizer.verify.view import Board, Means, TourView, View
from optimizer.verify.violation import Violation


def seats_needed(request: Request) -> int:
    """Ordinary seats that a request takes: one for each person not seated in the own wheelchair."""
    return request.load if request.load is not None else request.party.size - request.wheelchairs


def check_load(view: View) -> Iterator[Violation]:
    """From empty to empty one seat configuration fits every moment; so do child seats and luggage."""
    for tour, means in view.manned():
        stocks = dict(zip(CHILD_SEAT_BANDS, means.vehicle.child_seats, strict=True))
        for boards in tour.episodes:
            yield from _seats(view, tour, means, boards)
            for band, stock in stocks.items():
                children, board = _peak(boards, partial(_children, band))
                if children > stock:
                    what = f"Child seats for {band.value}"
                    yield _overload(view, tour, means, board, what=what, expected=str(stock), got=str(children))
            pieces, board = _peak(boards, lambda request: request.luggage)
            if pieces > means.vehicle.luggage:
                limit = str(means.vehicle.luggage)
                yield _overload(view, tour, means, board, what="Luggage", expected=limit, got=str(pieces))


CHECKERS: dict[Rule, Callable[[View], Iterator[Violation]]] = {Rule.LOAD: check_load}


def _children(band: AgeBand, request: Request) -> int:
    return request.party.count(frozenset({band}))


def _peak(boards: tuple[Board, ...], measure: Callable[[Request], int]) -> tuple[int, Board]:
    """The greatest sum of ``measure`` over the moments of an episode, and the first board that has it."""
    board = max(boards, key=lambda each: sum(map(measure, each)))
    return sum(map(measure, board)), board


def _seats(view: View, tour: TourView, means: Means, boards: tuple[Board, ...]) -> Iterator[Violation]:
    moments = [(sum(map(seats_needed, board)), sum(r.wheelchairs for r in board)) for board in boards]
    heads = means.crew.heads
    for configuration in means.vehicle.configurations:
        if all(s <= configuration.seats - heads and w <= configuration.wheelchair_places for s, w in moments):
            return
    choices = [
        f"{c.seats - heads} seats and {c.wheelchair_places} wheelchair places" for c in means.vehicle.configurations
    ]
    peak_seats, peak_chairs = max(s for s, _ in moments), max(w for _, w in moments)
    yield _overload(
        view,
        tour,
        means,
        boards[moments.index(max(moments))],
        what=f"Seats beside {heads} of the crew, from empty to empty",
        expected=" or ".join(choices),
        got=f"up to {peak_seats} seats and {peak_chairs} wheelchair places needed",
    )


def _overload(
    view: View, tour: TourView, means: Means, board: Board, *, what: str, expected: str, got: str
) -> Violation:
    return view.violation(
        Rule.LOAD,
        f"{what} in vehicle {means.vehicle.id} with {', '.join(r.id for r in board)} on board",
        expected=f"at most {expected}",
        got=got,
        duty=tour.duty,
        request=board[-1].id,
    )
