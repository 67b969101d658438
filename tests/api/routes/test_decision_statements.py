"""What a decision asks of the database: as little as it takes, and nothing while others wait for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event

from tests.api.decision_world import Desk
from tests.api.house import House


@pytest.fixture
def desk(house: House) -> Desk:
    return Desk(house)


@contextmanager
def said(house: House) -> Iterator[list[str]]:
    """What the service says to its database meanwhile."""
    engine = house.context.store.engine
    found: list[str] = []

    def note(*each: object) -> None:
        found.append(" ".join(str(each[2]).split()))

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(engine, "before_cursor_execute", note)


def test_a_promise_asks_little_and_others_wait_for_nothing_but_the_line_of_the_log(desk: Desk) -> None:
    desk.confirmed(9)  # What is read once for a process is read by now.
    _, _, proposal = desk.offered(1)
    with said(desk.house) as statements:
        answer = desk.house["essen"].call("POST", f"/proposals/{proposal}/confirm", if_match="*")
    assert answer.status_code == 200, answer.text
    asked = [each for each in statements if not each.startswith("BEGIN")]
    assert len(asked) <= 33, "\n".join(asked)
    assert [each.startswith("INSERT INTO audit_entry") for each in asked[-2:]] == [False, True]
    locks = [number for number, each in enumerate(asked) if "pg_advisory_xact_lock" in each]
    assert locks == ([len(asked) - 3] if desk.house.context.store.is_postgres else [])
    # The answer was put together from what was read for the decision: it is what anybody reads afterwards.
    assert answer.json() == desk.house["essen"].get(f"/proposals/{proposal}")


def test_a_decline_asks_little(desk: Desk) -> None:
    _, _, first = desk.offered(1)
    desk.house["essen"].do(f"/proposals/{first}/decline", {"code": "crew_ill"})
    _, _, proposal = desk.offered(2)
    with said(desk.house) as statements:
        answer = desk.house["essen"].call(
            "POST", f"/proposals/{proposal}/decline", {"code": "crew_ill"}, if_match="*"
        )  # fmt: skip
    assert answer.status_code == 200, answer.text
    asked = [each for each in statements if not each.startswith("BEGIN")]
    assert len(asked) <= 24, "\n".join(asked)
