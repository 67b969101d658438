"""Reports: what became of measures, for the observers of forced returns, and why, for those who run the exchange.

Both stand on ``measure_fact``, which outlives requests. All figures of a year form one book, so that the edition for
others withholds the same cells in every table. That edition is of a year that is over and settled: of an open one two
editions would tell a case by their difference.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from sqlalchemy.orm import Session

import data
from api.db.tables import CountKind
from api.deadlines import BERLIN
from api.errors import Code, Problem
from api.reason_codes import FailCode, StopCode
from api.repositories import reports as rows
from api.repositories.reports import Dimension, Outcomes, Span
from api.services.report_tables import ALL, Book, Table, key
from api.suppression import Cell, count
from api.workflow import DeclineCode, State
from optimizer.model import RejectionCode, Rule

OUTCOMES = (State.HANDED_OVER, State.FAILED, State.STOPPED, State.CANCELLED, State.RETURNED)
FIGURES = (
    "attempts", *(state.value for state in OUTCOMES), "with_override", "begun", "people", "escorts", "night",
    "with_children", "night_with_children", "children_meet_night", "custody_minutes", "on_board_minutes",
)  # fmt: skip
"""Columns of the tables by month and by airport."""
_COUNTS = ("with_override", "begun", "night", "with_children", "night_with_children", "children_meet_night")
_REST = "without_"
"""What is left of a whole beside a part: in no table, and protected as well."""
_PARTS = (
    ("attempts", "with_override"), ("attempts", "begun"), ("begun", "night"), ("begun", "with_children"),
    ("night", "night_with_children"), ("with_children", "children_meet_night"),
    ("children_meet_night", "night_with_children"),
)  # fmt: skip
_DIMENSIONS = (Dimension.MONTH, Dimension.DESTINATION, Dimension.ZAB, Dimension.BEZIRK)
_CODES: Mapping[str, tuple[str, ...]] = {
    "failed": tuple(FailCode),
    "stopped": tuple(StopCode),
    "rejected": tuple(RejectionCode),
    "declined": tuple(DeclineCode),
    "backed_out": tuple(DeclineCode),
    "expired": ("",),
    "override": tuple(Rule),
}
_CAUSES = ("rejected", "declined", "backed_out", "expired", "failed", "stopped")
_CAUSE_DIMENSIONS = (Dimension.MONTH, Dimension.ZAB, Dimension.BEZIRK)


class Edition(StrEnum):
    """For whom a report is."""

    OUTSIDE = "outside"
    """For others: no group of fewer than the least number of cases can be read or computed from it."""
    INSIDE = "inside"
    """For official use only: all figures."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """A year, or a month of it."""

    year: int
    month: int | None = None

    @property
    def span(self) -> Span:
        """Its months."""
        if self.month is None:
            return Span(since=date(self.year, 1, 1), until=date(self.year + 1, 1, 1))
        since = date(self.year, self.month, 1)
        return Span(since=since, until=(since + timedelta(days=32)).replace(day=1))

    @property
    def months(self) -> tuple[str, ...]:
        """Names of its months, ``2026-01`` and on."""
        months = range(1, 13) if self.month is None else (self.month,)
        return tuple(f"{self.year}-{month:02}" for month in months)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A report; ``least`` is the smallest number of cases that it shows, ``None`` where it shows all."""

    name: str
    period: Period
    edition: Edition
    least: int | None
    tables: tuple[Table, ...]


def observers(session: Session, period: Period, edition: Edition, *, now: datetime) -> Report:
    """Return what the observers of forced returns are told of a year.

    Raises
    ------
    Problem
        ``state_forbids`` (409) for others while the year is open.
    """
    book, groups = _book(session, period, edition, now)
    tables = [
        _figures(book, "by_month", Dimension.MONTH, groups),
        _figures(book, "by_destination", Dimension.DESTINATION, groups),
        _codes(book, "override", Dimension.MONTH, groups, name="overrides_by_month", has_total_row=False),
        _codes(book, "failed", Dimension.MONTH, groups),
        _codes(book, "failed", Dimension.DESTINATION, groups),
        _codes(book, "stopped", Dimension.MONTH, groups),
    ]
    return _report("observers", period, edition, tables)


