"""Gates of a request: what an officer states, and how each stands."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from api.gates import CourtOrder, Finding, Fitness, Gate, GateState, MinorHandover, UrgentApplication
from api.schemas.base import Body, Day, Shown
from api.workflow import Role


class AnnouncementBody(Body):
    """Whether the measure must be announced (§ 60a (5a) AufenthG), and when it was."""

    is_needed: Annotated[
        bool, Field(description="Tolerated over a year, with children under 12: then it is announced a month before.")
    ]
    announced_on: Annotated[Day | None, Field(description="Local day of the announcement.", examples=[None])] = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.announced_on is not None and not self.is_needed:
            raise ValueError("announced_on: expected a day only where the announcement is needed")
        return self


class Gates(Body):
    """What is stated of the legal preconditions of a measure; what is left out is not stated, and blocks."""

    court_order: Annotated[
        CourtOrder | None, Field(strict=False, description="Order of a judge: `present` or `not_needed`.")
    ] = None
    urgent_application: Annotated[
        UrgentApplication | None, Field(strict=False, description="`none`, `rejected`; `pending` blocks.")
    ] = None
    announcement: Annotated[AnnouncementBody | None, Field(description="Announcement one month before.")] = None
    fitness_to_travel: Annotated[
        Fitness | None, Field(strict=False, description="Result of the check: `fit`; `unfit` blocks. No diagnosis.")
    ] = None
    unaccompanied_minor: Annotated[
        MinorHandover | None,
        Field(strict=False, description="For one minor alone: hand-over to family, guardian or facility.",
              examples=[None]),
    ] = None  # fmt: skip

    @property
    def is_empty(self) -> bool:
        """Whether nothing is stated."""
        return self == Gates()


class GateShown(Shown):
    """How one gate stands, what is missing, and who can clear it."""

    gate: Annotated[Gate, Field(description="Stable code.", examples=["court_order"])]
    name: Annotated[dict[str, str], Field(description="By language.", examples=[{"de": "…", "en": "…"}])]
    state: Annotated[
        GateState, Field(description="`open` lets the measure through, `closed` blocks, `waived`: lifted by two people")
    ]
    code: Annotated[str, Field(description="What holds or is missing, coded.", examples=["not_stated"])]
    texts: Annotated[dict[str, str], Field(description="The same, by language.", examples=[{"de": "…", "en": "…"}])]
    actions: Annotated[dict[str, str], Field(description="What would help.", examples=[{"de": "…", "en": "…"}])]
    who: Annotated[list[Role], Field(description="Roles that can clear it.", examples=[["abh"]])]
    law: Annotated[str, Field(description="What it rests on.", examples=["§ 34a Abs. 3 AsylG"])]
    is_warning: Annotated[bool, Field(description="Open for now; it must be looked at before the pick-up.")]
    may_be_lifted: Annotated[bool, Field(description="Two persons of the owner may lift it, as it stands.")]

    @classmethod
    def of(cls, found: Finding) -> Self:
        """Return a finding as answers show it."""
        return cls(
            gate=found.gate,
            name=found.name,
            state=found.state,
            code=found.code,
            texts=found.texts,
            actions=found.actions,
            who=list(found.who),
            law=found.law,
            is_warning=found.is_warning,
            may_be_lifted=found.may_be_lifted,
        )


class GatesShown(Shown):
    """All gates of a request."""

    stated: Annotated[Gates, Field(description="What the owner stated.")]
    is_blocked: Annotated[bool, Field(description="Whether any gate is closed: then it enters no run.")]
    gates: Annotated[list[GateShown], Field(description="Each gate, in one order.")]


CLEAR: dict[str, object] = {
    "court_order": "not_needed",
    "urgent_application": "none",
    "announcement": {"is_needed": False},
    "fitness_to_travel": "fit",
}
"""Gates of a single adult that let a measure through; for examples and synthetic days."""
