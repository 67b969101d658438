"""From the tables pool, tours and published to requests, commitments and the published plan."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from optimizer.io.tables_horizon import span_text
from optimizer.io.tables_parse import Parsed
from optimizer.io.tables_problems import CellError
from optimizer.io.tables_resources import Day, Resources, build_value, check_known, find_place
from optimizer.model import (
    CaseType,
    DeadlineClass,
    Need,
    PlaceKind,
    Rejection,
    Request,
    Stop,
)
from optimizer.model.units import DAY, PlaceId, RequestId, Seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportRules:
    """Rules of the import that are no rules of the plan.

    Parameters
    ----------
    urgent_days, soon_days
        A deadline at most so many days after the first day makes a request urgent or soon (assumption).
    airport_times
        Seconds before take-off at which the hand-over closes, by place: scheduled flights and charters. Airports that
        are not named take those of ``ParameterSet.service``.
    """

    urgent_days: int = 7
    soon_days: int = 21
    airport_times: Mapping[PlaceId, tuple[Seconds, Seconds]]

    def deadline_class(self, days_left: int | None) -> DeadlineClass:
        """Return the class of a deadline so many days after the first day."""
        if days_left is None or days_left > self.soon_days:
            return DeadlineClass.NORMAL
        return DeadlineClass.URGENT if days_left <= self.urgent_days else DeadlineClass.SOON


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A request and where it stands; ``closes_before`` is the time from end of hand-over window to take-off, if any."""

    request: Request
    table: Parsed
    record: int
    closes_before: Seconds | None = None


def build_requests(
    tables: Mapping[str, Parsed], resources: Resources | None, day: Day, rules: ImportRules
) -> list[Row]:
    """Return the requests of pool and tours, in this order; problems go to the log.

    Without ``resources`` (their tables are broken) nothing is said about references to them.
    """
    both = [tables[name] for name in ("pool", "tours") if name in tables]
    known = {key for table in both for key in table.columns.get("request", ()) if key is not None}
    first: dict[RequestId, tuple[Parsed, int]] = {}
    zabs = {zab.id for zab in resources.zabs} if resources is not None else set()
    rows: list[Row] = []
    for table in both:
        for record, key in enumerate(table.columns.get("request", ())):
            if key in first:
                other, at = first[key]
                action = f"Rename or remove one; {other.file}, row {other.numbers[at]} has it too."
                table.reject(record, "request", CellError("duplicate_id", "an id used once", action), key)
            elif key is not None:
                first[key] = (table, record)
            check_known(table, record, "excluded", known, "request")
            if resources is not None:
                check_known(table, record, "barred_zabs", zabs, "ZAB")
                check_known(table, record, "rejected_by", zabs, "ZAB")
                check_known(table, record, "barred_duties", resources.rows, "duty")
                check_known(table, record, "pin", resources.rows, "duty")
            row = _request(table, record, day, rules) if table.is_whole else None
            if row is not None:
                rows.append(row)
    _note_lone_bundles(rows, day)
    return rows


