"""Import and export of a day as tables: a folder of CSV files or the sheets of one Excel workbook.

What a dispatcher hands over is a folder with ``pool.csv``, ``fleet.csv``, ``shifts.csv`` and ``tours.csv`` (UTF-8 with
or without BOM; comma, semicolon or tab), or an ``.xlsx`` with sheets of these names. Every column, with unit, allowed
values and an example, stands in ``docs/import-format.md``; the one list in code is ``optimizer.io.tables_columns``.

Columns (``*`` must be there and filled; the others may be left out or left empty)::

    pool     request*  authority  case_type  people*  unit  bundle
             date  pickup_place* (or pickup_lat, pickup_lon)  pickup_from*  pickup_to*  pickup_service_min
             handover_place* (or handover_lat, handover_lon)
             handover_from, handover_to (both) or departure [charter]         handover_service_min
             needs  wheelchairs  luggage  features  escorts  escorts_female  separate  excluded  max_ride_min
             deadline  deadline_class  rejected_by  rejection_code  barred_zabs  barred_duties  pin
             night_ground  waived  load  weight
    tours    one row for each promised ride: duty*  pickup_time*  handover_time*  tolerance_min  frozen
             pickup_position  handover_position, and all columns of pool (windows optional: the promise give or take
             its tolerance; no bundle, no departure)
    fleet    vehicle*  zab*  kind  seats*  child_seats_0_2  child_seats_3_5  child_seats_6_11  luggage  features
             licence  carries_children  available  depot  cost_eur_per_km  co2_g_per_km
    shifts   one row for each duty (shift x vehicle): duty*  vehicle*  zab*  date  start*  end*  shift  crew  profile
             start_place  end_place  heads  officers  female_officers  licences  skills  cost_eur_per_hour
             (duty and vehicle both empty: a shift without a vehicle, it counts for the fair load only)
    zabs     (optional) zab*  name  prior_load  budget
    places   (optional) id*  name*  lat*  lon*  ags  kind        goes before the gazetteer
    published (optional) request*  duty*                         last published plan
    horizon  (optional, one row) name  first_day  last_day       default: first and last day of pool, shifts and tours

Cells
-----
* A time is a local date and time of Europe/Berlin, ``2026-10-05T08:30``, or ``08:30`` where ``date`` is filled. Times
  that the end of summer time makes ambiguous need their offset (``2026-10-25T02:30+02:00``).
* Ids hold letters, digits and ``. _ : / # -``, no spaces. Lists separate their items by spaces (or ``|``).
* ``people`` is ``age:sex:count``, e.g. ``adult:m:1 adult:f:1 6-11:f:2``; ages 0-2, 3-5, 6-11, 12-13, 14-17, adult;
  sex f, m, d.
* ``seats`` is all seats with the driver's, alternatives by spaces, ``+n`` wheelchair places: ``9 6+1``.
* ``available`` is ``from/to``, several by spaces; empty: always.
* Yes and no are ``yes`` / ``no`` (``ja`` / ``nein``, ``x``, ``1`` / ``0``).
* A place is the id, the name or the AGS of a place in the table ``places`` or in the gazetteer.
* ``departure`` makes the hand-over window: it closes ``handover_before_departure`` (charter:
  ``handover_before_charter``) before take-off and is ``handover_window`` long (``ParameterSet.service``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from optimizer.errors import InputProblem, InvalidValue
from optimizer.io.tables_checks import CommitmentCheck, DaytimeCheck, check_promises, promised_part
from optimizer.io.tables_columns import TABLES
from optimizer.io.tables_commitments import build_commitments, build_published
from optimizer.io.tables_horizon import Horizon, find_horizon, resolve_times
from optimizer.io.tables_parse import Parsed, parse_table
from optimizer.io.tables_places import PlaceBook
from optimizer.io.tables_problems import ProblemLog
from optimizer.io.tables_read import read_grids
from optimizer.io.tables_requests import ImportRules, Row, build_requests
from optimizer.io.tables_resources import Day, build_resources, reject_doubles
from optimizer.model import Instance, ParameterSet, Place, PlaceKind
from optimizer.model.units import PlaceId, Seconds
from optimizer.travel.matrix import TravelMatrix, TravelProvider

MAX_PLACES = 2_000
"""Most places of one day: travel times are kept for all pairs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Built:
    """What the tables hold, before anything is checked across them; ``fields`` are those of ``Instance``."""

    fields: dict[str, Any]
    rows: list[Row]
    tables: Mapping[str, Parsed]
    horizon: Horizon
    log: ProblemLog
    is_promise_sound: bool


