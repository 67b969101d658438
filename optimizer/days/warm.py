"""The kernels are compiled once on a machine, which takes a minute or two, and loaded from the cache ever after."""

from __future__ import annotations

from collections.abc import Callable

from optimizer.days.compiling import compiled
from optimizer.days.tiny import tiny_problem
from optimizer.model import Instance, Stage
from optimizer.params import SolveParams
from optimizer.search.flow_lns import load_kernels as load_search_kernels
from optimizer.search.loose_pricing import load_kernels as load_proof_kernels
from optimizer.solve import solve
from optimizer.travel.matrix import TravelMatrix


def compile_kernels(
    instance: Instance, travel: TravelMatrix, *, is_cancelled: Callable[[], bool] = lambda: False
) -> float:
    """Load the kernels that a problem needs; return the seconds of compiling them where that was still to do, else 0.

    What a time limit must not count: a limit is for the search, and this happens once.
    """
    with compiled() as clock:
        warm_up(instance, travel, is_cancelled=is_cancelled)
    return clock.seconds


def warm_up(instance: Instance, travel: TravelMatrix, *, is_cancelled: Callable[[], bool] = lambda: False) -> None:
    """Solve a few requests on one duty, so that the kernels are there when time begins to count."""
    tiny = tiny_problem(instance, travel)
    if tiny is not None:
        solve(*tiny, SolveParams(workers=1, rounds=1), is_cancelled=is_cancelled)
        if instance.serve_all and instance.stages == (Stage.COST,):
            # Cut short, like a day with more fragments than can be enumerated.
            short = SolveParams(workers=1, rounds=1, max_fragments=1)
            solve(*tiny, short, is_cancelled=is_cancelled)
            load_search_kernels()
            load_proof_kernels()
