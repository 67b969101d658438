"""Where exactly somebody is picked up: sealed, apart from the request, and every read is logged with its purpose.

Only the owner and the ZAB that has promised the trip may read it, the ZAB from confirmation until 24 h after the end
(domain.md, humane rule 4). After that nobody reads it, whether it was deleted already or not.
"""

from __future__ import annotations

import base64
import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from sqlalchemy.orm import Session

from api import audit
from api.actor import SYSTEM, Actor
from api.db.store import Store
from api.db.tables import PickupAddress, TransportRequest
from api.errors import Code, Problem, not_found
from api.repositories import requests as rows
from api.repositories import retention
from api.services import requests
from api.settings import Settings
from api.workflow import ENDED, Role, State
from data import service_parameters

_AT_A_TIME = 100
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
        each = [Fernet(_derived(key, purpose)) for key in keys]
        self._first, self._fernet = each[0], MultiFernet(each)

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

    def closed_anew(self, owner: uuid.UUID, sealed: bytes) -> bytes | None:
        """Return the same, sealed with the first key; as it is where the first key has sealed it.

        ``None`` where no key fits, or it is another owner's.
        """
        if self.open_bytes(owner, sealed) is None:
            return None
        try:
            self._first.decrypt(sealed)
        except InvalidToken:
            return self._fernet.rotate(sealed)
        return sealed

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
    if _is_over(request, now):
        raise Problem(
            Code.STATE_FORBIDS, "The hand-over of this request is past: amend its windows before you enter an address.",
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotated:
    """What became of all addresses when the key was changed."""

    resealed: int = 0
    sealed_before: int = 0
    """The first key had sealed them already."""
    unreadable: int = 0
    """No key opens them as what they are: an old one is missing in the setting, or somebody changed them."""


def rotate(store: Store, seal: Seal, *, now: datetime) -> Rotated:
    """Seal all addresses with the first key; return how many.

    Some at a time, each time all or nothing: it may be interrupted and begun again, and the second time there is
    nothing left to do. Addresses stay readable throughout.
    """
    counts, after = {"resealed": 0, "sealed_before": 0, "unreadable": 0}, uuid.UUID(int=0)
    while True:
        found = store.write(lambda session, after=after: _resealed(session, seal, after, now))  # type: ignore[misc]
        for kind in found.values():
            counts[kind] += 1
        if len(found) < _AT_A_TIME:
            return Rotated(**counts)
        after = max(found)


def _resealed(session: Session, seal: Seal, after: uuid.UUID, now: datetime) -> dict[uuid.UUID, str]:
    """Seal the next addresses after an id anew; return what became of each."""
    found = {}
    for row in rows.locked_addresses(session, after, _AT_A_TIME):
        anew = seal.closed_anew(row.request_id, row.sealed)
        if anew is None:
            found[row.request_id] = "unreadable"
            continue
        found[row.request_id] = "sealed_before" if anew == row.sealed else "resealed"
        row.sealed = anew
    changed = sum(kind == "resealed" for kind in found.values())
    if changed:
        audit.append(session, SYSTEM, "resealed", "pickup_address", "all", at=now, details={"count": changed})
    return found


def _may_read(session: Session, actor: Actor, request: TransportRequest, now: datetime) -> bool:
    if _is_over(request, now):
        return False
    if actor.role is Role.ABH:
        return request.organisation_id == actor.organisation_id
    if not actor.is_zab or rows.promising_zab(session, request) != actor.organisation_id:
        return False
    return request.state in _DURING | _AFTER


def _is_over(request: TransportRequest, now: datetime) -> bool:
    """Whether nobody may read the address any more: the end is too long ago."""
    return now >= retention.ended_at(request) + timedelta(hours=service_parameters().disclosure.after_end_hours.value)


def _derived(key: bytes, purpose: str) -> bytes:
    # Any text will do as a key: Fernet wants 32 bytes.
    return base64.urlsafe_b64encode(hashlib.sha256(f"restplatz {purpose}\0".encode() + key).digest())
