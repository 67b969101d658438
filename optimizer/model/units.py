"""Units and identifiers. All quantities inside the optimizer are integers; datetimes exist only at the border."""

from __future__ import annotations

from typing import TypeAlias

Seconds: TypeAlias = int
"""Seconds; an instant counts from the start of the instance's horizon."""
Metres: TypeAlias = int
MicroEuros: TypeAlias = int
"""Millionths of a euro: fine enough that a rate per metre or per second is a whole number."""

PlaceId: TypeAlias = str
RequestId: TypeAlias = str
VehicleId: TypeAlias = str
CrewId: TypeAlias = str
ShiftId: TypeAlias = str
DutyId: TypeAlias = str
ZabId: TypeAlias = str

MINUTE: Seconds = 60
HOUR: Seconds = 3600
DAY: Seconds = 86400
FOREVER: Seconds = 1 << 40
"""Later than any instant of any horizon; still far from the limits of 64-bit arithmetic."""


MOST = 1_000_000
"""The most of anything that is counted (people, places, pieces, requests, weights, cents): above whatever there is, and
few enough for tables by number and for sums in 64 bits."""


def per_metre(cents_per_km: int, grams_per_km: int, euros_per_tonne: int) -> MicroEuros:
    """Return what a metre costs, CO2 included.

    Cents per km are 10 micro-euros a metre; g/km times EUR/t is 1/1000 of one.
    """
    return cents_per_km * 10 + grams_per_km * euros_per_tonne // 1000


def per_second(cents_per_hour: int) -> MicroEuros:
    """Return what a second costs: a cent an hour is 25/9 micro-euros a second."""
    return cents_per_hour * 25 // 9