def read_tables(
    path: Path,
    *,
    gazetteer: Iterable[Place],
    parameters: ParameterSet,
    travel_provider: TravelProvider,
    check_commitments: CommitmentCheck | None = None,
    airport_times: Mapping[PlaceId, tuple[Seconds, Seconds]] | None = None,
    timezone: str = "Europe/Berlin",
) -> tuple[Instance, TravelMatrix, list[InputProblem]]:
    """Read a day from a folder of CSV files or an Excel workbook.

    Parameters
    ----------
    path
        Folder, or file ending in ``.xlsx``.
    gazetteer
        Places that cells may name; those of the table ``places`` go before them.
    parameters
        Parameter set of the day; fills in service times and hand-over windows.
    travel_provider
        Says how long trips take between the places that are used.
    check_commitments
        Says what is wrong with the promised tours: ``optimizer.verify.commitments.check_commitments``. (The checker and
        the import are siblings that do not know each other, so that it is handed in.) ``None``: promises are taken
        as they stand.
    airport_times
        Seconds before take-off at which the hand-over closes, by place: scheduled flights, charters.
    timezone
        Time zone of all times in the tables.

    Returns
    -------
    tuple
        The instance, the travel times between its places, and notices: what is odd but no error.

    Raises
    ------
    InputRejected
        With *every* problem found (beyond 1,000 they are counted). Requests that nothing can carry are no problem.
    """
    rules = ImportRules(airport_times=airport_times or {})
    built = _build(path, gazetteer, parameters, rules, ZoneInfo(timezone))
    places = built.fields["places"]
    if len(places) > MAX_PLACES:
        expected, action = f"at most {MAX_PLACES:,} different places", "Split the tables by day."
        built.log.add("too_many_places", file=path.name, expected=expected, got=f"{len(places):,}", action=action)
        built.log.raise_if_any()
    if not places:  # where no row names one, each has been told so
        built.log.raise_if_any()
    travel = travel_provider.matrix(places)
    _check(built, travel, check_commitments)
    built.log.raise_if_any()
    return _instance(built), travel, built.log.notices


def read_instance_only(path: Path, parameters: ParameterSet, timezone: str = "Europe/Berlin") -> Instance:
    """Return the instance of tables that name all their places themselves; nothing is checked that needs a drive.

    Raises
    ------
    InputRejected
        With every problem found.
    """
    built = _build(path, (), parameters, ImportRules(airport_times={}), ZoneInfo(timezone))
    built.log.raise_if_any()
    return _instance(built)


def _build(
    path: Path, gazetteer: Iterable[Place], parameters: ParameterSet, rules: ImportRules, zone: ZoneInfo
) -> _Built:
    log = ProblemLog()
    grids = read_grids(path, log)
    tables = {name: parse_table(TABLES[name], grid, log) for name, grid in grids.items()}
    if not tables:
        log.raise_if_any()
    resolve_times(tables, zone)
    horizon = find_horizon(tables, path.stem, zone, log)
    places = PlaceBook(_own_places(tables.get("places")), gazetteer)
    day = Day(calendar=horizon.calendar, places=places, parameters=parameters, log=log)
    whole = {name for name, table in tables.items() if table.is_whole}
    resources = build_resources(tables, day) if {"fleet", "shifts"} <= whole else None
    rows = build_requests(tables, resources, day, rules)
    has_tours = resources is not None and "tours" in whole
    commitments = build_commitments(tables["tours"], resources, day) if resources is not None and has_tours else ()
    published = build_published(tables.get("published"), rows, resources, day) if resources is not None else ()
    fields: dict[str, Any] = {
        "name": horizon.name,
        "horizon_start": horizon.calendar.start.isoformat(),
        "timezone": zone.key,
        "places": places.used,
        "requests": tuple(row.request for row in rows),
        "commitments": commitments,
        "published": published,
        "nights": horizon.calendar.nights(horizon.last_day, parameters),
        "parameters": parameters,
    }
    if resources is not None:
        fields |= {
            "zabs": resources.zabs,
            "vehicles": resources.vehicles,
            "crews": resources.crews,
            "shifts": resources.shifts,
            "duties": resources.duties,
        }
    is_promise_sound = has_tours and all(all(tables[name].sound) for name in ("fleet", "shifts", "tours"))
    return _Built(fields=fields, rows=rows, tables=tables, horizon=horizon, log=log, is_promise_sound=is_promise_sound)


def _own_places(table: Parsed | None) -> tuple[Place, ...]:
    if table is None or not table.is_whole:
        return ()
    return tuple(
        Place(
            id=key,
            name=table.get("name", record),
            lat=table.get("lat", record),
            lon=table.get("lon", record),
            ags=table.get("ags", record) or "",
            kind=table.get("kind", record) or PlaceKind.TOWN,
        )
        for key, record in reject_doubles(table, "id").items()
        if table.sound[record]
    )


def _check(built: _Built, travel: TravelMatrix, check_commitments: CommitmentCheck | None) -> None:
    pool = [row for row in built.rows if row.table.spec.name == "pool"]
    parameters: ParameterSet = built.fields["parameters"]
    DaytimeCheck(parameters, built.fields["nights"], built.horizon.calendar, travel).check(pool, built.log)
    if check_commitments is None or not built.is_promise_sound or not built.fields["commitments"]:
        return
    promised = [row.request for row in built.rows if row.table.spec.name == "tours"]
    try:
        alone = promised_part(built.fields, promised)
    except InvalidValue:
        return  # told when the whole instance is made
    check_promises(alone, built.tables["tours"], travel, check_commitments, built.horizon.calendar, built.log)


def _instance(built: _Built) -> Instance:
    try:
        return Instance(**built.fields)
    except InvalidValue as error:
        built.log.add(
            "inconsistent",
            file="the tables together",
            column=error.subject,
            expected=error.expected,
            got=str(error.got),
            action=error.action or "Correct the tables.",
        )
        built.log.raise_if_any()
        raise
