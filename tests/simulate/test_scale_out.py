"""Whoever does the work, and whatever is killed: every answer comes, once."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import Any

import pytest

from optimizer.errors import InvalidValue
from optimizer.simulate.scale_out import ClusterLost, Crew, InProcess, Processes, cluster, run_each
from tests.simulate.pieces import Piece, process_of, square

ROOT = Path(__file__).parents[2]


def taken(crew: Crew, pieces: list[Piece], **fields: Any) -> tuple[list[tuple[int, int]], list[str]]:
    answers: list[tuple[int, int]] = []
    failed = run_each(crew, square, pieces, lambda piece, answer: answers.append((piece.number, answer)), **fields)
    return sorted(answers), [f"{each.task.number}: {each.cause}" for each in failed]


def squares(*numbers: int) -> list[tuple[int, int]]:
    return [(n, n * n) for n in numbers]


@pytest.mark.parametrize("crew", [InProcess(), Processes(2)], ids=["here", "processes"])
def test_each_piece_is_done_once_and_a_failure_stays_alone(crew: Crew) -> None:
    answers, failed = taken(crew, [Piece(n) for n in (10, 11, 12, 13, 14, 21, 15, 16)])
    assert answers == squares(10, 11, 12, 14, 15, 16)
    assert sorted(failed) == [
        "13: ValueError: thirteen", "21: InvalidValue: piece: expected another number, got 21.",
    ]  # fmt: skip


def test_nothing_to_do_is_done_at_once() -> None:
    assert taken(InProcess(), []) == ([], [])


def test_processes_are_others_than_this_one() -> None:
    seen: set[int] = set()
    run_each(Processes(2), process_of, [Piece(n) for n in range(12)], lambda _, answer: seen.add(answer))
    assert os.getpid() not in seen
    assert len(seen) == 2


def test_a_killed_process_loses_nothing_and_doubles_nothing(tmp_path: Path) -> None:
    pieces = [Piece(n, str(tmp_path), kills=int(n == 3)) for n in range(8)]
    answers, failed = taken(Processes(2), pieces)
    assert answers == squares(*range(8))
    assert failed == []
    assert len(list(tmp_path.iterdir())) == 1, "it was killed"


def test_a_piece_that_kills_every_process_is_given_up_and_takes_no_other_with_it(tmp_path: Path) -> None:
    pieces = [Piece(n, str(tmp_path), kills=99 * int(n == 2)) for n in range(6)]
    answers, failed = taken(Processes(2), pieces)
    assert answers == squares(0, 1, 3, 4, 5)
    assert failed == ["2: its process was ended, 4 times"]


@pytest.mark.parametrize("crew", [InProcess(), Processes(2)], ids=["here", "processes"])
def test_cancelling_keeps_what_is_done_and_waits_for_nothing(crew: Crew) -> None:
    answers: list[int] = []
    pieces = [Piece(n, seconds=600.0 if n > 2 and not isinstance(crew, InProcess) else 0.0) for n in range(9)]
    failed = run_each(
        crew, square, pieces, lambda piece, _: answers.append(piece.number), is_cancelled=lambda: len(answers) >= 3
    )
    assert sorted(answers) == [0, 1, 2]
    assert failed == []


class _Forgetful(Executor):
    """Lets go of every piece, as a cluster does whose scheduler is gone."""

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        future.cancel()
        future.set_running_or_notify_cancel()
        return future


class _Gone(Processes):
    def open(self) -> Executor:
        return _Forgetful()


def test_a_crew_that_lets_go_again_and_again_is_lost() -> None:
    with pytest.raises(ClusterLost, match="start again to go on"):
        taken(_Gone(1), [Piece(1)])


def test_no_process_is_no_crew() -> None:
    with pytest.raises(InvalidValue, match="1 or more"):
        Processes(0)


def test_nobody_at_the_address_is_said() -> None:
    with pytest.raises(ClusterLost, match="Nobody answers"), cluster("tcp://127.0.0.1:9", timeout=0.5):
        pass


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="asks Linux who is there")
def test_processes_end_with_the_one_that_asked(tmp_path: Path) -> None:
    code = (
        "import sys\n"
        "from tests.simulate.pieces import Piece, marked\n"
        "from optimizer.simulate.scale_out import Processes, run_each\n"
        "if __name__ == '__main__':\n"
        "    run_each(Processes(2), marked, [Piece(n, sys.argv[1], seconds=600) for n in range(2)], print)\n"
    )
    script = tmp_path / "asks.py"
    script.write_text(code, encoding="utf-8")
    marks = tmp_path / "marks"
    marks.mkdir()
    asking = subprocess.Popen([sys.executable, str(script), str(marks)], env={**os.environ, "PYTHONPATH": str(ROOT)})
    while len(list(marks.iterdir())) < 2:
        assert asking.poll() is None
        time.sleep(0.05)
    asking.kill()
    asking.wait()
    for mark in marks.iterdir():
        while _is_there(int(mark.name)):
            time.sleep(0.05)


def _is_there(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()[0]
    except OSError:
        return False
    return state != "Z"  # Dead, and not yet taken note of by whoever is its parent now.
