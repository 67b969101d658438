"""What ``python -m optimizer explain`` asks of ``why``, and what it is told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from optimizer import telling_why as tell
from optimizer.io.answers import Answer, dump_answers
from optimizer.io.problem import Problem
from optimizer.io.result_file import read_stops
from optimizer.model import Solution
from optimizer.why.changes import changes
from optimizer.why.choice import Choices
from optimizer.why.pair import Pairs, why_unserved
from optimizer.why.plan import Planned
from optimizer.why.relaxations import Helps

ALL = "all"
"""Given for a duty: all of them."""

_Told = tuple[list[Answer], list[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """The options of the command; ``language`` is ``"de"`` or ``"en"``."""

    request: str | None
    duty: str | None
    relax: bool
    before: Path | None
    as_json: bool
    language: str


def answered(solution: Solution, stated: Problem, question: Question) -> str:
    """Return what is told, as lines or as JSON.

    Raises
    ------
    InvalidValue
        Where a request or duty is unknown, the question does not fit the plan, or the plan breaks a rule.
    InputRejected
        Where the earlier result cannot be read.
    """
    parts = list(_parts(solution, stated, question))
    if question.as_json:
        return dump_answers([answer for answers, _ in parts for answer in answers], stated.instance.name)
    return "".join(f"{line}\n" for _, lines in parts for line in lines)


def _parts(solution: Solution, stated: Problem, question: Question) -> Iterator[_Told]:
    """Yield the answers, each with its lines."""
    language = question.language
    if question.before is not None:
        stops = read_stops(question.before, stated.units)
        found = changes(stated.instance, stated.travel, stops, solution)
        yield list(found), list(tell.changes(found, language))
        return
    planned = Planned(stated.instance, stated.travel, solution)
    if question.request in planned.index.committed_duty:
        yield [], [tell.promised(question.request, planned.index.committed_duty[question.request], language)]
        return
    is_open = question.duty is None and not question.relax
    if question.request is None and is_open:
        nearest = why_unserved(stated.instance, stated.travel, solution)
        yield list(nearest), list(tell.why_not(nearest, language))
        return
    if question.request is not None and is_open and planned.pool_request(question.request) in planned.duty_of:
        choice = Choices(planned).of(question.request)
        yield [choice], list(tell.why_this(choice, language))
        return
    asked = [question.request] if question.request is not None else [r.id for r in planned.index.pool]
    for request in asked:
        if question.request is not None or request not in planned.duty_of:
            yield _of(request, planned, question)


def _of(request: str, planned: Planned, question: Question) -> _Told:
    """Return what is told of one request."""
    answers: list[Answer] = []
    lines = [tell.head(planned.pool_request(request), question.language)]
    if question.duty is not None or not question.relax:
        pairs = Pairs(planned)
        is_all = question.duty in (None, ALL)
        found = pairs.everywhere(request) if is_all else (pairs.answer(request, question.duty or ""),)
        answers += found
        lines += tell.why_not(found, question.language)
    if question.relax:
        helped = Helps(planned).of(request)
        answers.append(helped)
        lines += tell.what_helps(helped, question.language, is_any_duty=bool(planned.order))
    return answers, lines
