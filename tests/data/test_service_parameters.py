"""Parameters of the service: every number has its source; a file that is wrong is refused with what is wrong."""

from __future__ import annotations

import pytest

import data
from data.service_parameters import Number, read_service_parameters, service_parameter_ids, service_parameters
from optimizer.errors import InputRejected, InvalidValue


def text() -> str:
    return data.path("parameters/service-nrw-2026-01.toml").read_text(encoding="utf-8")


def test_periods_and_disclosure() -> None:
    found = service_parameters()
    assert found.id == "service-nrw-2026-01"
    assert (found.disclosure.after_end_hours.value, found.disclosure.least_group.value) == (24, 5)
    kept = found.retention
    assert (kept.address_hours.value, kept.request_days.value, kept.log_years.value) == (24, 30, 1)
    assert kept.run_days.value <= kept.request_days.value
    assert kept.statistics_days.value > kept.request_days.value
    assert kept.log_years.kind == "law"
    assert "§ 76" in kept.log_years.source


def test_every_number_has_a_source_and_a_day() -> None:
    found = service_parameters()
    numbers = found.numbers()
    assert {"disclosure.least_group", "retention.address_hours"} <= set(numbers)
    assert all(len(each.source) > 10 and each.valid_from >= found.valid_from for each in numbers.values())


def test_they_are_no_sets_of_the_optimizer() -> None:
    assert service_parameter_ids() == ("service-nrw-2026-01",)
    assert not set(service_parameter_ids()) & set(data.parameter_set_ids())
    with pytest.raises(InvalidValue, match="service parameters"):
        service_parameters("nrw-2026-01")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("value = 62", 'value = "62"', "statistics_days.value"),
        ("value = 62", "value = -1", "at least 0"),
        ("[disclosure.least_group]", "[disclosure.lest_group]", "lest_group"),
        ("[retention.run_days]\nvalue = 30", "[retention.run_days]\nvalue = 31", "run_days"),
        ('kind = "law"', 'kind = "rumour"', "kind"),
        ("[disclosure.least_group]", "[weather.least_group]", "weather"),
        ("valid_from", "valid from", "not_toml"),
    ],
)
def test_what_is_wrong_is_named(old: str, new: str, told: str) -> None:
    assert old in text()
    with pytest.raises(InputRejected, match=told):
        read_service_parameters(text().replace(old, new), file="some.toml")


def test_a_number_without_source_is_refused() -> None:
    given = service_parameters().disclosure.least_group
    with pytest.raises(InvalidValue, match="source"):
        Number(value=5, source=" ", kind="law", valid_from=given.valid_from)
