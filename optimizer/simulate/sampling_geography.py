"""Where synthetic trips begin and end, and how long they take."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import data
from optimizer.errors import InvalidValue
from optimizer.model import ParameterSet, Place, PlaceKind
from optimizer.model.units import PlaceId, Seconds, ZabId
from optimizer.simulate.sampling_dice import Table
from optimizer.travel import TravelMatrix, TravelProvider

SMALLEST_TOWN = 3000
"""Inhabitants below which GeoNames tells of a village or of nothing: no dwelling is drawn there."""
LARGE_TOWN = 50_000
"""Towns from this size on have a court that hears detention cases (assumption)."""


class Geography:
    """The shipped places with travel times, sorted by what a trip needs them for."""

    def __init__(self, travel: TravelProvider, parameters: ParameterSet) -> None:
        self.parameters = parameters
        self.place: dict[PlaceId, Place] = {place.id: place for place in data.places()}
        self.matrix = travel.matrix(list(self.place.values()))
        self._row = {place: i for i, place in enumerate(self.matrix.places)}
        self._seconds: list[list[int]] = self.matrix.seconds.tolist()
        population = data.populations()
        towns = [p for p in self.place.values() if p.kind is PlaceKind.TOWN and p.ags]
        self.dwellings: dict[str, Table[PlaceId]] = {}
        self.facilities: dict[str, list[PlaceId]] = {}
        self.zab_by_prefix: dict[str, ZabId] = {}
        self.depot: dict[ZabId, Place] = {}
        for site in data.zabs():
            self.zab_by_prefix[site.ags_prefix] = site.zab.id
            self.depot[site.zab.id] = site.depot
            self.dwellings[site.ags_prefix] = Table(
                (t.id, population[t.id])
                for t in towns
                if t.ags.startswith(site.ags_prefix) and population[t.id] >= SMALLEST_TOWN
            )
            self.facilities[site.ags_prefix] = [
                p.id
                for p in self.place.values()
                if p.id.startswith(("EAE-", "ZUE-")) and p.ags.startswith(site.ags_prefix)
            ]
        self.all_facilities = sorted(facility for some in self.facilities.values() for facility in some)
        self.prisons = self._named("JVA-")
        self.representations = self._named("VERTRETUNG-")
        self.borders = self._named("GRENZE-")
        self.ufa = self._named("UFA-")[0]
        self.large_towns = [t.id for t in towns if population[t.id] >= LARGE_TOWN]
        self.airport = {airport.iata: airport for airport in data.airports()}

    def _named(self, prefix: str) -> list[PlaceId]:
        found = sorted(place for place in self.place if place.startswith(prefix))
        if not found:
            raise InvalidValue("data/places.csv", f"a place whose id begins with {prefix}", "none")
        return found

    def drive(self, origin: PlaceId, destination: PlaceId) -> Seconds:
        """Seconds of driving."""
        return self._seconds[self._row[origin]][self._row[destination]]

    def rests(self, drive: Seconds, children: bool) -> int:
        """Return the number of rest stops on a drive with people on board."""
        every = self.parameters.rest_interval(with_children=children)
        return 0 if every is None else max(0, -(-drive // every) - 1)

    def direct(self, origin: PlaceId, destination: PlaceId, children: bool) -> Seconds:
        """Seconds on board of a direct ride, rest stops included."""
        drive = self.drive(origin, destination)
        return drive + self.rests(drive, children) * self.parameters.rest_length

    def ride_cap(self, children: bool) -> Seconds | None:
        """Return the cap on the time on board."""
        caps = [self.parameters.ride_cap, self.parameters.ride_cap_children if children else None]
        return min((cap for cap in caps if cap is not None), default=None)

    def nearest(self, origin: PlaceId, places: Sequence[PlaceId], number: int, least: Seconds = 0) -> list[PlaceId]:
        """Return the ``number`` nearest of ``places`` that are at least ``least`` seconds away."""
        reachable = sorted((self.drive(origin, place), place) for place in places)
        return [place for seconds, place in reachable if seconds >= least][:number]

    def submatrix(self, used: Iterable[PlaceId]) -> tuple[tuple[Place, ...], TravelMatrix]:
        """Return the used places, in the order of the shipped list, and the travel times between them."""
        wanted = set(used)
        rows = [row for place, row in self._row.items() if place in wanted]
        ids = tuple(self.matrix.places[row] for row in rows)
        matrix = TravelMatrix(
            places=ids,
            seconds=self.matrix.seconds[rows][:, rows],
            metres=self.matrix.metres[rows][:, rows],
            sources=self.matrix.sources[rows][:, rows],
            tags=self.matrix.tags,
        )
        return tuple(self.place[place] for place in ids), matrix
