"""Bulk imports of requests: every fault of every row is told, and nothing is stored unless all rows are sound.

Reading (``read``) holds no transaction that writes, however long the file; storing (``store``) is one transaction.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from functools import cache

from sqlalchemy.orm import Session

from api import audit
from api.actor import Actor
from api.db.tables import Organisation
from api.deadlines import Answering
from api.repositories import requests as rows
from api.schemas import text_warnings
from api.schemas.imports import ImportReport, RowProblem, RowStored, RowWarning
from api.schemas.request_views import free_texts
from api.schemas.requests import EnterAs
from api.services import import_rows, import_tables, parameters, requests
from api.services.entry_hints import Hints
from api.services.import_tables import Fault, Faults
from api.workflow import Role
from optimizer.model import ParameterSet

MOST_ROWS = 20_000
"""Rows that are stored at once (a day of all Germany has some 2,000 requests); those beyond are looked at only."""
MOST_TOLD = 1_000
_AT_A_TIME = 500


class Format(StrEnum):
    """How the rows are written."""

    CSV = "csv"
    JSON = "json"


@dataclass(slots=True, kw_only=True)
class Reading:
    """What a file says: rows without fault, and all faults."""

    name: str
    rows: int = 0
    sound: list[import_rows.Read] = field(default_factory=list)
    faults: Faults = field(default_factory=lambda: Faults(MOST_TOLD))
    columns: Mapping[str, str] = field(default_factory=dict)
    """Columns of a table in which free text stands, by path; what is not here is told by its path."""

    def report(self, stored: Sequence[RowStored] = (), *, is_dry_run: bool = False) -> ImportReport:
        """Return what became of it."""
        told = [
            RowProblem(
                row=fault.row, column=fault.column, expected=fault.expected, got=fault.got, what_to_do=fault.what_to_do
            )
            for fault in sorted(self.faults.told, key=lambda fault: fault.row)
        ]  # fmt: skip
        return ImportReport(
            name=self.name, rows=self.rows, accepted=len(stored), refused=len(self.faults.rows),
            problems_total=self.faults.total, problems=told, stored=list(stored), is_dry_run=is_dry_run,
            warnings=self._warnings(),
        )  # fmt: skip

    def _warnings(self) -> tuple[RowWarning, ...]:
        """Return what the free text of sound rows may give away."""
        found = [
            RowWarning(row=each.row, **told.model_dump() | {"path": self.columns.get(told.path, told.path)})
            for each in self.sound
            for told in text_warnings.told(free_texts(each.content))
        ]
        return tuple(found[:MOST_TOLD])


def format_of(name: str) -> Format:
    """Return the format of a file by its name."""
    return Format.JSON if name.casefold().endswith(".json") else Format.CSV


def read(session: Session, actor: Actor, name: str, data: bytes, form: Format, *, now: datetime) -> Reading:
    """Return what a file says; the session is only read.

    Parameters
    ----------
    actor
        An ABH, for itself alone; or the clock, for the authority that each row names.
    """
    reading = Reading(name=name, columns={} if form is Format.JSON else {"/free_text": "remark"})
    in_force = _in_force(session)
    if form is Format.JSON:
        for number, found in import_rows.of_json(data, reading.faults, in_force, now):
            reading.rows = number
            if found is not None and number <= MOST_ROWS:
                reading.sound.append(found)
    else:
        for table in import_tables.tables(data, reading.faults):
            keep = reading.rows < MOST_ROWS
            reading.rows += len(table)
            reading.sound.extend(import_rows.of_table(table, reading.faults, in_force, now, keep=keep))
    if reading.rows > MOST_ROWS:
        reading.faults.add(
            Fault(
                row=0, column="", expected=f"at most {MOST_ROWS:,} rows", got=str(reading.rows),
                what_to_do="Split the file by day.",
            )
        )  # fmt: skip
    if not reading.rows and not reading.faults.total:
        reading.faults.add(Fault(row=0, column="", expected="at least one row", what_to_do="Fill the file."))
    # In JSON a fault stands at a path, in a table in a column.
    columns = ("/authority", "/case_reference") if form is Format.JSON else ("authority", "request")
    _check_rows(session, actor, reading, columns)
    return reading


def store(
    session: Session,
    actor: Actor,
    reading: Reading,
    *,
    enter_as: EnterAs = EnterAs.POOL,
    is_partial: bool = False,
    is_dry_run: bool = False,
    answering: Answering,
    now: datetime,
) -> ImportReport:
    """Store the sound rows of a file where all are sound, or ``is_partial``; return what became of it.

    Raises
    ------
    Problem
        ``exists_already`` (409) where another call entered one of the cases since the file was read.
    """
    if reading.faults.total and not is_partial:
        return reading.report(is_dry_run=is_dry_run)
    hints = Hints(session, now=now)
    if is_dry_run:
        would = [RowStored(row=each.row, id=None, state=None, hints=hints.of(each.content)) for each in reading.sound]
        return reading.report(would, is_dry_run=True)
    owners = _Owners(session, actor)
    stored = []
    for each in reading.sound:
        owner = owners.of(each.authority)
        if owner is None:
            raise AssertionError("rows without an owner were refused when the file was read")
        row = requests.enter(
            session, _for(actor, owner), each.content, enter_as, gates=each.gates, answering=answering, now=now
        )  # fmt: skip
        stored.append(RowStored(row=each.row, id=row.id, state=row.state, hints=hints.of(each.content)))
    if stored:
        details = {"rows": reading.rows, "stored": len(stored), "refused": len(reading.faults.rows)}
        audit.append(session, actor, "imported", "request", stored[0].id, at=now, details=details)
    return reading.report(stored)


def import_file(
    session: Session, actor: Actor, name: str, data: bytes, now: datetime, *, answering: Answering | None = None
) -> ImportReport:
    """Import a file into the pool, CSV or (by its name) JSON: all rows, or none where one has a fault.

    With the clock as actor each row names its authority, and is entered on behalf of that ABH.
    """
    reading = read(session, actor, name, data, format_of(name), now=now)
    return store(session, actor, reading, answering=answering or Answering(), now=now)


class _Owners:
    """Which ABH each row belongs to."""

    def __init__(self, session: Session, actor: Actor) -> None:
        self._own: Organisation | None = None
        self._by_ags: dict[str, Organisation] = {}
        if actor.role is Role.SYSTEM:
            self._by_ags = {_whole(ags): row for ags, row in rows.authorities(session).items()}
        elif actor.organisation_id is not None:
            self._own = rows.organisation(session, actor.organisation_id)

    def of(self, authority: str | None) -> Organisation | None:
        """Return the ABH that a row names, or the caller's; ``None`` where a row names another or an unknown one."""
        if self._own is None:
            return None if authority is None else self._by_ags.get(_whole(authority))
        is_own = authority is None or _whole(authority) == _whole(self._own.ags or "")
        return self._own if is_own else None

    @property
    def expected(self) -> str:
        """What a row may name."""
        return "AGS of an ABH of the exchange" if self._own is None else "your own ABH's AGS, or nothing"


