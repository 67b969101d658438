"""Problems as pages: what happened, what to do, and the id of the call to tell the operators."""

from __future__ import annotations

from fastapi import Request
from fastapi.responses import Response

from api.errors import Code, Problem
from api.pages.faults import in_words
from api.pages.language import told_fault
from api.pages.view import View, seen_by_caller, sign_in_address, view_of
from api.texts_problems import PROBLEMS
from api.web.authentication import identified
from api.web.context import Context
from api.words import Language

API = ("/v1/", "/static/", "/metrics")
"""Whoever calls below these is no person with a browser."""


def is_page(request: Request) -> bool:
    """Return whether a person looks: an address of the pages, and a browser that wants HTML (or htmx for it)."""
    if request.url.path.startswith(API):
        return False
    return "hx-request" in request.headers or "text/html" in request.headers.get("accept", "")


def answer(request: Request, problem: Problem) -> Response:
    """Return the page of a problem; who is not signed in is asked to, and comes back to where it was."""
    view = _view(request)
    if problem.code is Code.NOT_SIGNED_IN:
        return view.go_to(sign_in_address(request))
    if "page" in problem.more:
        return view.go_to(str(problem.more["page"]))
    if problem.code is Code.METHOD_NOT_ALLOWED and request.method == "GET" and not view.is_part:
        # The address of a form that was refused, loaded anew: its page is the one above.
        return view.go_to(request.url.path.rstrip("/").rpartition("/")[0] or "/")
    template = "part_problem.html" if view.is_part else "problem.html"
    made = view.render(template, status=problem.status, **told(problem, view.language))
    for name, value in problem.headers.items():
        made.headers[name] = value
    return made


def _view(request: Request) -> View:
    """Return the look with the bar of whoever is signed in; without it where that cannot be found out."""
    context: Context = request.app.state.context
    try:
        return seen_by_caller(request, context, identified(request, context))
    except Problem:
        return view_of(request, context)


def shown(view: View, problem: Problem) -> str:
    """Return a problem as a box inside a page."""
    return view.made("part_problem.html", **told(problem, view.language))


def told(problem: Problem, language: Language) -> dict[str, object]:
    """Return what a template shows of a problem, in the language of the page."""
    at = 0 if language is Language.DE else 1
    happened, to_do = PROBLEMS[problem.code]
    return {
        "code": problem.code.value, "happened": happened[at], "to_do": to_do[at],
        "detail": told_fault(problem.detail, language), "more": problem.more,
        "errors": [in_words(each, language) for each in problem.errors],
    }  # fmt: skip
