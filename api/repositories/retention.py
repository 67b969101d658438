"""What is due for deletion, and the deleting: by periods, some at a time, whoever may see it (domain.md, "deletion").

A request has ended where its state says so; one that nobody closed has ended when its last hand-over should have been
made: a draft or a promise that everybody forgot is not kept for ever.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Collection, Iterator
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import JSON, Column, ColumnElement, Select, String, Table, case, cast, delete, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from api.db.tables import (
    AuditEntry,
    Base,
    Decision,
    DeletionRecord,
    HistoryEntry,
    IdempotencyKey,
    LedgerEntry,
    Notice,
    OutboxMessage,
    PickupAddress,
    Proposal,
    Run,
    RunEvent,
    RunInput,
    Simulation,
    SimulationKind,
    SimulationResult,
    TourStop,
    TransportRequest,
)
from api.db.tables_runs import LIVE_RUNS
from api.db.types import new_id
from api.workflow import ENDED

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_KEPT = {AuditEntry.__tablename__, IdempotencyKey.__tablename__}
"""The log is final and has a period of its own; answers to repeated calls are sealed, and gone after a day."""
_PAGE = 500


def ended_at(request: TransportRequest) -> datetime:
    """Return when a request has ended, or will have at the latest if nobody notes its end."""
    return request.state_since if request.state in ENDED else request.delivery_to


def end_of() -> ColumnElement[datetime]:
    """Return ``ended_at`` as an expression."""
    row = TransportRequest
    return case((row.state.in_(sorted(ENDED)), row.state_since), else_=row.delivery_to)


# --- what is due ------------------------------------------------------------------------------------------------------


def due_addresses(until: datetime) -> Select[uuid.UUID]:
    """Return the query for the requests that ended at or before an instant and still have an address."""
    return (
        select(PickupAddress.request_id)
        .join(TransportRequest, TransportRequest.id == PickupAddress.request_id)
        .where(end_of() <= until)
        .order_by(PickupAddress.request_id)
    )


def due_requests(until: datetime) -> Select[uuid.UUID]:
    """Return the query for the requests that ended at or before an instant."""
    return select(TransportRequest.id).where(end_of() <= until).order_by(TransportRequest.id)


def due_runs(until: datetime) -> Select[uuid.UUID]:
    """Return the query for the runs that were asked for at or before an instant, with input, progress or results left.

    Whoever was in the input of a run had not ended when it was made. So all inputs that hold a request are due before
    the request itself is; those of back-tests, which hold requests that have ended, by ``due_past_days``.
    """
    held = or_(
        select(RunInput.run_id).where(RunInput.run_id == Run.id).exists(),
        select(RunEvent.run_id).where(RunEvent.run_id == Run.id).exists(),
        select(Simulation.run_id).where(Simulation.run_id == Run.id).exists(),
    )
    return select(Run.id).where(Run.created_at <= until, Run.state.not_in(LIVE_RUNS), held).order_by(Run.id)


def due_past_days(until: datetime) -> Select[uuid.UUID]:
    """Return the query for the back-tests that replayed days which began at or before an instant, and have them still.

    Whoever is in such an input ended on its first day at the earliest. So it is due before any of them is.
    """
    return (
        select(Run.id)
        .join(Simulation, Simulation.run_id == Run.id)
        .join(RunInput, RunInput.run_id == Run.id)
        .where(Simulation.kind == SimulationKind.BACKTEST, Run.horizon_from <= until, Run.state.not_in(LIVE_RUNS))
        .order_by(Run.id)
    )


def due_messages(until: datetime) -> Select[uuid.UUID]:
    """Return the query for the messages that were written at or before an instant."""
    return select(OutboxMessage.id).where(OutboxMessage.at <= until).order_by(OutboxMessage.id)


def ids(session: Session, due: Select[uuid.UUID], most: int) -> list[uuid.UUID]:
    """Return the first ids of a query."""
    return list(session.scalars(due.limit(most)))


def count(session: Session, due: Select[uuid.UUID]) -> int:
    """Return how many are due."""
    return session.scalar(select(func.count()).select_from(due.order_by(None).subquery())) or 0


def audit_lines(session: Session, number: int) -> int:
    """Return how many lines of the log there are up to a number."""
    return session.scalar(select(func.count()).select_from(AuditEntry).where(AuditEntry.number <= number)) or 0


# --- deleting ---------------------------------------------------------------------------------------------------------


def delete_addresses(session: Session, request_ids: Collection[uuid.UUID]) -> int:
    """Delete the addresses of requests; return how many there were."""
    found = session.execute(
        delete(PickupAddress).where(PickupAddress.request_id.in_(request_ids)).returning(PickupAddress.request_id)
    )
    return len(found.all())


def delete_run_inputs(session: Session, run_ids: Collection[uuid.UUID]) -> int:
    """Delete what runs were given, what they answered and told on their way; return how many runs it were."""
    for table in (RunInput, RunEvent, SimulationResult, Simulation):
        session.execute(delete(table).where(table.run_id.in_(run_ids)))
    return len(run_ids)


def delete_past_days(session: Session, run_ids: Collection[uuid.UUID]) -> int:
    """Delete the days that back-tests replayed, and changes of theirs that name requests; return how many it were.

    What they came to is counts, and stays as long as that of any other run.
    """
    session.execute(delete(RunInput).where(RunInput.run_id.in_(run_ids)))
    for row in session.scalars(select(Simulation).where(Simulation.run_id.in_(run_ids))):
        row.scenarios = {"items": [_nameless(each) for each in row.scenarios["items"]]}
        variants = row.wanted["variants"]
        row.wanted = {**row.wanted, "variants": [{**v, "scenario": _nameless(v["scenario"])} for v in variants]}
    session.flush()
    return len(run_ids)


def _nameless(scenario: dict[str, Any]) -> dict[str, Any]:
    kept = [each for each in scenario["changes"] if not each.keys() & {"request", "requests"}]
    return {**scenario, "changes": kept}


def delete_messages(session: Session, message_ids: Collection[uuid.UUID]) -> int:
    """Delete messages; return how many there were."""
    found = session.execute(
        delete(OutboxMessage).where(OutboxMessage.id.in_(message_ids)).returning(OutboxMessage.id)
    )  # fmt: skip
    return len(found.all())


def names_of(session: Session, request_ids: Collection[uuid.UUID]) -> set[str]:
    """Return the ids by which documents may name these requests: their own, their proposals' and decisions'."""
    found = {str(each) for each in request_ids}
    for table in (Proposal, Decision):
        found |= {str(each) for each in session.scalars(select(table.id).where(table.request_id.in_(request_ids)))}
    return found


def delete_request(session: Session, request: TransportRequest) -> set[uuid.UUID]:
    """Delete a request and all rows that hang on it; return the duties on whose tours it stood.

    What a ZAB's balance counts stays, without a link to the decision or to its instant.
    """
    of_request = select(Decision.id).where(Decision.request_id == request.id)
    balance = Base.metadata.tables[LedgerEntry.__tablename__]
    booked = select(LedgerEntry.id, LedgerEntry.month).where(LedgerEntry.decision_id.in_(of_request))
    for entry_id, month in session.execute(booked).all():
        # Its id tells when it was made.
        values = {"id": uuid.uuid4(), "decision_id": None, "created_at": _begin(month)}
        session.execute(update(balance).where(balance.c.id == entry_id).values(values))
    riding = set(session.scalars(select(TourStop.duty_id).where(TourStop.request_id == request.id)))
    key = request.id
    session.expunge(request)
    for table in reversed(Base.metadata.sorted_tables):
        for column in hanging(table):
            session.execute(delete(table).where(column == key))
    session.execute(delete(TransportRequest).where(TransportRequest.id == key))
    return riding


def _begin(month: date) -> datetime:
    return datetime(month.year, month.month, 1, tzinfo=UTC)


def hanging(table: Table) -> list[Column[Any]]:
    """Return the columns of a table that refer to a request."""
    own = TransportRequest.__tablename__
    return [each for each in table.columns if any(key.column.table.name == own for key in each.foreign_keys)]


def rides_nobody(session: Session, duty_id: uuid.UUID) -> bool:
    """Whether no request rides on a duty any more; what is left of its tour is deleted then."""
    query = select(TourStop.position).where(TourStop.duty_id == duty_id, TourStop.request_id.is_not(None)).limit(1)
    if session.scalar(query) is not None:
        return False
    session.execute(delete(TourStop).where(TourStop.duty_id == duty_id))
    return True


# --- documents that name requests -------------------------------------------------------------------------------------


def naming(session: Session, names: Collection[str]) -> Iterator[tuple[Table, dict[str, Any]]]:
    """Yield table and key of each row outside the log that names one of these ids in a document or as its subject.

    All tables with documents are looked through: whoever adds one need not think of it here.
    """
    wanted = set(names)
    for table in Base.metadata.sorted_tables:
        told = [each for each in table.columns if isinstance(each.type, JSON) or each.name == "subject_id"]
        if not told or table.name in _KEPT:
            continue
        key = list(table.primary_key.columns)
        rows = session.execute(
            select(*key, *(cast(each, String).label(f"told_{number}") for number, each in enumerate(told))),
            execution_options={"yield_per": _PAGE},
        )
        for row in rows:
            if any(wanted & set(_UUID.findall(text)) for text in row[len(key) :] if text):
                yield table, {column.name: row[number] for number, column in enumerate(key)}


def forget(session: Session, table: Table, key: dict[str, Any], names: Collection[str]) -> None:
    """Delete a message or a notice that names one of these ids; of other rows take it out of their documents."""
    at = [table.columns[name] == value for name, value in key.items()]
    if table.name in (OutboxMessage.__tablename__, Notice.__tablename__):
        session.execute(delete(table).where(*at))
        return
    documents = [each for each in table.columns if isinstance(each.type, JSON)]
    row = session.execute(select(*documents).where(*at).with_for_update()).mappings().first()
    if row is None:
        return
    values = {
        each.name: without(row[each.name], names)
        for each in documents
        if row[each.name] is not None
    }  # fmt: skip
    changed = {name: value for name, value in values.items() if value != row[name]}
    if changed:
        # Past the version: nobody who looks at the row decides by who was named there.
        session.execute(update(table).where(*at).values(changed))


def without(document: Any, names: Collection[str]) -> Any:
    """Return a document without what names one of these ids.

    An entry of a list goes where it is one of them, or says directly that it is about one; so does a member of an
    object. In longer texts a dash stands in their place.
    """
    if isinstance(document, dict):
        return {
            key: without(value, names)
            for key, value in document.items()
            if key not in names and not (isinstance(value, str) and value in names)
        }
    if isinstance(document, list):
        return [without(each, names) for each in document if not _is_about(each, names)]
    if isinstance(document, str):
        return _UUID.sub(lambda found: "-" if found[0] in names else found[0], document)
    return document


def _is_about(entry: Any, names: Collection[str]) -> bool:
    if isinstance(entry, dict):
        return any(isinstance(value, str) and value in names for value in entry.values())
    return isinstance(entry, str) and entry in names


# --- what stays -------------------------------------------------------------------------------------------------------


def add_to_history(session: Session, **kind: Any) -> None:
    """Count one more request of a kind (all columns of ``HistoryEntry`` but the count)."""
    _add(session, HistoryEntry, kind, {"requests": 1}, "requests", 1)


def note_deletion(
    session: Session, day: date, kind: str, number: int, *, until: datetime, parameter_set: str, now: datetime
) -> None:
    """Note that so many things of a kind were deleted on a local day."""
    _add(
        session, DeletionRecord, {"day": day, "kind": kind, "parameter_set": parameter_set},
        {"id": new_id(), "created_at": now, "count": number, "until": until, "updated_at": now}, "count", number,
        until=until, updated_at=now,
    )  # fmt: skip


def _add(
    session: Session, table: Any, key: dict[str, Any], values: dict[str, Any], counted: str, more: int, **anew: Any
) -> None:
    """Add to the count of a row, or make it; two at once make one."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    known = getattr(table, counted)
    session.execute(
        insert(table)
        .values({**key, **values})
        .on_conflict_do_update(index_elements=list(key), set_={counted: known + more, **anew})
    )


def records() -> Select[DeletionRecord]:
    """Return the query for the records of deletion."""
    return select(DeletionRecord)


def history(session: Session, first: date, last: date) -> list[HistoryEntry]:
    """Return the counts of months, both ends included (first days)."""
    query = select(HistoryEntry).where(HistoryEntry.month >= first, HistoryEntry.month <= last)
    return list(session.scalars(query))
