"""Answers that are written as JSON where they are made, once.

What an endpoint returns FastAPI checks against the response model and writes in two more steps. That is right for most;
for what is asked all the time the endpoint writes it: the model has checked the values when it was made, and the
serializer is the one that FastAPI would use, so that the body is the same byte for byte.
"""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel


def written(shown: BaseModel, headers: Mapping[str, str] | None = None) -> Response:
    """Return the answer with this body; it must be the very model that the route names."""
    body = shown.__pydantic_serializer__.to_json(shown, by_alias=True)
    return Response(body, headers=headers, media_type=JSONResponse.media_type)
