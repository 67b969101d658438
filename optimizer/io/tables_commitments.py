"""From the tables tours and published to what is promised and what the last plan said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from functools import partial

from optimizer.io.tables_parse import Parsed
from optimizer.io.tables_problems import CellError
from optimizer.io.tables_requests import Row
from optimizer.io.tables_resources import Day, Resources, build_value, check_known, reject_doubles
from optimizer.model import Assignment, Commitment, Promise, VisitKind
from optimizer.model.units import DutyId, Seconds


def build_commitments(table: Parsed, resources: Resources, day: Day) -> tuple[Commitment, ...]:
    """Return what is promised, by duty in the order of the table."""
    duties: dict[DutyId, list[int]] = {}
    for record, duty in enumerate(table.columns.get("duty", ())):
        check_known(table, record, "duty", resources.rows, "duty")
        if duty is not None and table.get("pickup_time", record) and table.get("handover_time", record):
            duties.setdefault(duty, []).append(record)
    found = []
    for duty, records in duties.items():
        tolerance = _agreed(table, records, "tolerance_min", "tolerance", lambda value: f"{value // 60} minutes") or 0
        frozen = bool(_agreed(table, records, "frozen", "value", lambda value: "yes" if value else "no"))
        stops = _ordered_stops(table, records, day)
        if all(table.sound[record] for record in records):
            promises = tuple(
                Promise(request=table.get("request", record), kind=kind, start=start) for start, kind, record in stops
            )
            build = partial(Commitment, duty=duty, promises=promises, tolerance=tolerance, frozen=frozen)
            commitment = build_value(table, records[0], build)
            if commitment is not None:
                found.append(commitment)
    return tuple(found)


def _agreed(table: Parsed, records: list[int], column: str, noun: str, told: Callable[[int], str]) -> int | None:
    """Return what the rows of a duty say in ``column``, where any does; each that says otherwise is rejected."""
    stated = [(table.get(column, record), record) for record in records]
    values = [(value, record) for value, record in stated if value is not None]
    for value, record in values[1:]:
        if value != values[0][0]:
            action = f"Row {table.numbers[values[0][1]]} states another one for the same duty."
            error = CellError("rows_disagree", f"one {noun} for all rides of a duty", action, told(value))
            table.reject(record, column, error)
    return values[0][0] if values else None


def _ordered_stops(table: Parsed, records: list[int], day: Day) -> list[tuple[Seconds, VisitKind, int]]:
    """Return the promised stops of a duty in their order: by position where it is stated, else by time."""
    stops: list[tuple[int, int, Seconds, VisitKind, int]] = []
    stated = {
        column: [record for record in records if table.get(column, record) is not None]
        for column in ("pickup_position", "handover_position")
    }
    has_positions = any(stated.values())
    for at, record in enumerate(records):
        times = [day.calendar.seconds(table.get(column, record)) for column in ("pickup_time", "handover_time")]
        if times[1] <= times[0]:
            error = CellError("window_reversed", "a hand-over after the pick-up", "Correct the times.")
            table.reject(record, "handover_time", error, day.calendar.text(times[1]))
        for kind, time, column in (
            (VisitKind.PICKUP, times[0], "pickup_position"),
            (VisitKind.DELIVERY, times[1], "handover_position"),
        ):
            position = table.get(column, record)
            if has_positions and position is None:
                action = "Fill it for all rides of the duty, or for none."
                table.reject(record, column, CellError("empty_cell", "a position, as in other rows", action))
            stops.append((position or 0, time, at, kind, record))
    numbers = Counter(stop[0] for stop in stops if stop[0])
    for position, _, _, kind, record in stops:
        if numbers[position] > 1:
            column = "pickup_position" if kind is VisitKind.PICKUP else "handover_position"
            error = CellError("duplicate_id", "different positions for all stops of a duty", "Number them anew.")
            table.reject(record, column, error, position)
    stops.sort(key=lambda stop: stop[:3])
    return [(time, kind, record) for _, time, _, kind, record in stops]


def build_published(
    table: Parsed | None, rows: Iterable[Row], resources: Resources, day: Day
) -> tuple[Assignment, ...]:
    """Return the published plan; what is gone since is left out with a notice."""
    if table is None:
        return ()
    requests = {row.request.id for row in rows}
    duties = {duty.id for duty in resources.duties}
    found = []
    for key, record in reject_doubles(table, "request").items():
        duty = table.get("duty", record)
        if key in requests and duty in duties:
            found.append(Assignment(request=key, duty=duty))
        elif duty is not None:
            day.log.note(
                "published_gone",
                file=table.file,
                row=table.numbers[record],
                expected="a request and a duty of these tables",
                got=f"'{key}' on '{duty}'",
                action="Left out: one of them is gone.",
            )
    return tuple(found)
