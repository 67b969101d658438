"""What people say to a proposal: each deed with its endpoint, who may, and what is asked for it."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from pydantic import BaseModel

from api.pages import forms
from api.pages.sent import Sent, instant
from api.pages.view import View
from api.routes import decisions as api
from api.schemas.proposals import BackOutBody, ConditionBody, CounterBody, DeclineBody, FailBody, SettleReasonBody
from api.services import place_book
from api.workflow import REASONS, TABLE, Action, Role
from optimizer.model import Place

_INSTANTS = ("until", "pickup_at", "handover_at")
Doing = Callable[[View, uuid.UUID, Sent], Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """One deed; ``path`` is the last part of its address and the prefix of its fields.

    Parameters
    ----------
    fields
        What is asked besides: names that the template knows.
    is_first
        What most people come for: its button stands out.
    is_grave
        Ends something for somebody.
    """

    path: str
    action: Action
    do: Doing
    fields: tuple[str, ...] = ()
    is_first: bool = False
    is_grave: bool = False

    @property
    def roles(self) -> tuple[Role, ...]:
        """Whom the endpoint lets in: those of the table for the action, in whatever state."""
        found = {role for (_, of), cell in TABLE.items() if of is self.action for role in cell.who}
        return tuple(sorted(found - {Role.SYSTEM}))

    @property
    def codes(self) -> type[StrEnum] | None:
        """Codes of its reason."""
        return REASONS.get(self.action)


def _plain(step: Callable[..., Any]) -> Doing:
    return lambda view, key, sent: step(key, view.context, view.actor, sent.if_match)


def _said(step: Callable[..., Any], kind: type[BaseModel], path: str) -> Doing:
    def do(view: View, key: uuid.UUID, sent: Sent) -> Any:
        said = {name: instant(value) if name in _INSTANTS else value for name, value in sent.part(path).items()}
        if isinstance(place := place_book.find(said.get("place", "")), Place):
            said["place"] = place.id
        return step(key, forms.read(kind, said), view.context, view.actor, sent.if_match)

    return do


_REASON = ("code", "remark")
DEEDS: tuple[Deed, ...] = (
    Deed(path="confirm", action=Action.CONFIRM, do=_plain(api.confirm), is_first=True),
    Deed(path="accept-counter", action=Action.ACCEPT_COUNTER, do=_plain(api.accept_counter), is_first=True),
    Deed(path="meet-condition", action=Action.MEET_CONDITION, do=_plain(api.meet_condition), is_first=True),
    Deed(path="hand-over", action=Action.HAND_OVER, do=_plain(api.hand_over), is_first=True),
    Deed(path="depart", action=Action.DEPART, do=_plain(api.depart)),
    Deed(path="freeze", action=Action.FREEZE, do=_plain(api.freeze)),
    Deed(path="thaw", action=Action.THAW, do=_said(api.thaw, SettleReasonBody, "thaw"), fields=_REASON),
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
    Deed(
        path="return-decline", action=Action.RETURN_DECLINE,
        do=_said(api.return_decline, SettleReasonBody, "return-decline"), fields=_REASON,
    ),
    Deed(
        path="decline", action=Action.DECLINE_BAR, do=_said(api.decline, DeclineBody, "decline"),
        fields=("consequences", "remark", "wait"), is_grave=True,
    ),
    Deed(
        path="back-out", action=Action.BACK_OUT, do=_said(api.back_out, BackOutBody, "back-out"), fields=_REASON,
        is_grave=True,
    ),
    Deed(path="fail", action=Action.FAIL, do=_said(api.fail, FailBody, "fail"), fields=_REASON, is_grave=True),
)  # fmt: skip
"""In the order of the page: what most people come for first, what ends it last."""
