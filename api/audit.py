"""The append-only log: who did what to which record, each line holding the hash of the one before.

A line that is changed, taken out or put in between breaks the chain from there on; ``verify`` tells where. What is cut
off at the end breaks nothing, so the head (number and hash) is to be noted elsewhere too, and ``verify`` compares.
Details are names of fields, codes and states, never what a field says.

Old lines are deleted when their period is over (``cut``, then ``delete_cut``): number and hash of the last of them stay
as an anchor, and in a line of the log, so that the chain is verified from there on. The database lets no other line go.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import delete, event, func, select
from sqlalchemy.orm import Session, SessionTransaction

from api.actor import Actor
from api.db.tables import AuditAnchor, AuditEntry
from api.db.types import stated

CUT = "log_cut"
"""Action of the line that tells of an anchor."""
START = "0" * 64
"""What the first line holds in place of a hash."""
_LOCK = 0x52535042
"""Whoever adds a line on PostgreSQL holds this advisory lock until the end of the transaction."""
_WAITING = "audit lines"
"""Where a session keeps the lines that are to be written."""
_AT_A_TIME = 1_000
_HOLD = select(func.pg_advisory_xact_lock(_LOCK))
_LAST = select(AuditEntry.number, AuditEntry.sha256).order_by(AuditEntry.number.desc()).limit(stated(1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The last line."""

    number: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Where the log is not what it was: the line, and what is wrong with it."""

    number: int
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """What waits to be written, and in which savepoint it was said."""

    fields: Mapping[str, Any]
    savepoint: SessionTransaction | None


def append(
    session: Session,
    actor: Actor,
    action: str,
    subject_kind: str,
    subject_id: object,
    *,
    at: datetime,
    purpose: str = "",
    details: Mapping[str, Any] | None = None,
) -> None:
    """Add a line; it commits with the caller's transaction, or not at all.

    Lines are numbered without a gap, so those who write one wait for one another until the end of the transaction.
    They are therefore written last, right before the commit: whatever a call has to do beside waits for nobody.
    """
    if not session.in_transaction():
        session.begin()  # So that the line ends with it.
    session.flush()
    fields = {
        "at": at.astimezone(UTC),
        "account_id": actor.account_id,
        "organisation_id": actor.organisation_id,
        "role": actor.role.value,
        "action": action,
        "subject_kind": subject_kind,
        "subject_id": str(subject_id),
        "purpose": purpose,
        "details": dict(details or {}),
    }
    waiting: list[_Line] = session.info.setdefault(_WAITING, [])
    waiting.append(_Line(fields=fields, savepoint=session.get_nested_transaction()))


def write(session: Session) -> None:
    """Write the lines that wait; from here on whoever else has a line to write waits for this transaction."""
    waiting: list[_Line] = session.info.pop(_WAITING, [])
    if not waiting:
        return
    session.flush()
    if session.get_bind().dialect.name == "postgresql":
        session.execute(_HOLD)
    last = head(session)
    for line in waiting:
        entry = AuditEntry(number=last.number + 1, previous=last.sha256, **line.fields)
        entry.sha256 = digest(entry)
        session.add(entry)
        last = Head(number=entry.number, sha256=entry.sha256)
    session.flush()


@event.listens_for(Session, "before_commit")
def _write_last(session: Session) -> None:
    # Also told of the end of a savepoint: its lines wait with the others.
    if not session.in_nested_transaction():
        write(session)


@event.listens_for(Session, "after_transaction_create")
def _begin(session: Session, begun: SessionTransaction) -> None:
    if begun.parent is None:
        # What a session kept that was closed in the middle, and is used again.
        session.info.pop(_WAITING, None)


@event.listens_for(Session, "after_soft_rollback")
def _forget(session: Session, ended: SessionTransaction) -> None:
    """Forget what was said in what was rolled back."""
    if ended.parent is not None and not ended.nested:
        return  # A flush that failed: what is rolled back for it, a savepoint or all, is told of by itself.
    waiting: list[_Line] = session.info.pop(_WAITING, [])
    kept = [line for line in waiting if ended.nested and not _is_within(line.savepoint, ended)]
    if kept:
        session.info[_WAITING] = kept


def _is_within(savepoint: SessionTransaction | None, outer: SessionTransaction) -> bool:
    while savepoint is not None and savepoint is not outer:
        savepoint = savepoint.parent
    return savepoint is outer


def head(session: Session) -> Head:
    """Return the last line; number 0 where there is none."""
    found = session.execute(_LAST).first()
    return Head(number=0, sha256=START) if found is None else Head(number=found[0], sha256=found[1])


def digest(entry: AuditEntry) -> str:
    """Return the hash of a line: SHA-256 over all its fields and the hash of the line before, as canonical JSON."""
    fields = {
        "number": entry.number,
        "at": entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "account": None if entry.account_id is None else str(entry.account_id),
        "organisation": None if entry.organisation_id is None else str(entry.organisation_id),
        "role": entry.role,
        "action": entry.action,
        "subject": [entry.subject_kind, entry.subject_id],
        "purpose": entry.purpose,
        "details": entry.details,
        "previous": entry.previous,
    }
    text = json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def anchor(session: Session) -> Head:
    """Return the last line that was, or is to be, deleted; number 0 where the log was never cut."""
    found = session.execute(
        select(AuditAnchor.number, AuditAnchor.sha256).order_by(AuditAnchor.number.desc()).limit(1)
    ).first()
    return Head(number=0, sha256=START) if found is None else Head(number=found[0], sha256=found[1])


def older(session: Session, until: datetime) -> Head:
    """Return the last of the lines from the begin of the log that were all written before an instant.

    Number 0 where there is none.
    """
    newer = session.scalar(select(func.min(AuditEntry.number)).where(AuditEntry.at >= until))
    query = select(AuditEntry.number, AuditEntry.sha256).order_by(AuditEntry.number.desc()).limit(1)
    found = session.execute(query if newer is None else query.where(AuditEntry.number < newer)).first()
    return Head(number=0, sha256=START) if found is None else Head(number=found[0], sha256=found[1])


def cut(session: Session, actor: Actor, *, until: datetime, at: datetime, parameter_set: str) -> int:
    """Set an anchor at the last line written before ``until``; return how many lines may be deleted by it.

    Nothing is deleted yet (``delete_cut``). The anchor commits together with the line that tells of it.
    """
    last, before = older(session, until), anchor(session)
    if last.number <= before.number:
        return 0
    count = last.number - before.number
    # The line first: no anchor without a line after it.
    append(
        session, actor, CUT, "audit_log", "lines", at=at,
        details={
            "number": last.number, "sha256": last.sha256, "count": count, "until": until.astimezone(UTC).isoformat(),
            "parameters": parameter_set,
        },
    )  # fmt: skip
    write(session)
    session.add(
        AuditAnchor(number=last.number, sha256=last.sha256, until=until, at=at, parameter_set=parameter_set)
    )  # fmt: skip
    session.flush()
    return count


def delete_cut(session: Session, most: int) -> int:
    """Delete lines up to the anchor, the oldest first, at most ``most``; return how many."""
    last = anchor(session).number
    numbers = select(AuditEntry.number).where(AuditEntry.number <= last).order_by(AuditEntry.number).limit(most)
    found = list(session.scalars(numbers))
    if found:
        session.execute(
            delete(AuditEntry)
            .where(AuditEntry.number <= found[-1])
            .execution_options(synchronize_session=False)
        )  # fmt: skip
    return len(found)


def verify(
    session: Session, *, known: Head | None = None, first: int | None = None, last: int | None = None
) -> Iterator[Fault]:
    """Yield every fault, first to last; none where the log is whole from its anchor on.

    Parameters
    ----------
    known
        A head that was noted earlier: the line of that number must still be there, with that hash, or have been
        deleted at the end of its period.
    first, last
        Only these lines and those between; what ``first`` says of the line before it is taken on trust.
    """
    begin = anchor(session)
    previous, number = START, None
    was_seen, is_told = known is None or known.number <= begin.number, begin.number == 0
    if known is not None and known.number == begin.number and known.sha256 != begin.sha256:
        yield Fault(number=known.number, what="is not the line that was noted")
    query = select(AuditEntry).order_by(AuditEntry.number)
    if first is not None:
        query = query.where(AuditEntry.number >= first)
    if last is not None:
        query = query.where(AuditEntry.number <= last)
    for entry in session.scalars(query.execution_options(yield_per=_AT_A_TIME)):
        if number is not None and entry.number != number + 1:
            yield Fault(number=entry.number, what=f"expected line {number + 1}: what lay between is missing")
        elif number is not None and entry.previous != previous:
            yield Fault(number=entry.number, what="does not follow the line before")
        elif number is None and (first is None or first <= begin.number + 1):
            yield from _begins(entry, begin)
        if entry.sha256 != digest(entry):
            yield Fault(number=entry.number, what="was changed")
        if entry.number == begin.number and entry.sha256 != begin.sha256:
            yield Fault(number=entry.number, what="is not the line at which the log was cut")
        if known is not None and entry.number == known.number:
            was_seen = True
            if entry.sha256 != known.sha256:
                yield Fault(number=entry.number, what="is not the line that was noted")
        is_told = is_told or _tells(entry, begin)
        previous, number = entry.sha256, entry.number
        session.expunge(entry)
    if not was_seen and known is not None:
        yield Fault(number=known.number, what="is missing: the log ends before a line that was noted")
    if not is_told and first is None and last is None:
        yield Fault(number=begin.number, what="the log was cut here, and no line of it tells so")


def _begins(entry: AuditEntry, begin: Head) -> Iterator[Fault]:
    """Yield what is wrong with the first line there is: it follows the anchor, or is yet to be deleted by it."""
    if entry.number > begin.number + 1:
        yield Fault(number=entry.number, what=f"expected line {begin.number + 1}: what lay between is missing")
    elif entry.number == begin.number + 1 and entry.previous != begin.sha256:
        what = "is not the first line" if begin.number == 0 else "does not follow the line at which the log was cut"
        yield Fault(number=entry.number, what=what)
    elif entry.number == 1 and entry.previous != START:
        yield Fault(number=1, what="is not the first line")


def _tells(entry: AuditEntry, begin: Head) -> bool:
    told = entry.details.get("number"), entry.details.get("sha256")
    return entry.action == CUT and told == (begin.number, begin.sha256)
