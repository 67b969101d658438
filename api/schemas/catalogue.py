"""Bodies of the catalogue: what codes, states, rules and places there are."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from pydantic import Field

from api.gates import Gate
from api.schemas.base import Shown
from api.workflow import Action, DeclineClass, Role, State
from optimizer.model import PlaceKind, Rule, Scope, Strength


class Text(Shown):
    """A text in both languages."""

    de: Annotated[str, Field(examples=["Team erkrankt"])]
    en: Annotated[str, Field(examples=["crew ill"])]


class CodeShown(Shown):
    """A code and what it is called."""

    code: Annotated[str, Field(examples=["crew_ill"])]
    text: Text
    needs_remark: Annotated[bool, Field(description="Whether a text must be given with it.", examples=[False])]


class DeclineCodeShown(CodeShown):
    """A code of a decline; its class decides what happens to the request."""

    decline_class: Annotated[DeclineClass, Field(examples=["bar"])]
    effect: Annotated[Text, Field(description="What happens to the request.")]


class Codes(Shown):
    """All reasons that can be given, by what they are given for."""

    rejection: Annotated[list[CodeShown], Field(description="A ZAB rejects in the first round.")]
    decline: Annotated[list[DeclineCodeShown], Field(description="A ZAB declines a proposal, or backs out.")]
    cancel: Annotated[list[CodeShown], Field(description="An ABH withdraws a request.")]
    stop: Annotated[list[CodeShown], Field(description="A measure must stop at once.")]
    fail: Annotated[list[CodeShown], Field(description="A transport did not end at the hand-over.")]
    move: Annotated[list[CodeShown], Field(description="The date of a measure moves.")]
    condition: Annotated[list[CodeShown], Field(description="What a provisional promise waits for.")]
    counter: Annotated[list[CodeShown], Field(description="What a counter-proposal changes.")]
    settle: Annotated[list[CodeShown], Field(description="How a lead settles a decline, or thaws a trip.")]
    lift: Annotated[list[CodeShown], Field(description="Why a stop ends.")]
    amtshilfe: Annotated[list[CodeShown], Field(description="A ZAB declines Amtshilfe.")]
    new_measure: Annotated[list[CodeShown], Field(description="What the examination of a new measure led to.")]


class RegimeShown(Shown):
    """A law that sets the deadline of a measure."""

    id: Annotated[str, Field(description="As a deadline names it.", examples=["604/2013"])]
    text: Annotated[Text, Field(description="What it is called.")]
    source: Annotated[str, Field(description="Law and article.", examples=["VO (EU) 2024/1351 Art. 46"])]
    valid_from: Annotated[date, Field(description="First local day on which a deadline of it may fall.")]
    valid_until: Annotated[date | None, Field(description="Last one; none: no end is known.")]


class ActionShown(Shown):
    """What can be done to a request in a state."""

    action: Annotated[Action, Field(examples=["confirm"])]
    text: Text
    to: Annotated[State, Field(description="State it leads to.", examples=["confirmed"])]
    roles: Annotated[list[Role], Field(description="Who may.", examples=[["zab_dispatcher", "zab_lead"]])]
    needs_reason: Annotated[bool, Field(description="A coded reason must be given.", examples=[False])]
    needs_second: Annotated[bool, Field(description="A second person must agree.", examples=[False])]
    codes: Annotated[list[str], Field(description="Codes that the reason may have.", examples=[[]])]


class StateShown(Shown):
    """A state of a request, and what can be done there."""

    state: Annotated[State, Field(examples=["proposed"])]
    text: Text
    is_open: Annotated[bool, Field(description="Whether anything more is to come.", examples=[True])]
    actions: list[ActionShown]


class RuleShown(Shown):
    """A rule that every plan keeps."""

    rule: Annotated[Rule, Field(examples=["ride_time"])]
    strength: Annotated[
        Strength, Field(description="How binding, unless a parameter set says otherwise.", examples=["overridable"])
    ]
    scope: Annotated[Scope, Field(examples=["tour"])]
    source: Annotated[str, Field(description="Law or fact it stands on.", examples=["AufenthG § 58 (4)"])]
    text: Annotated[Text, Field(description="What is said where it blocks.")]
    action: Annotated[Text, Field(description="Who could do what.")]


class PlaceShown(Shown):
    """A place where people can be picked up or handed over: coarse, no address."""

    id: Annotated[str, Field(examples=["05113000"])]
    name: Annotated[str, Field(examples=["Essen"])]
    kind: Annotated[PlaceKind, Field(examples=["town"])]
    ags: Annotated[str, Field(description="Official municipality key, where it has one.", examples=["05113000"])]


class ParameterSetListed(Shown):
    """A parameter set, without its values."""

    name: Annotated[str, Field(examples=["nrw-2026-01"])]
    valid_from: Annotated[date, Field(description="In force from this day on.", examples=["2026-01-01"])]
    source: Annotated[str, Field(examples=["data/parameters/nrw-2026-01.toml"])]
    sha256: Annotated[str, Field(examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"])]


class ParameterSetShown(ParameterSetListed):
    """A parameter set with all values."""

    content: Annotated[
        dict[str, Any], Field(description="Every number of a rule.", examples=[{"id": "nrw-2026-01"}])
    ]  # fmt: skip


class GateListed(Shown):
    """A precondition of a measure, and whether it may be lifted."""

    gate: Annotated[Gate, Field(examples=["court_order"])]
    text: Text
    law: Annotated[str, Field(description="What it rests on.", examples=["§ 34a Abs. 3 AsylG"])]
    may_be_lifted: Annotated[
        bool, Field(description="Two persons of the owner may lift it, unless somebody said no.", examples=[False])
    ]


class GatesListed(Shown):
    """The gates under the parameter set of a day."""

    parameter_set: Annotated[str, Field(description="Its id.", examples=["service-nrw-2026-01"])]
    valid_from: date
    gates: list[GateListed]
