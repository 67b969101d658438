"""Languages of the pages: texts stand in German in templates and code; ``api/locale/en/*.po`` hold the English.

The catalogues are read as they are written, so there is nothing to compile; a test sees to it that no text is missing.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import cache
from gettext import NullTranslations
from pathlib import Path

from babel.dates import format_date, format_datetime, format_time
from babel.messages.pofile import read_po
from babel.numbers import format_currency, format_decimal

from api.deadlines import BERLIN
from api.fault_texts import in_german
from api.words import Language

LOCALE = Path(__file__).parents[1] / "locale"
_PLAIN = {"Field required": "Please fill this in."}
"""English of faults whose own words are for who writes programs."""
_MINUS = "\N{MINUS SIGN}"
"""Of numbers that are read; a hyphen is none, and lets a line break behind it."""
_BABEL = {Language.DE: "de_DE", Language.EN: "en_GB"}


class _Catalogue(NullTranslations):
    """Texts of one language by the German ones; of a plural the German singular is the key."""

    def __init__(self, texts: Mapping[str, str | tuple[str, ...]]) -> None:
        super().__init__()
        self._texts = texts

    def gettext(self, message: str) -> str:
        """Return a text; the German one where nobody translated it."""
        found = self._texts.get(message, message)
        return found if isinstance(found, str) else found[0]

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        """Return the form of a text for a number."""
        found = self._texts.get(msgid1)
        one, many = found if isinstance(found, tuple) else (msgid1, msgid2)
        return one if n == 1 else many


@cache
def catalogue(language: Language) -> NullTranslations:
    """Return the texts of a language."""
    return _Catalogue(texts_of(LOCALE / language.value, language))


def texts_of(folder: Path, language: Language) -> dict[str, str | tuple[str, ...]]:
    """Return the texts of all areas by the German ones.

    Raises
    ------
    ValueError
        Where two areas say the same German text differently: one of them would be shown on the pages of both.
    """
    texts: dict[str, str | tuple[str, ...]] = {}
    for path in sorted(folder.glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file, locale=language.value):
                if not message.id:
                    continue
                is_plural = isinstance(message.id, (tuple, list))
                key = str(message.id[0] if is_plural else message.id)
                said = tuple(str(form) for form in message.string or ()) if is_plural else str(message.string)
                if texts.setdefault(key, said) != said:
                    raise ValueError(f"expected one text for {key!r} in all areas, found {texts[key]!r} and {said!r}")
    return texts


def preferred(header: str) -> Language:
    """Return the language that a browser asks for by ``Accept-Language``: English only where it comes before German."""
    for part in header.lower().split(","):
        wanted = part.split(";")[0].strip()[:2]
        if wanted in set(Language):
            return Language(wanted)
    return Language.DE


def told_fault(text: str, language: Language) -> str:
    """Return what the API says of a fault; empty where it has no German: English is no help to who reads German."""
    return _PLAIN.get(text, text) if language is Language.EN else in_german(text) or ""


def told_day(at: datetime | date, language: Language) -> str:
    """Return a local day with its weekday: ``Mo., 05.10.2026``."""
    day = at.astimezone(BERLIN).date() if isinstance(at, datetime) else at
    pattern = "EEE, dd.MM.yyyy" if language is Language.DE else "EEE, d MMM yyyy"
    return format_date(day, pattern, locale=_BABEL[language])


def told_month(first: date, language: Language) -> str:
    """Return the month of a day: ``November 2026``."""
    return format_date(first, "LLLL yyyy", locale=_BABEL[language])


def told_time(at: datetime, language: Language) -> str:
    """Return a time of the local clock: ``07:30``."""
    return format_time(at.astimezone(BERLIN), "HH:mm", locale=_BABEL[language])


def told_instant(at: datetime, language: Language) -> str:
    """Return a local day and time: ``Mo., 05.10. 07:30``."""
    pattern = "EEE, dd.MM. HH:mm" if language is Language.DE else "EEE, d MMM, HH:mm"
    return format_datetime(at.astimezone(BERLIN), pattern, locale=_BABEL[language])


def told_number(value: float, language: Language) -> str:
    """Return a number with at most one digit behind the point."""
    return format_decimal(value, "#,##0.#", locale=_BABEL[language]).replace("-", _MINUS)


def told_money(euros: float, language: Language) -> str:
    """Return an amount of euros: ``134,57 €``."""
    return format_currency(euros, "EUR", locale=_BABEL[language]).replace("-", _MINUS)


def told_span(span: timedelta, language: Language) -> str:
    """Return how long something lasts, in minutes, hours, or days: ``45 min``, ``3 h 20 min``, ``2 Tage 4 h``."""
    minutes = int(span.total_seconds() // 60)
    sign, minutes = (_MINUS if minutes < 0 else ""), abs(minutes)
    days, hours, rest = minutes // 1440, minutes // 60 % 24, minutes % 60
    if days:
        one, many = ("Tag", "Tage") if language is Language.DE else ("day", "days")
        return f"{sign}{days} {one if days == 1 else many} {hours} h"
    return f"{sign}{hours} h {rest} min" if hours else f"{sign}{rest} min"
