"""Every field of the model is read by something that acts on it, or is known to be told only."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import fields
from pathlib import Path

import pytest

import optimizer
from optimizer.model import (
    Assignment,
    BreakTier,
    Commitment,
    Crew,
    Duty,
    EscortRule,
    Instance,
    ParameterSet,
    Party,
    People,
    Place,
    Promise,
    Rejection,
    Request,
    SeatConfiguration,
    Shift,
    Stop,
    Vehicle,
    Window,
    WorkingTime,
    Zab,
)

PACKAGE = Path(optimizer.__file__).parent
MODEL = (
    Assignment, BreakTier, Commitment, Crew, Duty, EscortRule, Instance, ParameterSet, Party, People, Place, Promise,
    Rejection, Request, SeatConfiguration, Shift, Stop, Vehicle, Window, WorkingTime, Zab,
)  # fmt: skip

TOLD_ONLY: dict[type, dict[str, str]] = {
    Instance: {
        "name": "names the day in messages and files",
        "horizon_start": "the clock that seconds are told in; nights are computed at the border",
        "timezone": "as horizon_start",
        "places": "a place is its id; times between places stand in the travel matrix",
    },
    Request: {
        "case_type": "lists and statistics, never the objective (domain.md)",
        "authority": "whom to ask; never the objective",
        "deadline": "its class is the weight; the instant is told",
        "rejection": "how the request came into the pool",
    },
    Place: {
        "name": "told",
        "lat": "read by travel providers, which make the matrix",
        "lon": "as lat",
        "ags": "official key, for lists",
        "kind": "for maps and lists",
    },
    Vehicle: {
        "kind": "told",
        "zab": "a duty counts for the ZAB of its crew; the owner of the vehicle is told",
        "cost_per_km": "read by InstanceIndex.rate_per_metre",
    },
    Crew: {"cost_per_hour": "read by InstanceIndex.rate_per_second"},
    Zab: {"name": "told"},
    Rejection: {"by": "told", "code": "told"},
    ParameterSet: {
        "id": "names the version of the set",
        "valid_from": "picks the set at the border",
        "day_start": "nights are computed from it at the border",
        "day_end": "as day_start",
        "service": "importing fills in service times from it",
        "travel": "margin and factors are in the travel matrix already",
        "fallback_before_pickup": "when the exchange falls back to the requester; the service's matter",
        "sources": "where each number comes from",
        "co2_price": "read by InstanceIndex.rate_per_metre",
        "deadline_weights": "read by ParameterSet.weight, which InstanceIndex.unit_weight asks",
        "strengths": "read by ParameterSet.strength",
        "working_time": "read by ParameterSet.profile",
    },
    WorkingTime: {"id": "what shifts name it by"},
    Shift: {"crew": "read by InstanceIndex.duty_crew and the rows on doubled crews"},
    SeatConfiguration: {},
}
"""Why no enforcer reads a field by its name. The rest must be read where plans are made, and where they are checked."""

CHECKED_ONLY = {
    (WorkingTime, "max_drive"): "the driver's break is told as a warning, not enforced",
    (WorkingTime, "drive_break"): "as max_drive",
}
"""Fields that only the checker reads."""

PLANNED_ONLY = {
    (Instance, "stages"): "the checker recomputes every term, whatever the order of the stages",
}
"""Fields that only what plans reads."""

MODEL_METHODS = ("model/index.py", "model/parameters.py", "model/people.py")
"""Where the model itself joins and sums up its fields; enforcers ask it."""


def read_in(files: Iterable[Path]) -> set[str]:
    """Names of all attributes that are read somewhere in files."""
    names = set()
    for path in files:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
                names.add(node.attr)
    return names


ENFORCED = read_in(path for folder in ("routing", "master", "search") for path in (PACKAGE / folder).rglob("*.py"))
CHECKED = read_in((PACKAGE / "verify").rglob("*.py"))
ASKED = read_in(PACKAGE / name for name in MODEL_METHODS)


def cases() -> list[tuple[type, str]]:
    return [(owner, field.name) for owner in MODEL for field in fields(owner)]


@pytest.mark.parametrize(("owner", "field"), cases(), ids=lambda given: getattr(given, "__name__", given))
def test_every_field_is_enforced_checked_or_told_only(owner: type, field: str) -> None:
    if field in TOLD_ONLY.get(owner, {}):
        assert TOLD_ONLY[owner][field], "say why"
        return
    if (owner, field) not in CHECKED_ONLY:
        assert field in ENFORCED | ASKED, f"nothing that plans reads {owner.__name__}.{field}"
    if (owner, field) not in PLANNED_ONLY:
        assert field in CHECKED | ASKED, f"the checker does not read {owner.__name__}.{field}"


def test_the_lists_name_real_fields() -> None:
    known = set(cases())
    listed = (
        {(owner, field) for owner, names in TOLD_ONLY.items() for field in names}
        | set(CHECKED_ONLY)
        | set(PLANNED_ONLY)
    )
    assert listed <= known, listed - known


@pytest.mark.parametrize("field", ["case_type", "authority", "rejection", "horizon_start", "lat", "ags"])
def test_what_is_told_only_is_not_read_by_what_plans(field: str) -> None:
    assert field not in ENFORCED
