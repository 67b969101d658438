"""Parameters of the decree's measures: each with source and day, none unknown, the set of the day."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import date
from typing import Any

import pytest

import data
from data.service_parameters import (
    Parameter,
    read_service_parameters,
    service_parameter_ids,
    service_parameters,
)
from optimizer.errors import InputRejected, InvalidValue

DAY = date(2026, 10, 5)


def text() -> str:
    return data.path("parameters/service-nrw-2026-01.toml").read_text(encoding="utf-8")


def parameters(found: Any) -> Iterator[Parameter]:
    for field in fields(found):
        value = getattr(found, field.name)
        if isinstance(value, Parameter):
            yield value
        elif is_dataclass(value):
            yield from parameters(value)


def test_the_set_of_the_day() -> None:
    assert service_parameter_ids() == ("service-nrw-2026-01",)
    assert service_parameters(DAY).id == "service-nrw-2026-01"
    assert service_parameters(date(2026, 1, 1)).valid_from == date(2026, 1, 1)
    with pytest.raises(InvalidValue, match="a day on which a set holds"):
        service_parameters(date(2025, 12, 31))


def test_sets_of_the_optimizer_are_others() -> None:
    assert not set(service_parameter_ids()) & set(data.parameter_set_ids())


def test_transit_is_as_the_law_says() -> None:
    transit = service_parameters(DAY).transit
    assert (transit.apply_days_before.value, transit.decide_days.value, transit.extension_days.value) == (2, 2, 2)
    assert all("Best Rück Luft 2016" in each.source for each in (transit.apply_days_before, transit.decide_days))
    assert (transit.warn_hours_before_pickup.value, transit.red_hours_before_pickup.value) == (48, 24)


def test_every_parameter_names_its_source_and_its_day() -> None:
    found = list(parameters(service_parameters(DAY)))
    assert found
    assert all(each.source and each.valid_from <= DAY for each in found)


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("[transit]", "[transit", "not_toml"),
        ("decide_days = {", "decide_dais = {", "decide_dais"),
        ("value = 2,", 'value = "two",', "integer"),
        ("value = 2,", "value = -1,", "greater than or equal to 0"),
        ('kind = "law"', 'kind = "rumour"', "assumption"),
    ],
)
def test_what_is_wrong_is_named(old: str, new: str, what: str) -> None:
    with pytest.raises(InputRejected) as caught:
        read_service_parameters(re.sub(re.escape(old), new, text(), count=1), file="x.toml")
    assert what in str([(each.code, each.column, each.expected) for each in caught.value.problems])
