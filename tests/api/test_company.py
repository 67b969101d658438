"""Who rides is not told by way of a rule: for every such rule, every role, and every place where reasons go out."""

from __future__ import annotations

import json
import uuid
from datetime import date
from typing import Any

import pytest

from api import company
from api.actor import Actor
from api.company import ACTIONS, COMPANY, CREW, CREW_RULES, TEXTS, instead
from api.db.tables import Account, DutyRow, Organisation, Override, TransportRequest
from api.mapping.horizon import Horizon
from api.routes.explanation_views import _View
from api.schemas.approvals import OverrideShown
from api.schemas.proposals import LiftedRule
from api.services import tours
from api.services.proposals import plan_broken, violations_told
from api.services.verdicts import Broken, Verdict
from api.workflow import Role, State
from optimizer.answer import Combination, Granter, Kind, Relaxation, Unit, WhatHelps, WhyNot, Witness
from optimizer.answer import Verdict as Standing
from optimizer.explain.messages import MESSAGES
from optimizer.explain.rule_names import RULE_NAMES, with_others
from optimizer.granted import ReleasePin
from optimizer.model import COMPANY_RULES, Rule, Strength
from optimizer.why.measure import Measure, Step
from optimizer.why.measures import OF_ANYBODY
from optimizer.why.texts_combined import combined, part_of
from optimizer.why.texts_relaxed import relaxed
from tests.api.decision_world import Desk
from tests.api.house import House
from tests.api.jobs.plan_world import NOW, hours
from tests.api.pages.filled import reader

RULES = sorted(COMPANY_RULES)
KNOWING = {"essen", "essen-lead", "ltrako"}
"""The ZAB of the duty, and who coordinates."""
ROLES = {"abh": Role.ABH, "essen": Role.ZAB_DISPATCHER, "essen-lead": Role.ZAB_LEAD, "ltrako": Role.LTRAKO}
DUTY = "01a20000-0000-7000-8000-000000000009"
ESSEN, OTHER = uuid.uuid4(), uuid.uuid4()


def gives_away(told: Any, rule: Rule) -> bool:
    """Whether an answer names the rule: by its code, its name, or its text."""
    text = json.dumps(told, ensure_ascii=False, default=str)
    return any(each in text for each in (rule.value, *RULE_NAMES[rule], *MESSAGES[rule].texts.values()))


def reason(rule: Rule) -> dict[str, Any]:
    said = MESSAGES[rule]
    return {
        "zab": "zab:essen", "duty": DUTY, "obstacle": "tour", "rule": rule.value, "texts": dict(said.texts),
        "actions": dict(said.actions), "displaces": [],
    }  # fmt: skip


def test_every_rule_about_two_who_share_a_vehicle_is_among_them() -> None:
    assert set(COMPANY_RULES) == {rule for rule in Rule if "shared" in MESSAGES[rule].texts["en"]}


def reasons_are_told(house: House, request: str, rule: Rule, knowing: set[str], instead: tuple[Any, ...]) -> None:
    """Give a request this reason; those who may know read it, all others code, texts and actions of ``instead``."""
    Desk(house).change(TransportRequest, request, reasons={"items": [reason(rule)]}, matched_at=NOW)
    for who in ("abh", "essen", "essen-lead", "koeln", "koeln-lead", "ltrako", "auditor"):
        told = house[who].get(f"/requests/{request}/reasons")
        assert gives_away(told, rule) is (who in knowing), (rule, who)
        if who not in knowing:
            (item,) = told["items"]
            assert (item["rule"], item["texts"], item["actions"]) == instead


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_reasons_and_pool(house: House) -> None:
    request = house.pooled(1)
    for rule in RULES:
        reasons_are_told(house, request, rule, KNOWING, (COMPANY, TEXTS, ACTIONS))
        for who in ("abh", "essen", "koeln", "ltrako", "zfa", "zrk"):
            for path in ("/pool", "/requests"):
                assert not gives_away(house[who].get(path), rule), (rule, who, path)


