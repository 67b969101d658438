from __future__ import annotations

from dataclasses import fields
from datetime import date

import pytest

import data
from data.service_parameters import (
    PREFIX,
    EntryRules,
    GateRules,
    read_service_parameters,
    service_parameter_ids,
    service_parameters,
)
from optimizer.errors import InputRejected


def text() -> str:
    return data.path("parameters/service-nrw-2026-01.toml").read_text(encoding="utf-8")


def test_values() -> None:
    found = service_parameters(date(2026, 10, 5))
    assert (found.id, found.valid_from) == ("service-nrw-2026-01", date(2026, 1, 1))
    assert (found.gates.announcement_months, found.gates.clearance_hours_before_pickup) == (1, 24)
    assert found.gates.may_be_lifted == ("fitness_to_travel", "medical_reception")
    entry = found.entry
    assert (entry.transit_apply_days, entry.transit_decision_days, entry.transit_decision_extra_days) == (2, 2, 2)
    assert (entry.dublin_form_days, entry.dublin_form_earliest_days, entry.dublin_form_days_special) == (7, 14, 21)


def test_every_value_names_its_source() -> None:
    found = service_parameters(date(2026, 10, 5))
    told = {name.strip() for source in found.sources for name in source.parameter.split(",")}
    for table, kind in (("gates", GateRules), ("entry", EntryRules)):
        assert {f"{table}.{field.name}" for field in fields(kind)} <= told
    assert {source.kind for source in found.sources} <= {"law", "press", "assumption"}


def test_they_are_no_sets_of_the_optimizer() -> None:
    assert service_parameter_ids() == ("service-nrw-2026-01",)
    assert not any(name.startswith(PREFIX) for name in data.parameter_set_ids())


def test_before_any_holds_the_first_one_does() -> None:
    assert service_parameters(date(2020, 1, 1)) == service_parameters(date(2026, 1, 1))


@pytest.mark.parametrize(
    ("old", "new", "column"),
    [
        ("announcement_months = 1 ", "announcement_months = 0 ", "gates.announcement_months"),
        ("announcement_months = 1 ", 'announcement_months = "one" ', "gates.announcement_months"),
        ("announcement_months = 1 ", "months = 1 ", "gates"),
        ('may_be_lifted = ["fitness_to_travel"', 'may_be_lifted = ["court_order"', "gates.may_be_lifted"),
        ('may_be_lifted = ["fitness_to_travel"', 'may_be_lifted = ["horoscope"', "gates.may_be_lifted"),
        ("transit_apply_days = 2 ", "transit_apply_days = -2 ", "entry.transit_apply_days"),
        ("dublin_form_days = 7 ", "dublin_form_days = 15 ", "entry.dublin_form_days"),
        ("[entry]", "[entries]", "entries"),
    ],
)
def test_mistakes_are_told_with_the_value(old: str, new: str, column: str) -> None:
    assert old in text()
    with pytest.raises(InputRejected) as caught:
        read_service_parameters(text().replace(old, new), file="mine.toml")
    assert all(problem.column.startswith(column) for problem in caught.value.problems)


def test_text_that_is_no_toml() -> None:
    with pytest.raises(InputRejected, match="not_toml"):
        read_service_parameters("id = = 3", file="mine.toml")
