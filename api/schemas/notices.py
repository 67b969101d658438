"""Notices as an organisation reads them."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Annotated, Any

from pydantic import Field

from api.schemas.base import Shown


class NoticeShown(Shown):
    """Something to know or to look at: ids, codes and instants."""

    id: uuid.UUID
    kind: Annotated[str, Field(description="What it says.", examples=["proposal_expiring"])]
    code: Annotated[str | None, Field(description="Coded reason.", examples=["better_plan"])]
    role: Annotated[str | None, Field(description="Only for this role.", examples=["zab_lead"])]
    subject_kind: Annotated[str, Field(examples=["proposal"])]
    subject_id: Annotated[str, Field(examples=["01890a5d-ac96-774b-bcce-b302099a8057"])]
    details: Annotated[dict[str, Any], Field(description="Ids, codes and instants.", examples=[{}])]
    due_at: Annotated[datetime | None, Field(description="Until when something is to be done.")]
    done_at: Annotated[datetime | None, Field(description="When it was settled; none: open.")]
    created_at: datetime
