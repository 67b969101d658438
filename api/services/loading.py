"""A day of the optimizer (the sample day, or tables) into the service, by its use cases; twice changes nothing.

What the service keeps elsewhere is not loaded: loads of ZABs (the ledger), the published plan (proposals). What it
could not say at all is refused, everything at once.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy.orm import Session

import data
from api import audit
from api.actor import SYSTEM, Actor
from api.db.tables import Bar, CrewRow, DutyRow, Organisation, OrganisationKind, VehicleRow
from api.deadlines import Answering
from api.errors import Code, FieldError, Problem
from api.gates import MinorHandover
from api.repositories import fleet as fleet_rows
from api.repositories import loading as rows
from api.schemas.commitments import NewRider
from api.schemas.duties import DutyContent, NewDuty
from api.schemas.fleet import CrewContent, NewCrew, NewVehicle, VehicleContent
from api.schemas.gates import CLEAR, Gates
from api.schemas.requests import EnterAs, PickupType, RequestContent
from api.services import accounts, commitments, duties, fleet, guidance, parameters, requests, steps
from api.services.place_book import code_of as code_of  # noqa: PLC0414  # callers of `organisations` take it from here
from api.workflow import Action, Role, State
from optimizer.io.tables_cells import folded
from optimizer.model import (
    CaseType,
    Commitment,
    Crew,
    Duty,
    DutyId,
    Instance,
    InstanceIndex,
    PlaceKind,
    Request,
    Stop,
    Vehicle,
    VisitKind,
    Zab,
)
from optimizer.model.units import MINUTE, Seconds

_CENTRAL: tuple[tuple[OrganisationKind, str], ...] = (
    (OrganisationKind.LTRAKO, "Landestransportkoordination"),
    (OrganisationKind.ZFA, "Zentralstelle für Flugabschiebungen"),
    (OrganisationKind.ZRK, "Zentrale Rückkehrkoordination"),
    (OrganisationKind.AUDIT, "Datenschutzkontrolle"),
    (OrganisationKind.OPERATION, "Betrieb"),
)
"""Organisations of which there is one each; their kind is their code."""
_UNSAID = ("load", "features", "weight", "excluded", "barred_duties", "pin", "waived")
"""Fields of a request that nobody can state to the service."""


@dataclass(slots=True, kw_only=True)
class Loaded:
    """What was new: numbers of organisations, vehicles, crews, duties, promised riders, pooled requests."""

    organisations: int = 0
    vehicles: int = 0
    crews: int = 0
    duties: int = 0
    promised: int = 0
    pooled: int = 0


def load(session: Session, instance: Instance, *, answering: Answering, now: datetime) -> Loaded:
    """Load a day: organisations, parameter sets, fleet, duties, planned tours with their riders, the pool.

    What is there already (by its code, its case and pick-up) is brought to what the day says, or stays.

    Raises
    ------
    Problem
        ``value_refused`` (422) with everything that the service cannot say, before anything is stored; and what the
        use cases raise.
    """
    _refuse_unsaid(instance)
    return _Loader(session, instance, answering, now).run()


def organisations(session: Session, *, now: datetime) -> int:
    """Enter the five ZABs of the catalogue and the central organisations, where they are missing; return how many."""
    added = 0
    for site in data.zabs():
        added += _organisation(session, code_of(site.zab), OrganisationKind.ZAB, site.zab.name, now, zab=site.zab.id)
    for kind, name in _CENTRAL:
        added += _organisation(session, kind.value, kind, name, now)
    return added


def _organisation(
    session: Session,
    code: str,
    kind: OrganisationKind,
    name: str,
    now: datetime,
    *,
    zab: str | None = None,
    ags: str | None = None,
) -> bool:
    if fleet_rows.organisation(session, code) is not None:
        return False
    accounts.create_organisation(session, SYSTEM, code=code, kind=kind, name=name, ags=ags, zab=zab, now=now)
    return True


_SOURCE = "aus der eingelesenen Datei"
"""Of deadlines: the tables of the optimizer name none, and what is loaded from them is synthetic."""


class _Loader:
    def __init__(self, session: Session, instance: Instance, answering: Answering, now: datetime) -> None:
        self._session, self._instance, self._answering, self._now = session, instance, answering, now
        self._index = InstanceIndex(instance)
        self._start = datetime.fromisoformat(instance.horizon_start)
        self._zabs: dict[str, Organisation] = {}
        self._duties: dict[str, DutyRow] = {}
        self._made = Loaded()

    def run(self) -> Loaded:
        self._made.organisations = organisations(self._session, now=self._now)
        parameters.seed(self._session, SYSTEM, now=self._now)
        guidance.seed(self._session, now=self._now)
        for zab in self._instance.zabs:
            self._zabs[zab.id] = self._zab(zab)
        for authority in sorted({request.authority for request in self._instance.requests}):
            self._made.organisations += self._abh(authority)
        vehicles = {vehicle.id: self._vehicle(vehicle) for vehicle in self._instance.vehicles}
        crews = {crew.id: self._crew(crew) for crew in self._instance.crews}
        for duty in self._instance.duties:
            crew = crews[self._index.shift[duty.shift].crew]
            self._duties[duty.id] = self._duty(duty, crew, vehicles[duty.vehicle])
        promised = {promise.request for each in self._instance.commitments for promise in each.promises}
        for commitment in self._instance.commitments:
            self._commit(commitment)
        for request in self._instance.requests:
            if request.id not in promised:
                self._pool(request)
        return self._made

    def _at(self, seconds: Seconds) -> datetime:
        return self._start + timedelta(seconds=seconds)

    def _zab(self, zab: Zab) -> Organisation:
        known = {site.zab.id: site.zab for site in data.zabs()}.get(zab.id, zab)
        code = code_of(known)
        self._made.organisations += _organisation(
            self._session, code, OrganisationKind.ZAB, known.name, self._now, zab=zab.id
        )
        return self._found(code)

    def _abh(self, ags: str) -> bool:
        prefixes = {site.ags_prefix: site.zab.id for site in data.zabs()}
        name = data.authority_names().get(ags.ljust(8, "0"), ags)
        return _organisation(
            self._session, f"abh:{ags}", OrganisationKind.ABH, f"ABH {name}", self._now, ags=ags,
            zab=prefixes.get(ags[:3]),
        )  # fmt: skip

    def _found(self, code: str) -> Organisation:
        found = fleet_rows.organisation(self._session, code)
        if found is None:
            raise AssertionError(f"organisation {code} was entered just now")
        return found

    def _vehicle(self, vehicle: Vehicle) -> VehicleRow:
        owner = self._zabs[vehicle.zab]
        content = _vehicle_content(vehicle)
        known = fleet_rows.by_code(self._session, VehicleRow, owner.id, [vehicle.id]).get(vehicle.id)
        if known is not None:
            return fleet.change(
                self._session, SYSTEM, known, VehicleContent.model_validate(content), now=self._now
            )  # fmt: skip
        self._made.vehicles += 1
        body = NewVehicle.model_validate(content | {"code": vehicle.id})
        return fleet.create_vehicle(self._session, SYSTEM, body, now=self._now, zab_id=owner.id)

    def _crew(self, crew: Crew) -> CrewRow:
        owner = self._zabs[crew.zab]
        content = _crew_content(crew)
        known = fleet_rows.by_code(self._session, CrewRow, owner.id, [crew.id]).get(crew.id)
        if known is not None:
            return fleet.change(self._session, SYSTEM, known, CrewContent.model_validate(content), now=self._now)
        self._made.crews += 1
        body = NewCrew.model_validate(content | {"code": crew.id})
        return fleet.create_crew(self._session, SYSTEM, body, now=self._now, zab_id=owner.id)

    def _duty(self, duty: Duty, crew: CrewRow, vehicle: VehicleRow) -> DutyRow:
        shift, window = self._index.shift[duty.shift], self._index.duty_window(duty.id)
        since, until = (shift.start, shift.start) if window is None else (window.earliest, window.latest)
        content: dict[str, Any] = {
            "crew_id": crew.id, "vehicle_id": vehicle.id, "starts_at": self._at(shift.start),
            "ends_at": self._at(shift.end), "vehicle_from": self._at(since), "vehicle_to": self._at(until),
            "profile": shift.profile, "start_place": duty.start_place, "end_place": duty.end_place,
            "tolerance_minutes": self._tolerance(duty.id) // 60,
        }  # fmt: skip
        known = fleet_rows.by_code(self._session, DutyRow, crew.zab_id, [duty.id]).get(duty.id)
        if known is not None:
            # Whether a duty is offered is the ZAB's word of today.
            body = DutyContent.model_validate(content | {"is_offered": known.is_offered})
            return duties.change(self._session, SYSTEM, known, body, now=self._now)
        self._made.duties += 1
        new = NewDuty.model_validate(content | {"code": duty.id})
        return duties.create(self._session, SYSTEM, new, now=self._now, zab=crew.zab)

    def _tolerance(self, duty: DutyId) -> int:
        found = self._index.commitment.get(duty)
        return 0 if found is None else found.tolerance

    def _commit(self, commitment: Commitment) -> None:
        times: dict[str, dict[VisitKind, datetime]] = {}
        for promise in commitment.promises:
            times.setdefault(promise.request, {})[promise.kind] = self._at(promise.start)
        missing = [
            NewRider(
                abh=f"abh:{request.authority}", request=self._content(request),
                gates=_gates(request), pickup_at=times[request.id][VisitKind.PICKUP],
                handover_at=times[request.id][VisitKind.DELIVERY],
            )
            for request in map(self._index.request.__getitem__, times)
            if self._known(request) is None
        ]  # fmt: skip
        if not missing:
            return
        duty = self._duties[commitment.duty]
        actor = Actor(role=Role.ZAB_DISPATCHER, organisation_id=duty.zab_id)
        made = commitments.enter(
            self._session, actor, duty, missing, answering=self._answering, now=self._now, must_lie_ahead=False
        )
        self._made.promised += len(made)
        for proposal in made if commitment.frozen else ():
            steps.take(self._session, proposal.request, Action.FREEZE, SYSTEM, now=self._now)

    def _pool(self, request: Request) -> None:
        if self._known(request) is not None:
            return
        owner = self._found(f"abh:{request.authority}")
        actor = Actor(role=Role.ABH, organisation_id=owner.id)
        row = requests.enter(
            self._session, actor, self._content(request), EnterAs.POOL, gates=_gates(request),
            answering=self._answering, now=self._now, must_lie_ahead=False,
        )  # fmt: skip
        barred = sorted(request.barred_zabs)
        for zab in barred:
            self._session.add(Bar(created_at=self._now, request_id=row.id, zab_id=self._zabs[zab].id, until=None))
        if barred:
            self._session.flush()
            codes = [self._zabs[zab].code for zab in barred]
            audit.append(self._session, SYSTEM, "barred", "request", row.id, at=self._now, details={"zabs": codes})
        self._made.pooled += row.state is State.POOLED

    def _known(self, request: Request) -> uuid.UUID | None:
        owner = self._found(f"abh:{request.authority}")
        return rows.request_of_case(self._session, owner.id, request.id, self._at(request.pickup.earliest))

    def _content(self, request: Request) -> RequestContent:
        return RequestContent.model_validate(
            {
                "case_reference": request.id,
                "case_type": request.case_type,
                "people": [{"age": g.age, "sex": g.sex, "count": g.count} for g in request.party.groups],
                "pickup": self._stop(request.pickup),
                "pickup_type": _pickup_type(request.pickup.place),
                "handover": self._stop(request.delivery),
                "needs": tuple(sorted(request.needs)),
                "wheelchairs": request.wheelchairs,
                "luggage": request.luggage,
                "escorts": request.escort_officers,
                "escorts_female": request.escort_female,
                "max_ride_minutes": None if request.max_ride is None else request.max_ride // MINUTE,
                "is_separate": request.separate,
                "unit": request.unit,
                "bundle": request.bundle,
                "deadline": self._deadline(request),
                "deadline_class": request.deadline_class,
                "has_night_ground": request.night_ground,
                "rejection": self._rejection(request),
            }
        )

    def _stop(self, stop: Stop) -> dict[str, Any]:
        return {
            "place": stop.place, "earliest": self._at(stop.earliest), "latest": self._at(stop.latest),
            "service_minutes": stop.service // MINUTE,
        }  # fmt: skip

    def _deadline(self, request: Request) -> dict[str, Any] | None:
        if request.deadline is None:
            return None
        # The day does not tell the law that sets a deadline.
        regime = "604/2013" if request.case_type is CaseType.DUBLIN else "other"
        return {"at": self._at(request.deadline), "regime": regime, "source": _SOURCE}

    def _rejection(self, request: Request) -> dict[str, Any] | None:
        said = request.rejection
        return None if said is None else {"by": self._zabs[said.by].code, "code": said.code}


_FACILITIES = ("EAE-", "LEA-", "ZUE-")
"""How the ids of the state's reception facilities begin; the other facilities are offices."""


