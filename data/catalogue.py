"""Typed loaders of the tables in ``data/``: places, airports, ZABs, fleet."""

from __future__ import annotations

import csv
import importlib.resources
import io
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources.abc import Traversable
from types import MappingProxyType

from optimizer.errors import InputProblem, InputRejected
from optimizer.model import Crew, Licence, Place, PlaceKind, SeatConfiguration, Vehicle, Zab
from optimizer.model.units import MINUTE, PlaceId, Seconds, ZabId
from optimizer.model.value import Value


def path(name: str) -> Traversable:
    """Return a file of the data folder, e.g. ``path("places.csv")``, wherever the package is installed."""
    return importlib.resources.files("data").joinpath(name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Airport(Value):
    """An airport: its place (id is the IATA code) and how people are handed over there."""

    iata: str
    icao: str
    country: str
    timezone: str
    place: Place
    handover_point: str
    before_departure: Seconds
    before_charter: Seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class ZabSite(Value):
    """A ZAB with its Regierungsbezirk, the first three digits of that Bezirk's AGS, its depot, its number of crews.

    ``cents_per_head_hour`` is what an hour of one officer costs.
    """

    zab: Zab
    bezirk: str
    ags_prefix: str
    depot: Place
    crews: int
    cents_per_head_hour: int


@dataclass(frozen=True, slots=True, kw_only=True)
class VehiclePreset(Value):
    """A kind of vehicle; ``vehicle`` makes one of it."""

    kind: str
    name: str
    configurations: tuple[SeatConfiguration, ...]
    child_seats: tuple[int, int, int]
    luggage: int
    features: frozenset[str]
    licence: Licence
    carries_children: bool
    cost_per_km: int
    co2_per_km: int

    def vehicle(self, vehicle: str, zab: ZabId) -> Vehicle:
        """Return a vehicle of this kind, available always."""
        return Vehicle(
            id=vehicle,
            zab=zab,
            kind=self.kind,
            configurations=self.configurations,
            child_seats=self.child_seats,
            luggage=self.luggage,
            features=self.features,
            licence=self.licence,
            carries_children=self.carries_children,
            cost_per_km=self.cost_per_km,
            co2_per_km=self.co2_per_km,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Fleet(Value):
    """All vehicles of the five ZAB, and crews of two for them."""

    vehicles: tuple[Vehicle, ...]
    crews: tuple[Crew, ...]


@cache
def places() -> tuple[Place, ...]:
    """Return every place: towns, facilities, border crossings, airports (id: IATA code), depots (id: ``ZAB-<id>``).

    Towns come first and are the only places that carry an AGS of a municipality as their id too.
    """
    listed = tuple(
        Place(
            id=row["id"],
            name=row["name"],
            lat=float(row["lat"]),
            lon=float(row["lon"]),
            ags=row["ags"],
            kind=PlaceKind(row["kind"]),
        )
        for row in _rows("places.csv")
    )
    return (*listed, *(airport.place for airport in airports()), *(site.depot for site in zabs()))


@cache
def districts() -> Mapping[str, str]:
    """Return the names of the Kreise of North Rhine-Westphalia, and of its Städteregion, by AGS (8 digits)."""
    return MappingProxyType({row["ags"]: row["name"] for row in _rows("districts.csv")})


@cache
def authority_names() -> Mapping[str, str]:
    """Return what an ABH may be named after, by its AGS (8 digits): the Kreise, and the municipalities."""
    towns = {place.ags: place.name for place in places() if place.kind is PlaceKind.TOWN and place.ags}
    return MappingProxyType({**towns, **districts()})


@cache
def populations() -> Mapping[PlaceId, int]:
    """Return the inhabitants of towns (0 where GeoNames tells none)."""
    return MappingProxyType({row["id"]: int(row["population"]) for row in _rows("places.csv") if row["kind"] == "town"})


@cache
def airports() -> tuple[Airport, ...]:
    """Return the airports that measures leave from."""
    return tuple(
        Airport(
            iata=row["iata"],
            icao=row["icao"],
            country=row["country"],
            timezone=row["timezone"],
            place=Place(
                id=row["iata"], name=row["name"], lat=float(row["lat"]), lon=float(row["lon"]), kind=PlaceKind.AIRPORT
            ),
            handover_point=row["handover_point"],
            before_departure=int(row["handover_before_departure_min"]) * MINUTE,
            before_charter=int(row["handover_before_charter_min"]) * MINUTE,
        )
        for row in _rows("airports.csv")
    )


@cache
def zabs() -> tuple[ZabSite, ...]:
    """Return the five ZAB; a depot stands at the centre of the seat's town (no street address is kept)."""
    town = {row["id"]: row for row in _rows("places.csv")}
    return tuple(
        ZabSite(
            zab=Zab(id=row["id"], name=row["name"]),
            bezirk=row["bezirk"],
            ags_prefix=row["ags_prefix"],
            depot=Place(
                id=f"ZAB-{row['id']}",
                name=row["name"],
                lat=float(town[row["seat_ags"]]["lat"]),
                lon=float(town[row["seat_ags"]]["lon"]),
                ags=row["seat_ags"],
                kind=PlaceKind.DEPOT,
            ),
            crews=int(row["crews"]),
            cents_per_head_hour=int(row["crew_cents_per_head_hour"]),
        )
        for row in _rows("zabs.csv")
    )


@cache
def vehicle_presets() -> Mapping[str, VehiclePreset]:
    """Return the kinds of vehicles by their code."""
    return MappingProxyType(
        {
            row["kind"]: VehiclePreset(
                kind=row["kind"],
                name=row["name"],
                configurations=tuple(_configuration(text) for text in row["configurations"].split()),
                child_seats=(int(row["child_seats_0_2"]), int(row["child_seats_3_5"]), int(row["child_seats_6_11"])),
                luggage=int(row["luggage"]),
                features=frozenset(row["features"].split()),
                licence=Licence(row["licence"]),
                carries_children=row["carries_children"] == "yes",
                cost_per_km=int(row["cost_cents_per_km"]),
                co2_per_km=int(row["co2_grams_per_km"]),
            )
            for row in _rows("vehicle_presets.csv")
        }
    )


@cache
def fleet() -> Fleet:
    """Return the capacity of a usual day: vehicles ``<ZAB>-V01`` and on, crews ``<ZAB>-C01`` and on."""
    vehicles: list[Vehicle] = []
    numbers: dict[str, int] = {}
    for row in _rows("fleet.csv"):
        for _ in range(int(row["vehicles"])):
            numbers[row["zab"]] = numbers.get(row["zab"], 0) + 1
            vehicles.append(
                vehicle_presets()[row["kind"]].vehicle(f"{row['zab']}-V{numbers[row['zab']]:02d}", row["zab"])
            )
    crews = tuple(
        Crew(id=f"{site.zab.id}-C{number:02d}", zab=site.zab.id, cost_per_hour=2 * site.cents_per_head_hour)
        for site in zabs()
        for number in range(1, site.crews + 1)
    )
    return Fleet(vehicles=tuple(vehicles), crews=crews)


def _configuration(text: str) -> SeatConfiguration:
    """Read ``9`` (seats with the driver's) or ``7+1`` (seats and wheelchair places)."""
    seats, _, wheelchairs = text.partition("+")
    return SeatConfiguration(seats=int(seats), wheelchair_places=int(wheelchairs or 0))


def _rows(name: str) -> list[dict[str, str]]:
    try:
        return list(csv.DictReader(io.StringIO(path(name).read_text(encoding="utf-8"), newline="")))
    except OSError as error:
        raise InputRejected(
            [
                InputProblem(
                    code="missing_file",
                    file=f"data/{name}",
                    row=0,
                    column="",
                    expected="the table that ships with the program",
                    got=str(error.strerror),
                    action="Install the program again.",
                )
            ]
        ) from error
