"""Processes: that all parts are answered, and what is told where one dies, fails, or is to stop."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from optimizer.days.recipe import solve_days
from optimizer.days.split import Part
from optimizer.days.team import Team
from optimizer.errors import UnsoundSolution
from optimizer.model import Stage
from optimizer.params import SolveParams
from optimizer.result import Status
from tests.builders import instance, line, request
from tests.days import fakes
from tests.days.several import several_days
from tests.properties.solved import QUICK

TRAVEL = line({"depot": 0, "A": 600, "B": 1200})


class Ears:
    """An observer that keeps what it is told."""

    def __init__(self) -> None:
        self.phases: list[str] = []
        self.texts: list[str] = []

    def phase(self, name: str) -> None:
        self.phases.append(name)

    def progress(self, text: str, *, value: int | None = None, bound: int | None = None) -> None:
        self.texts.append(text)


@pytest.fixture(autouse=True)
def nobody_is_left() -> Iterator[None]:
    yield
    assert multiprocessing.active_children() == []


def team(
    *names: str,
    processes: int = 2,
    limit: float | None = None,
    is_cancelled: Callable[[], bool] = lambda: False,
    target: Callable[..., None] = fakes.serve,
) -> tuple[Team, Ears]:
    ears = Ears()
    parts = [Part(instance=replace(instance(request("r")), name=name), travel=TRAVEL) for name in names]
    params = SolveParams(workers=processes, time_limit=limit)
    made = Team(parts, params, processes=processes, observer=ears, is_cancelled=is_cancelled, target=target)
    return made, ears


def test_every_part_is_answered_under_its_own_number() -> None:
    made, ears = team("a", "b", "c", "d", "e")
    made.run()
    assert {number: result.statistics["name"] for number, result in made.results.items()} == dict(enumerate("abcde"))
    assert made.lost == []
    assert ears.phases == [f"{k} of 5" for k in range(1, 6)]


def test_the_limit_is_shared_and_what_is_left_goes_on() -> None:
    made, ears = team("a", "b", "c", processes=1, limit=60)
    made.run()
    limits = [float(text.split()[-1]) for text in ears.texts]
    assert limits[0] < 20 < limits[1] < 30 < limits[2] < 60


@pytest.mark.parametrize(("what", "told"), [("die", "ended by itself with code 7"), ("killed", "SIGKILL")])
def test_a_part_whose_process_dies_twice_is_told_and_the_others_are_kept(what: str, told: str) -> None:
    made, ears = team("a", what, "c", "d")
    made.run()
    assert sorted(made.results) == [0, 2, 3]
    (lost,) = made.lost
    assert lost.part == 1
    assert told in lost.cause
    assert any(text.startswith("part 2: its process") and "once more" in text for text in ears.texts)


def test_a_part_whose_process_dies_once_is_tried_again(tmp_path: Path) -> None:
    made, _ = team("a", f"once {tmp_path / 'died'}", "c")
    made.run()
    assert sorted(made.results) == [0, 1, 2]
    assert made.lost == []


def test_processes_that_never_live_lose_every_part_and_end() -> None:
    made, _ = team("a", "b", target=fakes.stillborn)
    made.run()
    assert made.results == {}
    assert sorted(lost.part for lost in made.lost) == [0, 1]
    assert all("code 9" in lost.cause for lost in made.lost)


def test_a_plan_that_the_checker_refused_is_raised_and_the_others_are_ended() -> None:
    made, _ = team("long", "unsound")
    begun = time.perf_counter()
    with pytest.raises(UnsoundSolution, match="window"):
        made.run()
    assert time.perf_counter() - begun < 60


def test_an_error_of_a_part_is_raised_with_its_trace() -> None:
    made, _ = team("a", "fail")
    with pytest.raises(RuntimeError, match="one by nought"):
        made.run()


def wish_once_waiting(ears: Callable[[], Ears], number: int, wished: list[float]) -> Callable[[], bool]:
    """A wish to cancel that comes when ``number`` parts have told that they wait, and the second in which it did."""

    def is_cancelled() -> bool:
        if not wished and sum(text.endswith("waits") for text in ears().texts) == number:
            wished.append(time.perf_counter())
        return bool(wished)

    return is_cancelled


def test_a_wish_to_cancel_ends_what_is_in_work_and_begins_nothing() -> None:
    wished: list[float] = []
    made, ears = team("wait", "wait", "wait", is_cancelled=wish_once_waiting(lambda: ears, 2, wished))
    made.run()
    assert sorted(made.results) == [0, 1]
    assert made.lost == []
    assert time.perf_counter() - wished[0] < 1.5


def test_a_part_that_does_not_stop_is_ended_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("optimizer.days.team._GRACE", 0.5)
    wished: list[float] = []
    made, ears = team("deaf", "wait", is_cancelled=wish_once_waiting(lambda: ears, 2, wished))
    made.run()
    assert sorted(made.results) == [1]
    assert [(lost.part, lost.cause) for lost in made.lost] == [(0, "did not stop when it was to, and was ended")]
    assert time.perf_counter() - wished[0] < 3


def test_a_part_that_outlasts_the_limit_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("optimizer.days.team._GRACE", 0.5)
    ended: list[float] = []

    def is_cancelled() -> bool:
        if not ended and any(text.endswith("waits") for text in ears.texts):
            ended.append(time.perf_counter())
            made._end = ended[0]
        return False

    made, ears = team("deaf", limit=60, is_cancelled=is_cancelled)
    made.run()
    assert [lost.part for lost in made.lost] == [0]
    assert time.perf_counter() - ended[0] < 3


# --- kernels ----------------------------------------------------------------------------------------------------------


def test_a_wish_to_cancel_does_not_wait_for_a_compiler() -> None:
    wished: list[float] = []

    def is_cancelled() -> bool:
        if not wished and ears.phases == ["compiling, once"]:
            wished.append(time.perf_counter())
        return bool(wished)

    made, ears = team("a", "b", is_cancelled=is_cancelled, target=fakes.compile_for_ever)
    made.run()
    assert made.results == {}
    assert made.lost == []
    assert time.perf_counter() - wished[0] < 1


def test_time_in_which_kernels_are_compiled_is_not_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(fakes.MADE, str(tmp_path / "made"))
    made, ears = team("a", processes=1, limit=20, target=fakes.compile_first)
    begun = time.perf_counter()
    made.run()
    (limit,) = (float(text.split()[-1]) for text in ears.texts)
    assert limit > 20 + 1 - (time.perf_counter() - begun)


def test_one_process_compiles_and_the_others_wait_for_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(fakes.MADE, str(tmp_path / "made"))
    made, ears = team("a", "b", "c", processes=3, target=fakes.compile_first)
    made.run()
    assert sorted(made.results) == [0, 1, 2]
    assert ears.phases.count("compiling, once") == 1


def test_a_process_that_is_killed_while_it_compiles_keeps_nobody_waiting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(fakes.MADE, str(tmp_path / "made"))
    monkeypatch.setenv(fakes.SECONDS, "1")
    made, _ = team("a", "b", "c", limit=60, target=fakes.die_compiling)
    end = made._end
    begun = time.perf_counter()
    made.run()
    assert sorted(made.results) == [0, 1, 2]
    assert made.lost == []
    assert time.perf_counter() - begun < 30
    assert end is not None
    assert made._end is not None
    assert made._end - end > 0.9, "time that was spent on compiling in vain is not counted either"


# --- the solver -------------------------------------------------------------------------------------------------------


def test_real_processes_find_what_one_finds() -> None:
    day, travel = several_days((0, 1, 2), (Stage.SERVED, Stage.CUSTODY, Stage.COST))
    alone = solve_days(day, travel, QUICK)
    both = solve_days(day, travel, replace(QUICK, workers=2))
    parts = both.statistics["parts"]
    assert isinstance(parts, list)
    assert len(parts) == 3
    assert both.statistics["processes"] == 2
    assert both.status is Status.OPTIMAL
    assert replace(both, statistics={}) == replace(alone, statistics={})
