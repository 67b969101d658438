"""Contacts by state of destination: master data of the ZRK, for its applications for medical reception."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy.orm import Session

from api import audit
from api.actor import Actor
from api.db.tables import Contact
from api.errors import not_found
from api.repositories import contacts as rows
from api.schemas.contacts import ContactContent


def create(session: Session, actor: Actor, content: ContactContent, *, now: datetime) -> Contact:
    """Enter an office."""
    row = Contact(created_at=now, updated_at=now, is_active=True)
    _write(row, content)
    session.add(row)
    session.flush()
    audit.append(session, actor, "created", "contact", row.id, at=now, details={"state": row.state})
    return row


def found(session: Session, actor: Actor, contact_id: uuid.UUID, *, lock: bool = False) -> Contact:
    """Return a contact that the actor may see; raises ``not_found`` (404)."""
    row = rows.find(session, actor, contact_id, lock=lock)
    if row is None:
        raise not_found("a contact")
    return row


def change(session: Session, actor: Actor, row: Contact, content: ContactContent, *, now: datetime) -> Contact:
    """Say anew what a locked contact is; nothing happens where nothing changes."""
    before = {name: getattr(row, name) for name in _fields(content)}
    _write(row, content)
    changed = sorted(name for name, value in before.items() if getattr(row, name) != value)
    if changed:
        row.updated_at = now
        session.flush()
        audit.append(session, actor, "changed", "contact", row.id, at=now, details={"fields": changed})
    return row


def set_in_use(session: Session, actor: Actor, row: Contact, is_active: bool, *, now: datetime) -> Contact:
    """Take a locked contact out of use, or back into it."""
    if row.is_active != is_active:
        row.is_active, row.updated_at = is_active, now
        session.flush()
        audit.append(session, actor, "put_into_use" if is_active else "taken_out_of_use", "contact", row.id, at=now)
    return row


def _fields(content: ContactContent) -> dict[str, object]:
    return {
        "state": content.state, "body": content.body, "office": content.office, "phone": content.phone,
        "mail": content.mail, "languages": " ".join(content.languages), "notes": content.notes,
    }  # fmt: skip


def _write(row: Contact, content: ContactContent) -> None:
    for name, value in _fields(content).items():
        setattr(row, name, value)
