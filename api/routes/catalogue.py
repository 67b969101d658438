"""What codes, states, rules, places and parameter sets there are: for forms, filters and whoever reads a plan."""

from __future__ import annotations

import unicodedata
from enum import StrEnum
from functools import cache
from typing import Annotated

from fastapi import APIRouter, Query

import data
from api import texts
from api.amtshilfe import AmtshilfeReason
from api.db.tables import ParameterSetRow
from api.deadlines import BERLIN
from api.errors import Code, not_found
from api.gate_texts import GATES as GATE_NAMES
from api.gates import Gate
from api.reason_codes import CancelCode, ConditionCode, CounterCode, FailCode, LiftCode, MoveCode, SettleCode, StopCode
from api.repositories import parameters as sets
from api.schemas.base import Day
from api.schemas.catalogue import (
    ActionShown,
    Codes,
    CodeShown,
    DeclineCodeShown,
    GateListed,
    GatesListed,
    ParameterSetListed,
    ParameterSetShown,
    PlaceShown,
    RegimeShown,
    RuleShown,
    StateShown,
    Text,
)
from api.services import parameters
from api.tasks import NewMeasureOutcome
from api.web.authentication import SignedIn
from api.web.context import InContext
from api.web.openapi import also
from api.web.paging import InPages, Page
from api.workflow import CLASS_OF, OPEN, REASONS, TABLE, DeclineCode, State
from data.service_parameters import service_parameters
from optimizer.explain.messages import MESSAGES
from optimizer.model import RULEBOOK, PlaceKind, RejectionCode

router = APIRouter(prefix="/catalogue", tags=["catalogue"])


@router.get("/codes", summary="List reason codes", response_model=Codes)
def list_codes(actor: SignedIn) -> Codes:  # noqa: ARG001  # whoever is signed in
    """Return all codes that a reason can have, in German and English, and what each decline does to the request."""
    return _codes()


@router.get("/workflow", summary="List states and actions", response_model=list[StateShown])
def list_states(actor: SignedIn) -> list[StateShown]:  # noqa: ARG001
    """Return the life of a request as a table: in each state who may do what, where it leads, and what it needs."""
    return _states()


@router.get("/regimes", summary="List laws of deadlines", response_model=list[RegimeShown])
def list_regimes(actor: SignedIn) -> list[RegimeShown]:  # noqa: ARG001
    """Return the laws that set deadlines: a deadline is entered with one of them and its source, never computed."""
    return [
        RegimeShown(
            id=each.id, text=Text(de=each.german, en=each.english), source=each.source, valid_from=each.valid_from,
            valid_until=each.valid_until,
        )
        for each in data.dublin_rules().regimes
    ]  # fmt: skip


@router.get("/rules", summary="List rules", response_model=list[RuleShown])
def list_rules(actor: SignedIn) -> list[RuleShown]:  # noqa: ARG001
    """Return the rules that every plan keeps, with their strength and source."""
    return [
        RuleShown(
            rule=rule, strength=spec.strength, scope=spec.scope, source=spec.source,
            text=Text.model_validate(dict(MESSAGES[rule].texts)),
            action=Text.model_validate(dict(MESSAGES[rule].actions)),
        )
        for rule, spec in RULEBOOK.items()
    ]  # fmt: skip


@router.get("/places", summary="Search places", response_model=Page[PlaceShown])
def list_places(
    actor: SignedIn,  # noqa: ARG001
    pages: InPages,
    q: Annotated[str, Query(max_length=80, description="Part of the name, or the beginning of the id or AGS.")] = "",
    kind: Annotated[PlaceKind | None, Query(description="Only places of this kind.")] = None,
) -> Page[PlaceShown]:
    """Return places of the catalogue by id: towns, airports, facilities, border crossings, depots."""
    wanted = _folded(q.strip())
    found = [
        shown
        for shown, name in _places()
        if (kind is None or shown.kind is kind)
        and (wanted in name or shown.id.casefold().startswith(wanted) or shown.ags.startswith(wanted))
    ]
    return pages.page_of(found, lambda place: place.id, "places")


@router.get("/parameter-sets", summary="List parameter sets", response_model=Page[ParameterSetListed])
def list_parameter_sets(
    context: InContext, actor: SignedIn, pages: InPages  # noqa: ARG001
) -> Page[ParameterSetListed]:  # fmt: skip
    """Return all parameter sets by the day on which they come into force."""
    with context.store.reading() as session:
        order = (ParameterSetRow.name, ParameterSetRow.id)
        return pages.page(session, sets.parameter_sets(), order, ParameterSetListed.model_validate)


