"""Changes that somebody may grant for one request or one duty: a wider window, a longer shift, one officer more."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from optimizer.errors import InvalidValue
from optimizer.model import DutyId, Instance, InstanceIndex, RequestId, Seconds, Stop
from optimizer.model.value import Value
from optimizer.simulate.edits import known


@dataclass(frozen=True, slots=True, kw_only=True)
class WidenWindow(Value):
    """The windows of a request are so many seconds (0 or more) wider, at least one of them."""

    kind: Literal["widen_window"] = "widen_window"
    request: RequestId
    pickup_earlier: Seconds = 0
    pickup_later: Seconds = 0
    handover_earlier: Seconds = 0
    handover_later: Seconds = 0

    def __post_init__(self) -> None:
        by = (self.pickup_earlier, self.pickup_later, self.handover_earlier, self.handover_later)
        if min(by) < 0 or not any(by):
            raise InvalidValue("widen_window", "0 or more seconds, and one of them more than 0", by)

    def change(self, instance: Instance) -> Instance:
        """Return the instance with the wider windows; none begins before the horizon."""
        known("widen_window.request", self.request, {request.id for request in instance.requests})
        return replace(
            instance,
            requests=tuple(
                replace(
                    request,
                    pickup=_wider(request.pickup, self.pickup_earlier, self.pickup_later),
                    delivery=_wider(request.delivery, self.handover_earlier, self.handover_later),
                )
                if request.id == self.request
                else request
                for request in instance.requests
            ),
        )


def _wider(stop: Stop, earlier: Seconds, later: Seconds) -> Stop:
    begin = min(stop.earliest, max(0, stop.earliest - earlier))
    return replace(stop, earliest=begin, latest=stop.latest + later)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtendShift(Value):
    """The shift of a duty begins ``earlier``, or ends ``later``, by so many seconds (0 or more, one of them more)."""

    kind: Literal["extend_shift"] = "extend_shift"
    duty: DutyId
    earlier: Seconds = 0
    later: Seconds = 0

    def __post_init__(self) -> None:
        if min(self.earlier, self.later) < 0 or not (self.earlier or self.later):
            raise InvalidValue(
                "extend_shift", "0 or more seconds, and one of them more than 0", (self.earlier, self.later)
            )

    def change(self, instance: Instance) -> Instance:
        """Return the instance with the longer shift; all duties of that shift have it."""
        known("extend_shift.duty", self.duty, {duty.id for duty in instance.duties})
        mine = InstanceIndex(instance).duty_shift(self.duty).id
        return replace(
            instance,
            shifts=tuple(
                replace(shift, start=shift.start - self.earlier, end=shift.end + self.later)
                if shift.id == mine
                else shift
                for shift in instance.shifts
            ),
        )


_MOST_OFFICERS = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class StrengthenCrew(Value):
    """The crew of a duty has so many officers (1 or more) more, each of whom takes a seat."""

    kind: Literal["strengthen_crew"] = "strengthen_crew"
    duty: DutyId
    officers: int = 1

    def __post_init__(self) -> None:
        if not 1 <= self.officers <= _MOST_OFFICERS:
            raise InvalidValue("strengthen_crew.officers", f"1 to {_MOST_OFFICERS}", self.officers)

    def change(self, instance: Instance) -> Instance:
        """Return the instance with the larger crew, on all of its shifts."""
        known("strengthen_crew.duty", self.duty, {duty.id for duty in instance.duties})
        mine = InstanceIndex(instance).duty_crew(self.duty).id
        return replace(
            instance,
            crews=tuple(
                replace(crew, heads=crew.heads + self.officers, officers=crew.officers + self.officers)
                if crew.id == mine
                else crew
                for crew in instance.crews
            ),
        )