def _whole(ags: str) -> str:
    return ags.ljust(8, "0")  # that of a Kreis is written with 5 digits, or with zeros after them


def _for(actor: Actor, owner: Organisation) -> Actor:
    """Return who enters a row: the caller, or the ABH itself where it left the file in the drop folder."""
    return Actor(role=Role.ABH, organisation_id=owner.id) if actor.role is Role.SYSTEM else actor


def _in_force(session: Session) -> Callable[[date], ParameterSet]:
    @cache
    def of(day: date) -> ParameterSet:
        return parameters.in_force(session, day)

    return of


def _check_rows(session: Session, actor: Actor, reading: Reading, columns: tuple[str, str]) -> None:
    """Take out the rows whose owner does not fit, and those whose case is open already, here or in the file."""
    authority, case_column = columns
    owners, faults = _Owners(session, actor), reading.faults
    owned: list[tuple[import_rows.Read, Organisation]] = []
    for each in reading.sound:
        owner = owners.of(each.authority)
        if owner is None:
            fault = Fault(row=each.row, column=authority, expected=owners.expected, what_to_do="Correct it.")
            faults.add(fault)
        else:
            owned.append((each, owner))
    known = _open_cases(session, owned)
    kept = []
    for each, owner in owned:
        key = (owner.id, each.content.case_reference, each.content.pickup.earliest)
        if key in known:
            there = known[key]
            where = f"row {there}" if isinstance(there, int) else f"request {there}"
            faults.add(
                Fault(
                    row=each.row, column=case_column, expected="a case that is not open for this pick-up",
                    what_to_do=f"Leave it out: {where} is the same.",
                )
            )  # fmt: skip
        else:
            known[key] = each.row
            kept.append(each)
    reading.sound = kept


def _open_cases(
    session: Session, owned: Sequence[tuple[import_rows.Read, Organisation]]
) -> dict[tuple[uuid.UUID, str, datetime], uuid.UUID | int]:
    cases: dict[uuid.UUID, list[str]] = {}
    for each, owner in owned:
        cases.setdefault(owner.id, []).append(each.content.case_reference)
    found: dict[tuple[uuid.UUID, str, datetime], uuid.UUID | int] = {}
    for owner_id, references in cases.items():
        for begin in range(0, len(references), _AT_A_TIME):
            part = rows.open_cases(session, owner_id, references[begin : begin + _AT_A_TIME])
            found.update({(owner_id, *key): request_id for key, request_id in part.items()})
    return found
