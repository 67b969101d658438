"""The information area of the decree: pages by topic, questions and answers; and the contacts of the ZRK abroad."""

from __future__ import annotations

import uuid
from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from api.db.base import Base, Identified, Versioned
from api.db.tables_people import Organisation
from api.db.types import one_of


class ContactBody(StrEnum):
    """What kind of office a contact is."""

    EMBASSY = "embassy"
    CONSULATE = "consulate"
    HEALTH_AUTHORITY = "health_authority"
    CLINIC = "clinic"
    RECEPTION_CENTRE = "reception_centre"
    BORDER_AUTHORITY = "border_authority"
    MINISTRY = "ministry"
    OTHER = "other"


class Contact(Versioned, Base):
    """An office of a state of destination, as the ZRK reaches it: functional addresses, no person.

    Nobody but the ZRK reads or writes it.
    """

    __tablename__ = "contact"
    __table_args__ = (
        Index("ix_contact_state", "state", "id"),
        CheckConstraint("length(state) = 2", name="state_code"),
        CheckConstraint("length(notes) <= 500", name="short_notes"),
    )

    state: Mapped[str] = mapped_column(String(2))
    """State of destination, ISO 3166-1 alpha-2."""
    body: Mapped[ContactBody] = mapped_column(one_of(ContactBody, "contact_body"))
    office: Mapped[str] = mapped_column(String(200))
    phone: Mapped[str | None] = mapped_column(String(40))
    mail: Mapped[str | None] = mapped_column(String(200))
    languages: Mapped[str] = mapped_column(String(60))
    """ISO 639-1, with blanks between."""
    notes: Mapped[str] = mapped_column(String(500))
    is_active: Mapped[bool] = mapped_column(default=True)


class GuidanceTopic(StrEnum):
    """What a page or a question is about: the decree's five measures, and what concerns them all."""

    MEDICAL_RECEPTION = "medical_reception"
    TRANSIT = "transit"
    EXCHANGE = "exchange"
    DUBLIN = "dublin"
    RESOURCES = "resources"
    GENERAL = "general"


class PageState(StrEnum):
    """Whether a page is read by all."""

    DRAFT = "draft"
    PUBLISHED = "published"


class GuidancePage(Versioned, Base):
    """A page of guidance, as it is now; what it said before stands in ``GuidanceVersion``."""

    __tablename__ = "guidance_page"
    __table_args__ = (Index("ix_guidance_page_topic", "topic", "state", "id"),)

    slug: Mapped[str] = mapped_column(String(80), unique=True)
    topic: Mapped[GuidanceTopic] = mapped_column(one_of(GuidanceTopic, "guidance_topic"))
    title: Mapped[str] = mapped_column(String(200))
    body: Mapped[str] = mapped_column(Text)
    """Markdown, kept as text."""
    state: Mapped[PageState] = mapped_column(one_of(PageState, "guidance_page_state"))
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    """Which body wrote it last: an organisation, no person."""
    published_at: Mapped[datetime | None]

    organisation: Mapped[Organisation] = relationship(lazy="joined", innerjoin=True)


class GuidanceVersion(Identified, Base):
    """What a page said from an instant on: never changed."""

    __tablename__ = "guidance_version"
    __table_args__ = (UniqueConstraint("page_id", "number"),)

    page_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("guidance_page.id", ondelete="CASCADE"))
    number: Mapped[int]
    topic: Mapped[GuidanceTopic] = mapped_column(one_of(GuidanceTopic, "guidance_version_topic"))
    title: Mapped[str] = mapped_column(String(200))
    body: Mapped[str] = mapped_column(Text)
    state: Mapped[PageState] = mapped_column(one_of(PageState, "guidance_version_state"))
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))

    organisation: Mapped[Organisation] = relationship(lazy="joined", innerjoin=True)


class QuestionState(StrEnum):
    """Where a question stands."""

    ASKED = "asked"
    """Only the moderators and the organisation that asked see it."""
    ANSWERED = "answered"
    """Everybody reads question and answer, and nobody who asked."""
    HIDDEN = "hidden"
    """Taken away by a moderator: because of what it says, or because it no longer holds."""


class GuidanceQuestion(Versioned, Base):
    """A question of an organisation, and the answer of a moderator."""

    __tablename__ = "guidance_question"
    __table_args__ = (
        Index("ix_guidance_question_topic", "topic", "state", "id"),
        Index("ix_guidance_question_asker", "organisation_id", "id"),
        CheckConstraint("length(text) <= 1000", name="short_text"),
        CheckConstraint(
            "state <> 'answered' OR (answer IS NOT NULL AND answered_by_id IS NOT NULL AND answered_at IS NOT NULL)",
            name="answered",
        ),
    )

    topic: Mapped[GuidanceTopic] = mapped_column(one_of(GuidanceTopic, "guidance_question_topic"))
    page_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("guidance_page.id", ondelete="SET NULL"), index=True)
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"))
    text: Mapped[str] = mapped_column(String(1000))
    state: Mapped[QuestionState] = mapped_column(one_of(QuestionState, "guidance_question_state"))
    answer: Mapped[str | None] = mapped_column(Text)
    answered_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("organisation.id"))
    answered_at: Mapped[datetime | None]

    organisation: Mapped[Organisation] = relationship(lazy="joined", innerjoin=True, foreign_keys=[organisation_id])
    answered_by: Mapped[Organisation | None] = relationship(lazy="joined", foreign_keys=[answered_by_id])
