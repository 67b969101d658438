"""A tiny day that is solved in hundredths of a second, and sweeps over it."""

from __future__ import annotations

from functools import cache
from typing import Any

from optimizer.model import HOUR, Instance
from optimizer.simulate.changes_demand import ScaleDemand
from optimizer.simulate.changes_fleet import RemoveVehicle
from optimizer.simulate.draws import Draws
from optimizer.simulate.outcome import Limits
from optimizer.simulate.scenario import Scenario
from optimizer.simulate.sweep import Sweep
from optimizer.travel import TravelMatrix
from tests import builders as b

LIMITS = Limits(rounds=1, max_nodes=50)
FEWER = Scenario(
    id="fewer", title={"de": "ein Fahrzeug weniger", "en": "one van less"}, changes=(RemoveVehicle(vehicle="V2"),)
)
MORE = Scenario(id="more", title={"de": "mehr Anfragen", "en": "more requests"}, changes=(ScaleDemand(factor=1.5),))


@cache
def tiny() -> tuple[Instance, TravelMatrix]:
    """Six rides of an hour that must begin at much the same time, two vans that take one after another."""
    requests = tuple(
        b.request(f"R{n}", "A", "B", pickup=(6 * HOUR, 8 * HOUR), delivery=(7 * HOUR, 9 * HOUR), separate=True)
        for n in range(1, 7)
    )
    instance = b.instance(*requests, **b.fleet(2, end=12 * HOUR), horizon_start="2026-03-02T00:00:00+01:00")
    return instance, b.line({"depot": 0, "A": 600, "B": 600 + HOUR})


def sweep(**fields: Any) -> Sweep:
    """Two scenarios against the day as it is, six draws of each."""
    return Sweep(
        **{
            "name": "tiny",
            "scenarios": (FEWER, MORE),
            "draws": Draws(seed=3),
            "fewest": 2,
            "most": 6,
            "limits": LIMITS,
            **fields,
        }
    )
