"""Both providers against known driving times; prints the figures that ``data/README.md`` reports (``pytest -s``)."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

import data
from optimizer.model import Place
from optimizer.travel import GreatCircle, TravelProvider
from optimizer.travel.road_graph import RoadGraphTravel

REFERENCE = Path(__file__).parents[3] / "shared" / "reference"
KNOWN = REFERENCE / "roads" / "known_driving_times.csv"
NODES, EDGES = REFERENCE / "roads" / "graph_nodes.csv.gz", REFERENCE / "roads" / "graph_edges.csv.gz"

pytestmark = pytest.mark.skipif(not KNOWN.exists(), reason="reference data are not at hand (../shared/reference)")


def known_pairs() -> list[tuple[Place, Place, float]]:
    by_name = {place.name: place for place in data.places()} | {a.iata: a.place for a in data.airports()}
    with KNOWN.open(encoding="utf-8", newline="") as stream:
        return [
            (by_name[r["from"]], by_name[r["to"]], (float(r["minutes_low"]) + float(r["minutes_high"])) / 2)
            for r in csv.DictReader(stream)
        ]


def errors(provider: TravelProvider, name: str) -> np.ndarray:
    pairs = known_pairs()
    places = list({p.id: p for origin, target, _ in pairs for p in (origin, target)}.values())
    matrix = provider.matrix(places)
    found = np.array([matrix.drive(a.id, b.id) / 60 / minutes - 1 for a, b, minutes in pairs])
    size = np.abs(found)
    print(
        f"\n{name}: {len(found)} pairs, mean {size.mean():.1%}, median {np.median(size):.1%}, "
        f"worst {found[size.argmax()]:+.1%}, most underestimated {found.min():+.1%}"
    )
    return found


def test_great_circle_is_as_good_as_calibrated() -> None:
    found = errors(GreatCircle(), "great_circle")
    assert len(found) == 28
    assert np.abs(found).mean() < 0.07
    assert np.abs(found).max() < 0.26


@pytest.mark.skipif(not NODES.exists(), reason="the road graph is not at hand (../shared/reference/roads)")
def test_road_graph_is_within_the_margin(tmp_path: Path) -> None:
    found = errors(RoadGraphTravel(NODES, EDGES, cache=tmp_path), "road_graph")
    assert np.abs(found).mean() < 0.08
    assert np.median(np.abs(found)) < 0.055
    # The margin of the parameter set covers every pair that the graph underestimates.
    margin = data.parameter_set().travel.margin_permille / 1000
    assert (1 + found.min()) * (1 + margin) >= 1
