"""The calendar of a ZAB: a row for each crew and vehicle, a column for each day; and the same by day, as a list."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from api.deadlines import BERLIN
from api.errors import Code, Problem
from api.pages.fleet.names import ABSENCES
from api.pages.roles import like, roles
from api.pages.sent import address
from api.pages.view import View
from api.repositories import ledger
from api.routes import fleet, fleet_calendar
from api.schemas.duties import Named
from api.schemas.fleet_calendar import AbsenceInCalendar, CalendarDay, CalendarShown, DutyInCalendar

router = APIRouter()
InFleet = Annotated[View, like(fleet_calendar.Reader)]
Entry = DutyInCalendar | AbsenceInCalendar
_SPANS = ("week", "month")


@dataclass(slots=True)
class Row:
    """A crew or a vehicle with what it has on each day."""

    resource: Named
    kind: str
    days: dict[date, list[Entry]] = field(default_factory=lambda: defaultdict(list))


@router.get("/fleet", include_in_schema=False)
def show(view: InFleet, zab: str = "", on: str = "", span: str = "week") -> HTMLResponse:
    """Show a week or a month of a ZAB."""
    day = read_day(on) or view.now.astimezone(BERLIN).date()
    span = span if span in _SPANS else "week"
    first, last = span_of(day, span)
    whose = chosen_zab(view, zab)
    found = fleet_calendar.show_calendar(view.context, view.actor, first, last, whose)
    around = {name: address("/fleet", {"zab": zab, "on": each.isoformat(), "span": span}) for name, each in (
        ("before", first - timedelta(days=1)), ("after", last + timedelta(days=1)),
    )}  # fmt: skip
    return view.render(
        "fleet/calendar.html", calendar=found, rows=rows_of(found), span=span, on=day, first=first, last=last,
        around=around, absences=ABSENCES, zabs=zabs(view), whose=found.zab, today=view.now.astimezone(BERLIN).date(),
        may_change=may_change(view),
    )  # fmt: skip


def read_day(text: str) -> date | None:
    """Return a day of an address; ``None`` where none is said.

    Raises
    ------
    Problem
        ``not_found`` (404) for what is no day of the years that the service knows.
    """
    if not text:
        return None
    try:
        found = date.fromisoformat(text)
    except ValueError:
        found = date.min
    if not date(2000, 1, 2) <= found < date(2199, 12, 1):
        raise Problem(Code.NOT_FOUND, "Expected a day, as 2026-10-05.")
    return found


def span_of(day: date, span: str) -> tuple[date, date]:
    """Return the first and the last day of the week, or of the weeks of the month, that a day is in."""
    if span == "week":
        first = day - timedelta(days=day.weekday())
        return first, first + timedelta(days=6)
    first = day.replace(day=1)
    return first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def rows_of(calendar: CalendarShown) -> list[Row]:
    """Return vehicles, then crews, by code, each with its duties and absences by day."""
    known: dict[uuid.UUID, Row] = {}
    for each in calendar.days:
        for kind, resource, entry in _of_day(each):
            row = known.setdefault(resource.id, Row(resource, kind))
            if entry is not None:
                row.days[each.day].append(entry)
    return sorted(known.values(), key=lambda row: (row.kind != "vehicle", row.resource.code))


def _of_day(each: CalendarDay) -> Iterator[tuple[str, Named, Entry | None]]:
    """Yield each resource of a day with what it has there; ``None``: it is free."""
    yield from (("vehicle", free, None) for free in each.free_vehicles)
    yield from (("crew", free, None) for free in each.free_crews)
    entries: list[Entry] = [*each.duties, *each.absences]
    for entry in entries:
        if entry.vehicle is not None:
            yield "vehicle", entry.vehicle, entry
        if entry.crew is not None:
            yield "crew", entry.crew, entry


def zabs(view: View) -> list[tuple[str, str]]:
    """Return the ZABs among which the viewer may choose: none for a ZAB, which sees its own."""
    if view.actor.is_zab:
        return []
    with view.context.store.reading() as session:
        return [(zab.code, zab.name) for zab in ledger.zabs(session)]


def chosen_zab(view: View, zab: str) -> str | None:
    """Return whose calendar is shown: a ZAB's own, or that which was chosen, or the first."""
    if zab or view.actor.is_zab:
        return zab or None
    known = zabs(view)
    return known[0][0] if known else "zab:-"


def may_change(view: View) -> bool:
    """Whether the viewer may enter and change what a ZAB drives with."""
    return view.actor.role in roles(fleet.Writer)
