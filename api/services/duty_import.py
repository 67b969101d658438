"""Duties of a day or a week at once: rows as in ``shifts.csv``, all of them or none, with all faults at once."""

from __future__ import annotations

import json
import tempfile
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from sqlalchemy.orm import Session

import data
from api import audit
from api.actor import Actor
from api.db.tables import CrewRow, DutyRow, Organisation, VehicleRow
from api.deadlines import BERLIN
from api.errors import Code, FieldError, Problem, text_of
from api.repositories import fleet
from api.schemas.duties import DutyContent, NewDuty
from api.schemas.fleet import CrewContent, NewCrew
from api.services import duties
from api.services import fleet as resources
from api.services.import_tables import nameless
from optimizer.errors import InputProblem, InputRejected
from optimizer.io.tables_columns import TABLES
from optimizer.io.tables_csv import read_csv
from optimizer.io.tables_grid import Grid
from optimizer.io.tables_horizon import resolve_times
from optimizer.io.tables_parse import Parsed, parse_table
from optimizer.io.tables_places import PlaceBook
from optimizer.io.tables_problems import CellError, ProblemLog

CSV, JSON = "text/csv", "application/json"
FILE = "shifts.csv"
MOST_ROWS = 5_000
_SPEC = TABLES["shifts"]
_CREW_COLUMNS = {
    "heads": "heads", "officers": "officers", "female_officers": "female_officers", "licences": "licences",
    "skills": "skills", "cost_eur_per_hour": "cost_per_hour",
}  # fmt: skip
"""Columns that say what a crew is made up of, and the field that each fills."""


