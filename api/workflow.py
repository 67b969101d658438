"""The life of a request as ONE table: (state, action) -> state, who may, whether reason and second person are needed.

Nothing else sets a state. Every cell that is not in ``TABLE`` is refused, with what would be allowed instead
(workflow.md). Pure: no clock, no database.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from api.reason_codes import (
    CancelCode,
    ConditionCode,
    CounterCode,
    FailCode,
    LiftCode,
    MoveCode,
    SettleCode,
    StopCode,
)
from optimizer.model import RejectionCode


class Role(StrEnum):
    """Who acts. ``SYSTEM`` is the clock and the solver: it may propose and let things lapse, never promise."""

    ABH = "abh"
    ZAB_DISPATCHER = "zab_dispatcher"
    ZAB_LEAD = "zab_lead"
    LTRAKO = "ltrako"
    ZFA = "zfa"
    ZRK = "zrk"
    AUDITOR = "auditor"
    ADMIN = "admin"
    SYSTEM = "system"


class State(StrEnum):
    """Where a request stands."""

    DRAFT = "draft"
    ASKED = "asked"
    """In the first round: one ZAB was asked."""
    REJECTED = "rejected"
    POOLED = "pooled"
    PROPOSED = "proposed"
    COUNTER_PROPOSED = "counter_proposed"
    """The ZAB offers another time or place; the ABH decides."""
    PROVISIONALLY_CONFIRMED = "provisionally_confirmed"
    CONFIRMED = "confirmed"
    DECLINED = "declined"
    """Rests after a decline that asks for a person: data to be corrected, or a policy to be settled."""
    EXPIRED = "expired"
    """Nobody answered in time: a named role looks at it, and it is matched again."""
    FROZEN = "frozen"
    UNDER_WAY = "under_way"
    HANDED_OVER = "handed_over"
    FAILED = "failed"
    CANCELLED = "cancelled"
    STOPPED = "stopped"
    RETURNED = "returned"
    """Back at the ABH, which organises the trip itself."""


class Action(StrEnum):
    """What can be done to a request."""

    ASK = "ask"
    REJECT = "reject"
    ACCEPT = "accept"
    """The ZAB of the first round takes it: no need of the exchange."""
    POOL = "pool"
    AMEND = "amend"
    PROPOSE = "propose"
    ASSIGN = "assign"
    """A person chooses a duty by hand; checked at once, pinned, promised by the ZAB itself."""
    LOSE = "lose"
    """A proposal that a better one replaces, or that no longer holds."""
    CONFIRM = "confirm"
    CONFIRM_PROVISIONALLY = "confirm_provisionally"
    MEET_CONDITION = "meet_condition"
    LAPSE = "lapse"
    """The condition of a provisional promise was not met in time."""
    COUNTER = "counter"
    ACCEPT_COUNTER = "accept_counter"
    REFUSE_COUNTER = "refuse_counter"
    WITHDRAW_COUNTER = "withdraw_counter"
    """The ZAB takes its counter-proposal back before the owner has answered: the offer stands again as it was."""
    DECLINE_BAR = "decline_bar"
    DECLINE_CORRECT = "decline_correct"
    DECLINE_WAIT = "decline_wait"
    DECLINE_ESCALATE = "decline_escalate"
    CORRECT = "correct"
    SETTLE = "settle"
    """A lead settles what was escalated: the request is matched again."""
    RETURN_DECLINE = "return_decline"
    """A lead gives a decline back: the offer stands again."""
    EXPIRE = "expire"
    RESUME = "resume"
    BACK_OUT = "back_out"
    MOVE_DATE = "move_date"
    """The measure takes place on another day: the promise ends, and the request is matched again at once."""
    FREEZE = "freeze"
    THAW = "thaw"
    DEPART = "depart"
    HAND_OVER = "hand_over"
    FAIL = "fail"
    CANCEL = "cancel"
    STOP = "stop"
    LIFT_STOP = "lift_stop"
    RETURN_TO_ABH = "return_to_abh"


class DeclineClass(StrEnum):
    """What a decline does to the request (workflow.md, rule 4)."""

    BAR = "bar"
    """This pair of request and ZAB is out for this date; the next best is asked."""
    CORRECT = "correct"
    """Data are wrong: the ABH corrects them, then it is offered again."""
    WAIT = "wait"
    """Not before an instant: until then this ZAB is not asked."""
    ESCALATE = "escalate"
    """A matter of policy: the leads settle it."""


class DeclineCode(StrEnum):
    """Why a ZAB declines."""

    CREW_ILL = "crew_ill"
    VEHICLE_OUT_OF_SERVICE = "vehicle_out_of_service"
    SHIFT_WOULD_BE_EXCEEDED = "shift_would_be_exceeded"
    DATA_WRONG = "data_wrong"
    CAPACITY_FOR_OWN_CASE = "capacity_for_own_case"
    DISTANCE = "distance"
    ESCORT_NOT_AVAILABLE = "escort_not_available"
    OTHER = "other"


CLASS_OF: dict[DeclineCode, DeclineClass] = {
    DeclineCode.CREW_ILL: DeclineClass.BAR,
    DeclineCode.VEHICLE_OUT_OF_SERVICE: DeclineClass.BAR,
    DeclineCode.SHIFT_WOULD_BE_EXCEEDED: DeclineClass.BAR,
    DeclineCode.DATA_WRONG: DeclineClass.CORRECT,
    DeclineCode.CAPACITY_FOR_OWN_CASE: DeclineClass.ESCALATE,
    DeclineCode.DISTANCE: DeclineClass.ESCALATE,
    DeclineCode.ESCORT_NOT_AVAILABLE: DeclineClass.WAIT,
    DeclineCode.OTHER: DeclineClass.ESCALATE,
}
"""The class of each code: fixed, so that the same reason always has the same effect."""
DECLINE_OF: dict[DeclineClass, Action] = {
    DeclineClass.BAR: Action.DECLINE_BAR,
    DeclineClass.CORRECT: Action.DECLINE_CORRECT,
    DeclineClass.WAIT: Action.DECLINE_WAIT,
    DeclineClass.ESCALATE: Action.DECLINE_ESCALATE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """One cell: the state it leads to, who may, and what must be stated.

    Parameters
    ----------
    who
        Roles; an ABH only for its own requests, a ZAB only for what it is asked or has promised.
    needs_reason
        A coded reason must be given, and text where the code is "other".
    needs_second
        A second person of the same organisation must agree.
    """

    to: State
    who: frozenset[Role]
    needs_reason: bool = False
    needs_second: bool = False


_ABH = frozenset({Role.ABH})
_ZAB = frozenset({Role.ZAB_DISPATCHER, Role.ZAB_LEAD})
_LEAD = frozenset({Role.ZAB_LEAD, Role.LTRAKO})
_SYSTEM = frozenset({Role.SYSTEM})
_STOPPERS = frozenset({Role.ABH, Role.ZAB_DISPATCHER, Role.ZAB_LEAD, Role.LTRAKO, Role.ZFA})
"""Whoever learns of it first may stop; only the owner may lift it."""

PROMISED = frozenset({State.PROVISIONALLY_CONFIRMED, State.CONFIRMED, State.FROZEN, State.UNDER_WAY})
"""A ZAB has given its word: the solver keeps these as they are."""
OFFERED = frozenset({State.PROPOSED, State.COUNTER_PROPOSED}) | PROMISED
"""States with a live proposal: exactly one, by the database."""
WAITING = frozenset({State.POOLED, State.EXPIRED})
"""What a run matches."""
_ASKED_FROM = (
    State.DRAFT, State.ASKED, State.REJECTED, *sorted(WAITING), State.PROPOSED, State.COUNTER_PROPOSED, State.DECLINED,
    State.FAILED, State.RETURNED,
)  # fmt: skip
"""Where no ZAB has given its word: from here a ZAB that the decree names is asked first."""
ENDED = frozenset({State.HANDED_OVER, State.FAILED, State.CANCELLED, State.STOPPED, State.RETURNED})
"""Nothing more happens of itself."""
OPEN = frozenset(State) - ENDED


def _cells() -> dict[tuple[State, Action], Transition]:
    s, a = State, Action

    def cell(
        state: State, action: Action, to: State, who: Collection[Role], *, reason: bool = False, second: bool = False
    ) -> None:
        table[state, action] = Transition(to=to, who=frozenset(who), needs_reason=reason, needs_second=second)

    table: dict[tuple[State, Action], Transition] = {}
    # First round, and into the pool. Nobody filters what an owner pools (rule 1).
    cell(s.DRAFT, a.AMEND, s.DRAFT, _ABH)
    cell(s.ASKED, a.ACCEPT, s.CONFIRMED, _ZAB)
    cell(s.ASKED, a.REJECT, s.REJECTED, _ZAB | _ABH, reason=True)
    cell(s.DRAFT, a.POOL, s.POOLED, _ABH)
    cell(s.REJECTED, a.POOL, s.POOLED, _ABH | _SYSTEM)
    # A ZAB that the decree names (Dublin from a state facility, Amtshilfe taken over) is asked before all others,
    # whatever the owner chose and wherever the request stood; only its rejection or its silence opens the pool.
    for state in _ASKED_FROM:
        cell(state, a.ASK, s.ASKED, _SYSTEM | (_ABH if state is s.DRAFT else frozenset()))
    cell(s.ASKED, a.EXPIRE, s.EXPIRED, _SYSTEM)
    cell(s.REJECTED, a.AMEND, s.REJECTED, _ABH)
    # In the pool. What is amended is matched again, whatever was offered before.
    for state in (s.POOLED, s.EXPIRED, s.PROPOSED, s.COUNTER_PROPOSED):
        cell(state, a.AMEND, s.POOLED, _ABH)
    for state in WAITING:
        cell(state, a.PROPOSE, s.PROPOSED, _SYSTEM)
        cell(state, a.RETURN_TO_ABH, s.RETURNED, _SYSTEM | _LEAD | _ABH)
    for state in (*WAITING, s.PROPOSED, s.COUNTER_PROPOSED, s.DECLINED):
        cell(state, a.ASSIGN, s.CONFIRMED, _ZAB)
    cell(s.EXPIRED, a.RESUME, s.POOLED, _SYSTEM | _LEAD)
    # An offer, and what a person says to it. Silence never confirms (rule 5).
    cell(s.PROPOSED, a.PROPOSE, s.PROPOSED, _SYSTEM)
    # A gate that closes takes a counter-proposal away too.
    for state in (s.PROPOSED, s.COUNTER_PROPOSED):
        cell(state, a.LOSE, s.POOLED, _SYSTEM)
    cell(s.PROPOSED, a.EXPIRE, s.EXPIRED, _SYSTEM)
    cell(s.PROPOSED, a.CONFIRM, s.CONFIRMED, _ZAB)
    cell(s.PROPOSED, a.CONFIRM_PROVISIONALLY, s.PROVISIONALLY_CONFIRMED, _ZAB, reason=True)
    cell(s.PROPOSED, a.COUNTER, s.COUNTER_PROPOSED, _ZAB, reason=True)
    for state in (s.PROPOSED, s.PROVISIONALLY_CONFIRMED):
        cell(state, a.DECLINE_BAR, s.POOLED, _ZAB, reason=True)
        cell(state, a.DECLINE_WAIT, s.POOLED, _ZAB, reason=True)
        cell(state, a.DECLINE_CORRECT, s.DECLINED, _ZAB, reason=True)
        cell(state, a.DECLINE_ESCALATE, s.DECLINED, _ZAB, reason=True)
    cell(s.COUNTER_PROPOSED, a.ACCEPT_COUNTER, s.CONFIRMED, _ABH)
    cell(s.COUNTER_PROPOSED, a.REFUSE_COUNTER, s.POOLED, _ABH)
    cell(s.COUNTER_PROPOSED, a.WITHDRAW_COUNTER, s.PROPOSED, _ZAB)
    cell(s.COUNTER_PROPOSED, a.EXPIRE, s.EXPIRED, _SYSTEM)
    cell(s.DECLINED, a.CORRECT, s.POOLED, _ABH)
    cell(s.DECLINED, a.SETTLE, s.POOLED, _LEAD, reason=True)
    cell(s.DECLINED, a.RETURN_DECLINE, s.PROPOSED, _LEAD, reason=True)
    cell(s.DECLINED, a.RETURN_TO_ABH, s.RETURNED, _SYSTEM | _LEAD | _ABH)
    cell(s.PROVISIONALLY_CONFIRMED, a.MEET_CONDITION, s.CONFIRMED, _ZAB)
    cell(s.PROVISIONALLY_CONFIRMED, a.LAPSE, s.POOLED, _SYSTEM)
    # A promise, up to the hand-over. Backing out is allowed, counted, and matched anew (rule 6).
    for state in (s.PROVISIONALLY_CONFIRMED, s.CONFIRMED, s.FROZEN):
        cell(state, a.BACK_OUT, s.POOLED, _ZAB, reason=True)
    # The owner's date moves, not the ZAB's word: it is told, and barred from nothing. Once under way nothing moves.
    for state in (s.PROVISIONALLY_CONFIRMED, s.CONFIRMED, s.FROZEN, s.RETURNED):
        cell(state, a.MOVE_DATE, s.POOLED, _ABH, reason=True)
    cell(s.CONFIRMED, a.FREEZE, s.FROZEN, _SYSTEM | _ZAB)
    cell(s.FROZEN, a.THAW, s.CONFIRMED, _LEAD, reason=True)
    for state in (s.CONFIRMED, s.FROZEN):
        cell(state, a.DEPART, s.UNDER_WAY, _ZAB)
    cell(s.UNDER_WAY, a.HAND_OVER, s.HANDED_OVER, _ZAB)
    for state in (s.CONFIRMED, s.FROZEN, s.UNDER_WAY):
        cell(state, a.FAIL, s.FAILED, _ZAB, reason=True)
    # The owner's last word.
    for state in OPEN - {s.UNDER_WAY}:
        cell(state, a.CANCEL, s.CANCELLED, _ABH, reason=True)
    for state in OPEN:
        cell(state, a.STOP, s.STOPPED, _STOPPERS, reason=True)
    cell(s.STOPPED, a.LIFT_STOP, s.DRAFT, _ABH, reason=True, second=True)
    for state in (s.FAILED, s.RETURNED):
        cell(state, a.POOL, s.POOLED, _ABH)
    return table


TABLE: dict[tuple[State, Action], Transition] = _cells()
FINAL = frozenset(State) - {state for state, _ in TABLE}
"""From here no step leads on: what only serves another match is of no use any more."""
TAKEN_BACK_BY: dict[Action, Action] = {
    Action.POOL: Action.RETURN_TO_ABH,
    Action.RETURN_TO_ABH: Action.POOL,
    **dict.fromkeys(
        (Action.ACCEPT, Action.ASSIGN, Action.CONFIRM, Action.CONFIRM_PROVISIONALLY, Action.MEET_CONDITION),
        Action.BACK_OUT,
    ),
    **dict.fromkeys((Action.DECLINE_CORRECT, Action.DECLINE_ESCALATE), Action.RETURN_DECLINE),
    Action.COUNTER: Action.WITHDRAW_COUNTER,
    Action.FREEZE: Action.THAW,
    Action.STOP: Action.LIFT_STOP,
}
"""What takes an action back, where anything does; whoever did it need not be who may (``TABLE``).

