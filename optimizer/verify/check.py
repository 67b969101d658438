"""The checker: every rule on a plan, whoever made it.

It knows nothing of the solver and shares no code with it beyond the model, so that an error would have to be made
twice, in the same way, to pass.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from optimizer.model import RULEBOOK, Instance, Rule, Scope, Solution, Strength
from optimizer.travel.matrix import TravelMatrix
from optimizer.verify import load, night, order, plan, shift, static, times, together
from optimizer.verify.view import View
from optimizer.verify.violation import Violation

CHECKERS: dict[Rule, Callable[[View], Iterator[Violation]]] = {
    **plan.CHECKERS,
    **order.CHECKERS,
    **times.CHECKERS,
    **load.CHECKERS,
    **static.CHECKERS,
    **together.CHECKERS,
    **shift.CHECKERS,
    **night.CHECKERS,
}
"""The one function that checks a rule, for every rule."""


def check(instance: Instance, travel: TravelMatrix, solution: Solution) -> list[Violation]:
    """Return every violation of every rule, warnings included.

    Parameters
    ----------
    instance, travel, solution
        The problem and the plan; the plan may be as wrong as can be (unknown duties and requests, no visits).

    Returns
    -------
    list of Violation
        In the order of ``Rule``, then of the plan; the same for the same input.

    Raises
    ------
    InvalidValue
        When the travel times lack a place of the instance: nothing could be said about any plan.
    """
    return check_view(View(instance, travel, solution))


def check_view(view: View) -> list[Violation]:
    """Return every violation of a plan that is laid out already."""
    return [violation for rule in Rule for violation in CHECKERS[rule](view)]


def check_changed(view: View, before: View) -> list[Violation]:
    """Return every violation of a plan whose tours partly are those of ``before``, which breaks no rule.

    A rule on one tour says the same of the same tour whatever else the plan has, so only tours that differ are asked;
    rules across tours, and whether every promise is kept, are asked of the whole plan.
    """
    known = {id(each.tour) for each in before.tours}
    changed = view.of(Solution(tours=tuple(each.tour for each in view.tours if id(each.tour) not in known)))
    return [
        violation
        for rule in Rule
        for violation in CHECKERS[rule](
            view if RULEBOOK[rule].scope is Scope.PLAN or rule in _OF_ALL_TOURS else changed
        )
    ]


_OF_ALL_TOURS = frozenset({Rule.COMMITMENT, Rule.DEPOT})
"""Rules along a tour that also ask which duties make one, and how often."""


def hard(violations: Iterable[Violation]) -> list[Violation]:
    """Return those violations that make a plan infeasible: all but warnings."""
    return [violation for violation in violations if violation.strength is not Strength.WARN]


def is_feasible(instance: Instance, travel: TravelMatrix, solution: Solution) -> bool:
    """Whether the plan breaks no rule that binds."""
    return not hard(check(instance, travel, solution))
