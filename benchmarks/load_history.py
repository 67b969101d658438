"""What years of work leave behind: ended requests, and all that was written about them. Used by ``load_rows``.

``History`` writes a year or so through SQLAlchemy, on both databases. ``grow`` multiplies it on PostgreSQL, by the
database itself: a million requests with their fourteen million rows then take minutes.
"""

from __future__ import annotations

import hashlib
import random
import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any

from sqlalchemy import Engine, text

from api.db.tables import (
    AuditEntry,
    Bar,
    Base,
    Decision,
    DutyRow,
    LedgerEntry,
    MeasureFact,
    Notice,
    OutboxMessage,
    Proposal,
    Run,
    RunEvent,
    RunInput,
    RunKind,
    RunState,
    Standing,
    TourStop,
    TransportRequest,
)
from api.workflow import FINAL, Action, Role, State
from optimizer.model import VisitKind

DAYS = 365
"""Days before today over which the first part of the history is spread; each copy lies so much earlier."""
_DUTIES_A_DAY = 8
_AT_A_TIME = 2_000
_NUMBER = 1_000_000_000
"""Number of the audit line before the first: copies, which are older, have smaller ones."""
_PART = 1_000_000
"""Numbers of audit lines of one copy, at most."""
_ENDS = (
    *[(State.HANDED_OVER, Action.HAND_OVER, Standing.DONE)] * 12,
    *[(State.FAILED, Action.FAIL, Standing.DONE)] * 3,
    *[(State.CANCELLED, Action.CANCEL, Standing.WITHDRAWN)] * 3,
    *[(State.RETURNED, Action.RETURN_TO_ABH, Standing.EXPIRED)] * 2,
)
_COPIED: tuple[tuple[type[Base], str], ...] = (
    (DutyRow, "old.code LIKE 'P%'"),
    (Run, "old.state = 'done'"),
    (TransportRequest, "old.state IN ('handed_over', 'failed', 'cancelled', 'returned')"),
    (Proposal, "old.standing <> 'live'"),
    (TourStop, "old.duty_id IN (SELECT id FROM duty WHERE code LIKE 'P%')"),
    (Decision, "true"),
    (LedgerEntry, "true"),
    (Bar, "true"),
    (Notice, "old.done_at IS NOT NULL"),
    (OutboxMessage, "old.delivered_at IS NOT NULL"),
    (RunInput, "true"),
    (RunEvent, "true"),
    (MeasureFact, "true"),
    (AuditEntry, "true"),
)
"""Tables in the order of their references, and which of their rows are history."""

