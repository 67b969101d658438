"""Build ``data/samples/nrw-day/``: a synthetic day as the tables that a dispatcher would hand over.

``python -m data.builders.sample_day`` writes the tables; ``--json FILE`` writes the same day with its travel times as a
file for ``python -m optimizer solve``.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from datetime import date
from pathlib import Path

from data.builders import DATA
from optimizer.io.json import write_instance
from optimizer.io.tables_write import write_tables
from optimizer.model import Instance
from optimizer.simulate.sampling import sample
from optimizer.simulate.sampling_demand import Demand
from optimizer.travel import TravelMatrix

FOLDER = DATA / "samples" / "nrw-day"
REQUESTS = 30
DUTIES = 14
SEED = 1528
"""Found by looking through seeds for a day that shows much: several airports, families with children, wheelchair users
(carried), women travelling alone, urgent Dublin transfers, a presentation out and back, somebody who must lie (nobody
can carry that), and a free seat on a planned tour that a request from the same door takes."""
DAY = date(2026, 10, 5)
DEMAND = Demand(wheelchair=0.03, lying=0.01, dwelling=0.55, detention_ufa=0.15)
"""More needs than on a usual day."""


def build() -> tuple[Instance, TravelMatrix]:
    """Return the sample day."""
    instance, travel = sample(requests=REQUESTS, duties=DUTIES, seed=SEED, start=DAY, demand=DEMAND)
    return replace(instance, name="nrw-day"), travel


def main() -> None:
    """Write what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, help="write an instance file instead of the tables")
    target: Path | None = parser.parse_args().json
    instance, travel = build()
    if target is not None:
        write_instance(target, instance, travel)
    else:
        write_tables(FOLDER, instance)
    print(f"{target or FOLDER} written")


if __name__ == "__main__":
    main()
