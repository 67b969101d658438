"""``kill -9`` of the worker in mid-run: the run ends once, whatever it was at."""

from __future__ import annotations

import random
import time
import uuid

import pytest

from tests.api.crashes.service import Process, Service, until

pytestmark = pytest.mark.slow  # Real processes, killed: minutes.

ROUNDS = 20
STEPS = ("queued", "preparing", "solving", "publishing")


def _at(service: Service, run_id: uuid.UUID, step: str, worker: Process) -> None:
    """Wait until a run has come to a step, or past it."""
    order = (*STEPS, "ended")
    until(
        lambda: order.index(service.step(run_id)) >= order.index(step) or not worker.is_alive, step, every=0.002
    )  # fmt: skip
    assert worker.is_alive, worker.said


def test_a_run_is_finished_by_the_next_worker(service: Service) -> None:
    if service.house.store.is_postgres:
        pytest.skip("the next test")
    service.fill(duties=8, requests=32)
    run_id = service.ask_for_run(2)
    with service.worker(is_ready=False) as dying:
        _at(service, run_id, "solving", dying)
        dying.kill()
        assert service.step(run_id) == "solving"
    with service.worker():
        until(lambda: service.step(run_id) == "ended", "the run")
        time.sleep(1)  # What would be done a second time would be done by now.
        service.check_run(run_id)


def test_another_worker_takes_over_by_itself(service: Service) -> None:
    if not service.house.store.is_postgres:
        pytest.skip("SQLite has one worker")
    service.fill(duties=8, requests=32)
    with service.worker("first") as dying:
        run_id = service.ask_for_run(4)
        with service.worker("second", is_ready=False) as other:
            _at(service, run_id, "solving", dying)
            assert service.run(run_id).worker == "first"
            dying.kill()
            assert service.step(run_id) == "solving"
            until(lambda: service.step(run_id) == "ended", "the run")
            other.wait_for("taken_over")
    assert service.run(run_id).worker == "second"
    service.check_run(run_id)


@pytest.mark.slow
def test_at_any_moment_again_and_again(service: Service) -> None:
    """Twenty runs, each killed at one step, at once or a while into it; every second of them twice."""
    chance = random.Random(20261123)
    first_day = service.days
    met: list[str] = []
    for number in range(ROUNDS):
        service.days = first_day + number % 5
        service.fill(duties=3, requests=10, first=1000 * number)
        run_id = service.ask_for_run(2)
        for _ in range(1 + number % 2):
            with service.worker(is_ready=False) as dying:
                if number % 4 == 0:
                    dying.wait_for("worker_ready")
                _at(service, run_id, STEPS[number % 4], dying)
                time.sleep(chance.random() * (0.05 if number % 3 else 1.0))
                dying.kill()
                met.append(service.step(run_id))
        with service.worker():
            until(lambda key=run_id: service.step(key) == "ended", "the run")  # type: ignore[misc]
            service.check_run(run_id)
    print({step: met.count(step) for step in (*STEPS, "ended")})
    service.check()
