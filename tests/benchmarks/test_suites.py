from __future__ import annotations

import re
from pathlib import Path

import pytest

from benchmarks.suites import DEFAULT, NAMES, SIZES, VARIABLE, find, instances, suite
from optimizer.io.json import read_instance
from optimizer.model import Stage

HERE = instances().is_dir()
needs_public = pytest.mark.skipif(not HERE, reason=f"no public instances at {instances()}")


@needs_public
@pytest.mark.parametrize(("name", "number"), [("darp-a", 24), ("darp-r", 4), ("ptp", 30)])
def test_public_suites_are_whole(name: str, number: int) -> None:
    cases = suite(name)
    assert len(cases) == number
    smallest = cases[0]
    stated = smallest.load()
    assert stated.instance.stages[0] is smallest.stage
    assert smallest.file(Path("unused")) == smallest.source
    if name != "ptp":
        assert all(case.best_known is not None and case.best_known > 0 for case in cases)
        assert all(case.proven == (name == "darp-a") for case in cases)


@needs_public
def test_small_public_cases_come_first() -> None:
    assert [case.name for case in suite("darp-a")][:3] == ["a2-16", "a2-20", "a2-24"]
    assert suite("darp-a")[-1].name == "a8-96"
    assert suite("ptp")[0].name == "easy-1_4_2_16"


def test_absent_files_are_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(VARIABLE, str(tmp_path / "nowhere"))
    assert [suite(name) for name in ("darp-a", "darp-r", "ptp")] == [[], [], []]
    told = capsys.readouterr().err.splitlines()
    assert len(told) == 3
    assert all(VARIABLE in line and "nowhere" in line for line in told)
    monkeypatch.setenv(VARIABLE, "")
    assert instances() == DEFAULT


def test_names_are_unique_and_fit_a_file() -> None:
    # Suite growth shares its days with sample-200, sample-400 and sample-2000: same name, same case.
    seen: dict[str, Stage] = {}
    for name in NAMES:
        names = [case.name for case in suite(name)]
        assert len(set(names)) == len(names)
        for case in suite(name):
            assert re.fullmatch(r"[\w-]+", case.name, re.ASCII)
            assert seen.setdefault(case.name, case.stage) is case.stage


def test_sampled_cases_are_what_they_are_called(tmp_path: Path) -> None:
    assert len(suite("growth")) == len(SIZES)
    case = suite("growth")[0]
    stated = case.load()
    assert case.name == "n25-d5-s1"
    assert len(stated.instance.duties) == 5
    assert case.stage in stated.instance.stages[:2]
    written = read_instance(case.file(tmp_path))
    assert written.instance == stated.instance
    assert (written.travel.seconds == stated.travel.seconds).all()


def test_cases_are_found_by_name() -> None:
    assert find("tiny-3").load().instance.name == "tiny-3"
    with pytest.raises(ValueError, match="sample-200"):
        find("n1-d1-s1")
    with pytest.raises(ValueError, match="sample-200"):
        suite("darp")
