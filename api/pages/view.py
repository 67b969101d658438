"""What every page gets: who looks at it, in which language, and how it is made from a template."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote, urlsplit

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from api.actor import Actor
from api.db.tables import Account
from api.errors import Code, Problem
from api.pages import language as told
from api.pages import place_names, tour
from api.pages.navigation import Entry, entries
from api.pages.sources import source_told
from api.repositories import accounts
from api.texts import ACTIONS, ROLES, STATES, in_language
from api.web.authentication import Caller, identified
from api.web.context import Context, InContext
from api.words import Language
from api.workflow import Role

TEMPLATES = Path(__file__).parents[1] / "templates"
STATIC = Path(__file__).parents[1] / "static"
LANGUAGE_COOKIE = "restplatz_language"
"""What somebody chose who is not signed in; of accounts the language is kept with the account."""
THEME_COOKIE = "restplatz_theme"
THEMES = ("light", "dark")
"""Light or dark; without the cookie as the browser says."""
PAIRS: Mapping[str, Mapping[Any, tuple[str, str]]] = {"state": STATES, "action": ACTIONS, "role": ROLES}
"""Texts of codes that most pages show."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewer:
    """Who is signed in."""

    actor: Actor
    login: str
    organisation: str
    organisation_name: str
    must_change_password: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """One look at one page."""

    request: Request
    context: Context
    language: Language
    viewer: Viewer | None = None

    @property
    def now(self) -> datetime:
        """The present instant."""
        return self.context.now

    @property
    def actor(self) -> Actor:
        """Who looks; only on pages for people who are signed in."""
        if self.viewer is None:
            raise AssertionError("a page for anybody asks who looks at it")
        return self.viewer.actor

    @property
    def is_part(self) -> bool:
        """Whether htmx asks for a part of a page."""
        return "hx-request" in self.request.headers

    @property
    def path(self) -> str:
        """Address of the page, without its query."""
        return self.request.url.path

    @property
    def request_id(self) -> str:
        """The id of the call, to tell the operators."""
        return str(getattr(self.request.state, "request_id", ""))

    @property
    def theme(self) -> str:
        """Light or dark, where somebody chose."""
        theme = self.request.cookies.get(THEME_COOKIE, "")
        return theme if theme in THEMES else ""

    @property
    def navigation(self) -> tuple[Entry, ...]:
        """What stands in the bar for whoever is signed in."""
        return () if self.viewer is None else entries(self.viewer.actor.role)

    @property
    def tour(self) -> tour.Step | None:
        """The step of the guided tour that the address asks for."""
        if self.viewer is None:
            return None
        return tour.step(self.viewer.actor.role, self.path, self.request.query_params.get("tour", ""))

    @property
    def tour_begin(self) -> str:
        """Address of the first step of the tour."""
        return "" if self.viewer is None else tour.begin(self.viewer.actor.role)

    def say(self, message: str) -> str:
        """Return a text in the language of the page."""
        return told.catalogue(self.language).gettext(message)

    def render(self, template: str, /, *, status: int = 200, **values: Any) -> HTMLResponse:
        """Return the page that a template makes of ``values``."""
        return HTMLResponse(self.made(template, **values), status_code=status)

    def made(self, template: str, /, **values: Any) -> str:
        """Return what a template makes of ``values``, ``view``, and the three that nearly every template names."""
        return (
            _environment(self.language)
            .get_template(template)
            .render(view=self, viewer=self.viewer, language=self.language.value, now=self.now, **values)
        )

    def go_to(self, path: str) -> Response:
        """Return the answer that sends the browser on, after something was done."""
        if self.is_part:
            return Response(status_code=204, headers={"HX-Redirect": path})
        return RedirectResponse(path, status_code=303)


def view_of(request: Request, context: Context, viewer: Viewer | None = None, own: str | None = None) -> View:
    """Return the look of a call; ``own`` is the language of the account."""
    chosen = own or request.cookies.get(LANGUAGE_COOKIE, "")
    by_browser = told.preferred(request.headers.get("accept-language", ""))
    language = Language(chosen) if chosen in set(Language) else by_browser
    return View(request=request, context=context, language=language, viewer=viewer)


