"""Accounts, for admins: who may sign in and as what; passwords are shown once, in the answer that makes them."""

from __future__ import annotations

import json
import uuid
from typing import Annotated, Any

from fastapi import APIRouter, Response
from fastapi.responses import HTMLResponse

from api.errors import Problem
from api.pages import forms, problems
from api.pages.faults import faults
from api.pages.roles import like
from api.pages.sent import NOTHING, InSent, Sent, address, new_key, once, refused, version_of, whole
from api.pages.view import View
from api.routes import accounts as api
from api.routes import api_keys, organisations
from api.schemas.accounts import AccountChange, AccountNew, AccountShown, OrganisationShown
from api.texts import ROLES
from api.web.paging import InPages, Paging
from api.workflow import Role

router = APIRouter()
InAccounts = Annotated[View, like(api.Admin)]
GIVEN = {role: pair for role, pair in ROLES.items() if role is not Role.SYSTEM}
"""Roles that an account can have."""


@router.get("/accounts", include_in_schema=False)
def show_list(view: InAccounts, pages: InPages, role: str = "", organisation: str = "") -> HTMLResponse:
    """Show accounts by their logins."""
    known = all_organisations(view, pages)
    of = next((each.id for each in known if str(each.id) == organisation), None)
    chosen = Role(role) if role in set(Role) else None
    found = api.list_accounts(view.context, view.actor, pages, of, chosen)
    query = {"role": role, "organisation": organisation, "after": found.next}
    return view.render(
        "oversight/accounts.html", accounts=found.items, roles=GIVEN, role=role, organisation=organisation,
        organisations=known, names={each.id: each.name for each in known},
        more=address("/accounts", query) if found.next else "",
    )  # fmt: skip


@router.get("/accounts/new", include_in_schema=False)
def ask_new(view: InAccounts, pages: InPages) -> HTMLResponse:
    """Show the form for a new account."""
    return _new(view, pages)


@router.post("/accounts/new", include_in_schema=False)
def create(view: InAccounts, pages: InPages, sent: InSent) -> Response:
    """Make an account; where it has a password, that is shown this once."""

    def work() -> Response:
        names = ("login", "role", "organisation_id", "subject")
        body = forms.read(AccountNew, {name: sent.text(name) for name in names})
        return api.create_account(body, view.context, view.actor, once(view, sent))

    answer, problem = refused(work)
    if answer is None:
        return _new(view, pages, problem, sent)
    made = json.loads(bytes(answer.body))
    return _page(view, pages, uuid.UUID(made["id"]), password=made.get("password") or "")


@router.get("/accounts/{account_id}", include_in_schema=False)
def show(view: InAccounts, pages: InPages, account_id: uuid.UUID) -> HTMLResponse:
    """Show an account with what can be done to it."""
    return _page(view, pages, account_id)


@router.post("/accounts/{account_id}", include_in_schema=False)
def change(view: InAccounts, pages: InPages, account_id: uuid.UUID, sent: InSent) -> Response:
    """Give an account another role, switch it off or on, or unlock it."""

    def work() -> AccountShown:
        action = sent.text("action")
        if action == "unlock":
            return api.unlock(account_id, Response(), view.context, view.actor)
        said: dict[str, Any] = {"role": sent.text("role")}
        if action in ("activate", "deactivate"):
            said = {"is_active": action == "activate"}
        body = forms.read(AccountChange, said)
        return api.change_account(account_id, body, Response(), view.context, view.actor, sent.if_match)

    _, problem = refused(work)
    return view.go_to(f"/accounts/{account_id}") if problem is None else _page(view, pages, account_id, problem)


@router.post("/accounts/{account_id}/password", include_in_schema=False)
def reset_password(view: InAccounts, pages: InPages, account_id: uuid.UUID) -> Response:
    """Give an account a new password, shown in this answer and never again."""
    given, problem = refused(lambda: api.reset_password(account_id, view.context, view.actor).password)
    return _page(view, pages, account_id, problem, password=given or "")


@router.post("/accounts/{account_id}/keys/{key_id}", include_in_schema=False)
def revoke_key(view: InAccounts, account_id: uuid.UUID, key_id: uuid.UUID) -> Response:
    """Make a key of an account worthless at once."""
    api_keys.revoke_key(account_id, key_id, view.context, view.actor)
    return view.go_to(f"/accounts/{account_id}")


def all_organisations(view: View, pages: Paging) -> list[OrganisationShown]:
    """Return organisations for a choice: all of them, page by page."""
    found: list[OrganisationShown] = []
    part = whole(pages)
    while True:
        page = organisations.list_organisations(view.context, view.actor, part)
        found += page.items
        if page.next is None:
            return found
        part = Paging(part.limit, page.next, part.key)


def _page(
    view: View, pages: Paging, account_id: uuid.UUID, problem: Problem | None = None, *, password: str = ""
) -> HTMLResponse:
    answer = Response()
    account = api.show_account(account_id, answer, view.context, view.actor)
    owner = organisations.show_organisation(account.organisation_id, Response(), view.context, view.actor)
    return view.render(
        "oversight/account.html", status=200 if problem is None else problem.status, account=account, owner=owner,
        roles=GIVEN, version=version_of(answer), password=password, faults=faults(view, problem),
        keys=api_keys.list_keys(account_id, view.context, view.actor, whole(pages)).items,
        problem="" if problem is None else problems.shown(view, problem),
    )  # fmt: skip


def _new(view: View, pages: Paging, problem: Problem | None = None, sent: Sent = NOTHING) -> HTMLResponse:
    return view.render(
        "oversight/account_new.html", status=200 if problem is None else problem.status, sent=sent, roles=GIVEN,
        organisations=[(each.id, f"{each.name} ({each.code})") for each in all_organisations(view, pages)],
        call_key=new_key(), faults=faults(view, problem),
        problem="" if problem is None else problems.shown(view, problem),
    )  # fmt: skip
