"""Steps in the life of a request: what each one brings with it, on both databases."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from api.actor import SYSTEM
from api.db.tables import Decision, Proposal, Standing, TransportRequest
from api.errors import Code, Problem
from api.services import steps
from api.services.steps import Reason
from api.workflow import Action, State
from tests.api.decision_world import Desk
from tests.api.house import House
from tests.api.jobs.plan_world import hours


@pytest.fixture
def desk(house: House) -> Desk:
    return Desk(house)


def take(desk: Desk, request: str, action: Action, by: str | None = None, **more: object) -> Decision:
    def work(session: Session) -> Decision:
        row = steps.lock_request(session, uuid.UUID(request))
        assert row is not None
        actor = SYSTEM if by is None else desk.actor(by)
        return steps.take(session, row, action, actor, now=desk.house.now, **more)  # type: ignore[arg-type]

    return desk.house.store.write(work)


def refused(desk: Desk, code: Code, request: str, action: Action, by: str | None = None, **more: object) -> Problem:
    with pytest.raises(Problem) as caught:
        take(desk, request, action, by, **more)
    assert caught.value.code is code
    return caught.value


def offer(desk: Desk, duty: str, **changes: object) -> steps.Offer:
    known = {
        "duty_id": uuid.UUID(duty), "pickup_at": hours(6), "handover_at": hours(8), "on_board_seconds": 3600,
        "direct_seconds": 3000,
    }  # fmt: skip
    return steps.Offer(**(known | changes))  # type: ignore[arg-type]


def test_a_step_writes_decision_state_and_audit(desk: Desk) -> None:
    request, _, proposal = desk.offered()
    made = take(desk, request, Action.CONFIRM, "essen")
    assert (made.before, made.after) == (State.PROPOSED, State.CONFIRMED)
    assert (str(made.proposal_id), made.zab_id) == (proposal, desk.house["essen"].organisation_id)
    row = desk.request(request)
    assert (row.state, row.state_since) == (State.CONFIRMED, desk.house.now)
    desk.house.check()


def test_what_the_table_does_not_have_is_refused_with_what_happened(desk: Desk) -> None:
    request = desk.house.pooled()
    problem = refused(desk, Code.STATE_FORBIDS, request, Action.CONFIRM, "essen")
    assert problem.more["state"] == "pooled"
    assert "assign" in problem.more["allowed"]
    refused(desk, Code.ROLE_MAY_NOT, request, Action.RETURN_TO_ABH, "essen")
    desk.propose(request, desk.house.duty())
    take(desk, request, Action.CONFIRM, "essen")
    problem = refused(desk, Code.ALREADY_DECIDED, request, Action.CONFIRM, "essen")
    assert problem.more["last"]["action"] == "confirm"


def test_reasons_are_complete_or_refused(desk: Desk) -> None:
    request, _, _ = desk.offered()
    refused(desk, Code.REASON_MISSING, request, Action.DECLINE_BAR, "essen")
    for reason in (
        Reason(code="distance"), Reason(code="nonsense"), Reason(code="crew_ill", remark="x" * 201),
    ):  # fmt: skip
        refused(desk, Code.REASON_MISSING, request, Action.DECLINE_BAR, "essen", reason=reason)
    refused(desk, Code.REASON_MISSING, request, Action.DECLINE_ESCALATE, "essen", reason=Reason(code="other"))
    assert desk.request(request).state is State.PROPOSED


def test_an_end_to_a_stop_needs_two(desk: Desk) -> None:
    request = desk.house.pooled()
    take(desk, request, Action.STOP, "abh", reason=Reason(code="court"))
    reason = Reason(code="order_lifted")
    refused(desk, Code.SECOND_PERSON_MISSING, request, Action.LIFT_STOP, "abh", reason=reason)
    own = desk.house["abh"].account_id
    refused(desk, Code.SECOND_PERSON_IS_FIRST, request, Action.LIFT_STOP, "abh", reason=reason, second_id=own)
    other = desk.house["abh-second"].account_id
    assert take(desk, request, Action.LIFT_STOP, "abh", reason=reason, second_id=other).after is State.DRAFT


def test_offers_belong_to_the_actions_that_make_proposals(desk: Desk) -> None:
    request, duty, proposal = desk.offered()
    for action, more in (
        (Action.CONFIRM, {"offer": offer(desk, duty)}),
        (Action.PROPOSE, {}),
        (Action.LOSE, {"revived": desk.proposal(proposal)}),
        (Action.LOSE, {"until": desk.house.now}),
    ):
        with pytest.raises(AssertionError):
            take(desk, request, action, "essen" if action is Action.CONFIRM else None, **more)


def test_a_full_vehicle_takes_nobody_and_nothing_is_stored(desk: Desk) -> None:
    request, duty = desk.house.pooled(), desk.house.duty(seats=2)
    problem = refused(desk, Code.PLAN_BROKEN, request, Action.PROPOSE, offer=offer(desk, duty))
    assert problem.more["rule"] == "capacity"
    assert desk.request(request).state is State.POOLED
    assert desk.stops(duty) == []
    assert not desk.duty(duty).is_used


def test_a_crew_that_is_out_elsewhere_is_refused_by_the_database(desk: Desk) -> None:
    first, second, duty = desk.house.pooled(1), desk.house.pooled(2), desk.house.duty()
    with desk.house.store.writing() as session:
        row = desk.duty(duty)
        other = desk.house.world
        other.session = session
        twin = str(
            other.duty(session.merge(row).zab, crew=session.merge(row.crew), crew_id=row.crew_id).id
        )  # fmt: skip
    take(desk, first, Action.PROPOSE, offer=offer(desk, duty))
    problem = refused(desk, Code.PLAN_BROKEN, second, Action.PROPOSE, offer=offer(desk, twin))
    assert problem.more["rule"] == "crew_doubled"


def test_amending_takes_the_offer_back(desk: Desk) -> None:
    request, duty, proposal = desk.offered()
    take(desk, request, Action.AMEND, "abh")
    assert desk.proposal(proposal).standing is Standing.WITHDRAWN
    assert desk.stops(duty) == []
    assert "withdrawn" in desk.notices("essen")


def test_the_version_of_a_proposal_changes_with_every_step(desk: Desk) -> None:
    request, _, proposal = desk.offered()
    seen = [desk.proposal(proposal).version]
    for action in (Action.CONFIRM, Action.FREEZE, Action.DEPART, Action.HAND_OVER):
        take(desk, request, action, "essen")
        seen.append(desk.proposal(proposal).version)
    assert seen == sorted(set(seen))


def test_a_zab_of_the_first_round_may_say_on_which_duty(desk: Desk) -> None:
    body = desk.house["abh"].call("POST", "/requests", request_of_first_round())
    request, duty = body.json()["id"], desk.house.duty()
    take(desk, request, Action.ACCEPT, "essen", offer=offer(desk, duty))
    row = desk.request(request)
    assert (row.state, row.pinned_duty_id) == (State.CONFIRMED, None)
    assert len(desk.stops(duty)) == 2
    assert desk.ledger() == [], "no burden of the exchange"


def request_of_first_round() -> dict[str, object]:
    from tests.api.house import request_body

    known = dict(request_body(1))
    known.pop("rejection")
    return known | {"enter_as": "ask", "zab": "zab:essen"}


def test_bars_grow_and_never_shrink(desk: Desk) -> None:
    request, duty, _ = desk.offered()
    soon, later = desk.house.now + timedelta(hours=1), desk.house.now + timedelta(hours=5)
    reason = Reason(code="escort_not_available")
    for until, expected in ((later, later), (soon, later)):
        take(desk, request, Action.DECLINE_WAIT, "essen", reason=reason, until=until)
        assert [bar.until for bar in desk.bars(request)] == [expected]
        take(desk, request, Action.PROPOSE, offer=offer(desk, duty))
    take(desk, request, Action.DECLINE_BAR, "essen", reason=Reason(code="crew_ill"))
    assert [bar.until for bar in desk.bars(request)] == [None]
    take(desk, request, Action.PROPOSE, offer=offer(desk, duty))
    take(desk, request, Action.DECLINE_WAIT, "essen", reason=reason, until=later)
    assert [bar.until for bar in desk.bars(request)] == [None]


@pytest.mark.parametrize(
    ("action", "who", "code", "is_kept"),
    [
        (Action.CANCEL, "abh", "own_transport", False),
        (Action.STOP, "abh", "court", True),
        (Action.RETURN_TO_ABH, "abh", None, True),
    ],
)
def test_bars_go_with_a_request_that_never_comes_back(
    desk: Desk, action: Action, who: str, code: str | None, is_kept: bool
) -> None:
    request, _, _ = desk.offered()
    take(desk, request, Action.DECLINE_BAR, "essen", reason=Reason(code="crew_ill"))
    take(desk, request, action, who, reason=None if code is None else Reason(code=code))
    assert (desk.bars(request) != []) is is_kept
    desk.house.check()


def test_no_personal_content_reaches_the_outbox(desk: Desk) -> None:
    request, _, _ = desk.offered()
    take(desk, request, Action.DECLINE_ESCALATE, "essen", reason=Reason(code="other", remark="MARKER"))
    assert "MARKER" not in str(desk.matches())
    found = desk.read(lambda s: (s.get_one(TransportRequest, uuid.UUID(request)), s.query(Proposal).count()))
    assert found[0].state is State.DECLINED
