"""Which rule keeps a request off a duty along the tour: the same question asked with one rule lifted after another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from optimizer.explain.finding import Also
from optimizer.explain.lifts import TIMED, Lift, Lifts
from optimizer.explain.trials import Trials, subproblem
from optimizer.model import MINUTE, DutyId, InstanceIndex, RequestId, Seconds, Tour
from optimizer.travel.matrix import TravelMatrix

_COMBINED: tuple[tuple[Lift, ...], ...] = (
    (Lift.LOAD,),
    (Lift.ESCORTS,),
    (Lift.FEMALE_OFFICER,),
    (Lift.COMPANY,),
    (Lift.NIGHT_CHILDREN,),
    (Lift.NIGHT_PICKUP,),
    (Lift.NIGHT_PICKUP, Lift.NIGHT_CHILDREN),
    (Lift.RIDE_TIME,),
    (Lift.DETOUR,),
    (Lift.RIDE_TIME, Lift.DETOUR),
    (Lift.WAIT,),
    (Lift.REST_STOP,),
    (Lift.WORKING_BREAK,),
    (Lift.SPAN,),
)
"""Lifted in this order, together where two rules say nearly the same; the first of each names the reason."""
_WIDE: tuple[tuple[Lift, ...], ...] = ((Lift.SPAN, Lift.SHIFT), (Lift.HANDOVER, Lift.PICKUP))
"""A tour too long for any shift, windows that fit nothing: tried where no single window or shift would do.

Not beside promises, where a tour could last until another day.
"""
_GRID: tuple[Seconds, ...] = tuple(MINUTE * m for m in (30, 60, 120, 240, 720))
"""Amounts that are tried for all requests at once; ``refined`` is exact to the minute."""
_STEP = MINUTE
NEAR = 60 * MINUTE
"""Where so little is missing at a window or a shift, that is told rather than the promised tour in the way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """What blocks.

    Parameters
    ----------
    lift
        The rule that is named.
    amount
        By how many seconds it would have to be lifted (``None``: altogether).
    lifts
        All that was lifted so that the request fits, ``lift`` among them.
    also
        What of it is in the way beside the rule that is named.
    """

    lift: Lift
    amount: Seconds | None
    lifts: tuple[Lift, ...]
    also: Also

    @property
    def rank(self) -> tuple[int, int]:
        """How far from fitting: the less the nearer."""
        order = list(Lift).index(self.lift)
        if self.also is not Also.NOTHING:
            return (4 if self.also is Also.PROMISED else 5), -order
        if self.lift in TIMED or (len(self.lifts) > 1 and Lift.SHIFT in self.lifts):
            amount = _GRID[-1] + 1 if self.amount is None else self.amount
            return (0 if amount <= NEAR else 3), amount
        return (2, 0) if self.lift is Lift.COMMITMENT else (1, -order)

    def lifted_by(self, amount: Seconds | None) -> dict[Lift, Seconds | None]:
        """Return what to lift: the named rule by ``amount``, the others altogether."""
        return {lift: amount if lift is self.lift else None for lift in self.lifts}


