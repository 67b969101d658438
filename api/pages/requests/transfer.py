"""What the page of a Dublin transfer has besides: when its form went out, and how Amtshilfe is asked for."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from api.amtshilfe import LIVE
from api.pages import forms
from api.pages.roles import roles
from api.pages.sent import whole
from api.pages.view import View
from api.repositories import requests as rows
from api.routes import amtshilfe
from api.routes.requests import Historian
from api.schemas.dublin import AssignmentBody
from api.services import first_round, place_book
from optimizer.model import CaseType, Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """A Dublin transfer as its reader may go on with it.

    Parameters
    ----------
    case_id
        Amtshilfe case of the request that the reader may see, the newest one.
    may_note
        Whether the reader may note that the form went out.
    may_open
        Whether the reader may tell of an assignment.
    """

    form_sent_on: date | None
    case_id: uuid.UUID | None
    may_note: bool
    may_open: bool


def of_request(view: View, request_id: uuid.UUID) -> Transfer | None:
    """Return what there is to do about a transfer; ``None`` for any other measure, and for who may not see it so."""
    actor = view.actor
    if actor.role not in roles(Historian):
        return None
    with view.context.store.reading() as session:
        row = rows.find(session, actor, request_id)
        if row is None or row.content.get("case_type") != CaseType.DUBLIN:
            return None
        is_full = rows.is_full(session, actor, row)
        zab = first_round.zab_of(session, row.pickup_ags) if actor.is_zab else None
        is_teller = is_full if not actor.is_zab else zab is not None and zab.id == actor.organisation_id
        is_open = row.state in rows.DUBLIN_STATES
        has_deadline = row.deadline_at is not None and row.deadline_at > view.now
        sent_on = row.form_sent_on if is_full else None
    cases = amtshilfe.list_cases(view.context, actor, whole(view), request_id=request_id).items
    is_asked = any(each.state in LIVE for each in cases)
    return Transfer(
        form_sent_on=sent_on, case_id=cases[0].id if cases else None, may_note=is_full and is_open,
        may_open=is_teller and is_open and has_deadline and not is_asked,
    )  # fmt: skip


def assignment(said: Mapping[str, str]) -> AssignmentBody:
    """Return an assignment as the API takes it; a municipality is written by its name or its AGS.

    Raises
    ------
    Problem
        ``body_invalid`` (422).
    """
    found = place_book.find(said.get("municipality", ""))
    return forms.read(AssignmentBody, {**said, **({"municipality": found.ags} if isinstance(found, Place) else {})})
