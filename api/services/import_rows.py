"""From the values of a table's rows, and from JSON items, to what an ABH states; every fault of every row."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Any

from pydantic import ValidationError

from api.deadlines import BERLIN
from api.errors import Problem, text_of
from api.schemas.gates import AnnouncementBody, Gates
from api.schemas.imports import ImportItem
from api.schemas.requests import PickupType, RequestContent
from api.schemas.unknown_fields import KIND, unknown_field
from api.services import place_book, request_rows
from api.services.import_tables import Fault, Faults
from data import airports
from optimizer.io.tables_parse import Parsed
from optimizer.io.tables_problems import CellError
from optimizer.io.tables_time import Moment, resolve
from optimizer.model import Need

_TIMES = ("pickup_from", "pickup_to", "handover_from", "handover_to", "departure")
_COLUMN_OF: Mapping[tuple[str, ...], str] = {
    ("case_reference",): "request",
    ("pickup", "place"): "pickup_place",
    ("pickup", "earliest"): "pickup_from",
    ("pickup", "latest"): "pickup_to",
    ("pickup", "service_minutes"): "pickup_service_min",
    ("pickup",): "pickup_to",
    ("handover", "place"): "handover_place",
    ("handover", "earliest"): "handover_from",
    ("handover", "latest"): "handover_to",
    ("handover", "service_minutes"): "handover_service_min",
    ("handover",): "handover_to",
    ("max_ride_minutes",): "max_ride_min",
    ("needs_medical_reception",): "medical_reception",
    ("deadline", "source"): "deadline_source",
    ("deadline", "regime"): "deadline_regime",
    ("rejection",): "rejected_by",
    ("free_text",): "remark",
}
"""Columns of the parts of a request; others have the part's own name."""
_HANDOVER = (("handover", "earliest"), ("handover", "latest"))
_PARTS_OF: Mapping[str, Sequence[tuple[str, ...]]] = {
    **{column: [place] for place, column in _COLUMN_OF.items() if place not in (("pickup",), ("handover",))},
    "departure": (("departure",), *_HANDOVER),
    "charter": _HANDOVER,
    "needs": (("needs",), ("wheelchairs",)),
    "wheelchairs": (("needs",), ("wheelchairs",)),
    "escorts_female": (("escorts_female",), ("escorts",)),
    "rejection_code": (("rejection",),),
    "separate": (("is_separate",),),
    "night_ground": (("has_night_ground",),),
}
"""Parts of a request that a column has a say in; others have the column's own name."""
_UNREAD = object()
"""Stands for a part that cannot be read: no field takes it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """A row without fault: its number, the AGS of the owner where it names one, what the ABH states."""

    row: int
    authority: str | None
    content: RequestContent
    gates: Gates | None = None


@cache
def _closes() -> Mapping[str, tuple[int, int]]:
    return {airport.iata: (airport.before_departure, airport.before_charter) for airport in airports()}


def of_table(
    table: Parsed, faults: Faults, parameters: request_rows.Parameters, now: datetime, *, keep: bool
) -> Iterator[Read]:
    """Yield the rows of a table that have no fault; without ``keep`` they are only looked at."""
    # Of a table that is not whole the header was told; cells of columns that are not there are not missed again.
    absent = set() if table.is_whole else {column.name for column in table.spec.columns} - table.columns.keys()
    unread: dict[int, set[str]] = {}
    for record, column in table.told:
        unread.setdefault(record, set()).add(column)
    for record, number in enumerate(table.numbers):
        values = table.values(record)
        content = _Row(number, values, absent | unread.get(record, set()), faults).content(parameters)
        if content is None or not _is_complete(content, number, faults, parameters, now, _column_of_pointer):
            continue
        if keep and number not in faults.rows:
            yield Read(row=number, authority=values.get("authority"), content=content, gates=_gates(values))


def of_json(
    data: bytes, faults: Faults, parameters: request_rows.Parameters, now: datetime
) -> Iterator[tuple[int, Read | None]]:
    """Yield for each item of a JSON array its number, and what it says where it has no fault."""
    try:
        items = json.loads(data)
    except (ValueError, RecursionError):
        items = None
    if not isinstance(items, list):
        faults.add(Fault(row=0, column="", expected="a JSON array of requests, in UTF-8", what_to_do="Send one."))
        return
    for number, item in enumerate(items, start=1):
        try:
            read = ImportItem.model_validate(item)
        except ValidationError as error:
            for fault in error.errors(include_url=False, include_input=False, include_context=False):
                pointer, expected = "/" + "/".join(str(part) for part in fault["loc"]), text_of(fault)
                if fault["type"] == KIND:
                    pointer, expected = unknown_field(fault["loc"], item, ImportItem)
                faults.add(Fault(row=number, column=pointer, expected=expected, what_to_do="Correct it."))
            yield number, None
            continue
        is_complete = _is_complete(read.content, number, faults, parameters, now, str)
        found = Read(row=number, authority=read.authority, content=read.content, gates=read.gates)
        yield number, found if is_complete else None


def _is_complete(
    content: RequestContent,
    number: int,
    faults: Faults,
    parameters: request_rows.Parameters,
    now: datetime,
    column: Callable[[str], str],
) -> bool:
    try:
        request_rows.complete(content, parameters, now=now)
    except Problem as problem:
        for each in problem.errors:
            faults.add(
                Fault(row=number, column=column(each.path), expected=each.expected, what_to_do=each.what_to_do)
            )  # fmt: skip
        if not problem.errors:
            faults.add(Fault(row=number, column=column("/pickup/earliest"), expected=problem.detail))
        return False
    return True


def _column_of_pointer(pointer: str) -> str:
    return _column(tuple(pointer.strip("/").split("/")))


def _column(place: Sequence[object]) -> str:
    names = tuple(str(part) for part in place)
    for length in (2, 1):
        if names[:length] in _COLUMN_OF:
            return _COLUMN_OF[names[:length]]
    return names[0] if names else ""


class _Row:
    """One row on its way; faults are added as they are found."""

    def __init__(self, number: int, values: dict[str, Any], unread: set[str], faults: Faults) -> None:
        self._number = number
        self._values = values
        self._unread = unread
        self._faults = faults

    def content(self, parameters: request_rows.Parameters) -> RequestContent | None:
        """Return what the row says; ``None`` where it does not say it.

        Where some cells cannot be read, faults of the others are told all the same.
        """
        places = [self._place(column) for column in ("pickup_place", "handover_place")]
        day = self._values.get("date")
        times = {column: self._time(column, day) for column in _TIMES if column in self._values}
        if "departure" in times and ("handover_from" in times or "handover_to" in times):
            self._refuse(
                "departure", "a window or a departure",
                "Empty the departure, or handover_from and handover_to: the window follows from the departure.",
            )  # fmt: skip
        elif "departure" not in times:
            for column in ("handover_from", "handover_to"):
                if column not in times and not self._unread & {column, "departure"}:
                    self._refuse(
                        column, "a time here and in the other column of the window, or a departure", "Fill it."
                    )
        pair = {"rejected_by", "rejection_code"}
        if len(pair & self._values.keys()) == 1 and not pair & self._unread:
            empty = "rejection_code" if "rejected_by" in self._values else "rejected_by"
            self._refuse(empty, "both who rejected and why, or neither", "Fill both or none.", "nothing")
        deadline = self._deadline(day)
        try:
            return RequestContent.model_validate(self._marked(self._document(places, times, deadline, parameters)))
        except ValidationError as error:
            self._tell(error)
        except Problem as problem:
            self._refuse("pickup_from", problem.detail, "Correct the date.")
        return None

    def _marked(self, document: dict[str, Any]) -> dict[str, Any]:
        """Return the document with a mark in place of each part that a cell should have said which cannot be read."""
        for column in self._unread:
            for part, *below in _PARTS_OF.get(column, [(column,)]):
                if below and isinstance(document[part], dict):
                    document[part][below[0]] = _UNREAD
                elif part in document:
                    document[part] = _UNREAD
        return document

    def _document(
        self, places: Sequence[str | None], times: Mapping[str, Any], deadline: datetime | None, parameters: Any
    ) -> dict[str, Any]:
        row = self._values
        wheelchairs = row.get("wheelchairs", int(Need.WHEELCHAIR in row.get("needs", ())))
        handover_from, handover_to = times.get("handover_from"), times.get("handover_to")
        departure = times.get("departure")
        if departure is not None:
            service = parameters(departure.astimezone(BERLIN).date()).service
            usual = (service.handover_before_departure, service.handover_before_charter)
            before = _closes().get(str(places[1]), usual)[bool(row.get("charter"))]
            handover_to = departure - timedelta(seconds=before)
            handover_from = handover_to - timedelta(seconds=service.handover_window)
        return {
            "case_reference": row.get("request"),
            "case_type": row.get("case_type", "country_of_origin"),
            "people": [
                {"age": each.age, "sex": each.sex, "count": each.count}
                for each in (row["people"].groups if "people" in row else ())
            ],
            "pickup": {
                "place": places[0], "earliest": times.get("pickup_from"), "latest": times.get("pickup_to"),
                "service_minutes": _minutes(row.get("pickup_service_min")),
            },
            "handover": {
                "place": places[1], "earliest": handover_from, "latest": handover_to,
                "service_minutes": _minutes(row.get("handover_service_min")),
            },
            "pickup_type": row.get("pickup_type", PickupType.DWELLING),
            "departure": departure,
            "flight": row.get("flight"),
            "stop_overs": row.get("stop_overs", ()),
            "destination": row.get("destination"),
            "needs_medical_reception": row.get("medical_reception", False),
            "needs": tuple(dict.fromkeys([*row.get("needs", ()), *([Need.WHEELCHAIR] if wheelchairs else [])])),
            "wheelchairs": wheelchairs,
            "luggage": row.get("luggage", 0),
            "escorts": row.get("escorts", row.get("escorts_female", 0)),
            "escorts_female": row.get("escorts_female", 0),
            "max_ride_minutes": _minutes(row.get("max_ride_min")),
            "is_separate": row.get("separate", False),
            "unit": row.get("unit"),
            "bundle": row.get("bundle"),
            "deadline": None if deadline is None else {
                "at": deadline, "regime": row.get("deadline_regime", "other"), "source": row.get("deadline_source", ""),
            },
            "deadline_class": row.get("deadline_class"),
            "has_night_ground": row.get("night_ground", False),
            "rejection": (
                {"by": row["rejected_by"], "code": row.get("rejection_code")} if "rejected_by" in row else None
            ),
            "free_text": row.get("remark", ""),
        }  # fmt: skip

    def _place(self, column: str) -> str | None:
        text = self._values.get(column)
        if text is None:
            return None
        if self._faults.is_full and not place_book.is_known(text):
            self._refuse(column, "id, name or AGS of a known place", "")
            return None
        found = place_book.find(text)
        if isinstance(found, CellError):
            self._refuse(column, found.expected, found.action)
            return None
        return found.id

    def _time(self, column: str, day: date | None) -> datetime | None:
        moment: Moment = self._values[column]
        try:
            return resolve(moment, day, BERLIN)
        except CellError as error:
            self._refuse(column, error.expected, error.action)
            return None

    def _deadline(self, day: date | None) -> datetime | None:
        value = self._values.get("deadline")
        if value is None:
            return None
        if isinstance(value, Moment):
            return self._time("deadline", day)
        # A day means up to its end.
        return datetime.combine(value, time(23, 59, 59), BERLIN).astimezone(UTC)

    def _refuse(self, column: str, expected: str, what_to_do: str, got: str = "") -> None:
        self._unread.add(column)
        self._faults.add(
            Fault(row=self._number, column=column, expected=expected, got=got, what_to_do=what_to_do)
        )  # fmt: skip

    def _tell(self, error: ValidationError) -> None:
        for fault in error.errors(include_url=False, include_context=False):
            if fault["input"] is _UNREAD:
                continue
            if fault["loc"]:
                self._refuse(_column(fault["loc"]), text_of(fault), "Correct it.")
                continue
            # What holds between fields is told as "field: expected …; field: expected …".
            for part in text_of(fault).split("; "):
                name, _, expected = part.partition(": expected ")
                self._refuse(_column((name,)), expected or part, "Correct it.")


def _gates(values: Mapping[str, Any]) -> Gates:
    """Return what a row states of the gates; empty cells state nothing."""
    announced = values.get("announcement")
    return Gates(
        court_order=values.get("court_order"),
        urgent_application=values.get("urgent_application"),
        announcement=None if announced is None else AnnouncementBody.model_validate(announced),
        fitness_to_travel=values.get("fitness_to_travel"),
        unaccompanied_minor=values.get("unaccompanied_minor"),
    )


def _minutes(seconds: int | None) -> int | None:
    return None if seconds is None else seconds // 60
