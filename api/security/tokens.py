"""Tokens of the identity provider (JWT, RFC 7519, 9068): signed by one of its keys, for us, valid now.

Only asymmetric algorithms: ``none`` is no signature, and with HS256 the public key would be the secret.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from joserfc import jwt
from joserfc.errors import ClaimError, InvalidKeyIdError, JoseError
from joserfc.jwk import JWKRegistry, KeySet
from joserfc.jws import JWSRegistry

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519")
LEEWAY = 30
"""Seconds by which clocks may differ."""

_REGISTRY = JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False)
_KEY_TYPES = {"RSA", "EC", "OKP"}
_TYPES = {"jwt", "at+jwt", "application/at+jwt"}
"""Values of ``typ``: others are no access or identity tokens (``logout+jwt``, ``dpop+jwt``), though signed alike."""
_LONGEST_SUBJECT = 300


class TokenRefused(Exception):
    """A token that proves nothing; the text says why, in fixed words and without its content."""


class KeyUnknown(Exception):
    """The key that the token names is not among those that are known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What a token must name: who issued it, and for whom."""

    issuer: str
    audience: str


def import_keys(documents: Iterable[dict[str, Any]]) -> KeySet:
    """Return the public keys that verify signatures; others, and such as cannot be read, are left out (RFC 7517, 5)."""
    keys = []
    for document in documents:
        if document.get("kty") not in _KEY_TYPES or document.get("use", "sig") != "sig":
            continue
        try:
            keys.append(JWKRegistry.import_key(document))
        except (JoseError, ValueError, TypeError, KeyError):
            continue
    return KeySet(keys)


def read_token(text: str, keys: KeySet, expected: Expected, now: datetime) -> str:
    """Return the subject of a token.

    Raises
    ------
    KeyUnknown
        Its ``kid`` is none of ``keys``.
    TokenRefused
        Anything else is wrong with it.
    """
    try:
        token = jwt.decode(text, keys, registry=_REGISTRY)
        kind = str(token.header.get("typ", "JWT")).lower()
        if kind not in _TYPES:
            raise TokenRefused("it is a token for something else")
        jwt.JWTClaimsRegistry(
            now=int(now.timestamp()), leeway=LEEWAY,
            iss={"essential": True, "value": expected.issuer},
            aud={"essential": True, "value": expected.audience},
            exp={"essential": True},
            sub={"essential": True},
        ).validate(token.claims)  # fmt: skip
    except InvalidKeyIdError as error:
        raise KeyUnknown from error
    except ClaimError as error:
        raise TokenRefused(f"{error.error.replace('_', ' ')}: {error.claim}") from error
    except JoseError as error:
        raise TokenRefused(error.error.replace("_", " ")) from error
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise TokenRefused("it cannot be read") from error
    subject: str = token.claims["sub"]
    if len(subject) > _LONGEST_SUBJECT or "\0" in subject:
        raise TokenRefused("invalid claim: sub")
    return subject
