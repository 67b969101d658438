"""The pool as a list on paper, for when the network is down: in coarse form, with room for notes."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Response

from api.pages import language as told
from api.pages import place_names
from api.pages.paper.printing import Document, printed, table, text, window
from api.pages.requests import names
from api.pages.requests.page import READERS
from api.pages.sent import read_back
from api.pages.view import View, may_view
from api.routes import pool
from api.schemas.pool import PoolEntry
from api.web.paging import MOST, Page, Paging

router = APIRouter(include_in_schema=False)
_MOST_PAGES = 10


@router.get("/paper/pool")
def print_pool(view: Annotated[View, may_view(*READERS)]) -> Response:
    """Print what waits for a seat, by pick-up."""
    say = view.say
    found, is_whole = _entries(view)
    parts = [
        text(
            say("%(count)s Anfragen, nach Abholung. Vor jeder Zusage mit der Anwendung abgleichen, sobald es geht.")
            % {"count": len(found)}
        )
    ]
    if found:
        head = (
            say("Kennung"), say("Abholung"), say("ab"), say("Übergabe"), say("nach"), say("Pers."),
            say("Bedarf, Begleitung"), say("Frist"), say("Stand"), say("Notiz"),
        )  # fmt: skip
        widths = (1.3, 2.5, 1.9, 2.5, 2.1, 1.1, 2.3, 1.5, 2, 1.4)
        parts.append(table(head, [_row(view, each) for each in found], widths))
    if not is_whole:
        parts.append(text(say("Die Liste ist gekürzt: Es warten noch mehr.")))
    name = f"pool-{view.now.date()}"
    return printed(view, Document(name=name, title=say("Anfragen im Pool"), parts=parts, is_wide=True))


def _entries(view: View) -> tuple[list[PoolEntry], bool]:
    found: list[PoolEntry] = []
    after: str | None = None
    for _ in range(_MOST_PAGES):
        pages = Paging(MOST, after, view.context.settings.signing_key())
        page: Page[PoolEntry] = read_back(Page[PoolEntry], pool.show_pool(view.context, view.actor, pages))
        found += page.items
        after = page.next
        if after is None:
            return found, True
    return found, False


def _row(view: View, entry: PoolEntry) -> list[str]:
    say = view.say
    people = str(entry.people) + (f" ({say('Kinder')})" if entry.has_children else "")
    needs = [names.code(view, each) for each in entry.needs]
    if entry.escorts:
        needs.append(f"{say('Begleitkräfte')} {entry.escorts}/{entry.escorts_female} w")
    state = names.state(view, entry.state)
    if entry.offer is not None:
        state += f": {names.zab(entry.offer.zab)}"
    if entry.blocked_by:
        state += " · " + say("gesperrt: ") + ", ".join(names.gate(view, each) for each in entry.blocked_by)
    return [
        place_names.handle(entry.id), window(view, entry.pickup_from, entry.pickup_to), entry.pickup_municipality,
        window(view, entry.handover_from, entry.handover_to), entry.handover_name, people, ", ".join(needs),
        "" if entry.deadline_at is None else told.told_day(entry.deadline_at, view.language), state, "",
    ]  # fmt: skip
