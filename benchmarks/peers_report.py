"""Tables and plots of a comparison, from its rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from statistics import fmean

from benchmarks.peers_rows import OK, Row, medians, middle
from benchmarks.peers_run import ADAPTERS, OURS
from benchmarks.plots import plot_lines
from benchmarks.provenance import machine
from benchmarks.suites import Case
from optimizer.model import Stage

LABELS = {"ortools": "OR-Tools routing", "vroom": "VROOM", "pyvrp": "PyVRP", "vrp-cli": "vrp-cli", OURS: "ours"}
_Key = tuple[str, str, float]


def report(stem: Path, rows: Sequence[Row], cases: Sequence[Case]) -> None:
    """Write ``<stem>.md`` and, where there is something to draw, ``<stem>-served.svg`` and ``<stem>-gap.svg``."""
    rows = [row for row in rows if row.case in {case.name for case in cases}]
    if not rows:
        return
    by_cost = cases[0].stage is Stage.COST
    middles = medians(list(rows))
    parts = [f"# {stem.name}", _head(rows), _summary(rows, middles, by_cost=by_cost), _cases(middles, by_cost=by_cost)]
    stem.parent.mkdir(parents=True, exist_ok=True)
    Path(f"{stem}.md").write_text("\n\n".join(parts) + "\n", encoding="utf-8")
    if not by_cost:
        plot_lines(
            Path(f"{stem}-served.svg"), served_lines(rows, middles), title="Served against time (mean over cases)",
            across="seconds", up="weight served, legal plans", steps=False,
        )  # fmt: skip
    gaps = gap_lines(middles, by_cost=by_cost)
    if gaps:
        plot_lines(
            Path(f"{stem}-gap.svg"), gaps, title="Gap against time (mean over cases)", across="seconds",
            up="% above the best known" if by_cost else "% below our bound, legal plans",
        )  # fmt: skip


def _head(rows: Sequence[Row]) -> str:
    versions = sorted({f"{LABELS[row.solver]} {row.version}" for row in rows if row.version})
    runs = len({row.run for row in rows})
    codes = ", ".join(sorted({row.code for row in rows}))
    return (
        f"{machine()}; {', '.join(versions)}; median of {runs} runs; code {codes}.\n\n"
        "*Told*: the plan as the solver gives it. *Legal*: what is left of it when requests are taken off, as few in\n"
        "weight as are found, until our checker finds no violation. Each order of stops has got the best timetable\n"
        "that our own routines find for it."
    )


# --- tables -----------------------------------------------------------------------------------------------------------


def _summary(rows: Sequence[Row], middles: dict[_Key, Row], *, by_cost: bool) -> str:
    head = ["solver", "limit s", "cases"]
    head += (
        ["gap % to best known", "plans that keep the rules"] if by_cost else ["legal", "requests", "told", "requests"]
    )
    head += ["ours legal", "violations a plan", "which", "seconds", "peak MiB", "failed"]
    if by_cost:
        head.remove("ours legal")
    table = [head]
    for solver, limit in sorted({(row.solver, row.limit) for row in rows}, key=_order):
        mid = [row for (_, name, at), row in middles.items() if (name, at) == (solver, limit) and row.status == OK]
        every = [row for row in rows if (row.solver, row.limit) == (solver, limit)]
        line = [LABELS[solver], f"{limit:g}", str(len(mid))]
        if by_cost:
            gaps = [gap for row in mid if (gap := _cost_gap(row)) is not None]
            line += [_mean(gaps, 2), f"{sum(not row.violations for row in mid)} of {len(mid)}"]
        else:
            line += [_mean(row.legal or 0 for row in mid), _mean(row.legal_requests or 0 for row in mid)]
            line += [_mean(row.told or 0 for row in mid), _mean(row.told_requests or 0 for row in mid)]
            line.append(_against(mid, middles, limit))
        rules = Counter[str]()
        for row in mid:
            rules.update(row.by_rule)
        line += [_mean(row.broken for row in mid), ", ".join(f"{rule} {n}" for rule, n in rules.most_common(4))]
        seconds = middle([row.seconds for row in every if row.seconds is not None])
        peak = max((row.peak_mib for row in every if row.peak_mib is not None), default=None)
        line += ["–" if seconds is None else f"{seconds:.1f}", "–" if peak is None else str(peak)]
        table.append([*line, str(sum(row.status != OK for row in every))])
    return "## Means over the cases\n\n" + _markdown(table)


def _against(mid: Sequence[Row], middles: dict[_Key, Row], limit: float) -> str:
    """How often ours serves more, as much, less legal weight at the same limit."""
    pairs = [(middles.get((row.case, OURS, limit)), row) for row in mid if row.solver != OURS]
    signs = [_sign((ours.legal or 0) - (row.legal or 0)) for ours, row in pairs if ours is not None]
    return f"+{signs.count(1)} ={signs.count(0)} -{signs.count(-1)}" if signs else ""


def _cases(middles: dict[_Key, Row], *, by_cost: bool) -> str:
    parts = []
    for limit in sorted({limit for _, _, limit in middles}):
        solvers = [name for name in ADAPTERS if any(key[1:] == (name, limit) for key in middles)]
        ordered = list(dict.fromkeys(case for case, _, at in middles if at == limit))
        table = [["case", *(LABELS[solver] for solver in solvers), "best known" if by_cost else "bound"]]
        for case in ordered:
            found = [middles.get((case, solver, limit)) for solver in solvers]
            table.append([case, *(_cell(row, by_cost=by_cost) for row in found), _best(found, by_cost=by_cost)])
        unit = "cost (violations)" if by_cost else "legal / told weight (violations)"
        parts.append(f"## {limit:g} seconds: {unit}\n\n" + _markdown(table))
    return "\n\n".join(parts)


def _cell(row: Row | None, *, by_cost: bool) -> str:
    if row is None:
        return ""
    if row.status != OK:
        return row.status
    broken = f" ({row.broken})" if row.broken else ""
    if by_cost:
        missing = (row.requests or 0) - (row.told_requests or 0)
        return "no plan" if not row.told_requests else f"{row.cost:.2f}{broken}" + (f" -{missing}" if missing else "")
    return f"{row.legal}" if not broken else f"{'–' if row.legal is None else row.legal} / {row.told}{broken}"


def _best(found: Iterable[Row | None], *, by_cost: bool) -> str:
    rows = [row for row in found if row is not None]
    best = [row.best_known for row in rows if row.best_known is not None]
    bounds = [row.bound for row in rows if row.bound is not None]
    if by_cost:
        return f"{best[0]:.2f}" if best else ""
    return f"{min(bounds):g}" if bounds else ""


def _markdown(table: list[list[str]]) -> str:
    head, *body = table
    lines = [head, ["---" if number == 0 else "---:" for number in range(len(head))], *body]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _mean(numbers: Iterable[float], digits: int = 1) -> str:
    values = list(numbers)
    return f"{fmean(values):.{digits}f}" if values else "–"


def _order(key: tuple[str, float]) -> tuple[float, int]:
    return key[1], list(ADAPTERS).index(key[0])


def _sign(number: int) -> int:
    return (number > 0) - (number < 0)


# --- plots ------------------------------------------------------------------------------------------------------------


def served_lines(rows: Sequence[Row], middles: dict[_Key, Row]) -> dict[str, list[tuple[float, float]]]:
    """Legal weight by limit, and the weights told on the way where a solver tells them (its own word, unchecked)."""
    lines: dict[str, list[tuple[float, float]]] = {}
    cases = sorted({row.case for row in rows})
    for solver in ADAPTERS:
        by_limit: dict[float, list[float]] = {}
        for (_, name, limit), row in middles.items():
            if name == solver and row.status == OK:
                by_limit.setdefault(limit, []).append(float(row.legal or 0))
        points = [(limit, fmean(values)) for limit, values in sorted(by_limit.items()) if len(values) == len(cases)]
        if points:
            lines[LABELS[solver]] = points
        longest = [
            row for (_, name, limit), row in middles.items() if name == solver and limit == max(by_limit, default=0)
        ]
        if longest and all(row.points for row in longest) and len(longest) == len(cases):
            lines[f"{LABELS[solver]}, on the way"] = _on_the_way(longest)
    return lines


def _on_the_way(rows: Sequence[Row]) -> list[tuple[float, float]]:
    """Mean over cases of the best weight so far, at a few instants from 0.1 s to the limit."""
    curves = [[(float(s), int(w)) for s, _, w in (part.partition(":") for part in row.points.split())] for row in rows]
    limit = min(row.limit for row in rows)
    first = max(curve[0][0] for curve in curves)
    instants = [0.1 * 1.25**k for k in range(60) if 0.1 * 1.25**k < limit]
    return [
        (round(at, 4), fmean(max(w for s, w in curve if s <= at) for curve in curves))
        for at in [*instants, limit]
        if at >= first
    ]


def gap_lines(middles: dict[_Key, Row], *, by_cost: bool) -> dict[str, list[tuple[float, float]]]:
    """Mean gap in percent by limit: to the best known cost (legal plans only), or of legal weight to our best bound."""
    bounds: dict[str, float] = {}
    for row in middles.values():
        if row.bound is not None:
            bounds[row.case] = min(row.bound, bounds.get(row.case, row.bound))
    lines: dict[str, list[tuple[float, float]]] = {}
    for solver in ADAPTERS:
        by_limit: dict[float, list[float]] = {}
        for (case, name, limit), row in middles.items():
            if name != solver or row.status != OK:
                continue
            if by_cost:
                gap = _cost_gap(row) if not row.violations else None
            else:
                gap = 100 * (1 - (row.legal or 0) / bounds[case]) if bounds.get(case) else None
            if gap is not None:
                by_limit.setdefault(limit, []).append(gap)
        if by_limit:
            lines[LABELS[solver]] = [(limit, fmean(values)) for limit, values in sorted(by_limit.items())]
    return lines


def _cost_gap(row: Row) -> float | None:
    """Percent above the best known cost; ``None`` where the plan leaves somebody out or nothing is known."""
    if row.best_known is None or row.cost is None or row.told_requests != row.requests:
        return None
    return 100 * (row.cost / row.best_known - 1)
