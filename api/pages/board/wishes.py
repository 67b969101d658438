"""What somebody wants to see of the board, as it stands in the address: filters, days, what is chosen, how it is shown.

What an address says that is not understood (an old code, a slip of the hand) narrows nothing: the form shows what
counts.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Annotated, Any, TypeVar
from urllib.parse import urlencode

from fastapi import Depends, Request
from markupsafe import Markup

from api.deadlines import BERLIN
from api.repositories import requests as rows
from api.workflow import WAITING, State
from data import zabs
from optimizer.model import Need

T = TypeVar("T")
PATH = "/board"
STEP = 50
"""Requests that the list shows at once, and so many more each time."""
_MOST_ROWS = 1_000
HAS_DEADLINE = "has"
BEZIRKE = {site.ags_prefix: site.bezirk for site in zabs()}
_LATEST_DAY = date(2099, 12, 31)


class Zoom(StrEnum):
    """How much the time line shows."""

    DAY = "day"
    WEEK = "week"


class Twin(StrEnum):
    """As what time line and map are shown; the table says the same as the graphic."""

    GRAPHIC = "graphic"
    TABLE = "table"


class Pane(StrEnum):
    """The parts of the board."""

    LIST = "list"
    TIME = "time"
    MAP = "map"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """One look at the board. Fields from ``bezirke`` to ``only_open`` are filters: they act on all three parts."""

    bezirke: tuple[str, ...] = ()
    zab: str = ""
    since: date | None = None
    until: date | None = None
    needs: tuple[Need, ...] = ()
    deadline: str = ""
    """``has``, or the local day before which it lies."""
    states: tuple[State, ...] = ()
    only_open: bool = False
    day: date | None = None
    """First day of the time line."""
    zoom: Zoom = Zoom.DAY
    time: Twin = Twin.GRAPHIC
    map: Twin = Twin.GRAPHIC
    large: Pane | None = None
    most: int = STEP
    """Requests that the list shows."""
    chosen: uuid.UUID | None = None
    is_placing: bool = False
    """Whether choosing a duty tries the chosen request on it."""
    onto: uuid.UUID | None = None
    """The duty on which the chosen request is tried; nothing is stored."""

    @property
    def filters(self) -> rows.Filters:
        """The filters as the repository takes them."""
        wanted = frozenset(self.states or rows.POOL)
        return rows.Filters(
            states=wanted & WAITING if self.only_open else wanted, ags=self.bezirke, needs=self.needs,
            pickup_from=begin(self.since), pickup_to=begin(self.until, 1), has_deadline=bool(self.deadline),
            deadline_before=None if self.deadline in ("", HAS_DEADLINE) else begin(date.fromisoformat(self.deadline)),
        )  # fmt: skip

    @property
    def number_of_filters(self) -> int:
        """How many filters narrow what is shown."""
        given = (
            self.bezirke, self.zab, self.since, self.until, self.needs, self.deadline, self.states, self.only_open
        )  # fmt: skip
        return sum(bool(each) for each in given)

    def query(self, **changes: Any) -> str:
        """Return what stands behind ``?`` in the address, in one order, with what is as usual left out."""
        wish = replace(self, **changes) if changes else self
        pairs: list[tuple[str, str]] = [("bezirk", each) for each in wish.bezirke]
        pairs += [("zab", wish.zab), ("from", _told(wish.since)), ("until", _told(wish.until))]
        pairs += [("need", each.value) for each in wish.needs]
        pairs += [("deadline", wish.deadline)]
        pairs += [("state", each.value) for each in wish.states]
        pairs += [("open", "1" if wish.only_open else ""), ("day", _told(wish.day))]
        pairs += [
            (name, "" if value is usual else value.value)
            for name, value, usual in (
                ("zoom", wish.zoom, Zoom.DAY), ("time", wish.time, Twin.GRAPHIC), ("map", wish.map, Twin.GRAPHIC),
            )
        ]  # fmt: skip
        pairs += [
            ("large", wish.large.value if wish.large else ""),
            ("rows", "" if wish.most == STEP else str(wish.most)),
        ]
        pairs += [("chosen", str(wish.chosen) if wish.chosen else ""), ("placing", "1" if wish.is_placing else "")]
        pairs += [("onto", str(wish.onto) if wish.onto else "")]
        return urlencode([(name, value) for name, value in pairs if value])

    def address(self, **changes: Any) -> str:
        """Return the address of the board as it is, but for ``changes``."""
        query = self.query(**changes)
        return f"{PATH}?{query}" if query else PATH

    @property
    def choosing(self) -> Markup:
        """The address at which something is chosen, without its id: made once for all that can be chosen.

        It stands on a page some thousand times, so without ``amp;``, as before ``=`` no name is taken for a character,
        and without the path, as it is chosen on the board alone.
        """
        return self._asking("chosen", chosen=None, onto=None, is_placing=False)

    @property
    def trying(self) -> Markup:
        """The address at which what is chosen is tried on a duty, without the duty's id; as ``choosing``."""
        return self._asking("onto", onto=None)

    def _asking(self, name: str, **changes: Any) -> Markup:
        query = self.query(**changes)
        return Markup(f"?{query}&{name}=" if query else f"?{name}=")  # noqa: S704  # nothing of it needs quoting

    @property
    def kept(self) -> str:
        """What a saved filter keeps: how it is narrowed and shown, not what is chosen or where the time line stands."""
        return self.query(chosen=None, onto=None, is_placing=False, day=None, most=STEP, large=None)