@cache
def _kinds() -> Mapping[str, PlaceKind]:
    return {place.id: place.kind for place in data.places()}


def _pickup_type(place: str) -> PickupType:
    """Return the kind of a pick-up by its place; where people live in a town of their own is a dwelling."""
    kind = _kinds().get(place)
    if kind is PlaceKind.DETENTION:
        return PickupType.UFA if place.startswith("UFA-") else PickupType.JVA
    if kind is PlaceKind.FACILITY:
        return PickupType.STATE_FACILITY if place.startswith(_FACILITIES) else PickupType.AUTHORITY
    return PickupType.DWELLING


def _gates(request: Request) -> Gates:
    """Return the gates of a request of the day, all open: its people are synthetic, and a day tells no gates."""
    minors = {"unaccompanied_minor": MinorHandover.ASSURED} if request.party.is_lone_minor else {}
    return Gates.model_validate(CLEAR | minors)


def _vehicle_content(vehicle: Vehicle) -> dict[str, Any]:
    return {
        "kind": folded(vehicle.kind), "luggage": vehicle.luggage, "features": tuple(sorted(vehicle.features)),
        "configurations": [
            {"seats": each.seats, "wheelchair_places": each.wheelchair_places} for each in vehicle.configurations
        ],
        "child_seats": vehicle.child_seats, "licence": vehicle.licence, "carries_children": vehicle.carries_children,
        "cost_per_km": vehicle.cost_per_km, "co2_per_km": vehicle.co2_per_km,
    }  # fmt: skip


