"""One request: as far as the reader may see it, its history, what keeps it from a seat, and what may be done."""

from __future__ import annotations

import uuid
from typing import Annotated, Any

from fastapi import APIRouter, Response
from fastapi.responses import HTMLResponse

from api import workflow
from api.errors import Code, Problem
from api.pages import forms
from api.pages.deeds import Deed
from api.pages.requests import content, names, transfer, why
from api.pages.requests.deciding import NOTHING, Tried, attempt
from api.pages.requests.deeds import DEEDS
from api.pages.roles import like
from api.pages.sent import InSent, Sent, new_key, once, version_of, whole
from api.pages.taking_back import way_back
from api.pages.view import InView, View, may_view
from api.repositories import proposals as proposal_rows
from api.repositories import requests as rows
from api.routes import addresses, amtshilfe, approvals, gates, requests
from api.routes import dublin as api_dublin
from api.schemas.approvals import OverrideBody
from api.schemas.dublin import FormBody
from api.schemas.gates import Gates, GatesShown
from api.schemas.hints import HintShown
from api.schemas.request_steps import AddressBody, AddressEntered, AddressPurpose
from api.schemas.request_views import DecisionShown, Reasons, RequestFull
from api.schemas.requests import RequestContent
from api.services.entry_hints import Hints
from api.workflow import OPEN, WAITING, Action, Role, State

router = APIRouter(include_in_schema=False)
READERS = (Role.ABH, Role.ZAB_DISPATCHER, Role.ZAB_LEAD, Role.LTRAKO, Role.ZFA, Role.ZRK, Role.AUDITOR)
HISTORIANS = (Role.ABH, Role.ZAB_DISPATCHER, Role.ZAB_LEAD, Role.LTRAKO, Role.AUDITOR)
_ZABS = (Role.ZAB_DISPATCHER, Role.ZAB_LEAD)
ReaderView = Annotated[View, may_view(*READERS)]
_DONE = frozenset({"entered", "form", "amended", "gates", "address", "override", *(deed.path for deed in DEEDS)})
_UNPLACED = WAITING | {State.PROPOSED, State.DECLINED, State.COUNTER_PROPOSED}


@router.get("/requests/{request_id}")
def show(view: ReaderView, request_id: uuid.UUID, done: str = "", warned: str = "", ask: str = "") -> HTMLResponse:
    """Show one request; ``ask`` names the deed whose form is to stand open."""
    return page(view, request_id, done=done if done in _DONE else "", warned=warned, ask=ask)


@router.post("/requests/{request_id}/gates")
def state_gates(view: Annotated[View, may_view(Role.ABH)], request_id: uuid.UUID, sent: InSent) -> Response:
    """State the gates anew."""

    def work() -> object:
        # Whoever states nothing at all has not filled in the form: that would close every gate.
        body = forms.read(Gates, content.gates(sent) or {"court_order": "?"})
        return gates.state_gates(request_id, body, Response(), view.context, view.actor, sent.if_match)

    return _attempt(view, request_id, "gates", sent, work)


@router.post("/requests/{request_id}/address")
def put_address(view: Annotated[View, may_view(Role.ABH)], request_id: uuid.UUID, sent: InSent) -> Response:
    """Enter or replace the address of the pick-up."""

    def work() -> AddressEntered:
        body = forms.read(AddressBody, sent.part("address"))
        return addresses.put_address(request_id, body, view.context, view.actor)

    return _attempt(view, request_id, "address", sent, work)


@router.post("/requests/{request_id}/address/read")
def read_address(view: Annotated[View, may_view(Role.ABH, *_ZABS)], request_id: uuid.UUID, sent: InSent) -> Response:
    """Show the address once; the read is logged with its purpose."""
    purpose = sent.text("purpose")
    if purpose not in set(AddressPurpose):
        raise Problem(Code.REASON_MISSING, "Say why you read the address: it is logged.")
    try:
        found = addresses.read_address(request_id, Response(), view.context, view.actor, AddressPurpose(purpose))
    except Problem as problem:
        if problem.code is not Code.NOT_FOUND:
            raise
        return page(view, request_id, Tried(path="address-read", problem=problem))
    answer = page(view, request_id, address=found.address)
    answer.headers["Cache-Control"] = "no-store"
    return answer


