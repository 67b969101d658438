"""The web application: what it is made of, in one place. Never imports ortools: workers do."""

from __future__ import annotations

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from anyio.to_thread import current_default_thread_limiter
from fastapi import FastAPI
from sqlalchemy.orm import configure_mappers

from api import pages
from api.clock import Clock, system_clock
from api.db.store import Store
from api.mapping import travel
from api.routes import ROUTERS
from api.settings import Settings
from api.web import middleware, openapi, problems, sign_in_state
from api.web.context import Context

_YOUNG = 10_000
"""Objects that come before the collector looks at the young ones: a page of a list makes some thousand, all freed."""


def create_app(settings: Settings | None = None, *, clock: Clock = system_clock) -> FastAPI:
    """Return the application, with its own connections to the database.

    Parameters
    ----------
    settings
        ``None``: from the environment.
    clock
        What time it is; tests bring their own.
    """
    settings = settings or Settings()
    context = Context(settings=settings, store=Store(settings.address, pool_size=settings.pool_size), clock=clock)

    return furnish(build(), context)


def settled_app() -> FastAPI:
    """Return the application of a web process that answers for weeks."""
    app = create_app()
    settle()
    return app


def settle() -> None:
    """Let what stands by now not be looked at as garbage.

    Each full collection would look through some 250,000 objects that stay for ever, in the middle of a call.
    """
    configure_mappers()
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, 20, 20)


def build() -> FastAPI:
    """Return the application without what belongs to one process: routes, problems, the OpenAPI document."""
    app = FastAPI(
        lifespan=_lifespan, openapi_url=None, docs_url=None, redoc_url=None,
        # Such a redirect goes where the header Host says, which the caller writes.
        redirect_slashes=False,
    )  # fmt: skip
    problems.install(app)
    for router in ROUTERS:
        app.include_router(router, prefix="/v1")
    openapi.install(app)
    for router in pages.ROUTERS:
        app.include_router(router, include_in_schema=False)
    return app


def furnish(app: FastAPI, context: Context) -> FastAPI:
    """Give an application its context, and what stands around each call."""
    app.state.context = context
    app.state.problem_page = pages.problem_page
    travel.choose(context.settings)
    sign_in_state.install(app, context)
    middleware.install(app, context)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    context: Context = app.state.context
    if context.store.is_postgres:
        # One thread computes at a time anyway. A decision asks the database some thirty times and would queue for the
        # interpreter after each; with few at once each is done sooner (95 of 100 within half the time). On SQLite
        # whoever waits for a writer would keep those who read from their turn.
        current_default_thread_limiter().total_tokens = context.settings.web_threads
    yield
    context.store.close()
