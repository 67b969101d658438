"""Answers to questions about a plan, found by the optimizer. For workers only; knows no database.

The plan is today's: what is promised stays where it is, what is only offered may move for the sake of the answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from api.mapping.questions import Asks, Question
from api.services.matching import params_of, with_offers_loose
from optimizer.days.promises import UNANSWERED, or_promises
from optimizer.io.answers import Answer, dump_answers
from optimizer.model import Instance
from optimizer.travel import TravelMatrix
from optimizer.why.choice import Choices
from optimizer.why.pair import Pairs
from optimizer.why.plan import Planned
from optimizer.why.relaxations import Helps


def answers(instance: Instance, travel: TravelMatrix, stored: Mapping[str, Any]) -> str:
    """Return the answers to a stored question, as JSON (``optimizer.io.answers``).

    Parameters
    ----------
    instance
        The plan as it stands: promises and offers are commitments, the request in question is in the pool where it
        waits.
    stored
        ``Run.solve_params``: the question, and the requests that are ``offered``.

    Raises
    ------
    InvalidValue
        Where the question does not fit the plan: the request or the duty went meanwhile.
    """
    question = Question.of(stored)
    plan = or_promises(instance, travel, UNANSWERED, params_of(stored)).solution
    loose = replace(with_offers_loose(instance, frozenset(stored.get("offered", ()))), change_budget=None)
    planned = Planned(loose, travel, plan)
    request = str(question.request_id)
    found: tuple[Answer, ...]
    match question.asks:
        case Asks.WHY_THIS:
            found = (Choices(planned).of(request),)
        case Asks.WHAT_HELPS:
            found = (Helps(planned).of(request),)
        case Asks.WHY_NOT if question.duty_id is not None:
            found = (Pairs(planned).answer(request, str(question.duty_id)),)
        case Asks.WHY_NOT:
            found = Pairs(planned).everywhere(request)
    return dump_answers(found, instance.name)
