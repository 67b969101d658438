"""Filters of the board that somebody keeps under a name."""

from __future__ import annotations

import uuid
from typing import Annotated
from urllib.parse import parse_qs

from fastapi import APIRouter, Form, Response

from api.errors import Code, Problem
from api.pages import problems
from api.pages.board.show import Dispatching, page
from api.pages.board.wishes import PATH, read
from api.pages.view import page_around
from api.services import saved_filters as service

router = APIRouter()


@router.post("/board/filters")
def save(
    view: Dispatching,
    name: Annotated[str, Form(max_length=200)] = "",
    query: Annotated[str, Form(max_length=2000)] = "",
) -> Response:
    """Keep the filter of an address under a name, and go on with it."""
    sent = parse_qs(query)
    wish = read(lambda key: sent.get(key, ()))
    try:
        view.context.store.write(
            lambda session: service.save(session, view.actor, name, wish.kept, now=view.now)
        )  # fmt: skip
    except Problem as problem:
        if problem.code is not Code.VALUE_REFUSED:
            raise
        told = problems.shown(view, Problem(problem.code, problem.detail))
        return page(view, wish, status=problem.status, problem=told, name=name)
    return view.go_to(wish.address())


@router.post("/board/filters/{filter_id}/delete")
def delete(view: Dispatching, filter_id: uuid.UUID) -> Response:
    """Delete one of the own filters; the board stays as it is."""
    view.context.store.write(lambda session: service.delete(session, view.actor, filter_id))
    page = page_around(view.request)
    return view.go_to(page if page.partition("?")[0] == PATH else PATH)