def _crew_content(crew: Crew) -> dict[str, Any]:
    return {
        "heads": crew.heads, "officers": crew.officers, "female_officers": crew.female_officers,
        "licences": tuple(sorted(crew.licences)), "skills": tuple(sorted(crew.skills)),
        "cost_per_hour": crew.cost_per_hour,
    }  # fmt: skip


def _refuse_unsaid(instance: Instance) -> None:
    """Refuse what the service has no word for: it would solve another problem than the day states."""
    errors = list(_unsaid(instance))
    if errors:
        raise Problem(
            Code.VALUE_REFUSED, "Nothing was loaded: the service cannot say what this day says.", errors=errors
        )  # fmt: skip


def _unsaid(instance: Instance) -> Iterable[FieldError]:
    catalogue = {place.id: place for place in data.places()}
    for place in instance.places:
        if catalogue.get(place.id) != place:
            yield FieldError(path=f"place {place.id}", expected="a place of the catalogue")
    if not instance.horizon_start:
        yield FieldError(path="horizon_start", expected="an instant with offset")
    for request in instance.requests:
        for name in _UNSAID:
            if getattr(request, name) not in (None, frozenset()):
                yield FieldError(path=f"request {request.id}, {name}", expected="nothing")
        for name, seconds in (
            ("pickup.service", request.pickup.service), ("delivery.service", request.delivery.service),
            ("max_ride", request.max_ride or 0),
        ):  # fmt: skip
            if seconds % MINUTE:
                yield FieldError(path=f"request {request.id}, {name}", expected="whole minutes")
        if not request.authority:
            yield FieldError(path=f"request {request.id}, authority", expected="the AGS of its ABH")
