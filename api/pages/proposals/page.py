"""One proposal: why this one, what it does to others, what an answer would bring, and every answer as a form."""

from __future__ import annotations

import json
import uuid
from typing import Annotated, Any

from fastapi import APIRouter, Response
from fastapi.responses import HTMLResponse

from api.db.tables import Standing
from api.errors import Problem
from api.pages.deeds import Deed
from api.pages.proposals.deeds import DEEDS
from api.pages.requests import names
from api.pages.requests.deciding import NOTHING, Tried, attempt
from api.pages.sent import InSent, Sent, new_key, read_back, version_of, wall_clock
from api.pages.taking_back import way_back
from api.pages.view import InView, View, may_view
from api.routes import decisions, proposals, requests
from api.schemas.proposals import ProposalShown
from api.schemas.request_views import RequestFull
from api.texts import CLASSES, REASON_TEXTS, in_language
from api.workflow import CLASS_OF, DECLINE_OF, PROMISED, TABLE, Action, DeclineCode, Role, State, actions

router = APIRouter(include_in_schema=False)
READERS = (Role.ABH, Role.ZAB_DISPATCHER, Role.ZAB_LEAD, Role.LTRAKO, Role.AUDITOR)
_ZABS = (Role.ZAB_DISPATCHER, Role.ZAB_LEAD)
_DONE = frozenset({"assigned", "release", *(deed.path for deed in DEEDS)})


@router.get("/proposals/{proposal_id}")
def show(
    view: Annotated[View, may_view(*READERS)],
    proposal_id: uuid.UUID,
    done: str = "",
    warned: str = "",
    ask: str = "",
) -> HTMLResponse:
    """Show one proposal; ``ask`` names the deed whose form is to stand open."""
    return page(view, proposal_id, done=done if done in _DONE else "", is_warned=bool(warned), ask=ask)


@router.post("/proposals/{proposal_id}/release")
def release(view: Annotated[View, may_view(*_ZABS)], proposal_id: uuid.UUID, sent: InSent) -> Response:
    """Let a trip that was assigned by hand be an ordinary promise."""
    return _attempt(
        view, proposal_id, "release", sent,
        lambda: decisions.release(proposal_id, view.context, view.actor, sent.if_match),
    )  # fmt: skip


def _add(deed: Deed) -> None:
    """Give a deed its address; it lets in whom the endpoint lets in."""

    def do(view: InView, proposal_id: uuid.UUID, sent: InSent) -> Response:
        return _attempt(view, proposal_id, deed.path, sent, lambda: deed.do(view, proposal_id, sent))

    router.add_api_route(
        f"/proposals/{{proposal_id}}/{deed.path}", do, methods=["POST"], dependencies=[may_view(*deed.roles)]
    )


for _each in DEEDS:
    _add(_each)


def _attempt(view: View, proposal_id: uuid.UUID, path: str, sent: Sent, work: Any) -> Response:
    def done(answer: Response) -> str:
        warned = "&warned=1" if json.loads(bytes(answer.body))["warnings"] else ""
        return f"/proposals/{proposal_id}?done={path}{warned}"

    return attempt(view, path, sent, work, lambda tried: page(view, proposal_id, tried), done)


def page(
    view: View, proposal_id: uuid.UUID, tried: Tried = NOTHING, *, done: str = "", is_warned: bool = False,
    ask: str = "",
) -> HTMLResponse:  # fmt: skip
    """Return the page of a proposal as it is now."""
    answer = proposals.show_proposal(proposal_id, view.context, view.actor)
    shown: ProposalShown = read_back(ProposalShown, answer)
    may = _may(view, shown)
    deeds = [deed for deed in DEEDS if deed.action in may]
    request = requests.show_request(shown.request_id, Response(), view.context, view.actor)
    is_own = view.actor.role in _ZABS
    can_decline = is_own and any(deed.path == "decline" for deed in deeds)
    times = {
        "counter.pickup_at": wall_clock(shown.pickup_at), "confirm-provisionally.owner": shown.zab,
    }  # fmt: skip
    return view.render(
        "proposals/page.html", status=tried.status, shown=shown, request=request, deeds=deeds, tried=tried,
        is_full=isinstance(request, RequestFull), version=version_of(answer), problem=tried.box(view), names=names,
        values=times | tried.values, faults=tried.faults(view), call_key=new_key(), done=done, is_warned=is_warned,
        declining=_declining(view, proposal_id) if can_decline else None,
        may_release=is_own and shown.is_pinned and shown.state in PROMISED, is_own=is_own,
        is_live=shown.standing is Standing.LIVE, extra=shown.minutes_on_board - shown.minutes_direct,
        reason_options=lambda deed: names.reasons(view, deed.codes), standing=names.standing(view, shown.standing),
        owners=_owners(view, shown.zab), is_promised=shown.state in PROMISED, ask=ask,
        back=way_back(view, _done_actions(done), shown.state, may),
    )  # fmt: skip


def _may(view: View, shown: ProposalShown) -> set[Action]:
    """Return what the role may say to it; of one that was declined only whether the decline is given back."""
    if shown.standing is Standing.LIVE:
        return set(shown.may)
    if shown.standing is Standing.DECLINED and shown.state is State.DECLINED:
        return {Action.RETURN_DECLINE} & actions(shown.state, view.actor.role)
    return set()


def _done_actions(done: str) -> tuple[Action, ...]:
    """Return the actions that a form stands for: a decline is one of four."""
    if done == "assigned":
        return (Action.ASSIGN,)
    if done == "decline":
        return tuple(DECLINE_OF.values())
    return tuple(deed.action for deed in DEEDS if deed.path == done)


def _owners(view: View, zab: str) -> names.Options:
    """Return who may have to meet a condition."""
    return [
        (zab, names.zab(zab)), ("abh", view.say("Ausländerbehörde der Anfrage")), ("ltrako", "LTraKo"), ("zfa", "ZFA"),
        ("zrk", "ZRK"),
    ]  # fmt: skip


def _declining(view: View, proposal_id: uuid.UUID) -> dict[str, Any] | None:
    """Return what each code of a decline would do to the request: told before anybody chooses one.

    Which duty is the next best depends on no code, so it is asked for once; so is until when a ZAB would wait.
    """
    try:
        preview = proposals.preview_decline(
            proposal_id, view.context, view.actor, DeclineCode.ESCORT_NOT_AVAILABLE
        )  # fmt: skip
    except Problem:
        return None
    codes = [
        {
            "code": code.value,
            "name": in_language(REASON_TEXTS[DeclineCode][code], view.language),
            "does": in_language(CLASSES[kind], view.language),
            "after": TABLE[State.PROPOSED, DECLINE_OF[kind]].to,
            "is_waiting": DECLINE_OF[kind] is Action.DECLINE_WAIT,
        }
        for code, kind in CLASS_OF.items()
    ]
    return {"codes": codes, "next_best": preview.next_best, "until": preview.until}
