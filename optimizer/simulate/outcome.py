"""What an evaluation may cost and what it comes to, as values: read and written without a solver."""

from __future__ import annotations

from dataclasses import dataclass

from optimizer.model import Seconds, ZabId
from optimizer.model.units import Metres
from optimizer.model.value import Value
from optimizer.params import SolveParams
from optimizer.result import Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits(Value):
    """How much work one evaluation may be; all of 1 or more, ``rounds`` of 0 or more.

    See ``SolveParams`` for what each counts.

    The defaults prove days of 30 requests in 0.2 s of CPU. Where a limit strikes, the plan is the best so far and
    ``Outcome.gap`` says how far from proven.
    """

    rounds: int = 10
    max_nodes: int = 2_000
    max_fragments: int = 500_000
    max_columns: int = 100_000

    def __post_init__(self) -> None:
        self.params(0)

    def params(self, seed: int) -> SolveParams:
        """Return the parameters of a run that asks no clock."""
        return SolveParams(
            workers=1,
            seed=seed,
            rounds=self.rounds,
            max_nodes=self.max_nodes,
            max_fragments=self.max_fragments,
            max_columns=self.max_columns,
            reasons=False,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome(Value):
    """What a plan comes to, in numbers that can be added up.

    Parameters
    ----------
    status
        ``optimal``, ``feasible``, or ``infeasible`` / ``unknown`` where there is no plan: then all counts are 0.
    requests
        Everybody to be carried, promised ones too, less those cancelled ahead.
    carried
        Requests handed over by the ZABs or, without a second round, by their ABH: less those who fail at the door.
    unplaced
        Pool requests that nobody drives.
    failed
        Planned and driven to, but not there.
    cancelled
        Fell away before the plan was made.
    released
        Promised in the first round, but no longer to be kept so: planned anew with the pool.
    custody, on_board, night
        Seconds on board above the direct drive, in all, and at night, of those carried.
    metres
        Road of all tours and own drives.
    cost
        Cents: distance and crew time of the tours, CO2 at its price; own drives of ABHs are not priced.
    own_drives, own_metres
        Requests that their ABH drives itself, and the road of that (part of ``carried`` and ``metres``).
    load
        New requests of each ZAB, in the order of the file: planned, whoever fails at the door.
    served_weight
        The first stage: weight of the new requests by deadline class.
    gap
        Relative distance between value and bound of the first stage; 0 when proven.
    """

    status: str
    requests: int = 0
    carried: int = 0
    unplaced: int = 0
    failed: int = 0
    cancelled: int = 0
    released: int = 0
    custody: Seconds = 0
    on_board: Seconds = 0
    night: Seconds = 0
    metres: Metres = 0
    cost: int = 0
    own_drives: int = 0
    own_metres: Metres = 0
    load: dict[ZabId, int]
    served_weight: int = 0
    gap: float = 0.0

    @property
    def has_plan(self) -> bool:
        """Whether the counts mean anything."""
        return self.status in (Status.OPTIMAL.value, Status.FEASIBLE.value)
