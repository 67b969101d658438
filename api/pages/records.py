"""What is entered, shown and changed by one form: a table of these, with the endpoints of each, gives all their pages.

Of each the address has a list (a module of its own shows that), ``/new`` with the form, and the record with the form.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from fastapi import APIRouter, Path, Response
from fastapi.responses import HTMLResponse
from pydantic import BaseModel

from api.errors import Problem
from api.pages import forms
from api.pages.roles import roles
from api.pages.sent import NOTHING, InSent, Sent, once, refused
from api.pages.view import InView, View, may_view

Form = Callable[[View, uuid.UUID | None, Problem | None, Sent], HTMLResponse]
Step = Callable[[View, uuid.UUID, Sent], Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One kind of what has a form.

    Parameters
    ----------
    path
        Address of its list.
    key
        What its id is called in addresses.
    reader, writer
        Actors of the endpoints that show it and change it.
    new, content
        Bodies of the endpoints that enter it and change it.
    said
        What a form says of it, as ``content`` takes it.
    names
        What a new one says besides: names of fields, as text.
    create, change
        The endpoints.
    steps
        What else the form of a record may ask for, by its field ``action``.
    form
        Shows the page: of a new one or a record, with what was refused and what had been sent.
    created
        Where entering leads; left out: to the list.
    changed
        Where a change or a step leads, by the action and the endpoint's answer; left out: to the record.
    """

    path: str
    key: str
    reader: Any
    writer: Any
    new: type[BaseModel]
    content: type[BaseModel]
    said: Callable[[Sent], Mapping[str, Any]]
    names: tuple[str, ...] = ("code",)
    create: Callable[..., Response]
    change: Callable[..., Any]
    steps: Mapping[str, Step] = field(default_factory=dict)
    form: Form
    created: Callable[[View, Response], Response] | None = None
    changed: Callable[[View, uuid.UUID, str, Any], Response] | None = None

    def add_to(self, router: APIRouter) -> None:
        """Give the record its pages."""
        by_name = Path(alias=self.key)

        def ask_new(view: InView) -> HTMLResponse:
            return self.form(view, None, None, NOTHING)

        def create(view: InView, sent: InSent) -> Response:
            answer, problem = refused(lambda: self._create(view, sent))
            if answer is None:
                return self.form(view, None, problem, sent)
            return view.go_to(self.path) if self.created is None else self.created(view, answer)

        def show(view: InView, key: uuid.UUID = by_name) -> HTMLResponse:
            return self.form(view, key, None, NOTHING)

        def change(view: InView, sent: InSent, key: uuid.UUID = by_name) -> Response:
            answer, problem = refused(lambda: self._change(view, key, sent))
            if problem is not None:
                return self.form(view, key, problem, sent)
            if self.changed is None:
                return view.go_to(f"{self.path}/{key}")
            return self.changed(view, key, sent.text("action"), answer)

        one, may_read, may_write = f"{self.path}/{{{self.key}}}", roles(self.reader), roles(self.writer)
        for path, method, page, who in (
            (f"{self.path}/new", "GET", ask_new, may_write), (f"{self.path}/new", "POST", create, may_write),
            (one, "GET", show, may_read), (one, "POST", change, may_write),
        ):  # fmt: skip
            router.add_api_route(
                path, page, methods=[method], dependencies=[may_view(*sorted(who))], include_in_schema=False
            )

    def _create(self, view: View, sent: Sent) -> Response:
        body = forms.read(self.new, {**self.said(sent), **{name: sent.text(name) for name in self.names}})
        return self.create(body, view.context, view.actor, once(view, sent))

    def _change(self, view: View, key: uuid.UUID, sent: Sent) -> Any:
        step = self.steps.get(sent.text("action"))
        if step is not None:
            return step(view, key, sent)
        body = forms.read(self.content, self.said(sent))
        return self.change(key, body, Response(), view.context, view.actor, sent.if_match)


def versioned(step: Callable[..., Any]) -> Step:
    """Return a step whose endpoint takes the record's key, an answer, and the version that was seen."""
    return lambda view, key, sent: step(key, Response(), view.context, view.actor, sent.if_match)
