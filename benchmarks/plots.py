"""Plots as small SVG files, the same byte for byte for the same figures: no date, no random ids, text as text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

Line: TypeAlias = Sequence[tuple[float, float]]

_STYLE: dict[Any, Any] = {
    "svg.hashsalt": "restplatzboerse",
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#dddddd",
    "grid.linewidth": 0.5,
}
_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000", "#999999")
"""Okabe & Ito (2008): told apart with any colour vision."""
_DASHES = ("-", "--", ":", "-.")
"""Colour is never the only difference."""


def plot_lines(
    path: Path,
    lines: Mapping[str, Line],
    *,
    title: str,
    across: str,
    up: str,
    steps: bool = False,
    log_up: bool = False,
    near_zero: float | None = None,
    limits: tuple[float, float] | None = None,
) -> None:
    """Write one line for each name; the axis across is logarithmic.

    Parameters
    ----------
    across, up
        What the axes show, with units.
    steps
        A value holds until the next one; otherwise points are marked and joined.
    log_up
        The axis up is logarithmic too.
    near_zero
        The axis up is linear up to this number and logarithmic beyond, so that 0 has its place.
    limits
        Ends of the axis up.
    """
    from matplotlib import rc_context
    from matplotlib.figure import Figure
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    with rc_context(_STYLE):
        figure = Figure(figsize=(7.2, 4.2), layout="constrained")
        axes = figure.add_subplot()
        for number, (name, line) in enumerate(lines.items()):
            look: dict[str, Any] = {
                "color": _COLOURS[number % len(_COLOURS)],
                "linestyle": _DASHES[number // len(_COLOURS) % len(_DASHES)],
                "linewidth": 1.2,
                "label": name,
            }
            xs, ys = [x for x, _ in line], [y for _, y in line]
            if steps:
                axes.plot(xs, ys, drawstyle="steps-post", **look)
            else:
                axes.plot(xs, ys, marker="o", markersize=3, **look)
        axes.set_xscale("log")
        axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        if log_up:
            axes.set_yscale("log")
            axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        if near_zero is not None:
            axes.set_yscale("symlog", linthresh=near_zero)
        plain = FuncFormatter(lambda number, _: f"{number:,.10g}")
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_formatter(plain)
            axis.set_minor_formatter(NullFormatter())
        if limits is not None:
            axes.set_ylim(*limits)
        axes.set(xlabel=across, ylabel=up, title=title)
        if lines:
            figure.legend(loc="outside right upper", fontsize=7, frameon=False)
        figure.savefig(path, format="svg", metadata={"Date": None, "Creator": None})
