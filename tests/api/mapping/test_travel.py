"""One source of travel times for all that propose and all that check, as the settings say."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import ValidationError

import data
from api.mapping import problem, travel
from api.services import checking
from api.services.checking import catalogue
from api.settings import Settings
from api.settings_checks import ROAD_FILES

ROADS = Path(__file__).parents[4] / "shared" / "reference" / "roads"
ESSEN, DUS = "05113000", "DUS"


@pytest.fixture(autouse=True)
def _again_as_before() -> Iterator[None]:
    yield
    travel.choose(Settings(travel="great_circle"))


@pytest.fixture
def roads(tmp_path: Path) -> Path:
    """A road graph of one road, from Essen to the airport of Düsseldorf: 40 km in 20 minutes."""
    folder = tmp_path / "roads"
    folder.mkdir()
    ends = [catalogue()[each] for each in (ESSEN, DUS)]
    nodes = "id,lat,lon\n" + "".join(f"{each.id},{each.lat},{each.lon}\n" for each in ends)
    edges = f"a,b,km,minutes,class\n{ESSEN},{DUS},40,20,x\n"
    for name, text in zip(ROAD_FILES, (nodes, edges), strict=True):
        (folder / name).write_bytes(gzip.compress(text.encode()))
    return folder


def source(*places: str) -> str:
    provider = travel.provider_of(data.parameter_set())
    return provider.matrix([catalogue()[each] for each in places]).source(*places)


def test_it_is_the_great_circle_where_nothing_else_is_said(tmp_path: Path) -> None:
    travel.choose(Settings(folder=tmp_path))
    assert source(ESSEN, DUS) == "great_circle"


def test_a_road_graph_is_read_from_its_folder_and_its_pairs_are_kept(tmp_path: Path, roads: Path) -> None:
    settings = Settings(folder=tmp_path / "var", travel="road_graph", travel_folder=roads)
    travel.choose(settings)
    assert source(ESSEN, DUS) == "road_graph"
    assert source(ESSEN, "05315000") == "great_circle", "where the graph says nothing"
    assert len(list((tmp_path / "var" / "travel").glob("road-graph-*.npz"))) == 1, "for the other processes"
    travel.choose(Settings(folder=tmp_path))
    assert source(ESSEN, DUS) == "great_circle"


def test_whoever_checks_asks_the_same_source_as_whoever_proposes() -> None:
    assert vars(checking)["provider_of"] is vars(problem)["provider_of"] is travel.provider_of


@pytest.mark.parametrize("left", [(), ROAD_FILES[:1], ROAD_FILES[1:]])
def test_a_road_graph_without_its_files_is_told_at_the_start(tmp_path: Path, left: tuple[str, ...]) -> None:
    for name in left:
        (tmp_path / name).touch()
    with pytest.raises(ValidationError) as caught:
        Settings(travel="road_graph", travel_folder=tmp_path)
    (error,) = caught.value.errors()
    assert error["loc"] == ("travel_folder",)
    assert f"missing: {', '.join(name for name in ROAD_FILES if name not in left)}" in error["msg"]
    with pytest.raises(ValidationError, match=ROAD_FILES[0]):
        Settings(travel="road_graph")
    assert Settings(travel_folder=tmp_path).travel == "great_circle", "a folder alone chooses nothing"


@pytest.mark.skipif(not ROADS.is_dir(), reason="no road graph beside the project")
def test_the_graph_of_the_state_joins_essen_and_its_airport(tmp_path: Path) -> None:
    travel.choose(Settings(folder=tmp_path, travel="road_graph", travel_folder=ROADS))
    provider = travel.provider_of(data.parameter_set())
    places = [catalogue()[each] for each in (ESSEN, DUS)]
    matrix = provider.matrix(places)
    assert matrix.source(ESSEN, DUS) == "road_graph"
    assert 10 * 60 < matrix.drive(ESSEN, DUS) < 60 * 60
