"""What is chosen, tried on a duty of the time line: the checker answers at once, and nothing is stored."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import Response

from api.errors import Problem
from api.pages import problems
from api.pages.board.wishes import Wish
from api.pages.requests.placing import Ends, ends, how
from api.pages.sent import new_key, version_of
from api.pages.view import View
from api.routes import assignments, duties, requests
from api.schemas.assignments import AssignmentBody, CheckShown
from api.schemas.duties import DutyShown
from api.schemas.pool import PoolEntry
from api.schemas.request_views import RequestFull


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """The answer, and what a promise of it would need; ``problem`` instead where nothing could be tried."""

    request: RequestFull | PoolEntry | None = None
    duty: DutyShown | None = None
    checked: CheckShown | None = None
    problem: str = ""
    version: str = ""
    call_key: str = ""
    does: str = ""
    """The step that promises it: ``assign``, ``accept``, or none for whoever only looks."""
    ends: Ends | None = None
    """The proposal that a promise would end."""


def trial(view: View, wish: Wish) -> Trial | None:
    """Return what the checker says of the chosen request on the duty that is wished for; ``None`` without either."""
    if wish.chosen is None or wish.onto is None:
        return None
    body = AssignmentBody(request_id=wish.chosen, duty_id=wish.onto)
    answer = Response()
    try:
        checked = assignments.check_assignment(body, view.context, view.actor)
        duty = duties.show_duty(wish.onto, Response(), view.context, view.actor)
        request = requests.show_request(wish.chosen, answer, view.context, view.actor)
    except Problem as problem:
        return Trial(problem=problems.shown(view, problem))
    return Trial(
        request=request, duty=duty, checked=checked, version=version_of(answer), call_key=new_key(),
        does=how(view, request), ends=ends(view, request),
    )  # fmt: skip
