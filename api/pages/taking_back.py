"""Right after a decision: what would take it back, and who may; named for what it is, for it is a step of its own."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from api.pages.view import View
from api.texts import ROLES, in_language
from api.workflow import TABLE, TAKEN_BACK_BY, Action, Role, State


@dataclass(frozen=True, slots=True, kw_only=True)
class WayBack:
    """The step that takes a decision back; ``who`` may do it where the reader may not."""

    action: Action
    is_own: bool
    who: tuple[str, ...]


def way_back(view: View, done: Iterable[Action], state: State, may: Collection[Action]) -> WayBack | None:
    """Return what takes back what was done, as the request stands now; ``None`` where nothing does.

    Parameters
    ----------
    done
        The action, or those of which it was one.
    may
        What the reader may do now.
    """
    for action in (TAKEN_BACK_BY[each] for each in done if each in TAKEN_BACK_BY):
        cell = TABLE.get((state, action))
        if cell is not None:
            roles = sorted(cell.who - {Role.SYSTEM})
            who = tuple(in_language(ROLES[role], view.language) for role in roles)
            return WayBack(action=action, is_own=action in may, who=who)
    return None
