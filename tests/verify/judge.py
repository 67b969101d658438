"""Ask the checker about a plan and get the broken rules only."""

from __future__ import annotations

from optimizer.model import Instance, Rule, Tour
from optimizer.travel.matrix import TravelMatrix
from optimizer.verify import check
from tests.builders import line, plan

ROAD = line({"depot": 0, "A": 1000, "B": 2000, "C": 3000, "D": 10000})
"""Seconds of driving along one road; 20 metres to the second."""


def broken(problem: Instance, *tours: Tour, travel: TravelMatrix = ROAD) -> set[Rule]:
    """The rules that the plan breaks, warnings included."""
    return {violation.rule for violation in check(problem, travel, plan(*tours))}
