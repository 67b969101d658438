"""How a request went through the exchange, told by its steps alone."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import pytest

from api.mapping.past import Course, PastDays, Step, course_of, history_of
from api.workflow import Action, Role, State, transition
from optimizer.model import HOUR

ZAB = uuid.uuid4()
NOON = datetime(2026, 10, 5, 10, tzinfo=UTC)
Taken = tuple[Action, Role] | tuple[Action, Role, str]


def lived(*taken: Taken, begin: State = State.DRAFT) -> list[Step]:
    """Steps an hour apart, the first at noon; each is one that the table has."""
    steps, before = [], begin
    for number, (action, role, *code) in enumerate(taken):
        after = transition(before, action, role).to
        steps.append(
            Step(
                action=action, before=before, after=after, role=role, zab_id=ZAB, code=code[0] if code else None,
                at=NOON + timedelta(hours=number),
            )
        )  # fmt: skip
        before = after
    return steps


def told(steps: Sequence[Step]) -> tuple[int | None, int | None, bool] | None:
    """When it was known and gone, as numbers of steps, and whether it failed."""
    course = course_of(steps)
    if course is None:
        return None
    numbers = [None if at is None else (at - NOON) // timedelta(hours=1) for at in (course.known_at, course.gone_at)]
    return numbers[0], numbers[1], course.has_failed


POOL, ASK = (Action.POOL, Role.ABH), (Action.ASK, Role.ABH)
ACCEPT, BACK_OUT = (Action.ACCEPT, Role.ZAB_DISPATCHER), (Action.BACK_OUT, Role.ZAB_DISPATCHER)
PLACED: tuple[Taken, ...] = ((Action.PROPOSE, Role.SYSTEM), (Action.CONFIRM, Role.ZAB_DISPATCHER))
UNDER_WAY: Taken = (Action.DEPART, Role.ZAB_DISPATCHER)
HANDED_OVER: Taken = (Action.HAND_OVER, Role.ZAB_DISPATCHER)
FAILED: Taken = (Action.FAIL, Role.ZAB_DISPATCHER, "not_met")


@pytest.mark.parametrize(
    ("taken", "course"),
    [
        ([], None),
        ([ASK, (Action.REJECT, Role.ZAB_DISPATCHER)], None),
        ([POOL], (0, None, False)),
        ([POOL, *PLACED, UNDER_WAY, HANDED_OVER], (0, None, False)),
        ([ASK, ACCEPT], (None, None, False)),
        ([ASK, ACCEPT, FAILED], (None, None, True)),
        ([ASK, ACCEPT, BACK_OUT], (2, None, False)),
        ([ASK, (Action.EXPIRE, Role.SYSTEM)], (1, None, False)),
        ([POOL, (Action.CANCEL, Role.ABH)], (0, 1, False)),
        ([POOL, *PLACED, (Action.STOP, Role.ABH)], (0, 3, False)),
        ([POOL, (Action.RETURN_TO_ABH, Role.SYSTEM)], (0, None, False)),
        ([POOL, (Action.RETURN_TO_ABH, Role.ABH)], (0, 1, False)),
        ([POOL, (Action.ASK, Role.SYSTEM)], (0, 1, False)),
        ([POOL, (Action.ASK, Role.SYSTEM), ACCEPT], (None, None, False)),
        ([POOL, *PLACED, FAILED], (0, None, True)),
        ([POOL, *PLACED, (Action.FAIL, Role.ZAB_DISPATCHER, "vehicle")], (0, None, False)),
        ([POOL, *PLACED, UNDER_WAY, (Action.STOP, Role.ABH)], (0, None, True)),
        ([POOL, *PLACED, FAILED, POOL, *PLACED, UNDER_WAY, HANDED_OVER], (4, None, False)),
        ([POOL, *PLACED, (Action.MOVE_DATE, Role.ABH), *PLACED, FAILED], (3, None, True)),
        ([POOL, (Action.STOP, Role.ABH), (Action.LIFT_STOP, Role.ABH), POOL], (3, None, False)),
    ],
)
def test_what_a_replay_knows_of_a_request(taken: list[Taken], course: tuple[int | None, int | None, bool]) -> None:
    assert told(lived(*taken)) == course


def test_who_is_withdrawn_when_the_pick_up_is_past_was_there_at_every_night() -> None:
    course = course_of(lived(POOL, (Action.CANCEL, Role.ABH)))
    assert course is not None
    assert course.up_to(NOON + timedelta(hours=1)) == course
    assert course.up_to(NOON + timedelta(minutes=59)).gone_at is None


def test_who_declined_for_good_is_not_asked_in_a_replay_and_who_may_say_yes_later_is() -> None:
    for_good = lived(POOL, (Action.PROPOSE, Role.SYSTEM), (Action.DECLINE_BAR, Role.ZAB_DISPATCHER))
    for_now = lived(POOL, (Action.PROPOSE, Role.SYSTEM), (Action.DECLINE_WAIT, Role.ZAB_DISPATCHER))
    courses = [course_of(for_good), course_of(for_now)]
    assert [course and course.refused_by for course in courses] == [{ZAB}, frozenset()]
    again = [*for_good, *lived((Action.CANCEL, Role.ABH), begin=State.POOLED)]
    course = course_of(again)
    assert course is not None
    assert course.refused_by == {ZAB}


def test_seconds_of_a_period_count_from_its_first_local_midnight_and_are_never_before_it() -> None:
    days = PastDays(first=date(2026, 10, 5), last=date(2026, 10, 6))
    early, late = uuid.uuid4(), uuid.uuid4()
    courses = {
        key: Course(known_at=at, gone_at=at, has_failed=False, refused_by=frozenset())
        for key, at in ((early, NOON - timedelta(days=3)), (late, NOON))
    }
    history = history_of(courses, [str(early), str(late), str(uuid.uuid4())], days.calendar)
    assert history.known == history.cancelled == {str(early): 0, str(late): 12 * HOUR}
    assert history.failed == ()
    assert days == PastDays.read("2026-10-05/2026-10-06")