@router.post("/requests/{request_id}/overrides")
def ask_override(view: Annotated[View, may_view(Role.ABH, *_ZABS)], request_id: uuid.UUID, sent: InSent) -> Response:
    """Ask a second person to lift a rule for this request."""

    def work() -> object:
        body = forms.read(OverrideBody, sent.part("override"))
        return approvals.override(request_id, body, view.context, view.actor, once(view, sent))

    return _attempt(view, request_id, "override", sent, work)


@router.post("/requests/{request_id}/dublin-form")
def note_form(view: Annotated[View, like(api_dublin.Noter)], request_id: uuid.UUID, sent: InSent) -> Response:
    """Note the day on which the form of a Dublin transfer went out, or that it has not after all."""

    def work() -> object:
        said = sent.part("form")
        body = forms.read(FormBody, said) if said else FormBody(sent_on=None)
        return api_dublin.note_form(request_id, body, Response(), view.context, view.actor, sent.if_match)

    return _attempt(view, request_id, "form", sent, work)


@router.post("/requests/{request_id}/amtshilfe")
def open_case(view: Annotated[View, like(amtshilfe.Teller)], request_id: uuid.UUID, sent: InSent) -> Response:
    """Tell that somebody is assigned to a municipality: on to the case, which its ZAB examines."""

    def work() -> Response:
        body = transfer.assignment(sent.part("amtshilfe"))
        return amtshilfe.open_case(request_id, body, view.context, view.actor, once(view, sent))

    return attempt(
        view, "amtshilfe", sent, work, lambda tried: page(view, request_id, tried),
        lambda answer: answer.headers["Location"].removeprefix("/v1"),
    )  # fmt: skip


def _add(deed: Deed) -> None:
    """Give a deed its address; it lets in whom the endpoint lets in."""

    def do(view: InView, request_id: uuid.UUID, sent: InSent) -> Response:
        if deed.asks_twice and sent.text("sure") != deed.path:
            return page(view, request_id, Tried(values=sent.values), ask=deed.path)
        return _attempt(view, request_id, deed.path, sent, lambda: deed.do(view, request_id, sent))

    router.add_api_route(
        f"/requests/{{request_id}}/{deed.path}", do, methods=["POST"], dependencies=[may_view(*deed.roles)]
    )


for _each in DEEDS:
    if not _each.has_page:
        _add(_each)


def _attempt(view: View, request_id: uuid.UUID, path: str, sent: Sent, work: Any) -> Response:
    def done(answer: Any) -> str:
        known = {each.path for each in getattr(answer, "warnings", ())}
        warned = "&warned=address" if "/address" in known else "&warned=1" if "/remark" in known else ""
        with view.context.store.reading() as session:
            is_seen = rows.find(session, view.actor, request_id) is not None
        # Whoever has nothing to do with what it stopped sees it no longer.
        return f"/requests/{request_id}?done={path}{warned}" if is_seen else f"/requests?done={path}"

    return attempt(view, path, sent, work, lambda tried: page(view, request_id, tried), done)


