"""What a form sent: fields of one deed among several, the version that was seen, the key of a repeated call."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, Request, Response
from pydantic import TypeAdapter

from api.errors import Code, Problem
from api.pages.sent import for_field
from api.pages.view import View
from api.web.idempotency import Once, once_of

_LONGEST_KEY = 120


@dataclass(frozen=True, slots=True)
class SentForm:
    """The fields of a form, each with all its values."""

    fields: Mapping[str, tuple[str, ...]]

    def get(self, name: str) -> str:
        """Return the first value of a field without blanks around it; empty where it was not sent."""
        return next(iter(self.fields.get(name, ())), "").strip()

    def all(self, name: str) -> tuple[str, ...]:
        """Return all values of a field, for boxes that share a name."""
        return self.fields.get(name, ())

    def part(self, prefix: str) -> dict[str, str]:
        """Return the fields of one deed, ``stop.code`` as ``code``; those left empty count as left out."""
        names = (name for name in self.fields if name.startswith(f"{prefix}."))
        return {name.removeprefix(f"{prefix}."): value for name in names if (value := self.get(name))}

    @property
    def values(self) -> dict[str, str]:
        """The first value of each field, to fill the form again."""
        return {name: self.get(name) for name in self.fields}

    @property
    def if_match(self) -> str | None:
        """The version that was seen, as decisions name it; ``None`` where the page did not send it."""
        return self.get("etag") or None


async def _read(request: Request) -> SentForm:
    found: dict[str, tuple[str, ...]] = {}
    async with request.form() as form:
        for name, value in form.multi_items():
            if isinstance(value, str):
                found[name] = (*found.get(name, ()), value)
    return SentForm(found)


Sent = Annotated[SentForm, Depends(_read)]
"""What the form of this call sent."""


def once(view: View, sent: SentForm) -> Once:
    """Return the call by the key that the form got when it was shown: sent twice it is done once.

    Raises
    ------
    Problem
        ``idempotency_key_missing`` (400).
    """
    key = sent.get("key")
    if not key or len(key) > _LONGEST_KEY:
        raise Problem(Code.IDEMPOTENCY_KEY_MISSING, "The form had no key. Load the page again.")
    return once_of(view.request, view.context, key, json.dumps(dict(sent.fields), sort_keys=True).encode())


def read_back(kind: Any, answer: Response) -> Any:
    """Return the body of an endpoint that writes its answer itself, as the model that it wrote."""
    return TypeAdapter(kind).validate_json(bytes(answer.body))


def wall_clock(at: datetime | str | None) -> str:
    """Return an instant as a field for day and time shows it."""
    if not at:
        return ""
    return for_field(datetime.fromisoformat(at) if isinstance(at, str) else at)
