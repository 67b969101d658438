"""Organisations, for admins: the authorities that work with the exchange."""

from __future__ import annotations

import uuid

from fastapi import APIRouter, Response
from fastapi.responses import HTMLResponse

from api.db.tables import OrganisationKind
from api.errors import Problem
from api.pages import problems
from api.pages.faults import faults
from api.pages.oversight.accounts import InAccounts
from api.pages.records import Record, Step
from api.pages.sent import Sent, address, new_key, version_of
from api.pages.view import View
from api.routes import organisations as api
from api.routes.accounts import Admin
from api.schemas.accounts import OrganisationChange, OrganisationNew
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


def _switched(is_active: bool) -> Step:
    body = OrganisationChange(is_active=is_active)
    return lambda view, key, sent: api.change_organisation(
        key, body, Response(), view.context, view.actor, sent.if_match
    )


def _form(view: View, organisation_id: uuid.UUID | None, problem: Problem | None, sent: Sent) -> HTMLResponse:
    answer = Response()
    found = None
    if organisation_id is not None:
        found = api.show_organisation(organisation_id, answer, view.context, view.actor)
    return view.render(
        "oversight/organisation.html", status=200 if problem is None else problem.status, organisation=found,
        kinds=KINDS, sent=sent, version=version_of(answer), call_key=new_key(), faults=faults(view, problem),
        problem="" if problem is None else problems.shown(view, problem),
    )  # fmt: skip


Record(
    path="/accounts/organisations", key="organisation_id", reader=Admin, writer=Admin,
    new=OrganisationNew, content=OrganisationChange,
    said=lambda sent: {"name": sent.text("name")}, names=("code", "kind", "ags", "zab"),
    create=api.create_organisation, change=api.change_organisation, form=_form,
    steps={"activate": _switched(is_active=True), "deactivate": _switched(is_active=False)},
).add_to(router)  # fmt: skip
