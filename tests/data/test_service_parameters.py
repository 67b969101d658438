"""Parameters of the service: what ships is whole and has its sources; what is wrong is told."""

from __future__ import annotations

from dataclasses import fields
from datetime import date

import pytest

import data
from data.service_parameters import SERVICE_PARAMETERS, Dublin, read_service_parameters, service_parameters
from optimizer.errors import InputRejected


def text() -> str:
    return data.path(f"parameters/{SERVICE_PARAMETERS}.toml").read_text(encoding="utf-8")


def test_each_value_tells_its_source_and_first_day() -> None:
    dublin = service_parameters().dublin
    for field in fields(Dublin):
        values = getattr(dublin, field.name)
        for value in values if isinstance(values, tuple) else (values,):
            assert value.source, field.name
            assert isinstance(value.valid_from, date)
    assert SERVICE_PARAMETERS not in data.parameter_set_ids(), "no set of the optimizer"


def test_the_lead_of_the_form_is_that_of_the_law() -> None:
    """DVO (EU) 2025/2055 Art. 25 (2) and (3)."""
    dublin = service_parameters().dublin
    lead = dublin.form_earliest_days.value, dublin.form_latest_days.value, dublin.form_special_latest_days.value
    assert lead == (14, 7, 21)


def test_regimes_hold_on_their_days() -> None:
    dublin = service_parameters().dublin
    assert {"604/2013", "2024/1351", "detention_end", "none"} <= {regime.id for regime in dublin.regimes}
    successor = dublin.regime("2024/1351")
    assert successor is not None
    assert [successor.is_valid_on(date(2026, month, day)) for month, day in ((6, 30), (7, 1))] == [False, True]
    assert dublin.regime("343/2003") is None
    ended = read_service_parameters(
        text().replace('id = "none"', 'id = "none"\nvalid_until = 2026-12-31', 1), file="x"
    ).dublin.regime("none")
    assert ended is not None
    assert [ended.is_valid_on(day) for day in (date(2026, 12, 31), date(2027, 1, 1))] == [True, False]


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("value = 14", 'value = "two weeks"', "form_earliest_days"),
        ("value = 7\n", "value = 15\n", "form_latest_days"),
        ("value = 28", "value = 20", "form_special_latest_days"),
        ("value = 3\n", "value = -1\n", "amtshilfe_examine_days"),
        ("[dublin.form_latest_days]", "[dublin.form_last_days]", "form_last_days"),
        ('id = "none"', 'id = "other"', "regimes"),
        ('source = "DVO (EU) 2025/2055 Art. 25 (2)"', 'source = " "', "source"),
        ("[dublin.routing]", "[dublin.routing", "not_toml"),
    ],
)
def test_what_is_wrong_is_told(old: str, new: str, named: str) -> None:
    assert old in text()
    with pytest.raises(InputRejected, match=named):
        read_service_parameters(text().replace(old, new, 1), file="broken.toml")
