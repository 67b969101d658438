"""Entering a request, amending it, correcting it; and what would be said of it, before anything is stored."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Response
from fastapi.responses import HTMLResponse

from api.errors import Code, Problem, not_found
from api.pages import forms, problems
from api.pages.requests import content, names
from api.pages.sent import KEY, VERSION, InSent, Sent, new_key, once, read_back, version_of
from api.pages.view import View, may_view
from api.routes import addresses, gates, request_steps, requests
from api.schemas.hints import Checked
from api.schemas.request_steps import AddressBody
from api.schemas.request_views import RequestFull
from api.schemas.requests import PickupType, RequestAmendment, RequestEntry
from api.schemas.text_warnings import TextWarningShown, told
from api.workflow import Action, Role
from optimizer.model import AgeBand, CaseType, Need, RejectionCode, Sex

router = APIRouter(include_in_schema=False)
OwnerView = Annotated[View, may_view(Role.ABH)]
_CHECK, _MORE = "check", "more"
_ENTERS = ("draft", "ask", "pool")
_SHOWN = frozenset({400, 409, 412, 422, 428})
"""Refusals that are told above the form, which keeps what was typed; all others are pages of their own."""


@router.get("/requests/new")
def ask_entry(view: OwnerView) -> HTMLResponse:
    """Show an empty form; two gates and the age are as they are most of the time."""
    values = {"people.0.age": "adult", "people.0.count": "1", "case_type": "dublin", "pickup_type": "dwelling"}
    return _form(view, values)


@router.post("/requests/new")
def enter(view: OwnerView, sent: InSent) -> Response:
    """Enter what the form says; or say what would be said of it."""
    wanted = sent.text("do") or _CHECK
    if wanted == _MORE:
        return _form(view, sent.values, sent, more=True)
    try:
        entry = _entry(sent)
        address = _address(sent)
        if wanted == _CHECK:
            return _form(view, sent.values, sent, checked=_checked(view, entry))
        entered = requests.enter_request(entry, view.context, view.actor, once(view, sent))
        shown: RequestFull = read_back(RequestFull, entered)
        is_warned = address is not None and bool(
            addresses.put_address(shown.id, address, view.context, view.actor).warnings
        )
    except Problem as problem:
        return _refused(view, sent, problem)
    return view.go_to(f"/requests/{shown.id}?done=entered{'&warned=address' if is_warned else ''}")


@router.post("/requests/check")
def check(view: OwnerView, sent: InSent) -> HTMLResponse:
    """Say what would be said of a request, beside the form: nothing is stored."""
    try:
        entry = _entry(sent, is_checked=True)
        found = _checked(view, entry)
    except Problem as problem:
        if problem.status not in _SHOWN:
            raise
        told_of = content.faults(view, problem)
        return view.render(
            "requests/part_check.html", status=problem.status if not view.is_part else 200, checked=None,
            refused=problems.shown(view, _bare(problem)), faults=told_of, called=_called(view), warnings=(),
            names=names,
        )  # fmt: skip
    return view.render(
        "requests/part_check.html", checked=found, refused="", faults={}, called=_called(view), names=names,
        warnings=_warnings(entry),
    )  # fmt: skip


@router.get("/requests/{request_id}/edit")
def ask_amendment(view: OwnerView, request_id: uuid.UUID) -> HTMLResponse:
    """Show the form of a request with what was said."""
    answer = Response()
    shown = requests.show_request(request_id, answer, view.context, view.actor)
    if not isinstance(shown, RequestFull) or not {Action.AMEND, Action.CORRECT} & set(shown.actions):
        raise Problem(Code.STATE_FORBIDS, "This request cannot be amended as it stands now.")
    stated = gates.show_gates(request_id, Response(), view.context, view.actor).stated
    values = content.fields(shown.content, stated) | {VERSION: version_of(answer)}
    return _form(view, values, request_id=request_id, state=shown.state, needs=shown.content.needs)


@router.post("/requests/{request_id}/edit")
def amend(view: OwnerView, request_id: uuid.UUID, sent: InSent) -> Response:
    """Say a request anew: amended, or where wrong data had been declined, corrected."""
    wanted = sent.text("do") or _CHECK
    answer = Response()
    known = requests.show_request(request_id, answer, view.context, view.actor)
    if not isinstance(known, RequestFull):  # an owner sees its requests whole
        raise not_found("a request")
    more: dict[str, Any] = {"request_id": request_id, "state": known.state}
    if wanted == _MORE:
        return _form(view, sent.values, sent, more=True, **more)
    try:
        if wanted == _CHECK:
            return _form(view, sent.values, sent, checked=_checked(view, _entry(sent, is_checked=True)), **more)
        body = _amendment(sent)
        step = request_steps.correct if Action.CORRECT in known.actions else requests.amend_request
        step(request_id, body, answer, view.context, view.actor, sent.if_match)
    except Problem as problem:
        # The new version goes with the form, so that whoever has looked may send it again.
        if problem.code is not Code.VERSION_CHANGED:
            return _refused(view, sent, problem, **more)
        stated = gates.show_gates(request_id, Response(), view.context, view.actor).stated
        stored = content.fields(known.content, stated) | {"needs": ", ".join(sorted(known.content.needs))}
        return _refused(view, sent, problem, fresh={VERSION: version_of(answer)}, stored=stored, **more)
    return view.go_to(f"/requests/{request_id}?done=amended")


def _refused(
    view: View, sent: Sent, problem: Problem, *, fresh: dict[str, str] | None = None, **more: Any
) -> HTMLResponse:
    if problem.status not in _SHOWN:
        raise problem
    return _form(view, sent.values | (fresh or {}), sent, problem=problem, **more)


def _form(
    view: View,
    values: dict[str, str],
    sent: Sent | None = None,
    *,
    problem: Problem | None = None,
    checked: Checked | None = None,
    request_id: uuid.UUID | None = None,
    state: str = "",
    more: bool = False,
    needs: Sequence[str] = (),
    stored: Mapping[str, str] | None = None,
) -> HTMLResponse:
    known = values if sent is None else dict.fromkeys(_FIELDS, "") | values
    faults = content.faults(view, problem)
    if checked is not None and sent is not None:
        warnings = told({"/free_text": sent.text("free_text"), "/deadline/source": sent.text("deadline.source")})
    else:
        warnings = ()
    return view.render(
        "requests/form.html", status=200 if problem is None else problem.status, values=known, faults=faults,
        call_key=known.get(KEY) or new_key(), entered=request_id, state=state, checked=checked,
        warnings=warnings, needs=needs if sent is None else sent.all("needs"),
        groups=content.group_count(known) + 2 * more,
        problem="" if problem is None else problems.shown(view, _bare(problem)), called=_called(view), names=names,
        choices=_choices(view), stored=() if sent is None or stored is None else _meanwhile(view, sent, stored),
    )  # fmt: skip


def _choices(view: View) -> dict[str, Sequence[tuple[str, str]]]:
    return {
        "case_type": names.options(view, CaseType), "pickup_type": names.options(view, PickupType),
        "age": names.options(view, AgeBand), "sex": names.options(view, Sex), "need": names.options(view, Need),
        "regime": names.regimes(view), "zab": names.zab_options(), "rejection": names.reasons(view, RejectionCode),
    }  # fmt: skip


def _meanwhile(view: View, sent: Sent, stored: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return what is stored otherwise than the form says it: whoever stores the form now replaces it."""
    typed = sent.values | {"needs": ", ".join(sorted(sent.all("needs")))}
    words = {code: word for options in _choices(view).values() for code, word in options}
    called = _called(view)
    found = []
    for name, value in stored.items():
        if name != VERSION and value != typed.get(name, ""):
            kept = view.say("ja") if value == "true" else ", ".join(words.get(each, each) for each in value.split(", "))
            found.append((called(name), kept or view.say("nichts")))
    return found


