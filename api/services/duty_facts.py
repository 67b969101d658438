"""What stands against a trip on a duty without being a rule of the optimizer, in words."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class Fact(StrEnum):
    """What stands against a trip without being a rule of the optimizer."""

    DUTY_WITHHELD = "duty_withheld"
    CREW_AWAY = "crew_away"
    VEHICLE_AWAY = "vehicle_away"
    CREW_OUT_OF_SERVICE = "crew_out_of_service"
    VEHICLE_OUT_OF_SERVICE = "vehicle_out_of_service"
    UNREADABLE = "unreadable"
    """A place, a profile or a value that today's catalogue and parameters do not know."""


TEXTS: Mapping[Fact, Mapping[str, str]] = {
    Fact.DUTY_WITHHELD: {
        "de": "Die ZAB hat diesen Dienst aus der Börse genommen.",
        "en": "The ZAB withholds this duty from the exchange.",
    },
    Fact.CREW_AWAY: {
        "de": "Das Team ist in dieser Zeit abwesend.",
        "en": "The crew is away at that time.",
    },
    Fact.VEHICLE_AWAY: {
        "de": "Das Fahrzeug steht in dieser Zeit nicht bereit.",
        "en": "The vehicle is away at that time.",
    },
    Fact.CREW_OUT_OF_SERVICE: {
        "de": "Das Team ist nicht mehr im Dienst.",
        "en": "The crew is no longer in service.",
    },
    Fact.VEHICLE_OUT_OF_SERVICE: {
        "de": "Das Fahrzeug ist außer Dienst.",
        "en": "The vehicle is out of service.",
    },
    Fact.UNREADABLE: {
        "de": "Angaben der Anfrage oder des Dienstes passen nicht zu Katalog und Parametern von heute.",
        "en": "What the request or the duty says does not fit today's catalogue and parameters.",
    },
}
"""By language (``de``, ``en``)."""
CHOOSE: Mapping[str, str] = {"de": "ZAB: anderen Dienst wählen.", "en": "ZAB: choose another duty."}
"""What helps against each of them."""
