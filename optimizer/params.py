"""How to solve: limits, workers, seed. Never what to solve: that is the instance."""

from __future__ import annotations

from dataclasses import dataclass

from optimizer.errors import InvalidValue


@dataclass(frozen=True, slots=True, kw_only=True)
class SolveParams:
    """Knobs of one run.

    Parameters
    ----------
    time_limit
        Wall-clock seconds for the whole solve (``None``: until proven). A limit that strikes makes the result depend
        on the machine.
    workers
        Threads of the selection. With 1 the result is the same byte for byte (but for timings) where no
        wall-clock limit strikes.
    seed
        Seed of everything random.
    max_fragments
        Where enumeration passes this number it stops and the run claims no proof (``complete = False``).
    max_columns
        Most columns that are enumerated within the gap for the proof.
    deterministic_limit
        Limit per stage of the selection in CP-SAT's deterministic time (``None``: none).
    rounds
        The search for a first plan ends after so many destructions in a row that brought nothing.
    max_nodes
        Most nodes of one branch and bound, and of one branch and cut (``None``: until proven). With it no clock is
        asked anywhere unless ``time_limit`` is given too: work is counted, so that the result is the same on any
        machine, however busy.
    reasons
        Whether to find out why requests stay unserved; a simulation counts plans and needs none, nor does who solves
        many small problems.
    """

    time_limit: float | None = None
    workers: int = 2
    seed: int = 0
    max_fragments: int = 2_000_000
    max_columns: int = 400_000
    deterministic_limit: float | None = None
    rounds: int = 100
    max_nodes: int | None = None
    reasons: bool = True

    def __post_init__(self) -> None:
        if self.time_limit is not None and self.time_limit <= 0:
            raise InvalidValue("SolveParams.time_limit", "more than 0 seconds", self.time_limit)
        if self.workers < 1:
            raise InvalidValue("SolveParams.workers", "1 or more", self.workers)
        if self.seed < 0:
            raise InvalidValue("SolveParams.seed", "0 or more", self.seed)
        if self.max_fragments < 1 or self.max_columns < 1:
            raise InvalidValue(
                "SolveParams.max_fragments, max_columns", "1 or more", (self.max_fragments, self.max_columns)
            )
        if self.rounds < 0:
            raise InvalidValue("SolveParams.rounds", "0 or more", self.rounds)
        if self.max_nodes is not None and self.max_nodes < 1:
            raise InvalidValue("SolveParams.max_nodes", "1 or more", self.max_nodes)
        if self.deterministic_limit is not None and self.deterministic_limit <= 0:
            raise InvalidValue("SolveParams.deterministic_limit", "more than 0", self.deterministic_limit)