@router.get(
    "/parameter-sets/in-force",
    summary="Read the parameter set in force",
    response_model=ParameterSetShown,
    openapi_extra=also(Code.VALUE_REFUSED),
)
def read_parameter_set_in_force(
    context: InContext,
    actor: SignedIn,  # noqa: ARG001
    on: Annotated[Day | None, Query(description="Local day; left out: today.", examples=["2026-10-05"])] = None,
) -> ParameterSetShown:
    """Return the set that holds on a day."""
    with context.store.reading() as session:
        day = on or context.now.astimezone(BERLIN).date()
        return ParameterSetShown.model_validate(parameters.row_in_force(session, day))


@router.get("/parameter-sets/{name}", summary="Read a parameter set", response_model=ParameterSetShown)
def read_parameter_set(name: str, context: InContext, actor: SignedIn) -> ParameterSetShown:  # noqa: ARG001
    """Return a set with all its values."""
    with context.store.reading() as session:
        row = None if "\0" in name else sets.parameter_set(session, name)
        if row is None:
            raise not_found("a parameter set")
        return ParameterSetShown.model_validate(row)


@router.get("/gates", summary="List gates", response_model=GatesListed)
def list_gates(
    context: InContext,
    actor: SignedIn,  # noqa: ARG001
    on: Annotated[Day | None, Query(description="Local day; left out: today.", examples=["2026-10-05"])] = None,
) -> GatesListed:
    """Return the legal and organisational preconditions of a measure, and which may be lifted on a day."""
    found = service_parameters(on or context.now.astimezone(BERLIN).date())
    return GatesListed(
        parameter_set=found.id, valid_from=found.valid_from,
        gates=[
            GateListed(
                gate=gate, text=_text(GATE_NAMES[gate.value]), law=found.gates.law.value[gate.value],
                may_be_lifted=gate.value in found.gates.may_be_lifted.value,
            )
            for gate in Gate
        ],
    )  # fmt: skip


@cache
def _codes() -> Codes:
    return Codes(
        rejection=_shown(RejectionCode),
        decline=[
            DeclineCodeShown(
                code=code, text=_text(texts.REASON_TEXTS[DeclineCode][code]), needs_remark=code is DeclineCode.OTHER,
                decline_class=CLASS_OF[code], effect=_text(texts.CLASSES[CLASS_OF[code]]),
            )
            for code in DeclineCode
        ],
        cancel=_shown(CancelCode),
        stop=_shown(StopCode),
        fail=_shown(FailCode),
        move=_shown(MoveCode),
        condition=_shown(ConditionCode),
        counter=_shown(CounterCode),
        settle=_shown(SettleCode),
        lift=_shown(LiftCode),
        amtshilfe=_shown(AmtshilfeReason),
        new_measure=_shown(NewMeasureOutcome),
    )  # fmt: skip


@cache
def _states() -> list[StateShown]:
    return [
        StateShown(
            state=state, text=_text(texts.STATES[state]), is_open=state in OPEN,
            actions=[
                ActionShown(
                    action=action, text=_text(texts.ACTIONS[action]), to=cell.to, roles=sorted(cell.who),
                    needs_reason=cell.needs_reason, needs_second=cell.needs_second,
                    codes=[code.value for code in REASONS.get(action, ())] if cell.needs_reason else [],
                )
                for (of, action), cell in TABLE.items()
                if of is state
            ],
        )
        for state in State
    ]  # fmt: skip


@cache
def _places() -> tuple[tuple[PlaceShown, str], ...]:
    shown = (PlaceShown(id=each.id, name=each.name, kind=each.kind, ags=each.ags) for each in data.places())
    return tuple((place, _folded(place.name)) for place in shown)


def _shown(codes: type[StrEnum]) -> list[CodeShown]:
    known = texts.REASON_TEXTS[codes]
    return [CodeShown(code=code.value, text=_text(known[code]), needs_remark=code.value == "other") for code in codes]


def _text(pair: texts.Pair) -> Text:
    german, english = pair
    return Text(de=german, en=english)


def _folded(text: str) -> str:
    """Return a text as it is searched: without case, ``ä`` as ``a``."""
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in parts if not unicodedata.combining(character))
