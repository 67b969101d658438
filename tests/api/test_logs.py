"""Logs: what is planted in calls, errors and other libraries' messages never stands there."""

from __future__ import annotations

import io
import json
import logging
import shutil
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import structlog
from fastapi import APIRouter
from sqlalchemy import text

from api import logs
from api.db.engine import make_engine
from api.workflow import Role
from tests.api.whole_app import whole

MARKER = "Mustermann"
FULL = f"Erika {MARKER}, Hauptstraße 5"
router = APIRouter()


@router.post("/echo/{name}")
def _echo(name: str, body: dict[str, Any]) -> dict[str, Any]:
    structlog.get_logger("restplatz.test").info("echoed", count=len(body))
    return body


@router.post("/defect/{name}")
def _defect(name: str, body: dict[str, Any]) -> None:
    raise RuntimeError(f"{name} {body}")


@contextmanager
def written(form: str, level: str = "debug") -> Iterator[io.StringIO]:
    root = logging.getLogger()
    before = root.handlers, root.level
    made = io.StringIO()
    logs.configure(form, level, made)
    yield made
    root.handlers, root.level = before
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access", *logs.CHATTY):
        logger = logging.getLogger(name)
        logger.setLevel(logging.NOTSET)
        logger.handlers, logger.propagate, logger.disabled = [], True, False


@pytest.fixture(params=["json", "text"])
def stream(request: pytest.FixtureRequest) -> Iterator[io.StringIO]:
    with written(request.param) as made:
        yield made


@pytest.fixture
def lines() -> Iterator[Callable[[], list[dict[str, Any]]]]:
    with written("json") as made:
        yield lambda: [json.loads(line) for line in made.getvalue().splitlines()]


def test_a_line_has_its_fields(lines: Callable[[], list[dict[str, Any]]]) -> None:
    run = uuid.uuid4()
    structlog.get_logger("restplatz.test").info("run done", run=run, seconds=1.5, night=date(2026, 10, 5))
    (line,) = lines()
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "run done", "level": "info", "logger": "restplatz.test", "run": str(run), "seconds": 1.5,
        "night": "2026-10-05",
    }  # fmt: skip


def test_a_field_that_nobody_knows_is_left_out(stream: io.StringIO) -> None:
    structlog.get_logger("restplatz.test").info("entered", name=MARKER, case_reference=MARKER, url=MARKER)
    assert "entered" in stream.getvalue()
    assert MARKER not in stream.getvalue()


@pytest.mark.parametrize(
    "value",
    [FULL, {"name": MARKER}, [FULL], RuntimeError(MARKER), MARKER + "\n", f"{MARKER}@example.org", b"Mustermann"],
)
def test_a_known_field_holds_no_text(stream: io.StringIO, value: Any) -> None:
    structlog.get_logger("restplatz.test").info("entered", code=value, message=value)
    assert logs.LEFT_OUT in stream.getvalue()
    assert MARKER not in stream.getvalue()


@pytest.mark.parametrize(
    "value", [None, True, 3, 1.5, "state_forbids", datetime(2026, 10, 5, 7, tzinfo=UTC), uuid.UUID(int=7)]
)
def test_codes_numbers_and_ids_are_told(lines: Callable[[], list[dict[str, Any]]], value: Any) -> None:
    structlog.get_logger("restplatz.test").info("entered", code=value)
    assert str(lines()[0]["code"]) == str(value).replace(" ", "T")


def test_an_event_that_was_put_together_is_left_out(stream: io.StringIO) -> None:
    structlog.get_logger("restplatz.test").info(f"entered {FULL}")
    assert MARKER not in stream.getvalue()


def test_an_error_is_told_by_kind_and_place(stream: io.StringIO) -> None:
    try:
        raise ValueError(FULL)
    except ValueError:
        structlog.get_logger("restplatz.test").exception("failed")
        logging.getLogger("somebody.else").exception("failed for %s", FULL)
        logging.getLogger("uvicorn.error").error("Exception in ASGI application\n", exc_info=True)  # noqa: G201  # as the server does
    assert stream.getvalue().count("ValueError") == 3
    assert stream.getvalue().count("tests/api/test_logs.py:") >= 3
    assert MARKER not in stream.getvalue()


