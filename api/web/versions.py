"""Versions: ``ETag`` of a record, ``If-Match`` of a decision on it."""

from __future__ import annotations

from typing import Annotated, Protocol

from fastapi import Header, Response

from api.errors import Code, Problem


class Versioned(Protocol):
    """A row with a version."""

    @property
    def version(self) -> int:
        """Raised by every change."""


IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        max_length=100,
        # RFC 9110 lets only strong tags match; proxies that compress answers make all of ours weak.
        description="The `ETag` that the record had when it was read, or `*`; a proxy may have put `W/` before it.",
    ),
]


def tag(row: Versioned) -> str:
    """Return the ``ETag`` of a record."""
    return f'"{row.version}"'


def show(response: Response, row: Versioned) -> None:
    """Let the answer tell the version."""
    response.headers["ETag"] = tag(row)


def match(row: Versioned, if_match: str | None) -> None:
    """Refuse where the caller did not see the present version.

    Raises
    ------
    Problem
        ``version_missing`` (428) without the header, ``version_changed`` (412) with another version.
    """
    if if_match is None:
        raise Problem(
            Code.VERSION_MISSING, "Expected If-Match with the ETag of the record as you saw it. Read it first."
        )
    wanted = [each.strip().removeprefix("W/") for each in if_match.split(",")]
    if "*" not in wanted and tag(row) not in wanted:
        raise Problem(
            Code.VERSION_CHANGED, "It was changed since you read it. Read it again, then decide again.",
            headers={"ETag": tag(row)},
        )  # fmt: skip