def _request(table: Parsed, record: int, day: Day, rules: ImportRules) -> Row | None:
    places = [_stop_place(table, record, stop, day) for stop in ("pickup", "handover")]
    row = table.values(record)
    pickup_window = _window(table, record, row, "pickup", day)
    closes, closes_before = None, None
    if "departure" in row:
        closes, closes_before = _flight(table, record, places[1], day, rules)
    elif row.get("charter") and (record, "departure") not in table.told:
        table.reject(record, "charter", CellError("departure_missing", "a departure", "Fill it."), "charter")
    handover_window = closes if "departure" in row else _window(table, record, row, "handover", day)
    if pickup_window and handover_window and handover_window[1] <= pickup_window[0]:
        got = span_text(day.calendar, pickup_window[0], handover_window[1])
        action = "Correct the times: the hand-over ends before the pick-up can begin."
        column = "departure" if closes else "handover_to"
        table.reject(record, column, CellError("window_reversed", "pick-up before hand-over", action, got))
    _check_row(table, record, row)
    if not table.sound[record] or pickup_window is None or handover_window is None or None in places:
        return None
    party = row["people"]
    needs = frozenset(row.get("needs", ()))
    wheelchairs = row.get("wheelchairs", int(Need.WHEELCHAIR in needs))
    if wheelchairs:
        needs |= {Need.WHEELCHAIR}
    service = day.parameters.service
    deadline, days_left = _deadline(row.get("deadline"), day)
    if days_left is not None and days_left < 0:
        day.log.note(
            "deadline_past",
            file=table.file,
            row=table.numbers[record],
            column="deadline",
            expected=f"a deadline on or after {day.calendar.first_day}",
            got="an earlier one",
            action="Check whether the measure is still lawful.",
        )
    request = build_value(
        table,
        record,
        lambda: Request(
            id=row["request"],
            pickup=Stop(
                place=str(places[0]),
                earliest=pickup_window[0],
                latest=pickup_window[1],
                service=row.get("pickup_service_min", service.pickup(party.size)),
            ),
            delivery=Stop(
                place=str(places[1]),
                earliest=handover_window[0],
                latest=handover_window[1],
                service=row.get("handover_service_min", service.handover),
            ),
            party=party,
            case_type=row.get("case_type", CaseType.COUNTRY_OF_ORIGIN),
            authority=row.get("authority", ""),
            needs=needs,
            wheelchairs=wheelchairs,
            luggage=row.get("luggage", 0),
            load=row.get("load"),
            features=frozenset(row.get("features", ())),
            max_ride=row.get("max_ride_min"),
            escort_officers=row.get("escorts", row.get("escorts_female", 0)),
            escort_female=row.get("escorts_female", 0),
            separate=row.get("separate", False),
            excluded=frozenset(row.get("excluded", ())),
            deadline_class=row.get("deadline_class", rules.deadline_class(days_left)),
            deadline=deadline,
            weight=row.get("weight"),
            rejection=Rejection(by=row["rejected_by"], code=row["rejection_code"]) if "rejected_by" in row else None,
            barred_duties=frozenset(row.get("barred_duties", ())),
            barred_zabs=frozenset(row.get("barred_zabs", ())),
            pin=row.get("pin"),
            bundle=row.get("bundle"),
            unit=row.get("unit"),
            night_ground=row.get("night_ground", False),
            waived=frozenset(row.get("waived", ())),
        ),
    )
    return None if request is None else Row(request=request, table=table, record=record, closes_before=closes_before)


def _stop_place(table: Parsed, record: int, stop: str, day: Day) -> PlaceId | None:
    lat, lon = table.get(f"{stop}_lat", record), table.get(f"{stop}_lon", record)
    named = table.get(f"{stop}_place", record)
    if (lat is None) != (lon is None):
        missing = f"{stop}_lat" if lat is None else f"{stop}_lon"
        error = CellError("empty_cell", "both coordinates or none", "Fill the other one.")
        table.reject(record, missing, error)
        return None
    if lat is None:
        return find_place(table, record, f"{stop}_place", day)
    if named is not None:
        action = "Empty one: coordinates stand for places that the list does not have."
        table.reject(record, f"{stop}_place", CellError("place_twice", "a place or coordinates", action), "both")
        return None
    return day.places.at(lat, lon).id


def _window(table: Parsed, record: int, row: Mapping[str, Any], stop: str, day: Day) -> tuple[Seconds, Seconds] | None:
    """Return the window of a stop; a promise stands in for a window of a committed ride that is left open."""
    columns = (f"{stop}_from", f"{stop}_to")
    causes = (*columns, f"{stop}_time", *(("departure",) if stop == "handover" else ()))
    lost = any((record, column) in table.told for column in causes)
    filled = [column for column in columns if column in row]
    if not filled and f"{stop}_time" in row:
        promised, tolerance = day.calendar.seconds(row[f"{stop}_time"]), row.get("tolerance_min", 0)
        return max(0, promised - tolerance), promised + tolerance
    for column in columns:
        if column not in row and lost:
            return None
        if column not in row:
            what = "a time" if filled else "a time here and in the other column of the window, or a departure"
            table.reject(record, column, CellError("empty_cell", what, "Fill it."))
            return None
    earliest, latest = (day.calendar.seconds(row[column]) for column in columns)
    if earliest > latest:
        got = span_text(day.calendar, earliest, latest)
        action = "Turn the window round; where it ends on the next day write both dates."
        table.reject(
            record,
            columns[1],
            CellError("window_reversed", f"column '{columns[0]}' before column '{columns[1]}'", action, got),
        )
        return None
    return earliest, latest


