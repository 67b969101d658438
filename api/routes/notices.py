"""Notices of an organisation."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import APIRouter, Query

from api.db.tables import Notice
from api.repositories import notices as rows
from api.schemas.base import PLAIN
from api.schemas.notices import NoticeShown
from api.services import notices
from api.web.authentication import SignedIn
from api.web.context import InContext
from api.web.paging import InPages, Page

router = APIRouter(prefix="/notices", tags=["notices"])


@router.get("", summary="List notices", response_model=Page[NoticeShown])
def list_notices(
    context: InContext,
    actor: SignedIn,
    pages: InPages,
    is_done: Annotated[bool, Query(description="Settled ones instead of open ones.")] = False,
    kind: Annotated[str | None, Query(max_length=40, pattern=PLAIN, description="Only of this kind.")] = None,
) -> Page[NoticeShown]:
    """Return the notices of your organisation that are for everybody there or for your role, newest first."""
    query = rows.listed(actor, is_done=is_done, kind=kind)
    with context.store.reading() as session:
        return pages.page(session, query, (Notice.id,), NoticeShown.model_validate, descending=True)


@router.post("/{notice_id}/done", summary="Settle a notice", response_model=NoticeShown)
def settle_notice(notice_id: uuid.UUID, context: InContext, actor: SignedIn) -> NoticeShown:
    """Note that a notice was seen to; doing it twice changes nothing."""
    return context.store.write(
        lambda session: NoticeShown.model_validate(notices.done(session, actor, notice_id, now=context.now))
    )
