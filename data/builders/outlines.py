"""Build ``api/static/outlines.geojson``: the Regierungsbezirke as the map of the board draws them, and the state.

Drawn, not official: each municipality of ``data/places.csv`` gets what lies nearest to its centre (Voronoi cells, on a
grid), cells of one Regierungsbezirk are joined, and the outer edge is where nobody's centre is near any more. Enough to
see where one is; no boundary of it may be relied on. ``python -m data.builders.outlines``
"""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from data import places, zabs
from optimizer.model import PlaceKind

TARGET = Path(__file__).parents[2] / "api" / "static" / "outlines.geojson"
REACH_KM = 11.0
"""So far from the nearest centre the state reaches: municipalities are up to some twenty kilometres wide."""
CELL_KM = 1.0
"""The edge of the grid on which cells are found; its steps are drawn smooth afterwards."""
_KM_OF_DEGREE = 111.195
_LATITUDE = math.radians(51.5)
"""Kilometres of a degree of longitude are taken from the middle of the state."""
_TOLERANCE_KM = 1.1
Point = tuple[float, float]


def build() -> dict[str, Any]:
    """Return the outlines as GeoJSON: five Regierungsbezirke, then the state as their union."""
    towns = [
        place for place in places() if place.kind is PlaceKind.TOWN and len(place.ags) == 8 and place.ags[:2] == "05"
    ]  # fmt: skip
    labels, origin = _grid(np.array([(place.lon, place.lat) for place in towns]), [town.ags[:3] for town in towns])
    meeting = _meeting(labels)
    features = [
        _feature("bezirk", site.bezirk, site.ags_prefix, labels == int(site.ags_prefix), meeting, origin)
        for site in zabs()
    ]
    features.append(_feature("state", "Nordrhein-Westfalen", "05", labels > 0, meeting, origin))
    return {"type": "FeatureCollection", "features": features}


def _grid(centres: NDArray[np.float64], prefixes: Sequence[str]) -> tuple[NDArray[np.int64], Point]:
    """Return for each cell of a grid the number of the Bezirk whose centre is nearest, 0 where none is near."""
    scale = np.array([_KM_OF_DEGREE * math.cos(_LATITUDE), _KM_OF_DEGREE])
    at = centres * scale
    low, high = at.min(axis=0) - 2 * REACH_KM, at.max(axis=0) + 2 * REACH_KM
    columns, rows = (int(number) for number in np.ceil((high - low) / CELL_KM))
    x, y = np.meshgrid(np.arange(columns) + 0.5, np.arange(rows) + 0.5)
    cells = np.column_stack((x.ravel(), y.ravel())) * CELL_KM + low
    distance, nearest = cKDTree(at).query(cells)
    numbers = np.array([int(prefix) for prefix in prefixes])[nearest]
    labels = np.where(distance <= REACH_KM, numbers, 0).reshape(rows, columns)
    return labels, (float(low[0]), float(low[1]))


def _meeting(labels: NDArray[np.int64]) -> set[Point]:
    """Return the corners where three or more areas meet: lines between two of them are drawn once for both."""
    padded = np.pad(labels, 1)
    around = np.stack((padded[:-1, :-1], padded[:-1, 1:], padded[1:, :-1], padded[1:, 1:]))
    around.sort(axis=0)
    number = 1 + (np.diff(around, axis=0) != 0).sum(axis=0)
    return {(float(column), float(row)) for row, column in zip(*np.nonzero(number >= 3), strict=True)}


def _rings(inside: NDArray[np.bool_]) -> list[list[Point]]:
    """Return the rings around the cells of one label, in cells of the grid; the longest first, specks left out."""
    edges: dict[Point, list[Point]] = defaultdict(list)
    padded = np.pad(inside, 1)
    for row, column in zip(*np.nonzero(padded), strict=True):
        x, y = float(column), float(row)
        # Around each cell counter-clockwise; an edge between two cells of the label is none.
        for is_free, begin, end in (
            (not padded[row - 1, column], (x, y), (x + 1, y)),
            (not padded[row, column + 1], (x + 1, y), (x + 1, y + 1)),
            (not padded[row + 1, column], (x + 1, y + 1), (x, y + 1)),
            (not padded[row, column - 1], (x, y + 1), (x, y)),
        ):
            if is_free:
                edges[begin].append(end)
    rings = []
    while edges:
        begin = next(iter(edges))
        ring = [begin]
        while (left := edges.get(ring[-1])) is not None:
            following = left.pop()
            if not left:
                del edges[ring[-1]]
            if following == begin:
                break
            ring.append(following)
        rings.append([(x - 1, y - 1) for x, y in ring])
    return sorted((ring for ring in rings if len(ring) > 24), key=len, reverse=True)


def _feature(
    kind: str, name: str, ags: str, inside: NDArray[np.bool_], meeting: set[Point], origin: Point
) -> dict[str, Any]:  # fmt: skip
    polygons = [[_degrees(_drawn(ring, meeting), origin)] for ring in _rings(inside)]
    return {
        "type": "Feature", "properties": {"kind": kind, "name": name, "ags": ags},
        "geometry": {"type": "MultiPolygon", "coordinates": polygons},
    }  # fmt: skip


def _drawn(ring: Sequence[Point], meeting: set[Point]) -> list[Point]:
    """Return a ring without the steps of the grid: line by line, each as its neighbour draws it."""
    ends = [number for number, point in enumerate(ring) if point in meeting] or [0]
    if len(ends) == 1:
        ends.append((ends[0] + len(ring) // 2) % len(ring))
        ends.sort()
    points: list[Point] = []
    for number, begin in enumerate(ends):
        end = ends[(number + 1) % len(ends)]
        line = list(ring[begin : end + 1]) if begin < end else [*ring[begin:], *ring[: end + 1]]
        # In one direction, whichever area comes along it.
        is_turned = line[0] > line[-1]
        drawn = _smooth(_kept(line[::-1] if is_turned else line))
        points.extend((drawn[::-1] if is_turned else drawn)[:-1])
    return points


def _kept(line: Sequence[Point]) -> list[Point]:
    (x0, y0), (x1, y1) = line[0], line[-1]
    length = math.hypot(x1 - x0, y1 - y0) or 1.0
    away = [abs((x1 - x0) * (y0 - y) - (x0 - x) * (y1 - y0)) / length for x, y in line[1:-1]]
    if not away or max(away) * CELL_KM <= _TOLERANCE_KM:
        return [line[0], line[-1]]
    at = away.index(max(away)) + 1
    return [*_kept(line[: at + 1])[:-1], *_kept(line[at:])]


def _smooth(line: Sequence[Point]) -> list[Point]:
    """Cut the corners between the ends (Chaikin), so that it looks drawn by hand, not by squares."""
    cut = [line[0]]
    for (x, y), (nx, ny) in pairwise(line):
        cut += [(0.75 * x + 0.25 * nx, 0.75 * y + 0.25 * ny), (0.25 * x + 0.75 * nx, 0.25 * y + 0.75 * ny)]
    return [*cut, line[-1]]


def _degrees(ring: Sequence[Point], origin: Point) -> list[list[float]]:
    scale = _KM_OF_DEGREE * math.cos(_LATITUDE)
    points = [
        [round((x * CELL_KM + origin[0]) / scale, 3), round((y * CELL_KM + origin[1]) / _KM_OF_DEGREE, 3)]
        for x, y in ring
    ]
    return [*points, points[0]]


def main() -> None:
    """Write the file."""
    TARGET.write_text(json.dumps(build(), ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
