"""Bulk imports of requests: what comes in as JSON, and what became of each row."""

from __future__ import annotations

import uuid
from typing import Annotated

from pydantic import Field

from api.schemas.base import Shown
from api.schemas.gates import Gates
from api.schemas.hints import HintShown
from api.schemas.requests import Ags, RequestContent
from api.schemas.text_warnings import TextWarningShown
from api.workflow import State


class ImportItem(RequestContent):
    """A request in a JSON array."""

    authority: Annotated[Ags | None, Field(description="AGS of the owner; left out: the caller's own ABH.")] = None
    gates: Annotated[
        Gates | None, Field(description="Gates, as far as they are known; what is left out blocks until it is stated.")
    ] = None  # fmt: skip

    @property
    def content(self) -> RequestContent:
        """What the ABH states."""
        return RequestContent.model_validate_json(self.model_dump_json(exclude={"authority", "gates"}))


class RowProblem(Shown):
    """One fault of one row. What a cell said is never repeated: it may be about a person."""

    row: Annotated[int, Field(description="As a person counts: the header is row 1; in JSON the first item is 1.")]
    column: Annotated[str, Field(description="Column, or path within the item.", examples=["pickup_from"])]
    expected: Annotated[str, Field(examples=["a local time like 2026-10-05T08:30"])]
    got: Annotated[str, Field(description="Only where nothing stood, or for counts.", examples=["nothing"])] = ""
    what_to_do: Annotated[str, Field(examples=["Correct the time."])] = ""


class RowWarning(TextWarningShown):
    """Free text of a row that may give somebody away."""

    row: Annotated[int, Field(description="As a person counts: the header is row 1; in JSON the first item is 1.")]


class RowStored(Shown):
    """A row that was stored."""

    row: int
    id: Annotated[uuid.UUID | None, Field(description="Id of the request; `null` in a dry run.")]
    state: Annotated[State | None, Field(description="Where it stands; `null` in a dry run.")]
    hints: Annotated[list[HintShown], Field(description="What of it is impossible, and what would help.")] = []  # noqa: RUF012  # pydantic copies it


class ImportReport(Shown):
    """What became of an import."""

    name: Annotated[str, Field(description="Name of the file.", examples=["2026-10-05.csv"])]
    rows: Annotated[int, Field(description="Rows with content, the header not counted.")]
    accepted: Annotated[int, Field(description="Rows that are stored, or would be in a dry run.")]
    refused: Annotated[int, Field(description="Rows with faults; stored rows are never among them.")]
    problems_total: Annotated[int, Field(description="Number of all faults.")]
    problems: Annotated[list[RowProblem], Field(description="The first 1,000 of them, by row.")]
    stored: list[RowStored]
    warnings: Annotated[
        tuple[RowWarning, ...], Field(description="The first 1,000 warnings about free text of sound rows.")
    ] = ()
    is_dry_run: bool = False

    @property
    def is_clean(self) -> bool:
        """Whether no row was refused, and the file could be read."""
        return self.problems_total == 0
