"""What all tables share: names of constraints, ids, instants, and the version that decisions compare."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, MetaData
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column

from api.db.types import UtcDateTime, new_id

NAMES = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
"""Every constraint has a name: migrations can drop it, and an error tells which one was broken."""

Document = JSON().with_variant(JSONB(), "postgresql")
"""A document whose shape a pydantic type fixes at the border (``api.schemas``)."""


class Base(DeclarativeBase):
    """Base of all tables."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map: ClassVar[dict[Any, Any]] = {datetime: UtcDateTime(), dict[str, Any]: Document}


class Identified:
    """A row with an id of its own, and when it came."""

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    created_at: Mapped[datetime]


class Versioned(Identified):
    """A row that is changed: each change raises ``version``, and one made on an older version is refused."""

    updated_at: Mapped[datetime]
    version: Mapped[int]

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:  # noqa: N805  # a class, says SQLAlchemy
        """Let SQLAlchemy compare and raise the version with every change."""
        return {"version_id_col": cls.version}
