"""Applications for tests, built once for a set of routers: the first call of each builds its routes, which takes long.

What belongs to one test (context, middleware, overrides) is put in anew.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from fastapi import APIRouter, FastAPI
from starlette.datastructures import State

from api.app import build

_apps: dict[tuple[int, ...], tuple[FastAPI, tuple[APIRouter, ...]]] = {}
"""By the ids of their routers, which are kept with them."""
_handlers: dict[int, dict[int | type[Exception], Callable[..., object]]] = {}


def fresh_app(*routers: APIRouter) -> FastAPI:
    """Return an application with these routers under ``/v1``, and nothing else; only one of them is used at a time."""
    key = tuple(id(router) for router in routers)
    if key not in _apps:
        app = FastAPI()
        for router in routers:
            app.include_router(router, prefix="/v1")
        _apps[key] = app, routers
        _handlers[id(app)] = dict(app.exception_handlers)
    return _emptied(_apps[key][0])


def fresh_whole() -> FastAPI:
    """Return the application with all routers, without a context."""
    return _emptied(_whole())


@cache
def _whole() -> FastAPI:
    app = build()
    _handlers[id(app)] = dict(app.exception_handlers)
    return app


def _emptied(app: FastAPI) -> FastAPI:
    app.middleware_stack = None
    app.user_middleware.clear()
    app.dependency_overrides.clear()
    app.exception_handlers.clear()
    app.exception_handlers.update(_handlers[id(app)])  # type: ignore[arg-type]
    app.state = State()
    app.openapi_schema = None
    return app
