"""Simulations for tests: made in the test's own process, and everything else of the database compared."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import select

from api.db.tables import Base
from api.jobs import simulating
from api.jobs.solving import Steps
from api.services import runs
from api.settings import Settings
from optimizer.simulate.scale_out import Crew, InProcess
from tests.api.house import House

OWN = frozenset(
    {"run", "run_input", "run_event", "simulation", "simulation_result", "audit_entry", "idempotency_key",
     "worker_seen", "api_key"}
)  # fmt: skip
"""Tables that a simulation may write to, its own; and keys, which tell when they were used."""
DAY = "2026-10-05"
CALM = {"cancelled_ahead": 0.0, "cancelled_at_door": 0.0, "delayed": 0.0, "demand": False}


def in_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Evaluate in the process of the test: fresh ones take seconds to begin."""

    @contextmanager
    def crew(settings: Settings) -> Iterator[Crew]:
        yield InProcess()

    monkeypatch.setattr(simulating, "_crew", crew)


def body(**more: Any) -> dict[str, Any]:
    """One more van at Essen, on the day of the tests."""
    one_more = {
        "id": "one more", "title": {"de": "+1 Bus in Essen", "en": "+1 van at Essen"},
        "changes": [{"kind": "add_vehicles", "zab": "zab:essen"}],
    }  # fmt: skip
    return {"name": "one more van", "first_day": DAY, "scenarios": [one_more]} | more


def asked(house: House, who: str = "essen", *, status: int = 202, **more: Any) -> Any:
    """Ask for a simulation."""
    answer = house[who].call("POST", "/simulations", body(**more))
    assert answer.status_code == status, answer.text
    return answer.json()


def made(house: House, who: str = "essen", **more: Any) -> Any:
    """Ask for a simulation, let a worker make it, return it."""
    begun = asked(house, who, **more)
    house.answer()
    told = house[who].get(f"/simulations/{begun['id']}")
    assert (told["state"], told["failure"], told["lost"]) == ("done", None, [])
    return told


def begun_by(house: House, run_id: str, worker: str = "test") -> Steps:
    """Return the steps of a worker that has taken a run."""
    with house.store.writing() as session:
        assert runs.begin(session, uuid.UUID(run_id), worker, now=house.now) is not None
    return Steps(context=house.context, worker=worker, stop=threading.Event())


def everything_else(house: House) -> dict[str, list[str]]:
    """All rows of all tables but those that a simulation writes to."""
    with house.store.reading() as session:
        return {
            table.name: sorted(repr(tuple(row)) for row in session.execute(select(table)))
            for table in Base.metadata.sorted_tables
            if table.name not in OWN
        }


def crowded(house: House, number: int = 6) -> None:
    """Let more wait than the duties of the day can carry: one of Essen, one of Köln."""
    house.duty("zab:essen", seats=3)
    house.duty("zab:koeln", depot="05315000", seats=3)
    for each in range(1, number + 1):
        house.pooled(each, pickup=(5, 7), handover=(6, 9))
