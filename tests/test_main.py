"""The command line: exit codes, what goes where, and that nothing is written when the input is bad."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from typer.testing import CliRunner
from typer.testing import Result as Outcome

from optimizer.__main__ import app
from optimizer.errors import UnsoundSolution
from optimizer.io.json import dump_instance, instance_units, write_instance
from optimizer.io.problem import Problem
from optimizer.io.result_file import dump_result
from optimizer.model import Instance, Solution
from optimizer.params import SolveParams
from optimizer.result import Obstacle, Reason, Result, Status, Unserved
from optimizer.search.observer import Observer
from optimizer.travel.matrix import TravelMatrix
from tests.builders import TourBuilder, instance, line, plan, request
from tests.io.test_json_result import result
from tests.io.test_literature_cordeau import TEXT

ROOT = Path(__file__).parents[1]
TRAVEL = line({"depot": 0, "A": 600, "B": 1200})
DAY = instance(request("R1"), request("R2", "B", "A"), request("R3"))
STATED = Problem(instance=DAY, travel=TRAVEL, units=instance_units(DAY))
REASON = Reason(
    zab="Z1",
    duty="D1",
    obstacle=Obstacle.STATIC,
    rule=None,
    texts={"de": "Kein Platz\nmehr.", "en": "No seat left."},
    actions={"de": "Größeres Fahrzeug.", "en": "A larger vehicle."},
)


def solved() -> Result:
    tour = TourBuilder(DAY, TRAVEL).ride("R1", "R2").build()
    return result(STATED, plan(tour), unserved=(Unserved(request="R3", reasons=(REASON,)),))


@pytest.fixture
def day(tmp_path: Path) -> Path:
    path = tmp_path / "day.json"
    write_instance(path, DAY, TRAVEL)
    return path


@pytest.fixture
def answer(tmp_path: Path) -> Path:
    path = tmp_path / "RESULT.json"
    path.write_text(dump_result(solved(), STATED), encoding="utf-8")
    return path


Solve = Callable[..., Result]


@pytest.fixture
def solver(monkeypatch: pytest.MonkeyPatch) -> Callable[[Solve], None]:
    """Put a stand-in in the solver's place: the command line is tested here, not the mathematics."""

    def put(solve: Solve) -> None:
        monkeypatch.setattr("optimizer.days.recipe.solve", solve)

    return put


def call(*arguments: str | Path) -> Outcome:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


# --- solve ------------------------------------------------------------------------------------------------------------


def test_solve_hands_the_options_on_and_writes_the_result(
    day: Path, tmp_path: Path, solver: Callable[[Solve], None]
) -> None:
    seen: dict[str, Any] = {}

    def stub(
        given: Instance,
        travel: TravelMatrix,
        params: SolveParams,
        *,
        observer: Observer,
        is_cancelled: Callable[[], bool],
    ) -> Result:
        observer.phase("fragments")
        observer.progress("1 of 2", value=1, bound=2)
        seen.update(given=given, travel=travel, params=params, cancelled=is_cancelled())
        return solved()

    solver(stub)
    out = tmp_path / "out.json"
    done = call("solve", day, "--time-limit", "2.5", "--workers", "1", "--seed", "7", "--out", out)
    assert done.exit_code == 0, done.output
    assert seen["given"] == DAY
    left = seen["params"].time_limit
    assert 0 < left < 2.5, "reading the file belongs to the limit"
    assert seen["params"] == SolveParams(time_limit=left, workers=1, seed=7)
    assert seen["cancelled"] is False
    assert out.read_text(encoding="utf-8") == dump_result(solved(), STATED)
    assert done.stdout == ""
    assert "test: optimal" in done.stderr
    assert "2 requests served, 1 unserved, 1 tours" in done.stderr
    assert any(line.split() == ["served", "2", "2", "0.00%", "yes"] for line in done.stderr.splitlines())


def test_solve_without_out_writes_json_and_nothing_else_to_stdout(day: Path, solver: Callable[[Solve], None]) -> None:
    solver(lambda *_, **__: solved())
    done = call("solve", day)
    assert done.exit_code == 0
    assert done.stdout == dump_result(solved(), STATED)


