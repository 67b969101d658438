"""What faults are called in German: field errors, rows of imports, and the details of problems.

The API tells faults in English, word for word as they stand where they are found. Pages in German show the texts of the
tables here; ``{}`` stands for what a text is filled with. A test walks the source and finds each text that has none.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache

from api.deadlines import BERLIN
from api.fault_texts.details import DETAILS
from api.fault_texts.fields import FIELDS
from api.fault_texts.schemas import SCHEMAS
from api.fault_texts.tables import TABLES
from api.fault_texts.tables_days import TABLES_OF_DAYS
from api.fault_texts.what_if import WHAT_IF
from api.texts import ACTIONS, ROLES, STATES

_TEXTS: Mapping[str, str] = {**FIELDS, **SCHEMAS, **TABLES, **TABLES_OF_DAYS, **DETAILS, **WHAT_IF}
_CODES: Mapping[str, str] = {
    str(code.value): pair[0] for texts in (STATES, ACTIONS, ROLES) for code, pair in texts.items()
}
_UNITS: Mapping[str, str] = {
    "minutes": "Minuten", "vehicle": "Fahrzeug", "crew": "Team", "nothing": "nichts", "g per km": "g je km",
    "pieces": "Stück", "requests": "Anfragen", "officers": "Kräfte", "people": "Personen", "wheelchairs": "Rollstühle",
    "seats": "Sitze",
}  # fmt: skip
"""Words that texts are filled with."""
_SEVERAL = re.compile(r"; (?=[\w.]+(?:, [\w.]+)*: expected )")
"""Between faults that one body has as a whole: each names its fields first."""
_PREFIX = "Value error, "
_MOST_KNOWN = 4_096
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}\b)")
_TIME = re.compile(r"\b\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d)?(\.\d+)?(Z|[+-]\d\d:\d\d))?(?![\dT])")
"""Days, and instants with their offset; a local time without one stays: it is what somebody is to write."""


def _pattern(template: str) -> re.Pattern[str]:
    return re.compile("(.*?)".join(re.escape(part) for part in template.split("{}")), re.DOTALL)


_PATTERNS = sorted(
    ((_pattern(template), german) for template, german in _TEXTS.items() if "{}" in template),
    key=lambda each: -len(each[0].pattern.replace("(.*?)", "")),
)
"""Those that say most come first: ``at most {} rows`` before ``at most {}``."""


@lru_cache(maxsize=_MOST_KNOWN)
def in_german(text: str) -> str | None:
    """Return what a fault is called in German; ``None`` where nobody translated it."""
    text = text.removeprefix(_PREFIX)
    if text in _TEXTS:
        return _TEXTS[text]
    parts = parts_of(text)
    if len(parts) > 1:
        told = [in_german(part) for part in parts]
        return None if None in told else " ".join(f"{each}." for each in map(str, told)).replace("..", ".")
    for pattern, german in _PATTERNS:
        found = pattern.fullmatch(text)
        if found is not None:
            return german.format(*map(_filled, found.groups()))
    return None


def parts_of(text: str) -> list[str]:
    """Return the faults that a body as a whole was refused for, each with its fields first."""
    return _SEVERAL.split(text.removeprefix(_PREFIX))


def _filled(value: str) -> str:
    """Return what a text is filled with as it is written in German: codes of the workflow as words, times as here."""
    words = ", ".join(_CODES.get(each, _UNITS.get(each, each)) for each in value.split(", "))
    words = _THOUSANDS.sub(".", words).replace("' or '", "' oder '")
    return _TIME.sub(_here, words)


def _here(found: re.Match[str]) -> str:
    try:
        at = datetime.fromisoformat(found[0])
    except ValueError:
        return found[0]
    return f"{at.astimezone(BERLIN):%d.%m.%Y %H:%M}" if at.tzinfo else f"{at:%d.%m.%Y}"
