"""Sums of facts and of the ledger, grouped by the database: what comes out is as long as the tables, not as a year."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, literal, select
from sqlalchemy.orm import InstrumentedAttribute, Session
from sqlalchemy.sql.functions import Function

from api.db.tables import CountKind, LedgerEntry, MeasureCount, MeasureFact, Organisation
from api.repositories.ledger import Figures
from api.workflow import State


class Dimension(StrEnum):
    """By what facts are grouped."""

    MONTH = "month"
    DESTINATION = "destination"
    ZAB = "zab"
    BEZIRK = "bezirk"


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Months ``[since, until)``, by their first days."""

    since: date
    until: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcomes:
    """Facts of one group, one outcome and one code.

    All but ``attempts`` and ``with_override`` are of transports that had begun: where nobody set out nobody was
    escorted, and no night was disturbed.
    """

    group: str
    outcome: State
    code: str
    attempts: int
    with_override: int
    begun: int
    people: int
    escorts: int
    night: int
    with_children: int
    night_with_children: int
    children_meet_night: int
    picked_up: int
    custody_minutes: int
    on_board_minutes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """Counts of one group, kind and code: how often, and in how many attempts."""

    group: str
    kind: CountKind
    code: str
    number: int
    attempts: int


_COLUMNS: dict[Dimension, InstrumentedAttribute[date] | InstrumentedAttribute[str]] = {
    Dimension.MONTH: MeasureFact.month,
    Dimension.DESTINATION: MeasureFact.destination,
    Dimension.ZAB: MeasureFact.zab,
    Dimension.BEZIRK: MeasureFact.bezirk,
}


def outcomes(session: Session, by: Dimension, span: Span) -> Sequence[Outcomes]:
    """Return what became of the attempts, by a dimension."""
    fact, one = MeasureFact, literal(1)
    children = and_(fact.has_begun, fact.has_children)
    sums = {
        "attempts": func.count(),
        "with_override": _sum(fact.has_override, one),
        "begun": _sum(fact.has_begun, one),
        "people": _sum(fact.has_begun, fact.people),
        "escorts": _sum(fact.has_begun, fact.escorts),
        "night": _sum(and_(fact.has_begun, fact.is_night), one),
        "with_children": _sum(children, one),
        "night_with_children": _sum(and_(children, fact.is_night), one),
        "children_meet_night": _sum(and_(children, fact.meets_night), one),
        "picked_up": _sum(fact.custody_minutes > 0, one),
        "custody_minutes": func.sum(fact.custody_minutes),
        "on_board_minutes": func.sum(fact.on_board_minutes),
    }
    keys = (_COLUMNS[by], fact.outcome, fact.code)
    query = select(*keys, *(amount.label(name) for name, amount in sums.items())).where(_within(span)).group_by(*keys)
    return [
        Outcomes(group=_text(row[0]), outcome=row[1], code=row[2],
                 **{name: int(row[3 + number]) for number, name in enumerate(sums)})
        for row in session.execute(query)
    ]  # fmt: skip


def _sum(where: ColumnElement[bool] | InstrumentedAttribute[bool], amount: Any) -> Function[Any]:
    return func.sum(case((where, amount), else_=0))


def counts(session: Session, by: Dimension, span: Span) -> Sequence[Counted]:
    """Return rejections, declines, promises given back, silence and lifted rules, by a dimension.

    By ZAB: the one that rejected or declined, not the one that drove in the end.
    """
    column: Any = MeasureCount.zab if by is Dimension.ZAB else _COLUMNS[by]
    query = (
        select(
            column,
            MeasureCount.kind,
            MeasureCount.code,
            func.sum(MeasureCount.number),
            func.count(func.distinct(MeasureCount.fact_id)),
        )
        .join(MeasureFact, MeasureFact.id == MeasureCount.fact_id)
        .where(_within(span))
        .group_by(column, MeasureCount.kind, MeasureCount.code)
    )
    return [
        Counted(group=_text(group), kind=kind, code=code, number=int(number), attempts=int(attempts))
        for group, kind, code, number, attempts in session.execute(query)
    ]


def ledger(session: Session, span: Span) -> dict[tuple[str, str, str], Figures]:
    """Return the sums of the ledger by month, code of the ZAB and kind of entry."""
    query = (
        select(
            LedgerEntry.month,
            Organisation.code,
            LedgerEntry.kind,
            func.sum(LedgerEntry.requests),
            func.sum(LedgerEntry.metres),
            func.sum(LedgerEntry.crew_seconds),
            func.sum(LedgerEntry.custody_seconds),
        )
        .join(Organisation, Organisation.id == LedgerEntry.zab_id)
        .where(LedgerEntry.month >= span.since, LedgerEntry.month < span.until)
        .group_by(LedgerEntry.month, Organisation.code, LedgerEntry.kind)
    )
    return {
        (_text(month), zab, kind): Figures(
            requests=int(requests), metres=int(metres), crew_seconds=int(crew), custody_seconds=int(custody)
        )
        for month, zab, kind, requests, metres, crew, custody in session.execute(query)
    }


def _within(span: Span) -> ColumnElement[bool]:
    return and_(MeasureFact.month >= span.since, MeasureFact.month < span.until)


def _text(group: date | str) -> str:
    return f"{group:%Y-%m}" if isinstance(group, date) else group
