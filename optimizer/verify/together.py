"""Who may be on board at the same moment, and with how many officers.

Rules on pairs do not hold within one unit (family).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from optimizer.model import Request, Rule, Strength
from optimizer.model.units import RequestId
from optimizer.verify.view import Board, TourView, View
from optimizer.verify.violation import Violation


def check_separation(view: View) -> Iterator[Violation]:
    """A request with the separation flag shares the vehicle with nobody of another unit."""
    yield from _pairs(view, Rule.SEPARATION, lambda a, b: a.separate or b.separate, "nobody else, separation flag")


def check_exclusion(view: View) -> Iterator[Violation]:
    """Two requests of which one excludes the other are never on board together."""
    yield from _pairs(view, Rule.EXCLUSION, lambda a, b: a.id in b.excluded or b.id in a.excluded, "not together")


def check_families_apart(view: View) -> Iterator[Violation]:
    """Families ride with families only, single people with single people."""
    yield from _pairs(
        view, Rule.FAMILIES_APART, lambda a, b: a.party.is_family != b.party.is_family, "families with families only"
    )


def check_women_alone(view: View) -> Iterator[Violation]:
    """A woman alone does not ride with an unrelated man."""

    def is_broken(a: Request, b: Request) -> bool:
        return (a.party.is_woman_alone and b.party.has_adult_man) or (b.party.is_woman_alone and a.party.has_adult_man)

    yield from _pairs(view, Rule.WOMEN_ALONE, is_broken, "a woman alone with no unrelated man")


def check_lone_minor(view: View) -> Iterator[Violation]:
    """An unaccompanied minor rides with nobody unrelated."""
    yield from _pairs(
        view,
        Rule.LONE_MINOR,
        lambda a, b: a.party.is_lone_minor or b.party.is_lone_minor,
        "an unaccompanied minor alone",
    )


def check_escorts(view: View) -> Iterator[Violation]:
    """There are officers enough for the people on board and for the request that asks for most."""
    rule = view.parameters.escorts
    for tour, means in view.manned():
        for boards in tour.episodes:
            needed, board = _worst(
                boards, lambda b: max(rule.officers(_escorted(b)), *(request.escort_officers for request in b))
            )
            if means.crew.officers < needed:
                yield view.violation(
                    Rule.ESCORTS,
                    f"Officers of crew {means.crew.id} with {_ids(board)} on board ({_escorted(board)} of 14 and over)",
                    expected=f"{needed} or more",
                    got=str(means.crew.officers),
                    duty=tour.duty,
                    request=board[-1].id,
                )


def check_female_officer(view: View) -> Iterator[Violation]:
    """A female officer is there when women or girls travel, and as many as a request demands.

    The demand of a request cannot be waived or softened: it stays hard whatever the strength of the rule.
    """
    for tour, means in view.manned():
        for boards in tour.episodes:
            demand, board = _worst(boards, lambda b: max(request.escort_female for request in b))
            strength: Strength | None = Strength.HARD
            if means.crew.female_officers >= demand:
                demand, board = _worst(boards, lambda b: int(any(_asks_for_woman(request) for request in b)))
                strength = None
            if means.crew.female_officers < demand:
                yield view.violation(
                    Rule.FEMALE_OFFICER,
                    f"Female officers of crew {means.crew.id} with {_ids(board)} on board",
                    expected=f"{demand} or more",
                    got=str(means.crew.female_officers),
                    duty=tour.duty,
                    request=board[-1].id,
                    strength=strength,
                )


CHECKERS: dict[Rule, Callable[[View], Iterator[Violation]]] = {
    Rule.SEPARATION: check_separation,
    Rule.EXCLUSION: check_exclusion,
    Rule.FAMILIES_APART: check_families_apart,
    Rule.WOMEN_ALONE: check_women_alone,
    Rule.LONE_MINOR: check_lone_minor,
    Rule.ESCORTS: check_escorts,
    Rule.FEMALE_OFFICER: check_female_officer,
}


def _sharers(tour: TourView) -> Iterator[tuple[Request, Request]]:
    """Pairs of requests of different units that are on board at the same moment, each pair once."""
    seen: set[tuple[RequestId, RequestId]] = set()
    for boards in tour.episodes:
        for board in boards:
            # Whoever came last meets everybody else on board; earlier pairs met when the later of them came.
            *others, new = board
            for other in others:
                if (other.id, new.id) not in seen and not _are_one_unit(other, new):
                    seen.add((other.id, new.id))
                    yield other, new


def _are_one_unit(a: Request, b: Request) -> bool:
    """Whether two requests belong to one unit (family)."""
    return a.unit is not None and a.unit == b.unit


def _escorted(board: Board) -> int:
    """People of 14 and over on board."""
    return sum(request.party.escorted_adults for request in board)


def _pairs(view: View, rule: Rule, is_broken: Callable[[Request, Request], bool], expected: str) -> Iterator[Violation]:
    for tour in view.tours:
        for a, b in _sharers(tour):
            # A recorded override of either lifts the rule for the pair; hard rules are never in ``waived``.
            if is_broken(a, b) and rule not in a.waived | b.waived:
                yield view.violation(
                    rule,
                    f"Requests {a.id} and {b.id}",
                    expected=expected,
                    got="both on board at the same moment",
                    duty=tour.duty,
                    request=b.id,
                )


def _worst(boards: tuple[Board, ...], measure: Callable[[Board], int]) -> tuple[int, Board]:
    """The greatest value over the moments of an episode, and the first board that has it."""
    board = max(boards, key=measure)
    return measure(board), board


def _asks_for_woman(request: Request) -> bool:
    return request.party.has_female and Rule.FEMALE_OFFICER not in request.waived


def _ids(board: Board) -> str:
    return ", ".join(request.id for request in board)