Nothing is undone unseen: each of these is a step of its own, with its reason, its record, and what it means for others.
A decline that bars and a cancellation are answers on which others act at once: no way leads back.
"""
SHUT: dict[DeclineClass, frozenset[Action]] = {
    DeclineClass.CORRECT: frozenset({Action.ASSIGN}),
    DeclineClass.ESCALATE: frozenset({Action.CORRECT}),
}
"""What a decline of a class shuts until it is dealt with, although the state would let it.

Wrong data are corrected by the owner before anybody takes the request; a matter of policy is settled by the leads, and
no new data of the owner's settle it.
"""
REASONS: dict[Action, type[StrEnum]] = {
    Action.REJECT: RejectionCode,
    Action.CONFIRM_PROVISIONALLY: ConditionCode,
    Action.COUNTER: CounterCode,
    **dict.fromkeys(DECLINE_OF.values(), DeclineCode),
    Action.SETTLE: SettleCode,
    Action.RETURN_DECLINE: SettleCode,
    Action.THAW: SettleCode,
    Action.BACK_OUT: DeclineCode,
    Action.MOVE_DATE: MoveCode,
    Action.FAIL: FailCode,
    Action.CANCEL: CancelCode,
    Action.STOP: StopCode,
    Action.LIFT_STOP: LiftCode,
}
"""Codes that an action's reason may have; all actions that need one are here."""


class NotAllowed(Exception):
    """An action that the table does not have for the state, or not for the role.

    ``allowed`` is what this role may do in this state.
    """

    def __init__(self, state: State, action: Action, role: Role, *, exists: bool) -> None:
        self.state = state
        self.action = action
        self.role = role
        self.exists = exists
        """Whether somebody else may: a person, for what only the clock does nobody can be asked."""
        self.allowed = actions(state, role)
        may = ", ".join(sorted(self.allowed)) or "nothing"
        super().__init__(
            f"Expected an action that {role} may take on a request in state {state} ({may}), got {action}."
        )


def actions(state: State, role: Role) -> frozenset[Action]:
    """Return what ``role`` may do to a request in ``state``."""
    return frozenset(action for (of, action), cell in TABLE.items() if of is state and role in cell.who)


def transition(state: State, action: Action, role: Role) -> Transition:
    """Return the cell.

    Raises
    ------
    NotAllowed
        Where there is none, or not for this role.
    """
    cell = TABLE.get((state, action))
    if cell is None or role not in cell.who:
        raise NotAllowed(state, action, role, exists=cell is not None and bool(cell.who - _SYSTEM))
    return cell
