"""Deletion by periods: nothing of a case is left where its period is over, and all else is as it was."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, func, inspect, select, text

from api import audit
from api.actor import SYSTEM
from api.db.tables import (
    AuditEntry,
    DeletionRecord,
    DutyRow,
    HistoryEntry,
    LedgerEntry,
    Notice,
    OutboxMessage,
    PickupAddress,
    RunInput,
    TourStop,
    TransportRequest,
)
from api.repositories import retention as rows
from api.services import retention
from api.services.retention import Kind, enforce
from data import service_parameters
from tests.api.house import House, request_body
from tests.api.jobs.plan_world import hours


def counts(house: House, *, is_dry_run: bool = False) -> dict[str, int]:
    folder = house.context.settings.drop_folder
    found = enforce(house.store, house.now, drop_folder=folder, is_dry_run=is_dry_run)
    return {each.kind.value: each.count for each in found}


def address(house: House, request: str) -> None:
    answer = house["abh"].call("PUT", f"/requests/{request}/address", {"address": "Musterstr. 1, 45127 Essen"})
    assert answer.status_code == 200, answer.text


def everything(engine: Engine, *, without: tuple[str, ...] = ("audit_entry",)) -> str:
    """All that the database says, as text."""
    told = []
    with engine.connect() as connection:
        for table in inspect(engine).get_table_names():
            if table not in without:
                told += [
                    f"{table} {[v.decode('latin-1') if isinstance(v, bytes) else str(v) for v in row]}"
                    for row in connection.execute(text(f'SELECT * FROM "{table}"'))
                ]
    return "\n".join(told)


def _as_stored(key: str) -> tuple[str, str]:
    return key, key.replace("-", "")


@pytest.fixture
def driven(house: House) -> dict[str, str]:
    """One of each end, and one that waits on; all told to a webhook, with an address, an override asked for."""
    hook = house["essen-lead"].call(
        "POST", "/webhooks",
        {"url": "https://hooks.example.org/in", "topics": ["proposal.made", "request.state_changed"]},
    )  # fmt: skip
    assert hook.status_code == 201, hook.text
    house.duty("zab:essen")
    ids = {"done": house.pooled(1, free_text="Klingel links")}
    house.match()
    offer = house.offer_of(ids["done"])
    assert offer is not None
    house["essen"].do(f"/proposals/{offer['id']}/confirm")
    ids |= {"stopped": house.pooled(2), "waits": house.pooled(3, days=60), "cancelled": house.pooled(4)}
    for each in ids.values():
        address(house, each)
    asked = house["abh"].call("POST", f"/requests/{ids['done']}/overrides", {"rule": "detour", "reason": "einmal"})
    assert asked.status_code == 202, asked.text
    house["ltrako"].call("POST", f"/requests/{ids['stopped']}/stop", {"code": "court"})
    house["abh"].do(f"/requests/{ids['cancelled']}/cancel", {"code": "own_transport"})
    house.now = datetime.fromisoformat(offer["pickup_at"])
    house["essen"].do(f"/proposals/{offer['id']}/depart")
    house["essen"].do(f"/proposals/{offer['id']}/hand-over")
    house.check()
    return ids


def test_addresses_go_a_day_after_the_end(house: House, driven: dict[str, str]) -> None:
    assert counts(house)["addresses"] == 2, "stopped and cancelled four days before"
    house.later(hours=23, minutes=59)
    assert counts(house)["addresses"] == 0
    house.later(minutes=1)
    assert counts(house, is_dry_run=True)["addresses"] == 1
    assert counts(house)["addresses"] == 1
    with house.store.reading() as session:
        assert [str(each) for each in session.scalars(select(PickupAddress.request_id))] == [driven["waits"]]
    house.check()


def test_requests_go_thirty_days_after_the_end_and_leave_no_trace(house: House, driven: dict[str, str]) -> None:
    with house.store.reading() as session:
        names = {key: rows.names_of(session, [uuid.UUID(driven[key])]) for key in ("done", "stopped", "cancelled")}
        before = session.scalar(select(func.count()).select_from(LedgerEntry))
        assert before
        assert session.scalar(select(func.count()).select_from(RunInput))
    balance = house["ltrako"].get("/ledger?month=2026-10")
    told = everything(house.engine)
    assert any(form in told for form in _as_stored(driven["done"]))
    house.later(days=30)
    would = counts(house, is_dry_run=True)
    assert everything(house.engine) == told, "a dry run changes nothing"
    house.tick()  # Answers to repeated calls are forgotten by the clock.
    done = counts(house)
    assert done == would
    assert (done["requests"], done["log_lines"]) == (3, 0)
    assert done["run_inputs"] > 0
    left = everything(house.engine)
    for key, ids in names.items():
        assert len(ids) >= 2, key
        for each in ids:
            assert not any(form in left for form in _as_stored(each)), (key, each)
    assert "T-1'" not in left
    assert "Klingel" not in left
    assert driven["waits"] in left or driven["waits"].replace("-", "") in left
    assert house["ltrako"].get("/ledger?month=2026-10") == balance, "the balance between the ZABs stays"
    with house.store.reading() as session:
        assert set(session.scalars(select(LedgerEntry.decision_id))) == {None}
        assert not session.scalars(select(DutyRow).where(DutyRow.is_used)).unique().all()
        assert not session.scalars(select(TourStop)).all()
    for name in house.people:
        assert house[name].call("GET", f"/requests/{driven['done']}").status_code in (403, 404)
    house.check()
    assert sum(counts(house).values()) == 0, "a second time there is nothing to do"


def test_what_there_is_no_time_for_is_deleted_the_next_time(house: House, driven: dict[str, str]) -> None:
    house.later(days=30)
    folder, told = house.context.settings.drop_folder, everything(house.engine)
    done = enforce(house.store, house.now, drop_folder=folder, within=timedelta(0))
    assert {each.kind.value for each in done} == {kind.value for kind in Kind}
    assert sum(each.count for each in done) == 0
    assert everything(house.engine) == told
    assert counts(house)["requests"] == 3
    assert driven


def test_the_record_tells_how_many_and_no_case(house: House, driven: dict[str, str]) -> None:
    house.later(days=30)
    done = {kind: number for kind, number in counts(house).items() if number}
    shown = house["auditor"].get("/deletions")["items"]
    assert {each["kind"]: each["count"] for each in shown} == done
    assert {each["parameter_set"] for each in shown} == {"service-nrw-2026-01"}
    assert house["admin"].get("/deletions")["items"] == shown
    assert house["abh"].call("GET", "/deletions").status_code == 403
    with house.store.reading() as session:
        lines = session.scalars(select(AuditEntry).where(AuditEntry.action == "deleted")).all()
        assert {line.subject_id for line in lines} == set(done)
        assert {line.role for line in lines} == {SYSTEM.role.value}
        assert sum(line.details["count"] for line in lines) == sum(done.values())
        told = json.dumps([line.details for line in lines])
        assert not any(each in told for each in driven.values())


def test_what_nobody_closed_goes_as_well(house: House) -> None:
    house.duty("zab:essen")
    draft = house["abh"].call("POST", "/requests", _draft()).json()["id"]
    promised = house.pooled(1)
    house.match()
    offer = house.offer_of(promised)
    assert offer is not None
    house["essen"].do(f"/proposals/{offer['id']}/confirm")
    address(house, promised)
    address(house, draft)
    house.now = hours(9) + timedelta(hours=24)
    assert counts(house)["addresses"] == 2
    house.now = hours(9) + timedelta(days=30, seconds=-1)
    assert counts(house)["requests"] == 0
    house.later(seconds=1)
    assert counts(house)["requests"] == 2
    house.check()


def test_a_stop_that_is_lifted_meanwhile_keeps_its_request(
    house: House, driven: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    house.later(days=30)
    real = rows.naming

    def lifted(*args: Any) -> Any:
        with house.store.writing() as session:
            row = session.get_one(TransportRequest, uuid.UUID(driven["stopped"]))
            row.state_since = house.now
        return real(*args)

    monkeypatch.setattr(rows, "naming", lifted)
    assert counts(house)["requests"] == 2
    assert house["abh"].call("GET", f"/requests/{driven['stopped']}").status_code == 200


def test_whoever_is_killed_begins_again_and_nothing_counts_twice(
    house: House, driven: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    house.later(days=30)
    monkeypatch.setattr(retention, "_AT_A_TIME", 2)
    would = counts(house, is_dry_run=True)
    left = iter(range(3))
    real: Callable[..., Any] = rows.note_deletion

    def dies(*args: Any, **more: Any) -> None:
        if next(left, None) is None:
            raise KeyboardInterrupt
        real(*args, **more)

    with monkeypatch.context() as patched:
        patched.setattr(rows, "note_deletion", dies)
        with pytest.raises(KeyboardInterrupt):
            counts(house)
    counts(house)
    with house.store.reading() as session:
        kept = session.execute(select(DeletionRecord.kind, DeletionRecord.count)).all()
        assert {str(row[0]): int(row[1]) for row in kept} == {kind: n for kind, n in would.items() if n}
        assert session.scalar(select(func.sum(HistoryEntry.requests))) == 3
    house.check()


def test_reasons_of_those_who_wait_name_nobody_who_is_gone(house: House, driven: dict[str, str]) -> None:
    gone, waits = driven["done"], uuid.UUID(driven["waits"])
    reason = {"zab": "E", "rule": "seats", "displaces": [gone, str(waits)], "texts": {"de": f"statt {gone}"}}
    with house.store.writing() as session:
        row = session.get_one(TransportRequest, waits)
        row.reasons = {"items": [reason, {"zab": "K", "request": gone}]}
        session.flush()
        version = row.version
    house.later(days=30)
    counts(house)
    with house.store.reading() as session:
        row = session.get_one(TransportRequest, waits)
        left = reason | {"displaces": [str(waits)], "texts": {"de": "statt -"}}
        assert row.reasons == {"items": [left]}
        assert row.version == version, "whoever looks at it may decide on what was seen"


def test_scenarios_that_named_somebody_who_is_gone_are_still_read(house: House, driven: dict[str, str]) -> None:
    gone, waits = driven["done"], driven["waits"]
    changes = [
        {"kind": "cancel_requests", "requests": [gone]}, {"kind": "cancel_requests", "requests": [gone, waits]},
        {"kind": "widen_window", "request": gone, "pickup_later": 600}, {"kind": "pooling_off"},
    ]  # fmt: skip
    made = house["essen"].call("POST", "/scenarios", {"scenario": {"id": "of somebody", "changes": changes}})
    assert made.status_code == 201, made.text
    house.later(days=30)
    counts(house)
    (kept,) = house["essen"].get("/scenarios")["items"]
    told = [(each["kind"], each.get("requests")) for each in kept["scenario"]["changes"]]
    assert told == [("cancel_requests", [waits]), ("pooling_off", None)]


def test_notices_and_messages_of_others_stay(house: House, driven: dict[str, str]) -> None:
    house.later(days=29)
    with house.store.writing() as session:
        kept = session.scalars(select(Notice).where(Notice.subject_id == driven["stopped"])).first()
        assert kept is not None
        session.add(
            Notice(
                organisation_id=kept.organisation_id, kind="other", subject_kind="request",
                subject_id=driven["waits"], created_at=house.now,
            )
        )  # fmt: skip
        messages = session.scalar(select(func.count()).select_from(OutboxMessage))
        assert messages
        session.add(
            OutboxMessage(
                id=uuid.uuid4(), at=house.now, topic="request.state_changed", payload={"request": driven["done"]},
                due_at=house.now,
            )
        )  # fmt: skip
        session.add(
            OutboxMessage(
                id=uuid.uuid4(), at=house.now, topic="request.state_changed", payload={"request": driven["waits"]},
                due_at=house.now,
            )
        )  # fmt: skip
    house.later(days=1)
    counts(house)
    with house.store.reading() as session:
        assert [row.kind for row in session.scalars(select(Notice))] == ["other"]
        assert [row.payload for row in session.scalars(select(OutboxMessage))] == [{"request": driven["waits"]}]


def test_lines_of_the_log_go_at_the_end_of_the_year_after(house: House) -> None:
    for number in range(3):
        house.pooled(number)
    with house.store.reading() as session:
        written = session.scalar(select(func.count()).select_from(AuditEntry)) or 0
        head = audit.head(session)
    house.now = datetime(2027, 12, 31, 22, 59, tzinfo=UTC)
    assert counts(house)["log_lines"] == 0
    house.now = datetime(2027, 12, 31, 23, tzinfo=UTC)  # Midnight in Berlin.
    assert counts(house, is_dry_run=True)["log_lines"] == written
    assert counts(house)["log_lines"] == written
    with house.store.reading() as session:
        oldest = session.scalar(select(func.min(AuditEntry.at)))
        assert oldest is not None
        assert oldest >= datetime(2027, 1, 1, tzinfo=UTC)
        assert list(audit.verify(session, known=head)) == []
        assert audit.anchor(session).number == written
    assert house["auditor"].get("/audit/verification")["faults"] == []
    assert house["auditor"].get(f"/audit/verification?from={written + 1}")["faults"] == []
    assert counts(house)["log_lines"] == 0
    house.check()


def test_a_cut_log_is_deleted_on_after_a_kill(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(6):
        house.pooled(number)
    monkeypatch.setattr(retention, "_LINES", 5)
    house.now = datetime(2028, 1, 1, 9, tzinfo=UTC)
    counts_before = counts(house, is_dry_run=True)["log_lines"]
    left = iter(range(2))
    real = audit.delete_cut

    def dies(*args: Any) -> int:
        if next(left, None) is None:
            raise KeyboardInterrupt
        return real(*args)

    with monkeypatch.context() as patched:
        patched.setattr(audit, "delete_cut", dies)
        with pytest.raises(KeyboardInterrupt):
            counts(house)
    with house.store.reading() as session:
        assert list(audit.verify(session)) == [], "half deleted it still hangs together"
    assert counts(house)["log_lines"] == counts_before - 10
    with house.store.reading() as session:
        assert list(audit.verify(session)) == []


def test_files_that_were_taken_in_or_refused_go_after_a_week(house: House) -> None:
    folder = house.context.settings.drop_folder
    for name in ("done", "rejected"):
        (folder / name).mkdir(parents=True)
        (folder / name / "pool.csv").write_text("content", encoding="utf-8")
    (folder / "rejected" / "pool.csv.errors.json").write_text("{}", encoding="utf-8")
    (folder / "waiting.csv").write_text("content", encoding="utf-8")
    house.now = datetime.now(UTC) + timedelta(days=6, hours=23)
    assert counts(house)["files"] == 0
    house.later(hours=1)
    assert counts(house, is_dry_run=True)["files"] == 3
    assert counts(house)["files"] == 3
    assert [path.name for path in folder.rglob("*") if path.is_file()] == ["waiting.csv"]
    assert counts(house)["files"] == 0
    with house.store.reading() as session:
        assert session.scalar(select(DeletionRecord.count).where(DeletionRecord.kind == "files")) == 3


def test_every_kind_has_a_period_with_a_source() -> None:
    now = datetime(2026, 11, 28, 12, tzinfo=UTC)
    assert retention.log_cut(now, service_parameters()) == datetime(2024, 12, 31, 23, tzinfo=UTC)
    assert set(Kind) == {"addresses", "run_inputs", "messages", "requests", "log_lines", "files"}


def _draft() -> dict[str, Any]:
    return dict(request_body(7)) | {"enter_as": "draft"}


def test_documents_lose_what_names_somebody() -> None:
    gone, other = str(uuid.uuid4()), str(uuid.uuid4())
    document = {
        "rows": [{"request": gone, "n": 1}, {"request": other, "of": [gone, other]}],
        "by": {gone: 1, other: 2}, "last": gone, "text": f"{gone} and {other}", "n": 3, "none": None,
    }  # fmt: skip
    assert rows.without(document, {gone}) == {
        "rows": [{"request": other, "of": [other]}], "by": {other: 2}, "text": f"- and {other}", "n": 3, "none": None,
    }  # fmt: skip
    assert rows.without(document, set()) == document
