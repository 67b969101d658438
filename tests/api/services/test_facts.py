"""Facts on ended attempts: one for each end, anonymous, right at year ends and clock changes; on both databases."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from api.actor import SYSTEM
from api.db.tables import (
    Bar,
    CountKind,
    Decision,
    MeasureCount,
    MeasureFact,
    Override,
    TransportRequest,
)
from api.jobs import nightly
from api.schemas.proposals import minutes
from api.services import facts, retention, steps
from api.services.steps import Reason
from api.workflow import Action, Role, State
from tests.api.decision_world import Desk
from tests.api.house import House
from tests.api.jobs.plan_world import PlanWorld, hours

_SQLITE = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


@pytest.fixture
def desk(house: House) -> Desk:
    return Desk(house)


def all_facts(desk: Desk) -> list[MeasureFact]:
    return desk.read(lambda s: sorted(s.scalars(select(MeasureFact)), key=lambda each: (each.month, each.outcome)))


def tallies(desk: Desk) -> list[tuple[str, str, str, int]]:
    rows = desk.read(lambda s: s.scalars(select(MeasureCount)).all())
    return sorted((each.kind.value, each.zab, each.code, each.number) for each in rows)


def take(desk: Desk, request: str, action: Action, by: str | None = None, **more: Any) -> None:
    def work(session: Session) -> None:
        row = steps.lock_request(session, uuid.UUID(request))
        assert row is not None
        steps.take(session, row, action, SYSTEM if by is None else desk.actor(by), now=desk.house.now, **more)

    desk.house.store.write(work)


def unbar(desk: Desk) -> None:
    """Let the ZAB be asked again, past the API."""
    desk.house.store.write(lambda session: session.execute(delete(Bar)))


def drive(desk: Desk, proposal: str) -> None:
    desk.house.now = desk.proposal(proposal).pickup_at
    desk.house["essen"].do(f"/proposals/{proposal}/depart")


def test_a_hand_over_leaves_one_anonymous_fact(desk: Desk) -> None:
    request, _, proposal = desk.confirmed()
    drive(desk, proposal)
    desk.house["essen"].do(f"/proposals/{proposal}/hand-over")
    (fact,) = all_facts(desk)
    offer = desk.proposal(proposal)
    assert (fact.month.isoformat(), fact.zab, fact.bezirk, fact.destination) == (
        "2026-10-01", "zab:essen", "Düsseldorf", "DUS",
    )  # fmt: skip
    assert (fact.outcome, fact.code, fact.is_promised, fact.has_begun) == (State.HANDED_OVER, "", True, True)
    assert (fact.people, fact.escorts, fact.has_children, fact.is_night, fact.meets_night) == (
        1,
        2,
        False,
        False,
        False,
    )
    assert fact.custody_minutes == minutes(int((offer.handover_at - offer.pickup_at).total_seconds()))
    assert fact.on_board_minutes == minutes(offer.on_board_seconds)
    assert offer.on_board_seconds % 60, "else rounding would not be seen"
    assert tallies(desk) == [("rejected", "zab:koeln", "no_vehicle", 1)]
    # Nothing in it leads to the request: no id of it, and an id of its own that tells no time.
    assert fact.id.version == 4
    told = {str(getattr(fact, column.key)) for column in MeasureFact.__table__.columns}
    known = desk.request(request)
    assert not told & {str(known.id), known.case_reference, offer.pickup_at.isoformat(), str(offer.id)}
    assert not [column for column in MeasureFact.__table__.columns if "TIME" in str(column.type).upper()]
    assert not MeasureFact.__table__.foreign_keys


def test_two_attempts_leave_two_facts(desk: Desk) -> None:
    request, _, proposal = desk.confirmed()
    desk.house["essen"].do(f"/proposals/{proposal}/fail", {"code": "vehicle"})
    take(desk, request, Action.POOL, "abh")
    again = desk.propose(request, desk.house.duty())
    desk.house["essen"].do(f"/proposals/{again}/confirm")
    drive(desk, again)
    desk.house["essen"].do(f"/proposals/{again}/hand-over")
    assert [(fact.outcome, fact.code) for fact in all_facts(desk)] == [
        (State.FAILED, "vehicle"), (State.HANDED_OVER, ""),
    ]  # fmt: skip
    # The first round rejected it once: it is told with the first attempt, not again.
    assert tallies(desk) == [("rejected", "zab:koeln", "no_vehicle", 1)]


@_SQLITE
def test_what_is_declined_given_back_and_left_unanswered_is_counted(desk: Desk) -> None:
    request, duty, proposal = desk.offered()
    desk.house["essen"].do(f"/proposals/{proposal}/decline", {"code": "crew_ill"})
    unbar(desk)
    second = desk.propose(request, duty)
    take(desk, request, Action.EXPIRE)
    unbar(desk)
    third = desk.propose(request, duty)
    desk.house["essen"].do(f"/proposals/{third}/confirm")
    desk.house["essen"].do(f"/proposals/{third}/back-out", {"code": "vehicle_out_of_service"})
    take(desk, request, Action.CANCEL, "abh", reason=Reason(code="own_transport"))
    (fact,) = all_facts(desk)
    assert second != third
    assert (fact.outcome, fact.code, fact.zab, fact.is_promised) == (State.CANCELLED, "own_transport", "", False)
    assert (fact.escorts, fact.custody_minutes, fact.has_begun) == (0, 0, False)
    assert tallies(desk) == [
        ("backed_out", "zab:essen", "vehicle_out_of_service", 1),
        ("declined", "zab:essen", "crew_ill", 1),
        ("expired", "zab:essen", "", 1),
        ("rejected", "zab:koeln", "no_vehicle", 1),
    ]


@_SQLITE
def test_the_first_round_is_counted_where_its_answer_was_entered(desk: Desk) -> None:
    from tests.api.house import request_body

    body = {key: value for key, value in request_body(1).items() if key != "rejection"}
    made = desk.house["abh"].call("POST", "/requests", body | {"enter_as": "ask", "zab": "zab:koeln"}).json()["id"]
    desk.house["koeln"].do(f"/requests/{made}/reject", {"code": "no_staff"})
    take(desk, made, Action.CANCEL, "abh", reason=Reason(code="date_moved"))
    assert tallies(desk) == [("rejected", "zab:koeln", "no_staff", 1)]


@_SQLITE
def test_nobody_met_is_nobody_taken(desk: Desk) -> None:
    _, _, first = desk.confirmed(1)
    _, _, second = desk.confirmed(2)
    desk.house.now = desk.proposal(first).pickup_at + timedelta(minutes=50)
    for proposal, code in ((first, "not_met"), (second, "medical")):
        desk.house["essen"].do(f"/proposals/{proposal}/depart")
        desk.house["essen"].do(f"/proposals/{proposal}/fail", {"code": code})
    by_code = {fact.code: fact for fact in all_facts(desk)}
    assert (by_code["not_met"].has_begun, by_code["not_met"].custody_minutes) == (True, 0)
    offer = desk.proposal(second)
    taken = int((desk.house.now - offer.pickup_at).total_seconds())
    assert by_code["medical"].custody_minutes == minutes(
        min(taken, int((offer.handover_at - offer.pickup_at).total_seconds()))
    )
    assert 0 < by_code["medical"].on_board_minutes < by_code["medical"].custody_minutes


@_SQLITE
def test_a_stop_on_the_way_to_the_door_took_nobody(desk: Desk) -> None:
    request, _, proposal = desk.confirmed()
    desk.house.now = desk.proposal(proposal).pickup_at - timedelta(minutes=20)
    desk.house["essen"].do(f"/proposals/{proposal}/depart")
    take(desk, request, Action.STOP, "ltrako", reason=Reason(code="court"))
    (fact,) = all_facts(desk)
    assert (fact.outcome, fact.code, fact.has_begun, fact.custody_minutes) == (State.STOPPED, "court", True, 0)


@_SQLITE
def test_a_draft_is_no_attempt(desk: Desk) -> None:
    from tests.api.house import request_body

    draft = desk.house["abh"].call("POST", "/requests", dict(request_body(1)) | {"enter_as": "draft"}).json()["id"]
    take(desk, draft, Action.CANCEL, "abh", reason=Reason(code="duplicate"))
    assert all_facts(desk) == []
    assert facts.catch_up(desk.house.store) == 0


def test_the_nightly_run_catches_up_once(desk: Desk) -> None:
    open_one = desk.house.pooled(2, days=7)
    ended, _, proposal = desk.confirmed()
    drive(desk, proposal)
    desk.house["essen"].do(f"/proposals/{proposal}/fail", {"code": "court"})
    take(desk, ended, Action.POOL, "abh")
    take(desk, ended, Action.STOP, "abh", reason=Reason(code="court"))
    written = [(fact.outcome, fact.code, fact.custody_minutes) for fact in all_facts(desk)]
    assert len(written) == 2

    _as_before_there_were_facts(desk)
    context = desk.house.context
    nightly.before_matching(context, uuid.uuid4(), lambda work: work())
    assert [(fact.outcome, fact.code, fact.custody_minutes) for fact in all_facts(desk)] == written
    assert facts.catch_up(desk.house.store) == 0
    assert desk.request(open_one).reported_id is None
    desk.house.check()


def _as_before_there_were_facts(desk: Desk) -> None:
    def forget(session: Session) -> None:
        session.execute(delete(MeasureFact))
        session.execute(update(TransportRequest).values(reported_id=None))

    desk.house.store.write(forget)


def test_a_night_catches_up_on_so_many_the_oldest_first(desk: Desk) -> None:
    ended = [desk.house.pooled(number, days=number) for number in (1, 2, 3)]
    for each in ended:
        take(desk, each, Action.CANCEL, "abh", reason=Reason(code="measure_ended"))
    _as_before_there_were_facts(desk)
    assert facts.catch_up(desk.house.store, most=2) == 2
    assert [desk.request(each).reported_id is None for each in ended] == [False, False, True]
    assert facts.catch_up(desk.house.store, most=2) == 1
    assert facts.catch_up(desk.house.store, most=2) == 0
    assert len(all_facts(desk)) == 3


def test_what_is_deleted_before_its_turn_leaves_its_fact(desk: Desk) -> None:
    request = desk.house.pooled(1)
    take(desk, request, Action.CANCEL, "abh", reason=Reason(code="measure_ended"))
    _as_before_there_were_facts(desk)
    desk.house.later(days=31)
    retention.enforce(desk.house.store, desk.house.now, drop_folder=desk.house.context.settings.drop_folder)
    assert desk.read(lambda session: session.scalars(select(TransportRequest)).unique().all()) == []
    (fact,) = all_facts(desk)
    assert (fact.outcome, fact.code) == (State.CANCELLED, "measure_ended")


def test_facts_outlive_the_request(desk: Desk) -> None:
    request, duty, proposal = desk.confirmed()
    take(desk, request, Action.CANCEL, "abh", reason=Reason(code="measure_ended"))

    def forget(session: Session) -> None:
        session.execute(delete(Decision).where(Decision.request_id == uuid.UUID(request)))
        session.execute(delete(TransportRequest).where(TransportRequest.id == uuid.UUID(request)))

    desk.house.store.write(forget)
    (fact,) = all_facts(desk)
    assert (fact.outcome, fact.zab) == (State.CANCELLED, "zab:essen")
    assert duty
    assert proposal


@_SQLITE
def test_lifted_rules_are_counted_by_rule_and_who_lifted_them(desk: Desk) -> None:
    request, _, _ = desk.confirmed()

    def lift(session: Session) -> None:
        for rule, who, second in (("night_children", "abh", "abh-second"), ("ride_time", "essen", "essen-second")):
            session.add(
                Override(
                    created_at=desk.house.now, request_id=uuid.UUID(request), rule=rule, reason="MARKER",
                    account_id=desk.house[who].account_id, second_id=desk.house[second].account_id,
                )
            )  # fmt: skip

    desk.house.store.write(lift)
    take(desk, request, Action.CANCEL, "abh", reason=Reason(code="measure_ended"))
    (fact,) = all_facts(desk)
    assert fact.has_override
    assert [each for each in tallies(desk) if each[0] == "override"] == [
        ("override", "", "night_children", 1), ("override", "zab:essen", "ride_time", 1),
    ]  # fmt: skip


@_SQLITE
@pytest.mark.parametrize(
    ("pickup", "month", "band", "is_night"),
    [
        # 31 December, half past eleven in UTC: it is next year here, and night.
        ("2026-12-31T23:30:00+00:00", "2027-01-01", 0, True),
        ("2026-12-31T22:30:00+00:00", "2026-12-01", 21, True),
        # Last day of March in summer time: 22:30 UTC is half past midnight in April.
        ("2027-03-31T22:30:00+00:00", "2027-04-01", 0, True),
        # The hours around both changes of the clock: six o'clock is 05:00 UTC before, 04:00 UTC after the one in March.
        ("2027-03-27T04:59:00+00:00", "2027-03-01", 3, True),
        ("2027-03-27T05:00:00+00:00", "2027-03-01", 6, False),
        ("2027-03-28T03:59:00+00:00", "2027-03-01", 3, True),
        ("2027-03-28T04:00:00+00:00", "2027-03-01", 6, False),
        ("2026-10-25T04:59:00+00:00", "2026-10-01", 3, True),
        ("2026-10-25T05:00:00+00:00", "2026-10-01", 6, False),
        ("2026-10-25T19:59:00+00:00", "2026-10-01", 18, False),
        ("2026-10-25T20:00:00+00:00", "2026-10-01", 21, True),
        # Before any parameter set there was: the one that ships decides, and nothing fails.
        ("2019-06-01T10:00:00+00:00", "2019-06-01", 12, False),
    ],
)
def test_month_hour_and_night_are_local(desk: Desk, pickup: str, month: str, band: int, is_night: bool) -> None:
    at = datetime.fromisoformat(pickup).astimezone(UTC)

    def work(session: Session) -> None:
        world = PlanWorld(session, is_new=False)
        row = world.request(state=State.CANCELLED)
        row.pickup_from, row.pickup_to = at, at + timedelta(hours=1)
        row.delivery_from, row.delivery_to = at + timedelta(hours=1), at + timedelta(hours=2)
        session.flush()
        session.add(
            Decision(
                created_at=at, request_id=row.id, action=Action.CANCEL, before=State.POOLED, after=State.CANCELLED,
                role=Role.ABH, code="other",
            )
        )  # fmt: skip
        session.flush()
        facts.record(session, row)

    desk.house.store.write(work)
    (fact,) = all_facts(desk)
    assert (fact.month.isoformat(), fact.hour_band, fact.is_night) == (month, band, is_night)


@_SQLITE
def test_a_hand_over_in_the_evening_meets_the_night(desk: Desk) -> None:
    duty = desk.house.duty(since=15, until=22)
    request = desk.house.pooled(1, pickup=(17, 19), handover=(18, 20.5))
    proposal = desk.propose(request, duty, pickup_at=hours(18.5), handover_at=hours(20))
    desk.house["essen"].do(f"/proposals/{proposal}/confirm")
    take(desk, request, Action.CANCEL, "abh", reason=Reason(code="measure_ended"))
    (fact,) = all_facts(desk)
    assert (fact.is_night, fact.meets_night) == (False, True)


@_SQLITE
def test_who_rejected_is_kept_only_where_it_is_a_zab(desk: Desk) -> None:
    request = desk.house.pooled(1, rejection={"by": "Erika.Mustermann", "code": "other"})
    take(desk, request, Action.CANCEL, "abh", reason=Reason(code="other", remark="MARKER"))
    assert tallies(desk) == [("rejected", "", "other", 1)]
    assert CountKind("rejected")
