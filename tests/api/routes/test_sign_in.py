"""Signing in and out with a password; whoever fails learns nothing, and is counted."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy import Engine, select

from api.db.tables import Session
from api.routes import sign_in
from api.security import passwords
from api.security.keys import fingerprint
from api.services import sign_in as attempts
from api.web.authentication import COOKIE, EVERYBODY
from api.workflow import TABLE, Role
from tests.api.security.test_passwords import verifications
from tests.api.small_app import PASSWORD, Small, at_once, knock, password_hash, problem, small

LOGIN = Role.ZAB_LEAD.value
ELSEWHERE = "another horse and battery"


@pytest.fixture
def service(engine: Engine, tmp_path: Path) -> Iterator[Small]:
    with small(engine, tmp_path, sign_in.router, sign_in_attempts=3, sign_in_lock_minutes=15) as made:
        yield made


def told(answer: Any) -> dict[str, Any]:
    """What a problem says, without what differs in every answer."""
    return {name: value for name, value in answer.json().items() if name != "request_id"}


# --- with a password --------------------------------------------------------------------------------------------------


def test_signing_in_and_out(service: Small) -> None:
    with service.client() as client:
        assert problem(client.get("/v1/me"), 401, "not_signed_in")
        answer = knock(client, LOGIN)
        assert answer.status_code == 200
        assert answer.json() == client.get("/v1/me").json()
        kept = client.cookies[COOKIE]
        assert client.get("/v1/whoami").json() == {
            "role": "zab_lead", "account": str(service.ids[LOGIN]), "state": str(service.ids[LOGIN])
        }  # fmt: skip
        assert client.post("/v1/sign-out").status_code == 204
        assert COOKIE not in client.cookies
        client.cookies.set(COOKIE, kept)
        assert problem(client.get("/v1/me"), 401, "not_signed_in")
    actions = [(line.action, line.account_id, line.subject_id) for line in service.audited()]
    who = service.ids[LOGIN]
    assert actions == [("signed_in", who, str(who)), ("signed_out", who, str(who))]


def test_the_cookie_is_for_this_site_and_no_script(service: Small) -> None:
    with service.client() as client:
        cookie = knock(client, LOGIN).headers["set-cookie"].lower()
    assert cookie.startswith(f"{COOKIE}=")
    assert all(part in cookie for part in ("httponly", "samesite=lax", "path=/;", "max-age=36000"))
    assert "secure" not in cookie


def test_under_https_the_cookie_is_for_https_only(engine: Engine, tmp_path: Path) -> None:
    known = {"public_url": "https://restplatz.example"}
    with small(engine, tmp_path, sign_in.router, **known) as service, service.client() as client:
        assert "secure" in knock(client, LOGIN).headers["set-cookie"].lower().replace(";", "").split()


def test_only_a_hash_of_the_cookie_is_kept_and_each_sign_in_has_its_own(service: Small) -> None:
    with service.client() as client:
        knock(client, LOGIN)
        first = client.cookies[COOKIE]
        knock(client, LOGIN)
        second = client.cookies[COOKIE]
    with service.context.store.reading() as session:
        rows = {row.sha256: row.ended_at for row in session.scalars(select(Session))}
    assert first != second
    assert rows.keys() == {fingerprint(first), fingerprint(second)}
    assert rows[fingerprint(first)] is not None, "a new sign-in leaves no old session behind"
    assert rows[fingerprint(second)] is None


def test_a_session_ends_by_itself(service: Small) -> None:
    with service.client() as client:
        knock(client, LOGIN)
        service.clock.shift = timedelta(hours=9, minutes=59)
        assert client.get("/v1/me").status_code == 200
        service.clock.shift = timedelta(hours=10, minutes=1)
        assert problem(client.get("/v1/me"), 401, "not_signed_in")


@pytest.mark.parametrize("role", sorted(EVERYBODY))
def test_me_tells_who_i_am_and_what_i_may(service: Small, role: Role) -> None:
    with service.client(role) as client:
        me = client.get("/v1/me").json()
    assert me["login"] == me["role"] == role
    assert me["organisation"]["kind"] in {"abh", "zab", "ltrako", "zfa", "zrk", "audit", "operation"}
    assert me["may"] == sorted({action for (_, action), cell in TABLE.items() if role in cell.who})
    assert ("confirm" in me["may"]) is (role in {Role.ZAB_LEAD, Role.ZAB_DISPATCHER})
    assert me["may"] == [] or role not in {Role.ADMIN, Role.AUDITOR}


def test_capital_letters_of_a_login_make_no_difference(service: Small) -> None:
    with service.client() as client:
        assert knock(client, LOGIN.upper()).status_code == 200


# --- refused ----------------------------------------------------------------------------------------------------------


def closed_doors(service: Small) -> dict[str, tuple[str, str]]:
    """Logins and passwords that all get the same answer."""
    service.account("off", Role.ABH, is_active=False)
    service.account("from-provider", Role.ABH, password_hash=None, issuer="https://a.example", subject="s")
    service.account("of-closed", Role.ZFA, "zfa:closed")
    service.switch("zfa:closed", is_active=False)
    service.account("locked", Role.ABH, failed_logins=3, locked_until=service.clock() + timedelta(minutes=5))
    return {
        "wrong password": (LOGIN, "wrong"),
        "unknown login": ("nobody-of-this-name", PASSWORD),
        "inactive account": ("off", PASSWORD),
        "inactive organisation": ("of-closed", PASSWORD),
        "account of the provider": ("from-provider", PASSWORD),
        "locked": ("locked", PASSWORD),
        "locked, wrong password": ("locked", "wrong"),
    }


def test_all_closed_doors_look_alike_and_take_as_long(service: Small, monkeypatch: pytest.MonkeyPatch) -> None:
    doors = closed_doors(service)
    passwords.check_password("warm", None)
    answers, work, writes = {}, {}, {}
    with service.client() as client:
        for case, (login, password) in doors.items():
            with monkeypatch.context() as patched:
                count, lines = verifications(patched), len(service.audited())
                answer = knock(client, login, password)
            assert problem(answer, 401, "sign_in_failed")
            assert "set-cookie" not in answer.headers
            answers[case] = (told(answer), sorted(answer.headers.items()))
            work[case], writes[case] = count[0], len(service.audited()) - lines
    assert len({str(answer) for answer in answers.values()}) == 1
    assert set(work.values()) == {1}, "argon2 once, whatever is behind the door"
    assert set(writes.values()) == {1}, "and one line in the log"


def test_what_was_typed_as_a_login_is_not_kept(service: Small) -> None:
    with service.client() as client:
        knock(client, "SecretTypedAsLogin", "wrong")
        knock(client, LOGIN, "wrong")
    lines = service.audited()
    assert [(line.action, line.subject_id) for line in lines] == [
        ("sign_in_failed", "unknown"),
        ("sign_in_failed", str(service.ids[LOGIN])),
    ]
    assert all(line.account_id is None for line in lines), "nobody has proved to be anybody"
    assert "secrettypedaslogin" not in str([vars(line) for line in lines]).lower()


def test_after_some_wrong_passwords_the_right_one_waits_too(service: Small) -> None:
    with service.client() as client:
        for _ in range(3):
            knock(client, LOGIN, "wrong")
        assert problem(knock(client, LOGIN), 401, "sign_in_failed")
        assert service.row(LOGIN).failed_logins == 3
        service.clock.shift = timedelta(minutes=14)
        assert problem(knock(client, LOGIN, "wrong"), 401, "sign_in_failed")
        assert problem(knock(client, LOGIN), 401, "sign_in_failed"), "nor end it"
        service.clock.shift = timedelta(minutes=15, seconds=30)
        assert knock(client, LOGIN).status_code == 200, "attempts while locked do not make it longer"
    row = service.row(LOGIN)
    assert (row.failed_logins, row.locked_until, row.version) == (0, None, 1)


def test_a_lock_that_has_passed_is_counted_from_the_beginning(service: Small) -> None:
    with service.client() as client:
        for _ in range(3):
            knock(client, LOGIN, "wrong")
        service.clock.shift = timedelta(minutes=16)
        knock(client, LOGIN, "wrong")
        row = service.row(LOGIN)
        assert (row.failed_logins, row.locked_until) == (1, None)
        assert knock(client, LOGIN).status_code == 200


def test_a_right_password_forgets_the_wrong_ones(service: Small) -> None:
    with service.client() as client:
        for password in ("wrong", "wrong", PASSWORD, "wrong", "wrong", PASSWORD):
            knock(client, LOGIN, password)
    assert service.row(LOGIN).failed_logins == 0


def test_two_wrong_passwords_at_once_are_both_counted(service: Small, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both are checked before either is written: each must see what the other one did."""
    gate = threading.Barrier(2)
    checked = attempts.attempt

    def attempt(*args: Any) -> Any:
        done = checked(*args)
        gate.wait(30)
        return done

    monkeypatch.setattr(attempts, "attempt", attempt)
    with service.client() as client:
        at_once([lambda: knock(client, LOGIN, "wrong")] * 2)
    assert service.row(LOGIN).failed_logins == 2


