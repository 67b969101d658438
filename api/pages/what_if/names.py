"""What kinds of changes, of simulations and figures are called, in German and English."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from api.db.tables import SimulationKind
from api.texts import Pair, in_language
from api.words import Language
from optimizer.simulate.sweep import Metric, Period


class ChangeKind(StrEnum):
    """Kinds of changes that a form asks for (``optimizer.simulate.scenario.Change``)."""

    ADD_VEHICLES = "add_vehicles"
    REMOVE_VEHICLE = "remove_vehicle"
    BREAK_VEHICLE = "break_vehicle"
    CREW_ILL = "crew_ill"
    MOVE_SHIFT = "move_shift"
    CLOSE_ZAB = "close_zab"
    RESIZE_FLEET = "resize_fleet"
    DELAY_FLIGHT = "delay_flight"
    CANCEL_FLIGHT = "cancel_flight"
    SCALE_DEMAND = "scale_demand"
    ADD_PLACE = "add_place"
    USE_PARAMETERS = "use_parameters"
    POOLING_OFF = "pooling_off"
    SECOND_ROUND_OFF = "second_round_off"


CHANGES: Mapping[ChangeKind, Pair] = {
    ChangeKind.ADD_VEHICLES: ("Fahrzeuge mehr", "more vehicles"),
    ChangeKind.REMOVE_VEHICLE: ("ein Fahrzeug fehlt", "a vehicle is not there"),
    ChangeKind.BREAK_VEHICLE: ("ein Fahrzeug bleibt liegen", "a vehicle breaks down"),
    ChangeKind.CREW_ILL: ("ein Team ist krank", "a crew is ill"),
    ChangeKind.MOVE_SHIFT: ("eine Schicht liegt anders", "a shift is moved"),
    ChangeKind.CLOSE_ZAB: ("eine ZAB hat geschlossen", "a ZAB is closed"),
    ChangeKind.RESIZE_FLEET: ("Flotte von anderer Größe", "a fleet of another size"),
    ChangeKind.DELAY_FLIGHT: ("Flüge später", "flights later"),
    ChangeKind.CANCEL_FLIGHT: ("Flüge fallen aus", "flights do not leave"),
    ChangeKind.SCALE_DEMAND: ("mehr oder weniger Anfragen", "more or fewer requests"),
    ChangeKind.ADD_PLACE: ("ein neuer Abholort", "a new place of pick-up"),
    ChangeKind.USE_PARAMETERS: ("andere Regeln", "other rules"),
    ChangeKind.POOLING_OFF: ("keine Mitfahrten", "no shared rides"),
    ChangeKind.SECOND_ROUND_OFF: (
        "ohne zweite Runde: jede ABH fährt selbst",
        "no second round: each ABH drives itself",
    ),
}
OTHER_CHANGES: Mapping[str, Pair] = {
    "open_gates": ("die Voraussetzungen einer Anfrage liegen vor", "the preconditions of a request are met"),
    "cancel_requests": ("Anfragen fallen weg", "requests fall away"),
    "widen_window": ("ein Zeitfenster ist weiter", "a window is wider"),
    "move_day": ("eine Anfrage fährt an einem anderen Tag", "a request rides on another day"),
    "record_night_ground": (
        "ein Grund für die Abholung in der Nacht ist festgehalten",
        "a ground for a pick-up at night is recorded",
    ),
    "reduce_luggage": ("Gepäck wird gesondert geschickt", "luggage is sent separately"),
    "part_bundle": ("zusammengehörige Fahrten sind getrennt", "trips that belong together are separated"),
    "extend_shift": ("eine Schicht ist länger", "a shift is longer"),
    "extend_availability": ("ein Fahrzeug steht länger bereit", "a vehicle is there for longer"),
    "lift_bar": ("eine Ablehnung ist aufgehoben", "a decline is withdrawn"),
    "release_tour": ("eine Tour nimmt wieder jemanden auf", "a tour takes others again"),
    "waive_rule": ("eine Ausnahme von einer Regel", "an exception to a rule"),
    "raise_budget": ("eine ZAB übernimmt mehr Fahrten", "a ZAB takes more trips"),
    "add_child_seats": ("ein Fahrzeug hat mehr Kindersitze", "a vehicle has more child seats"),
    "refit_vehicle": ("ein Fahrzeug ist anders bestuhlt", "a vehicle has other seating"),
    "strengthen_crew": ("ein Team ist größer", "a crew is larger"),
    "assign_female_officers": ("eine weibliche Begleitkraft ist eingeteilt", "a female officer is assigned"),
    "supply_skills": ("ein Team hat die verlangte Fachkraft", "a crew has the required skill"),
    "supply_driver": ("ein Team darf das Fahrzeug fahren", "a crew may drive the vehicle"),
    "exchange_vehicles": ("Fahrzeuge sind getauscht", "vehicles are exchanged"),
    "release_pin": ("eine Zuordnung von Hand ist gelöst", "an assignment by hand is released"),
    "allow_changes": (
        "mehr Änderungen am veröffentlichten Plan sind zugelassen",
        "more changes to the published plan are allowed",
    ),
}
"""Those that are sent as files, or made from an answer."""
KINDS: Mapping[SimulationKind, Pair] = {
    SimulationKind.PLANS: ("Pläne ohne Zufall", "plans without chance"),
    SimulationKind.SWEEP: ("viele gezogene Welten", "many drawn worlds"),
    SimulationKind.BACKTEST: ("Rückblick auf vergangene Tage", "replay of days that are over"),
}
METRICS: Mapping[Metric, Pair] = {
    Metric.CARRIED: ("befördert", "carried"),
    Metric.UNPLACED: ("ohne Platz", "unplaced"),
    Metric.CUSTODY: ("Umweg an Bord (min)", "detour on board (min)"),
    Metric.METRES: ("Kilometer", "kilometres"),
    Metric.RELEASED: ("nicht haltbare Zusagen", "promises not kept"),
    Metric.OWN_DRIVES: ("eigene Fahrten der ABH", "own drives of ABHs"),
    Metric.COST: ("Euro", "euros"),
    Metric.GAP: ("Lücke zur Schranke (%)", "gap to the bound (%)"),
}
"""Those that stand in the table, in its order."""
PERIODS: Mapping[Period | None, Pair] = {
    Period.DAY: ("am Tag", "a day"),
    Period.WEEK: ("in der Woche", "a week"),
    Period.MONTH: ("im Monat", "a month"),
    None: ("in diesem Zeitraum", "in this period"),
}


def change_name(kind: str) -> Pair:
    """Return what a kind of change is called; its code where nobody named it."""
    if kind in set(ChangeKind):
        return CHANGES[ChangeKind(kind)]
    return OTHER_CHANGES.get(kind, (kind, kind))


_ADDED: Mapping[str, Pair] = {"V": ("neues Fahrzeug", "new vehicle"), "D": ("neuer Dienst", "new duty")}
_CODE_OF_ADDED = re.compile(r"X([VD])(\d+(?:-\d+)?)")


def called(code: str, language: Language) -> str:
    """Return what a vehicle or a duty of a plan is called: by its code, or as new where a scenario has added it."""
    added = _CODE_OF_ADDED.fullmatch(code)
    return code if added is None else f"{in_language(_ADDED[added[1]], language)} {added[2]}"


def title_of(scenario: Mapping[str, Any], language: Language) -> str:
    """Return what a scenario is called; its id where it has no title in this language."""
    return str(scenario.get("title", {}).get(language.value) or scenario["id"])
