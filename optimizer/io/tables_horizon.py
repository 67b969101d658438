"""Which days the tables are about: time cells become instants, and the first and last day follow from them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from optimizer.io.tables_parse import Parsed
from optimizer.io.tables_problems import CellError, ProblemLog, shown
from optimizer.io.tables_time import Calendar, Moment, resolve

MAX_DAYS = 31
"""Longest horizon; a longer one comes from a slip in a year or month."""
_TIMES: Mapping[str, tuple[str, ...]] = {
    "pool": ("pickup_from", "pickup_to", "handover_from", "handover_to", "departure"),
    "tours": ("pickup_time", "handover_time", "pickup_from", "pickup_to", "handover_from", "handover_to"),
    "shifts": ("start", "end"),
}
_OUTSIDE: Mapping[str, tuple[str, ...]] = {"pool": ("deadline",), "tours": ("deadline",)}
"""Times that say nothing about the days to plan."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Horizon:
    """The days, and the name that the tables give them."""

    name: str
    calendar: Calendar
    last_day: date


def resolve_times(tables: Mapping[str, Parsed], timezone: ZoneInfo) -> None:
    """Replace what time cells say by instants (UTC), in place; records that cannot are rejected."""

    @cache
    def instant(moment: Moment, day: date | None) -> datetime | CellError:
        try:
            return resolve(moment, day, timezone)
        except CellError as error:
            return error

    def convert(value: Any, day: date | None) -> Any:
        if isinstance(value, Moment):
            return instant(value, day)
        if isinstance(value, tuple):
            ends = [(convert(start, day), convert(end, day)) for start, end in value]
            wrong = [end for pair in ends for end in pair if isinstance(end, CellError)]
            return wrong[0] if wrong else tuple(ends)
        return value  # a date, or nothing

    for name, table in tables.items():
        for column in (*_TIMES.get(name, ()), *_OUTSIDE.get(name, ()), *(("available",) if name == "fleet" else ())):
            _convert_column(table, column, convert)


def _convert_column(table: Parsed, column: str, convert: Callable[[Any, date | None], Any]) -> None:
    values = table.columns.get(column)
    if values is None:
        return
    for record, value in enumerate(values):
        if value is None:
            continue
        found = convert(value, table.get("date", record))
        if isinstance(found, CellError):
            if found.code == "date_missing" and (record, "date") in table.told:
                # The date is there, but wrong, and has been told so: its times are lost with it, not wrong.
                table.told.add((record, column))
            else:
                table.reject(record, column, found, _told(value))
            found = None
        values[record] = found


def _told(value: Any) -> str:
    if not isinstance(value, Moment):
        return "a time of these"
    clock = value.clock.isoformat(timespec="minutes")
    return f"{value.day.isoformat()}T{clock}" if value.day is not None else clock


def find_horizon(tables: Mapping[str, Parsed], default_name: str, timezone: ZoneInfo, log: ProblemLog) -> Horizon:
    """Return the days that the table ``horizon`` states, or those that the other tables are about."""
    table = tables.get("horizon")
    stated = table.values(0) if table is not None and len(table) else {}
    used = sorted(
        (value, name, column, record)
        for name, columns in _TIMES.items()
        if name in tables
        for column in columns
        for record, value in enumerate(tables[name].columns.get(column, ()))
        if value is not None
    )
    days = [used[at][0].astimezone(timezone).date() for at in (0, -1)] if used else [date(2000, 1, 1)] * 2
    first, last = (
        stated.get("first_day", days[0]),
        stated.get("last_day", max(days[1], stated.get("first_day", days[1]))),
    )
    if table is not None and len(table) and first > last:
        table.reject(0, "last_day", CellError("days_reversed", f"a day from {first} on", "Correct the days."), last)
    elif (last - first).days >= MAX_DAYS:
        file, row, column = ("the tables", 0, "")
        if used:
            # The odd one out is the end that lies farther from the middle of all times.
            middle = used[len(used) // 2][0]
            _, name, column, record = used[0] if middle - used[0][0] > used[-1][0] - middle else used[-1]
            file, row = tables[name].file, tables[name].numbers[record]
        log.add(
            "horizon_too_long",
            file=file,
            row=row,
            column=column,
            expected=f"at most {MAX_DAYS} days from the first to the last",
            got=f"{first} to {last}",
            action="Look for a slip in a year or month, or split the tables.",
        )
        last = first + timedelta(days=MAX_DAYS - 1)
    elif stated:
        for value, name, column, record in used:
            day = value.astimezone(timezone).date()
            # What ends at the midnight after the last day still belongs to it.
            if day < first or (value - timedelta(seconds=1)).astimezone(timezone).date() > last + timedelta(days=1):
                error = CellError(
                    "outside_horizon", f"a day from {first} to {last}", "Correct the time or table 'horizon'."
                )
                tables[name].reject(record, column, error, day)
    return Horizon(name=stated.get("name", default_name), calendar=Calendar(first, timezone), last_day=last)


def span_text(calendar: Calendar, start: int, end: int) -> str:
    """Return two instants as a message tells them."""
    return shown(f"{calendar.text(start)} to {calendar.text(end)}")
