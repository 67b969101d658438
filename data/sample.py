"""The sample day: 30 rejected requests of one day in North Rhine-Westphalia, all synthetic."""

from __future__ import annotations

import csv
import importlib.resources
import io
import re
from datetime import date, timedelta
from importlib.resources.abc import Traversable
from typing import TYPE_CHECKING

from data.catalogue import airports, path, places
from data.parameter_sets import parameter_set

if TYPE_CHECKING:
    from optimizer.model import Instance
    from optimizer.travel import TravelMatrix

_FIRST_PICKUP = date(2026, 10, 5)
"""Day of the first pick-up of the sample of a bulk import, a Monday."""


def sample_day_tables() -> Traversable:
    """Return the folder of the sample day's tables: pool, fleet, shifts, tours and what goes with them."""
    return path("samples/nrw-day")


def import_sample(today: date, authority: str = "") -> str:
    """Return the sample of a bulk import with its days moved: the first pick-up is on a Monday, 8 to 14 days ahead.

    Parameters
    ----------
    today
        The local day.
    authority
        AGS of the owner in each row; empty: whoever sends it.
    """
    text = path("samples/pool-import.csv").read_text(encoding="utf-8")
    shift = today + timedelta(days=14 - today.weekday()) - _FIRST_PICKUP

    def moved(found: re.Match[str]) -> str:
        day = date(int(found[3]), int(found[2]), int(found[1])) + shift
        return f"{day:%d.%m.%Y}"

    rows = csv.DictReader(io.StringIO(re.sub(r"\b(\d\d)\.(\d\d)\.(\d{4})\b", moved, text)), delimiter=";")
    out = io.StringIO()
    writer = csv.DictWriter(out, rows.fieldnames or (), delimiter=";", lineterminator="\n")
    writer.writeheader()
    writer.writerows({**row, "authority": authority} for row in rows)
    return out.getvalue()


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
