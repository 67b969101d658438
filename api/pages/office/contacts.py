"""Contacts of the ZRK in states of destination: offices with functional addresses, never persons."""

from __future__ import annotations

import uuid
from typing import Annotated, Any

from fastapi import APIRouter, Response
from fastapi.responses import HTMLResponse

from api.errors import Problem
from api.pages import problems
from api.pages.faults import faults
from api.pages.records import Record, versioned
from api.pages.roles import like
from api.pages.sent import Sent, address, new_key, version_of
from api.pages.view import View
from api.routes import contacts as api
from api.schemas.contacts import ContactContent, ContactShown
from api.texts_measures import CONTACT_BODIES
from api.web.paging import InPages

router = APIRouter()
InContacts = Annotated[View, like(api.Keeper)]


@router.get("/contacts", include_in_schema=False)
def show_list(view: InContacts, pages: InPages, state: str = "") -> HTMLResponse:
    """Show offices by state of destination."""
    wanted = state.strip().upper()[:2]
    found = api.list_contacts(view.context, view.actor, pages, state=wanted or None)
    return view.render(
        "office/contacts.html", contacts=found.items, bodies=CONTACT_BODIES, state=wanted,
        more=address("/contacts", {"state": wanted, "after": found.next}) if found.next else "",
    )  # fmt: skip


def _said(sent: Sent) -> dict[str, Any]:
    names = ("body", "office", "phone", "mail", "notes")
    return {
        **{name: sent.text(name) for name in names}, "state": sent.text("state").upper(),
        "languages": [each.lower() for each in sent.words("languages")],
    }  # fmt: skip


def _form(view: View, contact_id: uuid.UUID | None, problem: Problem | None, sent: Sent) -> HTMLResponse:
    answer = Response()
    contact = None if contact_id is None else api.show_contact(contact_id, answer, view.context, view.actor)
    values = _said(sent) if problem is not None and sent.text("office") else _values(contact)
    return view.render(
        "office/contact.html", status=200 if problem is None else problem.status, contact=contact, values=values,
        version=version_of(answer), call_key=new_key(), faults=faults(view, problem), bodies=CONTACT_BODIES,
        problem="" if problem is None else problems.shown(view, problem),
    )  # fmt: skip


def _values(contact: ContactShown | None) -> dict[str, Any]:
    if contact is None:
        return {"state": "", "body": "", "office": "", "phone": "", "mail": "", "notes": "", "languages": []}
    content = contact.content
    return {
        "state": content.state, "body": content.body, "office": content.office, "phone": content.phone or "",
        "mail": content.mail or "", "notes": content.notes, "languages": list(content.languages),
    }  # fmt: skip


Record(
    path="/contacts", key="contact_id", reader=api.Keeper, writer=api.Keeper,
    new=ContactContent, content=ContactContent, said=_said,
    names=(), create=api.create_contact, change=api.change_contact, form=_form,
    steps={"retire": versioned(api.retire_contact), "reinstate": versioned(api.reinstate_contact)},
    changed=lambda view, key, action, answer: view.go_to("/contacts"),  # noqa: ARG005  # whatever was done
).add_to(router)  # fmt: skip
