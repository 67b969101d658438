"""Endpoints of webhooks: where an organisation wants to be told, by its own people.

The secret signs (standard-webhooks). After a rotation the one before signs too for a day, so that receivers can change
over without losing a message. In the database both stand sealed, with the keys of addresses.
"""

from __future__ import annotations

import base64
import ipaddress
import secrets
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from urllib.parse import SplitResult, urlsplit

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from api import audit
from api.actor import Actor
from api.db.tables import OutboxMessage, WebhookEndpoint
from api.db.types import new_id
from api.errors import Code, FieldError, Problem
from api.repositories import outbox as messages
from api.services import outbox
from api.services.addresses import Seal
from api.settings import Settings
from api.topics import Topic, store

MOST = 10
"""Endpoints of an organisation."""
OVERLAP = timedelta(hours=24)
"""For so long the secret before signs too."""
_SUBJECT = "webhook_endpoint"
_PREFIX = "whsec_"
_BYTES = 24
_MAPPED = (ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("2002::/16"), ipaddress.ip_network("2001::/32"))
"""Addresses of IPv6 that stand for one of IPv4, whichever that may be."""


def create(
    session: Session,
    actor: Actor,
    *,
    url: str,
    topics: Collection[Topic],
    seal: Seal,
    allow_private: bool,
    now: datetime,
) -> tuple[WebhookEndpoint, str]:
    """Return a new endpoint of the actor's organisation, and its secret, to be shown once.

    Raises
    ------
    Problem
        ``value_refused`` (422) for an address that is not called; ``in_use`` (409) where there are ``MOST``.
    """
    if actor.organisation_id is None:
        raise AssertionError("only organisations have endpoints")
    _check_url(url, allow_private=allow_private)
    count = session.scalar(select(func.count()).select_from(messages.endpoints(actor).subquery())) or 0
    if count >= MOST:
        raise Problem(Code.IN_USE, f"Expected at most {MOST} endpoints, there are {count}. Delete one first.")
    secret, key = _new_secret(), new_id()
    endpoint = WebhookEndpoint(
        id=key, organisation_id=actor.organisation_id, url=url, sealed=seal.close_bytes(key, secret.encode()),
        topics=store(topics), created_at=now, updated_at=now, is_active=True,
    )  # fmt: skip
    session.add(endpoint)
    session.flush()
    audit.append(session, actor, "created", _SUBJECT, endpoint.id, at=now, details={"topics": sorted(topics)})
    return endpoint, secret


def change(
    session: Session,
    actor: Actor,
    endpoint: WebhookEndpoint,
    *,
    url: str | None = None,
    topics: Collection[Topic] | None = None,
    is_active: bool | None = None,
    allow_private: bool,
    now: datetime,
) -> None:
    """Change what is given; what waits for an endpoint that is switched off is given up.

    Raises
    ------
    Problem
        ``value_refused`` (422) for an address that is not called.
    """
    changed = []
    if url is not None and url != endpoint.url:
        _check_url(url, allow_private=allow_private)
        endpoint.url = url
        changed.append("url")
    if topics is not None and store(topics) != endpoint.topics:
        endpoint.topics = store(topics)
        changed.append("topics")
    if is_active is not None and is_active != endpoint.is_active:
        endpoint.is_active = is_active
        changed.append("is_active")
    if not changed:
        return
    endpoint.updated_at = now
    session.flush()
    if not endpoint.is_active:
        messages.give_up_all(session, endpoint.id, "switched_off")
    audit.append(session, actor, "changed", _SUBJECT, endpoint.id, at=now, details={"fields": changed})


def rotate(session: Session, actor: Actor, endpoint: WebhookEndpoint, *, seal: Seal, now: datetime) -> str:
    """Return a new secret, to be shown once; the one before, where a key opens it, signs too for ``OVERLAP``."""
    secret, known = _new_secret(), _opened(endpoint, seal)
    until = int((now + OVERLAP).timestamp())
    both = secret if known is None else f"{secret} {known.split()[0]}@{until}"
    endpoint.sealed = seal.close_bytes(endpoint.id, both.encode())
    endpoint.updated_at = now
    session.flush()
    audit.append(session, actor, "changed", _SUBJECT, endpoint.id, at=now, details={"fields": ["secret"]})
    return secret


