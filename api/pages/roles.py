"""Roles of pages: those of the endpoint that a page stands for, so that who may is said once."""

from __future__ import annotations

from typing import Any, get_args

from api.pages.view import may_view
from api.web.authentication import roles_of
from api.workflow import Role


def roles(*actors: Any) -> frozenset[Role]:
    """Return the roles that any of these endpoints lets in; each is its ``Annotated[Actor, may(…)]``."""
    found: set[Role] = set()
    for actor in actors:
        known = roles_of(get_args(actor)[1].dependency)
        if known is None:
            raise TypeError("expected an actor that names its roles")
        found |= known
    return frozenset(found)


def like(*actors: Any) -> Any:
    """Return the dependency of a page for whom these endpoints are for: ``Annotated[View, like(api.Reader)]``."""
    return may_view(*sorted(roles(*actors)))
