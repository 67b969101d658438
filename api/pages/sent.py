"""What a form sent, word for word and as values; and what the endpoints of the API want of a call besides its body.

Browsers send text alone. The bodies of the API are strict, so text becomes numbers, instants and lists here; text that
is none stays as it is, and the body says what is wrong with it.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any, TypeVar
from urllib.parse import urlencode

from fastapi import Depends, Request, Response
from pydantic import TypeAdapter
from starlette.datastructures import FormData, UploadFile

from api.deadlines import BERLIN, is_skipped
from api.errors import Code, FieldError, Problem
from api.pages.view import View
from api.web.idempotency import Once, once_of
from api.web.paging import MOST, Paging

KEY, VERSION = "call_key", "version"
"""Hidden fields: the key of a call that creates, and the version that was seen."""
_LONGEST_KEY = 120
_LONGEST_NUMBER = 10
_TELL_AT_ONCE = frozenset({Code.NOT_FOUND, Code.ROLE_MAY_NOT, Code.NOT_SIGNED_IN, Code.TOO_MANY_REQUESTS})
"""Problems for which there is no form to show again."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Sent:
    """The fields of a form."""

    form: FormData = field(default_factory=FormData)

    def text(self, name: str) -> str:
        """Return what stands in a field, without blanks around it."""
        found = self.form.get(name)
        return found.strip() if isinstance(found, str) else ""

    def part(self, prefix: str) -> dict[str, str]:
        """Return the fields of one deed among several, ``stop.code`` as ``code``; empty ones count as left out."""
        names = (name for name in self.form if name.startswith(f"{prefix}."))
        return {name.removeprefix(f"{prefix}."): value for name in names if (value := self.text(name))}

    @property
    def values(self) -> dict[str, str]:
        """The first value of each field, to fill the form again."""
        return {name: self.text(name) for name in self.form}

    def with_fields(self, fields: Mapping[str, str]) -> Sent:
        """Return the form with further fields."""
        return Sent(FormData([*self.form.multi_items(), *fields.items()]))

    def all(self, name: str) -> list[str]:
        """Return what was chosen of several, without empty ones."""
        found = (each.strip() for each in self.form.getlist(name) if isinstance(each, str))
        return [each for each in found if each]

    def words(self, name: str) -> list[str]:
        """Return a list that is written in one field, with blanks or commas between."""
        return self.text(name).replace(",", " ").replace(";", " ").split()

    def number(self, name: str) -> int | str:
        """Return a whole number; what is none as it stands."""
        return self.as_number(self.text(name))

    def numbers(self, name: str) -> list[int | str]:
        """Return whole numbers of several fields of one name, in their order."""
        return [self.as_number(each) for each in self.all(name)]

    @staticmethod
    def as_number(text: str) -> int | str:
        """Return the whole number that a text is; what is none as it stands."""
        is_number = text.isascii() and text.isdigit() and len(text) < _LONGEST_NUMBER
        return int(text) if is_number else text

    def cents(self, name: str) -> int | str:
        """Return an amount in euros as cents."""
        text = self.text(name).replace(",", ".")
        try:
            return round(float(text) * 100)
        except (ValueError, OverflowError):
            return text

    def is_on(self, name: str) -> bool:
        """Return whether a box is ticked."""
        return bool(self.text(name))

    def instant(self, name: str) -> str:
        """Return a time of the local clock with its offset; of an hour that is there twice the first."""
        return instant(self.text(name))

    def file(self, name: str) -> UploadFile | None:
        """Return a file that was chosen."""
        found = self.form.get(name)
        return found if isinstance(found, UploadFile) and found.filename else None

    @property
    def if_match(self) -> str | None:
        """The version that was seen, as the header ``If-Match`` says it."""
        version = self.text(VERSION)
        return f'"{version}"' if version else None


async def _read(request: Request) -> AsyncIterator[Sent]:
    # Files that were sent are closed when the page is answered.
    async with request.form() as form:
        yield Sent(form)


InSent = Annotated[Sent, Depends(_read)]
NOTHING = Sent()


def new_key() -> str:
    """Return the key of a call for a form that is shown: sent twice, it is one call."""
    return str(uuid.uuid4())


def once(view: View, sent: Sent, data: bytes = b"", *, key: str | None = None) -> Once:
    """Return what lets an endpoint create something once: sent twice, a form is one call.

    Parameters
    ----------
    data
        The file that was sent with the form.
    key
        Another key than that of the form.

    Raises
    ------
    Problem
        ``idempotency_key_missing`` (400) where the form had none.
    """
    key = sent.text(KEY) if key is None else key
    if not 0 < len(key) <= _LONGEST_KEY:
        raise Problem(
            Code.IDEMPOTENCY_KEY_MISSING, "The form has no key. Open the page anew.",
            errors=[FieldError(path=f"/{KEY}", expected="the key that the form was made with")],
        )  # fmt: skip
    fields = [(name, value) for name, value in sent.form.multi_items() if isinstance(value, str)]
    return once_of(view.request, view.context, key, json.dumps(sorted(fields)).encode() + b"\n" + data)


def read_back(kind: Any, answer: Response) -> Any:
    """Return the body of an endpoint that writes its answer itself, as the model that it wrote."""
    return TypeAdapter(kind).validate_json(bytes(answer.body))


def whole(view: View) -> Paging:
    """Return the paging of a list that stands whole on a page: the first 200 of it."""
    return Paging(MOST, None, view.context.settings.signing_key())


def refused(work: Callable[[], T]) -> tuple[T | None, Problem | None]:
    """Return what a decision led to, or why it was refused: then its form is shown again with that.

    Raises
    ------
    Problem
        Where there is nothing to show again: not found, not for this role.
    """
    try:
        return work(), None
    except Problem as problem:
        if problem.status >= 500 or problem.code in _TELL_AT_ONCE:
            raise
        return None, problem


def instant(text: str) -> str:
    """Return what a field for day and time holds as an instant of the local clock; what is none stays as it is.

    A time that the clock skips is none: nobody is fetched an hour later than somebody wrote.
    """
    try:
        wall = datetime.fromisoformat(text)
    except ValueError:
        return text
    if wall.tzinfo is None and is_skipped(wall):
        return text
    return (wall.replace(tzinfo=BERLIN) if wall.tzinfo is None else wall).isoformat()


def version_of(answer: Response) -> str:
    """Return the version that an endpoint told with ``ETag``."""
    return answer.headers.get("ETag", "").strip('"')


def wall_clock(at: datetime | str | None) -> str:
    """Return an instant, or one as JSON has it, as a field for local day and time holds it."""
    return for_field(datetime.fromisoformat(at) if isinstance(at, str) and at else at or None)


def for_field(at: datetime | None) -> str:
    """Return an instant as a field for local day and time holds it."""
    return "" if at is None else f"{at.astimezone(BERLIN):%Y-%m-%dT%H:%M}"


def address(path: str, query: Mapping[str, Any]) -> str:
    """Return an address with those parts of the query that say something."""
    told = {name: value for name, value in query.items() if value not in (None, "", [], False)}
    return f"{path}?{urlencode(told, doseq=True)}" if told else path
