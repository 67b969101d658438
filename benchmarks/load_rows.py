"""A database as it stands after years of work: organisations, fleet, history, and a pool to decide on. All synthetic.

Rows are written in bulk, past the services, so that a million requests take minutes; their shape is that of the
services. Places, windows and parties are drawn from a seed.
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from itertools import islice
from typing import Any

import numpy as np
from sqlalchemy import Engine, insert

import data
from api.db.tables import (
    Account,
    ApiKey,
    Base,
    CrewRow,
    DutyRow,
    Organisation,
    OrganisationKind,
    Proposal,
    Standing,
    TourStop,
    TransportRequest,
    VehicleRow,
)
from api.db.types import new_id
from api.deadlines import BERLIN
from api.schemas.gates import CLEAR
from api.security.keys import make_key
from api.workflow import Role, State
from benchmarks.load_history import DAYS, History
from optimizer.model import VisitKind
from optimizer.travel.great_circle import GreatCircle

_BATCH = 5_000
_DUTIES_A_DAY = 40

Row = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who calls the service with an API key."""

    role: Role
    zab: str
    key: str


@dataclass(slots=True, kw_only=True)
class World:
    """What was made, as far as whoever calls must know it."""

    people: list[Person] = field(default_factory=list)
    open_requests: int = 0
    proposals: int = 0
    past_requests: int = 0


