"""The outbox: what commits comes, once at a time, and again where a worker died or an endpoint failed."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from api.db.store import Store
from api.db.tables import Notice, Organisation, OutboxMessage, WebhookEndpoint
from api.db.types import new_id
from api.repositories.outbox import NEVER
from api.services import outbox
from api.services.outbox import LEASE, PAUSES, Taken, Topic
from tests.api.db.rows import NOW, organisation

SECOND = timedelta(seconds=1)
REQUEST = uuid.UUID("01920a3c-7b1e-7cc3-9a41-5d0c8e2f6b10")


@pytest.fixture
def store(engine: Engine) -> Iterator[Store]:
    made = Store(engine.url.render_as_string(hide_password=False))
    yield made
    made.close()


def endpoint(session: Session, owner: Organisation, *topics: Topic, **fields: Any) -> WebhookEndpoint:
    known = {
        "organisation_id": owner.id, "url": "https://example.org/hooks", "sealed": b"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2L",
        "topics": " ".join(topics or (Topic.PROPOSAL_MADE,)), "is_active": True, "created_at": NOW, "updated_at": NOW,
    }  # fmt: skip
    made = WebhookEndpoint(**(known | fields))
    session.add(made)
    session.flush()
    return made


@pytest.fixture
def zab(store: Store) -> Organisation:
    with store.writing() as session:
        made = organisation()
        session.add(made)
        session.flush()
        return made


def tell(session: Session, zab: Organisation, now: datetime = NOW) -> int:
    return outbox.tell(session, Topic.PROPOSAL_MADE, {zab.id}, {"request": str(REQUEST)}, now=now)


def take(store: Store, now: datetime, most: int = 100, **more: Any) -> list[Taken]:
    return store.write(lambda session: outbox.due(session, now, most, **more))


def rows(store: Store) -> list[OutboxMessage]:
    with store.reading() as session:
        found = list(session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)))
        session.expunge_all()  # Readable afterwards, too.
        return found


def test_those_are_told_who_want_it(store: Store, zab: Organisation) -> None:
    with store.writing() as session:
        other = organisation("abh:05113000")
        session.add(other)
        session.flush()
        wanted = endpoint(session, zab, Topic.PROPOSAL_MADE, Topic.PROPOSAL_LOST)
        endpoint(session, zab, Topic.PROPOSAL_LOST)
        endpoint(session, zab, is_active=False)
        endpoint(session, other)
        assert tell(session, zab) == 1
    (message,) = rows(store)
    assert (message.endpoint_id, message.organisation_id) == (wanted.id, zab.id)
    assert message.payload == {"request": str(REQUEST)}
    assert (message.topic, message.attempts, message.delivered_at) == ("proposal.made", 0, None)


def test_a_message_of_a_change_that_is_undone_does_not_exist(store: Store, zab: Organisation) -> None:
    def change() -> None:
        with store.writing() as session:
            endpoint(session, zab)
            tell(session, zab)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        change()
    assert rows(store) == []


@pytest.mark.parametrize("value", ["Erika Mustermann", "Hauptstraße 5, 45127 Essen", {"name": "x"}, 1.5, ["a b"]])
def test_no_message_holds_sentences(store: Store, zab: Organisation, value: Any) -> None:
    with store.writing() as session, pytest.raises(ValueError, match="remark"):
        outbox.tell(session, Topic.PROPOSAL_MADE, {zab.id}, {"remark": value}, now=NOW)


def test_a_match_is_asked_for_inside(store: Store, zab: Organisation) -> None:
    with store.writing() as session:
        endpoint(session, zab)
        tell(session, zab)
        outbox.ask_match(session, "pool", [REQUEST], now=NOW)
        outbox.ask_match(session, "seat_freed", [], now=NOW, duty_ids=[REQUEST])
    inner = take(store, NOW, is_inner=True)
    assert [each.payload for each in inner] == [
        {"reason": "pool", "requests": [str(REQUEST)], "duties": []},
        {"reason": "seat_freed", "requests": [], "duties": [str(REQUEST)]},
    ]
    assert {each.topic for each in inner} == {outbox.MATCH}
    (outer,) = take(store, NOW)
    assert outer.topic == Topic.PROPOSAL_MADE


def test_a_taken_message_comes_again_only_when_its_lease_ends(store: Store, zab: Organisation) -> None:
    with store.writing() as session:
        endpoint(session, zab)
        tell(session, zab)
    (first,) = take(store, NOW)
    assert first.held_until == NOW + LEASE
    assert take(store, NOW + LEASE - SECOND) == []
    (again,) = take(store, NOW + LEASE)
    assert again.id == first.id
    # The first worker was only slow: it cannot disturb what the second one does.
    with store.writing() as session:
        outbox.failed(session, first, "timeout", now=NOW + LEASE + SECOND)
    assert take(store, NOW + LEASE + 30 * SECOND) == []
    assert rows(store)[0].attempts == 0
    with store.writing() as session:
        outbox.delivered(session, first, now=NOW + LEASE + SECOND)
    assert take(store, NOW + 10 * LEASE) == []


def test_two_workers_never_take_the_same_message(store: Store, zab: Organisation) -> None:
    with store.writing() as session:
        endpoint(session, zab)
        for _ in range(60):
            tell(session, zab)
    taken: list[uuid.UUID] = []
    barrier = threading.Barrier(4)

    def work() -> None:
        barrier.wait()
        while found := take(store, NOW, 5):
            taken.extend(each.id for each in found)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == 60
    assert len(set(taken)) == 60


def test_who_locks_a_message_does_not_hold_up_the_others(store: Store, zab: Organisation) -> None:
    if not store.is_postgres:
        pytest.skip("SQLite has one writer at a time")
    with store.writing() as session:
        endpoint(session, zab)
        for _ in range(4):
            tell(session, zab)
    with store.writing() as slow:
        held = {each.id for each in outbox.due(slow, NOW, 2)}
        others = {each.id for each in take(store, NOW, 100)}
    assert len(held) == len(others) == 2
    assert not held & others


def test_a_failed_message_is_tried_again_after_growing_pauses_for_three_days(store: Store, zab: Organisation) -> None:
    with store.writing() as session:
        where = endpoint(session, zab)
        tell(session, zab)
    now, pauses = NOW, []
    while True:
        (message,) = take(store, now)
        with store.writing() as session:
            again = outbox.failed(session, message, "status_500", now=now)
        if again is None:
            break
        pauses.append(again - now)
        assert take(store, again - SECOND) == []
        now = again
    assert tuple(pauses[: len(PAUSES)]) == PAUSES
    assert set(pauses[len(PAUSES) :]) == {PAUSES[-1]}
    assert timedelta(days=2, hours=12) < now - NOW <= timedelta(days=3)
    (row,) = rows(store)
    assert (row.due_at, row.failure, row.attempts) == (NEVER, "status_500", len(pauses) + 1)
    assert take(store, now + timedelta(days=100)) == []
    with store.reading() as session:
        (notice,) = session.scalars(select(Notice))
        assert (notice.organisation_id, notice.kind, notice.code) == (zab.id, "webhook_given_up", "status_500")
        assert (notice.subject_id, notice.done_at) == (str(where.id), None)


def test_a_notice_that_was_settled_is_open_again(store: Store, zab: Organisation) -> None:
    with store.writing() as session:
        endpoint(session, zab)
    for day in (0, 10):
        at = NOW + timedelta(days=day)
        with store.writing() as session:
            tell(session, zab, at)
        (message,) = take(store, at)
        with store.writing() as session:
            outbox.failed(session, message, "timeout", now=at + timedelta(days=4))
            (notice,) = session.scalars(select(Notice))
            assert notice.done_at is None
            notice.done_at = at + timedelta(days=5)


def test_after_a_failure_the_others_of_the_endpoint_wait_too(store: Store, zab: Organisation) -> None:
    with store.writing() as session:
        broken, fine = endpoint(session, zab), endpoint(session, zab)
        for _ in range(3):
            tell(session, zab)
    taken = take(store, NOW, 4)
    first, *untried = [each for each in taken if each.endpoint_id == broken.id]
    assert untried
    with store.writing() as session:
        outbox.failed(session, first, "timeout", now=NOW, untried=untried)
    assert {each.endpoint_id for each in take(store, NOW + PAUSES[0] - SECOND)} == {fine.id}
    later = take(store, NOW + PAUSES[0])
    assert [each.id for each in later] == sorted(each.id for each in later)
    assert [each.attempts for each in later] == [1, 0, 0]
    assert {each.endpoint_id for each in later} == {broken.id}


def test_an_endpoint_that_is_gone_is_switched_off(store: Store, zab: Organisation) -> None:
    with store.writing() as session:
        gone = endpoint(session, zab)
        tell(session, zab)
        tell(session, zab)
    message, *_ = take(store, NOW)
    with store.writing() as session:
        outbox.switch_off(session, message, "status_410", now=NOW)
        assert tell(session, zab) == 0
    with store.reading() as session:
        assert not session.get_one(WebhookEndpoint, gone.id).is_active
        assert session.scalars(select(Notice.kind)).all() == ["webhook_switched_off"]
    assert {row.due_at for row in rows(store)} == {NEVER}
    assert take(store, NOW + timedelta(days=2)) == []


def test_an_inner_message_is_never_given_up(store: Store) -> None:
    with store.writing() as session:
        outbox.ask_match(session, "pool", [REQUEST], now=NOW)
    late = NOW + timedelta(days=30)
    (message,) = take(store, late, is_inner=True)
    with store.writing() as session:
        assert outbox.failed(session, message, "defect", now=late) == late + PAUSES[0]


def test_what_is_gone_meanwhile_is_let_go(store: Store, zab: Organisation) -> None:
    lost = Taken(
        id=new_id(), at=NOW, topic="proposal.made", organisation_id=zab.id, endpoint_id=new_id(), payload={},
        attempts=0, held_until=NOW,
    )  # fmt: skip
    with store.writing() as session:
        outbox.delivered(session, lost, now=NOW)
        outbox.failed(session, lost, "timeout", now=NOW)
        outbox.switch_off(session, lost, "status_410", now=NOW)
        outbox.release(session, [lost], NOW)
    assert rows(store) == []
