"""Hints at entry: what of a request is impossible as it stands, and what would help."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from api.gates import Gate
from api.schemas.base import Shown


class HintShown(Shown):
    """Something that no run could place, or that comes too late; the request is stored all the same."""

    code: Annotated[str, Field(description="Stable code.", examples=["no_daytime_pickup"])]
    path: Annotated[str, Field(description="What it is about.", examples=["/departure"])]
    texts: Annotated[dict[str, str], Field(description="By language.", examples=[{"de": "…", "en": "…"}])]
    actions: Annotated[dict[str, str], Field(description="What would help.", examples=[{"de": "…", "en": "…"}])]


class Checked(Shown):
    """What would be said of a request if it were entered."""

    hints: Annotated[list[HintShown], Field(description="What is impossible, and what would help.")]
    blocked_by: Annotated[
        list[Gate], Field(description="Gates that would keep it from every run.", examples=[["court_order"]])
    ]
