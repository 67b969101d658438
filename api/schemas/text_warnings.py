"""Warnings about free text: shown with the answer to whoever wrote it. The text is stored; who wrote it decides."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Annotated, Self

from pydantic import Field

from api.free_text import TextWarning, WarningCode, warnings
from api.schemas.base import Shown


class TextWarningShown(Shown):
    """Where free text may give somebody away, never what it says."""

    path: Annotated[str, Field(description="JSON pointer of the text in what was sent.", examples=["/free_text"])]
    code: Annotated[WarningCode, Field(description="What it may be.")]
    start: Annotated[int, Field(description="First character, from 0.", examples=[0])]
    end: Annotated[int, Field(description="First character after it.", examples=[15])]
    texts: Annotated[
        dict[str, str], Field(description="What to do, by language, `de` and `en`.", examples=[{"de": "…", "en": "…"}])
    ]

    @classmethod
    def of(cls, path: str, found: TextWarning) -> Self:
        """Return a warning about the text at a path."""
        return cls(
            path=path, code=found.code, start=found.start, end=found.end,
            texts={"de": found.german, "en": found.english},
        )  # fmt: skip


Warnings = Annotated[
    tuple[TextWarningShown, ...],
    Field(description="What free text may give away: it is stored all the same. Amend it where it does."),
]


def told(texts: Mapping[str, str], but: Collection[WarningCode] = ()) -> tuple[TextWarningShown, ...]:
    """Return the warnings about texts, by path; ``but`` is what they are there to hold."""
    return tuple(
        TextWarningShown.of(path, found)
        for path, text in texts.items()
        for found in warnings(text)
        if found.code not in but
    )
