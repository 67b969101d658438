"""Contacts of the ZRK in states of destination: offices with functional addresses, never persons."""

from __future__ import annotations

import re
import uuid
from datetime import datetime
from typing import Annotated, Self

from pydantic import AfterValidator, Field, StringConstraints

from api.db.tables import Contact, ContactBody
from api.schemas.base import PLAIN, Body, Shown

_OFFICE_WORDS = (
    "abteilung", "admin", "ambas", "amb", "amt", "anfrage", "behoerde", "border", "botschaft", "bureau", "buero",
    "center", "centre", "clinic", "consul", "contact", "dept", "desk", "dienst", "embassy", "emb", "enquir",
    "gesundheit", "grenz", "health", "hospital", "info", "klinik", "konsul", "kontakt", "mail", "medic", "medizin",
    "migration", "minist", "mission", "office", "polic", "post", "readmission", "reception", "referat", "registry",
    "reintegration",
    "return", "rueckkehr", "sante", "section", "secretar", "sekretariat", "service", "stelle", "team", "travel", "unit",
    "visa", "vertretung", "zentrale",
)  # fmt: skip
"""Parts of the names of mailboxes that belong to an office; whoever has another one writes to the operators."""
_SHORT = frozenset({"amb", "amt", "emb", "dept", "desk", "mail", "info", "post", "team", "unit", "visa"})
"""Words that count only alone, for they are part of names too."""
_PERSON = re.compile(
    r"\b(herrn?|frau|hr|fr|mr|mrs|ms|miss|mme|monsieur|madame|señora?|dr|prof|dipl)\b\.?(?=\s+\w)", re.IGNORECASE
)
_MAILBOX = re.compile(r"[\w.+-]{1,64}@[\w-]+(\.[\w-]+)+", re.ASCII)
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})


def _no_person(text: str) -> str:
    if _PERSON.search(text):
        raise ValueError(
            "expected an office, got what looks like a person's title: name the office, not who works there"
        )
    return text


def _functional(mail: str) -> str:
    if not _MAILBOX.fullmatch(mail):
        raise ValueError("expected a mail address, as consular@embassy.example")
    local = mail.split("@", maxsplit=1)[0].casefold().translate(_UMLAUTS)
    words = [word for word in re.split(r"[\W\d_]+", local) if word]
    if not any(
        word in _SHORT or any(part in word for part in _OFFICE_WORDS if part not in _SHORT) for word in words
    ):  # fmt: skip
        raise ValueError(
            "expected a mailbox of an office, as consular@… or info@…: those of persons are not kept. "
            "Ask the office for its functional address"
        )
    return mail


def _no_mailbox(text: str) -> str:
    if "@" in text:
        raise ValueError("expected no mail address in a text: the field 'mail' has the office's own")
    return text


class ContactContent(Body):
    """An office, and how it is reached."""

    state: Annotated[
        str, StringConstraints(pattern=r"^[A-Z]{2}$"),
        Field(description="State of destination, ISO 3166-1 alpha-2.", examples=["TR"]),
    ]  # fmt: skip
    body: Annotated[
        ContactBody, Field(strict=False, description=f"Kind of office: {', '.join(ContactBody)}.", examples=["embassy"])
    ]
    office: Annotated[
        str, StringConstraints(min_length=3, max_length=200, pattern=PLAIN), AfterValidator(_no_person),
        AfterValidator(_no_mailbox),
        Field(description="Name of the office; no person.", examples=["Botschaft, Konsularabteilung"]),
    ]  # fmt: skip
    phone: Annotated[
        str | None, StringConstraints(pattern=r"^\+[1-9][0-9 /()-]{5,38}$"),
        Field(description="Number of the office, with country code.", examples=["+49 30 0000000"]),
    ] = None  # fmt: skip
    mail: Annotated[
        Annotated[str, StringConstraints(max_length=200), AfterValidator(_functional)] | None,
        Field(description="Functional mailbox of the office; no person's.", examples=["consular@embassy.example"]),
    ] = None
    languages: Annotated[
        tuple[Annotated[str, StringConstraints(pattern=r"^[a-z]{2}$")], ...],
        Field(strict=False, max_length=12, description="ISO 639-1.", examples=[["en", "tr"]]),
    ] = ()
    notes: Annotated[
        str, StringConstraints(max_length=500), AfterValidator(_no_person), AfterValidator(_no_mailbox),
        Field(description="What to know of the office: hours, forms, usual times; no persons.", examples=[""]),
    ] = ""  # fmt: skip


class ContactShown(Shown):
    """A contact; `ETag` is the version that a change names."""

    id: uuid.UUID
    is_active: Annotated[bool, Field(description="Whether it is still to be used.")]
    content: ContactContent
    created_at: datetime
    updated_at: datetime
    version: Annotated[int, Field(description="As in the `ETag`.", examples=[1])]

    @classmethod
    def of(cls, row: Contact) -> Self:
        """Return a row."""
        # What was accepted once is shown, whatever is asked of new ones today.
        content = ContactContent.model_construct(
            state=row.state, body=row.body, office=row.office, phone=row.phone, mail=row.mail,
            languages=tuple(row.languages.split()), notes=row.notes,
        )  # fmt: skip
        return cls.model_construct(
            id=row.id, is_active=row.is_active, content=content, created_at=row.created_at, updated_at=row.updated_at,
            version=row.version,
        )  # fmt: skip
