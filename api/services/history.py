"""Anonymised history: counts of requests by coarse kind, for planning how many crews and vehicles are needed.

Counted when a request is deleted. Told by month, one property at a time, and only when the month is complete: figures
that still grow would tell, from one day to the next, what the one request was that was added.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache

from sqlalchemy.orm import Session

from api.db.tables import HistoryEntry, TransportRequest
from api.deadlines import BERLIN
from api.repositories import requests, retention
from api.schemas.statistics import By
from api.services.ledger import month_of
from data import places, service_parameters
from data.service_parameters import ServiceParameters
from optimizer.model import PlaceKind

OTHER = "other"
_NRW = "05"
_SIZES = ((1, "1"), (3, "2-3"), (6, "4-6"))
_HOURS = ((6, "night"), (9, "06-09"), (12, "09-12"), (16, "12-16"), (21, "16-21"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """A month by one property; ``None`` stands for a number that is not told."""

    month: date
    total: int | None
    cells: Mapping[str, int | None]


def enter(session: Session, request: TransportRequest, now: datetime, parameters: ServiceParameters) -> None:
    """Count a request that is about to be deleted."""
    at = request.pickup_from.astimezone(BERLIN)
    month = month_of(request.pickup_from)
    while is_shown(month, now, parameters):
        # The figures of that month are out: what is counted late is counted in the next one that is not.
        month = following(month)
    zab_id = requests.promising_zab(session, request)
    zab = None if zab_id is None else requests.organisation(session, zab_id)
    retention.add_to_history(
        session, month=month, bezirk=request.pickup_ags[:3] if request.pickup_ags.startswith(_NRW) else OTHER,
        destination=_destinations().get(request.delivery_place, OTHER), size=_class(request.people, _SIZES, "7+"),
        has_needs=bool(request.content.get("needs")), outcome=request.state.value,
        zab="" if zab is None else zab.code, hours=_band(at.hour),
    )  # fmt: skip


def following(month: date) -> date:
    """Return the first day of the month after one."""
    return (month.replace(day=1) + timedelta(days=32)).replace(day=1)


def is_shown(month: date, now: datetime, parameters: ServiceParameters) -> bool:
    """Whether the figures of a month are out: all its requests are deleted, nothing is added any more."""
    after = timedelta(days=parameters.retention.statistics_days.value)
    return now.astimezone(BERLIN).date() >= following(month) + after


def months(session: Session, first: date, last: date, by: By, *, now: datetime) -> list[Month]:
    """Return the months from ``first`` to ``last`` (first days) whose figures are out, each by one property."""
    parameters = service_parameters()
    found: dict[date, dict[str, int]] = {}
    for entry in retention.history(session, first, last):
        if is_shown(entry.month, now, parameters):
            cells = found.setdefault(entry.month, {})
            cells[_value(entry, by)] = cells.get(_value(entry, by), 0) + entry.requests
    least = parameters.disclosure.least_group.value
    return [protected(month, cells, least) for month, cells in sorted(found.items())]


def protected(month: date, cells: Mapping[str, int], least: int) -> Month:
    """Return a month without the numbers by which a group of fewer than ``least`` could be told.

    A small cell is left out, and with it the smallest others until the total less what is told is that of a group
    large enough, of two cells or more. A total below ``least`` is not told either.
    """
    total = sum(cells.values())
    if total < least:
        return Month(month=month, total=None, cells=dict.fromkeys(sorted(cells)))
    by_size = sorted(cells, key=lambda value: (cells[value], value))
    hidden = [value for value in by_size if cells[value] < least]
    for value in by_size[len(hidden) :]:
        if not hidden or (len(hidden) > 1 and sum(cells[each] for each in hidden) >= least):
            break
        hidden.append(value)
    return Month(
        month=month, total=total, cells={value: None if value in hidden else cells[value] for value in sorted(cells)}
    )


def _value(entry: HistoryEntry, by: By) -> str:
    if by is By.NEEDS:
        return "yes" if entry.has_needs else "no"
    return str(getattr(entry, by.value)) or "none"


def _class(number: int, classes: tuple[tuple[int, str], ...], above: str) -> str:
    return next((name for most, name in classes if number <= most), above)


def _band(hour: int) -> str:
    return next((name for end, name in _HOURS if hour < end), "night")


@cache
def _destinations() -> Mapping[str, str]:
    return {each.id: each.id if each.kind is PlaceKind.AIRPORT else each.kind.value for each in places()}
