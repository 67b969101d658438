"""Where travel times come from: one choice for a process, the same for whoever proposes and whoever checks.

What a run proposes is checked again before it is published, and once more when somebody confirms it: with other times
a trip that was in order would break. So the choice is not an argument that a caller could forget: web and workers make
it once, when they begin, from the same settings.
"""

from __future__ import annotations

from collections.abc import Hashable
from functools import cache
from pathlib import Path

import data
from api.settings import Settings
from optimizer.model import ParameterSet, TravelRules
from optimizer.travel import GreatCircle
from optimizer.travel.matrix import TravelProvider

_Choice = tuple[Path, Path, Path] | None
"""Nodes, edges, and where computed pairs are kept; ``None``: great circle."""
_chosen: list[_Choice] = [None]


def choose(settings: Settings) -> None:
    """Take travel times from where the settings say from now on; nothing is read yet."""
    _chosen[0] = None
    if settings.travel == "road_graph":
        _chosen[0] = (*settings.road_files(), settings.folder / "travel")


def travel_is_from() -> Hashable:
    """Return what differs where travel times come from elsewhere."""
    return _chosen[0]


def provider_of(parameters: ParameterSet) -> TravelProvider:
    """Return the source of travel times."""
    return _provider(_chosen[0], parameters.travel)


@cache
def _provider(choice: _Choice, rules: TravelRules) -> TravelProvider:
    if choice is None:
        return GreatCircle(rules)
    from optimizer.travel.road_graph import RoadGraphTravel  # noqa: PLC0415  # it brings SciPy, which few need

    nodes, edges, kept = choice
    # All pairs of the catalogue at once, kept in a file: whoever comes later, in whatever process, only looks them up.
    return RoadGraphTravel(nodes, edges, rules=rules, known=data.places(), cache=kept)
