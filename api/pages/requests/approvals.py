"""The second person: what waits for one, and what became of what was asked for."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Response
from fastapi.responses import HTMLResponse

from api.pages.requests import names
from api.pages.requests.deciding import NOTHING, Tried, attempt
from api.pages.sent import InSent, Sent
from api.pages.view import View, may_view
from api.routes import approvals
from api.services.approvals import LIFTERS, OVERRIDE
from api.web.paging import InPages, Paging

router = APIRouter(prefix="/approvals", include_in_schema=False)
DECIDERS = tuple(sorted(LIFTERS))
DeciderView = Annotated[View, may_view(*DECIDERS)]
_DONE = frozenset({"agree", "refuse", "withdraw"})


@router.get("")
def show(view: DeciderView, pages: InPages, all: str = "", done: str = "") -> HTMLResponse:  # noqa: A002  # the name in the address
    """Show what waits for a second person; with ``all`` also what was decided."""
    return _page(view, pages, is_all=bool(all), done=done if done in _DONE else "")


@router.post("/{approval_id}/agree")
def agree(view: DeciderView, pages: InPages, approval_id: uuid.UUID, sent: InSent) -> Response:
    """Agree: it is done at once."""
    return _decide(view, pages, approval_id, sent, "agree", approvals.agree)


@router.post("/{approval_id}/refuse")
def refuse(view: DeciderView, pages: InPages, approval_id: uuid.UUID, sent: InSent) -> Response:
    """Refuse."""
    return _decide(view, pages, approval_id, sent, "refuse", approvals.refuse)


@router.post("/{approval_id}/withdraw")
def withdraw(view: DeciderView, pages: InPages, approval_id: uuid.UUID, sent: InSent) -> Response:
    """Take back what one asked for oneself."""
    return _decide(view, pages, approval_id, sent, "withdraw", approvals.withdraw)


def _decide(
    view: View, pages: Paging, approval_id: uuid.UUID, sent: Sent, path: str, step: Callable[..., Any]
) -> Response:
    return attempt(
        view, path, sent, lambda: step(approval_id, Response(), view.context, view.actor, sent.if_match),
        lambda tried: _page(view, pages, tried), lambda _: f"/approvals?done={path}",
    )  # fmt: skip


def _page(view: View, pages: Paging, tried: Tried = NOTHING, *, is_all: bool = False, done: str = "") -> HTMLResponse:
    found = approvals.list_approvals(view.context, view.actor, pages, only_pending=not is_all)
    return view.render(
        "requests/approvals.html", status=tried.status, items=found.items, next=found.next, is_all=is_all, done=done,
        problem=tried.box(view), names=names, override=OVERRIDE,
    )  # fmt: skip
