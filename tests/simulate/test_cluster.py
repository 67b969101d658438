"""A cluster that loses a machine in mid-sweep loses no result and doubles none."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from optimizer.search.observer import SilentObserver
from optimizer.simulate.results import Results, records
from optimizer.simulate.scale_out import InProcess, cluster, run_each
from optimizer.simulate.sweeping import digest_of, run_sweep
from tests.simulate.cluster import LocalCluster, local_cluster
from tests.simulate.pieces import Piece, square
from tests.simulate.worlds import sweep, tiny

pytest.importorskip("distributed", reason="extra [cluster]")


@pytest.fixture
def machines(tmp_path: Path) -> Iterator[LocalCluster]:
    with local_cluster(tmp_path, workers=2) as made:
        yield made


class _KillsAWorker(SilentObserver):
    """Kills the first worker as soon as there is a first result."""

    def __init__(self, machines: LocalCluster) -> None:
        self._machines = machines
        self.was_in_work = False

    def progress(self, text: str, *, value: int | None = None, bound: int | None = None) -> None:
        if not self.was_in_work:
            self.was_in_work = self._machines.workers[0].poll() is None
            self._machines.kill(0)


def test_a_worker_killed_in_mid_sweep(machines: LocalCluster, tmp_path: Path) -> None:
    instance, travel = tiny()
    wanted = sweep(most=6)
    digest = digest_of(wanted, instance, travel)
    observer = _KillsAWorker(machines)
    file = tmp_path / "results.jsonl"
    with cluster(machines.address, timeout=60.0) as crew, Results(file, digest) as results:
        found = run_sweep(wanted, instance, travel, results, crew, observer=observer)
    assert observer.was_in_work
    assert found.failed == ()
    keys = [(record.scenario, record.draw) for record in records(file)]
    assert len(keys) == len(set(keys)) == 18, "none lost, none twice"
    with Results(None, digest) as here:
        assert run_sweep(wanted, instance, travel, here, InProcess()).outcomes == found.outcomes


def test_pieces_that_kill_their_worker_are_done_by_another(machines: LocalCluster, tmp_path: Path) -> None:
    answers: list[int] = []
    with cluster(machines.address, timeout=60.0) as crew:
        pieces = [Piece(n, str(tmp_path), kills=int(n == 2)) for n in range(6)]
        failed = run_each(crew, square, pieces, lambda _, answer: answers.append(answer))
        assert (sorted(answers), failed) == ([0, 1, 4, 9, 16, 25], [])
        cancelled = run_each(crew, square, pieces, lambda _, answer: answers.append(answer), is_cancelled=lambda: True)
        assert (len(answers), cancelled) == (6, [])
    assert sum(worker.poll() is not None for worker in machines.workers) == 1
