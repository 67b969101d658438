"""The sample day: 30 rejected requests of one day in North Rhine-Westphalia, all synthetic."""

from __future__ import annotations

import importlib.resources
from importlib.resources.abc import Traversable
from typing import TYPE_CHECKING

from data.catalogue import airports, path, places
from data.parameter_sets import parameter_set

if TYPE_CHECKING:
    from optimizer.model import Instance
    from optimizer.travel import TravelMatrix


def sample_day_tables() -> Traversable:
    """Return the folder of the sample day's tables: pool, fleet, shifts, tours and what goes with them."""
    return path("samples/nrw-day")


def sample_day() -> tuple[Instance, TravelMatrix]:
    """Return the sample day as the optimizer takes it, read from its tables like any import."""
    # pandas and pydantic's adapters load slowly; whoever wants only places should not wait for them.
    from optimizer.io.tables import read_tables  # noqa: PLC0415
    from optimizer.travel import GreatCircle  # noqa: PLC0415
    from optimizer.verify.commitments import check_commitments  # noqa: PLC0415

    parameters = parameter_set()
    with importlib.resources.as_file(sample_day_tables()) as folder:
        instance, travel, _ = read_tables(
            folder,
            gazetteer=places(),
            parameters=parameters,
            travel_provider=GreatCircle(parameters.travel),
            check_commitments=check_commitments,
            airport_times={a.place.id: (a.before_departure, a.before_charter) for a in airports()},
        )
    return instance, travel
