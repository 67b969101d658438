"""What people do to a request on its page: each deed with its endpoint, who may, and what is asked for it.

A deed is a form on the page; its fields bear its name (``stop.code``), since several stand on one page.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from fastapi import Response
from pydantic import BaseModel

from api.pages import forms
from api.pages.deeds import REASON, Deed, Doing
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
from api.workflow import Action


def _plain(step: Callable[..., Any]) -> Doing:
    def do(view: View, key: uuid.UUID, sent: Sent) -> Any:
        return step(key, Response(), view.context, view.actor, sent.if_match)

    return do


def _said(step: Callable[..., Any], kind: type[BaseModel], path: str) -> Doing:
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


DEEDS: tuple[Deed, ...] = (
    Deed(path="accept", action=Action.ACCEPT, do=_said(api.accept, AcceptBody, "accept"), has_page=True),
    Deed(path="pool", action=Action.POOL, do=_plain(api.pool)),
    Deed(path="ask", action=Action.ASK, do=_said(api.ask, AskBody, "ask"), fields=("zab",)),
    Deed(path="resume", action=Action.RESUME, do=_plain(api.resume)),
    Deed(path="reject", action=Action.REJECT, do=_said(api.reject, RejectBody, "reject"), fields=REASON),
    Deed(path="settle", action=Action.SETTLE, do=_said(api.settle, SettleBody, "settle"), fields=REASON),
    Deed(path="move", action=Action.MOVE_DATE, do=_said(api.move, MoveBody, "move"), fields=("to", *REASON)),
    Deed(path="return", action=Action.RETURN_TO_ABH, do=_plain(api.return_to_abh)),
    Deed(path="lift-stop", action=Action.LIFT_STOP, do=_lift, fields=REASON),
    Deed(path="cancel", action=Action.CANCEL, do=_said(api.cancel, CancelBody, "cancel"), fields=REASON, is_grave=True),
    Deed(path="stop", action=Action.STOP, do=_stop, fields=REASON, is_grave=True, asks_twice=True),
)
"""In the order of the page: what leads on first, what ends it last."""
