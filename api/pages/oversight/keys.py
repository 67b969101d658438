"""One's own API keys: made and shown once, revoked."""

from __future__ import annotations

import json
import uuid

from fastapi import APIRouter, Response
from fastapi.responses import HTMLResponse

from api.errors import Problem
from api.pages import forms, problems
from api.pages.faults import faults
from api.pages.sent import NOTHING, InSent, Sent, new_key, once, refused, whole
from api.pages.view import InView, View
from api.routes import api_keys as api
from api.schemas.accounts import KeyNew

router = APIRouter()


@router.get("/me/keys", include_in_schema=False)
def show(view: InView) -> HTMLResponse:
    """Show the keys of the viewer, without their secrets."""
    return _page(view)


@router.post("/me/keys", include_in_schema=False)
def make(view: InView, sent: InSent) -> Response:
    """Make a key, shown in this answer and never again."""

    def work() -> Response:
        body = forms.read(KeyNew, {"label": sent.text("label"), "expires_at": sent.instant("expires_at")})
        return api.make_my_key(body, view.context, view.actor, once(view, sent))

    answer, problem = refused(work)
    secret = "" if answer is None else str(json.loads(bytes(answer.body)).get("key") or "")
    return _page(view, problem, sent, secret=secret, is_made=answer is not None)


@router.post("/me/keys/{key_id}/revoke", include_in_schema=False)
def revoke(view: InView, key_id: uuid.UUID) -> Response:
    """Make a key worthless at once."""
    api.revoke_my_key(key_id, view.context, view.actor)
    return view.go_to("/me/keys")


def _page(
    view: View, problem: Problem | None = None, sent: Sent = NOTHING, *, secret: str = "",
    is_made: bool = False,
) -> HTMLResponse:  # fmt: skip
    return view.render(
        "oversight/keys.html", status=200 if problem is None else problem.status, secret=secret, is_made=is_made,
        keys=api.list_my_keys(view.context, view.actor, whole(view)).items, sent=NOTHING if is_made else sent,
        call_key=new_key(), faults=faults(view, problem),
        problem="" if problem is None else problems.shown(view, problem),
    )  # fmt: skip
