"""Questions about the plan and their answers. Duties and requests of others are counted, not named."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from api.company import ToldRule
from api.db.tables import RunState
from api.gates import ToldGate
from api.mapping.questions import Asks
from api.schemas.base import Body, Id, Shown
from api.schemas.request_views import ReasonShown
from optimizer.answer import Granter, Kind, Unit, Verdict
from optimizer.model import Stage, VisitKind

ToldGranter = Granter | Literal["zfa", "zrk"]
"""Who may grant something: the optimizer's own, and who clears a gate besides the owner."""
ToldKind = Kind | Literal["clearance"]
_TEXTS = Field(description="By language, `de` and `en`.")


class NewExplanation(Body):
    """What is asked of a request."""

    asks: Annotated[
        Asks,
        Field(
            strict=False,
            description="`why_not`: why it does not ride on a duty, or on any. `what_helps`: the least changes with "
            "which it would ride. `why_this`: why it is proposed where it is.",
            examples=["why_not"],
        ),
    ]
    request_id: Annotated[Id, Field(description="The request.")]
    duty_id: Annotated[Id | None, Field(description="With `why_not`: one duty; left out: all of them.")] = None


class DifferenceOfStage(Shown):
    """What a stage of the objective would be instead."""

    stage: Annotated[Stage, Field(description="Stage, in the order of the objective.", examples=["custody"])]
    before: Annotated[int, Field(description="As the plan is, in the units of the stage.", examples=[0])]
    after: Annotated[int, Field(description="As it would be.", examples=[1800])]
    is_worse: Annotated[bool, Field(description="Whether that is worse.")]


class StopInstead(Shown):
    """A stop of the tour that shows an answer."""

    kind: Annotated[VisitKind, Field(description="What happens.", examples=["pickup"])]
    at: Annotated[datetime, Field(description="When it begins.")]
    place: Annotated[str | None, Field(description="Place of the catalogue; none: where the vehicle stands.")]
    is_asked: Annotated[bool, Field(description="Whether it is of the request that was asked about.")]


class WhyNotShown(Shown):
    """Why a request does not ride on a duty, proven by the checker."""

    zab: Annotated[str, Field(description="ZAB of the duty.", examples=["zab:essen"])]
    duty_id: Annotated[uuid.UUID | None, Field(description="The duty, where it is yours to see.")]
    duty: Annotated[str | None, Field(description="Its code.", examples=["E-1"])]
    verdict: Annotated[Verdict, Field(description="How the two stand to each other.", examples=["tour"])]
    rules: Annotated[
        list[ToldRule],
        Field(
            description="Exactly the rules that are broken; `company`, `crew`: not told which.", examples=[["window"]]
        ),
    ]
    reason: Annotated[str, Field(description="Code of the text.", examples=["window"])]
    texts: Annotated[dict[str, str], _TEXTS]
    actions: Annotated[dict[str, str], Field(description="What could be done, by language.")]
    displaced: Annotated[int, Field(description="Others who would not be carried for it.", examples=[0])]
    moved: Annotated[int, Field(description="Others who would ride on another duty.", examples=[0])]
    price: Annotated[list[DifferenceOfStage], Field(description="Stage by stage; empty where rules are broken.")]
    tour: Annotated[list[StopInstead], Field(description="The tour that shows it, where the duty is yours to see.")]


class ChangeShown(Shown):
    """One change that would help, and who may grant it."""

    kind: Annotated[
        ToldKind,
        Field(description="What is changed; `clearance`: a gate that is closed opens.", examples=["pickup_earlier"]),
    ]
    granter: Annotated[
        ToldGranter, Field(description="Who may grant it; `zfa` and `zrk`: gates only.", examples=["requester"])
    ]
    size: Annotated[int, Field(description="How much: nothing less of this kind is enough.", examples=[20])]
    unit: Annotated[Unit, Field(description="What is counted.", examples=["minutes"])]
    rule: Annotated[ToldRule | None, Field(description="Rule that is lifted.", examples=["ride_time"])]
    texts: Annotated[dict[str, str], _TEXTS]
    actions: Annotated[dict[str, str], Field(description="Who is to do what, by language.")]


