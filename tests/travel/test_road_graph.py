from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest

from optimizer.errors import InputRejected, InvalidValue
from optimizer.model import Place, TravelRules
from optimizer.travel import GreatCircle
from optimizer.travel.road_graph import RoadGraphTravel
from optimizer.travel.road_network import RoadGraph

NODES = "id,lat,lon\na,51.0,7.0\nb,51.0,7.5\nc,51.0,8.0\nlost,51.5,7.5\n"
# b and c are joined twice: the faster road is the longer one. Nothing leads to "lost".
EDGES = "a,b,km,minutes,class\na,b,40,30,x\nb,c,35,50,x\nb,c,60,25,x\n"

A = Place(id="A", name="A", lat=51.0, lon=7.0)
B = Place(id="B", name="B", lat=51.0, lon=7.5)
C = Place(id="C", name="C", lat=51.0, lon=8.0)
LOST = Place(id="L", name="lost", lat=51.5, lon=7.5)
FAR = Place(id="F", name="far from any road", lat=52.5, lon=7.0)
NEAR_A = Place(id="NA", name="near a", lat=51.005, lon=7.0)


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    nodes, edges = tmp_path / "nodes.csv", tmp_path / "edges.csv"
    nodes.write_text(NODES, encoding="utf-8")
    edges.write_text(EDGES, encoding="utf-8")
    return nodes, edges


def test_shortest_by_time_with_distance_along_the_same_path(files: tuple[Path, Path]) -> None:
    matrix = RoadGraphTravel(*files, access_nodes=1).matrix([A, B, C])
    assert matrix.drive("A", "C") == 55 * 60
    assert matrix.distance("A", "C") == 100_000
    assert matrix.drive("C", "A") == 55 * 60
    assert matrix.source("A", "C") == "road_graph"
    assert matrix.drive("A", "A") == matrix.distance("A", "A") == 0


def test_one_way_roads(files: tuple[Path, Path]) -> None:
    matrix = RoadGraphTravel(*files, access_nodes=1, both_ways=False).matrix([A, C])
    assert matrix.drive("A", "C") == 55 * 60
    assert matrix.source("A", "C") == "road_graph"
    assert matrix.source("C", "A") == "great_circle"


def test_what_the_graph_cannot_say_comes_from_the_great_circle_and_says_so(files: tuple[Path, Path]) -> None:
    places = [A, B, LOST, FAR, NEAR_A]
    matrix = RoadGraphTravel(*files, access_nodes=1).matrix(places)
    fallback = GreatCircle().matrix(places)
    for origin, destination in (("A", "L"), ("A", "F"), ("F", "F"), ("A", "NA")):
        assert matrix.source(origin, destination) == "great_circle"
        assert matrix.drive(origin, destination) == fallback.drive(origin, destination)
        assert matrix.distance(origin, destination) == fallback.distance(origin, destination)
    assert matrix.source("NA", "B") == "road_graph"


def test_access_leg_is_a_town_trip(files: tuple[Path, Path]) -> None:
    matrix = RoadGraphTravel(*files, access_nodes=1).matrix([A, NEAR_A, B])
    leg = GreatCircle().matrix([A, NEAR_A])
    assert matrix.drive("NA", "B") == pytest.approx(30 * 60 + leg.drive("NA", "A"), abs=1)
    assert matrix.distance("NA", "B") == pytest.approx(40_000 + leg.distance("NA", "A"), abs=1)


def test_no_short_cut_through_another_place(tmp_path: Path) -> None:
    # Two roads that do not meet; M lies between them and is joined to both.
    nodes, edges = tmp_path / "n.csv", tmp_path / "e.csv"
    nodes.write_text("id,lat,lon\n1,51.0,7.0\n2,51.0,7.4\n3,51.05,7.4\n4,51.05,7.8\n", encoding="utf-8")
    edges.write_text("a,b,km,minutes\n1,2,30,20\n3,4,30,20\n", encoding="utf-8")
    west = Place(id="W", name="W", lat=51.0, lon=7.0)
    east = Place(id="E", name="E", lat=51.05, lon=7.8)
    middle = Place(id="M", name="M", lat=51.025, lon=7.4)
    matrix = RoadGraphTravel(nodes, edges, access_nodes=2, snap_km=5).matrix([west, middle, east])
    assert matrix.source("W", "M") == matrix.source("M", "E") == "road_graph"
    assert matrix.source("W", "E") == "great_circle"


def test_margin_and_hour_apply(files: tuple[Path, Path]) -> None:
    rules = TravelRules(margin_permille=150, hourly_permille=(1000,) * 7 + (2000,) + (1000,) * 16)
    provider = RoadGraphTravel(*files, rules=rules, access_nodes=1)
    assert provider.matrix([A, B], 6 * 3600).drive("A", "B") == 30 * 69
    assert provider.matrix([A, B], 7 * 3600).drive("A", "B") == provider.matrix([A, B]).drive("A", "B") == 2 * 30 * 69
    assert provider.matrix([A, B]).distance("A", "B") == 40_000


def test_gzipped_files_read_alike(files: tuple[Path, Path], tmp_path: Path) -> None:
    zipped = []
    for file in files:
        zipped.append(tmp_path / f"{file.name}.gz")
        zipped[-1].write_bytes(gzip.compress(file.read_bytes()))
    plain, packed = RoadGraph.read(*files), RoadGraph.read(*zipped)
    assert np.array_equal(plain.minutes, packed.minutes)
    assert len(plain.tail) == 4  # of the parallel roads one is kept, each in both directions