def page(
    view: View, request_id: uuid.UUID, tried: Tried = NOTHING, *, done: str = "", warned: str = "",
    address: str = "", ask: str = "",
) -> HTMLResponse:  # fmt: skip
    """Return the page of a request as it is now."""
    answer = Response()
    shown = requests.show_request(request_id, answer, view.context, view.actor)
    is_full = isinstance(shown, RequestFull)
    actions = set(shown.actions) if isinstance(shown, RequestFull) else _actions(view, request_id, shown.state)
    found = gates.show_gates(request_id, Response(), view.context, view.actor) if view.actor.role is Role.ABH else None
    is_historian = view.actor.role in HISTORIANS
    reasons = requests.show_reasons(request_id, view.context, view.actor) if is_historian else None
    offers = _offers(view, request_id)
    # A promise is taken back on the page of the proposal.
    promise = {Action.BACK_OUT} & workflow.actions(shown.state, view.actor.role) if offers else set()
    return view.render(
        "requests/page.html", status=tried.status, shown=shown, is_full=is_full, version=version_of(answer),
        deeds=[deed for deed in DEEDS if deed.action in actions and not deed.has_page], actions=actions, gates=found,
        gate_values=_gate_values(found, tried), history=history(view, request_id) if is_historian else (),
        reasons=_told(reasons, shown.state), offers=offers,
        hints=_hints(view, shown),
        overrides=approvals.list_overrides(request_id, view.context, view.actor) if is_historian else (),
        problem=tried.box(view), tried=tried, values=tried.values, faults=tried.faults(view), call_key=new_key(),
        done=done, warned=warned, address=address, may_read=_may_read(view, request_id, shown.state),
        is_open=shown.state in OPEN, names=names, reason_options=lambda deed: names.reasons(view, deed.codes),
        ask=tried.path or ask, transfer=transfer.of_request(view, request_id),
        questions=why.questions(view, shown.state),
        back=way_back(view, _done_actions(done), shown.state, actions | promise),
        only_looks=view.actor.role is Role.LTRAKO,
        may_place=Action.ACCEPT in actions
        or (view.actor.role in (*_ZABS, Role.LTRAKO) and shown.state in _UNPLACED),
    )  # fmt: skip


def _done_actions(done: str) -> tuple[Action, ...]:
    """Return the action that a form stands for; a new request may have gone into the pool."""
    return (Action.POOL,) if done == "entered" else tuple(deed.action for deed in DEEDS if deed.path == done)


def _actions(view: View, request_id: uuid.UUID, state: State) -> set[Action]:
    """Return what the reader may do to a request in coarse form: stop it, and what leads settle."""
    found = set(workflow.actions(state, view.actor.role))
    if view.actor.is_zab:
        with view.context.store.reading() as session:
            row = rows.find(session, view.actor, request_id)
            if row is None or not rows.is_concerned(session, view.actor, row):
                found -= {Action.RESUME, Action.SETTLE, Action.RETURN_TO_ABH}
    return found


def _told(reasons: Reasons | None, state: State) -> Reasons | None:
    """Return why there is no seat, where that is a question: while it waits, or where something stands against it."""
    if reasons is None or state not in _UNPLACED or not (reasons.items or state in WAITING):
        return None
    return reasons


def history(view: View, request_id: uuid.UUID) -> list[tuple[DecisionShown, str]]:
    """Return the steps of a request as far as the reader may see them, each with the ZAB that it concerns."""
    found = requests.list_decisions(request_id, view.context, view.actor, whole(view)).items
    with view.context.store.reading() as session:
        codes = {}
        for key in {each.zab for each in found if each.zab is not None}:
            row = rows.organisation(session, key)
            codes[key] = "" if row is None else names.zab(row.code)
    return [(each, "" if each.zab is None else codes[each.zab]) for each in found]


def _gate_values(found: GatesShown | None, tried: Tried) -> dict[str, str]:
    if tried.path == "gates":
        return tried.values
    return {} if found is None else content.gate_fields(found.stated)


def _offers(view: View, request_id: uuid.UUID) -> list[uuid.UUID]:
    """Return the live proposal of a request where the reader may see it."""
    with view.context.store.reading() as session:
        live = proposal_rows.live(session, request_id)
        if live is None or proposal_rows.find(session, view.actor, live.id) is None:
            return []
        return [live.id]


def _hints(view: View, shown: Any) -> list[HintShown]:
    """Return what of an open request of one's own no run could place."""
    if view.actor.role is not Role.ABH or shown.state not in OPEN:
        return []
    stated = RequestContent.model_validate_json(shown.content.model_dump_json())
    with view.context.store.reading() as session:
        return list(Hints(session, now=view.now).of(stated))


def _may_read(view: View, request_id: uuid.UUID, state: State) -> bool:
    """Whether the form to read the address is of use: whether it may be read the service decides, and logs."""
    if view.actor.role is Role.ABH:
        return state in OPEN
    if view.actor.role not in _ZABS:
        return False
    with view.context.store.reading() as session:
        row = rows.find(session, view.actor, request_id)
        return row is not None and rows.promising_zab(session, row) == view.actor.organisation_id
