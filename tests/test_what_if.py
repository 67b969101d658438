"""The commands ``whatif``, ``sweep`` and ``backtest`` as a person calls them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from optimizer.__main__ import app
from optimizer.io.json import read_instance, write_instance
from optimizer.simulate.backtest import Backtest, Variant
from optimizer.simulate.changes_demand import CancelRequests, DelayFlight
from optimizer.simulate.changes_fleet import AddVehicles, CloseZab, RemoveVehicle
from optimizer.simulate.documents import dump_backtest, dump_scenario, dump_sweep
from optimizer.simulate.draws import NO_CHANCE
from optimizer.simulate.evaluation import evaluate
from optimizer.simulate.results import records
from optimizer.simulate.running import History
from optimizer.simulate.scenario import Scenario
from tests.simulate.worlds import FEWER, MORE, sweep, tiny

ROOT = Path(__file__).parents[1]


@pytest.fixture
def day(tmp_path: Path) -> Path:
    path = tmp_path / "day.json"
    write_instance(path, *tiny())
    return path


@pytest.fixture
def fewer(tmp_path: Path) -> Path:
    path = tmp_path / "fewer.json"
    path.write_text(dump_scenario(FEWER), encoding="utf-8")
    return path


def swept(folder: Path, **fields: Any) -> Path:
    path = folder / "sweep.json"
    path.write_text(dump_sweep(sweep(**{"draws": NO_CHANCE, "most": 3, **fields})), encoding="utf-8")
    return path


def call(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


class TestWhatIf:
    def test_both_days_stand_side_by_side(self, day: Path, fewer: Path) -> None:
        done = call("whatif", day, "--scenario", fewer)
        assert done.exit_code == 0, done.output
        lines = done.stdout.splitlines()
        assert lines[0] == "ein Fahrzeug weniger"
        assert lines[2].split() == ["beförderte", "Anfragen", "4", "2", "-2"]
        assert lines[3].split() == ["nicht", "eingeplante", "Anfragen", "2", "4", "+2"]
        assert lines[-1].split() == ["neue", "Anfragen", "der", "ZAB", "Z1", "4", "2", "-2"]
        english = call("whatif", day, "--scenario", fewer, "--language", "en").stdout.splitlines()
        assert english[2].split() == ["requests", "carried", "4", "2", "-2"]

    def test_several_scenarios_are_made_one_after_another(self, day: Path, fewer: Path, tmp_path: Path) -> None:
        more = tmp_path / "more.json"
        more.write_text(dump_scenario(MORE), encoding="utf-8")
        done = call("whatif", day, "--scenario", fewer, "--scenario", more, "--language", "en")
        assert done.stdout.splitlines()[0] == "one van less, more requests"
        # Of the three requests more, two may share the one ride that they take together.
        assert done.stdout.splitlines()[3].split() == ["unplaced", "requests", "2", "6", "+4"]

    def test_plan_and_day_are_for_the_checker(self, day: Path, fewer: Path, tmp_path: Path) -> None:
        plan, other = tmp_path / "plan.json", tmp_path / "other.json"
        before = day.read_bytes()
        done = call("whatif", day, "--scenario", fewer, "--out", plan, "--day", other)
        assert done.exit_code == 0, done.output
        assert call("check", other, plan).stdout == "feasible\n"
        assert [v.id for v in read_instance(other).instance.vehicles] == ["V1"]
        assert day.read_bytes() == before

    def test_a_scenario_that_does_not_fit_is_said_and_nothing_written(
        self, day: Path, fewer: Path, tmp_path: Path
    ) -> None:
        out = tmp_path / "plan.json"
        done = call("whatif", day, "--scenario", fewer, "--scenario", fewer, "--out", out)
        assert done.exit_code == 2
        assert "change 2: remove_vehicle.vehicle: expected an id that is there (V1), got 'V2'" in done.stderr
        assert not out.exists()

    def test_every_fault_of_a_scenario_file_is_a_line(self, day: Path, tmp_path: Path) -> None:
        file = tmp_path / "s.json"
        wrong = {"id": "", "changes": [{"kind": "fly"}, {"kind": "crew_ill"}]}
        file.write_text(json.dumps({"format": "restplatz-scenario", "version": 1, "scenario": wrong}), encoding="utf-8")
        done = call("whatif", day, "--scenario", file)
        assert done.exit_code == 2
        assert len(done.stderr.splitlines()) == 2
        assert "scenario.changes[1].crew" in done.stderr

    def test_all_that_the_day_does_not_have_is_told_at_once(self, day: Path, tmp_path: Path) -> None:
        changes = (
            CancelRequests(requests=("R99",)), DelayFlight(place="XXX", by=60), RemoveVehicle(vehicle="V2"),
            AddVehicles(zab="nowhere"), RemoveVehicle(vehicle="Z1-XV1"),
        )  # fmt: skip
        file = tmp_path / "s.json"
        file.write_text(dump_scenario(Scenario(id="odd", changes=changes)), encoding="utf-8")
        done = call("whatif", day, "--scenario", file)
        assert done.exit_code == 2
        lines = done.stderr.splitlines()
        assert [line.split(":")[0] for line in lines] == [f"scenario odd, change {n}" for n in (1, 2, 4)]
        assert "Hand-overs are at" in lines[1]
        assert "[" not in lines[1], "ids as people write them"

    def test_a_change_that_changes_nothing_is_said(self, day: Path, tmp_path: Path) -> None:
        closed = Scenario(id="far away", changes=(CloseZab(zab="Z1", day=0), CloseZab(zab="Z1", day=7)))
        file = tmp_path / "s.json"
        file.write_text(dump_scenario(closed), encoding="utf-8")
        told = call("whatif", day, "--scenario", file).stdout
        assert told.endswith("far away: Änderung 2 (close_zab) ändert in dieser Datei nichts.\n")
        assert "Änderung 1" not in told
        told = call(
            "sweep", day, "--sweep", swept(tmp_path, scenarios=(closed,)), "--jobs", 1, "--language", "en"
        ).stdout
        assert told.endswith("far away: change 2 (close_zab) changes nothing in this file.\n")

    def test_the_day_itself_is_no_target(self, day: Path, fewer: Path) -> None:
        done = call("whatif", day, "--scenario", fewer, "--day", day)
        assert done.exit_code == 2
        assert "another file than the problem" in done.stderr


class TestSweep:
    def test_table_sentences_and_files(self, day: Path, tmp_path: Path) -> None:
        out = tmp_path / "out"
        done = call("sweep", day, "--sweep", swept(tmp_path), "--jobs", 1, "--out", out, "--language", "en")
        assert done.exit_code == 0, done.output
        assert "one van less: 10.0 (10.0 to 10.0) fewer requests carried a week" in done.stdout
        assert {path.name for path in out.iterdir()} == {"results.jsonl", "comparison.json", "comparison.xlsx"}
        assert len(list(records(out / "results.jsonl"))) == 9
        told = json.loads((out / "comparison.json").read_text(encoding="utf-8"))
        assert told["comparison"]["lines"][1]["differences"]["carried"]["mean"] == -10

    def test_started_again_it_makes_nothing_twice(self, day: Path, tmp_path: Path) -> None:
        out = tmp_path / "out"
        arguments = ("sweep", day, "--sweep", swept(tmp_path), "--jobs", 1, "--out", out)
        first = call(*arguments, "--draws", 2)
        assert len(list(records(out / "results.jsonl"))) == 6
        again = call(*arguments)
        assert "6 results are there already" in again.stderr
        assert len(list(records(out / "results.jsonl"))) == 9
        assert (first.exit_code, again.exit_code) == (0, 0)

    def test_without_out_nothing_is_written(self, day: Path, tmp_path: Path) -> None:
        file = swept(tmp_path)
        before = set(tmp_path.iterdir())
        done = call("sweep", day, "--sweep", file, "--jobs", 1, "--draws", 2)
        assert done.exit_code == 0, done.output
        assert "ein Fahrzeug weniger" in done.stdout
        assert set(tmp_path.iterdir()) == before

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            (("--cluster", "tcp://127.0.0.1:9"), "Nobody answers at tcp://127.0.0.1:9"),
            (("--out", "missing/out"), "a folder in one that exists"),
            (("--out", "sweep.json"), "expected a folder, got a file"),
        ],
    )
    def test_what_cannot_be_is_said(
        self, day: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, str], message: str
    ) -> None:
        monkeypatch.chdir(tmp_path)
        from optimizer.simulate import scale_out

        quick = scale_out.cluster
        monkeypatch.setattr(scale_out, "cluster", lambda address: quick(address, timeout=0.5))
        done = call("sweep", day, "--sweep", swept(tmp_path), "--jobs", 1, *arguments)
        assert done.exit_code == 2, done.output
        assert message in done.stderr

    def test_a_draw_that_fails_is_told_and_the_rest_is_there(
        self, day: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from optimizer.simulate import sweeping

        def sometimes(*args: Any, **fields: Any) -> Any:
            if fields["draw"] == 1:
                raise RuntimeError("a defect")
            return evaluate(*args, **fields)

        monkeypatch.setattr(sweeping, "evaluate", sometimes)
        done = call("sweep", day, "--sweep", swept(tmp_path), "--jobs", 1)
        assert done.exit_code == 3
        assert "Lost: scenario fewer, draw 1: RuntimeError: a defect" in done.stderr

    @pytest.mark.slow
    def test_ctrl_c_keeps_what_is_there_and_the_same_command_goes_on(self, day: Path, tmp_path: Path) -> None:
        out = tmp_path / "out"
        file = swept(tmp_path, most=4000, fewest=2, draws=NO_CHANCE)
        command = [sys.executable, "-m", "optimizer", "sweep", str(day), "--sweep", str(file), "--out", str(out)]
        child = subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
        )
        results = out / "results.jsonl"
        while child.poll() is None and (not results.exists() or len(results.read_bytes().splitlines()) < 4):
            time.sleep(0.05)
        os.killpg(child.pid, signal.SIGINT)  # As a terminal does: to every process of it.
        _, told = child.communicate()
        assert child.returncode == 0, told
        assert "Stopped on request" in told
        kept = [(record.scenario, record.draw) for record in records(results)]
        assert 3 <= len(kept) < 12_000
        assert len(kept) == len(set(kept))
        again = call("sweep", day, "--sweep", file, "--out", out, "--jobs", 1, "--draws", 2)
        assert again.exit_code == 0, again.output
        assert f"{len(kept)} results are there already" in again.stderr


class TestBacktest:
    def test_variants_of_a_past_period_are_told_by_days(self, day: Path, tmp_path: Path) -> None:
        out, file = tmp_path / "out", tmp_path / "rules.json"
        variants = (Variant(scenario=Scenario(id="today")), Variant(scenario=FEWER))
        file.write_text(dump_backtest(Backtest(name="past", variants=variants)), encoding="utf-8")
        done = call("backtest", day, "--backtest", file, "--out", out, "--language", "en")
        assert done.exit_code == 0, done.output
        assert done.stdout.splitlines()[1].split()[:2] == ["scenario", "days"]
        assert "one van less: too few days (1); a difference needs 2 or more" in done.stdout
        (told,) = (line.split() for line in done.stdout.splitlines() if line.split()[:4] == ["one", "van", "less", "1"])
        assert told[4] == "10.0", "what was carried on the one day, a week of such days"
        assert {path.name for path in out.iterdir()} == {"comparison.json", "comparison.xlsx"}

    def test_a_history_that_does_not_fit_is_said(self, day: Path, tmp_path: Path) -> None:
        file = tmp_path / "rules.json"
        wanted = Backtest(name="past", variants=(Variant(scenario=FEWER),), history=History(failed=("R99",)))
        file.write_text(dump_backtest(wanted), encoding="utf-8")
        done = call("backtest", day, "--backtest", file)
        assert done.exit_code == 2
        assert "history: expected an id that is there" in done.stderr
