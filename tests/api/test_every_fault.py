"""A field that is wrong hides nothing that is wrong between others: duties, patterns, absences."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from api.errors import text_of
from api.schemas.base import Body
from api.schemas.duties import NewAbsence, NewDuty
from api.schemas.patterns import NewPattern

KEY = "0199a000-0000-7000-8000-000000000001"
DUTY: dict[str, Any] = {
    "code": "D-1", "crew_id": KEY, "vehicle_id": KEY, "starts_at": "2026-10-05T06:00:00+02:00",
    "ends_at": "2026-10-05T14:00:00+02:00",
}  # fmt: skip
PATTERN: dict[str, Any] = {
    "code": "P-1", "crew_id": KEY, "vehicle_id": KEY, "weekdays": [1], "begins": "06:00", "ends": "14:00",
    "valid_from": "2026-10-05",
}  # fmt: skip
ABSENCE: dict[str, Any] = {
    "crew_id": KEY, "starts_at": "2026-10-05T00:00:00Z", "ends_at": "2026-10-06T00:00:00Z", "code": "ill",
}  # fmt: skip
SHIFT = "starts_at: expected it before ends_at; turn the shift round"
WINDOW = "vehicle_from, vehicle_to: expected starts_at <= vehicle_from <= vehicle_to <= ends_at"
WITHIN = "vehicle_begins, vehicle_ends: expected both within the shift, in order"
VALID = "valid_to: expected it at or after valid_from"
LONG = "ends: expected a shift of at most 23 h by the local clock"
WHOM = "crew_id, vehicle_id: expected exactly one of them"
ORDER = "starts_at: expected it before ends_at"


@pytest.mark.parametrize(
    ("kind", "sent", "fields", "rules"),
    [
        (NewDuty, DUTY | {"code": "?"}, {"code"}, []),
        (NewDuty, DUTY | {"code": "?", "ends_at": "2026-10-05T05:00:00+02:00"}, {"code"}, [SHIFT, WINDOW]),
        # When it begins nobody knows: nothing is said of what would follow.
        (NewDuty, DUTY | {"starts_at": "?", "vehicle_to": "2026-10-05T23:00:00+02:00"}, {"starts_at"}, []),
        # Of the shift all is known, of the vehicle not.
        (NewDuty, DUTY | {"vehicle_from": "?", "ends_at": "2026-10-05T05:00:00+02:00"}, {"vehicle_from"}, [SHIFT]),
        (NewPattern, PATTERN | {"begins": "6", "valid_to": "2026-10-01"}, {"begins"}, [VALID]),
        (NewPattern, PATTERN | {"valid_from": "?", "vehicle_ends": "15:00"}, {"valid_from"}, [WITHIN]),
        (NewPattern, PATTERN | {"valid_from": "?", "vehicle_ends": "15:00", "ends": "06:00"}, {"valid_from"}, [LONG]),
        (NewPattern, PATTERN | {"vehicle_begins": "?", "ends": "05:30"}, {"vehicle_begins"}, [LONG]),
        (NewAbsence, ABSENCE | {"code": "?", "ends_at": "2026-10-04T00:00:00Z"}, {"code"}, [ORDER]),
        (NewAbsence, ABSENCE | {"starts_at": "?", "vehicle_id": KEY}, {"starts_at"}, [WHOM]),
        (
            NewAbsence, ABSENCE | {"starts_at": "?", "code": "workshop"}, {"starts_at"},
            ["code: expected one of ill, leave, other, training"],
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_between_fields_is_told_beside_a_wrong_one(
    kind: type[Body], sent: dict[str, Any], fields: set[str], rules: list[str]
) -> None:
    with pytest.raises(ValidationError) as caught:
        kind.model_validate(sent)
    faults = caught.value.errors()
    assert {str(each["loc"][0]) for each in faults if each["loc"]} == fields
    assert [text_of(each) for each in faults if not each["loc"]] == (["; ".join(rules)] if rules else [])


def test_several_rules_that_are_broken_are_told_together() -> None:
    for kind, sent, rules in (
        (NewDuty, DUTY | {"ends_at": "2026-10-05T05:00:00+02:00"}, [SHIFT, WINDOW]),
        (NewPattern, PATTERN | {"ends": "05:30", "valid_to": "2026-10-01"}, [LONG, VALID]),
        (NewAbsence, ABSENCE | {"vehicle_id": KEY, "ends_at": "2026-10-04T00:00:00Z"}, [WHOM, ORDER]),
    ):
        with pytest.raises(ValidationError) as caught:
            kind.model_validate(sent)
        assert [text_of(each) for each in caught.value.errors()] == ["; ".join(rules)]
