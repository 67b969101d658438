"""Scenarios as they are sent and shown: documents of ``optimizer.simulate``; its files may be sent as they are."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field, WithJsonSchema

from api.db.tables import ScenarioRow
from api.mapping.what_if import schema_of
from api.schemas.base import Body, Shown
from api.schemas.text_warnings import TextWarningShown, Warnings, told
from optimizer.simulate.scenario import Scenario

EXAMPLE = {
    "id": "essen-van-late-flight",
    "title": {"de": "Flug verspätet, ein Kleinbus mehr in Essen", "en": "flight late, one more van at Essen"},
    "changes": [
        {"kind": "delay_flight", "place": "DUS", "by": 3600},
        {"kind": "add_vehicles", "zab": "zab:essen", "count": 1, "preset": "van"},
    ],
}
ScenarioDocument = Annotated[
    dict[str, Any],
    WithJsonSchema(schema_of(Scenario) | {"examples": [EXAMPLE]}),
    Field(description="What is different: changes, made in their order. Each says its `kind`; docs/what-if.md."),
]
"""A scenario as JSON; ``api.mapping.what_if`` reads it, with every fault at its path."""


class ScenarioContent(Body):
    """A scenario to be kept: as it stands in a file of the optimizer, and whether others may read it."""

    format: Annotated[
        Literal["restplatz-scenario"], Field(description="As in files.", examples=["restplatz-scenario"])
    ] = "restplatz-scenario"  # fmt: skip
    version: Annotated[Literal[1], Field(description="As in files.", examples=[1])] = 1
    scenario: ScenarioDocument
    shared: Annotated[
        bool, Field(description="Whether the ZABs and the Landestransportkoordination may read it.")
    ] = False  # fmt: skip


class ScenarioShown(Shown):
    """A scenario."""

    id: Annotated[uuid.UUID, Field(description="UUIDv7.")]
    organisation: Annotated[str, Field(description="Whose it is.", examples=["zab:essen"])]
    is_own: Annotated[bool, Field(description="Whether it is your organisation's, which may change it.")]
    shared: Annotated[bool, Field(description="Whether others may read it.")]
    scenario: ScenarioDocument
    created_at: Annotated[datetime, Field(description="When it was entered.")]
    updated_at: Annotated[datetime, Field(description="When it was last changed.")]
    warnings: Warnings = ()


def scenario_shown(row: ScenarioRow, organisation_id: uuid.UUID | None) -> ScenarioShown:
    """Return a scenario as an answer tells it to an organisation."""
    return ScenarioShown(
        id=row.id, organisation=row.organisation.code, is_own=row.organisation_id == organisation_id,
        shared=row.is_shared, scenario=row.content, created_at=row.created_at, updated_at=row.updated_at,
        warnings=_warnings(row.content),
    )  # fmt: skip


def _warnings(content: dict[str, Any]) -> tuple[TextWarningShown, ...]:
    titles = {f"/scenario/title/{language}": text for language, text in content.get("title", {}).items()}
    return told({"/scenario/id": str(content.get("id", "")), **titles})
