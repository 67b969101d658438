"""Break exactly one thing of a valid plan: exactly that rule is reported."""

from __future__ import annotations

from dataclasses import replace

import pytest

from optimizer.model import RULEBOOK, Rule, Strength
from optimizer.verify import check, hard, is_feasible
from optimizer.verify.check import check_changed
from optimizer.verify.view import View
from tests.verify.mutations import MUTATIONS, rich_world


def test_the_rich_plan_breaks_no_rule() -> None:
    world = rich_world()
    assert check(world.instance, world.travel, world.solution) == []


@pytest.mark.parametrize("rule", Rule, ids=lambda rule: rule.value)
def test_one_change_breaks_exactly_this_rule(rule: Rule) -> None:
    world = MUTATIONS[rule](rich_world())
    found = check(world.instance, world.travel, world.solution)
    assert {violation.rule for violation in found} == {rule}, [str(violation) for violation in found]
    assert is_feasible(world.instance, world.travel, world.solution) is (rule is Rule.DRIVER_BREAK)


@pytest.mark.parametrize("rule", Rule, ids=lambda rule: rule.value)
def test_a_violation_tells_where_and_what(rule: Rule) -> None:
    world = MUTATIONS[rule](rich_world())
    for violation in check(world.instance, world.travel, world.solution):
        assert violation.strength is RULEBOOK[rule].strength
        assert violation.expected in violation.message
        assert violation.got in violation.message
        for known in (violation.duty, violation.request):
            assert known is None or known in violation.message
        assert any(id_ in violation.message for id_ in ("D1", "D2", "D3", "Z1", "R1", "R4", "R6"))
        assert str(violation).startswith(f"{rule.value} ({violation.strength.value}): ")
        assert "\n" not in str(violation)


@pytest.mark.parametrize(
    "rule", [rule for rule, spec in RULEBOOK.items() if spec.strength is Strength.OVERRIDABLE], ids=lambda r: r.value
)
def test_a_softened_rule_is_told_but_does_not_bind(rule: Rule) -> None:
    world = MUTATIONS[rule](rich_world()).ruled(strengths=((rule, Strength.WARN),))
    found = check(world.instance, world.travel, world.solution)
    assert {(violation.rule, violation.strength) for violation in found} == {(rule, Strength.WARN)}
    assert hard(found) == []
    assert is_feasible(world.instance, world.travel, world.solution)


@pytest.mark.parametrize(
    "rule", [rule for rule, spec in RULEBOOK.items() if spec.strength is Strength.OVERRIDABLE], ids=lambda r: r.value
)
def test_an_override_of_everybody_lifts_the_rule(rule: Rule) -> None:
    world = MUTATIONS[rule](rich_world())
    requests = tuple(replace(request, waived=frozenset({rule})) for request in world.instance.requests)
    assert check(replace(world.instance, requests=requests), world.travel, world.solution) == []


def test_asked_only_of_tours_that_differ_the_checker_says_the_same() -> None:
    judged = set()
    for rule, mutate in MUTATIONS.items():
        before = rich_world()
        world = mutate(before)
        if check(world.instance, world.travel, before.solution):
            continue  # The problem was changed, not the plan: the plan before is not known to be without fault.
        view = View(world.instance, world.travel, before.solution)
        found = check(world.instance, world.travel, world.solution)
        assert check_changed(view.of(world.solution), view) == found, rule
        judged.add(rule)
    assert len(judged) >= 5, judged


def test_violations_come_in_the_order_of_the_rules_and_always_alike() -> None:
    world = rich_world()
    for rule in (Rule.DETOUR, Rule.SERVE_ALL, Rule.WINDOW, Rule.BUDGET):
        world = MUTATIONS[rule](world)
    found = check(world.instance, world.travel, world.solution)
    order = list(Rule)
    assert [v.rule for v in found] == sorted((v.rule for v in found), key=order.index)
    assert {v.rule for v in found} == {Rule.DETOUR, Rule.SERVE_ALL, Rule.WINDOW, Rule.BUDGET}
    assert found == check(world.instance, world.travel, world.solution)
