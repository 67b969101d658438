"""What would help, as a change of a scenario: so that it can be tried on a snapshot of the whole plan."""

from __future__ import annotations

import uuid
from typing import Any

from optimizer.answer import Kind
from optimizer.simulate.changes_relaxed import ExtendShift, StrengthenCrew, WidenWindow

_MINUTE = 60
_WINDOWS = {
    Kind.PICKUP_EARLIER: "pickup_earlier",
    Kind.PICKUP_LATER: "pickup_later",
    Kind.HANDOVER_EARLIER: "handover_earlier",
    Kind.HANDOVER_LATER: "handover_later",
}
Relaxed = WidenWindow | ExtendShift | StrengthenCrew
"""The changes that relaxations become."""
_SHIFTS = {Kind.SHIFT_EARLIER: "earlier", Kind.SHIFT_LATER: "later"}


def change_of(kind: Kind, size: int, request_id: uuid.UUID, duty_id: uuid.UUID | None) -> Relaxed | None:
    """Return a relaxation as a change; ``None`` where no scenario says it, or the duty is not known.

    Parameters
    ----------
    size
        As ``optimizer.answer.Relaxation`` has it: minutes, or officers.
    """
    if kind in _WINDOWS:
        return WidenWindow(request=str(request_id), **_seconds(_WINDOWS[kind], size))
    if duty_id is None:
        return None
    if kind in _SHIFTS:
        return ExtendShift(duty=str(duty_id), **_seconds(_SHIFTS[kind], size))
    return StrengthenCrew(duty=str(duty_id), officers=size) if kind is Kind.OFFICER else None


def _seconds(field: str, minutes: int) -> dict[str, Any]:
    return {field: minutes * _MINUTE}
