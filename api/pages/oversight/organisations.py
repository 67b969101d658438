"""Organisations, for admins: the authorities that work with the exchange."""

from __future__ import annotations

import uuid
from typing import Any

from fastapi import APIRouter, Response
from fastapi.responses import HTMLResponse

from api.db.tables import OrganisationKind
from api.errors import Problem
from api.pages import forms, problems
from api.pages.faults import faults
from api.pages.oversight.accounts import InAccounts
from api.pages.sent import NOTHING, InSent, Sent, address, new_key, once, refused, version_of
from api.pages.view import View
from api.routes import organisations as api
from api.schemas.accounts import OrganisationChange, OrganisationNew, OrganisationShown
from api.texts import Pair
from api.web.paging import InPages

router = APIRouter()
KINDS: dict[OrganisationKind, Pair] = {
    OrganisationKind.ABH: ("Ausländerbehörde", "foreigners authority"),
    OrganisationKind.ZAB: ("Zentrale Ausländerbehörde", "central foreigners authority"),
    OrganisationKind.LTRAKO: ("Landestransportkoordination", "transport coordination of the Land"),
    OrganisationKind.ZFA: ("Zentrale Flugabschiebung", "central flight office"),
    OrganisationKind.ZRK: ("Zentrale Rückkehrkoordination", "central return coordination"),
    OrganisationKind.AUDIT: ("Datenschutz", "data protection"),
    OrganisationKind.OPERATION: ("Betrieb", "operation"),
}


@router.get("/accounts/organisations", include_in_schema=False)
def show_list(view: InAccounts, pages: InPages) -> HTMLResponse:
    """Show organisations by their codes."""
    found = api.list_organisations(view.context, view.actor, pages)
    return view.render(
        "oversight/organisations.html", organisations=found.items, kinds=KINDS,
        more=address("/accounts/organisations", {"after": found.next}) if found.next else "",
    )  # fmt: skip


@router.get("/accounts/organisations/new", include_in_schema=False)
def ask_new(view: InAccounts) -> HTMLResponse:
    """Show the form for a new organisation."""
    return _form(view, None)


@router.post("/accounts/organisations/new", include_in_schema=False)
def create(view: InAccounts, sent: InSent) -> Response:
    """Create an organisation."""

    def work() -> Response:
        names = ("code", "kind", "name", "ags", "zab")
        body = forms.read(OrganisationNew, {name: sent.text(name) for name in names})
        return api.create_organisation(body, view.context, view.actor, once(view, sent))

    _, problem = refused(work)
    return view.go_to("/accounts/organisations") if problem is None else _form(view, None, problem, sent)


@router.get("/accounts/organisations/{organisation_id}", include_in_schema=False)
def show(view: InAccounts, organisation_id: uuid.UUID) -> HTMLResponse:
    """Show an organisation with the form to change it."""
    return _form(view, organisation_id)


@router.post("/accounts/organisations/{organisation_id}", include_in_schema=False)
def change(view: InAccounts, organisation_id: uuid.UUID, sent: InSent) -> Response:
    """Rename an organisation, switch it off or on."""

    def work() -> OrganisationShown:
        action = sent.text("action")
        said: dict[str, Any] = {"name": sent.text("name")}
        if action in ("activate", "deactivate"):
            said = {"is_active": action == "activate"}
        body = forms.read(OrganisationChange, said)
        return api.change_organisation(organisation_id, body, Response(), view.context, view.actor, sent.if_match)

    _, problem = refused(work)
    if problem is None:
        return view.go_to(f"/accounts/organisations/{organisation_id}")
    return _form(view, organisation_id, problem, sent)


def _form(
    view: View, organisation_id: uuid.UUID | None, problem: Problem | None = None, sent: Sent = NOTHING
) -> HTMLResponse:
    answer = Response()
    found = None
    if organisation_id is not None:
        found = api.show_organisation(organisation_id, answer, view.context, view.actor)
    return view.render(
        "oversight/organisation.html", status=200 if problem is None else problem.status, organisation=found,
        kinds=KINDS, sent=sent, version=version_of(answer), call_key=new_key(), faults=faults(view, problem),
        problem="" if problem is None else problems.shown(view, problem),
    )  # fmt: skip
