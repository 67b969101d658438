"""The days that a match is about: local days, and the instants and seconds that they are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Self

from api.deadlines import BERLIN
from optimizer.io.tables_time import Calendar

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Horizon:
    """Local days from ``first`` to ``last``, both included."""

    first: date
    last: date

    def __post_init__(self) -> None:
        if self.first > self.last:
            raise ValueError(f"Horizon: expected the first day before the last, got {self.first} and {self.last}.")

    @classmethod
    def of(cls, since: datetime, until: datetime) -> Self:
        """Return the local days that the two instants lie in."""
        return cls(first=since.astimezone(BERLIN).date(), last=until.astimezone(BERLIN).date())

    @classmethod
    def read(cls, text: str) -> Self:
        """Return what ``str`` made a text of; raises ``ValueError`` for any other text."""
        first, _, last = text.partition("/")
        return cls(first=date.fromisoformat(first), last=date.fromisoformat(last))

    def __str__(self) -> str:
        return f"{self.first.isoformat()}/{self.last.isoformat()}"

    @property
    def since(self) -> datetime:
        """Local midnight at which the first day begins, in UTC."""
        return datetime.combine(self.first, time(), BERLIN).astimezone(UTC)

    @property
    def until(self) -> datetime:
        """Local midnight at which the last day ends, in UTC."""
        return datetime.combine(self.last + _DAY, time(), BERLIN).astimezone(UTC)

    @property
    def days(self) -> int:
        """Number of days."""
        return (self.last - self.first).days + 1

    @property
    def calendar(self) -> Calendar:
        """Seconds of the optimizer's problem: from the midnight before the first day, for tours that reach into it."""
        return Calendar(self.first - _DAY, BERLIN)


def united(spans: Iterable[Horizon]) -> list[Horizon]:
    """Return horizons that share no day and together have all days of ``spans``."""
    found: list[Horizon] = []
    for span in sorted(spans):
        if found and span.first <= found[-1].last:
            found[-1] = Horizon(first=found[-1].first, last=max(found[-1].last, span.last))
        else:
            found.append(span)
    return found
