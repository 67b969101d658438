"""Public instances through the command line's own path: read, solve, written, read again, checked.

The files are not part of the project: where ``../shared/instances`` is absent these tests are skipped.
"""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from optimizer.__main__ import app

SHARED = Path(__file__).parents[2] / "shared" / "instances"
TOLERANCE = 0.02
"""The published values are rounded to two places."""
QUICK_DARP = ("a2-16", "a3-18", "a4-16")
SLOW_DARP = ("a2-20", "a2-24", "a3-24", "a3-30", "a3-36", "a4-24", "a4-32")
QUICK_PTP = ("PTP-RAND-1_4_2_16", "PTP-RAND-1_8_4_32")
SLOW_PTP = (
    "PTP-RAND-1_12_5_48",
    "PTP-RAND-1_16_6_64",
    "PTP-RAND-1_20_8_80",
    "PTP-RAND-1_24_9_96",
    "PTP-RAND-1_28_10_112",
    "PTP-RAND-1_32_12_128",
    "PTP-RAND-1_36_14_144",
    "PTP-RAND-1_40_16_160",
)


def each(quick: tuple[str, ...], slow: tuple[str, ...]) -> list[Any]:
    return [*quick, *(pytest.param(name, marks=pytest.mark.slow) for name in slow)]


def given(path: Path) -> Path:
    if not path.exists():
        pytest.skip(f"the public instance {path.name} is not there: expected {path}")
    return path


def solved(path: Path, file_format: str, target: Path, limit: float) -> dict[str, Any]:
    """Solve and check as the command line does; the checker reads what was written, in the file's own units."""
    out = target / "RESULT.json"
    options = ["--format", file_format, "--time-limit", str(limit), "--out", str(out)]
    done = CliRunner().invoke(app, ["solve", str(path), *options])
    assert done.exit_code == 0, done.output
    judged = CliRunner().invoke(app, ["check", str(path), str(out), "--format", file_format])
    assert judged.exit_code == 0, judged.output
    assert "feasible" in judged.output
    told: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
    return told


def published(name: str) -> float:
    with given(SHARED / "best_known.csv").open(encoding="utf-8") as file:
        return next(float(row["value"]) for row in csv.DictReader(file) if row["instance"] == name)


@pytest.mark.parametrize("name", each(QUICK_DARP, SLOW_DARP))
def test_dial_a_ride_is_solved_to_the_published_optimum_and_proven(name: str, tmp_path: Path) -> None:
    told = solved(given(SHARED / "darp" / f"{name}.txt"), "cordeau", tmp_path, limit=300)
    assert told["status"] == "optimal"
    assert told["cost"] == pytest.approx(published(name), abs=TOLERANCE)
    assert [stage["name"] for stage in told["stages"]] == ["cost"]
    assert told["gap"] == 0
    assert told["complete"]
    assert not told["unserved"]


@pytest.mark.parametrize("name", each(QUICK_PTP, SLOW_PTP))
def test_patients_are_carried_there_and_back_or_not_at_all(name: str, tmp_path: Path) -> None:
    path = given(SHARED / "ptp" / "easy" / f"{name}.json")
    told = solved(path, "ptp", tmp_path, limit=60)
    patients = len(json.loads(path.read_text(encoding="utf-8"))["patients"])
    (stage,) = told["stages"]
    assert stage["name"] == "served"
    assert stage["value"] <= stage["bound"] <= patients
    carried = {visit["request"] for tour in told["tours"] for visit in tour["visits"] if visit.get("request")}
    unserved = {request["request"] for request in told["unserved"]}
    assert not carried & unserved
    whole = {request.split(":")[0] for request in carried}
    assert len(whole) == stage["value"], "a patient counts once, there and back"
    assert not whole & {request.split(":")[0] for request in unserved}
    # These are the easy ones: the smallest can be served whole.
    if name in QUICK_PTP:
        assert told["status"] == "optimal"
