"""Pages of a list by keyset: a signed cursor holds where the last page ended, so that nothing is skipped or doubled."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Depends, Query
from pydantic import BaseModel, Field
from sqlalchemy import Row, Select, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session

from api.db.types import stated
from api.errors import Code, FieldError, Problem
from api.web.context import InContext

T = TypeVar("T", bound=BaseModel)
R = TypeVar("R")
S = TypeVar("S")
Q = TypeVar("Q", bound=Select[*tuple[Any, ...]])

_KEY = "signing_key"
"""Name of the key of cursors among the parts of the context: it stands in a file, which is read once."""
MOST = 200
DEFAULT = 50


class Page(BaseModel, Generic[T]):
    """One page of a list; ``next`` is the cursor of the next one, absent on the last."""

    items: list[T]
    next: Annotated[str | None, Field(description="Send it as `after` to get the next page.")] = None


@dataclass(frozen=True, slots=True)
class Paging:
    """What a call asks for."""

    limit: int
    after: str | None
    key: bytes

    def page(
        self,
        session: Session,
        query: Select[R],
        order: Sequence[InstrumentedAttribute[Any]],
        shown: Callable[[R], T],
        *,
        descending: bool = False,
    ) -> Page[T]:
        """Return the page; ``order`` are columns that together are unique, the last one the id."""
        rows, after = self.rows(session, query, order, descending=descending)
        return Page(items=[shown(row) for row in rows], next=after)

    def rows(
        self,
        session: Session,
        query: Select[R],
        order: Sequence[InstrumentedAttribute[Any]],
        *,
        descending: bool = False,
    ) -> tuple[list[R], str | None]:
        """Return the rows of the page and the cursor of the next one: for what is shown of all rows at once."""
        found = list(session.scalars(self.cut(query, order, descending=descending)).unique())
        return self._ended(found, order, descending=descending)

    def page_of_rows(
        self,
        found: Sequence[Row[Any]],
        order: Sequence[InstrumentedAttribute[Any]],
        shown: Callable[[Row[Any]], T],
        kind: type[Page[T]],
    ) -> Page[T]:
        """Return the page of rows that were read already: those of ``cut``, which has one more than are shown."""
        rows, after = self._ended(found, order)
        return kind(items=[shown(row) for row in rows], next=after)

    def _ended(
        self, found: Sequence[S], order: Sequence[InstrumentedAttribute[Any]], *, descending: bool = False
    ) -> tuple[list[S], str | None]:
        rows = list(found[: self.limit])
        if len(found) <= self.limit:
            return rows, None
        last = [_told(getattr(rows[-1], column.key)) for column in order]
        return rows, self._seal(last, _name(order, descending=descending))

    def page_of(self, items: Sequence[T], identity: Callable[[T], str], name: str) -> Page[T]:
        """Return the page of a list that is held in memory, in the order of ``identity``, which is unique."""
        if self.after is not None:
            (last,) = (_read(value) for value in self._open(self.after, name))
            items = [each for each in items if identity(each) > last]
        chosen = sorted(items, key=identity)[: self.limit]
        more = len(items) > self.limit
        return Page(items=chosen, next=self._seal([_told(identity(chosen[-1]))], name) if more else None)

    def cut(self, query: Q, order: Sequence[InstrumentedAttribute[Any]], *, descending: bool = False) -> Q:
        """Return the query for the rows of this page and one more; for the parts of a union, too."""
        if self.after is not None:
            values = [_read(value) for value in self._open(self.after, _name(order, descending=descending))]
            at, here = tuple_(*order), tuple_(*values)
            query = query.where(at < here if descending else at > here)
        ordered = [column.desc() if descending else column.asc() for column in order]
        return query.order_by(*ordered).limit(stated(self.limit + 1))

    def _seal(self, values: list[Any], name: str) -> str:
        text = json.dumps(values, separators=(",", ":")).encode()
        return base64.urlsafe_b64encode(self._mark(text, name) + text).decode().rstrip("=")

    def _open(self, cursor: str, name: str) -> list[Any]:
        try:
            sealed = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        except (ValueError, UnicodeEncodeError):
            sealed = b""
        mark, text = sealed[:16], sealed[16:]
        if not hmac.compare_digest(mark, self._mark(text, name)):
            raise Problem(
                Code.PARAMETER_INVALID,
                "The cursor is not one of this list. Begin without `after`.",
                errors=[FieldError(path="/after", expected="the `next` of a page of the same list")],
            )
        values: list[Any] = json.loads(text)
        return values

    def _mark(self, text: bytes, name: str) -> bytes:
        return hmac.digest(self.key, name.encode() + b"\0" + text, hashlib.sha256)[:16]


def _name(order: Sequence[InstrumentedAttribute[Any]], *, descending: bool) -> str:
    # By the table, whatever alias a query reads it under.
    names = (f"{column.parent.class_.__name__}.{column.key}" for column in order)
    return ",".join(names) + ("-" if descending else "")


def _told(value: Any) -> list[str]:
    if isinstance(value, datetime):
        return ["t", value.isoformat()]
    if isinstance(value, uuid.UUID):
        return ["u", str(value)]
    if isinstance(value, int):
        return ["i", str(value)]
    return ["s", str(value)]


def _read(value: list[str]) -> Any:
    kind, text = value
    if kind == "t":
        return datetime.fromisoformat(text)
    if kind == "u":
        return uuid.UUID(text)
    return int(text) if kind == "i" else text


async def _paging(
    context: InContext,
    limit: Annotated[int, Query(ge=1, le=MOST, description="Most items of a page.")] = DEFAULT,
    after: Annotated[str | None, Query(max_length=1000, description="Cursor: the `next` of the page before.")] = None,
) -> Paging:
    key = context.parts.get(_KEY) or context.parts.setdefault(_KEY, context.settings.signing_key())
    return Paging(limit, after, key)


InPages = Annotated[Paging, Depends(_paging)]
