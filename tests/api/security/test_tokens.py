"""Tokens: nothing but a valid one of the provider, for us, is believed; no other input is more than a refusal."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc.jwk import ECKey, KeySet, OctKey, OKPKey

from api.security.tokens import LEEWAY, Expected, KeyUnknown, TokenRefused, import_keys, read_token
from tests.api.identity_provider import AUDIENCE, IdentityProvider, rsa_key


@pytest.fixture(scope="module")
def provider() -> IdentityProvider:
    """Only signs: nothing is asked of it."""
    made = IdentityProvider()
    made._server.server_close()
    return made


def read(provider: IdentityProvider, token: str, *, later: float = 0.0) -> str:
    keys = import_keys(provider.jwks()["keys"])
    now = datetime.now(UTC) + timedelta(seconds=later)
    return read_token(token, keys, Expected(issuer=provider.issuer, audience=AUDIENCE), now)


def test_a_token_tells_its_subject(provider: IdentityProvider) -> None:
    assert read(provider, provider.token("a-person")) == "a-person"
    assert read(provider, provider.token("a-person", aud=["other", AUDIENCE])) == "a-person"
    assert read(provider, provider.token("a-person", header={"typ": "at+jwt"})) == "a-person"
    assert read(provider, provider.token("a-person", iat=None, nbf=None)) == "a-person"


@pytest.mark.parametrize(
    ("key", "algorithm"),
    [
        (ECKey.generate_key("P-256", {"kid": "ec"}), "ES256"),
        (OKPKey.generate_key("Ed25519", {"kid": "ed"}), "Ed25519"),
        (rsa_key(), "PS256"),
    ],
    ids=["ES256", "Ed25519", "PS256"],
)
def test_other_asymmetric_algorithms_do_as_well(provider: IdentityProvider, key: Any, algorithm: str) -> None:
    keys = import_keys([key.as_dict(private=False)])
    token = provider.token("a-person", key=key, algorithm=algorithm)
    expected = Expected(issuer=provider.issuer, audience=AUDIENCE)
    assert read_token(token, keys, expected, datetime.now(UTC)) == "a-person"


def now() -> int:
    return int(time.time())


def segment(document: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(document).encode()).decode().rstrip("=")


def unsigned(provider: IdentityProvider, name: str) -> str:
    body = provider.token().split(".")[1]
    return f"{segment({'alg': name, 'typ': 'JWT'})}.{body}."


def with_the_public_key_as_secret(provider: IdentityProvider, token: str, form: str = "pem") -> str:
    """Signed anew with HS256, by hand: the library itself refuses to."""
    public = provider.keys[0].as_pem(private=False) if form == "pem" else provider.keys[0].as_der(private=False)
    signed = f"{segment({'alg': 'HS256', 'kid': provider.keys[0].kid})}.{token.split('.')[1]}"
    mark = hmac.digest(public, signed.encode(), hashlib.sha256)
    return f"{signed}.{base64.urlsafe_b64encode(mark).decode().rstrip('=')}"


def forged(provider: IdentityProvider) -> str:
    stranger = rsa_key(7)
    return provider.token(key=stranger, header={"kid": provider.keys[0].kid})


def other_body(provider: IdentityProvider) -> str:
    head, _, mark = provider.token("a-person").split(".")
    return ".".join([head, provider.token("somebody-else").split(".")[1], mark])


REFUSED: dict[str, tuple[Callable[[IdentityProvider], str], str]] = {
    "expired": (lambda p: p.token(exp=now() - LEEWAY - 1), "expired token: exp"),
    "never expires": (lambda p: p.token(exp=None), "missing claim: exp"),
    "expires at nothing": (lambda p: p.token(exp="tomorrow"), "invalid claim: exp"),
    "not yet": (lambda p: p.token(nbf=now() + LEEWAY + 10), "invalid claim: nbf"),
    "of the future": (lambda p: p.token(iat=now() + LEEWAY + 10), "invalid claim: iat"),
    "other issuer": (lambda p: p.token(iss="https://elsewhere.example"), "invalid claim: iss"),
    "issuer with a slash": (lambda p: p.token(iss=p.issuer + "/"), "invalid claim: iss"),
    "no issuer": (lambda p: p.token(iss=None), "missing claim: iss"),
    "for others": (lambda p: p.token(aud="other"), "invalid claim: aud"),
    "for many others": (lambda p: p.token(aud=["other", "restplatz2"]), "invalid claim: aud"),
    "for nobody": (lambda p: p.token(aud=None), "missing claim: aud"),
    "no subject": (lambda p: p.sign({"iss": p.issuer, "aud": AUDIENCE, "exp": now() + 60}), "missing claim: sub"),
    "empty subject": (lambda p: p.token(sub=""), "invalid claim: sub"),
    "subject is a number": (lambda p: p.token(sub=7), "invalid claim: sub"),
    "endless subject": (lambda p: p.token("x" * 301), "invalid claim: sub"),
    "subject that no database keeps": (lambda p: p.token("a\0b"), "invalid claim: sub"),
    "forged": (forged, "bad signature"),
    "body of another": (other_body, "bad signature"),
    "no signature": (lambda p: p.token().rsplit(".", 1)[0] + ".", "bad signature"),
    "alg none": (lambda p: unsigned(p, "none"), "unsupported algorithm"),
    "alg None": (lambda p: unsigned(p, "None"), "unsupported algorithm"),
    "public key as secret": (lambda p: with_the_public_key_as_secret(p, p.token()), "unsupported algorithm"),
    "public key as secret, der": (
        lambda p: with_the_public_key_as_secret(p, p.token(), "der"),
        "unsupported algorithm",
    ),
    "token of a sign-out": (lambda p: p.token(header={"typ": "logout+jwt"}), "it is a token for something else"),
    "critical header": (lambda p: p.token() and critical(p), "missing crit header"),
    "no JWT": (lambda p: "abc", "decode error"),
    "empty": (lambda p: "", "decode error"),
}


def critical(provider: IdentityProvider) -> str:
    _, body, mark = provider.token().split(".")
    return ".".join([segment({"alg": "RS256", "kid": "rsa-0", "crit": ["exp"]}), body, mark])


@pytest.mark.parametrize("case", REFUSED)
def test_what_proves_nothing_is_refused_with_a_reason(provider: IdentityProvider, case: str) -> None:
    make, why = REFUSED[case]
    with pytest.raises(TokenRefused, match=f"^{why}$"):
        read(provider, make(provider))


def test_a_key_that_the_token_brings_along_counts_nothing(provider: IdentityProvider) -> None:
    known, stranger = (ECKey.generate_key("P-256", {"kid": "ec"}) for _ in range(2))
    header = {"jwk": stranger.as_dict(private=False)}
    token = provider.token(key=stranger, algorithm="ES256", header=header)
    expected = Expected(issuer=provider.issuer, audience=AUDIENCE)
    with pytest.raises(TokenRefused, match="bad signature"):
        read_token(token, import_keys([known.as_dict(private=False)]), expected, datetime.now(UTC))


def test_clocks_may_differ_a_little(provider: IdentityProvider) -> None:
    assert read(provider, provider.token("a-person", exp=now() - LEEWAY + 10)) == "a-person"
    assert read(provider, provider.token("a-person", nbf=now() + LEEWAY - 5, iat=now() + LEEWAY - 5)) == "a-person"
    with pytest.raises(TokenRefused):
        read(provider, provider.token("a-person", exp=now() + 60), later=60 + LEEWAY + 1)


def test_an_unknown_key_is_told_apart(provider: IdentityProvider) -> None:
    with pytest.raises(KeyUnknown):
        read(provider, provider.token(key=rsa_key(7)))


def test_only_public_keys_for_signatures_are_taken() -> None:
    ec = ECKey.generate_key("P-256", {"kid": "ec"})
    keys = import_keys(
        [
            OctKey.generate_key(256, {"kid": "oct"}).as_dict(private=True),
            rsa_key().as_dict(private=False) | {"use": "enc", "kid": "enc"},
            ec.as_dict(private=False),
            {"kty": "RSA", "kid": "broken", "n": "!", "e": "AQAB"},
            {"kty": "ML-DSA", "kid": "of tomorrow"},
            {"kid": "nothing"},
        ]
    )
    assert [key.kid for key in keys] == ["ec"]


def test_no_keys_at_all_know_nobody(provider: IdentityProvider) -> None:
    with pytest.raises(KeyUnknown):
        read_token(provider.token(), KeySet([]), Expected(issuer=provider.issuer, audience=AUDIENCE), datetime.now(UTC))


@given(
    st.one_of(
        st.text(max_size=200),
        st.lists(st.text(alphabet="ABCabc123-_=", max_size=40), min_size=3, max_size=3).map(".".join),
        st.recursive(
            st.none() | st.booleans() | st.floats() | st.text(max_size=8),
            lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
        ).map(lambda header: f"{segment(header)}.e30.AAAA"),
        st.dictionaries(
            st.sampled_from(["alg", "kid", "typ", "crit", "b64", "jwk", "jku"]),
            st.none() | st.integers() | st.text(max_size=5) | st.sampled_from(["RS256", "rsa-0", "none"]),
        ).map(lambda header: f"{segment(header)}.e30.AAAA"),
    )
)
def test_rubbish_is_refused_and_nothing_worse(text: str) -> None:
    keys = import_keys([rsa_key().as_dict(private=False)])
    with pytest.raises((TokenRefused, KeyUnknown)):
        read_token(text, keys, Expected(issuer="https://a.example", audience=AUDIENCE), datetime.now(UTC))
