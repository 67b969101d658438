"""The page of the board, its parts as they are fetched again, and the line above it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from api.deadlines import BERLIN
from api.mapping.layouts import Doing, Layout
from api.pages.board.content import board, place_name
from api.pages.board.details import details
from api.pages.board.glance import glance
from api.pages.board.places import sites, spots, ways
from api.pages.board.pulse import look
from api.pages.board.timeline import time_line
from api.pages.board.trial import trial
from api.pages.board.wishes import BEZIRKE, HAS_DEADLINE, STEP, Pane, Twin, Wish, Wished, Zoom
from api.pages.language import told_day
from api.pages.requests import names, why
from api.pages.sent import new_key
from api.pages.view import View, may_view
from api.repositories import saved_filters
from api.repositories.requests import POOL
from api.services import duty_facts, place_book
from api.services.duty_facts import Fact
from api.services.saved_filters import LONGEST_NAME
from api.texts import in_language
from api.workflow import WAITING, Role
from data import zabs
from optimizer.explain.messages import MESSAGES
from optimizer.model import Need

router = APIRouter()
Dispatching = Annotated[View, may_view(Role.ZAB_DISPATCHER, Role.ZAB_LEAD, Role.LTRAKO)]
_NEEDS = (Need.WHEELCHAIR, Need.LYING, Need.DOCTOR, Need.PARAMEDIC, Need.INTERPRETER)
_DOINGS: Mapping[Doing, tuple[str, str]] = {
    Doing.DRIVE: ("Fahrt", "drive"),
    Doing.WAIT: ("Warten", "wait"),
    Doing.BREAK: ("Pause", "break"),
}
_DAYS = (
    ("Mo", "Mon"), ("Di", "Tue"), ("Mi", "Wed"), ("Do", "Thu"), ("Fr", "Fri"), ("Sa", "Sat"), ("So", "Sun"),
)  # fmt: skip
ZABS: Sequence[tuple[str, str]] = [(place_book.code_of(site.zab), site.zab.name) for site in zabs()]


@router.get("/board")
def show(view: Dispatching, wish: Wished) -> HTMLResponse:
    """Show the board; to htmx only the part that changes with filters and choice."""
    if view.is_part:
        return view.render("board/parts.html", **shown(view, wish))
    return page(view, wish)


@router.get("/board/glance")
def show_glance(view: Dispatching) -> HTMLResponse:
    """Show the line above the board alone: while a run is at work it changes all the time."""
    return view.render("board/glance.html", glance=glance(view.context, view.actor))


def page(view: View, wish: Wish, *, status: int = 200, problem: str = "", name: str = "") -> HTMLResponse:
    """Return the whole page; ``problem`` and ``name`` where a filter could not be saved."""
    with view.context.store.reading() as session:
        saved = [(row.id, row.name, row.query) for row in saved_filters.listed(session, view.actor)]
    settings = view.context.settings
    return view.render(
        "board/page.html", status=status, saved=saved, save_problem=problem, save_name=name, bezirke=BEZIRKE, zabs=ZABS,
        states=POOL, most_letters=LONGEST_NAME, tiles=settings.map_tiles, layers=settings.map_layers,
        attribution=settings.map_attribution, deadlines=_deadlines(view, wish), **shown(view, wish),
    )  # fmt: skip


def shown(view: View, wish: Wish) -> dict[str, Any]:
    """Return what the part shows that changes with filters and choice."""
    # Before anything is read: what changes meanwhile is then told once too often, not once too seldom.
    sign = look(view.context).sign
    found = board(view.context, view.actor, wish)
    return {
        "sign": sign,
        "wish": wish, "choosing": wish.choosing, "board": found, "glance": glance(view.context, view.actor),
        "time": time_line(found, wish, view.now), "spots": spots(found), "sites": sites(found), "ways": ways(found),
        "details": details(view.context, view.actor, found, wish.chosen), "trial": trial(view, wish), "names": names,
        "trying": wish.trying if wish.is_placing and wish.chosen else "", "needs": dict(_needs(view)),
        "waiting": WAITING,
        "zab_names": dict(ZABS), "place_name": place_name, "Zoom": Zoom, "STEP": STEP, "Twin": Twin, "Pane": Pane,
        "words": _words(view), "doings": {each: in_language(pair, view.language) for each, pair in _DOINGS.items()},
        "questions": lambda state: why.questions(view, state), "call_key": new_key(),
        "conflicts": lambda layout: _conflicts(view, layout), "notes": lambda layout: _notes(view, layout),
        "today": view.now.astimezone(BERLIN).date(), "clock": _clock, "weekday": lambda at: _weekday(view, at),
    }  # fmt: skip


def _needs(view: View) -> Iterator[tuple[Need, str]]:
    """Yield the needs that the board tells and filters by, called as on all other pages."""
    for need in _NEEDS:
        yield need, names.code(view, need)


def _clock(at: datetime) -> str:
    # As the filter `clock`, of which a week of sixty vehicles would ask some thousand times.
    return at.astimezone(BERLIN).strftime("%H:%M")


def _words(view: View) -> dict[str, str]:
    """Return words that stand at each mark of the time line: looked up once, not some thousand times."""
    return {
        "duty": view.say("Dienst"), "of": view.say("von"), "free": view.say("frei"), "one": view.say("1 Person"),
        "promised": view.say("Zugesagt"), "proposed": view.say("Vorschlag"), "letter": view.say("V"),
        "broken": view.say("Konflikt: Regel verletzt"),
    }  # fmt: skip


def _conflicts(view: View, layout: Layout) -> list[str]:
    """Return what stands against a tour as it is, in words."""
    language = view.language.value
    if not layout.is_readable:
        return [duty_facts.TEXTS[Fact.UNREADABLE][language]]
    return [MESSAGES[rule].texts[language] for rule in layout.broken]


def _notes(view: View, layout: Layout) -> list[tuple[str, str]]:
    """Return what the checker only tells of a tour, each with what could be done, in words."""
    language = view.language.value
    return [(MESSAGES[rule].texts[language], MESSAGES[rule].actions[language]) for rule in layout.warned]


def _weekday(view: View, at: datetime) -> str:
    day = at.astimezone(BERLIN)
    return f"{in_language(_DAYS[day.weekday()], view.language)} {day:%d.%m.}"


def _deadlines(view: View, wish: Wish) -> list[tuple[str, str]]:
    """Return what can be chosen as the end of a deadline: some days from now, and what the address says already."""
    today = view.now.astimezone(BERLIN).date()
    days = {today + timedelta(days=number) for number in (3, 7, 14, 30)}
    if wish.deadline not in ("", HAS_DEADLINE):
        days.add(date.fromisoformat(wish.deadline))
    before = view.say("vor dem")
    return [(day.isoformat(), f"{before} {told_day(day, view.language)}") for day in sorted(days)]
