"""The sample day: 30 rejected requests of one day in North Rhine-Westphalia, all synthetic."""

from __future__ import annotations

import importlib.resources
from importlib.resources.abc import Traversable
from typing import TYPE_CHECKING

from data.catalogue import path

if TYPE_CHECKING:
    from optimizer.model import Instance
    from optimizer.travel import TravelMatrix


def sample_day() -> tuple[Instance, TravelMatrix]:
    """Return the sample day as the optimizer takes it."""
    # pandas and pydantic's adapters load slowly; whoever wants only places should not wait for them.
    from optimizer.io.json import read_instance  # noqa: PLC0415

    with importlib.resources.as_file(path("samples/nrw-day.json")) as file:
        problem = read_instance(file)
    return problem.instance, problem.travel


def sample_day_tables() -> Traversable:
    """Return the folder with the same day as tables: pool, fleet, shifts, tours."""
    return path("samples/nrw-day")
