"""Health and metrics: for load balancers, supervisors and whoever watches the service. Nothing secret is told."""

from __future__ import annotations

import ipaddress
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Generic, TypeVar

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse
from sqlalchemy.exc import SQLAlchemyError

from api.db import migrate
from api.errors import Code, Problem
from api.metrics import MEDIA_TYPE, Metrics, Snapshot
from api.schemas.health import DatabaseState, Live, Ready, SchemaState
from api.services import figures
from api.web.authentication import admitted, identified
from api.web.context import Context, InContext
from api.web.middleware import METRICS
from api.workflow import Role

router = APIRouter(tags=["operation"])
T = TypeVar("T")
_READY_FOR, _SNAPSHOT_FOR = timedelta(seconds=1), timedelta(seconds=5)


@router.get("/health/live", summary="Whether the process answers", response_model=Live)
def read_live() -> Live:
    """Answer, without asking the database. Where this fails the process is to be started anew."""
    return Live()


@router.get(
    "/health/ready", summary="Whether calls can be answered", response_model=Ready,
    responses={503: {"model": Ready, "description": "Not ready: the database or its schema is not as needed."}},
)  # fmt: skip
def read_ready(context: InContext) -> Response:
    """Look at the database and its schema, at most once a second; 503 where calls cannot be answered now."""
    ready = _kept(context, "ready", _READY_FOR, lambda: _look(context))
    body = ready.model_dump(mode="json")
    return JSONResponse(body, status_code=200 if ready.status == "ready" else 503)


def _watcher(request: Request, context: InContext) -> None:
    """Let admins in, and, where the setting says so, this machine itself."""
    is_asking = "authorization" in request.headers or "cookie" in request.headers
    if context.settings.metrics_public and not is_asking and _is_here(request):
        return
    actor = admitted(identified(request, context))
    if actor.role is not Role.ADMIN:
        raise Problem(Code.ROLE_MAY_NOT, f"Expected the role admin, you have {actor.role}.")


_watcher.roles = frozenset({Role.ADMIN})  # type: ignore[attr-defined]  # as `may` tells it


@router.get(
    "/metrics", summary="Metrics for Prometheus", dependencies=[Depends(_watcher)],
    response_class=Response,
    responses={200: {"content": {"text/plain": {"example": "restplatz_requests{state=\"pooled\"} 12.0\n"}}}},
)  # fmt: skip
def read_metrics(context: InContext) -> Response:
    """Return figures of this process and of the database (at most 5 seconds old), without ids."""
    metrics: Metrics = context.parts[METRICS]
    snapshot = _kept(context, "snapshot", _SNAPSHOT_FOR, lambda: _snapshot(context))
    return Response(metrics.text(snapshot), media_type=MEDIA_TYPE)


@dataclass(slots=True)
class _Kept(Generic[T]):
    """A value that is looked up anew when it is too old, by one call at a time."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    at: datetime | None = None
    value: T | None = None


def _kept(context: Context, name: str, age: timedelta, look: Callable[[], T]) -> T:
    kept: _Kept[T] = context.parts.setdefault(f"health.{name}", _Kept())
    with kept.lock:
        now = context.now
        if kept.value is None or kept.at is None or not timedelta(0) <= now - kept.at < age:
            kept.value, kept.at = look(), now
        return kept.value


def _snapshot(context: Context) -> Snapshot:
    with context.store.reading() as session:
        return figures.snapshot(session, context.now)


def _look(context: Context) -> Ready:
    try:
        revision = migrate.current(context.store.engine)
        if revision != _head():
            return Ready(
                status="not_ready", database=DatabaseState.OK, tables=SchemaState.OTHER, work=None, workers=None
            )
        with context.store.reading() as session:
            work, workers = figures.work(session, context.now), figures.workers(session, context.now)
    except (SQLAlchemyError, Problem):
        return Ready(
            status="not_ready", database=DatabaseState.UNREACHABLE, tables=SchemaState.UNKNOWN, work=None, workers=None
        )
    return Ready(status="ready", database=DatabaseState.OK, tables=SchemaState.OK, work=work, workers=workers)


@cache
def _head() -> str:
    return migrate.head()


def _is_here(request: Request) -> bool:
    # A proxy on this machine calls from here too, for whomever: then it says so, or it must not be there.
    if any(name in request.headers for name in ("x-forwarded-for", "forwarded", "x-real-ip", "via")):
        return False
    try:
        return request.client is not None and ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        return False
