"""The pages for people, in HTML: made on the server, with the services that the API has, and no rule of their own."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from api.errors import Problem
from api.pages import (
    board,
    fleet,
    office,
    oversight,
    paper,
    planning,
    problems,
    proposals,
    reports,
    requests,
    sign_in,
    static,
    what_if,
)

ROUTERS: tuple[APIRouter, ...] = (
    static.router,
    sign_in.router,
    *board.ROUTERS,
    *requests.ROUTERS,
    *proposals.ROUTERS,
    *paper.ROUTERS,
    *office.ROUTERS,
    *fleet.ROUTERS,
    *planning.ROUTERS,
    *what_if.ROUTERS,
    *reports.ROUTERS,
    *oversight.ROUTERS,
)


def problem_page(request: Request, problem: Problem) -> Response | None:
    """Return the page that tells a problem, where a person looks; ``None`` where a programme calls."""
    return problems.answer(request, problem) if problems.is_page(request) else None
