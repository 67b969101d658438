"""Repeated calls: a POST that creates needs an ``Idempotency-Key``, and a repeated one gets the first answer again.

Key and answer are stored in the transaction of the call itself: they commit together with what was created, or not at
all. Two calls with one key at once wait for one another in the database. The body of the answer, which may hold what
nobody but the caller may see, is kept sealed, and for a day (``services.clockwork``).
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Header, Request, Response
from fastapi.encoders import jsonable_encoder
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from api.actor import Actor
from api.db.tables import IdempotencyKey
from api.errors import Code, FieldError, Problem
from api.services.addresses import Seal
from api.web.context import Context, InContext

_LONGEST, _LONGEST_ROUTE = 120, 200
_SEAL = "idempotency_seal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a call that creates answers."""

    body: BaseModel | None
    status: int = 201
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Once:
    """One call that creates something."""

    context: Context
    route: str
    key: str
    body_sha256: str

    def do(self, actor: Actor, work: Callable[[Session], Answer]) -> Response:
        """Return the answer of ``work``, or the one it gave the first time.

        ``work`` runs in a transaction, perhaps several times where others got in its way.

        Raises
        ------
        Problem
            ``idempotency_key_reused`` (422) where the key was used for another call.
        """
        if actor.account_id is None:
            raise AssertionError("only accounts make calls")
        try:
            return self.context.store.write(lambda session: self._first(session, actor, work))
        except IntegrityError as error:
            # Either this key was used meanwhile, or the work itself met a rule of the database.
            with self.context.store.reading() as session:
                kept = session.get(IdempotencyKey, (actor.account_id, self.key))
                if kept is None:
                    raise
                try:
                    return self._again(kept)
                except Problem as problem:
                    raise problem from error

    def _first(self, session: Session, actor: Actor, work: Callable[[Session], Answer]) -> Response:
        kept = session.get(IdempotencyKey, (actor.account_id, self.key))
        if kept is not None:
            return self._again(kept)
        row = IdempotencyKey(
            account_id=actor.account_id, key=self.key, at=self.context.now, route=self.route,
            body_sha256=self.body_sha256, status=None, headers=None, body=None,
        )  # fmt: skip
        session.add(row)
        session.flush()
        answer = work(session)
        body = b"" if answer.body is None else json.dumps(jsonable_encoder(answer.body), ensure_ascii=False).encode()
        row.status, row.headers, row.body = answer.status, dict(answer.headers), self._sealed(row, body)
        session.flush()
        return _response(answer.status, body, answer.headers)

    def _again(self, kept: IdempotencyKey) -> Response:
        if (kept.route, kept.body_sha256) != (self.route, self.body_sha256):
            raise Problem(
                Code.IDEMPOTENCY_KEY_REUSED,
                "This key was sent before with another body or address. Make a new key for each new call.",
            )
        if kept.status is None:
            raise Problem(Code.IDEMPOTENCY_KEY_BUSY, "The first call is still at work. Try again in a moment.")
        headers = {str(name): str(value) for name, value in (kept.headers or {}).items()}
        body = _seal(self.context).open_bytes(kept.account_id, kept.body) if kept.body else b""
        if body is None:
            raise Problem(
                Code.UNAVAILABLE,
                "This call was done before, but no key opens its answer any more. Read the record instead; operators "
                "look at the setting address_keys.",
            )
        return _response(kept.status, body, headers | {"Idempotent-Replayed": "true"})

    def _sealed(self, row: IdempotencyKey, body: bytes) -> bytes:
        return _seal(self.context).close_bytes(row.account_id, body) if body else b""


def _seal(context: Context) -> Seal:
    """Return the seal of answers of this process: its keys are the ones of addresses."""
    known: Seal = context.parts.get(_SEAL) or context.parts.setdefault(
        _SEAL, Seal(context.settings.sealing_keys(), "answer of a repeated call")
    )
    return known


def _response(status: int, body: bytes, headers: dict[str, str]) -> Response:
    return Response(body, status_code=status, headers=headers, media_type=JSONResponse.media_type if body else None)


def once_of(request: Request, context: Context, key: str, body: bytes) -> Once:
    """Return the call that ``key`` and ``body`` make, for whoever did not get the key in a header (forms)."""
    # Keyed, so that who reads the table cannot try out what a short body held.
    digest = hmac.digest(context.settings.signing_key(), body, hashlib.sha256).hex()
    return Once(context, _route(f"{request.method} {request.url.path}?{request.url.query}"), key, digest)


def _route(text: str) -> str:
    """Return an address as it is kept: whole, or where it is too long by its hash, so that no other one is the same."""
    return text if len(text) <= _LONGEST_ROUTE else hashlib.sha256(text.encode()).hexdigest()


async def _once(
    request: Request,
    context: InContext,
    key: Annotated[
        str | None,
        Header(
            alias="Idempotency-Key", max_length=_LONGEST,
            description="A value of your own, new for each new call; a repeated call gets the first answer again.",
        ),
    ] = None,
) -> Once:  # fmt: skip
    if not key:
        raise Problem(
            Code.IDEMPOTENCY_KEY_MISSING,
            "Expected the header Idempotency-Key with a new value of your own, such as a UUID.",
            errors=[FieldError(path="/Idempotency-Key", expected=f"1 to {_LONGEST} characters")],
        )
    return once_of(request, context, key, await request.body())


CreatesOnce = Annotated[Once, Depends(_once)]
