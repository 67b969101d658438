"""The drive order (Fahrauftrag) of a duty: its timetable from depot to depot, whom it carries, what must be looked at.

The timetable is that of the promised stops alone, laid out as the board's: drives, waits and breaks with their times.

Exact addresses are printed only when the promising ZAB asks for them with a purpose, within the time of disclosure;
each is read, and logged, by the service that seals them. All others are told where to read them.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Response

from api.errors import Code, Problem
from api.gates import ToldGate
from api.mapping.layouts import Doing, Layout
from api.mapping.layouts import Part as LaidOut
from api.pages import language as told
from api.pages.paper.printing import Document, Part, facts, heading, lines, notice, printed, table, text
from api.pages.requests import names
from api.pages.sent import InSent
from api.pages.view import View, may_view
from api.repositories import fleet
from api.routes import addresses, duties, requests
from api.schemas.duties import DutyShown, Standing, StopShown
from api.schemas.request_steps import AddressPurpose
from api.schemas.request_views import RequestFull
from api.services import duties as duties_of
from api.services import layouts
from api.workflow import Role
from optimizer.model import VisitKind

router = APIRouter(include_in_schema=False)
_ZABS = (Role.ZAB_DISPATCHER, Role.ZAB_LEAD)


@router.get("/paper/duties/{duty_id}")
def print_order(view: Annotated[View, may_view(*_ZABS, Role.LTRAKO, Role.AUDITOR)], duty_id: uuid.UUID) -> Response:
    """Print the drive order without addresses."""
    return _printed(view, duty_id, None)


@router.post("/paper/duties/{duty_id}")
def print_with_addresses(view: Annotated[View, may_view(*_ZABS)], duty_id: uuid.UUID, sent: InSent) -> Response:
    """Print the drive order with the addresses that may be read now; each read is logged with the purpose."""
    purpose = sent.text("purpose")
    if purpose not in set(AddressPurpose):
        raise Problem(Code.REASON_MISSING, "Say why you read the addresses: it is logged.")
    return _printed(view, duty_id, AddressPurpose(purpose))


def _printed(view: View, duty_id: uuid.UUID, purpose: AddressPurpose | None) -> Response:
    duty = duties.show_duty(duty_id, Response(), view.context, view.actor)
    promised = [stop for stop in duty.tour if stop.standing is Standing.PROMISED and stop.request_id is not None]
    say, left_out = view.say, len(duty.tour) - len(promised)
    parts: list[Part] = [_head(view, duty)]
    if not promised:
        parts.append(notice(say("Kein Halt ist zugesagt."), say("Für diesen Dienst gibt es nichts zu fahren.")))
    if left_out:
        parts.append(
            text(say("Nur vorgeschlagene Halte stehen hier nicht: %(count)s.") % {"count": left_out})
        )  # fmt: skip
    if promised:
        layout = _layout(view, duty, {stop.request_id for stop in promised})
        parts += [heading(say("Zeitplan")), _timetable(view, duty, promised, layout)]
        if not layout.parts:
            parts.append(text(say("Fahrzeiten und Pausen ließen sich nicht berechnen: Die Halte allein stehen hier.")))
        for key in dict.fromkeys(stop.request_id for stop in promised if stop.request_id is not None):
            parts += _rider(view, key, purpose)
        parts.append(
            lines(say("Abfahrt: Uhrzeit, Unterschrift"), say("Rückkehr: Uhrzeit, Kilometerstand, Unterschrift"))
        )
    name = f"fahrauftrag-{duty.code}-{duty.starts_at.date()}"
    return printed(view, Document(name=name, title=say("Fahrauftrag %(duty)s") % {"duty": duty.code}, parts=parts))


def _head(view: View, duty: DutyShown) -> Part:
    say, language = view.say, view.language
    begin, end = told.told_instant(duty.starts_at, language), told.told_instant(duty.ends_at, language)
    return facts(
        (say("ZAB"), names.zab(duty.zab)), (say("Dienst"), f"{begin} – {end}"), (say("Team"), duty.crew.code),
        (say("Fahrzeug"), duty.vehicle.code), (say("Beginn der Tour"), names.place(duty.start_place)),
        (say("Ende der Tour"), names.place(duty.end_place)),
    )  # fmt: skip


def _layout(view: View, duty: DutyShown, riders: Collection[uuid.UUID | None]) -> Layout:
    """Return how the promised stops pass from depot to depot; the duty was found for this reader already."""
    with view.context.store.reading() as session:
        row = duties_of.found(session, view.actor, duty.id)
        stored = fleet.tours(session, [row.id]).get(row.id, ())
        kept = [stop for stop in stored if stop.request_id in riders]
        return layouts.laid_out(session, [row], {row.id: kept}).get(row.id, Layout())


def _timetable(view: View, duty: DutyShown, stops: list[StopShown], layout: Layout) -> Part:
    say = view.say
    numbers = {key: number for number, key in enumerate(dict.fromkeys(stop.request_id for stop in stops), 1)}
    rows = [
        (
            stop.starts_at, stop.leaves_at, say("Abholung") if stop.kind is VisitKind.PICKUP else say("Übergabe"),
            names.place(stop.place), str(numbers[stop.request_id]), str(stop.seats_taken),
        )
        for stop in stops
    ]  # fmt: skip
    parts = [each for each in layout.parts if each.until - each.since >= timedelta(minutes=1)]
    rows += [(each.since, each.until, _doing(view, each), "", "", "") for each in parts]
    rows.sort(key=lambda row: row[:2])
    if parts:
        # Whoever is picked up where the vehicle stands is there before the first drive.
        begin, end = rows[0][0], max(until for _, until, *_ in rows)
        rows.insert(0, (begin, begin, say("Abfahrt"), names.place(duty.start_place), "", ""))
        rows.append((end, end, say("Rückkehr"), names.place(duty.end_place), "", ""))
    return table(
        [say("Zeit"), say("Was"), say("Ort"), say("Fahrt"), say("an Bord")],
        [[_when(view, since, until), *told_there] for since, until, *told_there in rows], [2.8, 2.2, 2.6, 0.8, 1],
    )  # fmt: skip


def _doing(view: View, part: LaidOut) -> str:
    say = view.say
    named = {Doing.DRIVE: say("Fahrstrecke"), Doing.WAIT: say("Warten"), Doing.BREAK: say("Pause")}[part.doing]
    # By the minutes of the clock that stand beside it.
    since, until = (at.replace(second=0, microsecond=0) for at in (part.since, part.until))
    return f"{named}, {told.told_span(until - since, view.language)}"


def _when(view: View, since: datetime, until: datetime) -> str:
    first = told.told_instant(since, view.language)
    return first if since == until else f"{first} – {told.told_time(until, view.language)}"


def _rider(view: View, request_id: uuid.UUID, purpose: AddressPurpose | None) -> list[Part]:
    say = view.say
    shown = requests.show_request(request_id, Response(), view.context, view.actor)
    if not isinstance(shown, RequestFull):
        rows = [(say("Anfrage"), str(request_id)), (say("Personen"), str(shown.people))]
        parts = [heading(say("Anfrage in grober Form")), facts(*rows)]
        return [*parts, *_blocked(view, shown.blocked_by)]
    content = shown.content
    people = "; ".join(
        f"{group.count} × {names.code(view, group.age)}, {names.code(view, group.sex)}" for group in content.people
    )
    escorts = f"{content.escorts} ({say('davon weiblich')}: {content.escorts_female})" if content.escorts else ""
    parts = [
        heading(say("Fahrt zu %(case)s") % {"case": content.case_reference}),
        facts(
            (say("Stand"), names.state(view, shown.state)), (say("Ausländerbehörde"), names.office(view, shown.owner)),
            (say("Personen"), people),
            (say("Bedarf"), ", ".join(names.code(view, each) for each in content.needs)),
            (say("Rollstühle"), str(content.wheelchairs or "")), (say("Gepäckstücke"), str(content.luggage or "")),
            (say("Begleitkräfte"), escorts), (say("Flug"), content.flight or ""),
            (say("Abflug"), "" if content.departure is None else told.told_instant(content.departure, view.language)),
            (say("Bemerkung"), content.free_text), (say("Anschrift"), _address(view, request_id, purpose)),
        ),
    ]  # fmt: skip
    return [*parts, *_blocked(view, shown.blocked_by)]


def _blocked(view: View, gates: list[ToldGate]) -> list[Part]:
    """Return the warning that the trip must not begin, where a gate is closed."""
    if not gates:
        return []
    closed = ", ".join(names.gate(view, each) for each in gates)
    return [notice(view.say("Nicht abfahren: Eine Voraussetzung fehlt."), closed)]


def _address(view: View, request_id: uuid.UUID, purpose: AddressPurpose | None) -> str:
    if purpose is not None:
        try:
            return addresses.read_address(request_id, Response(), view.context, view.actor, purpose).address
        except Problem as problem:
            if problem.code is not Code.NOT_FOUND:
                raise
            return view.say("keine hinterlegt, oder zurzeit nicht freigegeben")
    where = f"{str(view.context.settings.public_url).rstrip('/')}/requests/{request_id}"
    return view.say("nur für die ZAB, die zugesagt hat, in der Restplatzbörse zu lesen: %(where)s") % {"where": where}
