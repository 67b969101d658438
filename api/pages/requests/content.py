"""The form of a request: what was sent as a body of the API, a request as fields, and faults in plain words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from api.errors import Problem
from api.pages.faults import by_path
from api.pages.requests.names import place_written
from api.pages.sent import Sent, instant, wall_clock
from api.pages.view import View
from api.schemas.gates import Gates
from api.schemas.requests import ContentShown

GROUPS = 3
"""Rows for people that a new form has; what is left empty is left out."""
MOST_GROUPS = 24
_INSTANTS = ("pickup.earliest", "pickup.latest", "handover.earliest", "handover.latest", "departure", "deadline.at")
_NUMBERS = (
    "pickup.service_minutes", "handover.service_minutes", "wheelchairs", "luggage", "escorts", "escorts_female",
    "max_ride_minutes",
)  # fmt: skip
_BOXES = ("is_separate", "has_night_ground", "needs_medical_reception")
_WORDS = (
    "case_reference", "case_type", "pickup.place", "pickup_type", "handover.place", "flight", "destination", "unit",
    "bundle", "deadline.regime", "deadline.source", "deadline_class", "rejection.by", "rejection.code", "free_text",
)  # fmt: skip
_GATES = ("court_order", "urgent_application", "fitness_to_travel", "unaccompanied_minor")


_AT: Mapping[str, str] = {"pickup": "pickup.earliest", "handover": "handover.latest"}
"""Faults of a stop as a whole, at the field where they are shown."""


def body(sent: Sent) -> dict[str, Any]:
    """Return what a form says of a request, as the API takes it; what was left empty is left out."""
    # Both stops always, so that of one that is missing each field is told.
    found: dict[str, Any] = {"pickup": {}, "handover": {}}
    for name in _WORDS:
        _put(found, name, sent.text(name))
    for name in _INSTANTS:
        _put(found, name, instant(sent.text(name)))
    for name in _NUMBERS:
        _put(found, name, _number(sent.text(name)))
    found.update(dict.fromkeys((name for name in _BOXES if sent.text(name)), True))
    found["needs"] = sent.all("needs")
    found["stop_overs"] = [each for each in re.split(r"[\s,;]+", sent.text("stop_overs").upper()) if each]
    for name in ("flight", "destination"):
        if name in found:
            found[name] = found[name].upper()
    found["people"] = _people(sent)
    return found


def gates(sent: Sent) -> dict[str, Any]:
    """Return what a form states of the gates."""
    found: dict[str, Any] = {name: value for name in _GATES if (value := sent.text(f"gates.{name}"))}
    if announced := sent.text("gates.announcement"):
        found["announcement"] = {"is_needed": announced == "needed"}
        if day := sent.text("gates.announced_on"):
            found["announcement"]["announced_on"] = day
    return found


def fields(content: ContentShown, stated: Gates | None) -> dict[str, str]:
    """Return a request as the fields of its form."""
    known = content.model_dump(mode="json")
    made = {name: _told(known, name) for name in (*_WORDS, *_NUMBERS)}
    made |= {name: wall_clock(_told(known, name)) for name in _INSTANTS}
    made |= {name: "true" if known.get(name) else "" for name in _BOXES}
    made |= {f"{stop}.place": place_written(known[stop]["place"]) for stop in ("pickup", "handover")}
    made["stop_overs"] = ", ".join(known["stop_overs"])
    for number, group in enumerate(known["people"]):
        made |= {f"people.{number}.{name}": str(value) for name, value in group.items()}
    return made if stated is None else made | gate_fields(stated)


def gate_fields(stated: Gates) -> dict[str, str]:
    """Return what is stated of the gates as the fields of their form."""
    said = stated.model_dump(mode="json")
    made = {f"gates.{name}": said[name] or "" for name in _GATES}
    if stated.announcement is not None:
        made["gates.announcement"] = "needed" if stated.announcement.is_needed else "not_needed"
        made["gates.announced_on"] = said["announcement"]["announced_on"] or ""
    return made


def group_count(values: Mapping[str, str]) -> int:
    """Return for how many groups of people a form has rows: those that are filled, and some to fill."""
    filled = [int(found[1]) for name, value in values.items() if value and (found := _GROUP.fullmatch(name))]
    return min(MOST_GROUPS, max(GROUPS, max(filled, default=-1) + 2))


_GROUP = re.compile(r"people\.(\d{1,2})\.count")


def faults(view: View, problem: Problem | None) -> dict[str, str]:
    """Return what is wrong, by field, in the language of the page."""
    found: dict[str, str] = {}
    for path, said in by_path(view, problem).items():
        field = re.sub(r"^(gates\.)?announcement(\.\w+)?$", r"\1announced_on", _AT.get(path, path))
        found.setdefault(re.sub(r"^(needs|stop_overs|people\.\d+)\.\d+$", r"\1", field), said)
    return found


def _people(sent: Sent) -> list[dict[str, Any]]:
    found = []
    for number in range(MOST_GROUPS):
        group: dict[str, Any] = {name: sent.text(f"people.{number}.{name}") for name in ("age", "sex", "count")}
        if group["count"]:
            found.append({name: value for name, value in group.items() if value} | {"count": _number(group["count"])})
    return found


def _number(text: str) -> int | str:
    # What is no number stays as it is: the body tells where.
    return int(text) if re.fullmatch(r"-?\d{1,9}", text) else text


def _put(found: dict[str, Any], name: str, value: Any) -> None:
    if value == "":
        return
    first, _dot, rest = name.partition(".")
    if rest:
        found.setdefault(first, {})[rest] = value
    else:
        found[first] = value


def _told(known: Mapping[str, Any], name: str) -> str:
    value: Any = known
    for part in name.split("."):
        value = None if value is None else value.get(part)
    return "" if value is None else str(value)
