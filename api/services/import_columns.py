"""Columns of an import that requests of the service have and tables of the optimizer do not, and their cells."""

from __future__ import annotations

import re
from typing import Any

from api.gates import CourtOrder, Fitness, MinorHandover, UrgentApplication
from api.schemas.requests import REGIMES, PickupType
from optimizer.io import tables_cells as cells
from optimizer.io.tables_columns import Column
from optimizer.io.tables_problems import CellError
from optimizer.io.tables_time import parse_day

_MOST_STOP_OVERS = 4


def _regime(text: str) -> str:
    if text not in REGIMES:
        raise CellError("unknown_value", f"one of {', '.join(REGIMES)}", "Use one of these codes.")
    return text


def _flight(text: str) -> str:
    if re.fullmatch(r"[A-Z0-9]{2,3} ?\d{1,4}[A-Z]?", text.upper()) is None:
        raise CellError("bad_flight", "a flight number like LH 1234", "Correct it.")
    return text.upper()


def _remark(text: str) -> str:
    if len(text) > 200 or not text.isprintable():
        raise CellError("bad_text", "one line of at most 200 characters, no names, no diagnoses", "Shorten it.")
    return text


def _source(text: str) -> str:
    if len(text) > 80 or not text.isprintable():
        raise CellError("bad_text", "one line of at most 80 characters, no names", "Shorten it.")
    return text


def _airports(text: str) -> tuple[str, ...]:
    found = tuple(item.upper() for item in cells.items_of(text))
    if len(found) > _MOST_STOP_OVERS or any(re.fullmatch(r"[A-Z]{3}", each) is None for each in found):
        raise CellError("bad_airport", f"at most {_MOST_STOP_OVERS} IATA codes of three letters", "Correct it.")
    return found


def _state(text: str) -> str:
    if re.fullmatch(r"[A-Z]{2}", text.upper()) is None:
        raise CellError("bad_state", "the two letters of a state (ISO 3166-1), like TR", "Correct it.")
    return text.upper()


def _announcement(text: str) -> dict[str, Any]:
    """Return ``AnnouncementBody`` as JSON knows it."""
    word = cells.folded(text)
    if word in ("not_needed", "no", "nein", "nicht_noetig"):
        return {"is_needed": False}
    if word in ("needed", "yes", "ja", "noetig"):
        return {"is_needed": True}
    try:
        return {"is_needed": True, "announced_on": parse_day(text)}
    except CellError as error:
        raise CellError("bad_announcement", "not_needed, needed, or a local date", "Correct it.") from error


_PICKUP_WORDS = {
    "wohnung": PickupType.DWELLING, "landeseinrichtung": PickupType.STATE_FACILITY,
    "klinik": PickupType.CLINIC, "behoerde": PickupType.AUTHORITY,
}  # fmt: skip
_ORDER_WORDS = {"liegt_vor": CourtOrder.PRESENT, "nicht_noetig": CourtOrder.NOT_NEEDED}
_APPLICATION_WORDS = {
    "keiner": UrgentApplication.NONE, "abgelehnt": UrgentApplication.REJECTED, "anhaengig": UrgentApplication.PENDING
}  # fmt: skip
_FITNESS_WORDS = {"reisefaehig": Fitness.FIT, "nicht_reisefaehig": Fitness.UNFIT}
_MINOR_WORDS = {"gesichert": MinorHandover.ASSURED, "nicht_gesichert": MinorHandover.NOT_ASSURED}


OWN: tuple[Column, ...] = (
    Column(
        name="flight", german=("flug", "flugnummer"), parse=_flight, meaning="Flight number.", example="LH 1234",
        allowed="airline code and number",
    ),
    Column(
        name="deadline_regime", german=("fristregime", "frist_art"), parse=_regime,
        meaning="Law that sets the deadline.", example="604/2013", allowed=", ".join(REGIMES), default="other",
    ),
    Column(
        name="remark", german=("bemerkung",), parse=_remark, meaning="Free text: no names, no diagnoses.",
        example="Kindersitz liegt bereit", allowed="at most 200 characters",
    ),
    Column(
        name="deadline_source", german=("fristquelle", "frist_quelle"), parse=_source,
        meaning="Where the deadline was read: a file number or kind of document, no name.",
        example="BAMF, Zustimmung vom 01.09.2026", allowed="at most 80 characters",
    ),
    Column(
        name="pickup_type", german=("abholort_art", "art_abholort"), parse=cells.choice(PickupType, _PICKUP_WORDS),
        meaning="Kind of place of the pick-up.", example="dwelling", allowed=", ".join(PickupType), default="dwelling",
    ),
    Column(
        name="stop_overs", german=("zwischenlandungen", "zwischenlandung"), parse=_airports,
        meaning="Airports (IATA) at which the flight stops over: each needs transit.", example="IST",
        allowed=f"IATA codes by spaces; at most {_MOST_STOP_OVERS}",
    ),
    Column(
        name="destination", german=("zielstaat",), parse=_state, meaning="State of destination, ISO 3166-1 alpha-2.",
        example="TR", allowed="two letters",
    ),
    Column(
        name="medical_reception", german=("medizinische_inempfangnahme", "inempfangnahme"), parse=cells.yes_no,
        meaning="Whether somebody must be received by medical staff; asked for by the ZRK.", example="no",
        allowed="yes, no", default="no",
    ),
    Column(
        name="court_order", german=("richterliche_anordnung", "beschluss"),
        parse=cells.choice(CourtOrder, _ORDER_WORDS),
        meaning="Gate: order of a judge.", example="not_needed", allowed=", ".join(CourtOrder),
        default="not stated: the gate is closed",
    ),
    Column(
        name="urgent_application", german=("eilantrag",), parse=cells.choice(UrgentApplication, _APPLICATION_WORDS),
        meaning="Gate: urgent application to a court; a pending one blocks.", example="none",
        allowed=", ".join(UrgentApplication), default="not stated: the gate is closed",
    ),
    Column(
        name="announcement", german=("ankuendigung", "angekuendigt_am"), parse=_announcement,
        meaning="Gate: day of the announcement one month before, where it is needed.", example="not_needed",
        allowed="not_needed, needed, or the local date", default="not stated: the gate is closed",
    ),
    Column(
        name="fitness_to_travel", german=("reisefaehigkeit",), parse=cells.choice(Fitness, _FITNESS_WORDS),
        meaning="Gate: result of the check; no diagnosis.", example="fit", allowed=", ".join(Fitness),
        default="not stated: the gate is closed",
    ),
    Column(
        name="unaccompanied_minor", german=("uebergabe_minderjaehrige",),
        parse=cells.choice(MinorHandover, _MINOR_WORDS),
        meaning="Gate: hand-over of a minor who travels alone.", example="assured", allowed=", ".join(MinorHandover),
        default="not stated: closed for a minor alone",
    ),
)  # fmt: skip
"""In the order in which they are documented; what a gate's cell leaves empty is not stated."""