@dataclass(slots=True, kw_only=True)
class Imported:
    """What an import did; duties in the order of the rows."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0
    crews_created: int = 0
    duty_ids: list[uuid.UUID] = field(default_factory=list)


def import_rows(session: Session, actor: Actor, content: bytes, media_type: str, *, now: datetime) -> Imported:
    """Enter or change the duties of the actor's ZAB that the rows state; a code that is known is changed.

    Parameters
    ----------
    content
        CSV as ``shifts.csv`` (docs/import-format.md), or a JSON array of objects with these columns.
    media_type
        ``text/csv`` or ``application/json``.

    Raises
    ------
    Problem
        ``rows_invalid`` (422) with every fault; nothing is stored then.
    """
    log = ProblemLog()
    grid = _csv(content, log) if media_type == CSV else _json(content, log)
    table = parse_table(_SPEC, grid, log) if grid is not None else None
    made = Imported()
    if table is not None and table.is_whole:
        resolve_times({"shifts": table}, BERLIN)
        _Rows(session, actor, table, now).store(made)
    try:
        log.raise_if_any()
    except InputRejected as error:
        header = () if grid is None else grid.header
        raise _refused(nameless(error.problems, header, _SPEC.columns), log.count) from error
    details = {"created": made.created, "changed": made.changed, "crews_created": made.crews_created}
    audit.append(session, actor, "imported", "duty", fleet.zab_of(session, actor).id, at=now, details=details)
    return made


class _Rows:
    """Stores the rows of one table; what is wrong with a row goes to the table's log."""

    def __init__(self, session: Session, actor: Actor, table: Parsed, now: datetime) -> None:
        self._session, self._actor, self._table, self._now = session, actor, table, now
        self._zab: Organisation = fleet.zab_of(session, actor)
        codes = {name: [code for code in table.columns.get(name, ()) if code] for name in ("duty", "vehicle")}
        shifts = [table.get("crew", record) or table.get("shift", record) for record in range(len(table))]
        crews = [code for code in shifts if code] + codes["duty"]
        self._duties = fleet.by_code(session, DutyRow, self._zab.id, codes["duty"])
        self._vehicles = fleet.by_code(session, VehicleRow, self._zab.id, codes["vehicle"])
        self._crews = fleet.by_code(session, CrewRow, self._zab.id, crews)
        self._places = PlaceBook((), data.places())
        self._first: dict[str, int] = {}

    def store(self, made: Imported) -> None:
        for record in range(len(self._table)):
            row = self._table.values(record)
            self._check(record, row)
            if self._table.sound[record]:
                self._store(record, row, made)

    def _reject(self, record: int, column: str, code: str, expected: str, action: str = "") -> None:
        # What a cell says is not repeated: it may be what it should not be.
        self._table.reject(record, column, CellError(code, expected, action, got="another value"))

    def _check(self, record: int, row: dict[str, Any]) -> None:
        code = row.get("duty")
        if code is None and (record, "duty") not in self._table.told:
            self._reject(record, "duty", "empty_cell", "a code: a shift without a vehicle is no duty", "Fill it.")
        elif code in self._first:
            number = self._table.numbers[self._first[code]]
            self._reject(record, "duty", "duplicate_id", "each duty once", f"Row {number} has it too.")
        elif code is not None:
            self._first[code] = record
        if "zab" in row and row["zab"] not in (self._zab.code, self._zab.zab):
            self._reject(record, "zab", "other_zab", f"'{self._zab.code}': your own ZAB", "Correct it.")
        vehicle = self._vehicles.get(row.get("vehicle", ""))
        if "vehicle" in row and (vehicle is None or not vehicle.is_active):
            self._reject(record, "vehicle", "unknown_id", "a vehicle of your ZAB in service", "Enter it first.")
        for column in ("start_place", "end_place"):
            if column in row:
                try:
                    row[column] = self._places.find(row[column]).id
                except CellError as error:
                    self._reject(record, column, error.code, error.expected, error.action)

    def _store(self, record: int, row: dict[str, Any], made: Imported) -> None:
        crew = self._crew(record, row, made)
        if crew is None:
            return
        known = self._duties.get(row["duty"])
        values = {
            "crew_id": crew.id, "vehicle_id": self._vehicles[row["vehicle"]].id, "starts_at": row["start"],
            "ends_at": row["end"], "profile": row.get("profile"), "start_place": row.get("start_place"),
            "end_place": row.get("end_place"),
        }  # fmt: skip
        try:
            # Each row for itself: what one is refused for must not hide what is wrong with the next.
            with self._session.begin_nested():
                if known is None:
                    new = NewDuty.model_validate(values | {"code": row["duty"]})
                    stored = duties.create(self._session, self._actor, new, now=self._now)
                    made.created += 1
                else:
                    stored = self._change(known, values, made)
        except Problem as problem:
            for error in problem.errors or (FieldError(path="", expected=problem.detail),):
                column = _column(error.path)
                self._reject(record, column, problem.code.value, error.expected, error.what_to_do)
        except ValidationError as invalid:
            for fault in invalid.errors():
                self._reject(record, _column(f"/{fault['loc'][0]}" if fault["loc"] else ""), "invalid", text_of(fault))
        else:
            made.duty_ids.append(stored.id)

    def _change(self, known: DutyRow, values: dict[str, Any], made: Imported) -> DutyRow:
        row = duties.found(self._session, self._actor, known.id, lock=True)
        before = row.version
        kept = {"is_offered": row.is_offered, "tolerance_minutes": row.tolerance_seconds // 60}
        body = DutyContent.model_validate(values | kept | _kept_window(row, values))
        stored = duties.change(self._session, self._actor, row, body, now=self._now)
        made.changed += stored.version != before
        made.unchanged += stored.version == before
        return stored

    def _crew(self, record: int, row: dict[str, Any], made: Imported) -> CrewRow | None:
        """Return the crew of a row; one that the rows name first is entered as they state it."""
        code = row.get("crew", row.get("shift", row["duty"]))
        stated = {target: row[column] for column, target in _CREW_COLUMNS.items() if column in row}
        known = self._crews.get(code)
        try:
            if known is None:
                if "heads" in stated and "officers" not in stated:
                    stated["officers"] = stated["heads"]
                body = NewCrew.model_validate(stated | {"code": code})
                known = resources.create_crew(self._session, self._actor, body, now=self._now)
                self._crews[code] = known
                made.crews_created += 1
                return known
            content = CrewContent.model_validate(known.content).model_dump(mode="json")
            said = CrewContent.model_validate(content | stated).model_dump(mode="json")
        except ValidationError as invalid:
            for fault in invalid.errors():
                column = _crew_column(str(fault["loc"][0]) if fault["loc"] else "")
                self._reject(record, column, "invalid", text_of(fault))
            return None
        if not known.is_active:
            self._reject(record, "crew", "unknown_id", "a crew in service", "Put it back into service at /v1/crews.")
            return None
        differing = [name for name in stated if _as_set(said[name]) != _as_set(content[name])]
        for name in differing:
            action = "Change the crew at /v1/crews, or leave the column empty."
            self._reject(record, _crew_column(name), "rows_disagree", "what is known of this crew", action)
        return None if differing else known


def _as_set(value: Any) -> Any:
    return frozenset(value) if isinstance(value, list) else value


def _kept_window(row: DutyRow, values: dict[str, Any]) -> dict[str, datetime]:
    """Return the vehicle's window of a duty where the rows leave vehicle and shift as they are."""
    kept = (row.vehicle_id, row.starts_at, row.ends_at) == tuple(
        values[name] for name in ("vehicle_id", "starts_at", "ends_at")
    )
    return {"vehicle_from": row.vehicle_from, "vehicle_to": row.vehicle_to} if kept else {}


def _column(path: str) -> str:
    names = {"/code": "duty", "/crew_id": "crew", "/vehicle_id": "vehicle", "/starts_at": "start", "/ends_at": "end"}
    return names.get(path, path.removeprefix("/") or "duty")


def _crew_column(name: str) -> str:
    return next((column for column, target in _CREW_COLUMNS.items() if target == name), "crew")


def _csv(content: bytes, log: ProblemLog) -> Grid | None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / FILE
        path.write_bytes(content)
        return read_csv(path, _SPEC, log)


def _json(content: bytes, log: ProblemLog) -> Grid | None:
    """Return the cells of an array of objects; row numbers count as in a file with a header."""
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        found = None
    sized = isinstance(found, list) and 0 < len(found) <= MOST_ROWS
    if not sized or not all(isinstance(each, dict) for each in found):
        expected = f"a JSON array of 1 to {MOST_ROWS} objects"
        log.add("not_rows", file=FILE, expected=expected, got="something else", action="Send an array of rows.")
        return None
    header = tuple(dict.fromkeys(str(name) for each in found for name in each))
    return Grid(
        file=FILE, header=header, rows=[[_cell(each.get(name)) for name in header] for each in found],
        numbers=range(2, len(found) + 2),
    )  # fmt: skip


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)


def _refused(problems: Sequence[InputProblem], count: int) -> Problem:
    errors = []
    for each in problems:
        where = ", ".join(part for part in (f"row {each.row}" if each.row else "", each.column) if part)
        errors.append(FieldError(path=where or each.file, expected=each.expected, what_to_do=each.action))
    return Problem(
        Code.ROWS_INVALID,
        f"{count} faults; nothing was stored. Mend what 'errors' names and send the rows again.",
        errors=errors,
        more={"count": count},
    )
