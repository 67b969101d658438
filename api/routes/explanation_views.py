"""Answers about the plan as they are told: what belongs to others is counted, not named."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy.orm import Session

import data
from api import company
from api.actor import Actor
from api.db.tables import DutyRow, Run
from api.gates import Finding, seen_by
from api.mapping.horizon import Horizon
from api.mapping.questions import Question
from api.mapping.relaxed import changes_of
from api.repositories import proposals, requests
from api.schemas.explanations import (
    ChangeShown,
    CombinationShown,
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
from api.services import gatekeeping, place_book, questions
from api.services.closed_gates import NEAREST, Clearance, clearances
from api.workflow import OPEN, Role
from optimizer.answer import (
    Combination,
    Difference,
    Kind,
    Part,
    Relaxation,
    Texts,
    Unit,
    WhatHelps,
    WhyNot,
    WhyThis,
    Witness,
)
from optimizer.explain.rule_names import with_others, without_others
from optimizer.io.document import plain
from optimizer.model import Rule
from optimizer.simulate.changes_demand import OpenGates


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
    closed, is_full = _closed(session, actor, question.request_id, now=now)
    return ExplanationShown(
        id=run.id, asks=question.asks, request_id=question.request_id, duty_id=question.duty_id, state=run.state,
        created_at=run.created_at, finished_at=run.finished_at, failure=run.failure,
        # Gates name nobody who rides.
        gates=[
            ReasonShown.of(each, knows=False, owns=False) for each in gatekeeping.reasons(closed, is_full=is_full)
        ],
        why_not=view.why_not(why_not),
        what_helps=view.what_helps(helps[0], list(clearances(closed, helps[0], is_full=is_full))) if helps else None,
        why_this=view.why_this(this[0]) if this else None,
    )  # fmt: skip


def _duties(
    session: Session, why_not: Iterable[WhyNot], helps: Iterable[WhatHelps], this: Iterable[WhyThis]
) -> dict[str, DutyRow]:
    named = {each.duty for each in why_not}
    for told in helps:
        named |= {each.duty for each in told.relaxations} | {each.duty for each in told.combinations}
        named |= set() if told.fits_on is None else {told.fits_on}
    named |= {duty for each in this for duty in (each.duty, *([each.next_best.duty] if each.next_best else ()))}
    return {
        str(key): row for key, row in proposals.duties(session, [uuid.UUID(each) for each in sorted(named)]).items()
    }


def _closed(
    session: Session, actor: Actor, request_id: uuid.UUID, *, now: datetime
) -> tuple[tuple[Finding, ...], bool]:
    """Return the closed gates as the actor may see them, and whether it sees the request whole."""
    row = requests.find(session, actor, request_id)
    if row is None or row.state not in OPEN:
        return (), False
    closed = gatekeeping.blocked(session, [row.id], now=now).get(row.id, ())
    return seen_by(closed, actor.role), requests.is_full(session, actor, row)


_OF_CREW = {Kind.OFFICER, Kind.FEMALE_OFFICER}
_UNNAMED: dict[str, Sequence[tuple[str, str]]] = {
    "de": (
        ("Fahrt auf Dienst ", "Fahrt auf einen Dienst der "), ("auf Dienst ", "auf einem Dienst der "),
        ("von Dienst ", "von einem Dienst der "),
        ("im Dienst ", "in einem Dienst der "), ("zum Dienst ", "zu einem Dienst der "), ("", "ein Dienst der "),
    ),
    "en": (("duty ", "a duty of "), ("", "a duty of ")),
}  # fmt: skip
"""How a duty that is not the reader's to see is called, by what stands before its id: of its ZAB, and no more."""
_HEAD_OF = {"de": ("ZAB-Leitung {}", "Leitung der {}"), "en": ("Head of ZAB {}", "Head of {}")}
"""How the head of a ZAB stands in texts with its code, and with its name."""


