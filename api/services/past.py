"""Days that are over as a problem and its history, to be replayed under other rules. Loads no solver.

What is left of them says much, and not all: docs/what-if.md, "Back-test", tells what is assumed.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from api.deadlines import BERLIN
from api.errors import Code, FieldError, Problem
from api.mapping.past import Course, PastDays, Step, before_the_exchange, course_of, history_of
from api.mapping.problem import LeftOut, Mapped, problem_of
from api.repositories import past as rows
from api.services import gatekeeping, parameters
from api.settings import Settings
from api.workflow import PROMISED, State
from data.service_parameters import service_parameters
from optimizer.simulate.running import History

MOST_DAYS = 31
USUAL_DAYS = 28
"""Days that are replayed where nobody says which: four whole weeks, for weekends are quiet."""
_GATE = "gate_closed"
_RODE = PROMISED | {State.HANDED_OVER, State.FAILED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """A period as it was before the exchange placed anybody, and what became known when."""

    mapped: Mapped
    history: History


def usual_days(now: datetime, last: date | None = None) -> PastDays:
    """Return the days up to ``last`` (``None``: yesterday) that are replayed where nobody says which is the first."""
    last = last or now.astimezone(BERLIN).date() - timedelta(days=1)
    first = max(earliest_day(now), last - timedelta(days=USUAL_DAYS - 1))
    return PastDays(first=min(first, last), last=last)


def earliest_day(now: datetime) -> date:
    """Return the first local day of which every request is still there: they are deleted some days after their end."""
    kept = timedelta(days=service_parameters().retention.request_days.value)
    return (now - kept).astimezone(BERLIN).date() + timedelta(days=1)


def see_that_they_are_there(days: PastDays, *, now: datetime) -> None:
    """Refuse days that are not over, that were deleted in part, or that are too many.

    Raises
    ------
    Problem
        ``value_refused`` (422) with what would be right.
    """
    today, earliest = now.astimezone(BERLIN).date(), earliest_day(now)
    errors = []
    if days.last >= today:
        errors.append(FieldError(path="/last_day", expected=f"a day before {today.isoformat()}"))
    if days.first < earliest:
        errors.append(
            FieldError(
                path="/first_day", expected=f"{earliest.isoformat()} or later",
                what_to_do="Requests of days before are deleted already, all or some.",
            )
        )  # fmt: skip
    if days.days > MOST_DAYS:
        errors.append(FieldError(path="/last_day", expected=f"at most {MOST_DAYS} days"))
    if errors:
        raise Problem(Code.VALUE_REFUSED, "Nothing was replayed. Choose other days.", errors=errors)


def period(session: Session, days: PastDays, settings: Settings, *, now: datetime) -> Past:
    """Return past days as a problem, and their history; ``session`` need only read.

    The pool is everybody who waited for a place at some time and was not gone before the first day; what a ZAB promised
    in the first round is promised, what the exchange placed is not. ``left_out`` of what is mapped names those whom a
    gate kept from riding to the end (``gate_closed``) as well.

    Raises
    ------
    Problem
        ``value_refused`` (422) where these days cannot be replayed, or nobody was to be carried.
    """
    see_that_they_are_there(days, now=now)
    duties = rows.duties_of(session, days.since, days.until)
    riders = rows.riders_of(session, duties)
    riding = frozenset().union(*riders.values())
    asked = rows.requests_of(session, days.since, days.until)
    courses = _courses(session, {*asked, *riding})
    waited = {key for key in asked if (course := courses.get(key)) is not None and _waited(course, days)}
    promised = {key for key in riding if (course := courses.get(key)) is None or course.known_at is None}
    plan = rows.past_rows(session, days.since, days.until, duties, pool=waited, promised=promised)
    courses = {
        key: course.up_to(plan.requests[key].pickup_to) if key in plan.requests else course
        for key, course in courses.items()
    }
    closed = gatekeeping.blocked(
        session, [key for key in plan.pool if _never_rode(plan.requests[key].state, courses[key])], now=now
    )
    plan = gatekeeping.without(plan, closed)
    mapped = problem_of(
        plan, days, parameters.in_force(session, days.first), now=days.since, tolerance=settings.tolerance_seconds,
        keeps_offers=False, driven=riders.keys(),
    )  # fmt: skip
    if not mapped.instance.requests:
        raise Problem(
            Code.VALUE_REFUSED, "Nobody waited or was promised in these days. Choose others.",
            errors=[FieldError(path="/first_day", expected="days with requests")],
        )  # fmt: skip
    gone = tuple(LeftOut(kind="request", id=str(key), code=_GATE) for key in sorted(waited - plan.pool))
    there = [request.id for request in mapped.instance.requests]
    instance = before_the_exchange(mapped.instance, courses, {zab.id: zab.code for zab in plan.zabs})
    return Past(
        mapped=replace(mapped, instance=instance, left_out=(*gone, *mapped.left_out)),
        history=history_of(courses, there, days.calendar),
    )


def _courses(session: Session, ids: set[uuid.UUID]) -> Mapping[uuid.UUID, Course]:
    found = {}
    for key, steps in rows.steps_of(session, ids).items():
        course = course_of(
            [
                Step(action=each.action, before=each.before, after=each.after, role=each.role,
                     zab_id=each.zab_id, code=each.code, at=each.created_at)
                for each in steps
            ]
        )  # fmt: skip
        if course is not None:
            found[key] = course
    return found


def _waited(course: Course, days: PastDays) -> bool:
    # Who was gone before the first day is of no night of these days; and its row may be deleted before those of others.
    return course.known_at is not None and (course.gone_at is None or course.gone_at >= days.since)


def _never_rode(state: State, course: Course) -> bool:
    """Whether it stayed without a place to the end: who rode, or was on the way to, had its gates open."""
    return course.gone_at is None and not course.has_failed and state not in _RODE