class Blocks:
    """Finds what blocks requests that fit on no duty of a ZAB.

    Parameters
    ----------
    pool, duties
        The requests and duties in question.
    """

    def __init__(
        self, index: InstanceIndex, travel: TravelMatrix, pool: Sequence[RequestId], duties: Sequence[DutyId]
    ) -> None:
        self._index = index
        self._travel = travel
        self._instance = subproblem(index, pool, duties)
        self._trials: dict[tuple[tuple[Lift, Seconds | None], ...], Trials] = {}
        self._amounts: dict[tuple[RequestId, DutyId, Block], Seconds] = {}
        self.pairs = (frozenset(pool), frozenset(duties))
        """The requests and duties that may be asked for."""

    def of(self, request: RequestId, duty: DutyId) -> Block:
        """Return what blocks ``request`` on ``duty``, which it does not fit on."""
        block = self._single(request, duty, ())
        if duty not in self._index.commitment:
            return block if block is not None else self._together(request, duty)
        # On a duty with promises these are named before a window that would have to be widened far.
        is_near = block is not None and (block.rank[0] < 2 and block.lift is not Lift.HANDOVER)
        if not is_near and self._fits(request, duty, {Lift.COMMITMENT: None}):
            return Block(lift=Lift.COMMITMENT, amount=None, lifts=(Lift.COMMITMENT,), also=Also.NOTHING)
        return block or self._single(request, duty, (Lift.COMMITMENT,)) or self._together(request, duty)

    def minimal(self, request: RequestId, duty: DutyId, block: Block) -> Block:
        """Return the block with nothing lifted that need not be: each rule that is left is in the way.

        What is lifted is dropped one after another, the most telling last; the most telling that is left is named.
        """
        if block.also is not Also.OTHERS:
            return block
        lifts = list(block.lifts)
        for lift in sorted(block.lifts, key=list(Lift).index, reverse=True):
            fewer = [other for other in lifts if other is not lift]
            if fewer and self._fits(request, duty, dict.fromkeys(fewer)):
                lifts = fewer
        named = min(lifts, key=list(Lift).index)
        beside = Also.OTHERS if len(lifts) > 1 else Also.NOTHING
        return Block(lift=named, amount=None, lifts=tuple(lifts), also=beside)

    def refined(self, request: RequestId, duty: DutyId, block: Block) -> Seconds | None:
        """Return the least amount of a timed lift with which the request fits, to the minute."""
        if block.amount is None:
            return None
        if (request, duty, block) not in self._amounts:
            self._amounts[request, duty, block] = self._least_minutes(request, duty, block, block.amount)
        return self._amounts[request, duty, block]

    def _least_minutes(self, request: RequestId, duty: DutyId, block: Block, amount: Seconds) -> Seconds:
        position = _GRID.index(amount)
        below, enough = (_GRID[position - 1] if position else 0), amount
        instance = subproblem(self._index, [request], [duty])
        while enough - below > _STEP:
            middle = (below + enough) // 2 // _STEP * _STEP
            if Trials(instance, self._travel, block.lifted_by(middle)).fits(request, duty):
                enough = middle
            else:
                below = middle
        return enough

    def tour(self, request: RequestId, duty: DutyId, block: Block, amount: Seconds | None) -> Tour:
        """Return a tour that carries the request once the block is lifted (by ``amount``)."""
        lifts = block.lifted_by(amount)
        if amount is None:
            return self._with(lifts).tour(request, duty)
        return Trials(subproblem(self._index, [request], [duty]), self._travel, lifts).tour(request, duty)

    def _single(self, request: RequestId, duty: DutyId, also: tuple[Lift, ...]) -> Block | None:
        """Return the first rule whose lifting is enough (together with ``also``), ``None`` where none is."""
        beside = Also.PROMISED if also else Also.NOTHING
        for lifts in _COMBINED:
            if not self._is_idle(lifts, duty) and self._fits(request, duty, dict.fromkeys((*lifts, *also))):
                return Block(lift=lifts[0], amount=None, lifts=(*lifts, *also), also=beside)
        timed = self._timed(request, duty, also)
        if timed is not None or (duty in self._index.commitment and not also):
            return timed
        for lifts in _WIDE:
            if self._fits(request, duty, dict.fromkeys((*lifts, *also))):
                return Block(lift=lifts[0], amount=None, lifts=(*lifts, *also), also=beside)
        return None

    def _is_idle(self, lifts: tuple[Lift, ...], duty: DutyId) -> bool:
        """Whether the instance has nothing that these lifts could take away."""
        instance = self._index.instance
        parameters, profile = instance.parameters, self._index.duty_profile(duty)
        match lifts[0]:
            case Lift.COMPANY:
                return duty not in self._index.commitment
            case Lift.NIGHT_CHILDREN | Lift.NIGHT_PICKUP:
                return not instance.nights
            case Lift.DETOUR:
                return parameters.detour_permille is None
            case Lift.WAIT:
                return parameters.max_wait is None
            case Lift.REST_STOP:
                return parameters.rest_every is None and parameters.rest_every_children is None
            case Lift.WORKING_BREAK:
                return not profile.tiers and profile.max_stretch is None
            case Lift.SPAN:
                return profile.max_span is None
            case _:
                return False

    def _timed(self, request: RequestId, duty: DutyId, also: tuple[Lift, ...]) -> Block | None:
        """Return the window, shift or availability of which the least more would do."""
        best: tuple[Seconds, Block] | None = None
        for lift in TIMED:
            if lift is Lift.AVAILABILITY and not self._index.duty_vehicle(duty).availability:
                continue
            if not self._fits(request, duty, dict.fromkeys((lift, *also))):
                continue
            amount = self._least(request, duty, lift, also)
            beside = Also.PROMISED if also else Also.NOTHING
            block = Block(lift=lift, amount=amount, lifts=(lift, *also), also=beside)
            # A hand-over is mostly bound to a flight: it moves only where everything else would have to move far.
            weight = (2 if lift is Lift.HANDOVER else 1) * (8 * _GRID[-1] if amount is None else amount)
            if best is None or weight < best[0]:
                best = weight, block
        return best[1] if best is not None else None

    def _least(self, request: RequestId, duty: DutyId, lift: Lift, also: tuple[Lift, ...]) -> Seconds | None:
        low, high = 0, len(_GRID)
        while low < high:
            middle = (low + high) // 2
            if self._fits(request, duty, {lift: _GRID[middle], **dict.fromkeys(also)}):
                high = middle
            else:
                low = middle + 1
        return _GRID[low] if low < len(_GRID) else None

    def _together(self, request: RequestId, duty: DutyId) -> Block:
        """Lift one rule after another, the least telling first; the one that opens the way at last is named."""
        lifts: list[Lift] = []
        for lift in reversed(Lift):
            lifts.append(lift)
            if len(lifts) > 1 and self._fits(request, duty, dict.fromkeys(lifts)):
                return Block(lift=lift, amount=None, lifts=tuple(lifts), also=Also.OTHERS)
        raise AssertionError(f"request {request} does not fit on duty {duty} with every rule lifted")

    def _fits(self, request: RequestId, duty: DutyId, lifts: Lifts) -> bool:
        return self._with(lifts).fits(request, duty)

    def _with(self, lifts: Lifts) -> Trials:
        key = tuple(sorted(lifts.items()))
        if key not in self._trials:
            self._trials[key] = Trials(self._instance, self._travel, lifts)
        return self._trials[key]