def view(who: str) -> _View:
    """How somebody sees answers about a duty of Essen."""
    zab = OTHER if who.startswith("koeln") else ESSEN
    role = ROLES[who.replace("koeln", "essen")]
    return _View(
        actor=Actor(role=role, organisation_id=zab if role is not Role.ABH else OTHER),
        horizon=Horizon(first=date(2026, 10, 5), last=date(2026, 10, 5)), request="R1",
        duties={DUTY: DutyRow(id=uuid.UUID(DUTY), zab_id=ESSEN, zab=Organisation(code="zab:essen"), code="E-1")},
    )  # fmt: skip


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("who", ["abh", "essen", "essen-lead", "koeln", "koeln-lead", "ltrako"])
def test_answers_to_questions(rule: Rule, who: str) -> None:
    first = MESSAGES[Rule.WINDOW]
    for rules, said in (
        ((rule,), dict(MESSAGES[rule].texts)),
        ((rule, Rule.LOAD), with_others(MESSAGES[rule].texts, [Rule.LOAD])),
        ((Rule.WINDOW, rule, Rule.LOAD), with_others(first.texts, [rule, Rule.LOAD])),
    ):
        answer = WhyNot(
            request="R1", duty=DUTY, zab="zab:essen", verdict=Standing.TOUR, rules=rules, reason=rules[0].value,
            texts=said, actions=MESSAGES[rules[0]].actions,
        )  # fmt: skip
        (told,) = view(who).why_not([answer])
        shown = told.model_dump(mode="json")
        assert gives_away(shown, rule) is (who in KNOWING), shown
        if who not in KNOWING:
            assert COMPANY in told.rules
            assert TEXTS["de"] in told.texts["de"]
            assert (RULE_NAMES[Rule.LOAD][0] in told.texts["de"]) is (Rule.LOAD in rules), "others are named"
            assert (first.texts["de"] in told.texts["de"]) is (Rule.WINDOW in rules)
    for kind in (Kind.OVERRIDE, Kind.RULE):
        texts, actions = relaxed(kind, size=1, duty=DUTY, zab="zab:essen", vehicle=None, rule=rule)
        lifted = Relaxation(
            kind=kind, granter=Granter.ZAB, duty=DUTY, zab="zab:essen", size=1, unit=Unit.DECISIONS, texts=texts,
            actions=actions, rule=rule,
        )  # fmt: skip
        helps = view(who).what_helps(WhatHelps(request="R1", fits_on=None, relaxations=(lifted,)))
        assert gives_away(helps.model_dump(mode="json"), rule) is (who in KNOWING)
    both = WhatHelps(request="R1", fits_on=None, relaxations=(), combinations=(together(rule),))
    told_both = view(who).what_helps(both)
    assert gives_away(told_both.model_dump(mode="json"), rule) is (who in KNOWING)
    assert [part.kind for part in told_both.combinations[0].parts] == [Kind.OVERRIDE, Kind.PICKUP_LATER]


def together(rule: Rule) -> Combination:
    """An exception to a rule, and a later pick-up."""
    exception = Measure(
        kind=Kind.OVERRIDE, granter=Granter.ZAB, unit=Unit.DECISIONS, steps=lambda *_: (), rule=rule
    )  # fmt: skip
    later = next(measure for measure in OF_ANYBODY if measure.kind is Kind.PICKUP_LATER)
    first, second = (
        part_of(measure, Step(size=size, granted=ReleasePin(request="R")), duty=DUTY, zab="zab:essen")
        for measure, size in ((exception, 1), (later, 5))
    )
    texts, actions = combined((first, second), DUTY)
    return Combination(
        parts=(first, second), duty=DUTY, zab="zab:essen", texts=texts, actions=actions, witness=Witness(tours=()),
    )  # fmt: skip


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("who", list(ROLES))
def test_what_the_checker_refuses(rule: Rule, who: str) -> None:
    said = MESSAGES[rule]
    broken = [
        Broken(code=rule.value, strength=Strength.OVERRIDABLE, texts=said.texts, actions=said.actions, is_own=is_own)
        for is_own in (True, False)
    ]
    verdict = Verdict(pickup_at=NOW, handover_at=NOW, broken=tuple(broken), figures=None)
    problem = plan_broken(verdict, "Nothing was changed.", role=ROLES[who])
    assert gives_away(problem.document(), rule) is (who in KNOWING)
    assert len(violations_told(verdict, ROLES[who])) == (2 if who in KNOWING else 1)


def test_what_is_about_others_on_the_tour_is_told_an_owner_as_such_only() -> None:
    said = MESSAGES[Rule.NIGHT_CHILDREN]
    other = Broken(
        code=Rule.NIGHT_CHILDREN.value, strength=Strength.OVERRIDABLE, texts=said.texts, actions=said.actions,
        is_own=False,
    )  # fmt: skip
    verdict = Verdict(pickup_at=NOW, handover_at=NOW, broken=(other,), figures=None)
    assert [each["rule"] for each in violations_told(verdict, Role.ABH)] == [COMPANY]
    assert [each["rule"] for each in violations_told(verdict, Role.ZAB_LEAD)] == [Rule.NIGHT_CHILDREN]


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_an_owner_whose_counter_proposal_fits_no_more_learns_nothing_of_who_came(house: House) -> None:
    desk = Desk(house)
    _, duty, proposal = desk.offered()
    offered = {"code": "other_time", "pickup_at": hours(7.5).isoformat(), "handover_at": hours(8.75).isoformat()}
    house["essen"].do(f"/proposals/{proposal}/counter", offered)
    woman = house.pooled(2, by="abh-other", place="05315000", people=[{"age": "adult", "sex": "f", "count": 1}])
    with house.store.writing() as session:
        row = session.get_one(TransportRequest, uuid.UUID(woman))
        row.state = State.CONFIRMED
        on = tours.lock_duty(session, uuid.UUID(duty))
        tours.put_on(session, on, row, pickup_at=hours(7), handover_at=hours(9), now=NOW)
    told = house["abh"].do(f"/proposals/{proposal}/accept-counter", status=409)
    assert COMPANY in {each["rule"] for each in told["violations"]}
    assert not any(gives_away(told, rule) for rule in RULES)


