"""The audit log for auditors: lines by filters, the check of the chain; and what was deleted."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from api.deadlines import BERLIN
from api.pages.oversight.details import value_told
from api.pages.roles import like
from api.pages.sent import address
from api.pages.view import View, may_view
from api.repositories.audit import Filters
from api.routes import audit as api
from api.routes import statistics
from api.texts import Pair, in_language
from api.texts_audit import SUBJECTS, detail_of, done_to, known_actions
from api.web.paging import InPages
from api.workflow import Role

router = APIRouter()
InAudit = Annotated[View, like(api.Auditor)]
_LONGEST = 60
_HASH = 64


@router.get("/audit", include_in_schema=False)
def show(
    view: InAudit, pages: InPages, subject_kind: str = "", subject_id: str = "", account_id: str = "", action: str = "",
    since: str = "", until: str = "",
) -> HTMLResponse:  # fmt: skip
    """Show lines of the log, newest first; the look itself is a line."""
    said = {
        "subject_kind": subject_kind.strip()[:_LONGEST], "subject_id": subject_id.strip()[:_LONGEST],
        "account_id": account_id.strip(), "action": action.strip()[:_LONGEST], "since": since, "until": until,
    }  # fmt: skip
    said = {name: value.replace("\0", "") for name, value in said.items()}
    filters = Filters(
        subject_kind=said["subject_kind"] or None, subject_id=said["subject_id"] or None, action=said["action"] or None,
        account_id=_read(uuid.UUID, said["account_id"]), since=_instant(since), until=_instant(until),
    )  # fmt: skip
    found = api.list_audit(view.context, view.actor, pages, filters)
    return view.render(
        "oversight/audit.html", lines=found.items, said=said, head=api.read_head(view.context, view.actor),
        done_to=done_to, subjects=SUBJECTS, detail_of=detail_of, told=lambda *detail: value_told(view, *detail),
        actions=_options(view, known_actions(), said["action"]),
        subject_options=_options(view, SUBJECTS, said["subject_kind"]),
        more=address("/audit", {**said, "after": found.next}) if found.next else "",
    )  # fmt: skip


@router.get("/audit/verification", include_in_schema=False)
def verify(view: InAudit, first: str = "", known_number: str = "", known_sha256: str = "") -> HTMLResponse:
    """Verify a part of the log, against itself and against a head that was noted elsewhere."""
    begin = _count(first) or 1
    number, sha256 = _count(known_number), known_sha256.strip().lower()
    is_hash = len(sha256) == _HASH and set(sha256) <= set("0123456789abcdef")
    found = api.verify_log(
        view.context, view.actor, begin, known_number=number if is_hash else None,
        known_sha256=sha256 if is_hash else None,
    )  # fmt: skip
    return view.render(
        "oversight/verification.html", found=found, first=begin, known_number=number or "", known_sha256=sha256,
        is_compared=is_hash and number is not None, is_wrong_hash=bool(sha256) and not is_hash,
    )  # fmt: skip


@router.get("/audit/deletions", include_in_schema=False)
def show_deletions(view: Annotated[View, may_view(Role.AUDITOR, Role.ADMIN)], pages: InPages) -> HTMLResponse:
    """Show what was deleted by period: counts by day and kind."""
    found = statistics.list_deletions(view.context, view.actor, pages)
    return view.render(
        "oversight/deletions.html", deletions=found.items, is_auditor=view.actor.role is Role.AUDITOR,
        more=address("/audit/deletions", {"after": found.next}) if found.next else "",
    )  # fmt: skip


def _options(view: View, texts: Mapping[str, Pair], chosen: str) -> list[tuple[str, str]]:
    """Return what a filter offers, each with its code, by name; what the address asks for is always among it."""
    named = {chosen: (chosen, chosen), **texts} if chosen else texts
    found = [(code, f"{in_language(pair, view.language)} ({code})") for code, pair in named.items()]
    return sorted(found, key=lambda each: each[1].casefold())


def _read(kind: Callable[[str], uuid.UUID], text: str) -> uuid.UUID | None:
    try:
        return kind(text) if text else None
    except ValueError:
        # What is no id is nobody's: no line is shown, rather than all.
        return uuid.UUID(int=0)


def _instant(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
    return found.replace(tzinfo=BERLIN) if found is not None and found.tzinfo is None else found


def _count(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and 0 < len(text) < 19 and int(text) > 0 else None