@cache
def _zabs() -> dict[str, str]:
    """Return the names of the ZABs by their codes."""
    return {place_book.code_of(site.zab): site.zab.name for site in data.zabs()}


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

    def what_helps(self, answer: WhatHelps, closed: Sequence[Clearance] = ()) -> WhatHelpsShown:
        """Return what helps; ``closed``: gates that have to open besides."""
        listed = [self._clearance(each, answer) for each in closed]
        listed += [
            RelaxationShown(
                **self._change(each, each.duty), **self._where(each.duty, each.zab, each.witness), is_enough=not closed,
                price=_price(each.price), changes=self._changes(each, [each], closed),
            )
            for each in answer.relaxations
            if self._may_be_told([each.kind], each.duty)
        ]  # fmt: skip
        looked = answer.looked_at
        return WhatHelpsShown(
            fits_now=answer.fits_on is not None and not closed,
            # Sorted is stable: of one granter gates come first, all else stays in the order of the answer.
            relaxations=sorted(listed, key=lambda each: NEAREST.index(each.granter)),
            combinations=[
                self._combination(each, closed)
                for each in answer.combinations
                if self._may_be_told([part.kind for part in each.parts], each.duty)
            ],
            no_pair=None if looked is None or answer.combinations else dict(looked.texts),
        )

    def _clearance(self, gate: Clearance, answer: WhatHelps) -> RelaxationShown:
        duty = answer.fits_on or ""
        row = self.duties.get(duty)
        where = self._where(duty, None if row is None else row.zab.code, answer.witness)
        return RelaxationShown(
            kind="clearance", granter=gate.granter, size=1, unit=Unit.DECISIONS, rule=None, gate=gate.finding.told,
            texts=self._told(gate.texts), actions=self._told(gate.actions), is_enough=gate.is_enough, price=[],
            changes=[self._opened()] if answer.fits_on is not None else [], **where,
        )  # fmt: skip

    def _combination(self, each: Combination, closed: Sequence[Clearance]) -> CombinationShown:
        knows = self._own(each.duty) is not None
        private = next(
            (part.rule for part in each.parts if company.instead(part.rule, knows=knows, owns=self._owns)), None
        )
        told: dict[str, Any] = self._where(each.duty, each.zab, each.witness)
        told |= self._texts(each, private, knows=knows)
        return CombinationShown(
            granter=each.granter, is_enough=not closed, price=_price(each.price),
            parts=[ChangeShown(**self._change(part, each.duty)) for part in each.parts],
            changes=self._changes(each, each.parts, closed), **told,
        )  # fmt: skip

    def _change(self, each: Relaxation | Part, duty: str) -> dict[str, Any]:
        knows = self._own(duty) is not None
        told = self._rules([each.rule] if each.rule else (), self._own(duty))
        return {
            "kind": each.kind, "granter": each.granter, "size": each.size, "unit": each.unit,
            "rule": next(iter(told), None), **self._texts(each, each.rule, knows=knows),
        }  # fmt: skip

    def _opened(self) -> dict[str, Any]:
        """Return the change of a scenario in which all gates of the request are open."""
        change: dict[str, Any] = plain(OpenGates(request=self.request))
        return change

    def _changes(
        self, found: Relaxation | Combination, parts: Sequence[Relaxation | Part], closed: Sequence[Clearance]
    ) -> list[dict[str, Any]]:
        """Return the changes of a scenario; none where they would name what is not told: a duty, a vehicle, a rule."""
        made = changes_of(found)
        knows = self._own(found.duty) is not None
        names_duty = any("duty" in each or "vehicle" in each for each in made)
        is_hidden = any(company.instead(part.rule, knows=knows, owns=self._owns) for part in parts)
        # Whose vehicles these are, and that there is such a one, is for those to know who coordinate.
        is_others = any(part.kind is Kind.VEHICLE_OF_OTHER_ZAB for part in parts) and self.actor.role is not Role.LTRAKO
        if not made or (names_duty and not knows) or is_hidden or is_others:
            return []
        return [self._opened(), *made] if closed else made

    def _where(self, duty: str, zab: str | None, witness: Witness | None) -> dict[str, Any]:
        row = self._own(duty)
        return {
            "zab": zab, "duty_id": None if row is None else row.id, "duty": None if row is None else row.code,
            "tour": self._tour(witness, duty),
        }  # fmt: skip

    def why_this(self, answer: WhyThis) -> WhyThisShown:
        return WhyThisShown(
            zab=answer.zab, texts=self._told(answer.texts), details=[self._told(each) for each in answer.details],
            terms=_price(answer.terms), next_best=None if answer.next_best is None else self._pair(answer.next_best),
            minutes_added=[minutes(each.with_it - each.without) for each in answer.on_board],
            moved_if_forbidden=sum(move.request != self.request for move in answer.forbidden),
        )  # fmt: skip

    def _pair(self, answer: WhyNot) -> WhyNotShown:
        duty = self._own(answer.duty)
        return WhyNotShown(
            zab=answer.zab, duty_id=None if duty is None else duty.id, duty=None if duty is None else duty.code,
            verdict=answer.verdict, rules=self._rules(answer.rules, duty),
            reason=company.rule_told(answer.reason, knows=duty is not None, owns=self._owns),
            **self._texts(answer, answer.reason, knows=duty is not None, rules=answer.rules),
            displaced=len(answer.displaced), moved=len(answer.moved),
            price=_price(answer.price), tour=self._tour(answer.witness, answer.duty),
        )  # fmt: skip

    def _may_be_told(self, kinds: Iterable[Kind], duty: str) -> bool:
        """Whether a change may be named: that officers are missing tells of people, as the rules of that name do."""
        return self._owns or self._own(duty) is not None or not _OF_CREW & set(kinds)

    @property
    def _owns(self) -> bool:
        """Whether the people that are asked about are the actor's own: an owner asks of nobody else's."""
        return self.actor.role is Role.ABH

    def _rules(self, rules: Iterable[Rule], duty: DutyRow | None) -> list[company.ToldRule]:
        return company.rules_told(rules, knows=duty is not None, owns=self._owns)

    def _own(self, duty: str) -> DutyRow | None:
        """Return a duty that the actor may see: of its own ZAB; the Landestransportkoordination sees all."""
        row = self.duties.get(duty)
        is_own = row is not None and self.actor.is_zab and row.zab_id == self.actor.organisation_id
        return row if is_own or self.actor.role is Role.LTRAKO else None

    def _texts(
        self,
        answer: WhyNot | Relaxation | Combination | Part,
        first: str | None,
        *,
        knows: bool,
        rules: Sequence[Rule] = (),
    ) -> dict[str, dict[str, str]]:
        """Return texts and actions, with nothing in them of who rides where the actor may not know it.

        Parameters
        ----------
        first, rules
            Code of the text, and all rules that it may name.
        """
        texts, actions = answer.texts, answer.actions
        hidden = company.instead(first, knows=knows, owns=self._owns)
        others = [each for each in rules if company.instead(each, knows=knows, owns=self._owns)]
        if hidden is None and not others:
            return {"texts": self._told(texts), "actions": self._told(actions)}
        if hidden is not None:
            texts, actions = company.said(hidden) or (texts, actions)
        else:
            texts = without_others(texts)
        for code in company.rules_told(others, knows=knows, owns=self._owns):
            more = company.said(code)
            if code != hidden and more is not None:
                texts = {key: f"{text} {more[0][key]}" for key, text in texts.items()}
        told = with_others(texts, [each for each in rules if each != first and each not in others])
        return {"texts": self._told(told), "actions": self._told(actions)}

    def _told(self, texts: Texts) -> dict[str, str]:
        """Return texts with the names of ZABs and of duties that the actor may see, and without all other ids."""
        told = {}
        for language, text in texts.items():
            for zab, name in _zabs().items():
                coded, named = _HEAD_OF[language]
                text = text.replace(coded.format(zab), named.format(name))  # noqa: PLW2901
                text = text.replace(f"ZAB {zab}", name)  # noqa: PLW2901
            for duty in self.duties:
                row = self._own(duty)
                if row is not None:
                    text = text.replace(duty, row.code)  # noqa: PLW2901
                    continue
                zab = _zabs().get(self.duties[duty].zab.code, "ZAB")
                for before, instead in _UNNAMED[language]:
                    text = text.replace(before + duty, instead + zab)  # noqa: PLW2901
            told[language] = without_ids(text)
        return told

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


def _price(differences: Iterable[Difference]) -> list[DifferenceOfStage]:
    return [
        DifferenceOfStage(stage=each.stage, before=each.before, after=each.after, is_worse=each.is_worse)
        for each in differences
    ]
