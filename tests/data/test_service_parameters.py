"""Numbers of the service alone: each with its day and its source, mistakes told by name."""

from __future__ import annotations

from dataclasses import fields
from datetime import date

import pytest

import data
from data.service_parameters import Dated, read_service_parameters
from optimizer.errors import InputRejected, InvalidValue

FILE = "parameters/service-nrw-2026-01.toml"


def text() -> str:
    return data.path(FILE).read_text(encoding="utf-8")


def test_each_value_has_its_day_and_source() -> None:
    found = data.service_parameters()
    values = [
        getattr(table, field.name)
        for table in (getattr(found, each.name) for each in fields(found) if each.name != "id")
        for field in fields(table)
    ]
    assert values
    assert all(isinstance(each, Dated) and each.source and each.valid_from == date(2026, 1, 1) for each in values)
    assert found.reports.least_group.value == 5
    assert found.master_data.days_ahead.value == 28


def test_they_are_no_parameter_set_of_the_optimizer() -> None:
    assert data.DEFAULT_SERVICE_PARAMETERS not in data.parameter_set_ids()


@pytest.mark.parametrize(
    ("old", "new", "parameter"),
    [
        ("value = 5\n", "value = 1\n", "reports.least_group"),
        ("value = 5\n", 'value = "five"\n', "reports.least_group.value"),
        ("[reports.least_group]", "[reports.most_group]", "reports.most_group"),
        ('kind = "assumption"', 'kind = "guess"', "kind"),
        ('source = "a quarter of a year"', 'source = " "', "source"),
        ('id = "service-nrw-2026-01"', "id = ", ""),
    ],
)
def test_mistakes_are_told_with_the_parameter(old: str, new: str, parameter: str) -> None:
    assert old in text()
    with pytest.raises(InputRejected) as caught:
        read_service_parameters(text().replace(old, new, 1), file=FILE)
    told = [f"{problem.column}: {problem.expected}" for problem in caught.value.problems]
    assert any(parameter in each for each in told), told


def test_unknown_sets_are_refused() -> None:
    with pytest.raises(InvalidValue, match="service-nrw-2026-01"):
        data.service_parameters("service-nrw-1999-01")
