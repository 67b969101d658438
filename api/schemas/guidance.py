"""The information area: pages by topic, questions and answers, what a search finds. Organisations, no persons."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints

from api.actor import Actor
from api.db.tables import GuidancePage, GuidanceQuestion, GuidanceTopic, GuidanceVersion, PageState, QuestionState
from api.schemas.base import PLAIN, Body, Id, Shown
from api.schemas.catalogue import Text
from api.schemas.text_warnings import Warnings, told

_TOPICS = ", ".join(GuidanceTopic)
_TOPIC = Field(strict=False, description=f"What it is about: {_TOPICS}.", examples=["transit"])
_SLUG = r"^[a-z0-9]+(-[a-z0-9]+)*$"


def _no_controls(text: str) -> str:
    if any(ord(character) < 32 and character not in "\n\t" for character in text.replace("\r\n", "\n")):
        raise ValueError("expected a text without control characters but line breaks and tabs")
    return text


LongText = Annotated[str, StringConstraints(min_length=1, max_length=40_000), AfterValidator(_no_controls)]
"""Markdown, kept as text."""
Title = Annotated[str, StringConstraints(min_length=3, max_length=200, pattern=PLAIN)]


class PageContent(Body):
    """What a page says."""

    topic: Annotated[GuidanceTopic, _TOPIC]
    title: Annotated[Title, Field(examples=["Durchbeförderung beantragen"])]
    body: Annotated[
        LongText, Field(description="Markdown; no names, no cases.", examples=["## Wer beantragt?\n\nDie ZFA."])
    ]


class NewPage(PageContent):
    """A page to be written, as a draft."""

    slug: Annotated[
        str, StringConstraints(min_length=3, max_length=80, pattern=_SLUG),
        Field(description="Its name in addresses; stays.", examples=["durchbefoerderung"]),
    ]  # fmt: skip


class PageItem(Shown):
    """A page in a list."""

    id: uuid.UUID
    slug: Annotated[str, Field(examples=["durchbefoerderung"])]
    topic: Annotated[GuidanceTopic, Field(examples=["transit"])]
    title: Annotated[str, Field(examples=["Durchbeförderung beantragen"])]
    state: Annotated[PageState, Field(description="Drafts are seen by moderators alone.", examples=["published"])]
    organisation: Annotated[str, Field(description="Who wrote it last.", examples=["zfa"])]
    published_at: Annotated[datetime | None, Field(description="Since when everybody reads it.")]
    updated_at: datetime

    @classmethod
    def of(cls, row: GuidancePage) -> Self:
        """Return a row as lists show it."""
        return cls(
            id=row.id, slug=row.slug, topic=row.topic, title=row.title, state=row.state,
            organisation=row.organisation.code, published_at=row.published_at, updated_at=row.updated_at,
        )  # fmt: skip


class PageShown(PageItem):
    """A page whole; `ETag` is the version that a change names."""

    body: Annotated[str, Field(description="Markdown.", examples=["## Wer beantragt?\n\nDie ZFA."])]
    version: Annotated[int, Field(description="As in the `ETag`.", examples=[1])]

    @classmethod
    def of(cls, row: GuidancePage) -> Self:
        """Return the whole of a row."""
        return cls(**PageItem.of(row).model_dump(), body=row.body, version=row.version)


class VersionShown(Shown):
    """What a page said from an instant on."""

    number: Annotated[int, Field(examples=[1])]
    at: datetime
    topic: GuidanceTopic
    title: Annotated[str, Field(examples=["Durchbeförderung beantragen"])]
    body: Annotated[str, Field(examples=["## Wer beantragt?\n\nDie ZFA."])]
    state: PageState
    organisation: Annotated[str, Field(examples=["zfa"])]

    @classmethod
    def of(cls, row: GuidanceVersion) -> Self:
        """Return a row."""
        return cls(
            number=row.number, at=row.created_at, topic=row.topic, title=row.title, body=row.body, state=row.state,
            organisation=row.organisation.code,
        )  # fmt: skip


class NewQuestion(Body):
    """A question of your organisation."""

    topic: Annotated[GuidanceTopic, _TOPIC]
    page_id: Annotated[Id | None, Field(description="Page that it is about.", examples=[None])] = None
    text: Annotated[
        str, StringConstraints(min_length=10, max_length=1000), AfterValidator(_no_controls),
        Field(
            description="At most 1000 characters: no names, no case, no diagnosis. Everybody reads it once answered.",
            examples=["Gilt die Frist von zwei Tagen auch bei Charterflügen?"],
        ),
    ]  # fmt: skip


class AnswerBody(Body):
    """The answer of a moderator."""

    answer: Annotated[
        str, StringConstraints(min_length=3, max_length=10_000), AfterValidator(_no_controls),
        Field(description="Markdown; no names, no case.", examples=["Ja, sie gilt für jede Zwischenlandung."]),
    ]  # fmt: skip


class QuestionShown(Shown):
    """A question, and its answer; `ETag` is the version that a decision names."""

    id: uuid.UUID
    topic: Annotated[GuidanceTopic, Field(examples=["transit"])]
    page_id: Annotated[uuid.UUID | None, Field(description="Page that it is about.")]
    text: Annotated[str, Field(examples=["Gilt die Frist von zwei Tagen auch bei Charterflügen?"])]
    state: Annotated[QuestionState, Field(examples=["answered"])]
    asked_by: Annotated[
        str | None,
        Field(description="Who asked; for moderators and the organisation itself.", examples=["abh:05113000"]),
    ]
    answer: Annotated[str | None, Field(description="Markdown.", examples=["Ja, sie gilt für jede Zwischenlandung."])]
    answered_by: Annotated[str | None, Field(description="Organisation of the moderator.", examples=["zfa"])]
    answered_at: datetime | None
    created_at: datetime
    updated_at: datetime
    version: Annotated[int, Field(description="As in the `ETag`.", examples=[1])]
    warnings: Warnings = ()

    @classmethod
    def of(cls, row: GuidanceQuestion, actor: Actor, *, is_moderator: bool) -> Self:
        """Return a row as far as the actor may see it."""
        knows = is_moderator or row.organisation_id == actor.organisation_id
        return cls(
            id=row.id, topic=row.topic, page_id=row.page_id, text=row.text, state=row.state,
            asked_by=row.organisation.code if knows else None, answer=row.answer,
            answered_by=None if row.answered_by is None else row.answered_by.code, answered_at=row.answered_at,
            created_at=row.created_at, updated_at=row.updated_at, version=row.version,
            warnings=told({"/text": row.text} if knows else {}),
        )  # fmt: skip


class TopicShown(Shown):
    """A topic, and how much there is to read."""

    topic: Annotated[GuidanceTopic, Field(examples=["transit"])]
    text: Text
    pages: Annotated[int, Field(description="Published ones.", examples=[2])]
    questions: Annotated[int, Field(description="Answered ones.", examples=[3])]


class Overview(Shown):
    """The information area at a glance."""

    topics: list[TopicShown]
    zaiport_url: Annotated[
        str | None,
        Field(description="Where the ministry's ZAIPort is; none: not set.", examples=["https://zaiport.example/"]),
    ]


class Hit(Shown):
    """Something that a search found."""

    kind: Annotated[Literal["page", "question"], Field(examples=["page"])]
    id: uuid.UUID
    topic: Annotated[GuidanceTopic, Field(examples=["transit"])]
    title: Annotated[str, Field(description="Title, or the question.", examples=["Durchbeförderung beantragen"])]
    excerpt: Annotated[str, Field(description="Where it was found.", examples=["… bei der ZFA beantragt …"])]


class Hits(Shown):
    """What a search found, best first."""

    items: list[Hit]
