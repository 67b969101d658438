"""What people keep of the dispatcher's board: filters under a name of their own."""

from __future__ import annotations

import uuid

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from api.db.base import Base, Identified


class SavedFilter(Identified, Base):
    """A filter of the board that somebody saved; it goes with the account, and nobody else sees it."""

    __tablename__ = "saved_filter"
    __table_args__ = (
        Index("uq_saved_filter_account_name", "account_id", "name", unique=True),
        CheckConstraint("length(name) >= 1", name="named"),
    )

    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(40))
    query: Mapped[str] = mapped_column(String(600))
    """What stands in the address behind ``?``: codes and days only (``api.pages.board.wishes``)."""
