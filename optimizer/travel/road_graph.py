"""Travel times on a road graph: shortest paths by time, all pairs of known places cached."""

from __future__ import annotations

import hashlib
import os
import tempfile
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree

from optimizer.errors import InputRejected, InvalidValue
from optimizer.model import Place, TravelRules
from optimizer.model.units import Seconds
from optimizer.travel.great_circle import (
    EARTH_RADIUS_KM,
    ROAD_PER_GREAT_CIRCLE,
    coordinates,
    free_flow_minutes,
    great_circle_km,
    planned_seconds,
    whole_metres,
)
from optimizer.travel.great_circle import TAG as GREAT_CIRCLE_TAG
from optimizer.travel.matrix import TravelMatrix
from optimizer.travel.road_network import MIN_MINUTES, RoadGraph, graph_problem

TAG = "road_graph"
TAGS = (TAG, GREAT_CIRCLE_TAG)
"""Sources of the values, in the order of ``TravelMatrix.sources``."""

_FORMAT = b"road-graph-pairs-1"
_SOURCES_AT_ONCE = 32
"""Rows of Dijkstra's answer held at a time: 32 x 36,000 nodes x 12 bytes are 14 MB."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Pairs:
    """Free-flow minutes, km and source index of all pairs, before margin and hourly factor."""

    minutes: NDArray[np.float64]
    km: NDArray[np.float64]
    sources: NDArray[np.uint8]


class RoadGraphTravel:
    """Provider of travel times on a road graph.

    A place is joined to its nearest nodes by access legs after the town rule of the great-circle provider. A place
    further than ``snap_km`` from any node, a pair that the graph does not join, and a pair nearer than ``direct_km``
    (where access legs would be longer than the trip) take the great-circle value, and say so in their tag.

    Parameters
    ----------
    nodes, edges
        CSV files, see ``RoadGraph.read``. They are read only when a pair is not in the cache.
    rules
        Margin and hourly factors; the default plans with free flow.
    known
        Places whose pairs are computed and cached together; a question about some of them is then a look-up.
    cache
        Directory for the cached pairs (made when missing); ``None`` keeps them in memory only.
    snap_km, direct_km
        Distances in km of great circle.
    access_nodes
        How many of the nearest nodes a place is joined to.
    both_ways
        Whether each row of ``edges`` is a road in both directions.
    """

    def __init__(
        self,
        nodes: Path,
        edges: Path,
        *,
        rules: TravelRules | None = None,
        known: Sequence[Place] = (),
        cache: Path | None = None,
        snap_km: float = 15.0,
        direct_km: float = 2.0,
        access_nodes: int = 3,
        both_ways: bool = True,
    ) -> None:
        if access_nodes < 1 or snap_km < 0 or direct_km < 0:
            raise InvalidValue(
                "RoadGraphTravel", "access_nodes >= 1, distances >= 0", (access_nodes, snap_km, direct_km)
            )
        self.rules = rules if rules is not None else TravelRules()
        self.known = tuple(known)
        self._nodes, self._edges, self._cache = nodes, edges, cache
        self._snap_km, self._direct_km, self._access_nodes = snap_km, direct_km, access_nodes
        self._both_ways = both_ways
        self._graph: RoadGraph | None = None
        self._pairs_by_key: dict[str, _Pairs] = {}
        self._data_hash: bytes | None = None

    @property
    def graph(self) -> RoadGraph:
        """The road graph, read on first use."""
        if self._graph is None:
            self._graph = RoadGraph.read(self._nodes, self._edges, both_ways=self._both_ways)
        return self._graph

    def matrix(self, places: Sequence[Place], departure: Seconds | None = None) -> TravelMatrix:
        """Return times and distances between all pairs of ``places``, see ``TravelProvider``."""
        coordinates(places)  # refuses points of a plane and equal ids
        row = {(p.lat, p.lon): i for i, p in enumerate(self.known)}
        rows = [row.get((p.lat, p.lon), -1) for p in places]
        if places and min(rows) >= 0:
            pairs = self._pairs(self.known)
            pick = np.ix_(rows, rows)
            pairs = _Pairs(minutes=pairs.minutes[pick], km=pairs.km[pick], sources=pairs.sources[pick])
        else:
            pairs = self._pairs(places)
        return TravelMatrix(
            places=tuple(place.id for place in places),
            seconds=planned_seconds(pairs.minutes, self.rules, departure),
            metres=whole_metres(pairs.km),
            sources=pairs.sources.copy(),
            tags=TAGS,
        )

    def _pairs(self, places: Sequence[Place]) -> _Pairs:
        key = self._key(places)
        if key not in self._pairs_by_key:
            file = self._cache / f"road-graph-{key}.npz" if self._cache is not None else None
            pairs = _load(file, len(places)) if file is not None else None
            if pairs is None:
                pairs = self._compute(places)
                if file is not None:
                    _store(file, pairs)
            self._pairs_by_key[key] = pairs
        return self._pairs_by_key[key]

    def _key(self, places: Sequence[Place]) -> str:
        """Return the hash of everything that the pairs depend on: graph, coordinates in order, snapping."""
        if self._data_hash is None:
            try:
                self._data_hash = b"".join(
                    hashlib.sha256(file.read_bytes()).digest() for file in (self._nodes, self._edges)
                )
            except OSError as error:
                missing = Path(error.filename)
                raise InputRejected(
                    [graph_problem("missing_file", missing, 0, "", "a readable file", str(error.strerror))]
                ) from error
        digest = hashlib.sha256(_FORMAT + self._data_hash)
        digest.update(np.array([(p.lat, p.lon) for p in places], dtype="<f8").tobytes())
        settings = [self._snap_km, self._direct_km, self._access_nodes, self._both_ways]
        digest.update(np.array(settings, dtype="<f8").tobytes())
        return digest.hexdigest()[:32]

    def _compute(self, places: Sequence[Place]) -> _Pairs:
        lat, lon = coordinates(places)
        direct_km = great_circle_km(lat[:, None], lon[:, None], lat[None, :], lon[None, :])
        minutes, km = self._shortest(lat, lon)
        sources = np.zeros(direct_km.shape, dtype=np.uint8)
        fallback = ~np.isfinite(minutes) | (direct_km < self._direct_km)
        sources[fallback] = TAGS.index(GREAT_CIRCLE_TAG)
        return _Pairs(
            minutes=np.where(fallback, free_flow_minutes(direct_km), minutes),
            km=np.where(fallback, ROAD_PER_GREAT_CIRCLE * direct_km, km),
            sources=sources,
        )

    def _shortest(
        self, lat: NDArray[np.float64], lon: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return ``(n, n)`` minutes of the fastest paths and the km along them; infinite where there is none.

        Each place becomes two nodes, a source that only leaves and a sink that is only reached, so that no path
        takes a short cut through another place's access legs.
        """
        graph, places = self.graph, len(lat)
        count = len(graph.lat)
        minutes = np.full((places, places), np.inf)
        km = np.full((places, places), np.inf)
        if count == 0 or places == 0:
            return minutes, km
        near = min(self._access_nodes, count)
        chords, nodes = cKDTree(_on_sphere(graph.lat, graph.lon)).query(_on_sphere(lat, lon), k=near)
        nodes = np.asarray(nodes, dtype=np.int64).reshape(places, near)
        legs = 2 * EARTH_RADIUS_KM * np.arcsin(np.clip(np.asarray(chords).reshape(places, near) / 2, 0, 1))
        place, slot = np.nonzero(legs <= self._snap_km)
        node, leg = nodes[place, slot], legs[place, slot]
        leg_minutes, leg_km = np.maximum(free_flow_minutes(leg), MIN_MINUTES), ROAD_PER_GREAT_CIRCLE * leg
        size = count + 2 * places
        tail = np.concatenate([graph.tail, count + place, node])
        head = np.concatenate([graph.head, node, count + places + place])
        weight = np.concatenate([graph.minutes, leg_minutes, leg_minutes])
        network = csr_array((weight, (tail, head)), shape=(size, size))
        edge_key = tail * size + head
        order = np.argsort(edge_key)
        edge_key, edge_km = edge_key[order], np.concatenate([graph.km, leg_km, leg_km])[order]
        sinks = count + places + np.arange(places)
        for first in range(0, places, _SOURCES_AT_ONCE):
            rows = np.arange(first, min(first + _SOURCES_AT_ONCE, places))
            times, before = dijkstra(network, directed=True, indices=count + rows, return_predecessors=True)
            minutes[rows] = times[:, sinks]
            km[rows] = _km_along(np.asarray(before), sinks, edge_key, edge_km, size)
        km[~np.isfinite(minutes)] = np.inf
        return minutes, km