def test_a_right_guess_among_many_at_once_comes_too_late(service: Small, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three wrong guesses are written while the right one, checked at the same time, waits: it is not believed."""
    checked, others_done = attempts.attempt, threading.Event()

    def attempt(found: Any, password: str) -> Any:
        done = checked(found, password)
        if done.is_right:
            assert others_done.wait(30)
        return done

    monkeypatch.setattr(attempts, "attempt", attempt)
    answers: list[Any] = []
    with service.client() as client:
        right = threading.Thread(target=lambda: answers.append(knock(client, LOGIN)))
        right.start()
        for _ in range(3):
            knock(client, LOGIN, "wrong")
        others_done.set()
        right.join(30)
    assert problem(answers[0], 401, "sign_in_failed")


def test_a_password_changed_meanwhile_lets_nobody_in_with_the_old_one(
    service: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked = attempts.attempt

    def attempt(found: Any, password: str) -> Any:
        done = checked(found, password)
        service.change(LOGIN, password_hash=password_hash(ELSEWHERE))
        return done

    monkeypatch.setattr(attempts, "attempt", attempt)
    with service.client() as client:
        assert problem(knock(client, LOGIN), 401, "sign_in_failed")
    assert service.row(LOGIN).failed_logins == 0


def test_the_hash_is_renewed_at_sign_in_where_parameters_have_changed(service: Small) -> None:
    older = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8192, parallelism=1),)).hash(PASSWORD)
    service.change(LOGIN, password_hash=older)
    with service.client() as client:
        assert knock(client, LOGIN).status_code == 200
        renewed = service.row(LOGIN).password_hash
        assert renewed != older
        assert renewed is not None
        assert renewed.startswith("$argon2id$v=19$m=64,t=1,p=1$"), "as the tests hash"
        assert knock(client, LOGIN).status_code == 200
        assert service.row(LOGIN).password_hash == renewed


@pytest.mark.parametrize(
    "body",
    [
        {}, [], None, {"login": LOGIN}, {"login": LOGIN, "password": 7}, {"login": 7, "password": PASSWORD},
        {"login": LOGIN, "password": PASSWORD, "role": "admin"}, {"login": "a\0b", "password": PASSWORD},
        {"login": LOGIN, "password": "\ud800"}, {"login": "x" * 121, "password": PASSWORD},
        {"login": LOGIN, "password": "x" * 201}, {"login": LOGIN, "password": ""},
    ],
)  # fmt: skip
def test_bad_bodies_are_refused_without_telling_what_was_sent(service: Small, body: Any) -> None:
    with service.client() as client:
        answer = client.post("/v1/sign-in", content=json.dumps(body), headers={"Content-Type": "application/json"})
    assert problem(answer, 422, "body_invalid")
    assert PASSWORD not in answer.text


def test_without_local_accounts_no_password_counts(engine: Engine, tmp_path: Path) -> None:
    with small(engine, tmp_path, sign_in.router, local_accounts=False) as service, service.client(Role.ABH) as client:
        assert problem(knock(client, LOGIN), 404, "not_found")
        change = {"current_password": PASSWORD, "new_password": ELSEWHERE}
        assert problem(client.post("/v1/me/password", json=change), 404, "not_found")


# --- changing the password --------------------------------------------------------------------------------------------


def test_changing_my_password_ends_my_other_sessions(service: Small) -> None:
    with service.client() as client, service.client() as other:
        knock(client, LOGIN)
        knock(other, LOGIN)
        change = {"current_password": PASSWORD, "new_password": ELSEWHERE}
        assert client.post("/v1/me/password", json=change).status_code == 204
        assert client.get("/v1/me").status_code == 200
        assert problem(other.get("/v1/me"), 401, "not_signed_in")
        assert problem(knock(other, LOGIN), 401, "sign_in_failed")
        assert knock(other, LOGIN, ELSEWHERE).status_code == 200
    assert [line.action for line in service.audited()].count("password_changed") == 1


def test_guessing_the_current_password_counts_as_at_sign_in(service: Small) -> None:
    with service.client() as client:
        knock(client, LOGIN)
        for _ in range(3):
            answer = client.post("/v1/me/password", json={"current_password": "wrong", "new_password": ELSEWHERE})
            assert problem(answer, 422, "value_refused")
            assert [error["path"] for error in answer.json()["errors"]] == ["/current_password"]
        answer = client.post("/v1/me/password", json={"current_password": PASSWORD, "new_password": ELSEWHERE})
        assert problem(answer, 422, "value_refused")
    row = service.row(LOGIN)
    assert row.locked_until is not None
    assert passwords.check_password(PASSWORD, row.password_hash).is_right


@pytest.mark.parametrize("new", ["short", "x" * 11, f"my {LOGIN} password", f"MY {LOGIN.upper()} PASSWORD"])
@pytest.mark.parametrize("current", [PASSWORD, "wrong"])
def test_a_weak_new_password_is_refused_and_tells_nothing_of_the_current_one(
    service: Small, new: str, current: str
) -> None:
    with service.client(Role.ZAB_LEAD) as client:
        answer = client.post("/v1/me/password", json={"current_password": current, "new_password": new})
    assert problem(answer, 422, "value_refused")
    assert [error["path"] for error in answer.json()["errors"]] == ["/new_password"]
    assert service.row(LOGIN).failed_logins == 0


def test_an_account_of_the_provider_has_no_password_to_change(service: Small) -> None:
    service.change(LOGIN, password_hash=None, issuer="https://a.example", subject="s")
    with service.client(Role.ZAB_LEAD) as client:
        change = {"current_password": PASSWORD, "new_password": ELSEWHERE}
        assert problem(client.post("/v1/me/password", json=change), 409, "state_forbids")
