"""The drawn outlines of the board's map: as they are built, small, near enough to the official ones."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from data import places
from data.builders.outlines import TARGET, build
from optimizer.model import PlaceKind

OFFICIAL = Path(__file__).parents[3] / "shared" / "reference" / "boundaries" / "nrw_regierungsbezirke.geojson"
"""Beside the checkout where it was put there; it is not shipped."""
LARGEST = 60_000


def rings_of(feature: dict[str, Any]) -> list[list[list[float]]]:
    shape = feature["geometry"]
    polygons = shape["coordinates"] if shape["type"] == "MultiPolygon" else [shape["coordinates"]]
    return [ring for polygon in polygons for ring in polygon]


def is_inside(lon: float, lat: float, feature: dict[str, Any]) -> bool:
    """By the number of lines that a ray to the east crosses."""
    crossed = 0
    for ring in rings_of(feature):
        for (x0, y0), (x1, y1) in zip(ring, [*ring[1:], ring[0]], strict=True):
            if (y0 > lat) != (y1 > lat) and lon < x0 + (lat - y0) * (x1 - x0) / (y1 - y0):
                crossed += 1
    return crossed % 2 == 1


def towns() -> list[tuple[str, float, float]]:
    return [
        (place.ags[:3], place.lon, place.lat)
        for place in places()
        if place.kind is PlaceKind.TOWN and place.ags.startswith("05")
    ]


@pytest.fixture(scope="module")
def outlines() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(TARGET.read_text(encoding="utf-8"))["features"]
    return found


def test_the_file_is_what_the_builder_builds() -> None:
    assert json.loads(TARGET.read_text(encoding="utf-8")) == build()


def test_it_is_small_and_whole(outlines: list[dict[str, Any]]) -> None:
    assert TARGET.stat().st_size < LARGEST
    assert [(each["properties"]["kind"], each["properties"]["ags"]) for each in outlines] == [
        *(("bezirk", ags) for ags in ("057", "055", "051", "053", "059")), ("state", "05"),
    ]  # fmt: skip
    for each in outlines:
        assert all(ring[0] == ring[-1] and len(ring) > 8 for ring in rings_of(each))


def test_every_municipality_lies_in_its_bezirk_as_drawn(outlines: list[dict[str, Any]]) -> None:
    by_ags = {each["properties"]["ags"]: each for each in outlines}
    right = [is_inside(lon, lat, by_ags[ags]) for ags, lon, lat in towns()]
    assert len(right) == 396
    # Lines are smoothed, so that a centre near one may fall on the other side.
    assert sum(right) >= 0.98 * len(right)
    assert all(is_inside(lon, lat, by_ags["05"]) for _, lon, lat in towns())


def test_points_all_over_the_state_fall_into_the_bezirk_that_they_officially_are_in(
    outlines: list[dict[str, Any]],
) -> None:
    if not OFFICIAL.exists():
        pytest.skip("the official boundaries are not here")
    official = json.loads(OFFICIAL.read_text(encoding="utf-8"))["features"]
    drawn = [each for each in outlines if each["properties"]["kind"] == "bezirk"]

    by_name = {each["properties"]["name"]: each for each in drawn}
    right = [
        is_inside(lon, lat, by_name[each["properties"]["name"]])
        for _, lon, lat in towns()
        for each in official
        if is_inside(lon, lat, each)
    ]
    assert len(right) >= 390
    assert sum(right) >= 0.9 * len(right)
