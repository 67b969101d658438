"""What people do to a request on its page: each deed with its endpoint, who may, and what is asked for it.

A deed is a form on the page; its fields bear its name (``stop.code``), since several stand on one page.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from fastapi import Response
from pydantic import BaseModel

from api.pages import forms
from api.pages.sent import Sent, once
from api.pages.view import View
from api.routes import approvals
from api.routes import request_steps as api
from api.schemas.request_steps import (
    AcceptBody,
    AskBody,
    CancelBody,
    LiftBody,
    MoveBody,
    RejectBody,
    SettleBody,
    StopBody,
)
from api.workflow import REASONS, TABLE, Action, Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """One deed.

    Parameters
    ----------
    path
        Last part of its address, and the prefix of its fields.
    do
        Asks the endpoint; returns what it answers.
    fields
        What is asked besides a coded reason: names that the template knows.
    is_grave
        Ends something for somebody: shown in red, with what it does.
    asks_twice
        Is done only when asked for a second time; its form is what asks.
    has_page
        Has a page of its own, and no form among the others.
    """

    path: str
    action: Action
    do: Callable[[View, uuid.UUID, Sent], Any]
    fields: tuple[str, ...] = ()
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


def _plain(step: Callable[..., Any]) -> Callable[[View, uuid.UUID, Sent], Any]:
    def do(view: View, key: uuid.UUID, sent: Sent) -> Any:
        return step(key, Response(), view.context, view.actor, sent.if_match)

    return do


def _said(step: Callable[..., Any], kind: type[BaseModel], path: str) -> Callable[[View, uuid.UUID, Sent], Any]:
    def do(view: View, key: uuid.UUID, sent: Sent) -> Any:
        body = forms.read(kind, sent.part(path))
        return step(key, body, Response(), view.context, view.actor, sent.if_match)

    return do


def _stop(view: View, key: uuid.UUID, sent: Sent) -> Any:
    # Needs no version: whoever learns of it first stops it, whatever is at work.
    return api.stop(key, forms.read(StopBody, sent.part("stop")), Response(), view.context, view.actor)


def _lift(view: View, key: uuid.UUID, sent: Sent) -> Any:
    body = forms.read(LiftBody, sent.part("lift-stop"))
    return approvals.lift_stop(key, body, view.context, view.actor, once(view, sent))


_REASON = ("code", "remark")
DEEDS: tuple[Deed, ...] = (
    Deed(path="accept", action=Action.ACCEPT, do=_said(api.accept, AcceptBody, "accept"), has_page=True),
    Deed(path="pool", action=Action.POOL, do=_plain(api.pool)),
    Deed(path="ask", action=Action.ASK, do=_said(api.ask, AskBody, "ask"), fields=("zab",)),
    Deed(path="resume", action=Action.RESUME, do=_plain(api.resume)),
    Deed(path="reject", action=Action.REJECT, do=_said(api.reject, RejectBody, "reject"), fields=_REASON),
    Deed(path="settle", action=Action.SETTLE, do=_said(api.settle, SettleBody, "settle"), fields=_REASON),
    Deed(path="move", action=Action.MOVE_DATE, do=_said(api.move, MoveBody, "move"), fields=("to", *_REASON)),
    Deed(path="return", action=Action.RETURN_TO_ABH, do=_plain(api.return_to_abh)),
    Deed(path="lift-stop", action=Action.LIFT_STOP, do=_lift, fields=_REASON),
    Deed(
        path="cancel", action=Action.CANCEL, do=_said(api.cancel, CancelBody, "cancel"), fields=_REASON, is_grave=True
    ),
    Deed(path="stop", action=Action.STOP, do=_stop, fields=_REASON, is_grave=True, asks_twice=True),
)
"""In the order of the page: what leads on first, what ends it last."""
