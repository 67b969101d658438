"""Parameters of the service: what ships is whole and has its sources; what is wrong is told by name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import date
from typing import Any

import pytest

import data
from data.service_parameters import (
    NEVER_LIFTED,
    Sourced,
    read_service_parameters,
    service_parameter_ids,
    service_parameters,
)
from optimizer.errors import InputRejected, InvalidValue

DAY = date(2026, 10, 5)


def text() -> str:
    return data.path("parameters/service-nrw-2026-01.toml").read_text(encoding="utf-8")


def values(found: Any, name: str = "") -> Iterator[tuple[str, Sourced[Any]]]:
    for field in fields(found):
        value, place = getattr(found, field.name), f"{name}.{field.name}".removeprefix(".")
        if isinstance(value, Sourced):
            yield place, value
        elif is_dataclass(value):
            yield from values(value, place)


def test_the_set_of_the_day() -> None:
    assert service_parameter_ids() == ("service-nrw-2026-01",)
    assert service_parameters(DAY).id == "service-nrw-2026-01"
    assert service_parameters() == service_parameters(date(2026, 1, 1))
    assert service_parameters(date(2020, 1, 1)) == service_parameters(date(2026, 1, 1)), "the first, before any began"


def test_they_are_no_sets_of_the_optimizer() -> None:
    assert not set(service_parameter_ids()) & set(data.parameter_set_ids())


def test_each_value_tells_its_source_and_first_day() -> None:
    found = dict(values(service_parameters(DAY)))
    tables = {"gates", "transit", "medical", "dublin", "disclosure", "retention", "reports", "master_data"}
    assert {name.partition(".")[0] for name in found} == tables
    assert all(each.source and each.valid_from <= DAY for each in found.values())
    assert all(each.source for each in service_parameters(DAY).dublin.regimes)


def test_numbers_are_those_of_the_law_and_of_the_decree() -> None:
    found = service_parameters(DAY)
    transit, dublin, kept = found.transit, found.dublin, found.retention
    assert (transit.apply_days_before.value, transit.decide_days.value, transit.extension_days.value) == (2, 2, 2)
    assert (transit.warn_hours_before_pickup.value, transit.red_hours_before_pickup.value) == (48, 24)
    lead = dublin.form_earliest_days.value, dublin.form_latest_days.value, dublin.form_special_latest_days.value
    assert lead == (14, 7, 21), "DVO (EU) 2025/2055 Art. 25 (2) and (3)"
    assert (kept.address_hours.value, kept.request_days.value, kept.log_years.value) == (24, 30, 1)
    assert kept.log_years.kind == "law"
    assert "§ 76" in kept.log_years.source
    assert (found.disclosure.after_end_hours.value, found.disclosure.least_group.value) == (24, 5)
    assert not NEVER_LIFTED & set(found.gates.may_be_lifted.value)


def test_regimes_hold_on_their_days() -> None:
    dublin = service_parameters(DAY).dublin
    assert {"604/2013", "2024/1351", "detention_end", "none"} <= {regime.id for regime in dublin.regimes}
    successor = dublin.regime("2024/1351")
    assert successor is not None
    assert [successor.is_valid_on(date(2026, month, day)) for month, day in ((6, 30), (7, 1))] == [False, True]
    assert dublin.regime("343/2003") is None
    changed = text().replace('id = "none"', 'id = "none"\nvalid_until = 2026-12-31', 1)
    ended = read_service_parameters(changed, file="x").dublin.regime("none")
    assert ended is not None
    assert [ended.is_valid_on(day) for day in (date(2026, 12, 31), date(2027, 1, 1))] == [True, False]


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("[gates.announcement_months]\n# Between the announcement and the pick-up.\nvalue = 1",
         "[gates.announcement_months]\nvalue = 0", "announcement_months"),
        ('value = ["fitness_to_travel"', 'value = ["court_order"', "gates.may_be_lifted"),
        ('value = ["fitness_to_travel"', 'value = ["horoscope"', "gates.may_be_lifted"),
        ("value = 24\n", "value = 23\n", "gates.clearance_hours_before_pickup"),
        ("decide_days = {", "decide_dais = {", "decide_dais"),
        ("value = 2,", 'value = "two",', "apply_days_before"),
        ("value = 2,", "value = -1,", "apply_days_before"),
        ("value = 14\n", 'value = "two weeks"\n', "form_earliest_days"),
        ("value = 7\n", "value = 15\n", "form_latest_days"),
        ("value = 28\n", "value = 20\n", "form_special_latest_days"),
        ("value = 3\n", "value = -1\n", "amtshilfe_examine_days"),
        ("[dublin.form_latest_days]", "[dublin.form_last_days]", "form_last_days"),
        ('id = "none"', 'id = "other"', "regimes"),
        ('source = "DVO (EU) 2025/2055 Art. 25 (2)"', 'source = " "', "source"),
        ("value = 62", 'value = "62"', "statistics_days"),
        ("value = 62", "value = -1", "statistics_days"),
        ("value = 5\n", "value = 1\n", "disclosure.least_group"),
        ("[retention.run_days]\nvalue = 30", "[retention.run_days]\nvalue = 31", "retention.run_days"),
        ("value = 92", "value = 0", "master_data.longest_range_days"),
        ('kind = "law"', 'kind = "rumour"', "kind"),
        ("[disclosure.least_group]", "[weather.least_group]", "weather"),
        ('id = "service-nrw-2026-01"', "id = ", "not_toml"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told(old: str, new: str, named: str) -> None:
    assert old in text()
    with pytest.raises(InputRejected, match=named):
        read_service_parameters(text().replace(old, new, 1), file="broken.toml")


def test_a_value_without_source_is_refused() -> None:
    given = service_parameters().disclosure.least_group
    with pytest.raises(InvalidValue, match="source"):
        Sourced(value=5, source=" ", kind="law", valid_from=given.valid_from)
