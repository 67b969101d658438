"""From the text of one cell to a value: one function per kind of cell, each raising ``CellError``.

All are pure functions of the text, so that a column of 20,000 cells costs one call for each different text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from enum import StrEnum
from typing import Any, TypeAlias, TypeVar

from optimizer.io.tables_problems import CellError
from optimizer.model import (
    CREW_NEEDS,
    RULEBOOK,
    AgeBand,
    CaseType,
    DeadlineClass,
    Licence,
    Need,
    Party,
    People,
    PlaceKind,
    RejectionCode,
    Rule,
    SeatConfiguration,
    Sex,
    Strength,
)
from optimizer.model.units import Seconds

Parser: TypeAlias = Callable[[str], Any]
E = TypeVar("E", bound=StrEnum)

ID = re.compile(r"[^\W_][\w.:/#-]{0,79}")
_INTEGER = re.compile(r"[+-]?\d{1,9}(?:[.,]0+)?")
_DECIMAL = re.compile(r"[+-]?\d{1,9}(?:[.,]\d{1,18})?")
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
_YES = frozenset({"yes", "ja", "y", "j", "x", "1", "true", "wahr"})
_NO = frozenset({"no", "nein", "n", "0", "false", "falsch", "-"})
MAX_PEOPLE = 99
"""People of one age band and sex in one request; more is a slip of the keyboard."""
_DAY_MINUTES = 1_440


def folded(text: str) -> str:
    """Return text for comparison: lower case, umlauts spelt out, anything but letters and digits as one ``_``."""
    return re.sub(r"[\W_]+", "_", text.casefold().translate(_UMLAUTS)).strip("_")


def items_of(text: str) -> list[str]:
    """Return the items of a list cell; spaces, ``|``, commas and semicolons separate."""
    return re.split(r"[\s|,;]+", text.strip("|,; \t\n"))


def parse_id(text: str) -> str:
    """Return an id."""
    if ID.fullmatch(text) is None:
        raise CellError(
            "bad_id",
            "an id of letters, digits and . _ : / # - without spaces, at most 80 characters, a letter or digit first",
            "Rename it.",
        )
    return text


def parse_ids(text: str) -> tuple[str, ...]:
    """Return a list of ids."""
    return tuple(parse_id(item) for item in items_of(text))


def parse_authority(text: str) -> str:
    """Return an AGS; a leading zero that a spreadsheet dropped is put back."""
    return "0" + text if text.isascii() and text.isdigit() and len(text) in (4, 7) else parse_id(text)


def parse_text(text: str) -> str:
    """Return a short label."""
    if len(text) > 100 or not text.isprintable():
        raise CellError("bad_text", "one line of at most 100 characters", "Shorten it.")
    return text


def integer(low: int, high: int, unit: str = "") -> Parser:
    """Return a parser for whole numbers from ``low`` to ``high``."""
    expected = f"a whole number from {low:,} to {high:,}{unit and ' ' + unit}"

    def parse(text: str) -> int:
        if _INTEGER.fullmatch(text) is None:
            raise CellError("not_a_number", expected, "Enter a number.")
        number = int(re.split("[.,]", text)[0])
        if not low <= number <= high:
            raise CellError("out_of_range", expected, "Correct the number.")
        return number

    return parse


def decimal(low: float, high: float, unit: str, scale: int) -> Parser:
    """Return a parser for decimals from ``low`` to ``high``, as whole numbers of the unit divided by ``scale``."""
    expected = f"a number from {low:g} to {high:g} {unit}"

    def parse(text: str) -> int:
        return round(_decimal(text, low, high, expected) * scale)

    return parse


def minutes(text: str) -> Seconds:
    """Return the seconds of a cell in minutes."""
    parsed: Seconds = decimal(0, _DAY_MINUTES, "minutes", 60)(text)
    return parsed


def cents(text: str) -> int:
    """Return the cents of a cell in euros."""
    number = _decimal(text, 0, 100_000, "an amount in euros, like 0.60")
    if number * 100 != int(number * 100):
        raise CellError("not_a_number", "an amount in euros with at most two decimals", "Round it to cents.")
    return int(number * 100)


def degrees(low: float, high: float) -> Parser:
    """Return a parser for degrees from ``low`` to ``high``."""

    def parse(text: str) -> float:
        return float(_decimal(text, low, high, f"degrees from {low:g} to {high:g}, like 51.2277"))

    return parse


def _decimal(text: str, low: float, high: float, expected: str) -> Decimal:
    try:
        number = Decimal(text.replace(",", ".")) if _DECIMAL.fullmatch(text) else None
    except InvalidOperation:
        number = None
    if number is None:
        raise CellError("not_a_number", expected, "Enter a number.")
    if not low <= number <= high:
        raise CellError("out_of_range", expected, "Correct the number.")
    return number


def yes_no(text: str) -> bool:
    """Return yes or no."""
    word = text.casefold()
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise CellError("not_yes_or_no", "yes or no (ja, nein)", "Write yes or no.")


def suggestion(text: str, known: list[str] | tuple[str, ...], prefix: str = "Did you mean") -> str:
    """Return ``Did you mean 'x'?`` for the nearest known word, or an empty string."""
    by_folded = {folded(word): word for word in known}
    near = get_close_matches(folded(text), list(by_folded), n=1, cutoff=0.6)
    return f"{prefix} '{by_folded[near[0]]}'?" if near else ""


def choice(
    kind: type[E], german: Mapping[str, E], allowed: frozenset[E] | None = None, code: str = "unknown_value"
) -> Parser:
    """Return a parser for one value of an enumeration, by its code or a German word."""
    values = {folded(member.value): member for member in kind if allowed is None or member in allowed}
    words = values | {folded(word): member for word, member in german.items() if allowed is None or member in allowed}
    listed = ", ".join(member.value for member in values.values())

    def parse(text: str) -> E:
        member = words.get(folded(text))
        if member is None:
            near = suggestion(text, tuple(words))
            raise CellError(code, f"one of {listed}", near or "Use one of these codes.", shown_word(text))
        return member

    return parse


def choices(
    kind: type[E], german: Mapping[str, E], allowed: frozenset[E] | None = None, code: str = "unknown_value"
) -> Parser:
    """Return a parser for several values of an enumeration."""
    one = choice(kind, german, allowed, code)

    def parse(text: str) -> tuple[E, ...]:
        return tuple(dict.fromkeys(one(item) for item in items_of(text)))

    return parse


def shown_word(text: str) -> str:
    """Return a word as a message repeats it; cut, since a cell may hold a whole sentence about a person."""
    return f"'{text[:30]}...'" if len(text) > 30 else f"'{text}'"


SEX_WORDS: Mapping[str, Sex] = {
    "w": Sex.FEMALE,
    "weiblich": Sex.FEMALE,
    "female": Sex.FEMALE,
    "maennlich": Sex.MALE,
    "male": Sex.MALE,
    "divers": Sex.DIVERSE,
    "diverse": Sex.DIVERSE,
}
AGE_WORDS: Mapping[str, AgeBand] = {
    "erw": AgeBand.ADULT,
    "erwachsen": AgeBand.ADULT,
    "erwachsene": AgeBand.ADULT,
    "adults": AgeBand.ADULT,
    "18+": AgeBand.ADULT,
}
NEED_WORDS: Mapping[str, Need] = {
    "rollstuhl": Need.WHEELCHAIR,
    "liegend": Need.LYING,
    "arzt": Need.DOCTOR,
    "ärztin": Need.DOCTOR,
    "sanitäter": Need.PARAMEDIC,
    "rettungsdienst": Need.PARAMEDIC,
    "dolmetscher": Need.INTERPRETER,
    "sprachmittlung": Need.INTERPRETER,
}
CASE_WORDS: Mapping[str, CaseType] = {
    "amm": CaseType.DUBLIN,
    "herkunftsland": CaseType.COUNTRY_OF_ORIGIN,
    "drittstaat": CaseType.THIRD_COUNTRY,
    "botschaft": CaseType.EMBASSY,
    "vorführung": CaseType.EMBASSY,
    "verlegung": CaseType.FACILITY_TRANSFER,
    "haftanhörung": CaseType.DETENTION_HEARING,
}
DEADLINE_WORDS: Mapping[str, DeadlineClass] = {"dringend": DeadlineClass.URGENT, "bald": DeadlineClass.SOON}
REJECTION_WORDS: Mapping[str, RejectionCode] = {
    "kein_fahrzeug": RejectionCode.NO_VEHICLE,
    "kein_personal": RejectionCode.NO_STAFF,
    "kein_geeignetes_fahrzeug": RejectionCode.NO_SUITABLE_VEHICLE,
    "zeit_nicht_machbar": RejectionCode.TIME_NOT_FEASIBLE,
    "nachtregel": RejectionCode.NIGHT_RULE,
    "voraussetzung_fehlt": RejectionCode.GATE_MISSING,
    "sonstiges": RejectionCode.OTHER,
}
PLACE_WORDS: Mapping[str, PlaceKind] = {
    "stadt": PlaceKind.TOWN,
    "ort": PlaceKind.TOWN,
    "flughafen": PlaceKind.AIRPORT,
    "einrichtung": PlaceKind.FACILITY,
    "haft": PlaceKind.DETENTION,
    "grenze": PlaceKind.BORDER,
    "standort": PlaceKind.DEPOT,
}
WAIVABLE: frozenset[Rule] = frozenset(rule for rule in Rule if RULEBOOK[rule].strength is not Strength.HARD)

parse_sex = choice(Sex, SEX_WORDS)
parse_need_list = choices(Need, NEED_WORDS, code="unknown_need")
parse_skills = choices(Need, NEED_WORDS, CREW_NEEDS, code="unknown_skill")
parse_licences = choices(Licence, {})
parse_waived = choices(Rule, {}, WAIVABLE, code="not_waivable")
_AGES = {age.value: age for age in AgeBand} | dict(AGE_WORDS)
_PEOPLE = "people as age:sex:count, like 'adult:m:1 6-11:f:2' (ages 0-2, 3-5, 6-11, 12-13, 14-17, adult; sex f, m, d)"


def parse_needs(text: str) -> tuple[Need, ...]:
    """Return the needs; a child seat is no need but follows from the people."""
    for item in items_of(text):
        if folded(item) in ("child_seat", "child_seats", "kindersitz", "kindersitze", "childseat"):
            raise CellError(
                "unknown_need",
                f"one of {', '.join(need.value for need in Need)}",
                "Leave it out: child seats follow from the age bands in column 'people'.",
                shown_word(item),
            )
    needs: tuple[Need, ...] = parse_need_list(text)
    return needs


def parse_people(text: str) -> Party:
    """Return the party of a cell such as ``adult:m:1 6-11:f:2``."""
    groups = []
    for item in items_of(text):
        parts = item.casefold().replace("–", "-").split(":")
        age = _AGES.get(parts[0])
        if age is None or len(parts) not in (2, 3) or (len(parts) == 3 and not parts[2].isdecimal()):
            raise CellError("bad_people", _PEOPLE, "Correct the group.", shown_word(item))
        try:
            sex = parse_sex(parts[1])
        except CellError:
            raise CellError("bad_people", _PEOPLE, "Correct the sex.", shown_word(item)) from None
        count = int(parts[2][:6]) if len(parts) == 3 else 1
        if count == 0:
            raise CellError(
                "zero_people", "at least 1 person in each group", "Leave the empty group out.", shown_word(item)
            )
        if count > MAX_PEOPLE:
            raise CellError(
                "bad_people", f"at most {MAX_PEOPLE} people in a group", "Correct the number.", shown_word(item)
            )
        groups.append(People(age=age, sex=sex, count=count))
    return Party(groups=tuple(groups))


def parse_seats(text: str) -> tuple[SeatConfiguration, ...]:
    """Return the seat configurations of a cell such as ``9 6+1``."""
    found = []
    for item in items_of(text):
        match = re.fullmatch(r"(\d{1,3})(?:[.,]0+)?(?:\+(\d{1,2}))?", item)
        if match is None or int(match[1]) < 1:
            raise CellError(
                "bad_seats",
                "seats with the driver's, '+' wheelchair places, alternatives by spaces, like '9 6+1'",
                "Correct the seats.",
            )
        found.append(SeatConfiguration(seats=int(match[1]), wheelchair_places=int(match[2] or 0)))
    return tuple(found)
