"""Every rule has a message in both languages, and every placeholder can be filled."""

from __future__ import annotations

import re

import pytest

import data
from optimizer.explain.finding import both
from optimizer.explain.lifts import Lift
from optimizer.explain.message import LANGUAGES, Message
from optimizer.explain.messages import MESSAGES
from optimizer.explain.messages_precise import ALSO_OTHERS, ALSO_PROMISED, MEANWHILE, PRECISE, WORDS, Precise
from optimizer.explain.tour import RULE_OF
from optimizer.model import CREW_NEEDS, Rule

ALL = [*((rule.value, m) for rule, m in MESSAGES.items()), *((f"precise {p.value}", m) for p, m in PRECISE.items())]
ACTORS = ("ABH", "ZAB", "ZFA", "LTraKo", "Disposition", "Nichts zu tun.")


class _Filled(str):
    """A value that stands for itself, and for many where it chooses a word."""

    __slots__ = ()

    def __format__(self, spec: str) -> str:
        return spec.partition("|")[2] or str(self)


def test_a_number_chooses_its_word() -> None:
    for number, german, english in ((1, "Es fehlt bis zu 1 min.", "1 min is missing."), (2, "Es fehlen", "2 min are")):
        texts, _ = PRECISE[Precise.AVAILABILITY].fill(both(minutes=number))
        assert german in texts["de"]
        assert english in texts["en"]
    texts, _ = PRECISE[Precise.BUDGET].fill(both(budget=1))
    assert texts["de"].endswith("höchstens 1 neue Fahrt in diesem Zeitraum.")


def test_every_rule_and_every_precise_case_has_a_message() -> None:
    assert set(MESSAGES) == set(Rule)
    assert set(PRECISE) == set(Precise)
    assert set(RULE_OF) == set(Lift) - {Lift.COMPANY}


@pytest.mark.parametrize("message", [m for _, m in ALL], ids=[name for name, _ in ALL])
def test_message_can_be_filled_in_both_languages(message: Message) -> None:
    values = {language: {name: _Filled(f"<{name}>") for name in message.fields} for language in LANGUAGES}
    texts, actions = message.fill(values)
    for told in (texts, actions):
        assert set(told) == {"de", "en"}
        assert told["de"] != told["en"]
        for text in told.values():
            assert text.endswith(".")
            assert not re.search(r"[{}]|  |\.\.", text)
    for pattern in (message.texts, message.actions):
        # What one language tells, the other tells too.
        assert set(re.findall(r"{(\w+)}", pattern["de"])) == set(re.findall(r"{(\w+)}", pattern["en"]))
        chosen = [pair for words in pattern.values() for pair in re.findall(r"{\w+:([^|}]*)\|([^}]*)}", words)]
        assert all(one != many for one, many in chosen)
    assert actions["de"].startswith(ACTORS), "says who could do something"


def test_a_message_for_a_rule_needs_no_figures() -> None:
    assert not [rule for rule, message in MESSAGES.items() if message.fields]


def test_a_missing_value_is_an_error() -> None:
    with pytest.raises(KeyError):
        PRECISE[Precise.SEATS].fill({"de": {"needed": 3}, "en": {"needed": 3}})


def test_words_are_there_in_both_languages() -> None:
    equipment = {feature for preset in data.vehicle_presets().values() for feature in preset.features}
    assert set(WORDS["de"]) == set(WORDS["en"]) >= {need.value for need in CREW_NEEDS} | equipment
    assert set(MEANWHILE["de"]) == set(MEANWHILE["en"])
    assert set(ALSO_OTHERS) == set(ALSO_PROMISED) == set(LANGUAGES)