def delete(session: Session, actor: Actor, endpoint: WebhookEndpoint, *, now: datetime) -> None:
    """Delete an endpoint and all messages to it."""
    messages.delete_messages(session, endpoint.id)
    session.delete(endpoint)
    session.flush()
    audit.append(session, actor, "deleted", _SUBJECT, endpoint.id, at=now)


def send_test(session: Session, actor: Actor, endpoint: WebhookEndpoint, *, now: datetime) -> OutboxMessage:
    """Write a test message to an endpoint.

    Raises
    ------
    Problem
        ``state_forbids`` (409) where it is switched off.
    """
    if not endpoint.is_active:
        raise Problem(Code.STATE_FORBIDS, "The endpoint is switched off. Switch it on first.")
    message = outbox.write(session, endpoint, Topic.WEBHOOK_TEST, {"endpoint": str(endpoint.id)}, now=now)
    session.flush()
    audit.append(session, actor, "tested", _SUBJECT, endpoint.id, at=now)
    return message


def secrets_of(endpoint: WebhookEndpoint, seal: Seal, now: datetime) -> tuple[str, ...]:
    """Return the secrets that sign at ``now``, the newest first; none where no key opens them."""
    known = _opened(endpoint, seal)
    if known is None:
        return ()
    newest, *older = known.split()
    held = (each.rpartition("@") for each in older)
    return (newest, *(secret for secret, _, until in held if now < datetime.fromtimestamp(int(until), UTC)))


def seal_of(settings: Settings) -> Seal:
    """Return the seal of secrets: its keys are the ones of addresses."""
    return Seal(settings.sealing_keys(), "webhook secret")


def seal_all(session: Session, seal: Seal) -> None:
    """Seal all secrets with the present key: those in clear from before, and those that an older key sealed.

    One that no key opens stays as it is: perhaps its key is only missing here.
    """
    for endpoint in messages.all_endpoints(session):
        known = _opened(endpoint, seal)
        if known is not None:
            messages.note_sealed(session, endpoint.id, seal.close_bytes(endpoint.id, known.encode()))


def _opened(endpoint: WebhookEndpoint, seal: Seal) -> str | None:
    if endpoint.sealed.startswith(_PREFIX.encode()):
        return endpoint.sealed.decode()  # Of before they were sealed.
    clear = seal.open_bytes(endpoint.id, endpoint.sealed)
    return None if clear is None else clear.decode()


def is_public(address: str) -> bool:
    """Whether an IP address is one of the public network: not private, loopback, link-local, multicast or a way round.

    Raises
    ------
    ValueError
        Where it is no IP address.
    """
    parsed = ipaddress.ip_address(address.split("%", maxsplit=1)[0])
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return is_public(str(parsed.ipv4_mapped))
        if any(parsed in network for network in _MAPPED):
            return False
    return parsed.is_global and not parsed.is_multicast and not parsed.is_reserved


def _check_url(url: str, *, allow_private: bool) -> None:
    # Names are judged when they are called, for they may lead elsewhere by then; here only what can be seen at once.
    schemes = ("https", "http") if allow_private else ("https",)
    expected = ""
    try:
        parts: SplitResult | None = urlsplit(url)
        host = (parts.hostname if parts is not None else None) or ""
        _ = parts.port if parts is not None else None
    except ValueError:
        parts, host = None, ""
    if parts is None or not host or not url.isascii() or any(character <= " " for character in url):
        expected = "an address such as https://zab.example.org/hooks, in ASCII"
    elif parts.scheme not in schemes:
        expected = f"an address that begins with {' or '.join(schemes)}"
    elif parts.username is not None or parts.password is not None:
        expected = "an address without user name and password"
    elif parts.fragment:
        expected = "an address without a fragment"
    elif not allow_private and not _may_be_public(host):
        expected = "an address on the public network"
    if expected:
        raise Problem(
            Code.VALUE_REFUSED, "The address is not called. Mend what 'errors' names.",
            errors=[FieldError(path="/url", expected=expected)],
        )  # fmt: skip


def _may_be_public(host: str) -> bool:
    try:
        return is_public(host)
    except ValueError:
        return host != "localhost" and not host.endswith((".localhost", ".local", ".internal")) and "." in host


def _new_secret() -> str:
    return _PREFIX + base64.b64encode(secrets.token_bytes(_BYTES)).decode()
