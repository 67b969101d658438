"""Good choices of columns by branch and cut (HiGHS), in a thread of its own.

Its numbers are floating point, so nothing is proven here: a choice counts for what its columns are worth in integers,
and the proof is left to bounds in integers. CP-SAT is the slower one at this by far: on 2,900 columns of a 200-request
day it found nothing in 40 s where branch and cut had the best choice in two.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

import highspy
import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from optimizer.master.column import Column
from optimizer.master.column_set import ColumnSet
from optimizer.master.relaxation import SIZE, sign
from optimizer.master.rows import UNBOUNDED, Rows, settled_auxiliaries, worth_of
from optimizer.model import Stage

Floats = NDArray[np.float64]

_POLL_SECONDS = 0.02
_LONGEST = 20.0
"""Seconds that a search may take at most, wanted or not."""
_GAP = 1e-7


class Packing:
    """A search that runs from the moment it is made.

    Parameters
    ----------
    hint
        Columns of a known solution.
    seconds
        Most seconds.
    at_most
        Nothing dearer is wanted (minimised form).
    nodes
        Most nodes. With them ``seconds`` alone limits the time, and where it is infinite no clock is asked.
    """

    def __init__(
        self,
        rows: Rows,
        columns: Sequence[Column],
        stage: Stage,
        fixed: dict[Stage, int],
        *,
        hint: Sequence[Column],
        seconds: float,
        at_most: int | None = None,
        nodes: int | None = None,
    ) -> None:
        self._rows = rows
        self._columns = columns
        self._stage = stage
        self._fixed = dict(fixed)
        self._values: Floats | None = None
        self._is_wanted = True
        self._highs = highspy.Highs()  # type: ignore[no-untyped-call]
        options: dict[str, bool | int | float | str] = {
            "output_flag": False, "threads": 1, "parallel": "off", "mip_rel_gap": _GAP,
        }  # fmt: skip
        if nodes is not None:
            options["mip_max_nodes"] = nodes
        longest = seconds if nodes is not None else min(seconds, _LONGEST)
        if longest != float("inf"):
            options["time_limit"] = max(0.01, longest)
        for option, value in options.items():
            self._highs.setOptionValue(option, value)
        self._highs.cbMipInterrupt.subscribe(self._interrupt)
        self._highs.cbSimplexInterrupt.subscribe(self._interrupt)
        self._highs.passModel(_model(rows, columns, stage, fixed, at_most))
        self._suggest(hint)
        self._thread = threading.Thread(target=self._run, name="packing", daemon=True)
        self._thread.start()

    def _interrupt(self, event: highspy.HighsCallbackEvent) -> None:
        event.interrupt(not self._is_wanted)

    def _suggest(self, hint: Sequence[Column]) -> None:
        settled = settled_auxiliaries(self._rows, hint)
        if settled is None:
            return
        hinted = {column.number for column in hint}
        solution = highspy.HighsSolution()
        solution.col_value = [float(column.number in hinted) for column in self._columns] + [float(x) for x in settled]
        self._highs.setSolution(solution)

    def _run(self) -> None:
        self._highs.run()
        info = self._highs.getInfo()
        if info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible:
            self._values = np.asarray(self._highs.getSolution().col_value)

    @property
    def is_over(self) -> bool:
        """Whether the search has ended."""
        return not self._thread.is_alive()

    def cancel(self) -> None:
        """End the search; what it has found so far can still be asked for."""
        self._is_wanted = False
        self._thread.join()

    def wait(self, should_stop: Callable[[], bool]) -> tuple[Column, ...] | None:
        """Return what was found as soon as the search is over or it is time to stop, ``None`` where nothing was."""
        while not self.is_over:
            self._thread.join(_POLL_SECONDS)
            if should_stop():
                self.cancel()
        return self.found()

    def found(self) -> tuple[Column, ...] | None:
        """Return the choice found, if one was and it keeps every row and earlier stage in integers."""
        if self._values is None:
            return None
        values = self._values[: len(self._columns)]
        picked = tuple(column for column, value in zip(self._columns, values, strict=True) if value > 0.5)
        for earlier, value in self._fixed.items():
            worth = worth_of(self._rows, picked, earlier)
            if worth is None or sign(earlier) * worth > sign(earlier) * value:
                return None
        return picked if worth_of(self._rows, picked, self._stage) is not None else None


def _model(
    rows: Rows, columns: Sequence[Column], stage: Stage, fixed: dict[Stage, int], at_most: int | None
) -> highspy.HighsLp:
    """Columns, then auxiliaries, all binary; the rows, then a row for each earlier stage and for ``at_most``."""
    among = ColumnSet(rows, columns)
    count = len(columns) + len(rows.auxiliaries)

    def worth(of: Stage) -> Floats:
        extra = [sign(of) * auxiliary.worth.get(of, 0) for auxiliary in rows.auxiliaries]
        return np.concatenate([among.value(of), np.array(extra, dtype=np.int64)]) / SIZE[of]

    limits = {earlier: sign(earlier) * (value - rows.constant.get(earlier, 0)) for earlier, value in fixed.items()}
    if at_most is not None:
        limits[stage] = at_most - sign(stage) * rows.constant.get(stage, 0)
    standing = sparse.csr_array(
        (
            [float(value) for auxiliary in rows.auxiliaries for value in auxiliary.entries.values()],
            (
                [n for n, auxiliary in enumerate(rows.auxiliaries) for _ in auxiliary.entries],
                [row for auxiliary in rows.auxiliaries for row in auxiliary.entries],
            ),
        ),
        shape=(len(rows.auxiliaries), len(rows.rows)),
    )
    own = sparse.vstack([among.entries.astype(np.float64), standing], format="csr").T
    stages = sparse.csr_array(np.array([worth(of) for of in limits]).reshape(len(limits), count))
    matrix = sparse.csc_array(sparse.vstack([own, stages], format="csc"))
    lp = highspy.HighsLp()
    model: Any = lp  # Takes arrays where its types say lists.
    model.num_col_, model.num_row_ = count, matrix.shape[0]
    model.col_cost_ = worth(stage)
    model.col_lower_, model.col_upper_ = np.zeros(count), np.ones(count)
    model.integrality_ = [highspy.HighsVarType.kInteger] * count
    ends = [(float(row.lower) if row.lower > -UNBOUNDED else -highspy.kHighsInf,
             float(row.upper) if row.upper < UNBOUNDED else highspy.kHighsInf) for row in rows.rows]  # fmt: skip
    ends += [(-highspy.kHighsInf, limit / SIZE[of]) for of, limit in limits.items()]
    model.row_lower_ = np.array([lower for lower, _ in ends])
    model.row_upper_ = np.array([upper for _, upper in ends])
    model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    model.a_matrix_.start_, model.a_matrix_.index_, model.a_matrix_.value_ = matrix.indptr, matrix.indices, matrix.data
    return lp
