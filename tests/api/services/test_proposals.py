"""Decisions as functions: what they answer, and what they leave to the caller."""

from __future__ import annotations

import uuid
from datetime import datetime

import pytest

from api.deadlines import Answering
from api.errors import Code, Problem
from api.services import proposals
from api.workflow import Action, State
from tests.api.decision_world import Desk
from tests.api.house import House


@pytest.fixture
def desk(house: House) -> Desk:
    return Desk(house)


@pytest.mark.parametrize(
    ("now", "opens"),
    [
        ("2026-10-01T09:00:00Z", "2026-10-02T08:00:00+02:00"),
        ("2026-10-02T05:00:00Z", "2026-10-05T08:00:00+02:00"),  # from Friday over the weekend
        ("2026-10-01T22:30:00Z", "2026-10-05T08:00:00+02:00"),  # it is Friday already in Berlin
        ("2026-10-23T09:00:00Z", "2026-10-26T08:00:00+01:00"),  # the clocks go back
        ("2026-12-23T09:00:00Z", "2026-12-24T08:00:00+01:00"),
        ("2026-12-24T09:00:00Z", "2026-12-28T08:00:00+01:00"),  # Christmas and its weekend
    ],
)
def test_the_next_working_day_begins_when_the_office_opens(now: str, opens: str) -> None:
    found = proposals.next_working_day(datetime.fromisoformat(now), Answering())
    assert found == datetime.fromisoformat(opens)


def test_a_confirmation_that_fails_is_stored_before_it_is_told(desk: Desk) -> None:
    """The caller commits, then raises: what is returned has ended the proposal already."""
    request, duty, proposal = desk.offered()
    desk.put_away(duty, "vehicle")
    with desk.house.store.writing() as session:
        held = proposals.held(session, desk.actor("essen"), uuid.UUID(proposal), Action.CONFIRM)
        problem = proposals.confirm(session, desk.actor("essen"), held, now=desk.house.now)
    assert problem is not None
    assert (problem.code, problem.more["state"]) == (Code.PLAN_BROKEN, "pooled")
    assert desk.request(request).state is State.POOLED


def test_who_may_not_see_a_proposal_holds_none(desk: Desk) -> None:
    _, _, proposal = desk.offered()
    for name in ("koeln", "abh-other", "zfa", "admin"):
        with desk.house.store.writing() as session, pytest.raises(Problem) as caught:
            proposals.held(session, desk.actor(name), uuid.UUID(proposal), Action.CONFIRM)
        assert caught.value.code is Code.NOT_FOUND


def test_only_the_decline_that_was_last_is_given_back(desk: Desk) -> None:
    request, _, first = desk.offered()
    decline = {"code": "distance"}
    desk.house["essen"].do(f"/proposals/{first}/decline", decline)
    desk.house["essen-lead"].do(f"/proposals/{first}/return-decline", {"code": "agreed"})
    second = desk.propose(request, desk.house.duty("zab:koeln"))
    desk.house["koeln"].do(f"/proposals/{second}/decline", decline)
    with desk.house.store.writing() as session, pytest.raises(Problem) as caught:
        proposals.held(session, desk.actor("essen-lead"), uuid.UUID(first), Action.RETURN_DECLINE)
    assert caught.value.code is Code.STATE_FORBIDS
