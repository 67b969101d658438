"""What the codes of vehicles, crews, absences and skipped days are called, in German and English."""

from __future__ import annotations

from collections.abc import Mapping

from api.schemas.duties import AbsenceCode
from api.schemas.patterns import SkipCode
from api.texts import Pair
from optimizer.model import Licence, Need

ABSENCES: Mapping[AbsenceCode, Pair] = {
    AbsenceCode.ILL: ("krank", "ill"),
    AbsenceCode.LEAVE: ("Urlaub", "leave"),
    AbsenceCode.TRAINING: ("Fortbildung", "training"),
    AbsenceCode.WORKSHOP: ("Werkstatt", "workshop"),
    AbsenceCode.INSPECTION: ("Prüftermin", "inspection"),
    AbsenceCode.OTHER: ("anderes", "other"),
}
SKIPS: Mapping[SkipCode, Pair] = {
    SkipCode.MADE_ALREADY: ("schon angelegt", "made already"),
    SkipCode.DELETED_BY_HAND: ("von Hand gelöscht", "deleted by hand"),
    SkipCode.PAST: ("schon begonnen", "has begun"),
    SkipCode.HOLIDAY: ("Feiertag", "public holiday"),
    SkipCode.CLOCK_CHANGE: ("Zeitumstellung", "clock change"),
    SkipCode.CREW_OUT_OF_SERVICE: ("Team außer Dienst", "crew out of service"),
    SkipCode.VEHICLE_OUT_OF_SERVICE: ("Fahrzeug außer Dienst", "vehicle out of service"),
    SkipCode.CREW_AWAY: ("Team abwesend", "crew away"),
    SkipCode.VEHICLE_AWAY: ("Fahrzeug nicht da", "vehicle away"),
    SkipCode.CREW_IN_USE: ("Team hat einen anderen Dienst", "crew has another duty"),
    SkipCode.VEHICLE_IN_USE: ("Fahrzeug in anderem Dienst", "vehicle has another duty"),
    SkipCode.PROFILE_UNKNOWN: ("Arbeitszeitprofil unbekannt", "working-time profile unknown"),
    SkipCode.CODE_TAKEN: ("Kürzel vergeben", "code taken"),
    SkipCode.NOT_WORKED: ("kein Arbeitstag des Musters", "not worked by the pattern"),
    SkipCode.RIDDEN: ("jemand fährt mit", "somebody rides"),
    SkipCode.EDITED: ("von Hand geändert", "edited by a person"),
}
SKILLS: Mapping[Need, Pair] = {
    Need.DOCTOR: ("Ärztin oder Arzt", "doctor"),
    Need.PARAMEDIC: ("Rettungssanitäter", "paramedic"),
    Need.INTERPRETER: ("Sprachmittlung", "interpreter"),
}
LICENCES: tuple[tuple[str, str], ...] = tuple((each.value, each.value) for each in Licence)
WEEKDAYS: Mapping[int, Pair] = {
    1: ("Montag", "Monday"), 2: ("Dienstag", "Tuesday"), 3: ("Mittwoch", "Wednesday"), 4: ("Donnerstag", "Thursday"),
    5: ("Freitag", "Friday"), 6: ("Samstag", "Saturday"), 7: ("Sonntag", "Sunday"),
}  # fmt: skip