class _Helping(Shown):
    is_enough: Annotated[
        bool, Field(description="Whether it lets the request ride by itself; false where gates are closed besides.")
    ]
    zab: Annotated[str | None, Field(description="ZAB of the duty that it then rides on.", examples=["zab:essen"])]
    duty_id: Annotated[uuid.UUID | None, Field(description="The duty, where it is yours to see.")]
    duty: Annotated[str | None, Field(description="Its code.", examples=["E-1"])]
    price: Annotated[list[DifferenceOfStage], Field(description="What it changes in the plan, stage by stage.")]
    changes: Annotated[
        list[dict[str, Any]],
        Field(
            description="The changes of a scenario that try it, in their order; empty where none can say it to you: "
            "nobody may grant it, other things are in the way besides, or it names what is not yours to see.",
            examples=[
                [{"kind": "widen_window", "request": "0198f0c2-6b1e-7c3a-9d7e-3f5b6a8c9d01", "pickup_later": 600}]
            ],
        ),
    ]
    tour: Annotated[
        list[StopInstead],
        Field(description="The tour with it, where the duty is yours to see; of what nobody may grant, the tour that "
              "breaks the rule."),
    ]  # fmt: skip


class RelaxationShown(ChangeShown, _Helping):
    """The least change of one kind with which a request would ride, all others kept."""

    gate: Annotated[
        ToldGate | None, Field(description="With `clearance` the gate; `precondition`: one you need not know.")
    ] = None


class CombinationShown(_Helping):
    """Two changes with which a request would ride, all others kept; neither alone is enough, nor less of either."""

    granter: Annotated[ToldGranter, Field(description="Of the two who may grant them the farther.", examples=["zab"])]
    parts: Annotated[list[ChangeShown], Field(description="The two changes.")]
    texts: Annotated[dict[str, str], _TEXTS]
    actions: Annotated[dict[str, str], Field(description="Who is to do what, by language.")]


class WhatHelpsShown(Shown):
    """What would let a request ride; those who may grant it soonest first, what nobody may grant last."""

    fits_now: Annotated[bool, Field(description="Whether it fits on some duty as things are: then nothing is listed.")]
    relaxations: list[RelaxationShown]
    combinations: Annotated[
        list[CombinationShown], Field(description="Where no single change is enough: two of them together.")
    ]
    no_pair: Annotated[
        dict[str, str] | None,
        Field(description="Where two changes were looked for and none are enough: what was looked at, by language."),
    ]


class WhyThisShown(Shown):
    """Why a request is proposed where it is."""

    zab: Annotated[str, Field(description="ZAB of the duty.", examples=["zab:essen"])]
    texts: Annotated[dict[str, str], _TEXTS]
    details: Annotated[list[dict[str, str]], Field(description="More, line by line, each by language.")]
    terms: Annotated[list[DifferenceOfStage], Field(description="What the request adds, stage by stage.")]
    next_best: Annotated[WhyNotShown | None, Field(description="The next best duty; none: no other could take it.")]
    minutes_added: Annotated[
        list[int], Field(description="For each other on the tour the minutes on board that it adds.", examples=[[0, 5]])
    ]
    moved_if_forbidden: Annotated[
        int, Field(description="Others who would ride elsewhere or not at all were this duty forbidden.", examples=[0])
    ]


class ExplanationShown(Shown):
    """A question and, once a worker has answered it, its answers."""

    id: Annotated[uuid.UUID, Field(description="UUIDv7.")]
    asks: Annotated[Asks, Field(description="What was asked.", examples=["why_not"])]
    request_id: Annotated[uuid.UUID, Field(description="Of this request.")]
    duty_id: Annotated[uuid.UUID | None, Field(description="And of this duty.")]
    state: Annotated[RunState, Field(description="Where it stands.", examples=["done"])]
    created_at: Annotated[datetime, Field(description="When it was asked: the answer is about the plan just after.")]
    finished_at: Annotated[datetime | None, Field(description="When it was answered.")]
    failure: Annotated[str | None, Field(description="Kind of the error that ended it.")]
    gates: Annotated[
        list[ReasonShown],
        Field(description="Closed gates keep it from all; the other answers tell what else is in the way."),
    ]
    why_not: Annotated[
        list[WhyNotShown],
        Field(description="The nearest to riding there first. Of duties of others the nearest of each ZAB."),
    ]
    what_helps: WhatHelpsShown | None
    why_this: WhyThisShown | None
