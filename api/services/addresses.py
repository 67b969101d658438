"""Where exactly somebody is picked up: sealed, apart from the request, and every read is logged with its purpose.

Only the owner and the ZAB that has promised the trip may read it, the ZAB from confirmation until 24 h after the end
(domain.md, humane rule 4).
"""

from __future__ import annotations

import base64
import hashlib
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from sqlalchemy.orm import Session

from api import audit
from api.actor import Actor
from api.db.tables import PickupAddress, TransportRequest
from api.errors import Code, Problem, not_found
from api.repositories import requests as rows
from api.services import requests
from api.settings import Settings
from api.workflow import ENDED, Role, State

AFTER_END = timedelta(hours=24)
"""So long after the end the ZAB may still look it up (domain.md, "deletion")."""
_DURING = frozenset({State.CONFIRMED, State.FROZEN, State.UNDER_WAY})
_AFTER = frozenset({State.HANDED_OVER, State.FAILED})


class Seal:
    """Seals and opens what nobody may read in the database: addresses, and answers kept for repeated calls.

    Parameters
    ----------
    keys
        The first one seals; all open, so that a new key can be put in front of the old ones.
    purpose
        What is sealed for one purpose opens for no other.
    """

    def __init__(self, keys: Sequence[bytes], purpose: str = "pick-up address") -> None:
        if not keys:
            raise ValueError("Seal: expected at least one key, got none.")
        self._fernet = MultiFernet([Fernet(_derived(key, purpose)) for key in keys])

    def close(self, request_id: uuid.UUID, address: str) -> bytes:
        """Return the address sealed; it opens for this request only."""
        return self.close_bytes(request_id, address.encode())

    def close_bytes(self, owner: uuid.UUID, clear: bytes) -> bytes:
        """Return bytes sealed; they open for this owner only."""
        return self._fernet.encrypt(owner.bytes + clear)

    def open_bytes(self, owner: uuid.UUID, sealed: bytes) -> bytes | None:
        """Return the bytes in clear; ``None`` where no key fits, or they are another owner's."""
        try:
            clear = self._fernet.decrypt(sealed)
        except InvalidToken:
            return None
        return clear[16:] if clear[:16] == owner.bytes else None

    def open(self, request_id: uuid.UUID, sealed: bytes) -> str:
        """Return the address in clear.

        Raises
        ------
        Problem
            ``unavailable`` (503) where no key fits.
        """
        clear = self.open_bytes(request_id, sealed)
        if clear is None:
            raise Problem(Code.UNAVAILABLE, "No key opens this address. Operators look at the setting address_keys.")
        return clear.decode()


def seal_of(settings: Settings) -> Seal:
    """Return the seal that the settings give keys for."""
    return Seal(settings.sealing_keys())


def put(session: Session, actor: Actor, request_id: uuid.UUID, address: str, seal: Seal, *, now: datetime) -> None:
    """Enter or replace the address of an own request.

    Raises
    ------
    Problem
        ``not_found`` (404), ``state_forbids`` (409) after the end.
    """
    request = requests.locked(session, actor, request_id)
    if request.state in ENDED:
        raise Problem(
            Code.STATE_FORBIDS, f"The request is {request.state}: no address is needed any more.",
            more={"state": request.state.value},
        )  # fmt: skip
    row = rows.address(session, request.id)
    if row is None:
        row = PickupAddress(request_id=request.id)
        session.add(row)
    row.sealed, row.updated_at = seal.close(request.id, address), now
    audit.append(session, actor, "address_entered", "request", request.id, at=now)


def read(session: Session, actor: Actor, request_id: uuid.UUID, seal: Seal, *, purpose: str, now: datetime) -> str:
    """Return the address in clear, and log the read: in a transaction that writes.

    Raises
    ------
    Problem
        ``not_found`` (404) where there is none, or not for this actor, or not now.
    """
    request = rows.find(session, actor, request_id)
    row = None if request is None else rows.address(session, request.id)
    if request is None or row is None or not _may_read(session, actor, request, now):
        raise not_found("an address")
    address = seal.open(request.id, row.sealed)
    audit.append(session, actor, "address_read", "request", request.id, at=now, purpose=purpose)
    return address


def _may_read(session: Session, actor: Actor, request: TransportRequest, now: datetime) -> bool:
    if actor.role is Role.ABH:
        return request.organisation_id == actor.organisation_id
    if not actor.is_zab or rows.promising_zab(session, request) != actor.organisation_id:
        return False
    return request.state in _DURING or (request.state in _AFTER and now < request.state_since + AFTER_END)


def _derived(key: bytes, purpose: str) -> bytes:
    # Any text will do as a key: Fernet wants 32 bytes.
    return base64.urlsafe_b64encode(hashlib.sha256(f"restplatz {purpose}\0".encode() + key).digest())
