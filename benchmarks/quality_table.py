"""What a suite came to: a table in Markdown with medians over the runs, and plots."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import groupby
from statistics import mean, median

from benchmarks.plots import Line, plot_lines
from benchmarks.provenance import machine
from benchmarks.quality_rows import FAILED, Ledger, Point, Row, claims
from optimizer.model import Stage

OVER = 1.05
"""A process may take so much of its limit, everything included."""
_MOST_LINES = 16
"""Lines that one plot can hold and still be read; of longer suites the largest cases are drawn."""


class Group:
    """The runs of one case."""

    def __init__(self, case: str, rows: Sequence[Row]) -> None:
        self.case = case
        self.rows = list(rows)
        self.whole = [row for row in rows if row["status"] != FAILED]
        self.stage = self.whole[0]["stage"] if self.whole else ""

    def middle(self, column: str) -> float | None:
        """Median of a column over the runs that have it."""
        numbers = [float(row[column]) for row in self.whole if row.get(column)]
        return median(numbers) if numbers else None

    def first(self, what: str) -> float | None:
        """Median of value, bound or gap of the stage that the suite compares by."""
        return self.middle(f"{self.stage}_{what}")

    @property
    def proven(self) -> int:
        """Runs that proved the stage that the suite compares by."""
        return sum(row[f"{self.stage}_proven"] == "1" for row in self.whole)

    @property
    def status(self) -> str:
        """Each status with how often it came, the runs being unlike; else the one."""
        names = [row["status"] for row in self.rows]
        told = [name if len(set(names)) == 1 else f"{names.count(name)} {name}" for name in dict.fromkeys(names)]
        return ", ".join(told)

    @property
    def is_over(self) -> bool:
        """Whether the median run took more of the clock than it was given."""
        process, limit = self.middle("process"), self.middle("limit")
        return process is not None and limit is not None and process > OVER * limit

    def off(self, value: float | None) -> float | None:
        """Relative distance of a value to the best known one, to the best bound of all runs where none is published."""
        known = next((float(row["best_known"]) for row in self.whole if row["best_known"]), None)
        is_max = Stage(self.stage).is_maximised
        if known is None:
            bounds = [float(row[f"{self.stage}_bound"]) for row in self.whole if row[f"{self.stage}_bound"]]
            known = (min if is_max else max)(bounds, default=None)
        if value is None or known is None:
            return None
        return abs(value - known) / max(1, abs(value) if is_max else abs(known))


def groups(rows: Sequence[Row], order: Sequence[str]) -> list[Group]:
    """Return the rows by case, in the order of the suite; what it no longer has comes last."""
    places = {case: place for place, case in enumerate(order)}

    def place(row: Row) -> tuple[int, str, int]:
        return places.get(row["case"], len(places)), row["case"], int(row["run"])

    return [Group(case, list(own)) for case, own in groupby(sorted(rows, key=place), key=lambda row: row["case"])]


def _number(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.2f}"


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.2%}"


def _known(group: Group) -> str:
    return _number(group.middle("best_known"))


_CELLS: dict[str, Callable[[Group], str]] = {
    "case": lambda g: g.case,
    "status": lambda g: g.status,
    "value": lambda g: _number(g.first("value")),
    "bound": lambda g: _number(g.first("bound")),
    "gap": lambda g: _share(g.first("gap")),
    "proven": lambda g: f"{g.proven} / {len(g.rows)}",
    "best known": _known,
    "off best known": lambda g: "–" if _known(g) == "–" else _share(g.off(g.first("value"))),
    "unserved": lambda g: _number(g.middle("unserved")),
    "first plan s": lambda g: _number(g.middle("first_plan")),
    "best plan s": lambda g: _number(g.middle("best_plan")),
    "solve s": lambda g: _number(g.middle("solve")),
    "process s": lambda g: _number(g.middle("process")) + (" **over**" if g.is_over else ""),
    "CPU s": lambda g: _number(g.middle("cpu")),
    "MiB": lambda g: _number(g.middle("peak_mib")),
    "fragments": lambda g: _number(g.middle("fragments")),
    "columns": lambda g: _number(g.middle("columns")),
}


def _table(heads: Sequence[str], lines: Sequence[Sequence[str]]) -> list[str]:
    """Return a Markdown table without the columns that say nothing anywhere."""
    kept = [i for i in range(len(heads)) if any(line[i] != "–" for line in lines)]
    rule = ["---" if heads[i] in ("case", "status") else "---:" for i in kept]
    body = [[line[i] for i in kept] for line in lines]
    return [f"| {' | '.join(cells)} |" for cells in ([heads[i] for i in kept], rule, *body)]


def text(suite: str, made: Sequence[Group]) -> str:
    """Return the whole file."""
    rows = [row for group in made for row in group.rows]
    given = sorted({(row["limit"], row["workers"]) for row in rows})
    told = ", ".join(f"{limit} s and {workers} workers" for limit, workers in given)
    codes = sorted({row["code"] for row in rows})
    out = [f"# Quality: suite {suite}", ""]
    out += [f"Medians over the runs of each case; {told}; code {', '.join(codes)}; {machine()}.", ""]
    out += [*_summary(made), ""]
    out += _table(list(_CELLS), [[cell(group) for cell in _CELLS.values()] for group in made])
    later = _later(made)
    if later:
        out += ["", "Later stages: value, and gap to the bound given the stages before.", "", *later]
    wrong = [f"- **{row['case']}, run {row['run']}**: {claim}" for row in rows for claim in claims(row)]
    if wrong:
        out += ["", "## False", "", *wrong]
    return "\n".join(out) + "\n"


def _summary(made: Sequence[Group]) -> list[str]:
    solves = [seconds for group in made if (seconds := group.middle("solve")) is not None]
    gaps = [gap for group in made if (gap := group.first("gap")) is not None]
    if not solves:
        return ["No run left a result."]
    stages = sorted({group.stage for group in made if group.stage})
    whole = sum(all(row["status"] == "optimal" for row in group.rows) for group in made)
    first = sum(group.proven == len(group.rows) for group in made)
    over = sum(group.is_over for group in made)
    return [
        f"{len(made)} cases. Stage {', '.join(stages)} proven in every run: {first}; every stage: {whole}. "
        f"Solve: mean {mean(solves):.2f} s, longest {max(solves):.2f} s. "
        + (f"Gap: mean {mean(gaps):.2%}, widest {max(gaps):.2%}. " if gaps else "")
        + f"More than 5 % over the limit: {over}."
    ]


def _later(made: Sequence[Group]) -> list[str]:
    later = [
        stage.value for stage in Stage
        if any(g.stage != stage.value and g.middle(f"{stage.value}_gap") is not None for g in made)
    ]  # fmt: skip
    cells = [
        [g.case, *(f"{_number(g.middle(f'{s}_value'))} ({_share(g.middle(f'{s}_gap'))})" for s in later)] for g in made
    ]
    return _table(["case", *later], [[cell.replace("– (–)", "–") for cell in line] for line in cells]) if later else []


# --- plots ------------------------------------------------------------------------------------------------------------


def plot(ledger: Ledger, suite: str, made: Sequence[Group]) -> None:
    """Write the plots: distance to the best known (or bound) against time; of ``growth`` also time against requests."""
    curves = ledger.curves()
    lines = {group.case: line for group in made if (line := _distance(group, curves))}
    names = list(lines)[-_MOST_LINES:]
    plot_lines(
        ledger.stem.with_suffix(".svg"), {name: lines[name] for name in names},
        title=f"Suite {suite}: the plan against the best known, or the best bound",
        across="seconds of the solve", up="distance %", steps=True, near_zero=0.1, limits=(0, 100),
    )  # fmt: skip
    if suite == "growth":
        plot_lines(
            ledger.stem.with_name(f"{ledger.stem.name}-time.svg"), _growth(made), title="How time grows",
            across="requests", up="seconds", log_up=True,
        )  # fmt: skip


def _distance(group: Group, curves: dict[tuple[str, int], list[Point]]) -> Line:
    """The curve of the case's first run: seconds, distance in percent."""
    row = next(iter(group.whole), None)
    if row is None:
        return []
    points = curves.get((group.case, int(row["run"])), [])
    line = [
        (max(0.01, at), group.off(value))
        for at, stage, value, _ in points
        if stage == group.stage and value is not None
    ]
    known = [(at, 100 * off) for at, off in line if off is not None]
    final = group.off(float(row[f"{group.stage}_value"])) if row[f"{group.stage}_value"] else None
    if final is None:
        return known
    told = float(row["end_first_stage"] or row["solve"])
    return [*known, (max(0.01, told), 100 * final), (max(0.01, float(row["solve"])), 100 * final)]


def _growth(made: Sequence[Group]) -> dict[str, Line]:
    names = {"first_plan": "first plan", "end_first_stage": "end of the first stage", "solve": "whole solve"}
    lines: dict[str, Line] = {}
    for column, name in names.items():
        sized = [(re.match(r"n(\d+)-", group.case), group.middle(column)) for group in made]
        lines[name] = [(float(size[1]), max(0.01, seconds)) for size, seconds in sized if size and seconds is not None]
    return lines
