"""The small application with all that stands around calls: middleware and the OpenAPI document."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from fastapi import APIRouter
from sqlalchemy import Engine

from api.web import middleware, openapi
from tests.api.small_app import Small, small


@contextmanager
def whole(engine: Engine, folder: Path, *routers: APIRouter, **changes: Any) -> Iterator[Small]:
    """An application with an account for each role, and everything around its calls."""
    with small(engine, folder, *routers, **changes) as made:
        middleware.install(made.app, made.context)
        openapi.install(made.app)
        yield made


def once(key: str | None = None) -> dict[str, str]:
    """The header of a call that creates."""
    return {"Idempotency-Key": key or uuid.uuid4().hex}


def code_of(answer: Any) -> tuple[int, str]:
    """Status and code of a problem."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    return answer.status_code, answer.json()["code"]
