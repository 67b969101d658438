"""What a line of the audit log holds besides, in words: codes by what they are about, days, numbers; ids stay ids."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from api.mapping.horizon import Horizon
from api.mapping.questions import Asks
from api.pages.fleet.names import ABSENCES
from api.pages.language import told_day, told_instant, told_number
from api.pages.office.names import NOTICES
from api.pages.oversight.organisations import KINDS as ORGANISATIONS
from api.pages.place_names import office
from api.pages.planning import names as planning
from api.pages.requests import names
from api.pages.view import View
from api.schemas.audit import AuditLine
from api.services.runs import RunFile
from api.texts import ACTIONS, AMTSHILFE_STATES, DROPS, ROLES, ROUTINGS, STATES, TASKS, Pair, in_language
from api.texts_measures import CLEARANCE_STATES, KINDS, REFUSALS, TOPICS
from data.dispatch import airport_offices, documents

FILES: Mapping[RunFile, Pair] = {
    RunFile.INPUT: ("Eingabe der Planung", "input of the run"),
    RunFile.RESULT: ("Ergebnis der Planung", "result of the run"),
}
ASKS: Mapping[Asks, Pair] = {
    Asks.WHY_NOT: ("warum nicht", "why not"),
    Asks.WHAT_HELPS: ("was hilft", "what helps"),
    Asks.WHY_THIS: ("warum dort", "why there"),
}
_OF_SUBJECT: Mapping[tuple[str, str], Mapping[Any, Pair]] = {
    ("absence", "code"): ABSENCES,
    ("amtshilfe_case", "code"): DROPS,
    ("clearance", "kind"): KINDS,
    ("clearance", "code"): REFUSALS,
    **{("amtshilfe_case", name): AMTSHILFE_STATES for name in ("before", "after")},
    **{("clearance", name): CLEARANCE_STATES for name in ("before", "after", "state")},
    ("guidance_question", "topic"): TOPICS,
    ("notice", "kind"): NOTICES,
    ("organisation", "kind"): ORGANISATIONS,
    ("request", "asks"): ASKS,
    ("request", "code"): ROUTINGS,
    ("request", "wanted"): {"take_over": ("Amtshilfe übernehmen", "take over as Amtshilfe")},
    ("run", "kind"): planning.KINDS,
    ("run", "state"): planning.STATES,
    ("run", "file"): FILES,
    ("task", "kind"): TASKS,
    ("task", "code"): {**AMTSHILFE_STATES, **DROPS},
}
"""The same code says something else of another subject: an approval's ``refused`` is not a clearance's."""
_CODES: Mapping[str, Pair] = {str(code): pair for texts in (ACTIONS, ROLES, STATES) for code, pair in texts.items()}
_WORKFLOW = frozenset({"before", "after", "state", "action", "role", "wanted"})
_REASONS = frozenset({"code", "rule", "rules", "gates"})
_DAYS = frozenset({"alternative_on", "valid_from"})
_NUMBERED = frozenset({"year", "first"})
"""Numbers that count nothing."""


def value_told(view: View, line: AuditLine, name: str, value: Any) -> str:
    """Return a detail of a line as people call it; what has no name stands as it is stored."""
    match value:
        case None:
            return "–"
        case bool():
            return view.say("ja") if value else view.say("nein")
        case int() | float():
            return str(value) if name in _NUMBERED else told_number(value, view.language)
        case list():
            return ", ".join(value_told(view, line, name, each) for each in value) or "–"
        case str():
            return _text(view, line, name, value)
        case _:
            return json.dumps(value, ensure_ascii=False)


def _text(view: View, line: AuditLine, name: str, value: str) -> str:
    known = _OF_SUBJECT.get((line.subject_kind, name), {})
    if value in known:
        return in_language(known[value], view.language)
    if line.subject_kind == "clearance" and name in ("office", "documents"):
        return _of_dispatch(view, value)
    if name in _REASONS:
        return names.reason(view, value)
    if name in _WORKFLOW and value in _CODES:
        return in_language(_CODES[value], view.language)
    return _time(view, name, value) or office(value, view.language)


def _of_dispatch(view: View, code: str) -> str:
    """Return the name of a document, or of the office at an airport."""
    found = documents().get(code) or airport_offices().get(code)
    return code if found is None else in_language((found.name_de, found.name_en), view.language)


def _time(view: View, name: str, value: str) -> str:
    """Return a day, an instant, or the days of a run in words; nothing where it is none of these."""
    try:
        if name in _DAYS:
            return told_day(date.fromisoformat(value), view.language)
        if name == "until":
            return told_instant(datetime.fromisoformat(value), view.language)
        if name == "horizon":
            days = Horizon.read(value)
            ends = dict.fromkeys((days.first, days.last))
            return " – ".join(told_day(day, view.language) for day in ends)
    except ValueError:
        pass
    return ""
