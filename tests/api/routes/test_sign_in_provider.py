"""Bearer tokens of the identity provider, and signing in there; nothing forged, stolen or foreign is believed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from sqlalchemy import Engine
from starlette.testclient import TestClient

from api.routes import sign_in
from api.web.authentication import COOKIE
from api.workflow import Role
from tests.api.identity_provider import CLIENT, SECRET, IdentityProvider, rsa_key
from tests.api.security.test_tokens import segment, with_the_public_key_as_secret
from tests.api.small_app import Small, knock, problem, small

LOGIN = Role.ZAB_LEAD.value


@pytest.fixture
def service(engine: Engine, tmp_path: Path) -> Iterator[Small]:
    with small(engine, tmp_path, sign_in.router, sign_in_attempts=3, sign_in_lock_minutes=15) as made:
        yield made


@pytest.fixture
def provider() -> Iterator[IdentityProvider]:
    with IdentityProvider() as running:
        yield running


@pytest.fixture
def federated(engine: Engine, tmp_path: Path, provider: IdentityProvider) -> Iterator[Small]:
    known = {"oidc_issuer": provider.issuer, "oidc_client_id": CLIENT, "oidc_client_secret": SECRET}
    with small(engine, tmp_path, sign_in.router, **known) as made:
        made.account("federated", Role.ZFA, password_hash=None, issuer=provider.issuer, subject="subject-1")
        yield made


def bearing(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def test_a_token_of_the_provider_is_believed(federated: Small, provider: IdentityProvider) -> None:
    with federated.client() as client:
        me = client.get("/v1/me", headers=bearing(provider.token())).json()
        assert (me["login"], me["role"]) == ("federated", "zfa")
        assert client.get("/v1/whoami", headers=bearing(provider.token())).json()["state"] == me["id"]


def test_without_a_client_of_the_pages_tokens_are_believed(
    engine: Engine, tmp_path: Path, provider: IdentityProvider
) -> None:
    with small(engine, tmp_path, sign_in.router, oidc_issuer=provider.issuer) as made:
        made.account("federated", Role.ZFA, password_hash=None, issuer=provider.issuer, subject="subject-1")
        with made.client() as client:
            assert client.get("/v1/me", headers=bearing(provider.token())).json()["login"] == "federated"
            assert client.get("/v1/sign-in/provider", follow_redirects=False).status_code in range(400, 500)


def test_tokens_that_prove_nothing_are_refused(federated: Small, provider: IdentityProvider) -> None:
    forged = provider.token(key=rsa_key(7), header={"kid": provider.keys[0].kid})
    refused = {
        forged: "bad signature", provider.token(exp=1): "expired token", provider.token(aud="other"): "claim: aud",
        provider.token(iss="https://elsewhere.example"): "claim: iss", provider.token(key=rsa_key(7)): "key is unknown",
        provider.token("subject-2"): "no active account",
    }  # fmt: skip
    with federated.client() as client:
        for token, why in refused.items():
            answer = client.get("/v1/me", headers=bearing(token))
            assert problem(answer, 401, "not_signed_in")
            assert why in answer.json()["detail"]
            assert 'error="invalid_token"' in answer.headers["www-authenticate"]
            assert token not in answer.text
        federated.change("federated", is_active=False)
        assert problem(client.get("/v1/me", headers=bearing(provider.token())), 401, "not_signed_in")


def test_the_same_subject_of_another_issuer_is_somebody_else(federated: Small, provider: IdentityProvider) -> None:
    federated.change("federated", issuer="https://elsewhere.example")
    with federated.client() as client:
        assert problem(client.get("/v1/me", headers=bearing(provider.token())), 401, "not_signed_in")


def test_a_provider_that_is_gone_is_no_refusal(federated: Small, provider: IdentityProvider) -> None:
    token = provider.token()
    provider.stop()
    with federated.client() as client:
        answer = client.get("/v1/me", headers=bearing(token))
        assert problem(answer, 503, "unavailable")
        assert answer.headers["retry-after"] == "10"
        assert problem(client.get("/v1/sign-in/provider"), 503, "unavailable")
        assert knock(client, LOGIN).status_code == 200, "others are not concerned"


def test_without_a_provider_there_are_no_tokens_and_no_sign_in_there(
    service: Small, provider: IdentityProvider
) -> None:
    with service.client() as client:
        assert problem(client.get("/v1/me", headers=bearing(provider.token())), 401, "not_signed_in")
        assert problem(client.get("/v1/sign-in/provider"), 404, "not_found")
        assert problem(client.get("/v1/sign-in/provider/callback?code=a&state=b"), 404, "not_found")


# --- the page's sign-in at the provider -------------------------------------------------------------------------------


def go_and_come_back(client: TestClient) -> str:
    """Begin, let the provider sign in whoever it will, return the path that it sends the browser back to."""
    there = client.get("/v1/sign-in/provider")
    assert there.status_code == 302
    back = httpx2.get(there.headers["location"], follow_redirects=False).headers["location"]
    assert back.startswith("http://testserver/v1/sign-in/provider/callback?")
    return back.removeprefix("http://testserver")


def test_signing_in_at_the_provider(federated: Small) -> None:
    with federated.client() as client:
        answer = client.get(go_and_come_back(client))
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
        cookie = next(each.lower() for each in answer.headers.get_list("set-cookie") if each.startswith(COOKIE))
        assert all(part in cookie for part in ("httponly", "samesite=lax"))
        assert client.get("/v1/me").json()["login"] == "federated"
    line = federated.audited()[0]
    assert (line.action, line.subject_id, line.details) == (
        "signed_in", str(federated.ids["federated"]), {"via": "provider"}
    )  # fmt: skip


def test_the_way_there_has_state_nonce_and_pkce(federated: Small) -> None:
    with federated.client() as client:
        answer = client.get("/v1/sign-in/provider", headers={"Host": "evil.example"})
        asked = parse_qs(urlsplit(answer.headers["location"]).query)
        again = parse_qs(urlsplit(client.get("/v1/sign-in/provider").headers["location"]).query)
    assert asked["redirect_uri"] == ["http://testserver/v1/sign-in/provider/callback"], "whatever the call's Host says"
    assert (asked["code_challenge_method"], asked["response_type"], asked["scope"]) == (["S256"], ["code"], ["openid"])
    for name in ("state", "nonce", "code_challenge"):
        assert len(asked[name][0]) >= 20
        assert asked[name] != again[name]
    cookie = answer.headers["set-cookie"].lower()
    assert all(part in cookie for part in ("path=/v1/sign-in/provider", "httponly", "samesite=lax", "max-age=600"))


def test_a_way_back_that_was_not_begun_here_is_refused(federated: Small) -> None:
    with federated.client() as client, federated.client() as stranger:
        path = go_and_come_back(stranger)
        assert problem(client.get(path), 401, "sign_in_failed")
        assert COOKIE not in client.cookies
        client.get("/v1/sign-in/provider")
        assert problem(client.get(path), 401, "sign_in_failed"), "the state is the stranger's"
        mine = go_and_come_back(client)
        forged = mine.replace("state=", "state=x")
        for wrong in (forged, mine.split("&state")[0], "/v1/sign-in/provider/callback"):
            assert problem(client.get(wrong), 401, "sign_in_failed")
        assert client.get("/v1/me").status_code == 401


def test_a_way_back_leads_here_once(federated: Small) -> None:
    with federated.client() as client:
        path = go_and_come_back(client)
        assert client.get(path).status_code == 303
        assert problem(client.get(path), 401, "sign_in_failed")


def test_a_stolen_code_is_worth_nothing_without_its_verifier(federated: Small) -> None:
    """Another browser that began a sign-in of its own brings a stolen code with its own state: PKCE stops it."""
    with federated.client() as victim, federated.client() as thief:
        code = parse_qs(urlsplit(go_and_come_back(victim)).query)["code"][0]
        own = parse_qs(urlsplit(go_and_come_back(thief)).query)["state"][0]
        answer = thief.get(f"/v1/sign-in/provider/callback?code={code}&state={own}")
        assert problem(answer, 401, "sign_in_failed")


def test_what_the_provider_says_of_an_error_is_not_repeated(federated: Small) -> None:
    with federated.client() as client:
        answer = client.get("/v1/sign-in/provider/callback?error=access_denied&error_description=Call+0190+now")
    assert problem(answer, 401, "sign_in_failed")
    assert "0190" not in answer.text


@pytest.mark.parametrize(
    "changes",
    [{"nonce": "another"}, {"nonce": None}, {"aud": "other"}, {"iss": "https://elsewhere.example"}, {"exp": 1},
     {"sub": None}, {"sub": "subject-2"}, {"iat": None}],
)  # fmt: skip
def test_an_identity_token_that_proves_nothing_is_refused(
    federated: Small, provider: IdentityProvider, changes: dict[str, Any]
) -> None:
    provider.changes = changes
    with federated.client() as client:
        assert problem(client.get(go_and_come_back(client)), 401, "sign_in_failed")
        assert COOKIE not in client.cookies


@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
@pytest.mark.parametrize("weak", ["none", "HS256"])
def test_the_provider_may_announce_a_weak_algorithm_and_is_not_believed(
    federated: Small, provider: IdentityProvider, weak: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider.discovery_changes = {"id_token_signing_alg_values_supported": [weak, "RS256"]}

    def identity(claims: dict[str, Any]) -> str:
        signed = provider.sign(claims)
        if weak == "none":
            return f"{segment({'alg': 'none', 'typ': 'JWT'})}.{signed.split('.')[1]}."
        return with_the_public_key_as_secret(provider, signed)

    with federated.client() as client:
        assert client.get(go_and_come_back(client)).status_code == 303
        client.cookies.clear()
        path = go_and_come_back(client)
        monkeypatch.setattr(provider, "identity", identity)
        assert problem(client.get(path), 401, "sign_in_failed")
        assert COOKIE not in client.cookies


def test_a_provider_that_goes_meanwhile_is_no_refusal(federated: Small, provider: IdentityProvider) -> None:
    with federated.client() as client:
        path = go_and_come_back(client)
        provider.stop()
        assert problem(client.get(path), 503, "unavailable")