_FIELDS = ("is_separate", "has_night_ground", "needs_medical_reception")
"""Boxes that are not ticked are not sent."""


def _entry(sent: Sent, *, is_checked: bool = False) -> RequestEntry:
    body = content.body(sent)
    wanted = sent.text("do") or _CHECK
    if not is_checked and wanted != _CHECK:
        body["enter_as"] = wanted if wanted in _ENTERS else ""
        if wanted == "ask":
            body["zab"] = sent.text("zab")
    return forms.read(RequestEntry, body | {"gates": content.gates(sent) or None})


def _amendment(sent: Sent) -> RequestAmendment:
    said = content.gates(sent)
    return forms.read(RequestAmendment, content.body(sent) | {"gates": said or None})


def _address(sent: Sent) -> AddressBody | None:
    text = sent.text("address")
    return forms.read(AddressBody, {"address": text}) if text else None


def _checked(view: View, entry: RequestEntry) -> Checked:
    return requests.check_request(entry, view.context, view.actor)


def _warnings(entry: RequestEntry) -> tuple[TextWarningShown, ...]:
    source = "" if entry.deadline is None else entry.deadline.source
    return told({"/free_text": entry.free_text, "/deadline/source": source})


def _bare(problem: Problem) -> Problem:
    """Return a problem without its faults, which stand beside the fields."""
    return Problem(problem.code, problem.detail if not problem.errors else "", more=problem.more)


