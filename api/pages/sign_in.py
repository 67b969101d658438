"""Signing in and out, own password, language and appearance."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse

from api.errors import Code, Problem
from api.pages import forms, problems
from api.pages.faults import faults
from api.pages.navigation import first_page
from api.pages.view import LANGUAGE_COOKIE, THEME_COOKIE, THEMES, AnybodysView, AnyView, InView, View, page_around
from api.repositories import accounts
from api.routes import sign_in as api
from api.schemas.accounts import Credentials, NewPassword
from api.web.authentication import identified, is_https
from api.web.sign_in_state import client_of
from api.words import Language

router = APIRouter()
_YEAR = 365 * 24 * 3600
Text = Annotated[str, Form(max_length=2000)]


@router.get("/", include_in_schema=False)
def start(view: InView) -> Response:
    """Send somebody to the first page of the role."""
    return view.go_to(first_page(view.actor.role))


@router.get("/sign-in", include_in_schema=False)
def show(view: AnybodysView, next: str = "/") -> HTMLResponse:  # noqa: A002  # the name in the address
    """Ask who it is."""
    return _form(view, next, None)


@router.post("/sign-in", include_in_schema=False)
def sign_in(
    view: AnybodysView,
    request: Request,
    login: Text = "",
    password: Text = "",
    next: Text = "/",  # noqa: A002
) -> Response:
    """Sign in with a password."""
    answer = view.go_to(_own(next))
    try:
        body = forms.read(Credentials, {"login": login, "password": password})
        me = api.sign_in_with_password(body, request, answer, view.context)
    except Problem as problem:
        if problem.code not in (Code.SIGN_IN_FAILED, Code.BODY_INVALID):
            raise
        # What exactly is wrong with a login or a password nobody is told.
        return _form(view, next, Problem(Code.SIGN_IN_FAILED, ""), status=401, login=login)
    if me.must_change_password:
        answer.headers["location"] = "/password"
    return answer


@router.post("/sign-out", include_in_schema=False)
def sign_out(view: AnyView, request: Request) -> Response:
    """End the session."""
    ended = api.sign_out(request, view.context, view.actor)
    answer = view.go_to("/sign-in")
    answer.headers["set-cookie"] = ended.headers["set-cookie"]
    return answer


@router.get("/password", include_in_schema=False)
def ask_password(view: AnyView) -> HTMLResponse:
    """Ask for a new password."""
    return view.render("password.html", problem="", faults={})


@router.post("/password", include_in_schema=False)
def change_password(view: AnyView, request: Request, current: Text = "", new: Text = "", again: Text = "") -> Response:
    """Change the own password."""
    try:
        if new != again:
            return _refused_password(view, {"again": view.say("Die beiden Eingaben sind verschieden.")})
        body = forms.read(NewPassword, {"current_password": current, "new_password": new})
        api.change_password(body, request, view.context, view.actor)
    except Problem as problem:
        if problem.code not in (Code.VALUE_REFUSED, Code.BODY_INVALID):
            raise
        names = {"current_password": "current", "new_password": "new"}
        found = {names.get(name, "new"): told for name, told in faults(view, problem).items()}
        return _refused_password(view, found or {"new": ""}, problem.code)
    return view.go_to("/")


def _refused_password(view: View, told: dict[str, str], code: Code = Code.VALUE_REFUSED) -> Response:
    """Show the form again, with why at each field."""
    return view.render("password.html", status=422, problem=problems.shown(view, Problem(code, "")), faults=told)


@router.get("/me", include_in_schema=False)
def me(view: InView) -> HTMLResponse:
    """Show who is signed in, and what can be set."""
    return view.render("me.html", may=api.me(view.context, view.actor).may)


@router.post("/language", include_in_schema=False)
def choose_language(view: AnybodysView, request: Request, language: Text, back: Text = "/") -> Response:
    """Choose the language: kept with the account, or in a cookie where nobody is signed in."""
    chosen = Language(language) if language in set(Language) else Language.DE
    # The browser knows the page as it is now, with its filters; what the form brings is the page as it was made.
    answer = view.go_to(_own(page_around(request) if "referer" in request.headers else back))
    try:
        actor = identified(request, view.context).actor
    except Problem:
        actor = None
    if actor is not None:
        with view.context.store.writing() as session:
            accounts.account_of(session, actor).language = chosen.value
    _keep(answer, view, LANGUAGE_COOKIE, chosen.value)
    return answer


@router.post("/theme", include_in_schema=False)
def choose_theme(view: AnybodysView, theme: Text = "", back: Text = "/") -> Response:
    """Choose light, dark, or what the browser says."""
    answer = view.go_to(_own(back))
    _keep(answer, view, THEME_COOKIE, theme if theme in THEMES else "")
    return answer


def _form(view: View, back: str, problem: Problem | None, *, status: int = 200, login: str = "") -> HTMLResponse:
    settings = view.context.settings
    return view.render(
        "sign_in.html", status=status, back=_own(back), login=login,
        problem="" if problem is None else problems.shown(view, problem),
        has_accounts=settings.local_accounts, has_provider=client_of(view.context) is not None,
    )  # fmt: skip


def _keep(answer: Response, view: View, name: str, value: str) -> None:
    answer.set_cookie(
        name, value, max_age=_YEAR, path="/", secure=is_https(view.context), httponly=True, samesite="lax"
    )


def _own(address: str) -> str:
    """Return an address of this service; ``/`` for any other: nobody is sent elsewhere after signing in."""
    is_own = address.startswith("/") and not address.startswith(("//", "/\\")) and "\n" not in address
    return address if is_own and not address.startswith("/sign-in") else "/"
