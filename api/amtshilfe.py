"""The life of an Amtshilfe case as ONE table: (state, action) -> state, who may, whether a reason is needed. Pure.

A person is assigned to a municipality before the transfer deadline: the ZAB of the Bezirk of assignment examines with
the ABH whether it takes the transfer over (decree of 26.02.2024, measure 4). Responsibility for the case never moves:
no cell of this table has anything to do with who owns the request.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from api.workflow import Role


class AmtshilfeState(StrEnum):
    """Where an Amtshilfe case stands."""

    OPEN = "open"
    EXAMINED = "examined"
    """The ZAB has looked at it, with the ABH; it has not yet said whether it takes the transfer over."""
    TAKEN_OVER = "taken_over"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    """Opened by mistake, or the assignment was taken back."""
    LAPSED = "lapsed"
    """The deadline passed, or the request ended, before anybody decided."""


class AmtshilfeAction(StrEnum):
    """What can be done to an Amtshilfe case."""

    EXAMINE = "examine"
    TAKE_OVER = "take_over"
    DECLINE = "decline"
    WITHDRAW = "withdraw"
    LAPSE = "lapse"


class AmtshilfeReason(StrEnum):
    """Why the ZAB of the Bezirk of assignment does not take a transfer over."""

    NO_CAPACITY = "no_capacity"
    DEADLINE_TOO_NEAR = "deadline_too_near"
    FIRST_ZAB_CARRIES = "first_zab_carries"
    """The ZAB of the facility carries it: its tour is planned."""
    DATA_INCOMPLETE = "data_incomplete"
    NOT_ASSIGNED_HERE = "not_assigned_here"
    OTHER = "other"


LIVE = frozenset({AmtshilfeState.OPEN, AmtshilfeState.EXAMINED})
"""Of a request at most one case is in one of these, by the database."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AmtshilfeCell:
    """One cell: the state it leads to, which roles may, whether a coded reason is needed.

    ``is_examiners``: only the ZAB of the Bezirk of assignment; otherwise whoever opened the case, or the request's
    owner.
    """

    to: AmtshilfeState
    who: frozenset[Role]
    needs_reason: bool = False
    is_examiners: bool = True


_ZAB = frozenset({Role.ZAB_DISPATCHER, Role.ZAB_LEAD})
_OPENERS = _ZAB | {Role.ABH}
AMTSHILFE_TABLE: dict[tuple[AmtshilfeState, AmtshilfeAction], AmtshilfeCell] = {
    (AmtshilfeState.OPEN, AmtshilfeAction.EXAMINE): AmtshilfeCell(to=AmtshilfeState.EXAMINED, who=_ZAB),
    (AmtshilfeState.EXAMINED, AmtshilfeAction.TAKE_OVER): AmtshilfeCell(to=AmtshilfeState.TAKEN_OVER, who=_ZAB),
    (AmtshilfeState.EXAMINED, AmtshilfeAction.DECLINE): AmtshilfeCell(
        to=AmtshilfeState.DECLINED, who=_ZAB, needs_reason=True
    ),
    **{
        (state, AmtshilfeAction.WITHDRAW): AmtshilfeCell(to=AmtshilfeState.WITHDRAWN, who=_OPENERS, is_examiners=False)
        for state in sorted(LIVE)
    },
    **{
        (state, AmtshilfeAction.LAPSE): AmtshilfeCell(to=AmtshilfeState.LAPSED, who=frozenset({Role.SYSTEM}))
        for state in sorted(LIVE)
    },
}


def amtshilfe_actions(state: AmtshilfeState, role: Role) -> frozenset[AmtshilfeAction]:
    """Return what ``role`` may do to a case in ``state``."""
    return frozenset(action for (of, action), cell in AMTSHILFE_TABLE.items() if of is state and role in cell.who)
