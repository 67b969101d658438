"""What places, ZABs and codes of requests are called on the pages."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from enum import StrEnum
from functools import cache

from api import company
from api.db.tables import Standing
from api.gate_texts import GATES, UNTOLD
from api.gates import CourtOrder, Fitness, MinorHandover, UrgentApplication
from api.pages import place_names
from api.pages.view import View
from api.repositories.requests import POOL
from api.schemas.requests import PickupType
from api.services import place_book
from api.texts import REASON_TEXTS, STATES, in_language
from api.workflow import DeclineCode, State
from data import dublin_rules, places, zabs
from optimizer.explain.messages import MESSAGES
from optimizer.model import AgeBand, CaseType, Need, PlaceKind, Rule, Sex

Options = list[tuple[str, str]]


def _marked(text: str) -> str:
    """Mark a text for translation that is translated where it is shown."""
    return text


_ = _marked
CODES: Mapping[str, str] = {
    CaseType.DUBLIN: _("Dublin-Überstellung"),
    CaseType.COUNTRY_OF_ORIGIN: _("in den Herkunftsstaat"),
    CaseType.THIRD_COUNTRY: _("in einen Drittstaat"),
    CaseType.EMBASSY: _("Vorführung bei einer Vertretung"),
    CaseType.FACILITY_TRANSFER: _("Verlegung zwischen Einrichtungen"),
    CaseType.DETENTION_HEARING: _("Vorführung zum Haftgericht"),
    PickupType.DWELLING: _("Wohnung"),
    PickupType.STATE_FACILITY: _("Landeseinrichtung"),
    PickupType.UFA: _("Ausreisegewahrsam (UfA)"),
    PickupType.JVA: _("Justizvollzugsanstalt"),
    PickupType.CLINIC: _("Klinik"),
    PickupType.AUTHORITY: _("Behörde"),
    Need.WHEELCHAIR: _("eigener Rollstuhl"),
    Need.LYING: _("liegend"),
    Need.DOCTOR: _("ärztliche Begleitung"),
    Need.PARAMEDIC: _("Rettungsdienst"),
    Need.INTERPRETER: _("Sprachmittlung"),
    AgeBand.INFANT: _("0 bis 2 Jahre"),
    AgeBand.TODDLER: _("3 bis 5 Jahre"),
    AgeBand.CHILD: _("6 bis 11 Jahre"),
    AgeBand.YOUNG: _("12 und 13 Jahre"),
    AgeBand.TEEN: _("14 bis 17 Jahre"),
    AgeBand.ADULT: _("erwachsen"),
    Sex.FEMALE: _("weiblich"),
    Sex.MALE: _("männlich"),
    Sex.DIVERSE: _("divers"),
    CourtOrder.PRESENT: _("liegt vor"),
    CourtOrder.NOT_NEEDED: _("nicht nötig"),
    UrgentApplication.NONE: _("keiner"),
    UrgentApplication.REJECTED: _("abgelehnt"),
    UrgentApplication.PENDING: _("anhängig"),
    Fitness.FIT: _("geprüft: reisefähig"),
    Fitness.UNFIT: _("geprüft: nicht reisefähig"),
    MinorHandover.ASSURED: _("gesichert"),
    MinorHandover.NOT_ASSURED: _("nicht gesichert"),
}
"""German names of codes that only these pages show."""
ENDS: Mapping[str, str] = {
    "better_plan": _("ein besserer Plan"),
    "no_longer_fits": _("passt nicht mehr"),
    "assigned_by_hand": _("von Hand zugewiesen"),
}
"""Why proposals ended that nobody declined."""
UNPROMISED = frozenset(POOL)
"""States from which a request goes back to its ABH where nobody promises it in time."""
STANDINGS: Mapping[str, str] = {
    Standing.LIVE: _("steht"),
    Standing.LOST: _("entfallen"),
    Standing.DECLINED: _("abgelehnt"),
    Standing.EXPIRED: _("ohne Antwort abgelaufen"),
    Standing.WITHDRAWN: _("zurückgenommen"),
    Standing.BACKED_OUT: _("Zusage zurückgenommen"),
    Standing.DONE: _("gefahren"),
}
"""What became of proposals."""


GROUP = re.compile(r"people\.(\d{1,2})(?:\.(\w+))?")
"""Field of a group of people in the form of a request; a group as a whole is told at its number."""
_PARTS: Mapping[str, str] = {
    "people": "people.0.count", "pickup": "pickup.earliest", "handover": "handover.latest", "deadline": "deadline.at",
    "rejection": "rejection.by", "gates": "gates.court_order", "enter_as": "",
}  # fmt: skip
"""Fields at which parts of the form are told as a whole; none for what the buttons say."""


def field_of(name: str) -> str:
    """Return the field of the form of a request to which a fault leads; empty where it is none."""
    group = GROUP.fullmatch(name)
    return f"{name}.count" if group is not None and group[2] is None else _PARTS.get(name, name)


def code(view: View, value: str) -> str:
    """Return what a code is called; as it is where nobody named it."""
    # Members of a ``StrEnum`` are their words, so a plain word finds its name too.
    return view.say(CODES[value]) if value in CODES else value


def options(view: View, kind: type[StrEnum]) -> Options:
    """Return the codes of a kind with their names, for a choice."""
    return [(str(each), code(view, each)) for each in kind]


def reasons(view: View, kind: type[StrEnum] | None) -> Options:
    """Return the codes of a reason with their texts, for a choice."""
    texts = {} if kind is None else REASON_TEXTS[kind]
    return [(str(each), in_language(pair, view.language)) for each, pair in texts.items()]


def reason(view: View, value: str | None, kinds: Iterable[type[StrEnum]] = (DeclineCode,)) -> str:
    """Return the text of a coded reason, of whatever kind it is; the code itself where none has it."""
    if not value:
        return ""
    for texts in (*(REASON_TEXTS[kind] for kind in kinds), *REASON_TEXTS.values()):
        for known, pair in texts.items():
            if known == value:
                return in_language(pair, view.language)
    if value in ENDS:
        return view.say(ENDS[value])
    return rule(view, value)


def sentence(text: str) -> str:
    """Return a text that begins with a capital letter; the others stay, for in German they mean something."""
    return text[:1].upper() + text[1:]


def rule(view: View, value: str) -> str:
    """Return what a rule or a gate that was lifted is about, as its message says it."""
    if value in GATES:
        return gate(view, value)
    said = company.said(value)
    if said is not None:
        return said[0][view.language.value]
    return str(MESSAGES[Rule(value)].texts[view.language.value]) if value in set(Rule) else value


def standing(view: View, value: Standing) -> str:
    """Return what became of a proposal."""
    return view.say(STANDINGS[value])


def state(view: View, value: State) -> str:
    """Return what a state is called."""
    return in_language(STATES[value], view.language)


def gate(view: View, value: str) -> str:
    """Return the name of a gate; of one that the reader need not know that it is one."""
    return in_language(GATES.get(value, UNTOLD), view.language)


def regimes(view: View) -> Options:
    """Return the laws that set deadlines, for a choice."""
    return [(each.id, in_language((each.german, each.english), view.language)) for each in dublin_rules().regimes]


def regime(view: View, value: str) -> str:
    """Return what a law that sets deadlines is called."""
    return dict(regimes(view)).get(value, value)


place, zab = place_names.place, place_names.zab


def office(view: View, value: str | None) -> str:
    """Return the name of an office by its code."""
    return place_names.office(value, view.language)


def zab_options() -> Options:
    """Return the ZABs, for a choice."""
    return [(place_book.code_of(site.zab), site.zab.name) for site in zabs()]


@cache
def place_options() -> tuple[tuple[str, str], ...]:
    """Return places that people write: what a field keeps, and what it is; the name where it is the only one so called.

    Depots are left out: nobody is picked up or handed over there.
    """
    known = [each for each in places() if each.kind not in (PlaceKind.DEPOT, PlaceKind.NODE)]
    names = Counter(each.name for each in places())
    return tuple(
        (each.name, each.ags or each.id) if names[each.name] == 1 and _is_plain(each.name) else (each.id, each.name)
        for each in sorted(known, key=lambda each: each.name)
    )


@cache
def town_options() -> tuple[tuple[str, str], ...]:
    """Return the municipalities of the state, for a field: the AGS, and the name."""
    towns = sorted((each for each in places() if each.kind is PlaceKind.TOWN and each.ags), key=lambda each: each.name)
    return tuple((each.ags, each.name) for each in towns if place_book.zab_of(each.ags) is not None)


def place_written(value: str | None) -> str:
    """Return how a field shows a place: as people chose it."""
    if not value:
        return ""
    name = place(value)
    return next((key for key, _told in place_options() if key == name), value)


def _is_plain(name: str) -> bool:
    """Whether a request may name a place so (``schemas.requests.PlaceCode``)."""
    return all(letter.isalnum() or letter in " _.-" for letter in name) and name.isprintable()
