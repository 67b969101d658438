"""What people do on a page, each a form among others: its endpoint, who may, what is asked for it."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from api.pages.sent import Sent
from api.pages.view import View
from api.workflow import REASONS, TABLE, Action, Role

Doing = Callable[[View, uuid.UUID, Sent], Any]
REASON = ("code", "remark")
"""What is asked where a reason is needed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """One deed; its fields bear its name (``stop.code``), since several stand on one page.

    Parameters
    ----------
    path
        Last part of its address, and the prefix of its fields.
    do
        Asks the endpoint; returns what it answers.
    fields
        What is asked for it: names that the template knows.
    is_first
        What most people come for: its button stands out.
    is_grave
        Ends something for somebody: shown in red, with what it does.
    asks_twice
        Is done only when asked for a second time; its form is what asks.
    has_page
        Has a page of its own, and no form among the others.
    """

    path: str
    action: Action
    do: Doing
    fields: tuple[str, ...] = ()
    is_first: bool = False
    is_grave: bool = False
    asks_twice: bool = False
    has_page: bool = False

    @property
    def roles(self) -> tuple[Role, ...]:
        """Whom the table names for the action, in whatever state; as the endpoint does."""
        found = {role for (_, of), cell in TABLE.items() if of is self.action for role in cell.who}
        return tuple(sorted(found - {Role.SYSTEM}))

    @property
    def codes(self) -> type[StrEnum] | None:
        """Codes of its reason."""
        return REASONS.get(self.action)

    @property
    def has_other(self) -> bool:
        """Whether one of the codes is ``other``, which needs a text."""
        return self.codes is not None and "other" in {each.value for each in self.codes}
