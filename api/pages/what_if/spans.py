"""Times of a scenario as forms say them: a day of the simulation, from 1 on, and whole hours of it.

A change has them in seconds from the beginning of the first day.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from api.errors import FieldError
from api.pages.what_if.asked import Asked
from optimizer.model import DAY, HOUR

_MOST_DAYS = 366

DAY_OF = Asked(
    name="day", label=("Tag", "day"), default="1",
    hint=("1 ist der erste Tag der Simulation.", "1 is the first day of the simulation."),
)  # fmt: skip
DAY_OR_ALL = Asked(
    name="day", label=("Tag", "day"), is_needed=False,
    hint=("1 ist der erste Tag der Simulation; leer: an allen.", "1 is the first day of the simulation; empty: all."),
)  # fmt: skip
FROM_HOUR = Asked(name="from_hour", label=("Von Stunde", "from hour"), is_needed=False)
UNTIL_HOUR = Asked(name="until_hour", label=("Bis Stunde", "until hour"), is_needed=False)


def instant(said: Mapping[str, Any]) -> int | str:
    """Return the second of a day and an hour; text that is no second where one of them is none."""
    day, hour = said.get("day"), said.get("hour")
    return (day - 1) * DAY + hour * HOUR if isinstance(day, int) and isinstance(hour, int) else "day"


def said_instant(second: int) -> dict[str, Any] | None:
    """Return a second as day and hour; ``None`` where minutes would be lost."""
    day, rest = divmod(second, DAY)
    return None if rest % HOUR else {"day": day + 1, "hour": rest // HOUR}


def window(said: Mapping[str, Any]) -> dict[str, int] | None:
    """Return the window of a day and hours of it that are not ``wrong``: all of the day without hours."""
    day = said.get("day")
    if day is None:
        return None
    return {
        "earliest": (day - 1) * DAY + said.get("from_hour", 0) * HOUR,
        "latest": (day - 1) * DAY + said.get("until_hour", 24) * HOUR,
    }


def said_window(found: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Return a window as day and hours; ``None`` where the fields cannot say it."""
    if found is None:
        return {"day": None, "from_hour": None, "until_hour": None}
    day, first = divmod(found["earliest"], DAY)
    last = found["latest"] - day * DAY
    if first % HOUR or last % HOUR or last > DAY:
        return None
    return {"day": day + 1, "from_hour": first // HOUR, "until_hour": last // HOUR}


def wrong(said: Mapping[str, str], where: str) -> Iterator[FieldError]:
    """Yield what is wrong with day and hours of a window that a form sent; ``where`` is the path of the change."""
    day, first, last = (said.get(each.name, "") for each in (DAY_OR_ALL, FROM_HOUR, UNTIL_HOUR))
    if not _is_of(day or "1", 1, _MOST_DAYS):
        yield FieldError(path=f"{where}/day", expected=f"a whole number from 1 to {_MOST_DAYS}")
    elif not day and (first or last):
        yield FieldError(path=f"{where}/day", expected="the day of these hours")
    ends = {"from_hour": first or "0", "until_hour": last or "24"}
    faulty = [name for name, hour in ends.items() if not _is_of(hour, 0, 24)]
    for name in faulty:
        yield FieldError(path=f"{where}/{name}", expected="a whole number from 0 to 24")
    if not faulty and int(ends["from_hour"]) > int(ends["until_hour"]):
        yield FieldError(path=f"{where}/until_hour", expected="no hour before the first one")


def _is_of(text: str, least: int, most: int) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 4 and least <= int(text) <= most