def anybody(request: Request, context: InContext) -> View:
    """Return the look of somebody who need not be signed in."""
    return view_of(request, context)


def seen_by_caller(request: Request, context: InContext, caller: Annotated[Caller, Depends(identified)]) -> View:
    """Return the look of somebody who is signed in, also where the password must be changed first.

    Raises
    ------
    Problem
        ``not_signed_in`` (401), which becomes the page to sign in.
    """
    with context.store.reading() as session:
        account: Account = accounts.account_of(session, caller.actor)
        viewer = Viewer(
            actor=caller.actor, login=account.login, organisation=account.organisation.code,
            organisation_name=account.organisation.name, must_change_password=caller.must_change_password,
        )  # fmt: skip
        return view_of(request, context, viewer, account.language)


def seen(view: Annotated[View, Depends(seen_by_caller)]) -> View:
    """Return the look of somebody who is signed in and may do what the role may.

    Raises
    ------
    Problem
        As ``seen_by_caller``; ``role_may_not`` (403) where the password must be changed first, which becomes that page.
    """
    if view.viewer is not None and view.viewer.must_change_password:
        raise Problem(Code.ROLE_MAY_NOT, "Set a password of your own first.", more={"page": "/password"})
    return view


AnybodysView = Annotated[View, Depends(anybody)]
AnyView = Annotated[View, Depends(seen_by_caller)]
InView = Annotated[View, Depends(seen)]


def may_view(*roles: Role) -> Any:
    """Return the dependency that lets only these roles look: ``view: Annotated[View, may_view(Role.ABH)]``."""
    allowed = frozenset(roles)

    def check(view: InView) -> View:
        if view.actor.role not in allowed:
            raise Problem(Code.ROLE_MAY_NOT, "This page is for other roles.")
        return view

    check.roles = allowed  # type: ignore[attr-defined]
    return Depends(check)


def sign_in_address(request: Request) -> str:
    """Return the page to sign in, which leads back to where somebody was: of a form or a part to the page around it."""
    is_page = request.method == "GET" and "hx-request" not in request.headers
    back = _local(str(request.url)) if is_page else page_around(request)
    return "/sign-in" if back == "/" else f"/sign-in?next={quote(back, safe='')}"


def page_around(request: Request) -> str:
    """Return the address of the page on which a form was sent or a part asked for; ``/`` where no browser says it."""
    return _local(request.headers.get("hx-current-url") or request.headers.get("referer", ""))


def _local(url: str) -> str:
    """Return path and query of an address; the host may be another one behind a proxy."""
    parts = urlsplit(url)
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


@cache
def static_address(name: str) -> str:
    """Return the address of a file that ships: it changes with the file, so that browsers may keep it for good."""
    return f"/static/{hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]}/{name}"


@cache
def _environment(language: Language) -> Environment:
    made = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True, extensions=["jinja2.ext.i18n"], auto_reload=False,
    )  # fmt: skip
    made.install_gettext_translations(told.catalogue(language), newstyle=True)  # type: ignore[attr-defined]
    made.globals.update(static=static_address, Role=Role)
    made.filters.update(
        day=lambda at: told.told_day(at, language), clock=lambda at: told.told_time(at, language),
        instant=lambda at: told.told_instant(at, language), number=lambda value: told.told_number(value, language),
        money=lambda euros: told.told_money(euros, language),
        month=lambda first: told.told_month(first, language),
        span=lambda span: told.told_span(span, language),
        minutes=lambda count: told.told_span(timedelta(minutes=count), language),
        place=place_names.place, zab=place_names.zab, office=lambda code: place_names.office(code, language),
        told=lambda text: told.told_fault(text, language),
        handle=place_names.handle, source=lambda text: source_told(text, language),
        lang=lambda texts: texts.get(language.value, ""),
        pair=lambda pair: in_language(pair, language),
        text=lambda text: getattr(text, language.value),
        options=lambda pairs: [(key, in_language(pair, language)) for key, pair in pairs.items()],
        **{name: _of_code(texts, language) for name, texts in PAIRS.items()},
    )  # fmt: skip
    return made


def _of_code(texts: Mapping[Any, tuple[str, str]], language: Language) -> Any:
    return lambda code: in_language(texts[code], language) if code in texts else str(code)
