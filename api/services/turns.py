"""Whose turn it is after a decline that rests: what its class shuts to all others, until it is dealt with."""

from __future__ import annotations

from sqlalchemy.orm import Session

from api.actor import Actor
from api.db.tables import TransportRequest
from api.errors import Code, Problem
from api.repositories import requests
from api.workflow import SHUT, Action, DeclineClass, State, actions


def check(session: Session, request: TransportRequest, action: Action, actor: Actor) -> None:
    """Refuse what the decline that a request rests on shuts.

    Raises
    ------
    Problem
        ``state_forbids`` (409); its ``turn`` is ``owner``, or the code of the ZAB whose lead settles it.
    """
    decline = requests.last_decline(session, request.id) if request.state is State.DECLINED else None
    if decline is None or decline.decline_class is None or action not in SHUT.get(decline.decline_class, ()):
        return
    if decline.decline_class is DeclineClass.CORRECT:
        turn = "owner"
        told = "because its data are wrong: the owner must correct it first."
    else:
        zab = None if decline.zab_id is None else requests.organisation(session, decline.zab_id)
        turn = "a ZAB" if zab is None else zab.code
        told = (
            f"as a matter of policy ({decline.code}): the lead of {turn} or the Landestransportkoordination must "
            "settle it first. New data do not; cancel it, or take it back to organise the trip yourself."
        )
    allowed = sorted(each.value for each in actions(request.state, actor.role) - SHUT[decline.decline_class])
    raise Problem(
        Code.STATE_FORBIDS, f"The request was declined {told}",
        more={"state": request.state.value, "allowed": allowed, "turn": turn},
    )  # fmt: skip
