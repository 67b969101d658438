"""Who may be on board at the same moment, and with how many officers."""

from __future__ import annotations

from typing import Any

import pytest

from optimizer.model import AgeBand, EscortRule, ParameterSet, Party, Rule, Sex, Strength
from optimizer.verify import check, hard
from tests.builders import (
    LONE_MINOR,
    MAN,
    MEN,
    WOMAN,
    TourBuilder,
    crew,
    instance,
    neutral,
    party,
    people,
    plan,
    request,
)
from tests.verify.judge import ROAD, broken

OK: set[Rule] = set()
ALL_ON = neutral(strengths=())
GIRL = party(people(AgeBand.TEEN, Sex.FEMALE))
COUPLE = party(people(), people(sex=Sex.FEMALE))
WOMEN = party(people(sex=Sex.FEMALE, count=2))


def _pair(a: dict[str, Any], b: dict[str, Any], *, pooled: bool = True) -> set[Rule]:
    """Broken rules with requests R1 and R2 on board at the same moment, or one after the other."""
    problem = instance(
        request("R1", "A", "B", **a),
        request("R2", "A", "B", **b),
        parameters=ALL_ON,
        crews=(crew(female_officers=1),),
    )
    tour = TourBuilder(problem, ROAD)
    if pooled:
        tour.pickup("R1").pickup("R2").delivery("R1").delivery("R2")
    else:
        tour.ride("R1", "R2")
    return broken(problem, tour.build())


PAIRS: list[tuple[Rule, dict[str, Any], dict[str, Any]]] = [
    (Rule.SEPARATION, {"separate": True}, {}),
    (Rule.EXCLUSION, {"excluded": frozenset({"R2"})}, {}),
    (Rule.FAMILIES_APART, {"party": MEN}, {}),
    (Rule.WOMEN_ALONE, {"party": WOMAN}, {}),
    (Rule.LONE_MINOR, {"party": LONE_MINOR}, {}),
]


def _swapped(value: dict[str, Any]) -> dict[str, Any]:
    return {key: frozenset({"R1"}) if key == "excluded" else each for key, each in value.items()}


@pytest.mark.parametrize(("rule", "a", "b"), PAIRS, ids=[rule.value for rule, _, _ in PAIRS])
class TestPairs:
    def test_not_at_the_same_moment(self, rule: Rule, a: dict[str, Any], b: dict[str, Any]) -> None:
        assert _pair(a, b) == {rule}
        assert _pair(b, _swapped(a)) == {rule}

    def test_one_after_the_other(self, rule: Rule, a: dict[str, Any], b: dict[str, Any]) -> None:
        assert _pair(a, b, pooled=False) == OK

    def test_one_unit_may(self, rule: Rule, a: dict[str, Any], b: dict[str, Any]) -> None:
        assert _pair({**a, "unit": "U"}, {**b, "unit": "U"}) == OK
        assert _pair({**a, "unit": "U"}, {**b, "unit": "W"}) == {rule}
        assert _pair({**a, "unit": "U"}, b) == {rule}

    def test_an_override_of_either_lifts_it_where_it_can_be(
        self, rule: Rule, a: dict[str, Any], b: dict[str, Any]
    ) -> None:
        if rule in (Rule.FAMILIES_APART, Rule.WOMEN_ALONE):
            assert _pair({**a, "waived": frozenset({rule})}, b) == OK
            assert _pair(a, {**b, "waived": frozenset({rule})}) == OK
        else:
            with pytest.raises(ValueError, match="overridable rules only"):
                _pair({**a, "waived": frozenset({rule})}, b)


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        (MAN, MAN, OK),
        (MEN, MEN, OK),
        (WOMAN, WOMAN, OK),
        (MEN, COUPLE, OK),
        (WOMAN, MEN, {Rule.WOMEN_ALONE, Rule.FAMILIES_APART}),
        (WOMAN, WOMEN, {Rule.FAMILIES_APART}),
        (GIRL, WOMAN, {Rule.LONE_MINOR}),
        (GIRL, MAN, {Rule.LONE_MINOR}),
        (LONE_MINOR, LONE_MINOR, {Rule.LONE_MINOR}),
        (LONE_MINOR, WOMAN, {Rule.LONE_MINOR}),
    ],
)
def test_which_parties_may_ride_together(a: Party, b: Party, expected: set[Rule]) -> None:
    assert _pair({"party": a}, {"party": b}) == expected
    assert _pair({"party": b}, {"party": a}) == expected


