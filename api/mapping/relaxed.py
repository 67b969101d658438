"""What would help, as changes of a scenario: so that it can be tried on a snapshot of the whole plan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from optimizer.answer import Combination, Relaxation
from optimizer.granted import Granted
from optimizer.io.document import plain


def changes_of(found: Relaxation | Combination) -> list[dict[str, Any]]:
    """Return what would help as changes of a scenario, in their order; none where nobody may grant it."""
    return [_document(each) for each in found.changes]


def _document(granted: Granted) -> dict[str, Any]:
    """Return a change without what says nothing."""
    told: dict[str, Any] = plain(granted)
    return {name: value for name, value in told.items() if value != 0}


def days_moved(changes: Sequence[Mapping[str, Any]]) -> int:
    """Return by how many days a request rides later (negative: earlier) with these changes: days to be simulated."""
    return sum(each["days"] for each in changes if each["kind"] == "move_day")