def _km_along(
    before: NDArray[np.int32],
    sinks: NDArray[np.int64],
    edge_key: NDArray[np.int64],
    edge_km: NDArray[np.float64],
    size: int,
) -> NDArray[np.float64]:
    """Walk all paths back at once, one edge a step, and add up their km; a negative ``before`` ends a path."""
    rows = np.arange(len(before))[:, None]
    here = np.broadcast_to(sinks, (len(before), len(sinks))).copy()
    total = np.zeros(here.shape)
    previous = before[rows, here].astype(np.int64)
    while (walking := previous >= 0).any():
        total[walking] += edge_km[np.searchsorted(edge_key, previous[walking] * size + here[walking])]
        here = np.where(walking, previous, here)
        previous = before[rows, here].astype(np.int64)
    return total


def _on_sphere(lat: NDArray[np.float64], lon: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return points of the unit sphere, ``(n, 3)``: their straight distance orders like the great circle."""
    phi, lam = np.radians(lat), np.radians(lon)
    return np.column_stack([np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)])


def _load(file: Path, places: int) -> _Pairs | None:
    """Return cached pairs, or ``None`` where the file is missing, damaged or of another shape: it is then rebuilt."""
    try:
        # Opened here, for NumPy leaves its own handle open where the archive is damaged.
        with file.open("rb") as stream, np.load(stream, allow_pickle=False) as stored:
            pairs = _Pairs(minutes=stored["minutes"], km=stored["km"], sources=stored["sources"])
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error):
        return None
    shape = (places, places)
    sound = pairs.minutes.shape == pairs.km.shape == pairs.sources.shape == shape
    sound = sound and pairs.minutes.dtype == pairs.km.dtype == np.float64 and pairs.sources.dtype == np.uint8
    return pairs if sound and bool(np.isfinite(pairs.minutes).all() and np.isfinite(pairs.km).all()) else None


def _store(file: Path, pairs: _Pairs) -> None:
    """Write the pairs beside their place and rename: nobody ever reads half a file."""
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=file.stem, suffix=".part")
    try:
        with os.fdopen(descriptor, "wb") as stream:
            np.savez_compressed(stream, minutes=pairs.minutes, km=pairs.km, sources=pairs.sources)
        Path(name).replace(file)
    finally:
        Path(name).unlink(missing_ok=True)
