"""The log: whole after many wrote at once; every kind of tampering is found where it happened."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, func, select, text
from sqlalchemy.exc import DatabaseError, IntegrityError
from sqlalchemy.orm import Session

from api import audit
from api.actor import SYSTEM, Actor
from api.audit import Head
from api.db import guards
from api.db.tables import AuditEntry, Organisation
from api.workflow import Role
from tests.api.db.rows import NOW
from tests.api.db.test_guards import at_once


def write(session: Session, number: int = 0) -> None:
    audit.append(
        session,
        SYSTEM,
        "proposed",
        "request",
        number,
        at=NOW + timedelta(microseconds=number),
        details={"to": "proposed"},
    )


def faults(engine: Engine, known: Head | None = None) -> list[tuple[int, str]]:
    with Session(engine) as session:
        return [(fault.number, fault.what) for fault in audit.verify(session, known=known)]


@pytest.fixture
def log(engine: Engine) -> Engine:
    """Ten lines, and no guard in the way of a forger who owns the database."""
    with Session(engine) as session, session.begin():
        for number in range(10):
            write(session, number)
    with engine.begin() as connection:
        for statement in guards.statements_down(engine.dialect.name):
            if "audit_entry" in statement:
                connection.exec_driver_sql(statement)
    return engine


def test_a_log_that_nobody_touched_is_whole(log: Engine) -> None:
    assert faults(log) == []
    with Session(log) as session:
        last = audit.head(session)
    assert last.number == 10
    assert faults(log, last) == []


def test_an_empty_log_is_whole(engine: Engine) -> None:
    assert faults(engine) == []
    assert faults(engine, Head(number=3, sha256="a" * 64)) == [
        (3, "is missing: the log ends before a line that was noted")
    ]


@pytest.mark.parametrize(
    ("forgery", "found"),
    [
        ("UPDATE audit_entry SET action = 'confirmed' WHERE number = 4", [(4, "was changed")]),
        ("UPDATE audit_entry SET details = '{}' WHERE number = 4", [(4, "was changed")]),
        ("UPDATE audit_entry SET purpose = 'x' WHERE number = 10", [(10, "was changed")]),
        ("DELETE FROM audit_entry WHERE number = 4", [(5, "expected line 4: what lay between is missing")]),
        ("DELETE FROM audit_entry WHERE number < 4", [(4, "expected line 1: what lay between is missing")]),
    ],
)
def test_tampering_is_found(log: Engine, forgery: str, found: list[tuple[int, str]]) -> None:
    with log.begin() as connection:
        connection.execute(text(forgery))
    assert faults(log) == found


def test_a_line_rewritten_with_its_hash_does_not_fit_the_next(log: Engine) -> None:
    with Session(log) as session, session.begin():
        entry = session.get_one(AuditEntry, 4)
        entry.action = "confirmed"
        entry.sha256 = audit.digest(entry)
    assert faults(log) == [(5, "does not follow the line before")]


def test_a_cut_off_end_is_found_by_the_head_that_was_noted(log: Engine) -> None:
    with Session(log) as session:
        noted = audit.head(session)
    with log.begin() as connection:
        connection.execute(text("DELETE FROM audit_entry WHERE number > 8"))
    assert faults(log) == []
    assert faults(log, noted) == [(10, "is missing: the log ends before a line that was noted")]
    with Session(log) as session, session.begin():
        write(session)
        write(session)
    assert faults(log, noted) == [(10, "is not the line that was noted")]


def test_many_write_at_once_and_the_log_stays_whole(engine: Engine) -> None:
    def work(session: Session, number: int) -> None:
        for _ in range(5):
            write(session, number)

    assert at_once(engine, 10, work) == ["done"] * 10
    assert faults(engine) == []
    with Session(engine) as session:
        assert audit.head(session).number == 50


def test_what_is_rolled_back_leaves_no_line(engine: Engine) -> None:
    with Session(engine) as session:
        write(session)
        session.rollback()
        write(session)
        session.close()
        write(session)
        session.commit()
    with Session(engine) as session:
        assert audit.head(session).number == 1


def test_what_a_savepoint_took_back_leaves_no_line_and_the_others_stay(engine: Engine) -> None:
    with Session(engine) as session, session.begin():
        write(session, 1)
        with session.begin_nested():
            write(session, 2)
        outer = session.begin_nested()
        with session.begin_nested():
            write(session, 3)
        outer.rollback()
        broken = session.begin_nested()
        write(session, 4)
        with pytest.raises(DatabaseError):
            session.execute(text("SELECT nothing_so_called"))
        broken.rollback()
        incomplete = session.begin_nested()
        session.add(Organisation(code="none"))
        with pytest.raises(IntegrityError):  # When it is flushed the database misses what it lacks.
            write(session, 6)
        incomplete.rollback()
        write(session, 5)
    with Session(engine) as session:
        subjects = list(session.scalars(select(AuditEntry.subject_id).order_by(AuditEntry.number)))
    assert subjects == ["1", "2", "5"]
    assert faults(engine) == []


def test_nobody_waits_for_a_transaction_that_has_only_said_a_line(engine: Engine) -> None:
    if engine.dialect.name == "sqlite":
        pytest.skip("SQLite has one writer at a time")
    with Session(engine) as slow, slow.begin():
        write(slow, 1)
        with Session(engine) as quick, quick.begin():
            quick.execute(text("SET LOCAL lock_timeout = '2s'"))
            write(quick, 2)
        with Session(engine) as session:
            assert audit.head(session).number == 1
    assert faults(engine) == []
    with Session(engine) as session:
        assert audit.head(session).number == 2


def every_field() -> list[tuple[str, Callable[[AuditEntry], object]]]:
    return [
        ("number", lambda e: setattr(e, "number", 9)),
        ("at", lambda e: setattr(e, "at", NOW + timedelta(microseconds=7))),
        ("account_id", lambda e: setattr(e, "account_id", uuid.uuid4())),
        ("organisation_id", lambda e: setattr(e, "organisation_id", uuid.uuid4())),
        ("role", lambda e: setattr(e, "role", "abh")),
        ("action", lambda e: setattr(e, "action", "read")),
        ("subject_kind", lambda e: setattr(e, "subject_kind", "duty")),
        ("subject_id", lambda e: setattr(e, "subject_id", "2")),
        ("purpose", lambda e: setattr(e, "purpose", "drive")),
        ("details", lambda e: setattr(e, "details", {"field": "address"})),
        ("previous", lambda e: setattr(e, "previous", "f" * 64)),
    ]


@pytest.mark.parametrize(("name", "change"), every_field(), ids=[name for name, _ in every_field()])
def test_every_field_is_in_the_hash(name: str, change: Callable[[AuditEntry], object]) -> None:
    entry = AuditEntry(
        number=1, at=NOW, role=Role.SYSTEM.value, action="proposed", subject_kind="request", subject_id="1", purpose="",
        details={}, previous=audit.START,
    )  # fmt: skip
    before = audit.digest(entry)
    change(entry)
    assert audit.digest(entry) != before, name


def test_all_columns_are_named_above() -> None:
    assert {column.name for column in AuditEntry.__table__.columns} == {name for name, _ in every_field()} | {"sha256"}


# --- old lines are deleted, and nothing else --------------------------------------------------------------------------

LATER = NOW + timedelta(days=900)


def cut(engine: Engine, until: timedelta = timedelta(microseconds=4), at: datetime = LATER) -> int:
    with Session(engine) as session, session.begin():
        return audit.cut(session, SYSTEM, until=NOW + until, at=at, parameter_set="p")


def delete(engine: Engine, most: int = 1_000) -> int:
    with Session(engine) as session, session.begin():
        return audit.delete_cut(session, most)


@pytest.fixture
def guarded(engine: Engine) -> Engine:
    """Ten lines, guards up."""
    with Session(engine) as session, session.begin():
        for number in range(10):
            write(session, number)
    return engine


def test_old_lines_go_and_the_chain_holds_from_there_on(guarded: Engine) -> None:
    with Session(guarded) as session:
        noted = audit.head(session)
        fourth = session.get_one(AuditEntry, 4)
        old = Head(number=4, sha256=fourth.sha256)
        older = Head(number=2, sha256=session.get_one(AuditEntry, 2).sha256)
    assert cut(guarded) == 4
    assert cut(guarded) == 0, "there is nothing more to cut"
    assert faults(guarded) == []
    # Killed in between: the rest of them hangs together, and the second time goes on.
    assert delete(guarded, 3) == 3
    assert faults(guarded) == []
    assert delete(guarded, 3) == 1
    assert delete(guarded, 3) == 0
    assert faults(guarded) == []
    assert faults(guarded, noted) == []
    assert faults(guarded, old) == []
    assert faults(guarded, older) == []
    assert faults(guarded, Head(number=4, sha256="f" * 64)) == [(4, "is not the line that was noted")]
    with Session(guarded) as session:
        (told,) = session.scalars(select(AuditEntry).where(AuditEntry.action == audit.CUT))
        assert (told.number, told.details["number"], told.details["count"]) == (11, 4, 4)
        assert session.scalar(select(func.min(AuditEntry.number))) == 5
        assert list(audit.verify(session, first=1, last=7)) == []
        assert list(audit.verify(session, first=6)) == []
    with Session(guarded) as session, session.begin():
        write(session)
    assert faults(guarded) == []


def test_a_second_cut_goes_on_where_the_first_ended(guarded: Engine) -> None:
    cut(guarded)
    delete(guarded)
    assert cut(guarded, timedelta(microseconds=8), LATER + timedelta(days=365)) == 4
    delete(guarded)
    assert faults(guarded) == []
    assert cut(guarded, timedelta(days=1000), LATER + timedelta(days=2000)) == 3, "the line of the first cut is old too"
    delete(guarded)
    with Session(guarded) as session:
        assert audit.anchor(session).number == 11
        assert audit.head(session).number == 13
    assert faults(guarded) == []


def test_all_lines_may_be_old(guarded: Engine) -> None:
    assert cut(guarded, timedelta(days=1)) == 10
    assert delete(guarded) == 10
    assert faults(guarded) == []
    with Session(guarded) as session, session.begin():
        write(session)
    with Session(guarded) as session:
        assert audit.head(session).number == 12, "numbers go on"


@pytest.mark.parametrize(
    "forged",
    [
        "4, previous, '2026-10-02', '2028-10-02', 'p' FROM audit_entry WHERE number = 4",
        "99, sha256, '2026-10-02', '2028-10-02', 'p' FROM audit_entry WHERE number = 4",
        # Lines up to it are newer than it says; nothing is left; it lies in the future of itself.
        "4, sha256, '2026-09-30', '2028-10-02', 'p' FROM audit_entry WHERE number = 4",
        "10, sha256, '2026-10-02', '2028-10-02', 'p' FROM audit_entry WHERE number = 10",
        "4, sha256, '2026-10-02', '2026-10-01', 'p' FROM audit_entry WHERE number = 4",
    ],
)
def test_an_anchor_that_does_not_fit_is_refused(guarded: Engine, forged: str) -> None:
    with pytest.raises(DatabaseError, match="audit_anchor"), guarded.begin() as connection:
        connection.execute(text(f"INSERT INTO audit_anchor SELECT {forged}"))
    with pytest.raises(DatabaseError, match="append-only"), guarded.begin() as connection:
        connection.execute(text("DELETE FROM audit_entry WHERE number <= 4"))


def test_anchors_stay_and_what_lies_after_them_too(guarded: Engine) -> None:
    cut(guarded)
    for statement, told in (
        ("UPDATE audit_anchor SET number = 8", "audit_anchor"),
        ("DELETE FROM audit_anchor", "audit_anchor"),
        ("DELETE FROM audit_entry WHERE number = 5", "append-only"),
        ("UPDATE audit_entry SET action = 'x' WHERE number = 2", "append-only"),
    ):
        with pytest.raises(DatabaseError, match=told), guarded.begin() as connection:
            connection.execute(text(statement))
    assert faults(guarded) == []


def test_a_forger_who_owns_the_database_is_found(log: Engine) -> None:
    """The guards are down: anchors are written past them, and lines changed."""
    cut(log)
    with log.begin() as connection:
        for statement in guards.anchor_down(log.dialect.name):
            if "audit_anchor" in statement and "DROP" in statement:
                connection.exec_driver_sql(statement)
        connection.execute(text("DELETE FROM audit_entry WHERE number < 8"))
        connection.execute(
            text("INSERT INTO audit_anchor SELECT 7, line.previous, cut.until, cut.at, 'p'"
                 " FROM audit_entry AS line, audit_anchor AS cut WHERE line.number = 8")
        )  # fmt: skip
    assert faults(log) == [(7, "the log was cut here, and no line of it tells so")]
    with log.begin() as connection:
        connection.execute(text("UPDATE audit_anchor SET sha256 = 'x' WHERE number = 7"))
    assert (8, "does not follow the line at which the log was cut") in faults(log)


def test_an_actor_is_told(engine: Engine) -> None:
    who = Actor(role=Role.ABH, account_id=uuid.uuid4(), organisation_id=uuid.uuid4())
    with Session(engine) as session, session.begin():
        audit.append(session, who, "read", "request", 1, at=NOW, purpose="drive")
    with Session(engine) as session:
        entry = session.get_one(AuditEntry, 1)
        assert (entry.role, entry.account_id, entry.organisation_id) == ("abh", who.account_id, who.organisation_id)
    assert faults(engine) == []
