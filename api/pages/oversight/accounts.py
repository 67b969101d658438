"""Accounts, for admins: who may sign in and as what; passwords are shown once, in the answer that makes them."""

from __future__ import annotations

import json
import uuid
from typing import Annotated

from fastapi import APIRouter, Response
from fastapi.responses import HTMLResponse

from api.errors import Problem
from api.pages import forms, problems
from api.pages.faults import faults
from api.pages.records import Record, Step
from api.pages.roles import like
from api.pages.sent import Sent, address, new_key, refused, version_of, whole
from api.pages.view import View
from api.routes import accounts as api
from api.routes import api_keys, organisations
from api.schemas.accounts import AccountChange, AccountNew, OrganisationShown
from api.texts import ROLES
from api.web.authentication import identity_provider
from api.web.paging import InPages, Paging
from api.workflow import Role

router = APIRouter()
InAccounts = Annotated[View, like(api.Admin)]
GIVEN = {role: pair for role, pair in ROLES.items() if role is not Role.SYSTEM}
"""Roles that an account can have."""


@router.get("/accounts", include_in_schema=False)
def show_list(view: InAccounts, pages: InPages, role: str = "", organisation: str = "") -> HTMLResponse:
    """Show accounts by their logins."""
    known = all_organisations(view)
    of = next((each.id for each in known if str(each.id) == organisation), None)
    chosen = Role(role) if role in set(Role) else None
    found = api.list_accounts(view.context, view.actor, pages, of, chosen)
    query = {"role": role, "organisation": organisation, "after": found.next}
    return view.render(
        "oversight/accounts.html", accounts=found.items, roles=GIVEN, role=role, organisation=organisation,
        organisations=known, names={each.id: each.name for each in known},
        more=address("/accounts", query) if found.next else "",
    )  # fmt: skip


@router.post("/accounts/{account_id}/password", include_in_schema=False)
def reset_password(view: InAccounts, account_id: uuid.UUID) -> Response:
    """Give an account a new password, shown in this answer and never again."""
    given, problem = refused(lambda: api.reset_password(account_id, view.context, view.actor).password)
    return _page(view, account_id, problem, password=given or "")


@router.post("/accounts/{account_id}/keys/{key_id}", include_in_schema=False)
def revoke_key(view: InAccounts, account_id: uuid.UUID, key_id: uuid.UUID) -> Response:
    """Make a key of an account worthless at once."""
    api_keys.revoke_key(account_id, key_id, view.context, view.actor)
    return view.go_to(f"/accounts/{account_id}")


def all_organisations(view: View) -> list[OrganisationShown]:
    """Return organisations for a choice: all of them, page by page."""
    found: list[OrganisationShown] = []
    part = whole(view)
    while True:
        page = organisations.list_organisations(view.context, view.actor, part)
        found += page.items
        if page.next is None:
            return found
        part = Paging(part.limit, page.next, part.key)


def _form(view: View, account_id: uuid.UUID | None, problem: Problem | None, sent: Sent) -> HTMLResponse:
    if account_id is None:
        return _new(view, problem, sent)
    return _page(view, account_id, problem, subject=sent.text("subject"))


def _made(view: View, answer: Response) -> Response:
    """Show the account; where it has a password, this once."""
    made = json.loads(bytes(answer.body))
    return _page(view, uuid.UUID(made["id"]), password=made.get("password") or "")


def _switched(is_active: bool) -> Step:
    body = AccountChange(is_active=is_active)
    return lambda view, key, sent: api.change_account(key, body, Response(), view.context, view.actor, sent.if_match)


def _page(
    view: View, account_id: uuid.UUID, problem: Problem | None = None, *, password: str = "", subject: str = ""
) -> HTMLResponse:
    answer = Response()
    account = api.show_account(account_id, answer, view.context, view.actor)
    owner = organisations.show_organisation(account.organisation_id, Response(), view.context, view.actor)
    return view.render(
        "oversight/account.html", status=200 if problem is None else problem.status, account=account, owner=owner,
        roles=GIVEN, version=version_of(answer), password=password, subject=subject or account.subject or "",
        has_provider=identity_provider(view.context) is not None, faults=faults(view, problem),
        keys=api_keys.list_keys(account_id, view.context, view.actor, whole(view)).items,
        problem="" if problem is None else problems.shown(view, problem),
    )  # fmt: skip


def _new(view: View, problem: Problem | None, sent: Sent) -> HTMLResponse:
    return view.render(
        "oversight/account_new.html", status=200 if problem is None else problem.status, sent=sent, roles=GIVEN,
        organisations=[(each.id, f"{each.name} ({each.code})") for each in all_organisations(view)],
        call_key=new_key(), faults=faults(view, problem),
        problem="" if problem is None else problems.shown(view, problem),
    )  # fmt: skip


Record(
    path="/accounts", key="account_id", reader=api.Admin, writer=api.Admin,
    new=AccountNew, content=AccountChange,
    said=lambda sent: {"role": sent.text("role")}, names=("login", "organisation_id", "subject"),
    create=api.create_account, change=api.change_account, form=_form, created=_made,
    steps={
        "activate": _switched(is_active=True), "deactivate": _switched(is_active=False),
        "sign_in_there": lambda view, key, sent: api.change_account(
            key, forms.read(AccountChange, {"subject": sent.text("subject")}), Response(), view.context, view.actor,
            sent.if_match,
        ),
        "unlock": lambda view, key, sent: api.unlock(key, Response(), view.context, view.actor),  # noqa: ARG005  # at once
    },
).add_to(router)  # fmt: skip