class TestCache:
    def test_second_run_reads_no_graph(
        self, files: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        cache = tmp_path / "cache"
        first = RoadGraphTravel(*files, known=[A, B, C], cache=cache).matrix([A, C])
        assert [file.suffix for file in cache.iterdir()] == [".npz"]

        def fail(*_: object, **__: object) -> RoadGraph:
            raise AssertionError("read the graph")

        monkeypatch.setattr(RoadGraph, "read", fail)
        again = RoadGraphTravel(*files, known=[A, B, C], cache=cache).matrix([C, A])
        assert again.places == ("C", "A")
        assert again.drive("A", "C") == first.drive("A", "C")
        assert again.distance("A", "C") == first.distance("A", "C")

    @pytest.mark.parametrize("damage", ["cut", "noise", "empty", "other shape", "not a number"])
    def test_damaged_cache_is_rebuilt(self, files: tuple[Path, Path], tmp_path: Path, damage: str) -> None:
        cache = tmp_path / "cache"
        first = RoadGraphTravel(*files, cache=cache).matrix([A, B, C])
        (file,) = cache.iterdir()
        whole = file.read_bytes()
        if damage == "other shape":
            np.savez(file, minutes=np.zeros((2, 2)), km=np.zeros((2, 2)), sources=np.zeros((2, 2), np.uint8))
        elif damage == "not a number":
            np.savez(file, minutes=np.full((3, 3), np.nan), km=np.zeros((3, 3)), sources=np.zeros((3, 3), np.uint8))
        else:
            file.write_bytes({"cut": whole[: len(whole) // 2], "noise": b"x" * 500, "empty": b""}[damage])
        again = RoadGraphTravel(*files, cache=cache).matrix([A, B, C])
        assert np.array_equal(again.seconds, first.seconds)
        assert [f.name for f in cache.iterdir()] == [file.name]
        with np.load(file) as stored:
            assert stored["minutes"].shape == (3, 3)
            assert np.isfinite(stored["minutes"]).all()

    def test_changed_data_or_places_are_computed_anew(self, files: tuple[Path, Path], tmp_path: Path) -> None:
        cache = tmp_path / "cache"
        before = RoadGraphTravel(*files, access_nodes=1, cache=cache).matrix([A, B])
        files[1].write_text(EDGES.replace("40,30", "40,33"), encoding="utf-8")
        after = RoadGraphTravel(*files, access_nodes=1, cache=cache).matrix([A, B])
        assert (before.drive("A", "B"), after.drive("A", "B")) == (1800, 1980)
        RoadGraphTravel(*files, access_nodes=1, cache=cache).matrix([A, C])
        assert len(list(cache.iterdir())) == 3

    def test_unknown_place_beside_known_ones_is_computed(self, files: tuple[Path, Path], tmp_path: Path) -> None:
        provider = RoadGraphTravel(*files, access_nodes=1, known=[A, B], cache=tmp_path / "cache")
        assert provider.matrix([A, C]).drive("A", "C") == 55 * 60


@pytest.mark.parametrize(
    ("nodes", "edges", "expected"),
    [
        ("id,lat\na,1\n", EDGES, ("missing_column", "nodes.csv", 1)),
        (NODES + "a,51,7\n", EDGES, ("duplicate_id", "nodes.csv", 6)),
        (NODES.replace("7.5", "x", 1), EDGES, ("bad_number", "nodes.csv", 3)),
        (NODES.replace("51.0,7.5", "91,7.5"), EDGES, ("bad_number", "nodes.csv", 3)),
        (NODES, EDGES.replace("30", "-1"), ("bad_number", "edges.csv", 2)),
        (NODES, EDGES.replace("30", "nan"), ("bad_number", "edges.csv", 2)),
        (NODES, EDGES + "a,zzz,1,1,x\n", ("unknown_node", "edges.csv", 5)),
        (NODES, "", ("missing_column", "edges.csv", 1)),
        (NODES, "a,b,km,minutes\n", ("empty_file", "edges.csv", 0)),
    ],
)
def test_bad_files_are_told_with_row_and_column(
    tmp_path: Path, nodes: str, edges: str, expected: tuple[str, str, int]
) -> None:
    (tmp_path / "nodes.csv").write_text(nodes, encoding="utf-8")
    (tmp_path / "edges.csv").write_text(edges, encoding="utf-8")
    with pytest.raises(InputRejected) as caught:
        RoadGraph.read(tmp_path / "nodes.csv", tmp_path / "edges.csv")
    assert expected in [(p.code, p.file, p.row) for p in caught.value.problems]


def test_missing_files_and_broken_gzip_are_told(tmp_path: Path, files: tuple[Path, Path]) -> None:
    with pytest.raises(InputRejected, match="missing_file"):
        RoadGraphTravel(tmp_path / "none.csv", files[1]).matrix([A, B])
    broken = tmp_path / "nodes.csv.gz"
    broken.write_bytes(gzip.compress(NODES.encode())[:-12])
    with pytest.raises(InputRejected, match="unreadable_file"):
        RoadGraph.read(broken, files[1])


def test_senseless_settings_are_refused(files: tuple[Path, Path]) -> None:
    with pytest.raises(InvalidValue, match="access_nodes"):
        RoadGraphTravel(*files, access_nodes=0)