@pytest.mark.parametrize("rule", RULES)
def test_what_a_zab_lifted_tells_an_owner_nothing_of_who_rides_with_it(rule: Rule) -> None:
    zab = Account(role=Role.ZAB_LEAD, organisation_id=ESSEN, organisation=Organisation(code="zab:essen"))
    owner = Account(role=Role.ABH, organisation_id=OTHER, organisation=Organisation(code="abh:05113000"))
    of_zab, of_owner = (
        Override(id=uuid.uuid4(), rule=rule.value, reason="why", account=each, created_at=NOW) for each in (zab, owner)
    )
    assert LiftedRule.of(of_zab, Role.ABH).rule == COMPANY
    assert LiftedRule.of(of_owner, Role.ABH).rule == rule
    assert LiftedRule.of(of_zab, Role.ZAB_DISPATCHER).rule == LiftedRule.of(of_zab, Role.LTRAKO).rule == rule
    for actor, is_full, knows in (
        (Actor(role=Role.ABH, organisation_id=OTHER), True, False),
        (Actor(role=Role.AUDITOR), True, False),
        (Actor(role=Role.ZAB_DISPATCHER, organisation_id=uuid.uuid4()), False, False),
        (Actor(role=Role.ZAB_DISPATCHER, organisation_id=ESSEN), True, True),
        (Actor(role=Role.LTRAKO), False, True),
    ):
        shown = OverrideShown.of(of_zab, actor, is_full=is_full)
        assert (shown.rule, shown.reason) == ((rule if knows else COMPANY), "why" if knows and is_full else None)


# --- who must go along ------------------------------------------------------------------------------------------------


OF_CREWS = sorted(CREW_RULES)
OWNING = KNOWING | {"abh"}
"""Who owns the duty or the request, and who coordinates."""


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_that_escorts_are_missing_is_told_to_owners_alone(house: House) -> None:
    request = house.pooled(1)
    for rule in OF_CREWS:
        reasons_are_told(house, request, rule, OWNING, (CREW, *(company.said(CREW) or ())))
        for who in ("abh", "essen", "koeln", "ltrako", "zfa", "zrk"):
            for path in ("/pool", "/requests"):
                told = [each.get("reasons", []) for each in house[who].get(path)["items"]]
                assert not gives_away(told, rule), (rule, who, path)
    shown = reader(house, "koeln").get(f"/requests/{request}")
    assert "Das Personal dort reicht für diese Fahrt nicht aus." in shown


@pytest.mark.parametrize("rule", OF_CREWS)
@pytest.mark.parametrize("who", ["abh", "essen", "essen-lead", "koeln", "koeln-lead", "ltrako"])
def test_answers_to_questions_about_escorts(rule: Rule, who: str) -> None:
    for rules, texts in (
        ((rule,), dict(MESSAGES[rule].texts)),
        ((Rule.WINDOW, rule, Rule.LOAD), with_others(MESSAGES[Rule.WINDOW].texts, [rule, Rule.LOAD])),
        # With one that tells of those who ride: an owner is told its own, and not that.
        ((rule, Rule.WOMEN_ALONE), with_others(MESSAGES[rule].texts, [Rule.WOMEN_ALONE])),
    ):
        answer = WhyNot(
            request="R1", duty=DUTY, zab="zab:essen", verdict=Standing.TOUR, rules=rules, reason=rules[0].value,
            texts=texts, actions=MESSAGES[rules[0]].actions,
        )  # fmt: skip
        (told,) = view(who).why_not([answer])
        shown = told.model_dump(mode="json")
        assert gives_away(shown, rule) is (who in OWNING), shown
        assert gives_away(shown, Rule.WOMEN_ALONE) is (who in KNOWING and Rule.WOMEN_ALONE in rules)
        assert (CREW in told.rules) is (who not in OWNING)
        assert (RULE_NAMES[Rule.LOAD][0] in told.texts["de"]) is (Rule.LOAD in rules), "others are named"


@pytest.mark.parametrize("rule", OF_CREWS)
def test_what_was_lifted_for_its_own_people_an_owner_may_know(rule: Rule) -> None:
    zab = Account(role=Role.ZAB_LEAD, organisation_id=ESSEN, organisation=Organisation(code="zab:essen"))
    row = Override(id=uuid.uuid4(), rule=rule.value, reason="why", account=zab, created_at=NOW)
    assert LiftedRule.of(row, Role.ABH).rule == rule
    assert LiftedRule.of(row, Role.AUDITOR).rule == CREW
    other = Actor(role=Role.ZAB_DISPATCHER, organisation_id=OTHER)
    assert OverrideShown.of(row, other, is_full=False).rule == CREW


def test_what_tells_of_nobody_is_told_to_all() -> None:
    hidden = {rule for rule in Rule if instead(rule, knows=False, owns=False)}
    assert hidden == COMPANY_RULES | CREW_RULES
    assert {rule for rule in Rule if instead(rule, knows=False, owns=True)} == COMPANY_RULES
    assert not any(instead(rule, knows=True, owns=False) for rule in Rule)