Row = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """Writes ended requests.

    Parameters
    ----------
    request
        Makes a request in a state, on a day counted from today.
    write_rows
        Writes rows of a table.
    crews, vehicles
        Each with its ZAB.
    local
        Returns the instant of a local time on a day counted from today.
    days
        Days before today over which it is spread.
    """

    dice: random.Random
    request: Callable[[State, int], Row]
    write_rows: Callable[[type[Base], Iterable[Row]], None]
    crews: Sequence[tuple[uuid.UUID, uuid.UUID]]
    vehicles: Sequence[tuple[uuid.UUID, uuid.UUID]]
    account: uuid.UUID
    local: Callable[[int, time], datetime]
    days: int = DAYS

    def write(self, count: int) -> None:
        """Write ``count`` ended requests of the last year, in the order in which they came."""
        duties = self._duties() if count else {}
        days = sorted(-1 - self.dice.randrange(self.days) for _ in range(count))
        number = _NUMBER
        positions: dict[uuid.UUID, int] = {}
        for start in range(0, count, _AT_A_TIME):
            rows: dict[type[Base], list[Row]] = {}
            for each, day in enumerate(days[start : start + _AT_A_TIME], start):
                number = self._one(rows, each, day, duties[day, each % _DUTIES_A_DAY], positions, number)
            for table, _ in _COPIED:
                if table in rows:
                    self.write_rows(table, rows[table])

    def _duties(self) -> dict[tuple[int, int], tuple[uuid.UUID, uuid.UUID]]:
        """Write the used duties of the past; return id and ZAB by day and number."""
        rows, found = [], {}
        for day in range(-self.days, 0):
            for slot in range(_DUTIES_A_DAY):
                zab, crew = self.crews[slot]
                begins = self.local(day, time(6))
                ends = begins + timedelta(hours=10)
                row = {
                    **_stamps(begins - timedelta(days=30)), "id": self._id(begins), "zab_id": zab,
                    "code": f"P{day}-{slot}", "crew_id": crew, "vehicle_id": self.vehicles[slot][1],
                    "starts_at": begins, "ends_at": ends, "vehicle_from": begins, "vehicle_to": ends,
                    "profile": "arbzg", "start_place": None, "end_place": None, "is_offered": True, "is_used": True,
                }  # fmt: skip
                rows.append(row)
                found[day, slot] = row["id"], zab
        self.write_rows(DutyRow, rows)
        return found

    def _one(
        self,
        rows: dict[type[Base], list[Row]],
        each: int,
        day: int,
        duty: tuple[uuid.UUID, uuid.UUID],
        positions: dict[uuid.UUID, int],
        number: int,
    ) -> int:
        """Add all rows of one request; return the number of the last audit line."""
        state, action, standing = self.dice.choice(_ENDS)
        request = self.request(state, day)
        at = request["created_at"]
        duty_id, zab = duty
        request["id"] = self._id(at)
        request["updated_at"] = request["state_since"] = request["pickup_from"]
        run = None
        if each % 3 == 0:
            run = self._run(rows, at)
        proposal = {
            **_stamps(at), "id": self._id(at), "request_id": request["id"], "duty_id": duty_id, "zab_id": zab,
            "run_id": run, "standing": standing, "is_manual": run is None, "pickup_at": request["pickup_from"],
            "handover_at": request["delivery_from"], "on_board_seconds": 3600, "direct_seconds": 3600,
            "respond_by": at + timedelta(days=2), "explanation": {}, "reminders_sent": 0, "end_code": None,
        }  # fmt: skip
        rows.setdefault(TransportRequest, []).append(request)
        rows.setdefault(Proposal, []).append(proposal)
        for kind, place, stop in (
            (VisitKind.PICKUP, request["pickup_ags"], request["pickup_from"]),
            (VisitKind.DELIVERY, request["delivery_place"], request["delivery_from"]),
        ):
            position = positions[duty_id] = positions.get(duty_id, -1) + 1
            rows.setdefault(TourStop, []).append({
                "duty_id": duty_id, "position": position, "kind": kind, "request_id": request["id"], "place": place,
                "arrival": stop, "start": stop, "departure": stop + timedelta(minutes=30), "rests": 0,
                "on_board": 0, "seats": 7,
            })  # fmt: skip
        steps = (
            (Action.POOL, State.DRAFT, State.POOLED, Role.ABH, at),
            (Action.PROPOSE, State.POOLED, State.PROPOSED, Role.SYSTEM, at),
            (Action.CONFIRM, State.PROPOSED, State.CONFIRMED, Role.ZAB_DISPATCHER, at + timedelta(hours=4)),
            (action, State.CONFIRMED, state, Role.ZAB_DISPATCHER, request["pickup_from"]),
        )
        for taken, before, after, role, when in steps:
            number += 1
            request["reported_id"] = self._id(when)
            rows.setdefault(Decision, []).append({
                "id": request["reported_id"], "created_at": when, "request_id": request["id"],
                "proposal_id": proposal["id"], "zab_id": zab, "action": taken, "before": before, "after": after,
                "role": role, "account_id": None if role is Role.SYSTEM else self.account, "remark": "", "details": {},
            })  # fmt: skip
            digest = hashlib.sha256(str(number).encode()).hexdigest()
            rows.setdefault(AuditEntry, []).append({
                "number": number, "at": when, "account_id": self.account, "organisation_id": zab, "role": role.value,
                "action": taken.value, "subject_kind": "request", "subject_id": str(request["id"]), "purpose": "",
                "details": {"before": before.value, "after": after.value}, "previous": digest, "sha256": digest,
            })  # fmt: skip
        self._told(rows, each, request, zab)
        rows.setdefault(MeasureFact, []).append({
            "id": uuid.UUID(int=self.dice.getrandbits(128)), "month": request["pickup_from"].date().replace(day=1),
            "zab": f"zab:{zab}", "bezirk": "Arnsberg", "destination": "DUS", "hour_band": 6, "is_night": False,
            "meets_night": False, "has_children": False, "has_override": False, "people": 1, "escorts": 2,
            "is_promised": True, "has_begun": True, "custody_minutes": 60, "on_board_minutes": 50,
            "outcome": state, "code": "",
        })  # fmt: skip
        return number

    def _told(self, rows: dict[type[Base], list[Row]], each: int, request: Row, zab: uuid.UUID) -> None:
        at, subject = request["created_at"], str(request["id"])
        rows.setdefault(LedgerEntry, []).append({
            "id": self._id(at), "created_at": at, "zab_id": zab, "month": request["pickup_from"].date().replace(day=1),
            "kind": "accepted", "decision_id": None, "requests": 1, "metres": 80_000, "crew_seconds": 9_000,
            "custody_seconds": 3_600,
        })  # fmt: skip
        rows.setdefault(OutboxMessage, []).append({
            "id": self._id(at), "at": at, "topic": "match", "organisation_id": None, "endpoint_id": None,
            "payload": {"reason": "pool", "requests": [subject], "duties": []}, "attempts": 1, "due_at": at,
            "delivered_at": at, "failure": None,
        })  # fmt: skip
        if each % 2 == 0:
            told = zab if each % 4 else request["organisation_id"]
            rows.setdefault(Notice, []).append({
                "id": self._id(at), "created_at": at, "organisation_id": told,
                "role": None, "kind": "withdrawn", "code": None, "subject_kind": "request", "subject_id": subject,
                "details": {}, "due_at": None, "done_at": at + timedelta(days=1),
            })  # fmt: skip
        if each % 5 == 0 and request["state"] not in FINAL:
            # Those for a time were over long ago, and taken away by the clock.
            rows.setdefault(Bar, []).append({
                "id": self._id(at), "created_at": at, "request_id": request["id"], "zab_id": zab, "until": None,
            })  # fmt: skip

    def _run(self, rows: dict[type[Base], list[Row]], at: datetime) -> uuid.UUID:
        run, horizon = self._id(at), f"{at.date()}/{at.date()}"
        rows.setdefault(Run, []).append({
            **_stamps(at), "id": run, "kind": RunKind.CONTINUOUS, "state": RunState.DONE, "horizon": horizon,
            "horizon_from": at, "horizon_to": at + timedelta(days=1), "night": None, "parameter_set": "past",
            "solve_params": {}, "versions": {}, "stages": {}, "summary": {}, "is_cancel_wanted": False,
            "worker": "past", "account_id": None, "started_at": at, "finished_at": at + timedelta(seconds=2),
        })  # fmt: skip
        rows.setdefault(RunInput, []).append({"run_id": run, "instance": b"x" * 200, "result": b"x" * 200})
        for number in (1, 2, 3):
            rows.setdefault(RunEvent, []).append(
                {"run_id": run, "number": number, "at": at, "kind": "phase", "payload": {"phase": "insertion"}}
            )
        return run

    def _id(self, at: datetime) -> uuid.UUID:
        """Return a UUIDv7 of an instant."""
        drawn = self.dice.getrandbits(74)
        milliseconds = int(at.timestamp() * 1000)
        return uuid.UUID(int=milliseconds << 80 | 7 << 76 | drawn >> 62 << 64 | 2 << 62 | drawn & (1 << 62) - 1)


