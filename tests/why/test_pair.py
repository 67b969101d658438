"""Why not there: every answer confirmed by the checker, and on tiny days the one that brute force gives."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache

import pytest

from optimizer.answer import Verdict, WhyNot
from optimizer.errors import InvalidValue, UnsoundSolution
from optimizer.explain.unserved import unserved_reasons
from optimizer.model import Instance, InstanceIndex, Rule, Solution, Stage
from optimizer.travel.matrix import TravelMatrix
from optimizer.verify import check, hard, objective
from optimizer.why.pair import Pairs, why_not, why_nowhere, why_unserved
from optimizer.why.plan import Planned, is_worse
from tests import builders as b
from tests.explain.alone import can_pair
from tests.explain.test_random import plans
from tests.oracle import OracleTour, brute_force
from tests.strategies import random_tiny
from tests.why.oracle import COMPANY, all_plans, best_rank, can_ride, key, with_pair

SEEDS = range(16)
ACROSS = frozenset({Rule.CREW_DOUBLED, Rule.VEHICLE_DOUBLED, Rule.REST_BETWEEN_SHIFTS})
"""Rules by which a promised tour takes crew or vehicle away: named beside what blocks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A plan of a tiny day with every answer about it."""

    instance: Instance
    travel: TravelMatrix
    solution: Solution
    plans: list[list[OracleTour]]
    answers: tuple[WhyNot, ...]


@cache
def asked(seed: int) -> tuple[Asked, ...]:
    """Every plan of ``seed`` with its answers, made once."""
    return tuple(_asked(seed))


def _asked(seed: int) -> Iterator[Asked]:
    """Every pair under the optimum, and under the plan of the promises alone."""
    instance, travel = random_tiny(seed)
    everything = all_plans(instance, travel)
    for solution in plans(instance, brute_force(instance, travel, verify=False)):
        if [v for v in hard(check(instance, travel, solution)) if v.rule is not Rule.SERVE_ALL]:
            continue  # Promises alone may change too much; where nothing is feasible there is no plan to ask about.
        planned = Planned(instance, travel, solution)
        pairs = Pairs(planned, strict=True)
        answers = tuple(answer for request in planned.index.pool for answer in pairs.everywhere(request.id))
        yield Asked(instance=instance, travel=travel, solution=solution, plans=everything, answers=answers)


@pytest.mark.parametrize("seed", SEEDS)
def test_every_answer_is_what_brute_force_says(seed: int) -> None:
    for case in asked(seed):
        for answer in case.answers:
            judge(case, answer)


def judge(case: Asked, answer: WhyNot) -> None:
    """Hold one answer against checker and brute force."""
    instance, travel = case.instance, case.travel
    what = (instance.name, answer)
    assert answer.verdict is not Verdict.UNKNOWN, what
    assert answer.witness is not None
    shown = answer.witness.apply(case.solution)
    assert shown.duty_by_request[answer.request] == answer.duty, what
    broken = {violation.rule for violation in hard(check(instance, travel, shown))}
    is_static = not can_pair(instance, travel, answer.duty, answer.request)
    fits = can_ride(instance, travel, answer.request, answer.duty)
    assert (answer.verdict is Verdict.STATIC) == is_static, what
    assert (answer.verdict is Verdict.TOUR) == (not is_static and not fits), what
    if answer.verdict in (Verdict.STATIC, Verdict.TOUR):
        # All that is named is broken, and nothing else, but for what speaks of those that had to leave.
        left = {Rule.BUNDLE, Rule.SERVE_ALL, Rule.CHANGE_BUDGET, Rule.BUDGET}
        assert broken - left == set(answer.rules), what
        judge_rules(case, answer)
        return
    if answer.verdict is Verdict.PLAN:
        assert broken == set(answer.rules), what
    else:
        assert not broken, what
        terms = objective(instance, travel, shown)
        assert [each.after for each in answer.price] == [terms.value(stage) for stage in instance.stages], what
        assert is_worse(answer.price) == (answer.verdict in (Verdict.DISPLACES, Verdict.COSTS)), what
        left_out = case.solution.served - shown.served
        assert left_out == set(answer.displaced), what
        assert bool(left_out) == (answer.verdict in (Verdict.DISPLACES, Verdict.SWAPS)), what
    index = InstanceIndex(instance)
    pair = with_pair(index, case.plans, case.solution, answer.around, answer.request, answer.duty)
    best = best_rank(instance, pair)
    after = objective(instance, travel, shown)
    reached = key(instance, {stage: after.value(stage) for stage in Stage})
    assert best == (reached if answer.price else None), what


def judge_rules(case: Asked, answer: WhyNot) -> None:
    """Without the rules named the request could ride; without any one of them less it could not."""
    rules = set(answer.rules) - ACROSS
    assert can_ride(case.instance, case.travel, answer.request, answer.duty, rules), (case.instance.name, answer)
    for rule in rules:
        fewer = rules - (COMPANY if rule in COMPANY else {rule})
        if fewer & {Rule.WINDOW, Rule.SHIFT_SPAN} or (rule is Rule.FROZEN and Rule.COMMITMENT in fewer):
            continue  # The oracle takes more away there: both windows, shift and span; a promise with its freeze.
        assert not can_ride(case.instance, case.travel, answer.request, answer.duty, fewer), (case, answer, rule)


@pytest.mark.parametrize("seed", range(40, 46))
def test_a_whole_day_has_an_answer_for_each_reason(seed: int) -> None:
    for case in asked(seed):
        answers = why_unserved(case.instance, case.travel, case.solution, strict=True)
        reasons = unserved_reasons(InstanceIndex(case.instance), case.travel, case.solution)
        assert [(a.request, a.duty) for a in answers] == [(u.request, r.duty) for u in reasons for r in u.reasons]
        alone = {(answer.request, answer.duty): answer.verdict for answer in case.answers}
        assert all(alone[answer.request, answer.duty] is answer.verdict for answer in answers)
        for answer in answers:
            judge(case, answer)


def test_the_seeds_show_every_verdict() -> None:
    seen = Counter(answer.verdict for seed in SEEDS for case in asked(seed) for answer in case.answers)
    # A swap at no cost is rare; one is worked out by hand below.
    assert set(seen) >= set(Verdict) - {Verdict.UNKNOWN, Verdict.SWAPS}, seen


# --- what is asked wrongly, and a day worked out by hand --------------------------------------------------------------

TRAVEL = b.line({"depot": 0, "A": 600, "B": 1200, "C": 1800})
DAY = b.instance(
    b.request("rides", "A", "C", pickup=(600, 600), load=4),
    b.request("heavy", "A", "C", pickup=(600, 600), load=4),
    b.request("light", "A", "C", pickup=(600, 600), load=3),
    b.request("huge", "A", "C", load=20),
    b.request("barred", "A", "C", pickup=(600, 600), load=20, barred_duties=frozenset({"D1"})),
)
PLAN = b.plan(b.TourBuilder(DAY, TRAVEL).ride("rides").build())


def test_who_fits_is_told_what_it_brings() -> None:
    answer = why_not(DAY, TRAVEL, PLAN, "light", "D1", strict=True)
    assert (answer.verdict, answer.rules, answer.displaced) == (Verdict.FITS, (), ())
    assert answer.texts["en"].endswith("trips carried, weighted by deadline: 2 instead of 1.")


def test_who_would_take_the_seats_of_another_displaces_it() -> None:
    answer = why_not(DAY, TRAVEL, PLAN, "heavy", "D1", strict=True)
    # Nothing tells the two apart: the plan would be as good.
    assert (answer.verdict, answer.displaced) == (Verdict.SWAPS, ("rides",))
    assert "Possible if another trip is no longer carried: rides" in answer.texts["en"]
    urgent = replace(DAY, requests=tuple(replace(r, weight=2) if r.id == "rides" else r for r in DAY.requests))
    answer = why_not(urgent, TRAVEL, PLAN, "heavy", "D1", strict=True)
    assert (answer.verdict, answer.displaced) == (Verdict.DISPLACES, ("rides",))
    assert "Possible only if another trip is no longer carried: rides" in answer.texts["en"]
    assert "1 instead of 2" in answer.texts["en"]


def test_a_rule_is_named_alone_and_several_are_all_named() -> None:
    answer = why_not(DAY, TRAVEL, PLAN, "huge", "D1", strict=True)
    assert (answer.verdict, answer.rules) == (Verdict.TOUR, (Rule.LOAD,))
    answer = why_not(DAY, TRAVEL, PLAN, "barred", "D1", strict=True)
    assert (answer.verdict, answer.rules) == (Verdict.STATIC, (Rule.LOAD, Rule.BARRED))
    assert answer.texts["de"].endswith("Außerdem steht entgegen: genug Plätze im Fahrzeug.")


@pytest.mark.parametrize(("request_id", "duty"), [("nobody", "D1"), ("light", "D9"), ("rides", "D1")])
def test_wrong_questions_are_refused(request_id: str, duty: str) -> None:
    with pytest.raises(InvalidValue):
        why_not(DAY, TRAVEL, PLAN, request_id, duty)


def test_a_plan_that_breaks_a_rule_is_not_asked_about() -> None:
    tour = b.TourBuilder(DAY, TRAVEL).ride("huge").build()
    with pytest.raises(InvalidValue, match="breaks no rule"):
        why_not(DAY, TRAVEL, b.plan(tour), "light", "D1")


def test_every_other_duty_is_told_the_nearest_first() -> None:
    fields = b.fleet(3)
    day = b.instance(*DAY.requests, **fields)
    answers = why_nowhere(day, TRAVEL, b.plan(b.TourBuilder(day, TRAVEL).ride("rides").build()), "barred", strict=True)
    assert [a.verdict for a in answers] == [Verdict.TOUR, Verdict.TOUR, Verdict.STATIC]


def test_what_the_checker_does_not_confirm_is_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Planned, "broken", lambda *_: (Rule.WINDOW,))
    with pytest.raises(UnsoundSolution, match="load"):
        why_not(DAY, TRAVEL, PLAN, "huge", "D1", strict=True)
    answer = why_not(DAY, TRAVEL, PLAN, "huge", "D1")
    assert (answer.verdict, answer.rules, answer.witness) == (Verdict.UNKNOWN, (), None)
