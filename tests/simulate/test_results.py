"""Results on disk: written once, read back, cut short by a crash, kept apart from those of anything else."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from optimizer.errors import InputRejected
from optimizer.simulate.outcome import Outcome
from optimizer.simulate.results import FolderInUse, Results, records

ONE = Outcome(status="optimal", carried=3, load={"Z1": 3})
TWO = Outcome(status="feasible", carried=4, load={"Z1": 4}, gap=0.1)


def test_what_was_written_is_read_back(tmp_path: Path) -> None:
    file = tmp_path / "results.jsonl"
    with Results(file, "of") as results:
        assert results.add("a", "A", 0, ONE)
        assert results.add("a", "A", 1, TWO)
    with Results(file, "of") as again:
        assert again.known == {("a", 0): ONE, ("a", 1): TWO}
        assert ("a", 1) in again
        assert ("b", 0) not in again
        assert len(again) == 2


def test_a_result_is_written_once(tmp_path: Path) -> None:
    file = tmp_path / "results.jsonl"
    with Results(file, "of") as results:
        assert results.add("a", "A", 0, ONE)
        assert not results.add("a", "A", 0, TWO)
        assert results.known["a", 0] == ONE
    with Results(file, "of") as again:
        assert not again.add("a", "A", 0, TWO)
    assert [(r.id, r.draw, r.outcome) for r in records(file)] == [("A", 0, ONE)]


def test_every_line_is_on_disk_when_it_is_there(tmp_path: Path) -> None:
    file = tmp_path / "results.jsonl"
    with Results(file, "of") as results:
        results.add("a", "A", 0, ONE)
        assert len(file.read_text(encoding="utf-8").splitlines()) == 2


@pytest.mark.parametrize("cut", [1, 20, 100])
def test_a_line_that_a_crash_cut_short_is_made_again(tmp_path: Path, cut: int) -> None:
    file = tmp_path / "results.jsonl"
    with Results(file, "of") as results:
        results.add("a", "A", 0, ONE)
        results.add("a", "A", 1, TWO)
    whole = file.read_bytes()
    file.write_bytes(whole[:-cut])
    with Results(file, "of") as again:
        assert dict(again.known) == {("a", 0): ONE}
        again.add("a", "A", 1, TWO)
    assert file.read_bytes() == whole


def test_results_of_something_else_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "results.jsonl"
    with Results(file, "of"):
        pass
    before = file.read_bytes()
    with pytest.raises(InputRejected, match="another sweep"), Results(file, "else"):
        pass
    assert file.read_bytes() == before


def test_lines_that_are_no_results_are_all_named(tmp_path: Path) -> None:
    file = tmp_path / "results.jsonl"
    with Results(file, "of") as results:
        results.add("a", "A", 0, ONE)
    with file.open("a", encoding="utf-8") as stream:
        stream.write('{"scenario": "a"}\nnonsense\n')
    with pytest.raises(InputRejected) as caught, Results(file, "of"):
        pass
    assert [fault.row for fault in caught.value.problems] == [3, 4]


def test_two_processes_do_not_write_to_one_file(tmp_path: Path) -> None:
    file = tmp_path / "results.jsonl"
    code = (
        "import sys; from pathlib import Path; from optimizer.simulate.results import Results\n"
        "with Results(Path(sys.argv[1]), 'of'):\n    print('there', flush=True); sys.stdin.readline()"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", code, str(file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "there\n"
    with pytest.raises(FolderInUse, match="another sweep writes here"), Results(file, "of"):
        pass
    holder.kill()
    holder.communicate()
    with Results(file, "of") as free:
        assert len(free) == 0


def test_without_a_file_results_are_kept_in_memory() -> None:
    with Results(None, "of") as results:
        assert results.add("a", "A", 0, ONE)
        assert not results.add("a", "A", 0, TWO)
        assert dict(results.known) == {("a", 0): ONE}
