"""Why there, and what has changed: confirmed by the checker, held against brute force on tiny days."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from functools import cache

import pytest

from optimizer.answer import Cause, Change, WhyThis
from optimizer.errors import InvalidValue
from optimizer.model import Instance, InstanceIndex, Rule, Solution, Stage
from optimizer.rolling import stops_of
from optimizer.travel.matrix import TravelMatrix
from optimizer.verify import check, hard, objective
from optimizer.why.changes import changes
from optimizer.why.choice import Choices, seconds_on_board, why_this
from optimizer.why.pair import Pairs
from optimizer.why.plan import Planned, is_worse, rank
from tests import builders as b
from tests.explain.alone import most_kept
from tests.oracle import OracleTour, brute_force
from tests.strategies import random_tiny
from tests.why.oracle import all_plans, can_ride, carried

SEEDS = range(24)


def faults(instance: Instance, travel: TravelMatrix, plan: Solution) -> list[Rule]:
    return [v.rule for v in hard(check(instance, travel, plan)) if v.rule is not Rule.SERVE_ALL]


# --- why there --------------------------------------------------------------------------------------------------------


def judge_choices(seed: int) -> int:
    """Ask of every request that the optimum of ``seed`` carries; return how many there were."""
    instance, travel = random_tiny(seed)
    solution = brute_force(instance, travel, verify=False).solution
    if faults(instance, travel, solution):
        return 0
    everything = all_plans(instance, travel)
    planned = Planned(instance, travel, solution)
    choices, pairs = Choices(planned, strict=True), Pairs(planned, strict=True)
    asked = [request.id for request in planned.index.pool if request.id in planned.duty_of]
    for request in asked:
        answer = choices.of(request)
        others = [each for each in pairs.everywhere(request) if each.price]
        best = min((rank(each.price) for each in others), default=None)
        assert (None if answer.next_best is None else rank(answer.next_best.price)) == best, (seed, answer)
        assert all(each.after == planned.terms.value(each.stage) for each in answer.terms), (seed, answer)
        tour = next(tour for tour in solution.tours if tour.duty == answer.duty)
        assert all(seconds_on_board(tour)[each.request] == each.with_it for each in answer.on_board)
        judge_forbidden(planned, everything, answer)
    return len(asked)


def judge_forbidden(planned: Planned, everything: list[list[OracleTour]], answer: WhyThis) -> None:
    """No plan without the pair, on these duties, carries more, or as much with fewer moves."""
    if answer.forbidden_witness is None:
        return
    index, instance = planned.index, planned.instance
    shown = answer.forbidden_witness.apply(planned.solution)
    assert not faults(instance, planned.travel, shown), answer
    assert shown.duty_by_request.get(answer.request) != answer.duty
    assert answer.forbidden[0].request == answer.request
    assert answer.forbidden == tuple(sorted(planned.moves(shown), key=lambda m: m.request != answer.request))
    if not {Stage.SERVED, Stage.PINNED} & set(instance.stages) or instance.change_budget is not None:
        return  # How many are carried is no stage there; or the published plan decides who may move.
    fixed = {d: served for d, served in carried(index, planned.solution).items() if d not in answer.around}
    known = planned.solution.served | shown.served
    reached = [
        worth(planned, answer.request, {tour.duty: tour.served for tour in other})
        for other in everything
        if not any(t.duty == answer.duty and answer.request in t.served for t in other)
        and {t.duty: t.served for t in other if t.duty not in answer.around} == fixed
        and known.issuperset(frozenset[str]().union(*(t.served for t in other)))
    ]
    assert worth(planned, answer.request, carried(index, shown)) == min(reached), (instance.name, answer)


def worth(planned: Planned, request: str, served: dict[str, frozenset[str]]) -> tuple[int, int, int]:
    """Pinned and weight of who is carried, and moves of others; less is better."""
    index = planned.index
    carriers = {member: duty for duty, members in served.items() for member in members}
    weight = sum(index.unit_weight(unit) for unit in index.units if set(unit) <= set(carriers))
    moved = sum(carriers.get(r) != d for r, d in planned.duty_of.items() if r in planned.unit_of and r != request)
    return -sum(index.request[each].pin is not None for each in carriers), -weight, moved


@pytest.mark.parametrize("seed", SEEDS)
def test_a_choice_is_what_brute_force_says(seed: int) -> None:
    judge_choices(seed)


def test_the_seeds_have_choices() -> None:
    assert sum(judge_choices(seed) for seed in SEEDS) >= 10


TRAVEL = b.line({"depot": 0, "A": 600, "B": 1200, "C": 1800})
DAY = b.instance(
    b.request("first", "A", "C", pickup=(600, 600)),
    b.request("second", "B", "C", pickup=(1200, 1200), service=(300, 0)),
    **b.fleet(2),
)
PLAN = b.plan(b.TourBuilder(DAY, TRAVEL).pickup("first").pickup("second").delivery("first").delivery("second").build())


def test_effect_on_others_next_best_and_who_would_move() -> None:
    answer = why_this(DAY, TRAVEL, PLAN, "second", strict=True)
    # Its pick-up takes five minutes while the first is on board.
    assert [(o.request, o.with_it - o.without) for o in answer.on_board] == [("first", 300)]
    assert answer.next_best is not None
    assert answer.next_best.duty == "D2"
    assert [(m.request, m.before, m.after) for m in answer.forbidden] == [("second", "D1", "D2")]
    assert {each.stage: each.after - each.before for each in answer.terms}[Stage.CUSTODY] == 300
    assert "first +5 min" in answer.details[1]["en"]
    assert answer.details[2]["de"] == "Wäre sie dort nicht erlaubt: Fahrt second D1 → D2."


def test_who_is_left_out_is_no_question() -> None:
    with pytest.raises(InvalidValue, match="carries"):
        why_this(DAY, TRAVEL, b.plan(), "first")


# --- what has changed -------------------------------------------------------------------------------------------------


@cache
def changed(seed: int) -> tuple[Instance, TravelMatrix, Solution, Solution, tuple[Change, ...]] | None:
    """The optimum of a day before one of its requests came, and the one after."""
    instance, travel = random_tiny(seed)
    instance = replace(instance, change_budget=None)
    units = InstanceIndex(instance).units
    late = set(random.Random(seed).choice(units))
    known = tuple(replace(r, excluded=r.excluded - late) for r in instance.requests if r.id not in late)
    published = tuple(was for was in instance.published if was.request not in late)
    before = brute_force(replace(instance, requests=known, published=published), travel, verify=False)
    after = brute_force(instance, travel, verify=False)
    if not before.feasible or not after.feasible:
        return None
    found = changes(
        instance, travel, stops_of(before.solution), after.solution, known={r.id for r in known}, strict=True
    )
    return instance, travel, before.solution, after.solution, found


def judge_changes(seed: int) -> Iterator[Cause]:
    made = changed(seed)
    if made is None:
        return
    instance, travel, before, after, found = made
    old, new = before.duty_by_request, after.duty_by_request
    moved = {r.id for r in instance.requests if old.get(r.id) != new.get(r.id)}
    assert {each.request for each in found if each.before != each.after} == moved
    assert len({each.request for each in found}) == len(found), "one reason each"
    for each in found:
        yield each.cause
        assert (each.before, each.after) == (old.get(each.request), new.get(each.request))
        match each.cause:
            case Cause.RULE if each.before is not None and each.rule not in (Rule.BUNDLE, Rule.BUDGET):
                others = {r for r, d in new.items() if d == each.before}
                assert not can_ride(instance, travel, each.request, each.before) or others, each
            case Cause.MADE_ROOM if each.before is not None:
                pool = {r.id for r in InstanceIndex(instance).pool}
                riders = tuple(sorted(r for r, d in new.items() if d == each.before and r in pool))
                kept = most_kept(instance, travel, each.before, each.request, riders)
                # Otherwise the limit of a ZAB, or a bundle, is what has no room for both.
                limited = any(zab.budget is not None for zab in instance.zabs)
                assert kept is None or kept < len(riders) or set(each.others) - set(riders) or limited, each
            case Cause.BETTER:
                assert is_worse(each.price), each
            case Cause.NEW:
                assert each.request not in old
            case Cause.UNKNOWN:
                raise AssertionError(each)


@pytest.mark.parametrize("seed", SEEDS)
def test_every_change_has_one_reason_that_holds(seed: int) -> None:
    list(judge_changes(seed))


def test_the_seeds_show_several_causes() -> None:
    assert len(Counter(cause for seed in SEEDS for cause in judge_changes(seed))) >= 3


def test_what_is_gone_and_what_has_other_times() -> None:
    later = replace(DAY, requests=DAY.requests[1:])
    plan = b.plan(b.TourBuilder(later, TRAVEL).pickup("second", at=1200).delivery("second", at=2100).build())
    stops = stops_of(PLAN)
    found = {change.request: change for change in changes(later, TRAVEL, stops, plan, strict=True)}
    assert set(found) == {"first"}
    assert (found["first"].cause, found["first"].texts["de"]) == (Cause.GONE, "Die Fahrt ist entfallen.")
    moved = {duty: tuple(replace(s, start=s.start - 90) for s in tour) for duty, tour in stops.items()}
    found = {change.request: change for change in changes(later, TRAVEL, moved, plan, strict=True)}
    assert (found["second"].cause, found["second"].minutes, found["second"].others) == (Cause.TIMES, 2, ("first",))
    assert (
        found["second"].texts["en"]
        == "The same duty, the pick-up is 2 min later. Come to the tour or gone from it: first."
    )


def test_who_could_not_stay_and_whose_duty_is_gone() -> None:
    bound = replace(DAY.requests[0], barred_duties=frozenset({"D1"}))
    day = replace(DAY, requests=(bound, DAY.requests[1]))
    plan = b.plan(
        b.TourBuilder(day, TRAVEL).ride("second").build(), b.TourBuilder(day, TRAVEL, "D2").ride("first").build()
    )
    stops = {"D1": stops_of(PLAN)["D1"][:1], "D7": stops_of(PLAN)["D1"][1:2]}
    found = {change.request: change for change in changes(day, TRAVEL, stops, plan, strict=True)}
    assert (found["first"].cause, found["first"].rule) == (Cause.RULE, Rule.BARRED)
    assert found["second"].cause is Cause.DUTY_GONE


def test_equal_plans_have_no_changes() -> None:
    assert changes(DAY, TRAVEL, stops_of(PLAN), PLAN, strict=True) == ()
    assert objective(DAY, TRAVEL, PLAN).served == 2
