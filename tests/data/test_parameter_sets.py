from __future__ import annotations

import re
from dataclasses import fields

import pytest

import data
from optimizer.errors import InputRejected, InvalidValue
from optimizer.model import DeadlineClass, ParameterSet, Rule, Strength


def text() -> str:
    return data.path("parameters/nrw-2026-01.toml").read_text(encoding="utf-8")


def test_rule_table() -> None:
    p = data.parameter_set()
    assert (p.id, p.valid_from) == ("nrw-2026-01", "2026-01-01")
    assert (p.ride_cap, p.ride_cap_children) == (300 * 60, 240 * 60)
    assert (p.detour_permille, p.detour_allowance, p.max_wait) == (1300, 30 * 60, 45 * 60)
    assert (p.rest_every, p.rest_every_children, p.rest_length) == (120 * 60, 90 * 60, 10 * 60)
    assert (p.day_start, p.day_end) == (6 * 3600, 21 * 3600)
    assert [p.escorts.officers(adults) for adults in (1, 3, 4, 6, 7)] == [2, 2, 3, 3, 4]
    profile = p.profile("arbzg")
    assert [profile.break_needed(h * 3600) for h in (6, 7, 9)] == [0, 1800, 1800]
    assert profile.break_needed(9 * 3600 + 1801) == 2700
    assert (profile.max_span, profile.rest, profile.step) == (600 * 60, 660 * 60, 900)
    assert (profile.max_drive, profile.drive_break) == (270 * 60, 2700)
    assert [p.service.pickup(people) for people in (1, 2, 3, 4, 5)] == [1800, 2700, 2700, 3300, 3900]
    assert (p.service.handover, p.service.handover_before_departure, p.service.handover_before_charter) == (
        1800,
        7200,
        10800,
    )
    assert p.travel.margin_permille == 150
    assert p.weight(DeadlineClass.URGENT) > p.weight(DeadlineClass.SOON) > p.weight(DeadlineClass.NORMAL)
    assert p.fallback_before_pickup == 48 * 3600
    assert all(p.strength(rule) is not Strength.WARN for rule in Rule if rule is not Rule.DRIVER_BREAK)


def test_every_parameter_names_its_source() -> None:
    p = data.parameter_set()
    told = {name.split(".")[0].strip() for source in p.sources for name in source.parameter.split(",")}
    expected = {field.name for field in fields(ParameterSet)} - {"id", "valid_from", "sources"}
    assert expected <= told
    assert {source.kind for source in p.sources} <= {"law", "press", "assumption"}
    for group in ("escorts", "service", "travel"):
        named = {name.strip() for source in p.sources for name in source.parameter.split(",")}
        for field in fields(getattr(p, group)):
            assert f"{group}.{field.name}" in named


def test_nothing_of_the_file_is_left_to_a_default() -> None:
    keys = set(re.findall(r"^\[?\[?(\w+)", text(), flags=re.MULTILINE))
    assert {field.name for field in fields(ParameterSet)} <= keys


def test_known_ids() -> None:
    assert data.parameter_set_ids() == ("nrw-2026-01",)
    assert data.parameter_set("nrw-2026-01") == data.parameter_set()
    with pytest.raises(InvalidValue, match="nrw-2026-01"):
        data.parameter_set("nrw-1999-01")
    with pytest.raises(InvalidValue):
        data.parameter_set("../secrets")


@pytest.mark.parametrize(
    ("old", "new", "column"),
    [
        ("ride_cap = 18000", 'ride_cap = "long"', "ride_cap"),
        ("ride_cap = 18000", "ride_cap = 300.5", "ride_cap"),
        ("max_wait = 2700", "max_weight = 2700", "max_weight"),
        ("urgent = 4", "urgently = 4", "deadline_weights.0.0"),
        ("base = 2 ", "base = -2 ", "escorts"),
        ("[strengths]", '[strengths]\nload = "warn"', ""),
        ("day_end = 75600", "day_end = 3600", ""),
    ],
)
def test_mistakes_are_told_with_the_parameter(old: str, new: str, column: str) -> None:
    assert old in text()
    with pytest.raises(InputRejected) as caught:
        data.read_parameter_set(text().replace(old, new), file="mine.toml")
    assert [problem.file for problem in caught.value.problems] == ["mine.toml"]
    assert column in [problem.column for problem in caught.value.problems] or column == ""


def test_text_that_is_no_toml() -> None:
    with pytest.raises(InputRejected, match="not_toml"):
        data.read_parameter_set("id = = 3", file="mine.toml")


def test_a_strength_may_be_changed() -> None:
    p = data.read_parameter_set(text().replace("[strengths]", '[strengths]\nwomen_alone = "warn"'), file="mine.toml")
    assert not p.enforced(Rule.WOMEN_ALONE)
    assert data.parameter_set().enforced(Rule.WOMEN_ALONE)