class Builder:
    """Fills an empty, migrated database.

    Parameters
    ----------
    now
        The present instant: history lies before, the pool after it.
    """

    def __init__(self, engine: Engine, *, now: datetime, seed: int = 0) -> None:
        self._engine = engine
        self._now = now
        self._dice = random.Random(seed)
        self._stamps = {"created_at": now, "updated_at": now, "version": 1}
        self._zabs: dict[str, uuid.UUID] = {}
        self._abhs: dict[str, uuid.UUID] = {}
        self._central: dict[str, uuid.UUID] = {}
        self._duty: dict[tuple[str, int, int], uuid.UUID] = {}
        self._account = uuid.UUID(int=0)
        self._crews: list[tuple[uuid.UUID, uuid.UUID]] = []
        self._vehicles: list[tuple[uuid.UUID, uuid.UUID]] = []
        self._towns = [p for p in data.places() if p.ags == p.id and p.id.startswith("05")]
        self._zab_of = {site.ags_prefix: site.zab.id for site in data.zabs()}
        airports = [a.place for a in data.airports() if a.iata in ("DUS", "CGN", "DTM", "FMO", "PAD")]
        self._airports = [place.id for place in airports]
        near = GreatCircle(data.parameter_set().travel).matrix([*self._towns, *airports])
        self._drive = {
            (town.id, port): int(near.seconds[row, len(self._towns) + column])
            for row, town in enumerate(self._towns)
            for column, port in enumerate(self._airports)
        }
        self.world = World()

    def build(self, *, pool: int, proposals: int, past: int, dispatchers: int, past_days: int = DAYS) -> World:
        """Make everything: ``pool`` waiting requests, ``proposals`` more with an offer, ``past`` ended ones."""
        self._organisations()
        self._people(dispatchers)
        days = -(-proposals // _DUTIES_A_DAY) + 1
        self._fleet(first=3, days=days)
        self.write(
            TransportRequest, (self._request(State.POOLED, self._dice.randrange(3, days + 10)) for _ in range(pool))
        )
        self._offers(proposals, first=3)
        history = History(
            dice=self._dice, request=self._request, write_rows=self.write, crews=self._crews,
            vehicles=self._vehicles, account=self._account, local=self._local, days=past_days,
        )  # fmt: skip
        history.write(past)
        self.world.open_requests, self.world.proposals, self.world.past_requests = pool + proposals, proposals, past
        return self.world

    def _organisations(self) -> None:
        rows = []
        for site in data.zabs():
            self._zabs[site.zab.id] = new_id()
            rows.append(self._organisation(self._zabs[site.zab.id], f"zab:{site.zab.id.lower()}", "zab", site.zab.id))
        for town in self._towns[:88]:
            self._abhs[town.id] = new_id()
            row = self._organisation(self._abhs[town.id], f"abh:{town.id}", "abh", self._zab_of[town.id[:3]])
            rows.append(row | {"ags": town.id})
        for kind in ("ltrako", "zfa", "audit", "operation"):
            self._central[kind] = new_id()
            rows.append(self._organisation(self._central[kind], kind, kind, None))
        self.write(Organisation, rows)

    def _organisation(self, id_: uuid.UUID, code: str, kind: str, zab: str | None) -> Row:
        return self._stamps | {
            "id": id_,
            "code": code,
            "kind": OrganisationKind(kind),
            "name": code,
            "ags": None,
            "zab": zab,
            "is_active": True,
        }

    def _people(self, dispatchers: int) -> None:
        accounts, keys = [], []
        zabs = sorted(self._zabs)
        who = [(Role.ZAB_DISPATCHER, zabs[k % len(zabs)], self._zabs[zabs[k % len(zabs)]]) for k in range(dispatchers)]
        who.append((Role.ABH, "", next(iter(self._abhs.values()))))
        for kind, role in (("ltrako", Role.LTRAKO), ("zfa", Role.ZFA), ("audit", Role.AUDITOR)):
            who.append((role, "", self._central[kind]))
        who.append((Role.ADMIN, "", self._central["operation"]))
        for number, (role, zab, organisation) in enumerate(who):
            account, key = new_id(), make_key()
            self._account = account
            accounts.append(
                self._stamps
                | {
                    "id": account,
                    "organisation_id": organisation,
                    "login": f"load-{number}",
                    "role": role,
                    "password_hash": "none",
                    "is_active": True,
                }
            )
            keys.append(
                {
                    "id": new_id(),
                    "created_at": self._now,
                    "account_id": account,
                    "prefix": key.prefix,
                    "sha256": key.sha256,
                    "label": "load",
                }
            )
            self.world.people.append(Person(role=role, zab=zab, key=key.text))
        self.write(Account, accounts)
        self.write(ApiKey, keys)

    def _fleet(self, *, first: int, days: int) -> None:
        crews, vehicles, duties = [], [], []
        sites = data.zabs()
        for number in range(_DUTIES_A_DAY):
            site = sites[number % len(sites)]
            zab, crew, vehicle = self._zabs[site.zab.id], new_id(), new_id()
            content = {
                "heads": 2,
                "officers": 2,
                "female_officers": 1,
                "licences": ["B"],
                "skills": ["interpreter"],
                "cost_per_hour": 12_200,
            }
            crews.append(self._stamps | {"id": crew, "zab_id": zab, "code": f"C{number}", "content": content})
            content = {
                "kind": "van",
                "configurations": [{"seats": 9, "wheelchair_places": 0}],
                "child_seats": [1, 2, 2],
                "luggage": 12,
                "features": [],
                "licence": "B",
                "carries_children": True,
                "cost_per_km": 60,
                "co2_per_km": 230,
            }
            vehicles.append(self._stamps | {"id": vehicle, "zab_id": zab, "code": f"V{number}", "content": content})
            self._crews.append((zab, crew))
            self._vehicles.append((zab, vehicle))
            for day in range(first, first + days):
                begins = self._local(day, time(6))
                ends, duty = begins + timedelta(hours=10), new_id()
                self._duty[site.zab.id, day, number] = duty
                duties.append(
                    self._stamps
                    | {
                        "id": duty,
                        "zab_id": zab,
                        "code": f"D{day}-{number}",
                        "crew_id": crew,
                        "vehicle_id": vehicle,
                        "starts_at": begins,
                        "ends_at": ends,
                        "vehicle_from": begins,
                        "vehicle_to": ends,
                        "profile": "arbzg",
                        "start_place": f"ZAB-{site.zab.id}",
                        "end_place": f"ZAB-{site.zab.id}",
                        "is_offered": True,
                        "is_used": False,
                    }
                )
        self.write(CrewRow, crews)
        self.write(VehicleRow, vehicles)
        self.write(DutyRow, duties)

    def _request(self, state: State, day: int, *, town: str = "", port: str = "", begin: float | None = None) -> Row:
        town = town or self._dice.choice(self._towns).id
        port = port or self._dice.choice(self._airports)
        opens = self._local(day, time(8)) + timedelta(minutes=self._dice.randrange(0, 240))
        if begin is not None:
            opens = self._local(day, time(8)) + timedelta(hours=begin)
        closes = opens + timedelta(hours=2)
        arrives = opens + timedelta(minutes=30, seconds=self._drive[town, port])
        until = max(arrives, closes) + timedelta(hours=3)
        owner = self._dice.choice(list(self._abhs)) if town not in self._abhs else town
        content = {
            "case_reference": f"L-{self._dice.getrandbits(48):012x}",
            "case_type": "country_of_origin",
            "people": [{"age": "adult", "sex": "m", "count": 1}],
            "pickup": {
                "place": town,
                "earliest": opens.isoformat(),
                "latest": closes.isoformat(),
                "service_minutes": 30,
            },
            "handover": {
                "place": port,
                "earliest": arrives.isoformat(),
                "latest": until.isoformat(),
                "service_minutes": 30,
            },
            "departure": None,
            "flight": None,
            "needs": [],
            "wheelchairs": 0,
            "luggage": 1,
            "escorts": 0,
            "escorts_female": 0,
            "max_ride_minutes": None,
            "is_separate": False,
            "unit": None,
            "bundle": None,
            "deadline": None,
            "deadline_class": "normal",
            "has_night_ground": False,
            "rejection": None,
            "free_text": "",
        }
        made = opens - timedelta(days=7)
        return {
            "id": new_id(),
            "created_at": made,
            "updated_at": made,
            "version": 1,
            "organisation_id": self._abhs[owner],
            "case_reference": content["case_reference"],
            "state": state,
            "pickup_ags": town,
            "pickup_from": opens,
            "pickup_to": closes,
            "delivery_place": port,
            "delivery_from": arrives,
            "delivery_to": until,
            "people": 1,
            "has_children": False,
            "bundle": None,
            "deadline_at": None,
            "content": content,
            "gates": CLEAR,
            "free_text": "",
            "fall_back_at": opens - timedelta(hours=48),
            "state_since": made,
        }

    def _offers(self, count: int, *, first: int) -> None:
        """Requests with a live proposal each, alone on a duty of the ZAB of their Bezirk."""
        requests, proposals, stops, used = [], [], [], []
        sites = data.zabs()
        homes = {site.zab.id: [t.id for t in self._towns if t.id.startswith(site.ags_prefix)] for site in sites}
        for number in range(count):
            day, slot = first + number // _DUTIES_A_DAY, number % _DUTIES_A_DAY
            zab = sites[slot % len(sites)].zab.id
            town = self._dice.choice(homes[zab])
            port = min(self._airports, key=lambda each: self._drive[town, each])
            row = self._request(State.PROPOSED, day, town=town, port=port, begin=2.0)
            duty = self._duty[zab, day, slot]
            pickup = row["pickup_from"]
            handover = pickup + timedelta(minutes=30, seconds=self._drive[town, port])
            proposal = self._stamps | {
                "id": new_id(),
                "request_id": row["id"],
                "duty_id": duty,
                "zab_id": self._zabs[zab],
                "standing": Standing.LIVE,
                "is_manual": False,
                "pickup_at": pickup,
                "handover_at": handover,
                "on_board_seconds": self._drive[town, port],
                "direct_seconds": self._drive[town, port],
                "limit_seconds": 18_000,
                "respond_by": pickup - timedelta(hours=20),
                "explanation": {},
                "reminders_sent": 0,
            }
            for position, (kind, at, place) in enumerate(
                ((VisitKind.PICKUP, pickup, town), (VisitKind.DELIVERY, handover, port))
            ):
                stops.append(
                    {
                        "duty_id": duty,
                        "position": position,
                        "kind": kind,
                        "request_id": row["id"],
                        "place": place,
                        "arrival": at,
                        "start": at,
                        "departure": at + timedelta(minutes=30),
                        "rests": 0,
                        "on_board": 1 - position,
                        "seats": 7,
                    }
                )
            requests.append(row)
            proposals.append(proposal)
            used.append(duty)
        self.write(TransportRequest, requests)
        self.write(Proposal, proposals)
        self.write(TourStop, stops)
        with self._engine.begin() as connection:
            for some in batches(used, 500):
                connection.execute(Base.metadata.tables["duty"].update().where(DutyRow.id.in_(some)), {"is_used": True})

    def _local(self, day: int, clock: time) -> datetime:
        date = self._now.astimezone(BERLIN).date() + timedelta(days=day)
        return datetime.combine(date, clock, BERLIN).astimezone(UTC)

    def write(self, table: type[Base], rows: Iterable[Row]) -> None:
        """Write rows, some thousand at a time."""
        for some in batches(rows, _BATCH):
            with self._engine.begin() as connection:
                connection.execute(insert(table), some)


def batches(rows: Iterable[Any], size: int) -> Iterator[list[Any]]:
    ahead = iter(rows)
    while some := list(islice(ahead, size)):
        yield some


def draw(values: list[float], share: float) -> float:
    """Return the value that a ``share`` of all is at most."""
    return float(np.quantile(values, share)) if values else float("nan")