def causes(session: Session, period: Period, edition: Edition, *, now: datetime) -> Report:
    """Return why requests were rejected, declined, given back, left unanswered, stopped, and why transports failed.

    Raises
    ------
    Problem
        ``state_forbids`` (409) for others while the year is open, and of a single month.
    """
    book, groups = _book(session, period, edition, now)
    tables = [_codes(book, cause, by, groups) for cause in _CAUSES for by in _CAUSE_DIMENSIONS]
    return _report("causes", period, edition, tables)


def closed_on(year: int) -> date:
    """Return the local day from which on the figures of a year may leave the authorities."""
    return date(year + 1, 1, 1) + timedelta(days=data.service_parameters().reports.closed_after_days.value)


def least_group() -> int:
    """Return the smallest number of cases that others may see."""
    return data.service_parameters().disclosure.least_group.value


def _report(name: str, period: Period, edition: Edition, tables: Sequence[Table]) -> Report:
    least = least_group() if edition is Edition.OUTSIDE else None
    return Report(name=name, period=period, edition=edition, least=least, tables=tuple(tables))


def _check(period: Period, edition: Edition, now: datetime) -> None:
    if edition is Edition.INSIDE:
        return
    if period.month is not None:
        raise Problem(
            Code.STATE_FORBIDS,
            "What leaves the authorities is a whole year: its months stand in it. Leave the month out, or ask for the "
            "edition 'inside'.",
        )
    closed = closed_on(period.year)
    if now.astimezone(BERLIN).date() < closed:
        raise Problem(
            Code.STATE_FORBIDS,
            f"The figures of {period.year} may leave the authorities from {closed} on: before that two editions would "
            "tell a case by their difference. Ask again then, or for the edition 'inside'.",
            more={"closed_on": closed.isoformat()},
        )


Groups = Mapping[Dimension, tuple[str, ...]]


def _book(session: Session, period: Period, edition: Edition, now: datetime) -> tuple[Book, Groups]:
    _check(period, edition, now)
    book, found = Book(), {by: rows.outcomes(session, by, period.span) for by in _DIMENSIONS}
    counted = {by: rows.counts(session, by, period.span) for by in _DIMENSIONS}
    groups = {
        by: tuple(sorted({each.group for each in found[by]} | {each.group for each in counted[by]}))
        for by in _DIMENSIONS
    } | {Dimension.MONTH: period.months}
    for by in (Dimension.MONTH, Dimension.DESTINATION):
        _enter_figures(book, by, groups[by], found[by])
    for cause, state in (("failed", State.FAILED), ("stopped", State.STOPPED)):
        for by in _DIMENSIONS:
            tally = Counter[tuple[str, str]]()
            for each in found[by]:
                if each.outcome is state:
                    tally[each.group, each.code] += each.attempts
            cells = {pair: count(number) for pair, number in tally.items()}
            _enter_codes(book, cause, by, groups[by], cells, is_disjoint=True)
    for kind in CountKind:
        for by in _DIMENSIONS:
            cells = {
                (each.group, each.code): Cell(value=each.number, size=each.attempts)
                for each in counted[by]
                if each.kind is kind
            }
            _enter_codes(book, kind.value, by, groups[by], cells, has_total=kind is not CountKind.OVERRIDE)
    if edition is Edition.OUTSIDE:
        book.withhold(least_group())
    return book, groups