def _called(view: View) -> Callable[[str], str]:
    """Return what gives a field its name, for lists of faults and hints beside the form."""
    labels = _labels(view)

    def called(name: str) -> str:
        group = names.GROUP.fullmatch(name)
        if group is None:
            return labels.get(name) or labels.get(name.partition(".")[0]) or view.say("Angabe")
        part = labels.get(f"people.{group[2]}")
        title = view.say("Gruppe %(number)s") % {"number": int(group[1]) + 1}
        return f"{title}: {part}" if part else title

    return called


def _labels(view: View) -> dict[str, str]:
    say = view.say
    return {
        "case_reference": say("Aktenzeichen"), "case_type": say("Art der Maßnahme"), "people": say("Personen"),
        "pickup.place": say("Ort der Abholung"), "pickup.earliest": say("Abholung frühestens"),
        "pickup.latest": say("Abholung spätestens"), "handover.place": say("Ort der Übergabe"),
        "handover.earliest": say("Übergabe frühestens"), "handover.latest": say("Übergabe spätestens"),
        "departure": say("Abflug"), "flight": say("Flugnummer"), "destination": say("Zielstaat"),
        "wheelchairs": say("Rollstühle"), "escorts": say("Begleitkräfte"), "deadline": say("Frist"),
        "deadline.at": say("Frist"), "deadline.source": say("Quelle der Frist"), "free_text": say("Bemerkung"),
        "address": say("Anschrift der Abholung"), "gates": say("Voraussetzungen"),
        "stop_overs": say("Zwischenlandungen"),
        "escorts_female": say("davon weiblich"), "zab": say("ZAB"), "enter_as": say("Absenden als"),
        "deadline.regime": say("Rechtsgrundlage"), "pickup": say("Abholung"), "handover": say("Übergabe"),
        "people.count": say("Anzahl"), "people.age": say("Alter"), "people.sex": say("Geschlecht"),
        "pickup.service_minutes": say("Dauer der Abholung in Minuten"), "pickup_type": say("Art des Ortes"),
        "handover.service_minutes": say("Dauer der Übergabe in Minuten"), "luggage": say("Gepäckstücke"),
        "max_ride_minutes": say("Höchstens an Bord, in Minuten"), "needs": say("Bedarf"),
        "unit": say("Familie oder Gruppe, die zusammen fahren darf"), "bundle": say("Bündel: alle oder niemand"),
        "deadline_class": say("Dringlichkeit"), "rejection.by": say("Abgelehnt von"),
        "rejection.code": say("Grund der Ablehnung"), "rejection": say("Abgelehnt von"),
        "gates.court_order": say("Richterliche Anordnung"), "gates.urgent_application": say("Eilantrag"),
        "gates.announced_on": say("Angekündigt am"), "gates.fitness_to_travel": say("Reisefähigkeit"),
        "gates.unaccompanied_minor": say("Unbegleitete minderjährige Person"),
    }  # fmt: skip