def test_the_text_of_a_broken_statement_stays_out(stream: io.StringIO) -> None:
    engine = make_engine("sqlite://")
    with pytest.raises(Exception, match=MARKER) as raised, engine.begin() as connection:
        connection.execute(text("SELECT nothing FROM nowhere WHERE name = :name"), {"name": FULL})
    engine.dispose()
    structlog.get_logger("restplatz.test").error("failed", exc_info=raised.value)
    assert "OperationalError" in stream.getvalue()
    assert MARKER not in stream.getvalue()


@pytest.mark.parametrize("name", ["dbos", "somebody.else", "sqlalchemy.engine", "httpx2"])
def test_other_libraries_tell_only_where_they_wrote(stream: io.StringIO, name: str) -> None:
    logging.getLogger(name).warning(f"Workflow of {FULL}")  # noqa: G004
    logging.getLogger(name).warning("Workflow of %s", FULL, extra={"code": FULL})
    assert stream.getvalue().count("api/test_logs.py:") == 2
    assert MARKER not in stream.getvalue()


def test_libraries_that_tell_each_step_are_heard_from_a_warning_on() -> None:
    with written("json", "info") as made:
        logging.getLogger("alembic.runtime.migration").info("Context impl")
        logging.getLogger("dbos").info("Launched")
        assert made.getvalue() == ""
        logging.getLogger("dbos").warning("Lost")
        assert '"logger": "dbos"' in made.getvalue()


def test_the_web_server_tells_templates(stream: io.StringIO) -> None:
    logging.getLogger("uvicorn.error").info("Started server process [%d]", 4711)
    logging.getLogger("uvicorn.error").info("Application startup complete.")
    logging.getLogger("uvicorn.error").info(
        "Uvicorn running on %s://%s:%d (Press CTRL+C to quit)", "http", "127.0.0.1", 8000
    )
    logging.getLogger("uvicorn.error").info(f"Something about {FULL}")  # noqa: G004
    logging.getLogger("uvicorn.error").info("Something about %s", FULL)
    logging.getLogger("uvicorn.access").info('%s - "%s"', "192.0.2.1", f"GET /v1/{MARKER}")
    assert "Application startup complete." in stream.getvalue()
    assert "Started server process [4711]" in stream.getvalue()
    assert "Uvicorn running on http://127.0.0.1:8000" in stream.getvalue()
    assert "192.0.2.1" not in stream.getvalue()
    assert MARKER not in stream.getvalue()


def test_durable_jobs_bring_no_handler_of_their_own(stream: io.StringIO) -> None:
    from dbos._logger import dbos_logger, init_logger

    before = list(dbos_logger.handlers)
    assert before
    init_logger()
    assert dbos_logger.handlers == before
    dbos_logger.warning(f"about {FULL}")
    assert stream.getvalue().count("dbos") >= 1
    assert MARKER not in stream.getvalue()


def test_nothing_of_a_call_stands_in_the_log(stream: io.StringIO, migrated_file: Path, tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{shutil.copy(migrated_file, tmp_path / 'test.db')}")
    with whole(engine, tmp_path, router) as service, service.client(Role.ABH) as client:
        body = {"name": FULL, MARKER: 1}
        headers = {b"X-Note": FULL.encode(), b"User-Agent": MARKER.encode(), b"Content-Type": b"application/json"}
        for path in ("echo", "defect", "nothing"):
            for content in (json.dumps(body), FULL.encode()):
                client.post(f"/v1/{path}/{MARKER}?q={MARKER}", content=content, headers=headers)
        client.get(f"/v1/whoami?{MARKER}", headers={b"X-Request-ID": FULL.encode()})
        account = str(service.ids["abh"])
        key = client.headers["authorization"].split()[1]
    engine.dispose()
    told = stream.getvalue()
    assert MARKER.casefold() not in told.casefold()
    assert "Hauptstr" not in told
    assert key not in told
    assert "/v1/echo/{name}" in told
    assert account in told
    assert "RuntimeError" in told
