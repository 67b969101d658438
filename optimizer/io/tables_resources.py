"""From the tables zabs, fleet and shifts to ZABs, vehicles, crews, shifts and duties."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from optimizer.errors import InvalidValue
from optimizer.io.tables_cells import suggestion
from optimizer.io.tables_horizon import span_text
from optimizer.io.tables_parse import Parsed
from optimizer.io.tables_places import PlaceBook
from optimizer.io.tables_problems import CellError, ProblemLog
from optimizer.io.tables_time import Calendar
from optimizer.model import Crew, Duty, Licence, ParameterSet, Shift, Vehicle, Window, Zab
from optimizer.model.units import DutyId, PlaceId, VehicleId

_SHIFT_COLUMNS = ("crew", "start", "end", "profile")
_CREW_COLUMNS = ("zab", "heads", "officers", "female_officers", "licences", "skills", "cost_eur_per_hour")


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """What building needs besides the tables."""

    calendar: Calendar
    places: PlaceBook
    parameters: ParameterSet
    log: ProblemLog


@dataclass(frozen=True, slots=True, kw_only=True)
class Resources:
    """Everything that can carry; ``rows`` tells the record of each duty in the table shifts."""

    zabs: tuple[Zab, ...]
    vehicles: tuple[Vehicle, ...]
    crews: tuple[Crew, ...]
    shifts: tuple[Shift, ...]
    duties: tuple[Duty, ...]
    rows: Mapping[DutyId, int]


def reject_doubles(table: Parsed, column: str) -> dict[str, int]:
    """Return the first record of each id of a column; later ones with the same id are rejected."""
    first: dict[str, int] = {}
    for record, key in enumerate(table.columns.get(column, ())):
        if key is None:
            continue
        if key in first:
            action = f"Rename or remove one; row {table.numbers[first[key]]} has it too."
            table.reject(record, column, CellError("duplicate_id", "an id used once", action), key)
        else:
            first[key] = record
    return first


def check_known(table: Parsed, record: int, column: str, keys: Mapping[str, Any] | set[str], noun: str) -> None:
    """Reject a record whose cell (an id or several) names something that is nowhere defined."""
    value = table.get(column, record)
    for key in (value,) if isinstance(value, str) else value or ():
        if key not in keys:
            near = suggestion(key, tuple(keys))
            error = CellError("unknown_id", f"the id of a {noun}", near or f"Add the {noun} or correct the id.")
            table.reject(record, column, error, key)


def find_place(table: Parsed, record: int, column: str, day: Day) -> PlaceId | None:
    """Return the place that a cell names; ``None`` where it is empty or unknown (then the record is rejected)."""
    text = table.get(column, record)
    if text is None:
        return None
    try:
        return day.places.find(text).id
    except CellError as error:
        table.reject(record, column, error, text)
        return None


def build_value(table: Parsed, record: int, build: Callable[[], Any]) -> Any:
    """Return what ``build`` makes; a value that refuses itself rejects the record, whatever was overlooked before."""
    try:
        return build()
    except InvalidValue as error:
        action = error.action or "Correct the row."
        table.reject(record, error.subject, CellError("invalid_value", error.expected, action), error.got)
        return None


def build_zabs(tables: Mapping[str, Parsed]) -> tuple[Zab, ...]:
    """Return the ZABs: of their own table, or all that own a vehicle or a crew."""
    if "zabs" not in tables:
        used = [zab for name in ("fleet", "shifts") if name in tables for zab in tables[name].columns.get("zab", ())]
        return tuple(Zab(id=zab, name=zab) for zab in dict.fromkeys(used) if zab is not None)
    table = tables["zabs"]
    found = []
    for key, record in reject_doubles(table, "zab").items():
        found.append(
            Zab(
                id=key,
                name=table.get("name", record) or key,
                prior_load=table.get("prior_load", record) or 0,
                budget=table.get("budget", record),
            )
        )
    for name in ("fleet", "shifts"):
        if name in tables:
            for record in range(len(tables[name])):
                check_known(tables[name], record, "zab", {zab.id for zab in found}, "ZAB")
    return tuple(found)


def build_vehicles(table: Parsed, day: Day) -> tuple[dict[VehicleId, Vehicle], dict[VehicleId, PlaceId | None]]:
    """Return vehicles and depots by vehicle id."""
    vehicles: dict[VehicleId, Vehicle] = {}
    depots: dict[VehicleId, PlaceId | None] = {}
    for key, record in reject_doubles(table, "vehicle").items():
        depots[key] = find_place(table, record, "depot", day)
        windows = []
        for start, end in table.get("available", record) or ():
            span = (day.calendar.seconds(start), day.calendar.seconds(end))
            if span[0] >= span[1]:
                error = CellError(
                    "window_reversed", "from/to with from before to", "Turn it round.", span_text(day.calendar, *span)
                )
                table.reject(record, "available", error)
            else:
                windows.append(Window(earliest=span[0], latest=span[1]))
        if table.sound[record]:
            vehicles[key] = _vehicle(table.values(record), tuple(windows))
    return vehicles, depots


def _vehicle(row: Mapping[str, Any], availability: tuple[Window, ...]) -> Vehicle:
    return Vehicle(
        id=row["vehicle"],
        zab=row["zab"],
        kind=row.get("kind", "van"),
        configurations=row["seats"],
        child_seats=(row.get("child_seats_0_2", 0), row.get("child_seats_3_5", 0), row.get("child_seats_6_11", 0)),
        luggage=row.get("luggage", 1_000),
        features=frozenset(row.get("features", ())),
        licence=row.get("licence", Licence.B),
        carries_children=row.get("carries_children", True),
        availability=availability,
        cost_per_km=row.get("cost_eur_per_km", 0),
        co2_per_km=row.get("co2_g_per_km", 0),
    )


def build_resources(tables: Mapping[str, Parsed], day: Day) -> Resources:
    """Return everything that can carry; problems go to the log of the day."""
    zabs = build_zabs(tables)
    vehicles, depots = build_vehicles(tables["fleet"], day)
    fleet_ids = {key for key in tables["fleet"].columns.get("vehicle", ()) if key is not None}
    table = tables["shifts"]
    profiles = {profile.id for profile in day.parameters.working_time}
    duties: dict[DutyId, Duty] = {}
    shifts: dict[str, dict[str, Any]] = {}
    crews: dict[str, dict[str, Any]] = {}
    rows = reject_doubles(table, "duty")
    for record in range(len(table)):
        check_known(table, record, "vehicle", fleet_ids, "vehicle")
        check_known(table, record, "profile", profiles, "working-time profile")
        start_place = find_place(table, record, "start_place", day)
        end_place = find_place(table, record, "end_place", day)
        row = table.values(record)
        for end in ("start", "end"):
            if end in row:
                row[end] = day.calendar.seconds(row[end])
        if "start" in row and "end" in row and row["start"] >= row["end"]:
            got = span_text(day.calendar, row["start"], row["end"])
            action = "Turn it round; where it ends on the next day write both dates."
            table.reject(record, "end", CellError("window_reversed", "start before end", action, got))
        shift: str = row.get("shift", row.get("duty", ""))
        if not shift and not {(record, "shift"), (record, "duty")} & table.told:
            error = CellError("empty_cell", "the id of the shift, where no duty is named", "Name the shift.")
            table.reject(record, "shift", error)
        if not table.sound[record]:
            continue
        crew = row.get("crew", shift)
        known_shift = shifts.setdefault(shift, {"id": shift, "record": record})
        if not _agree(table, record, known_shift, {"crew": crew} | _only(row, _SHIFT_COLUMNS)):
            continue
        known_crew = crews.setdefault(crew, {"id": crew, "record": record})
        if not _agree(table, record, known_crew, _only(row, _CREW_COLUMNS)):
            continue
        key = row.get("duty")
        if key is not None and row["vehicle"] in vehicles and rows[key] == record:
            _check_availability(table, record, vehicles[row["vehicle"]], (row["start"], row["end"]))
            depot = depots[row["vehicle"]]
            start_place = start_place or depot
            end_place = end_place or (start_place if "start_place" in row else depot)
            duties[key] = Duty(
                id=key, shift=shift, vehicle=row["vehicle"], start_place=start_place, end_place=end_place
            )
    if not rows and len(table) and table.is_whole:
        day.log.add(
            "no_duties",
            file=table.file,
            expected="at least one shift with a vehicle",
            got="none",
            action="Without duties nobody can drive.",
        )
    return Resources(
        zabs=zabs,
        vehicles=tuple(vehicles.values()),
        crews=tuple(filter(None, (_crew(table, row) for row in crews.values()))),
        shifts=tuple(
            Shift(id=key, crew=row["crew"], start=row["start"], end=row["end"], profile=row.get("profile", "arbzg"))
            for key, row in shifts.items()
        ),
        duties=tuple(duties.values()),
        rows=rows,
    )


def _only(row: Mapping[str, Any], columns: tuple[str, ...]) -> dict[str, Any]:
    return {column: row[column] for column in columns if column in row}


def _agree(table: Parsed, record: int, known: dict[str, Any], stated: dict[str, Any]) -> bool:
    """Merge what a row states about a shift or crew with what earlier rows stated; ``False`` where they differ."""
    for column, value in stated.items():
        if known.setdefault(column, value) != value:
            first, key = table.numbers[known["record"]], known["id"]
            action = f"Rows of one shift or crew must agree; row {first} is the first of '{key}'."
            error = CellError("rows_disagree", f"the same value in all rows of '{key}'", action, "another value")
            table.reject(record, column, error)
            return False
    return True


def _crew(table: Parsed, row: Mapping[str, Any]) -> Crew | None:
    record, key, heads = row["record"], row["id"], row.get("heads", 2)
    officers = row.get("officers", heads)
    women = row.get("female_officers", 0)
    for column, number, most, whole in (
        ("officers", officers, heads, "heads"),
        ("female_officers", women, officers, "officers"),
    ):
        if number > most:
            error = CellError("out_of_range", f"at most {most} ({whole} of crew '{key}')", "Correct the number.")
            table.reject(record, column, error, number)
            return None
    return Crew(
        id=key,
        zab=row["zab"],
        heads=heads,
        officers=officers,
        female_officers=women,
        licences=frozenset(row.get("licences", (Licence.B,))),
        skills=frozenset(need.value for need in row.get("skills", ())),
        cost_per_hour=row.get("cost_eur_per_hour", 0),
    )


def _check_availability(table: Parsed, record: int, vehicle: Vehicle, shift: tuple[int, int]) -> None:
    if not vehicle.availability:
        return
    inside = [w for w in vehicle.availability if w.earliest < shift[1] and w.latest > shift[0]]
    if len(inside) > 1:
        error = CellError(
            "several_windows", "one availability of the vehicle within the shift", "Split the duty.", f"{len(inside)}"
        )
        table.reject(record, "vehicle", error)
    elif not inside:
        table.log.note(
            "vehicle_unavailable",
            file=table.file,
            row=table.numbers[record],
            column="vehicle",
            expected="a vehicle that is available within the shift",
            got=f"'{vehicle.id}', which is not",
            action="The duty cannot be used.",
        )
