"""Every answer has its words in both languages, every placeholder is filled, and who could act is named."""

from __future__ import annotations

import re

import pytest

from optimizer.answer import Cause, Difference, Kind, Verdict
from optimizer.explain.message import LANGUAGES, Count, Message
from optimizer.explain.rule_names import RULE_NAMES, rule_names
from optimizer.model import Rule, Stage
from optimizer.why.measures import OF_ANYBODY
from optimizer.why.sorts import SORT_OF, Sort
from optimizer.why.texts import STAGES, VERDICTS, amount, price
from optimizer.why.texts_choice import CAUSES, changed
from optimizer.why.texts_combined import SHORT, SORTS, looked
from optimizer.why.texts_relaxed import RELAXED, relaxed

ACTORS = ("ABH", "ZAB", "LTraKo", "Disposition")
ALL: dict[str, Message] = {**{v.value: m for v, m in VERDICTS.items()}, **{k.value: m for k, m in RELAXED.items()}}


def test_nothing_is_without_words() -> None:
    by_rule = {Verdict.STATIC, Verdict.TOUR, Verdict.PLAN}
    assert set(VERDICTS) == set(Verdict) - by_rule
    assert set(RELAXED) == set(Kind)
    assert {measure.kind for measure in OF_ANYBODY} == set(Kind) - {Kind.RULE}
    assert set(CAUSES) == set(Cause)
    assert set(RULE_NAMES) == set(Rule)
    assert set(STAGES) == set(Stage)


@pytest.mark.parametrize("message", ALL.values(), ids=ALL.keys())
def test_a_message_says_the_same_in_both_languages(message: Message) -> None:
    for number in (1, 2):
        values = {name: Count(number) if name in ("size", "number") else f"<{name}>" for name in message.fields}
        texts, actions = message.fill(dict.fromkeys(LANGUAGES, values))
        for told in (texts, actions):
            assert told["de"] != told["en"]
            assert all(
                text.endswith(".") and not re.search(r"[{}|]|  |\.\.|\([a-z]+\)", text) for text in told.values()
            )
    for pattern in (message.texts, message.actions):
        assert set(re.findall(r"{(\w+)[}:]", pattern["de"])) == set(re.findall(r"{(\w+)[}:]", pattern["en"]))
    assert actions["de"].startswith(ACTORS)


@pytest.mark.parametrize("kind", SHORT)
def test_a_kind_is_told_as_part_of_a_sentence(kind: Kind) -> None:
    assert set(SHORT) == set(Kind) - {Kind.RULE}
    known = {"size": Count(1), "zab": "E", "vehicle": "V1", "rule": "window"}
    for text in SHORT[kind]:
        assert not re.search(r"[{}|]|  |\.", text.format(**known))


def test_sorts_and_what_was_looked_at_are_told_in_both_languages() -> None:
    assert set(SORTS) == set(Sort)
    assert set(SORT_OF) == set(Kind) - {Kind.RULE}
    for is_complete in (True, False):
        told = looked(set(Kind) - {Kind.RULE}, 3, is_complete=is_complete).texts
        assert told["de"] != told["en"]
        assert all(text.endswith(".") and not re.search(r"[{}|]", text) for text in told.values())


def test_a_number_chooses_its_word() -> None:
    assert f"{Count(1)} {Count(1):Tag|Tage}, {Count(2)} {Count(2):Tag|Tage}" == "1 Tag, 2 Tage"
    assert f"{Count(7):03}" == "007"


@pytest.mark.parametrize("cause", Cause)
def test_a_change_is_told_whole(cause: Cause) -> None:
    told = changed(cause, before="D1", after="D2", rule=Rule.LOAD, others=("R1",), price=(), minutes=-5)
    assert told["de"] != told["en"]
    assert all(text.endswith(".") and not re.search(r"[{}]", text) for text in told.values())


def test_amounts_are_minutes_euros_and_numbers() -> None:
    assert amount(Stage.CUSTODY, 90, "de") == "1,5 min"
    assert amount(Stage.NIGHT, 120, "en") == "2 min"
    assert amount(Stage.COST, 1_250_000, "de") == "1,25 EUR"
    assert amount(Stage.SERVED, 7, "en") == "7"


def test_the_first_stage_that_differs_decides() -> None:
    same = Difference(stage=Stage.SERVED, before=3, after=3)
    worse = Difference(stage=Stage.CUSTODY, before=0, after=600)
    assert price((same, worse), "en") == "time on board beyond the direct drive: 10 min instead of 0 min"
    assert price((same,), "de") == "kein Unterschied"
    assert worse.is_worse
    assert not worse.is_better


def test_a_rule_that_is_set_aside_is_named() -> None:
    texts, _ = relaxed(Kind.OVERRIDE, size=1, duty="D1", zab="Z1", vehicle=None, rule=Rule.DETOUR)
    assert rule_names((Rule.DETOUR,))["de"] in texts["de"]