def test_a_pair_is_told_once() -> None:
    requests = [request(f"R{i}", separate=i == 1) for i in (1, 2, 3)]
    problem = instance(*requests)
    tour = TourBuilder(problem, ROAD).pickup("R1").pickup("R2").pickup("R3")
    tour.delivery("R1").delivery("R2").delivery("R3")
    found = check(problem, ROAD, plan(tour.build()))
    assert [(v.rule, v.request) for v in found] == [(Rule.SEPARATION, "R2"), (Rule.SEPARATION, "R3")]


# --- officers ---------------------------------------------------------------------------------------------------------


def _escorted(parameters: ParameterSet, officers: int, *fields: dict[str, Any], female: int = 0) -> set[Rule]:
    """Broken rules with these requests on board at once and so many officers."""
    requests = tuple(request(f"R{i}", **each) for i, each in enumerate(fields))
    problem = instance(
        *requests,
        parameters=parameters,
        crews=(crew(heads=officers, officers=officers, female_officers=female),),
    )
    tour = TourBuilder(problem, ROAD)
    for each in requests:
        tour.pickup(each.id)
    for each in requests:
        tour.delivery(each.id)
    return broken(problem, tour.build())


@pytest.mark.parametrize(("adults", "needed"), [(1, 2), (3, 2), (4, 3), (6, 3), (7, 4)])
def test_officers_by_people_on_board(adults: int, needed: int) -> None:
    parameters = neutral(escorts=EscortRule(base=2, base_covers=3, per_further=3))
    loads = [{"load": 0}] * adults
    assert _escorted(parameters, needed, *loads) == OK
    assert _escorted(parameters, needed - 1, *loads) == {Rule.ESCORTS}


def test_children_under_14_are_not_counted_but_somebody_is_on_board() -> None:
    parameters = neutral(escorts=EscortRule(base=2))
    family = {"party": party(people(count=3), people(AgeBand.YOUNG, count=4)), "load": 0}
    assert _escorted(parameters, 2, family) == OK
    assert _escorted(parameters, 1, family) == {Rule.ESCORTS}
    children = {"party": party(people(AgeBand.YOUNG, count=2)), "load": 0}
    assert _escorted(parameters, 1, children) == {Rule.ESCORTS}


def test_without_the_rule_no_officer_is_needed_unless_a_request_asks() -> None:
    assert _escorted(neutral(), 0, {}) == OK
    asks = {"escort_officers": 2}
    assert _escorted(neutral(), 2, asks, {}) == OK
    assert _escorted(neutral(), 1, asks, {}) == {Rule.ESCORTS}


def test_demands_of_requests_do_not_add_up() -> None:
    assert _escorted(neutral(), 2, {"escort_officers": 2}, {"escort_officers": 1}) == OK


@pytest.mark.parametrize("who", [WOMAN, GIRL, COUPLE])
def test_a_female_officer_where_women_or_girls_travel(who: Party) -> None:
    assert _escorted(ALL_ON, 1, {"party": who}, female=1) == OK
    assert _escorted(ALL_ON, 1, {"party": who}) == {Rule.FEMALE_OFFICER}
    assert _escorted(ALL_ON, 1, {"party": who, "waived": frozenset({Rule.FEMALE_OFFICER})}) == OK


def test_one_override_does_not_lift_the_rule_for_another_woman() -> None:
    waived = {"party": WOMAN, "waived": frozenset({Rule.FEMALE_OFFICER})}
    assert _escorted(ALL_ON, 1, waived, {"party": WOMAN}) == {Rule.FEMALE_OFFICER}


@pytest.mark.parametrize("parameters", [ALL_ON, neutral()], ids=["enforced", "softened"])
def test_a_requests_own_demand_for_female_officers_always_holds(parameters: ParameterSet) -> None:
    asks = request("R1", escort_officers=2, escort_female=2, waived=frozenset({Rule.FEMALE_OFFICER}))
    for female, strengths in ((2, []), (1, [Strength.HARD])):
        problem = instance(asks, parameters=parameters, crews=(crew(female_officers=female),))
        found = hard(check(problem, ROAD, plan(TourBuilder(problem, ROAD).ride("R1").build())))
        assert [v.strength for v in found] == strengths
        assert {v.rule for v in found} <= {Rule.FEMALE_OFFICER}
