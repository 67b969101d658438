"""Changes of a scenario as a form asks for them: kinds with their fields, in the units that people use.

A change that a form cannot show (it was sent as a file) is kept as it is, and shown as it is written.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import data
from api.errors import FieldError
from api.pages.sent import Sent
from api.pages.what_if import spans
from api.pages.what_if.asked import Asked
from api.pages.what_if.names import ChangeKind
from optimizer.io.document import plain
from optimizer.model import MINUTE, Place, PlaceKind

_LONGEST = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """How a kind of change is asked for.

    Parameters
    ----------
    made
        The change as JSON of what the fields say: whole numbers where they are some, else text.
    said
        What the fields say of a change; ``None`` where they cannot say it.
    """

    fields: tuple[Asked, ...] = ()
    made: Callable[[Mapping[str, Any]], dict[str, Any]] = dict
    said: Callable[[Mapping[str, Any]], dict[str, Any] | None] = dict


def _same(*names: str) -> Callable[[Mapping[str, Any]], dict[str, Any] | None]:
    """Return what reads these fields word for word, and nothing where a change says more than they."""

    def said(change: Mapping[str, Any]) -> dict[str, Any] | None:
        more = {name for name, value in change.items() if value not in (None, [], ())} - {*names, "kind", "seed"}
        return None if more else {name: change.get(name) for name in names}

    return said


def _times(value: Any, factor: float) -> Any:
    """Return so many times a number; text that is none stays, and the API says what is wrong with it."""
    return value * factor if isinstance(value, int | float) else value


def _flight(said: Mapping[str, Any]) -> dict[str, Any]:
    window = spans.window(said)
    return {"place": said.get("place")} | ({} if window is None else {"handover": window})


def _said_flight(change: Mapping[str, Any]) -> dict[str, Any] | None:
    window = spans.said_window(change.get("handover"))
    return None if window is None else {"place": change["place"]} | window


def _delayed(change: Mapping[str, Any]) -> dict[str, Any] | None:
    moved, flight = _in_minutes(change, "place"), _said_flight(change)
    return None if moved is None or flight is None else moved | flight


def _ill(change: Mapping[str, Any]) -> dict[str, Any] | None:
    first, last = change.get("earliest"), change.get("latest")
    if (first is None) != (last is None):
        return None
    window = spans.said_window(None if first is None else {"earliest": first, "latest": last})
    return None if window is None else {"crew": change["crew"]} | window


def _in_minutes(change: Mapping[str, Any], name: str) -> dict[str, Any] | None:
    """Return what is moved and by how many minutes; ``None`` where seconds would be lost."""
    minutes, seconds = divmod(change["by"], MINUTE)
    return None if seconds else {name: change[name], "minutes": minutes}


def _break(change: Mapping[str, Any]) -> dict[str, Any] | None:
    at = spans.said_instant(change["at"])
    return None if at is None else {"vehicle": change["vehicle"]} | at


def _closed(said: Mapping[str, Any]) -> dict[str, Any]:
    day = said.get("day")
    return {"zab": said.get("zab")} | ({} if day is None else {"day": day - 1 if isinstance(day, int) else day})


_NEW_PLACE = "new:"
"""Before the id of a place of the catalogue where pick-ups move to: the days may have the place itself already."""


def _new_place(said: Mapping[str, Any]) -> dict[str, Any]:
    place = _places().get(str(said.get("place")))
    return {"place": "" if place is None else _as_new(place), "share": _times(said.get("percent"), 0.01)}


def _as_new(place: Place) -> Any:
    return plain(replace(place, id=_NEW_PLACE + place.id))


def _moved_here(change: Mapping[str, Any]) -> dict[str, Any] | None:
    place = _places().get(change["place"]["id"].removeprefix(_NEW_PLACE))
    # Another place, chosen requests or another draw stand in a file, and the form would lose them.
    if place is None or change["place"] != _as_new(place) or change.get("requests") or change.get("seed"):
        return None
    return {"place": place.id, "percent": round(100 * change.get("share", 0))}


@cache
def _places() -> Mapping[str, Place]:
    return {each.id: each for each in data.places() if each.kind in (PlaceKind.TOWN, PlaceKind.FACILITY)}


def _parameters(said: Mapping[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    if said.get("ride_cap") not in (None, ""):
        made["ride_cap"] = _times(said["ride_cap"], MINUTE)
    if said.get("handover") not in (None, ""):
        made["service"] = {"handover_before_departure": _times(said["handover"], MINUTE)}
    return made


def _minutes(change: Mapping[str, Any]) -> dict[str, Any] | None:
    changes = change.get("changes", {})
    service = changes.get("service", {})
    if change.get("id") or set(changes) - {"ride_cap", "service"} or set(service) - {"handover_before_departure"}:
        return None
    found = {"ride_cap": changes.get("ride_cap"), "handover": service.get("handover_before_departure")}
    return {name: "" if value is None else value // MINUTE for name, value in found.items()}


_ZAB = Asked(name="zab", label=("ZAB", "ZAB"), choices="zabs")
_PRESET = Asked(name="preset", label=("Art", "kind"), choices="presets", default="van")
_VEHICLE = Asked(name="vehicle", label=("Fahrzeug", "vehicle"), choices="vehicles")
_AIRPORT = Asked(name="place", label=("Übergabeort", "place of hand-over"), choices="airports", default="DUS")
_LATER = Asked(
    name="minutes", label=("Minuten später", "minutes later"), default="60",
    hint=("Mit Minus davor: früher.", "With a minus before it: earlier."),
)  # fmt: skip
_FLIGHT = (
    _AIRPORT,
    replace(
        spans.DAY_OR_ALL,
        hint=("1 ist der erste Tag der Simulation; leer: alle Flüge.",
              "1 is the first day of the simulation; empty: all flights."),
    ),
    replace(
        spans.FROM_HOUR,
        label=("Übergabe endet von Stunde", "hand-over ends from hour"),
        hint=("Ein Flug von mehreren: Die Übergabe endet vor seinem Abflug. Leer: den ganzen Tag.",
              "One flight of several: the hand-over ends before it departs. Empty: all day."),
    ),
    spans.UNTIL_HOUR,
)  # fmt: skip

SHAPES: Mapping[ChangeKind, Shape] = {
    ChangeKind.ADD_VEHICLES: Shape(
        fields=(_ZAB, Asked(name="count", label=("Anzahl", "number"), default="1"), _PRESET),
        said=_same("zab", "count", "preset"),
    ),
    ChangeKind.REMOVE_VEHICLE: Shape(fields=(_VEHICLE,), said=_same("vehicle")),
    ChangeKind.BREAK_VEHICLE: Shape(
        fields=(_VEHICLE, spans.DAY_OF, Asked(name="hour", label=("Stunde", "hour"), default="10")),
        made=lambda said: {"vehicle": said.get("vehicle"), "at": spans.instant(said)}, said=_break,
    ),
    ChangeKind.CREW_ILL: Shape(
        fields=(
            Asked(name="crew", label=("Team", "crew"), choices="crews"), spans.DAY_OR_ALL, spans.FROM_HOUR,
            spans.UNTIL_HOUR,
        ),
        made=lambda said: {"crew": said.get("crew")} | (spans.window(said) or {}), said=_ill,
    ),
    ChangeKind.MOVE_SHIFT: Shape(
        fields=(Asked(name="shift", label=("Dienst", "duty"), choices="duties"), _LATER),
        made=lambda said: {"shift": said.get("shift"), "by": _times(said.get("minutes"), MINUTE)},
        said=lambda change: _in_minutes(change, "shift"),
    ),
    ChangeKind.CLOSE_ZAB: Shape(
        fields=(_ZAB, spans.DAY_OR_ALL),
        made=_closed,
        said=lambda change: {"zab": change["zab"], "day": "" if change.get("day") is None else change["day"] + 1},
    ),
    ChangeKind.RESIZE_FLEET: Shape(
        fields=(
            Asked(name="vehicles", label=("Fahrzeuge mit Diensten", "vehicles with duties"), default="20"),
            _PRESET,
        ),
        said=_same("vehicles", "preset"),
    ),
    ChangeKind.DELAY_FLIGHT: Shape(
        fields=(_AIRPORT, _LATER, *_FLIGHT[1:]),
        made=lambda said: _flight(said) | {"by": _times(said.get("minutes"), MINUTE)}, said=_delayed,
    ),
    ChangeKind.CANCEL_FLIGHT: Shape(fields=_FLIGHT, made=_flight, said=_said_flight),
    ChangeKind.SCALE_DEMAND: Shape(
        fields=(
            Asked(
                name="percent", label=("Prozent des Pools", "per cent of the pool"), default="150",
                hint=("150: anderthalbmal so viele Anfragen, die neuen frei erfunden.",
                      "150: half as many requests again, the new ones made up."),
            ),
        ),
        made=lambda said: {"factor": _times(said.get("percent"), 0.01)},
        said=lambda change: {"percent": round(100 * change["factor"])},
    ),
    ChangeKind.ADD_PLACE: Shape(
        fields=(
            Asked(name="place", label=("Abholort", "place of pick-up"), choices="places"),
            Asked(
                name="percent", label=("Prozent des Pools", "per cent of the pool"), default="20",
                hint=("So viele steigen hier zu statt dort, wo sie jetzt sind.",
                      "So many are picked up here and not where they are now."),
            ),
        ),
        made=_new_place, said=_moved_here,
    ),
    ChangeKind.USE_PARAMETERS: Shape(
        fields=(
            Asked(
                name="ride_cap", label=("Höchstens Minuten an Bord", "most minutes on board"), is_needed=False,
                default="240",
            ),
            Asked(
                name="handover", label=("Minuten Übergabe vor dem Abflug", "minutes of hand-over before departure"),
                is_needed=False,
            ),
        ),
        made=lambda said: {"changes": _parameters(said)}, said=_minutes,
    ),
    ChangeKind.POOLING_OFF: Shape(said=_same()),
    ChangeKind.SECOND_ROUND_OFF: Shape(
        fields=(
            Asked(
                name="percent", label=("Prozent, die ihre ABH selbst fahren kann", "per cent that their ABH can drive"),
                default="100",
            ),
        ),
        made=lambda said: {"able": _times(said.get("percent"), 0.01)},
        said=lambda change: {"percent": round(100 * change.get("able", 1))},
    ),
}  # fmt: skip
"""In the order in which they are offered; what is not here can be sent as a file."""


def sent_changes(sent: Sent) -> list[dict[str, Any]]:
    """Return what a form says of its changes: kind and fields, as it was typed."""
    found = []
    for number in range(_LONGEST):
        said = sent.part(f"c{number}")
        if "kind" in said:
            found.append(dict(said))
    return found


def wrong(said: Mapping[str, str], where: str) -> Iterable[FieldError]:
    """Return what is wrong with days and hours of a change, which the API does not have; ``where`` is its path."""
    fields = SHAPES[ChangeKind(said["kind"])].fields
    return spans.wrong(said, where) if any(each.name == spans.UNTIL_HOUR.name for each in fields) else ()


def as_change(said: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a form says of a change as JSON."""
    kind = ChangeKind(said["kind"])
    shape = SHAPES[kind]
    numbers = {each.name for each in shape.fields if not each.choices}
    typed = {name: _number(value) if name in numbers else value for name, value in said.items()}
    typed = {name: value for name, value in typed.items() if value != "" and name != "kind"}
    return {"kind": kind.value} | shape.made(typed)


def _number(text: str) -> int | str:
    """Return the whole number that a text is, which may be less than none; what is none as it stands."""
    sign, digits = (-1, text[1:]) if text[:1] in ("-", "\u2212") else (1, text)
    found = Sent.as_number(digits)
    return text if isinstance(found, str) else sign * found


def as_said(change: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return a change as a form says it; ``None`` where no form can."""
    if change["kind"] not in {each.value for each in SHAPES}:
        return None
    kind = ChangeKind(change["kind"])
    found = SHAPES[kind].said(change)
    return None if found is None else {"kind": kind.value} | {n: "" if v is None else v for n, v in found.items()}


def places() -> Sequence[tuple[str, str]]:
    """Return places where pick-ups may move to, by name; those of the same name with their key."""
    known = sorted(_places().values(), key=lambda each: (each.name, each.id))
    names = Counter(each.name for each in known)
    return [(each.id, each.name if names[each.name] == 1 else f"{each.name} ({each.id})") for each in known]


def presets() -> Sequence[tuple[str, str]]:
    """Return kinds of vehicles that there are."""
    return [(key, each.name) for key, each in data.vehicle_presets().items()]
