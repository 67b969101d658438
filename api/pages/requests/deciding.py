"""Deeds on a page: done and on to the page, or refused and the page again with what was typed and how it stands now."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from fastapi import Response
from fastapi.responses import HTMLResponse

from api.errors import Code, Problem
from api.pages import problems
from api.pages.requests import content
from api.pages.sent import Sent
from api.pages.view import View

SHOWN = frozenset({400, 409, 412, 422, 428})
"""Refusals that are told on the page of what they are about; all others are pages of their own."""
_TOO = frozenset({Code.ROLE_MAY_NOT, Code.DATABASE_BUSY})
"""These too: whose turn it is may have changed while somebody typed, and who waited need not type again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """A deed that was refused: which one, why, and what had been typed."""

    path: str = ""
    problem: Problem | None = None
    values: dict[str, str] = field(default_factory=dict)

    @property
    def status(self) -> int:
        """HTTP status of the page."""
        return 200 if self.problem is None else self.problem.status

    def box(self, view: View) -> str:
        """Return the problem as a box; faults of fields stand beside them, not in the box."""
        if self.problem is None:
            return ""
        bare = Problem(self.problem.code, "" if self.problem.errors else self.problem.detail, more=self.problem.more)
        return problems.shown(view, bare)

    def faults(self, view: View) -> dict[str, str]:
        """Return what is wrong, by the names of the page's fields."""
        return {f"{self.path}.{name}": told for name, told in content.faults(view, self.problem).items()}

    @property
    def typed(self) -> list[tuple[str, str]]:
        """What had been typed for the deed, to be shown where the deed is open no longer."""
        found = [(name, value) for name, value in self.values.items() if name.startswith(f"{self.path}.") and value]
        return [(name.partition(".")[2], value) for name, value in found]


NOTHING = Tried()


def attempt(
    view: View,
    path: str,
    sent: Sent,
    work: Callable[[], Any],
    page: Callable[[Tried], HTMLResponse],
    done: Callable[[Any], str],
) -> Response:
    """Do it and go to where ``done`` says; where it is refused show ``page`` with the reason and what was typed."""
    try:
        answer = work()
    except Problem as problem:
        if problem.status not in SHOWN and problem.code not in _TOO:
            raise
        return page(Tried(path=path, problem=problem, values=sent.values))
    return view.go_to(done(answer))
