"""``kill -9`` of PostgreSQL in mid-run and mid-confirmation: web and worker go on by themselves once it is back."""

from __future__ import annotations

import time

import pytest
from sqlalchemy import text

from tests.api.crashes.confirming import Crowd
from tests.api.crashes.postgres_server import Server
from tests.api.crashes.service import Service, until

pytestmark = pytest.mark.slow  # Real processes, killed: minutes.

ROUNDS = 5
_AWAY = 3.0
"""Seconds without a database."""


def _round(service: Service, server: Server, number: int, *, after: int) -> None:
    """A run and confirmations, and the server dies in both."""
    service.house.match()
    # The worker that is at work may have taken what was asked for before.
    until(lambda: bool(service.unanswered()), "proposals")
    crowd = Crowd(service, service.unanswered(), range(1000 * number + 100, 1000 * number + 130))
    run_id = service.ask_for_run(3)
    until(lambda: service.step(run_id) != "queued", "the run")
    with crowd.at_work():
        crowd.has(after)
        server.kill()
        assert service.status("live") == 200
        assert service.status("ready") == 503
        with service.caller("essen") as caller:
            answer = caller.call("GET", "/pool")
        assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
        assert answer.headers["content-type"] == "application/problem+json"
        time.sleep(_AWAY)
    # Where it dies late all are confirmed already; of so many entries some are always still to come.
    answers = [*crowd.confirmed.answers.values(), *crowd.entered.answers.values()]
    told = [answer for answer in answers if answer is not None]
    assert {status for status, _ in told} <= {200, 201, 409, 503}
    assert 503 in {status for status, _ in told}
    assert {body["code"] for status, body in told if status == 503} == {"unavailable"}
    server.start()
    until(lambda: service.status("ready") == 200, "the web process")
    crowd.check()
    until(lambda: service.step(run_id) == "ended", "the run")
    service.check_run(run_id)
    crowd.finish(is_planned_anew=True)


def test_all_go_on_when_it_is_back(on_server: Service, server: Server) -> None:
    service = on_server
    with service.house.store.reading() as session:
        assert session.scalar(text("SHOW fsync")) == session.scalar(text("SHOW synchronous_commit")) == "on"
    service.fill(duties=8, requests=24)
    service.house.match()
    with service.worker() as worker, service.web() as web:
        _round(service, server, 1, after=2)
        assert worker.is_alive
        assert web.is_alive


@pytest.mark.slow
def test_again_and_again(on_server: Service, server: Server) -> None:
    service = on_server
    with service.worker() as worker, service.web() as web:
        for number in range(ROUNDS):
            service.fill(duties=4, requests=10, first=1000 * number)
            _round(service, server, number, after=1 + number % 3)
        assert worker.is_alive
        assert web.is_alive
