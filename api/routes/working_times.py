"""Working-time profiles of the parameter set, and which of them each ZAB works by."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response
from sqlalchemy.orm import Session

from api.actor import Actor
from api.deadlines import BERLIN
from api.errors import Code
from api.repositories import ledger, patterns
from api.schemas.base import Day
from api.schemas.working_times import (
    ChoiceShown,
    InForce,
    NewChoice,
    WorkingTimesShown,
    choice_shown,
    profile_shown,
)
from api.services import parameters, working_times
from api.web.authentication import may
from api.web.context import InContext
from api.web.idempotency import Answer, CreatesOnce
from api.web.openapi import also
from api.workflow import Role

router = APIRouter(prefix="/working-times", tags=["fleet"])
Reader = Annotated[Actor, may(Role.ZAB_DISPATCHER, Role.ZAB_LEAD, Role.LTRAKO, Role.AUDITOR)]
Lead = Annotated[Actor, may(Role.ZAB_LEAD)]


@router.get("", summary="Show working-time profiles", response_model=WorkingTimesShown)
def show_working_times(
    context: InContext,
    actor: Reader,  # noqa: ARG001  # all see the same
    on: Annotated[Day | None, Query(description="Local day; left out: today.", examples=["2026-10-05"])] = None,
) -> WorkingTimesShown:
    """Return the profiles that may be worked by on a day, and which ZAB works by which, with all choices."""
    day = on or context.now.astimezone(BERLIN).date()
    with context.store.reading() as session:
        found = parameters.in_force(session, day)
        told = [each.source for each in found.sources if "working_time" in each.parameter]
        return WorkingTimesShown(
            on=day,
            parameter_set=found.id,
            sources=told,
            profiles=[profile_shown(each) for each in found.working_time],
            zabs=[
                InForce(
                    zab=zab.code, profile=working_times.default_profile(session, zab.id, day),
                    is_chosen=patterns.choice_on(session, zab.id, day) is not None,
                )
                for zab in ledger.zabs(session)
            ],
            choices=[choice_shown(each) for each in patterns.choices(session)],
        )  # fmt: skip


@router.post(
    "", summary="Choose a working-time profile", status_code=201, response_model=ChoiceShown,
    openapi_extra=also(Code.VALUE_REFUSED, Code.TOO_LATE, Code.EXISTS_ALREADY),
)  # fmt: skip
def choose_working_time(body: NewChoice, context: InContext, actor: Lead, once: CreatesOnce) -> Response:
    """Choose the profile that your ZAB works by from a day on: duties take it where none is stated.

    Duties that are there keep theirs. A choice is never changed: another one follows it.
    """

    def work(session: Session) -> Answer:
        return Answer(body=choice_shown(working_times.choose(session, actor, body, now=context.now)))

    return once.do(actor, work)
