"""What of a changed vehicle or crew may be in the way of a promise."""

from __future__ import annotations

from typing import Any

import pytest

from api.schemas.fleet import CrewContent, VehicleContent
from api.services.fleet import takes_away

VAN: dict[str, Any] = {
    "configurations": [{"seats": 9}], "child_seats": (1, 2, 2), "luggage": 12, "features": ("ramp",),
    "carries_children": True,
}  # fmt: skip
CREW: dict[str, Any] = {"heads": 3, "officers": 3, "female_officers": 1, "licences": ("B",), "skills": ("doctor",)}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, False),
        ({"luggage": 13}, False),
        ({"luggage": 11}, True),
        ({"child_seats": (1, 2, 1)}, True),
        ({"child_seats": (2, 2, 2)}, False),
        ({"features": ()}, True),
        ({"features": ("ramp", "cells")}, False),
        ({"configurations": [{"seats": 9}, {"seats": 7, "wheelchair_places": 1}]}, False),
        ({"configurations": [{"seats": 8}]}, True),
        ({"carries_children": False}, True),
        ({"licence": "D1"}, True),
        ({"kind": "minibus", "cost_per_km": 99, "co2_per_km": 1}, False),
    ],
)
def test_vehicles(change: dict[str, Any], expected: bool) -> None:
    before, after = (VehicleContent.model_validate(each).model_dump(mode="json") for each in (VAN, VAN | change))
    assert takes_away(before, after) is expected


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"officers": 2}, True),
        ({"female_officers": 2}, False),
        ({"female_officers": 0}, True),
        ({"heads": 4}, True),
        ({"heads": 4, "officers": 4}, True),
        ({"licences": ("B", "D")}, False),
        ({"licences": ("D",)}, True),
        ({"skills": ()}, True),
        ({"cost_per_hour": 1}, False),
    ],
)
def test_crews(change: dict[str, Any], expected: bool) -> None:
    before, after = (CrewContent.model_validate(each).model_dump(mode="json") for each in (CREW, CREW | change))
    assert takes_away(before, after) is expected