def _enter_figures(book: Book, by: Dimension, groups: Sequence[str], found: Iterable[Outcomes]) -> None:
    """Enter the figures of a dimension and of all together, and how they hang together."""
    values: dict[str, Counter[str]] = defaultdict(Counter)
    for each in found:
        for group in (each.group, ALL):
            of = values[group]
            of["attempts"] += each.attempts
            of[each.outcome.value] += each.attempts
            of["people"] += each.people
            of["escorts"] += each.escorts
            of["picked_up"] += each.picked_up
            of["custody_minutes"] += each.custody_minutes
            of["on_board_minutes"] += each.on_board_minutes
            for name in _COUNTS:
                of[name] += getattr(each, name)
    for group in (*groups, ALL):
        of = values[group]
        for name in ("attempts", *(state.value for state in OUTCOMES), *_COUNTS):
            book.put(key(name, by, group), count(of[name]))
        for name, base in (
            ("people", "begun"), ("escorts", "begun"), ("custody_minutes", "picked_up"),
            ("on_board_minutes", "picked_up"),
        ):  # fmt: skip
            book.put(key(name, by, group), Cell(value=of[name], size=of[base]))
        for whole, part in _PARTS:
            rest = key(f"{_REST}{part}_of_{whole}", by, group)
            book.put(rest, count(of[whole] - of[part], is_shown=False))
            book.add_sum(key(whole, by, group), (key(part, by, group), rest))
        book.add_sum(key("attempts", by, group), [key(state.value, by, group) for state in OUTCOMES])
    rests = [f"{_REST}{part}_of_{whole}" for whole, part in _PARTS]
    for name in (*FIGURES, *rests):
        book.add_sum(key(name, by, ALL), [key(name, by, group) for group in groups])


def _enter_codes(
    book: Book,
    cause: str,
    by: Dimension,
    groups: Sequence[str],
    cells: Mapping[tuple[str, str], Cell],
    *,
    has_total: bool = True,
    is_disjoint: bool = False,
) -> None:
    """Enter the codes of a cause by a dimension, with the totals.

    Parameters
    ----------
    has_total
        Codes add up to the cause.
    is_disjoint
        An attempt has one of the codes at most. Otherwise the cases of a total are as many as those of its largest
        code at least: the number on the safe side.
    """
    codes = book.codes.setdefault(cause, _codes_of(cause, {code for _, code in cells}))
    merged = sum if is_disjoint else max
    for code in codes:
        for group in groups:
            book.put(_coded(cause, by, group, code), cells.get((group, code), count(0)))
        if by is Dimension.MONTH:
            # An attempt is of one month, and may have been declined by several ZABs.
            listed = [cells.get((group, code), count(0)) for group in groups]
            total = Cell(value=sum(each.value for each in listed), size=sum(each.size for each in listed))
            book.put(_coded(cause, by, ALL, code), total)
        book.add_sum(_coded(cause, by, ALL, code), [_coded(cause, by, group, code) for group in groups])
    if not has_total:
        return
    for group in (*groups, ALL):
        whole, parts = key(cause, by, group), [_coded(cause, by, group, code) for code in codes]
        size = merged(book.cell(part).size for part in parts)
        book.put(whole, Cell(value=sum(book.value(part) for part in parts), size=size))
        book.add_sum(whole, parts)
    book.add_sum(key(cause, by, ALL), [key(cause, by, group) for group in groups])


def _coded(cause: str, by: Dimension, group: str, code: str) -> tuple[str, ...]:
    # A cause whose only code is none would otherwise be its own total.
    return key(cause, by, group, code or "none")


def _codes_of(cause: str, met: Iterable[str] = ()) -> tuple[str, ...]:
    known = _CODES[cause]
    return (*known, *sorted(set(met) - set(known)))


def _figures(book: Book, name: str, by: Dimension, groups: Groups) -> Table:
    cells = {(group, column): book.shown(key(column, by, group)) for group in (*groups[by], ALL) for column in FIGURES}
    return Table(name=name, rows=(*groups[by], ALL), columns=FIGURES, cells=cells)


def _codes(
    book: Book, cause: str, by: Dimension, groups: Groups, *, name: str | None = None, has_total_row: bool = True
) -> Table:
    columns = (*groups[by], ALL)
    codes = [code for code in book.codes[cause] if any(book.value(_coded(cause, by, g, code)) for g in columns)]
    cells = {(code, group): book.shown(_coded(cause, by, group, code)) for code in codes for group in columns}
    if has_total_row:
        cells |= {(ALL, group): book.shown(key(cause, by, group)) for group in columns}
    return Table(
        name=name or f"{cause}_by_{by}", rows=(*codes, *((ALL,) if has_total_row else ())), columns=columns, cells=cells
    )
