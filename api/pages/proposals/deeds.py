"""What people say to a proposal: each deed with its endpoint, who may, and what is asked for it."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from pydantic import BaseModel

from api.pages import forms
from api.pages.deeds import REASON, Deed, Doing
from api.pages.sent import Sent, instant
from api.pages.view import View
from api.routes import decisions as api
from api.schemas.proposals import BackOutBody, ConditionBody, CounterBody, DeclineBody, FailBody, SettleReasonBody
from api.services import place_book
from api.workflow import Action
from optimizer.model import Place

_INSTANTS = ("until", "pickup_at", "handover_at")


def _plain(step: Callable[..., Any]) -> Doing:
    return lambda view, key, sent: step(key, view.context, view.actor, sent.if_match)


def _said(step: Callable[..., Any], kind: type[BaseModel], path: str) -> Doing:
    def do(view: View, key: uuid.UUID, sent: Sent) -> Any:
        said = {name: instant(value) if name in _INSTANTS else value for name, value in sent.part(path).items()}
        if isinstance(place := place_book.find(said.get("place", "")), Place):
            said["place"] = place.id
        return step(key, forms.read(kind, said), view.context, view.actor, sent.if_match)

    return do


DEEDS: tuple[Deed, ...] = (
    Deed(path="confirm", action=Action.CONFIRM, do=_plain(api.confirm), is_first=True),
    Deed(path="accept-counter", action=Action.ACCEPT_COUNTER, do=_plain(api.accept_counter), is_first=True),
    Deed(path="meet-condition", action=Action.MEET_CONDITION, do=_plain(api.meet_condition), is_first=True),
    Deed(path="hand-over", action=Action.HAND_OVER, do=_plain(api.hand_over), is_first=True),
    Deed(path="depart", action=Action.DEPART, do=_plain(api.depart)),
    Deed(path="freeze", action=Action.FREEZE, do=_plain(api.freeze)),
    Deed(path="thaw", action=Action.THAW, do=_said(api.thaw, SettleReasonBody, "thaw"), fields=REASON),
    Deed(
        path="confirm-provisionally", action=Action.CONFIRM_PROVISIONALLY,
        do=_said(api.confirm_provisionally, ConditionBody, "confirm-provisionally"),
        fields=("code", "condition", "owner", "until"),
    ),
    Deed(
        path="counter", action=Action.COUNTER, do=_said(api.counter, CounterBody, "counter"),
        fields=("code", "pickup_at", "handover_at", "place", "remark"),
    ),
    Deed(path="refuse-counter", action=Action.REFUSE_COUNTER, do=_plain(api.refuse_counter)),
    Deed(path="withdraw-counter", action=Action.WITHDRAW_COUNTER, do=_plain(api.withdraw_counter)),
    Deed(
        path="return-decline", action=Action.RETURN_DECLINE,
        do=_said(api.return_decline, SettleReasonBody, "return-decline"), fields=REASON,
    ),
    Deed(
        path="decline", action=Action.DECLINE_BAR, do=_said(api.decline, DeclineBody, "decline"),
        fields=("consequences", "remark", "wait"), is_grave=True,
    ),
    Deed(
        path="back-out", action=Action.BACK_OUT, do=_said(api.back_out, BackOutBody, "back-out"), fields=REASON,
        is_grave=True,
    ),
    Deed(path="fail", action=Action.FAIL, do=_said(api.fail, FailBody, "fail"), fields=REASON, is_grave=True),
)  # fmt: skip
"""In the order of the page: what most people come for first, what ends it last."""
