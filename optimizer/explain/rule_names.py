"""What each rule is called where several are named in one sentence; what it says stands in ``messages``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from optimizer.explain.message import LANGUAGES
from optimizer.model import Rule

RULE_NAMES: dict[Rule, tuple[str, str]] = {
    Rule.ONCE_PER_REQUEST: ("jede Fahrt nur einmal", "each trip once only"),
    Rule.BUNDLE: ("zusammengehörige Fahrten", "trips that belong together"),
    Rule.PAIRING: ("Abholung vor Übergabe", "pick-up before hand-over"),
    Rule.WINDOW: ("Abhol- und Übergabezeiten einhalten", "keeping the times for pick-up and hand-over"),
    Rule.DRIVE_TIME: ("genug Zeit für die Strecken", "time enough for the drives"),
    Rule.LOAD: ("genug Plätze im Fahrzeug", "enough places in the vehicle"),
    Rule.VEHICLE_FEATURES: ("verlangte Ausstattung des Fahrzeugs", "equipment of the vehicle as asked for"),
    Rule.CREW_SKILLS: ("verlangte Fachkraft im Team", "skill in the crew as asked for"),
    Rule.LICENCE: ("passende Fahrerlaubnis", "the driving licence that is needed"),
    Rule.NO_CHILDREN_VEHICLE: ("Fahrzeug ohne Kinder", "vehicle without children"),
    Rule.RIDE_TIME: ("längste erlaubte Zeit an Bord", "longest time on board allowed"),
    Rule.DETOUR: ("größter erlaubter Umweg", "greatest detour allowed"),
    Rule.WAIT_ON_BOARD: ("längstes erlaubtes Warten an Bord", "longest wait on board allowed"),
    Rule.REST_STOP: ("Pausen für die Mitfahrenden", "rest stops for passengers"),
    Rule.SEPARATION: ("angeordnete Einzelfahrt", "separate transport as ordered"),
    Rule.EXCLUSION: ("ausgeschlossene Zusammenlegung", "an excluded pairing"),
    Rule.FAMILIES_APART: ("Familien nur mit Familien", "families with families only"),
    Rule.WOMEN_ALONE: ("allein reisende Frauen nicht mit fremden Männern", "women alone not with unrelated men"),
    Rule.LONE_MINOR: ("unbegleitete Minderjährige nicht mit Fremden", "unaccompanied minors not with strangers"),
    Rule.ESCORTS: ("genug Begleitkräfte", "enough officers"),
    Rule.FEMALE_OFFICER: ("weibliche Begleitkraft nötig", "a female officer needed"),
    Rule.SHIFT_SPAN: ("Tour innerhalb von Schicht und Höchstdauer", "tour within shift and greatest length"),
    Rule.WORKING_BREAK: ("Ruhepause des Teams", "break of the crew"),
    Rule.REST_BETWEEN_SHIFTS: ("Ruhezeit zwischen Schichten", "rest between shifts"),
    Rule.VEHICLE_DOUBLED: ("Fahrzeug doppelt eingesetzt", "vehicle in two duties"),
    Rule.CREW_DOUBLED: ("Team doppelt eingesetzt", "crew in two duties"),
    Rule.DEPOT: ("Fahrzeug verfügbar", "vehicle available"),
    Rule.COMMITMENT: ("zugesagte Tour", "the promised tour"),
    Rule.NIGHT_PICKUP: ("keine Abholung in der Nacht", "no pick-up at night"),
    Rule.NIGHT_CHILDREN: ("keine Kinder in der Nacht", "no children at night"),
    Rule.BARRED: ("frühere Ablehnung", "an earlier decline"),
    Rule.FROZEN: ("Tour steht bevor oder läuft", "tour about to begin or under way"),
    Rule.PIN: ("Zuordnung von Hand", "assignment by hand"),
    Rule.SERVE_ALL: ("keine Fahrt darf zurückbleiben", "no trip may be left behind"),
    Rule.BUDGET: ("Obergrenze der ZAB", "limit of the ZAB"),
    Rule.CHANGE_BUDGET: ("erlaubte Änderungen am Plan", "changes of the plan that are allowed"),
    Rule.DRIVER_BREAK: ("Pause der Person am Steuer", "break of the driver"),
}
"""German and English name of every rule."""


def rule_names(rules: Iterable[Rule]) -> dict[str, str]:
    """Return the names of these rules, parted by commas, by language."""
    named = [RULE_NAMES[rule] for rule in rules]
    return {"de": ", ".join(de for de, _ in named), "en": ", ".join(en for _, en in named)}


_BESIDE = {"de": " Außerdem steht entgegen: {rules}.", "en": " Also in the way: {rules}."}


def without_others(texts: Mapping[str, str]) -> dict[str, str]:
    """Return a text as it was before ``with_others``."""
    return {language: texts[language].partition(_BESIDE[language].partition("{")[0])[0] for language in LANGUAGES}


def with_others(texts: Mapping[str, str], others: Sequence[Rule]) -> dict[str, str]:
    """Return a text with the names of the other rules that are in the way."""
    if not others:
        return dict(texts)
    names = rule_names(others)
    return {language: texts[language] + _BESIDE[language].format(rules=names[language]) for language in LANGUAGES}