def test_solve_reads_cordeau(tmp_path: Path, solver: Callable[[Solve], None]) -> None:
    path = tmp_path / "a.txt"
    path.write_text(TEXT)

    def stub(given: Instance, travel: TravelMatrix, *_: object, **__: object) -> Result:
        tour = TourBuilder(given, travel, "1").ride("1", "2").build()
        problem = Problem(instance=given, travel=travel, units=instance_units(given))
        return result(problem, plan(tour))

    solver(stub)
    done = call("solve", path, "--format", "cordeau")
    assert done.exit_code == 0, done.output
    # 0-1 3, 1-3 4, 3-2 3, 2-4 4, 4-5 0: all whole
    assert json.loads(done.stdout)["cost"] == 14.0
    assert any(line.split()[:3] == ["cost", "14.00", "14.00"] for line in done.stderr.splitlines())
    (tmp_path / "RESULT.json").write_text(done.stdout)
    checked = call("check", path, tmp_path / "RESULT.json", "--format", "cordeau")
    assert (checked.exit_code, checked.stdout) == (0, "feasible\n")


def test_an_infeasible_problem_exits_with_1_and_still_tells_so(
    day: Path, tmp_path: Path, solver: Callable[[Solve], None]
) -> None:
    nothing = Result(
        status=Status.INFEASIBLE,
        stages=(),
        objective=None,
        solution=Solution(),
        unserved=(),
        complete=True,
        statistics={},
    )
    solver(lambda *_, **__: nothing)
    out = tmp_path / "out.json"
    assert call("solve", day, "--out", out).exit_code == 1
    assert json.loads(out.read_text())["status"] == "infeasible"


def test_a_plan_that_the_checker_refused_is_a_defect_not_a_result(
    day: Path, tmp_path: Path, solver: Callable[[Solve], None]
) -> None:
    def stub(*_: object, **__: object) -> Result:
        raise UnsoundSolution(["window (hard): too late"])

    solver(stub)
    out = tmp_path / "out.json"
    done = call("solve", day, "--out", out)
    assert done.exit_code == 3
    assert "window (hard): too late" in done.stderr
    assert not out.exists()


def test_an_error_of_the_solver_is_not_swallowed(day: Path, solver: Callable[[Solve], None]) -> None:
    def stub(*_: object, **__: object) -> Result:
        raise ZeroDivisionError

    solver(stub)
    assert isinstance(call("solve", day).exception, ZeroDivisionError)


