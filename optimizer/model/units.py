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
