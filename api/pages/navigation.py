"""Which pages there are, and for whom: the bar at the top, and where somebody begins."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from api.workflow import Role

ZABS = frozenset({Role.ZAB_DISPATCHER, Role.ZAB_LEAD})
EVERYBODY = frozenset(Role) - {Role.SYSTEM}


@dataclass(frozen=True, slots=True)
class Entry:
    """A page of the bar; ``name`` is its German text."""

    path: str
    name: str
    roles: frozenset[Role]


def _marked(text: str) -> str:
    """Mark a text for translation that is translated where it is shown."""
    return text


_ = _marked
ENTRIES: tuple[Entry, ...] = (
    Entry("/board", _("Tafel"), ZABS | {Role.LTRAKO}),
    Entry("/requests", _("Anfragen"), ZABS | {Role.ABH, Role.LTRAKO, Role.AUDITOR}),
    Entry("/proposals", _("Vorschläge"), ZABS | {Role.ABH, Role.LTRAKO}),
    Entry("/freed", _("Freie Plätze"), ZABS),
    Entry("/approvals", _("Zweite Person"), ZABS | {Role.ABH}),
    Entry("/tasks", _("Aufgaben"), EVERYBODY),
    Entry("/import", _("Einlesen"), frozenset({Role.ABH})),
    Entry("/fleet", _("Fahrzeuge"), ZABS | {Role.LTRAKO, Role.AUDITOR}),
    Entry("/morning", _("Morgenliste"), ZABS | {Role.ABH, Role.LTRAKO}),
    Entry("/what-if", _("Was wäre wenn"), ZABS | {Role.LTRAKO}),
    Entry("/runs", _("Planungen"), ZABS | {Role.LTRAKO, Role.AUDITOR, Role.ADMIN}),
    Entry("/reports", _("Berichte"), ZABS | {Role.LTRAKO, Role.AUDITOR}),
    Entry("/guidance", _("Informationen"), EVERYBODY - {Role.ADMIN}),
    Entry("/parameters", _("Regelwerk"), EVERYBODY),
    Entry("/audit", _("Protokoll"), frozenset({Role.AUDITOR})),
    Entry("/accounts", _("Konten"), frozenset({Role.ADMIN})),
)
"""In the order of the bar. Whoever adds a page for several roles adds it here."""


@cache
def entries(role: Role) -> tuple[Entry, ...]:
    """Return the pages of a role, in the order of the bar."""
    return tuple(each for each in ENTRIES if role in each.roles)


def first_page(role: Role) -> str:
    """Return where somebody of this role begins."""
    found = entries(role)
    return found[0].path if found else "/me"