@pytest.mark.parametrize(
    "options",
    [
        ("--workers", "0"),
        ("--workers", "two"),
        ("--seed", "-1"),
        ("--time-limit", "0"),
        ("--format", "excel"),
        ("--format", "ptp"),
        ("--format", "cordeau"),
        ("--out", "."),
        ("--out", "missing/out.json"),
        ("--out", "day.json"),
        ("--colour", "red"),
    ],
)
def test_bad_options_exit_with_2_and_nothing_is_written(
    options: tuple[str, str],
    day: Path,
    tmp_path: Path,
    solver: Callable[[Solve], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    solver(lambda *_, **__: pytest.fail("the solver was called"))
    before = day.read_bytes()
    done = call("solve", day, *options)
    assert done.exit_code == 2, done.output
    assert done.stderr
    assert done.stdout == ""
    assert [path.name for path in tmp_path.iterdir()] == ["day.json"]
    assert day.read_bytes() == before


def test_every_problem_of_the_file_is_one_line(day: Path, tmp_path: Path, solver: Callable[[Solve], None]) -> None:
    solver(lambda *_, **__: pytest.fail("the solver was called"))
    changed = json.loads(dump_instance(DAY, TRAVEL))
    changed["instance"]["requests"][0]["luggage"] = -1
    changed["instance"]["requests"][1]["id"] = "R2\nfeasible\x1b[31m"
    changed["instance"]["requests"][1]["load"] = "x"
    day.write_text(json.dumps(changed))
    done = call("solve", day, "--out", tmp_path / "out.json")
    assert done.exit_code == 2
    lines = done.stderr.splitlines()
    assert len(lines) == 2
    assert "R1.luggage" in lines[0]
    assert "requests[1: R2" in lines[1]
    assert "\x1b" not in done.stderr
    assert not (tmp_path / "out.json").exists()


INTERRUPTED = """
import sys, time
from types import ModuleType
from pathlib import Path
from tests.test_main import solved
def solve(instance, travel, params, *, observer, is_cancelled):
    print("ready", file=sys.stderr, flush=True)
    while not is_cancelled():
        time.sleep(0.01)
    return solved()
module = ModuleType("optimizer.solve")
module.solve = solve
sys.modules["optimizer.solve"] = module
warm = ModuleType("optimizer.days.warm")
warm.compile_kernels = lambda *_: 0.0
warm.warm_up = lambda *_, **__: None
sys.modules["optimizer.days.warm"] = warm
sys.argv = ["optimizer", "solve", sys.argv[1], "--out", sys.argv[2]]
from optimizer.__main__ import main
main()
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_ends_with_the_best_plan_so_far(number: signal.Signals, day: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    with subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED, day, out],
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    ) as process:
        assert process.stderr is not None
        killer = threading.Timer(30, process.kill)
        killer.start()
        assert process.stderr.readline() == "ready\n"
        begin = time.perf_counter()
        process.send_signal(number)
        told = process.stderr.read()
        assert process.wait() == 0, told
        # The wish is what ends it, not the killer; how soon is measured in benchmarks/test_cancel.py.
        assert time.perf_counter() - begin < 10
        killer.cancel()
    assert told.startswith("Stopped on request: the best plan so far.")
    assert out.read_text(encoding="utf-8") == dump_result(solved(), STATED)


# --- check ------------------------------------------------------------------------------------------------------------


def test_a_right_plan_is_feasible(day: Path, answer: Path) -> None:
    done = call("check", day, answer)
    assert (done.exit_code, done.stdout) == (0, "feasible\n")


def test_each_violation_and_each_untrue_figure_is_a_line(day: Path, answer: Path) -> None:
    told = json.loads(answer.read_text())
    visits = told["tours"][0]["visits"]
    visits[2]["arrival"] = visits[2]["start"] = visits[2]["departure"] = 1100
    told["objective"]["metres"] += 1
    answer.write_text(json.dumps(told))
    done = call("check", day, answer)
    assert done.exit_code == 1
    rules = [line.split(":")[0] for line in done.stdout.splitlines()]
    assert "feasible" not in done.stdout.splitlines()
    assert rules.count("drive_time (hard)") == 1
    assert any("objective.metres" in line for line in done.stdout.splitlines())


def test_warnings_are_told_but_do_not_fail(day: Path, answer: Path) -> None:
    profiles = tuple(replace(p, max_drive=60, drive_break=900) for p in DAY.parameters.working_time)
    warned = replace(DAY, parameters=replace(DAY.parameters, working_time=profiles))
    write_instance(day, warned, TRAVEL)
    done = call("check", day, answer)
    assert (done.exit_code, done.stdout) == (0, "feasible\n")
    assert done.stderr.startswith("warning: driver_break (warn)")


def test_a_result_of_bad_form_exits_with_2(day: Path, answer: Path, tmp_path: Path) -> None:
    assert call("check", day, tmp_path / "missing.json").exit_code == 2
    told = json.loads(answer.read_text())
    told["tours"][0]["duty"] = "D9"
    told["tours"][0]["visits"][1]["node"] = 5
    answer.write_text(json.dumps(told))
    done = call("check", day, answer)
    assert (done.exit_code, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 2


def test_check_and_help_load_neither_solver_nor_pandas(day: Path, answer: Path) -> None:
    code = (
        "import sys; from typer.testing import CliRunner; from optimizer.__main__ import app\n"
        "print(CliRunner().invoke(app, sys.argv[1:]).exit_code)\n"
        "print([m for m in ('ortools', 'pandas', 'numba', 'scipy') if m in sys.modules])\n"
    )
    for arguments in (["check", str(day), str(answer)], ["--help"]):
        done = subprocess.run(
            [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True, cwd=ROOT
        )
        assert done.stdout.splitlines() == ["0", "[]"], done


# --- explain ----------------------------------------------------------------------------------------------------------


def test_reasons_are_told_in_german(day: Path, answer: Path) -> None:
    done = call("explain", day, answer)
    assert done.exit_code == 0
    assert done.stdout.splitlines() == [
        "Anfrage R3: nicht eingeplant",
        "  ZAB Z1, Dienst D1: Kein Platz mehr.",
        "    Möglich: Größeres Fahrzeug.",
    ]


def test_reasons_are_told_in_english(day: Path, answer: Path) -> None:
    done = call("explain", day, answer, "--request", "R3", "--language", "en")
    assert done.stdout.splitlines() == [
        "Request R3: unserved",
        "  ZAB Z1, duty D1: No seat left.",
        "    Possible: A larger vehicle.",
    ]


def test_a_served_request_is_told_with_its_duty_and_why_there(day: Path, answer: Path) -> None:
    first, *why = call("explain", day, answer, "--request", "R1").stdout.splitlines()
    assert first == "Anfrage R1: eingeplant auf Dienst D1."
    assert "  Kein anderer Dienst könnte sie übernehmen." in why


def test_an_unknown_request_exits_with_2(day: Path, answer: Path) -> None:
    done = call("explain", day, answer, "--request", "R9")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "'R9'" in done.stderr


def test_a_request_without_a_reason_is_told_so(day: Path, answer: Path) -> None:
    told = json.loads(answer.read_text())
    told["unserved"][0]["reasons"] = []
    answer.write_text(json.dumps(told))
    assert "Das Ergebnis nennt keinen Grund." in call("explain", day, answer).stdout
    told["unserved"] = []
    answer.write_text(json.dumps(told))
    forgotten = call("explain", day, answer).stdout
    assert forgotten == "Anfrage R3: nicht eingeplant\n  Das Ergebnis nennt keinen Grund.\n"


def test_a_plan_that_serves_all_is_told_so(day: Path, answer: Path) -> None:
    tour = TourBuilder(DAY, TRAVEL).ride("R1", "R2", "R3").build()
    answer.write_text(dump_result(result(STATED, plan(tour)), STATED))
    assert call("explain", day, answer).stdout == "Alle Anfragen sind eingeplant.\n"
    assert call("explain", day, answer, "--language", "en").stdout == "All requests are served.\n"


# --- sample -----------------------------------------------------------------------------------------------------------


def test_sample_draws_what_was_asked_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    seen: dict[str, int] = {}

    def stub(**options: int) -> tuple[Instance, TravelMatrix]:
        seen.update(options)
        return DAY, TRAVEL

    module = ModuleType("optimizer.simulate.sampling")
    module.sample = stub  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "optimizer.simulate.sampling", module)
    out = tmp_path / "sample.json"
    done = call("sample", "--requests", "30", "--duties", "8", "--seed", "3", "--days", "2", "--out", out)
    assert done.exit_code == 0, done.output
    assert seen == {"requests": 30, "duties": 8, "seed": 3, "days": 2}
    assert out.read_text(encoding="utf-8") == dump_instance(DAY, TRAVEL)
    assert call("sample", "--requests", "30", "--duties", "8", "--seed", "3").stdout == dump_instance(DAY, TRAVEL)
    assert seen["days"] == 1


@pytest.mark.parametrize(
    "options",
    [
        (),
        ("--requests", "-1", "--duties", "1", "--seed", "0"),
        ("--requests", "1", "--duties", "1", "--seed", "-1"),
        ("--requests", "1", "--duties", "1", "--seed", "0", "--days", "0"),
        ("--requests", "1", "--duties", "1", "--seed", "0", "--out", "missing/out.json"),
    ],
)
def test_bad_options_of_sample_exit_with_2(options: tuple[str, ...]) -> None:
    done = call("sample", *options)
    assert (done.exit_code, done.stdout) == (2, "")