def _flight(
    table: Parsed, record: int, place: PlaceId | None, day: Day, rules: ImportRules
) -> tuple[tuple[Seconds, Seconds] | None, Seconds | None]:
    """Return the hand-over window of a flight, and how long before take-off it closes."""
    row = table.values(record)
    if "handover_from" in row or "handover_to" in row:
        action = "Empty the departure, or handover_from and handover_to: the window follows from the departure."
        table.reject(record, "departure", CellError("window_twice", "a window or a departure", action), "both")
        return None, None
    if place is None:  # told already; how early the hand-over closes depends on it
        return None, None
    _note_no_airport(table, record, place, day)
    service = day.parameters.service
    defaults = (service.handover_before_departure, service.handover_before_charter)
    before = rules.airport_times.get(place, defaults)[bool(row.get("charter"))]
    closes = day.calendar.seconds(row["departure"]) - before
    if closes < 0:
        action = "Correct the departure, or begin the tables a day earlier."
        error = CellError("outside_horizon", f"a departure that closes after {day.calendar.text(0)}", action)
        table.reject(record, "departure", error, day.calendar.text(closes + before))
        return None, None
    return (max(0, closes - service.handover_window), closes), before


def _note_no_airport(table: Parsed, record: int, place: PlaceId, day: Day) -> None:
    """Tell a flight from a place that is no airport: a town named like its airport is a likely slip."""
    found, airport = day.places.airport_near(place)
    if found.kind is PlaceKind.AIRPORT or table.get("handover_lat", record) is not None:
        return
    day.log.note(
        "ambiguous_place",
        file=table.file,
        row=table.numbers[record],
        column="handover_place",
        expected="an airport, since the row has a departure",
        got=f"'{found.name}', a place of kind '{found.kind.value}'",
        action=(
            "Taken as it stands."
            if airport is None
            else f"Did you mean '{airport.id}' ({airport.name})? Taken as it stands."
        ),
    )


def _check_row(table: Parsed, record: int, row: Mapping[str, Any]) -> None:
    size = row["people"].size if "people" in row else None
    wheelchairs, needs = row.get("wheelchairs"), row.get("needs", ())
    found: list[tuple[str, CellError, object]] = []
    if wheelchairs is not None and size is not None and wheelchairs > size:
        found.append(
            ("wheelchairs", CellError("out_of_range", f"at most {size} (the people)", "Correct it."), wheelchairs)
        )
    if Need.WHEELCHAIR in needs and (wheelchairs == 0 or (wheelchairs is None and size is not None and size > 1)):
        error = CellError("out_of_range", "the number of wheelchairs, with need 'wheelchair'", "Fill it.")
        found.append(("wheelchairs", error, "" if wheelchairs is None else wheelchairs))
    if row.get("escorts_female", 0) > row.get("escorts", row.get("escorts_female", 0)):
        error = CellError("out_of_range", f"at most {row['escorts']} (escorts)", "Correct the number.")
        found.append(("escorts_female", error, row["escorts_female"]))
    for column, other in (("rejected_by", "rejection_code"), ("rejection_code", "rejected_by")):
        if column in row and other not in row and (record, other) not in table.told:
            found.append(
                (other, CellError("empty_cell", f"a value, since {column} is filled", "Fill both or none."), "")
            )
    if row.get("request") in row.get("excluded", ()):
        found.append(("excluded", CellError("unknown_id", "other requests", "Remove its own id."), row["request"]))
    for column, error, text in found:
        if (record, column) in table.told:
            continue
        table.reject(record, column, error, text)


def _deadline(value: Any, day: Day) -> tuple[Seconds | None, int | None]:
    """Return the deadline as an instant, and the days from the first day to it."""
    if value is None:
        return None, None
    if type(value) is date:
        return day.calendar.instant(value, DAY), (value - day.calendar.first_day).days
    local = value.astimezone(day.calendar.timezone)
    return day.calendar.seconds(value), (local.date() - day.calendar.first_day).days


def _note_lone_bundles(rows: Iterable[Row], day: Day) -> None:
    members = Counter(row.request.bundle for row in rows if row.request.bundle is not None)
    for row in rows:
        if row.request.bundle is not None and members[row.request.bundle] == 1:
            day.log.note(
                "lone_bundle",
                file=row.table.file,
                row=row.table.numbers[row.record],
                column="bundle",
                expected="two or more requests of one bundle",
                got=f"only this one of '{row.request.bundle}'",
                action="Check whether the partner trip is missing.",
            )
