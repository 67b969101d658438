"""A database that is away when a process starts, and one that takes no changes for a while."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

import pytest
from sqlalchemy import create_engine, text

from tests.api.crashes.postgres_server import Server
from tests.api.crashes.service import Service, until

pytestmark = pytest.mark.slow  # Real processes, killed: minutes.


def test_processes_that_start_without_a_database_wait_for_it(on_server: Service, server: Server) -> None:
    service = on_server
    service.fill(duties=2, requests=2)
    run_id = service.ask_for_run(1)
    server.kill()
    with service.web(is_ready=False) as web, service.worker(is_ready=False) as worker:
        assert service.status("live") == 200
        assert service.status("ready") == 503
        with service.caller("essen") as caller:
            answer = caller.call("GET", "/pool")
        assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
        worker.wait_for("database_away")
        assert "Traceback" not in web.said + worker.said
        server.start()
        until(lambda: service.status("ready") == 200, "the web process")
        worker.wait_for("worker_ready")
        until(lambda: service.step(run_id) == "ended", "the run")
        assert web.is_alive
    service.check_run(run_id)


@contextmanager
def _takes_no_changes(server: Server) -> Iterator[None]:
    admin = create_engine(server.address, isolation_level="AUTOCOMMIT")

    def let(value: str) -> None:
        with admin.connect() as connection:
            connection.execute(text("SET default_transaction_read_only = off"))
            connection.execute(text(f"ALTER SYSTEM SET default_transaction_read_only = {value}"))
            connection.execute(text("SELECT pg_reload_conf()"))

    let("on")
    try:
        yield
    finally:
        let("off")
        admin.dispose()


def test_while_the_database_takes_no_changes_it_can_be_read(on_server: Service, server: Server) -> None:
    service = on_server
    service.fill(duties=4, requests=12)
    with service.worker() as worker, service.web() as web, service.caller("abh") as caller:
        run_id = service.ask_for_run(3)
        until(lambda: service.step(run_id) == "solving", "the run")
        with _takes_no_changes(server):
            # Transactions that had begun still end: the setting comes with the next one.
            numbers = count(100)
            until(
                lambda: caller.call("POST", "/requests", service.request_body(next(numbers))).status_code == 503,
                "read-only",
            )
            last = service.request_body(next(numbers))
            answer = caller.call("POST", "/requests", last)
            assert (answer.status_code, answer.json()["code"]) == (503, "database_read_only")
            assert len(caller.get("/requests?limit=200")["items"]) >= 12
            assert service.status("ready") == 200
            worker.wait_for("database_away")
            time.sleep(2)
            assert service.step(run_id) == "solving"
        until(lambda: service.step(run_id) == "ended", "the run")
        answer = caller.call("POST", "/requests", last)
        assert answer.status_code == 201, answer.text
        assert web.is_alive
    service.check_run(run_id)
