"""Answers about the plan as they are told: what belongs to others is counted, not named."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from api.actor import Actor
from api.db.tables import DutyRow, Run
from api.gates import seen_by
from api.mapping.horizon import Horizon
from api.mapping.questions import Question
from api.repositories import proposals, requests
from api.schemas.explanations import (
    DifferenceOfStage,
    ExplanationShown,
    RelaxationShown,
    StopInstead,
    WhatHelpsShown,
    WhyNotShown,
    WhyThisShown,
)
from api.schemas.proposals import minutes
from api.schemas.request_views import ReasonShown, without_ids
from api.services import gatekeeping, questions
from api.workflow import OPEN, Role
from optimizer.answer import Difference, Texts, WhatHelps, WhyNot, WhyThis, Witness


def shown(session: Session, actor: Actor, run: Run, *, now: datetime) -> ExplanationShown:
    """Return a question with its answers, as the actor may see them."""
    question = Question.of(run.solve_params)
    found = questions.answers(session, run)
    why_not = [each for each in found if isinstance(each, WhyNot)]
    helps = [each for each in found if isinstance(each, WhatHelps)]
    this = [each for each in found if isinstance(each, WhyThis)]
    view = _View(
        actor=actor, horizon=Horizon.read(run.horizon), request=str(question.request_id),
        duties=_duties(session, why_not, helps, this),
    )  # fmt: skip
    return ExplanationShown(
        id=run.id, asks=question.asks, request_id=question.request_id, duty_id=question.duty_id, state=run.state,
        created_at=run.created_at, finished_at=run.finished_at, failure=run.failure,
        gates=_gates(session, actor, question.request_id, now=now), why_not=view.why_not(why_not),
        what_helps=view.what_helps(helps[0]) if helps else None, why_this=view.why_this(this[0]) if this else None,
    )  # fmt: skip


def _duties(
    session: Session, why_not: Iterable[WhyNot], helps: Iterable[WhatHelps], this: Iterable[WhyThis]
) -> dict[str, DutyRow]:
    named = {each.duty for each in why_not} | {each.duty for told in helps for each in told.relaxations}
    named |= {duty for each in this for duty in (each.duty, *([each.next_best.duty] if each.next_best else ()))}
    return {
        str(key): row for key, row in proposals.duties(session, [uuid.UUID(each) for each in sorted(named)]).items()
    }


def _gates(session: Session, actor: Actor, request_id: uuid.UUID, *, now: datetime) -> list[ReasonShown]:
    row = requests.find(session, actor, request_id)
    if row is None or row.state not in OPEN:
        return []
    closed = gatekeeping.blocked(session, [row.id], now=now).get(row.id, ())
    told = gatekeeping.reasons(seen_by(closed, actor.role), is_full=requests.is_full(session, actor, row))
    return [ReasonShown.of(item) for item in told]


@dataclass(frozen=True, slots=True, kw_only=True)
class _View:
    """How one actor sees answers about a request; ``duties`` by id, those that answers name."""

    actor: Actor
    horizon: Horizon
    request: str
    duties: dict[str, DutyRow]

    def why_not(self, answers: Sequence[WhyNot]) -> list[WhyNotShown]:
        told, zabs = [], set()
        for each in answers:
            # Of what is not theirs to see people are told the nearest, as the reasons of a run do.
            if self._own(each.duty) is not None or each.zab not in zabs:
                told.append(self._pair(each))
            if self._own(each.duty) is None:
                zabs.add(each.zab)
        return told

    def what_helps(self, answer: WhatHelps) -> WhatHelpsShown:
        listed = []
        for each in answer.relaxations:
            duty = self._own(each.duty)
            listed.append(
                RelaxationShown(
                    kind=each.kind, granter=each.granter, size=each.size, unit=each.unit, zab=each.zab,
                    duty_id=None if duty is None else duty.id, duty=None if duty is None else duty.code, rule=each.rule,
                    texts=_told(each.texts), actions=_told(each.actions), price=_price(each.price),
                    tour=self._tour(each.witness, each.duty),
                )
            )  # fmt: skip
        return WhatHelpsShown(fits_now=answer.fits_on is not None, relaxations=listed)

    def why_this(self, answer: WhyThis) -> WhyThisShown:
        return WhyThisShown(
            zab=answer.zab, texts=_told(answer.texts), details=[_told(each) for each in answer.details],
            terms=_price(answer.terms), next_best=None if answer.next_best is None else self._pair(answer.next_best),
            minutes_added=[minutes(each.with_it - each.without) for each in answer.on_board],
            moved_if_forbidden=sum(move.request != self.request for move in answer.forbidden),
        )  # fmt: skip

    def _pair(self, answer: WhyNot) -> WhyNotShown:
        duty = self._own(answer.duty)
        return WhyNotShown(
            zab=answer.zab, duty_id=None if duty is None else duty.id, duty=None if duty is None else duty.code,
            verdict=answer.verdict, rules=list(answer.rules), reason=answer.reason, texts=_told(answer.texts),
            actions=_told(answer.actions), displaced=len(answer.displaced), moved=len(answer.moved),
            price=_price(answer.price), tour=self._tour(answer.witness, answer.duty),
        )  # fmt: skip

    def _own(self, duty: str) -> DutyRow | None:
        """Return a duty that the actor may see: of its own ZAB; the Landestransportkoordination sees all."""
        row = self.duties.get(duty)
        is_own = row is not None and self.actor.is_zab and row.zab_id == self.actor.organisation_id
        return row if is_own or self.actor.role is Role.LTRAKO else None

    def _tour(self, witness: Witness | None, duty: str) -> list[StopInstead]:
        if witness is None or self._own(duty) is None:
            return []
        calendar = self.horizon.calendar
        return [
            StopInstead(
                kind=visit.kind, at=calendar.local(visit.start), place=visit.place,
                is_asked=visit.request == self.request,
            )
            for tour in witness.tours if tour.duty == duty
            for visit in tour.visits
        ]  # fmt: skip


def _told(texts: Texts) -> dict[str, str]:
    return {language: without_ids(text) for language, text in texts.items()}


def _price(differences: Iterable[Difference]) -> list[DifferenceOfStage]:
    return [
        DifferenceOfStage(stage=each.stage, before=each.before, after=each.after, is_worse=each.is_worse)
        for each in differences
    ]
