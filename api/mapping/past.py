"""Steps of past requests as what was known when: what a replay of the period may know at each of its nights."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from api.deadlines import BERLIN
from api.mapping.horizon import Horizon
from api.reason_codes import FailCode
from api.workflow import WAITING, Action, Role, State
from optimizer.io.tables_time import Calendar
from optimizer.model import Instance, RequestId, Seconds
from optimizer.simulate.running import History

_OUTSIDE = frozenset(
    {State.DRAFT, State.ASKED, State.REJECTED, State.HANDED_OVER, State.FAILED, State.CANCELLED, State.STOPPED,
     State.RETURNED}
)  # fmt: skip
"""States in which the exchange has nothing to do with a request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PastDays(Horizon):
    """Days that are over. Seconds count from their first midnight: of tours of the day before nobody is told."""

    @property
    def calendar(self) -> Calendar:
        """Seconds of the optimizer's problem."""
        return Calendar(self.first, BERLIN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step in the life of a request."""

    action: Action
    before: State
    after: State
    role: Role
    zab_id: uuid.UUID | None
    code: str | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """How a request went through the exchange, the last time that it did.

    Parameters
    ----------
    known_at
        When it first waited for a place; ``None``: it never did, for the ZAB of the first round carried it.
    gone_at
        When it fell away: withdrawn, stopped, or gone another way. Who was given back for want of a place did not.
    has_failed
        Whether it failed at the door, or later; a vehicle that broke down is no fault of the request.
    refused_by
        ZABs that declined it for good.
    """

    known_at: datetime | None
    gone_at: datetime | None
    has_failed: bool
    refused_by: frozenset[uuid.UUID]

    def up_to(self, pickup_to: datetime) -> Course:
        """Return the course as nights could know it: who was withdrawn after the last pick-up had been there at each.

        Such a request was left over, and somebody cleared it away.
        """
        is_late = self.gone_at is not None and self.gone_at > pickup_to
        return replace(self, gone_at=None) if is_late else self


def course_of(steps: Sequence[Step]) -> Course | None:
    """Return how a request went, by its steps in their order; ``None`` where the exchange never had it."""
    begins = [number for number, step in enumerate(steps) if _begins(step)]
    if not begins:
        return None
    last = steps[begins[-1] :]
    left = next((step for step in last if step.after in _OUTSIDE), None)
    return Course(
        known_at=next((step.at for step in last if step.after in WAITING), None),
        gone_at=None if left is None or not _fell_away(left) else left.at,
        has_failed=left is not None and _failed(left),
        refused_by=frozenset(
            step.zab_id for step in last if step.action is Action.DECLINE_BAR and step.zab_id is not None
        ),
    )


def _fell_away(left: Step) -> bool:
    """Whether nobody was to be carried any more: not so where it was, or was given back for want of a place."""
    if left.after in (State.HANDED_OVER, State.FAILED) or left.before is State.UNDER_WAY:
        return False
    return left.after is not State.RETURNED or left.role is Role.ABH


def _failed(left: Step) -> bool:
    """Whether the drive to it was in vain; a stop on the way is no withdrawal that a night could have known."""
    if left.before is State.UNDER_WAY and left.after is State.STOPPED:
        return True
    return left.after is State.FAILED and left.code != FailCode.VEHICLE


def _begins(step: Step) -> bool:
    """Whether with this step the exchange has it anew: the day that the request now states is that of the last time."""
    return step.after not in _OUTSIDE and (step.before in _OUTSIDE or step.action is Action.MOVE_DATE)


def before_the_exchange(
    instance: Instance, courses: Mapping[uuid.UUID, Course], zab_codes: Mapping[uuid.UUID, str]
) -> Instance:
    """Return the problem of past days as it was before anybody of the pool was placed.

    Where a person put somebody by hand is not known beforehand; and of what ZABs answered holds what they refused for
    good. All else that they said was about a proposal which a replay may never make.
    """

    def refused(request: RequestId) -> frozenset[str]:
        course = courses.get(uuid.UUID(request))
        return frozenset() if course is None else frozenset(zab_codes[z] for z in course.refused_by if z in zab_codes)

    return replace(
        instance,
        requests=tuple(replace(each, pin=None, barred_zabs=refused(each.id)) for each in instance.requests),
    )


def history_of(courses: Mapping[uuid.UUID, Course], there: Sequence[RequestId], calendar: Calendar) -> History:
    """Return what was known when of those requests that are ``there``, in seconds of the calendar, 0 or more."""

    def seconds(at: datetime) -> Seconds:
        return max(0, calendar.seconds(at))

    found = [(key, course) for key in there if (course := courses.get(uuid.UUID(key))) is not None]
    return History(
        known={key: seconds(course.known_at) for key, course in found if course.known_at is not None},
        cancelled={key: seconds(course.gone_at) for key, course in found if course.gone_at is not None},
        failed=tuple(key for key, course in found if course.has_failed),
    )