def _stamps(at: datetime) -> Row:
    return {"created_at": at, "updated_at": at, "version": 1}


_EARLIER = (
    "(lpad(to_hex(('x' || substr(replace({id}::text, '-', ''), 1, 12))::bit(48)::bigint"
    " - part::bigint * {days} * 86400000), 12, '0')"
    " || '7' || substr(md5({id}::text || part), 1, 3) || '8' || substr(md5({id}::text || part), 4, 15))::uuid"
)
"""The id of the copy of a row: a UUIDv7 as much earlier as the copy, the same wherever the row is referred to.

An expression, not a function: PostgreSQL would start an executor for each of fifty million ids.
"""
_INDEXES = text("""
SELECT indexname, indexdef FROM pg_indexes
WHERE schemaname = current_schema() AND tablename = :name
AND indexname NOT IN (SELECT conname FROM pg_constraint WHERE conindid <> 0)
""")


def grow(engine: Engine, copies: int, days: int = DAYS) -> None:
    """Copy the history so often, each time ``days`` earlier, over which it is spread; PostgreSQL only.

    None may lie before 1970, where the instants in ids begin: its ids would be the newest of all.
    """
    if days * (copies + 1) > datetime.now(UTC).timestamp() / 86_400:
        raise ValueError(f"grow: expected a history from 1970 on, got {copies + 1} x {days} days. Spread it over less.")
    with engine.begin() as connection:
        for setting in ("synchronous_commit = off", "maintenance_work_mem = '512MB'", "work_mem = '512MB'"):
            connection.execute(text(f"SET LOCAL {setting}"))
        # What is copied is in order: no foreign key and no doubled crew need be looked for. Superusers only.
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        for table, which in _COPIED:
            columns = Base.metadata.tables[table.__tablename__].columns
            names = ", ".join(f'"{column.name}"' for column in columns)
            values = ", ".join(_earlier(table.__tablename__, column.name, str(column.type), days) for column in columns)
            # One statement for each table: the rows that it reads are those from before it.
            statement = (
                f"INSERT INTO {table.__tablename__} ({names}) SELECT {values} "  # names from our tables
                f"FROM {table.__tablename__} AS old, generate_series(1, {copies}) AS part WHERE {which} ORDER BY part"
            )
            # Indexes are built anew at the end, by sorting: row by row at random keys would take most of the time.
            indexes = connection.execute(_INDEXES, {"name": table.__tablename__}).all()
            for name, _ in indexes:
                connection.execute(text(f'DROP INDEX "{name}"'))
            connection.execute(text(statement.replace(":", "\\:")))
            for _, definition in indexes:
                connection.execute(text(definition.replace(":", "\\:")))


_KEPT = frozenset({"organisation_id", "zab_id", "account_id", "crew_id", "vehicle_id", "second_id", "endpoint_id"})


def _earlier(table: str, column: str, kind: str, days: int) -> str:
    """Return what a column of a copy holds, as SQL on ``old`` and ``part``."""
    value = f'old."{column}"'
    if kind in ("CHAR(32)", "UUID") and column not in _KEPT and column not in ("asked_zab_id", "pinned_duty_id"):
        return _EARLIER.format(id=value, days=days)
    if kind == "DATETIME" or column == "month":
        cast = "::date" if column == "month" else ""
        moved = f"({value} - part * interval '{days} days'){cast}"
        return f"date_trunc('month', {moved})::date" if column == "month" else moved
    if column == "subject_id":
        return f"{_EARLIER.format(id=f'{value}::uuid', days=days)}::text"
    if (table, column) == ("duty", "code"):
        return f"{value} || '-' || part"
    if (table, column) == ("audit_entry", "number"):
        return f"{value} - part * {_PART}"
    if column in ("sha256", "previous"):
        return f"md5({value} || part) || md5(part || {value})"
    return value
