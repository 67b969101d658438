"""Secrets that an answer shows once: they are put in behind the table of repeated calls, which must not keep them."""

from __future__ import annotations

from typing import Any

from fastapi import Response
from fastapi.encoders import jsonable_encoder
from fastapi.responses import JSONResponse
from pydantic import BaseModel


def with_secret(answer: Response, body: BaseModel, **secret: Any) -> Response:
    """Return the answer of ``Once.do`` with a secret in its body; a repeated call gets none, for none is kept.

    Parameters
    ----------
    answer
        Of ``Once.do``, whose work answered ``body`` without the secret.
    secret
        The field, by its name.
    """
    if answer.headers.get("Idempotent-Replayed"):
        return answer
    kept = {name: value for name, value in answer.headers.items() if not name.startswith("content-")}
    return JSONResponse(
        jsonable_encoder(body.model_copy(update=secret)), status_code=answer.status_code, headers=kept
    )  # fmt: skip