def begin(day: date | None, days: int = 0) -> datetime | None:
    """Return the instant at which a local day begins, so many days later."""
    return None if day is None else datetime.combine(day + timedelta(days=days), time(), BERLIN)


def read(given: Callable[[str], Iterable[str]]) -> Wish:
    """Return what an address wants; ``given`` tells the values of a name."""

    def all_of(name: str, kind: Callable[[str], T]) -> tuple[T, ...]:
        found = (_or_none(kind, each) for each in given(name))
        return tuple(dict.fromkeys(each for each in found if each is not None))

    def one_of(name: str, kind: Callable[[str], T], usual: T) -> T:
        return next(iter(all_of(name, kind)), usual)

    wish = Wish()
    return Wish(
        bezirke=tuple(each for each in all_of("bezirk", str) if each in BEZIRKE),
        zab=one_of("zab", _zab, ""),
        since=one_of("from", _day, None), until=one_of("until", _day, None), needs=all_of("need", Need),
        deadline=one_of("deadline", _deadline, ""),
        states=tuple(each for each in all_of("state", State) if each in rows.POOL),
        only_open=one_of("open", lambda text: text == "1", False), day=one_of("day", _day, None),
        zoom=one_of("zoom", Zoom, wish.zoom), time=one_of("time", Twin, wish.time), map=one_of("map", Twin, wish.map),
        large=one_of("large", Pane, None), most=one_of("rows", _rows, STEP), chosen=one_of("chosen", uuid.UUID, None),
        is_placing=one_of("placing", lambda text: text == "1", False), onto=one_of("onto", uuid.UUID, None),
    )  # fmt: skip


def wished(request: Request) -> Wish:
    """Return what the address of this call wants."""
    return read(request.query_params.getlist)


Wished = Annotated[Wish, Depends(wished)]


def _or_none(kind: Callable[[str], T], text: str) -> T | None:
    try:
        return kind(text)
    except ValueError:
        return None


def _day(text: str) -> date | None:
    found = date.fromisoformat(text)
    # Beyond the calendar there is no day after.
    return found if date(2000, 1, 1) <= found <= _LATEST_DAY else None


def _deadline(text: str) -> str:
    return text if text == HAS_DEADLINE else _told(_day(text))


def _zab(text: str) -> str:
    """Return the code of a ZAB; the repository finds nothing for one that there is not, so only the form is checked."""
    if not text.startswith("zab:") or len(text) > 60:
        raise ValueError(text)
    return text


def _rows(text: str) -> int:
    return min(max(int(text), STEP), _MOST_ROWS)


def _told(day: date | None) -> str:
    return "" if day is None else day.isoformat()
