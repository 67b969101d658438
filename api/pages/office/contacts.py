"""Contacts of the ZRK in states of destination: offices with functional addresses, never persons."""

from __future__ import annotations

import uuid
from typing import Annotated, Any

from fastapi import APIRouter, Response
from fastapi.responses import HTMLResponse

from api.errors import Problem
from api.pages import forms, problems
from api.pages.faults import faults
from api.pages.roles import like
from api.pages.sent import NOTHING, InSent, Sent, address, new_key, once, refused, version_of
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


@router.get("/contacts/new", include_in_schema=False)
def ask_new(view: InContacts) -> HTMLResponse:
    """Show the form for a new office."""
    return _form(view, None)


@router.post("/contacts/new", include_in_schema=False)
def create(view: InContacts, sent: InSent) -> Response:
    """Enter an office."""

    def work() -> Response:
        body = forms.read(ContactContent, _said(sent))
        return api.create_contact(body, view.context, view.actor, once(view, sent))

    _, problem = refused(work)
    return view.go_to("/contacts") if problem is None else _form(view, None, problem, sent)


@router.get("/contacts/{contact_id}", include_in_schema=False)
def show(view: InContacts, contact_id: uuid.UUID) -> HTMLResponse:
    """Show an office with the form to change it."""
    return _form(view, contact_id)


@router.post("/contacts/{contact_id}", include_in_schema=False)
def change(view: InContacts, contact_id: uuid.UUID, sent: InSent) -> Response:
    """Say anew what an office is, or take it out of use or back."""

    def work() -> ContactShown:
        context, actor, seen = view.context, view.actor, sent.if_match
        if sent.text("action") == "retire":
            return api.retire_contact(contact_id, Response(), context, actor, seen)
        if sent.text("action") == "reinstate":
            return api.reinstate_contact(contact_id, Response(), context, actor, seen)
        body = forms.read(ContactContent, _said(sent))
        return api.change_contact(contact_id, body, Response(), context, actor, seen)

    _, problem = refused(work)
    return view.go_to("/contacts") if problem is None else _form(view, contact_id, problem, sent)


def _said(sent: Sent) -> dict[str, Any]:
    names = ("body", "office", "phone", "mail", "notes")
    return {
        **{name: sent.text(name) for name in names}, "state": sent.text("state").upper(),
        "languages": [each.lower() for each in sent.words("languages")],
    }  # fmt: skip


def _form(
    view: View, contact_id: uuid.UUID | None, problem: Problem | None = None, sent: Sent = NOTHING
) -> HTMLResponse:
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
