"""Addresses over HTTP: sealed, released in time, each read logged."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from httpx2 import Response
from sqlalchemy import Engine, inspect, select, text

from api.db.tables import PickupAddress
from api.services import addresses
from api.workflow import ENDED, Action, State
from tests.api.request_world import ACCOUNTS, NOW, World, refused, world_of

ADDRESS = "MARKER-Straße 1, 45127 Essen, 2. Stock links"


@pytest.fixture
def world(engine: Engine, tmp_path: Path) -> Iterator[World]:
    with world_of(engine, tmp_path) as made:
        yield made


def put(world: World, request_id: str, login: str = "abh", address: str = ADDRESS) -> Response:
    return world.call(login, "PUT", f"/requests/{request_id}/address", json={"address": address})


def read(world: World, request_id: str, login: str = "abh", purpose: str = "check") -> Response:
    return world.get(login, f"/requests/{request_id}/address", params={"purpose": purpose})


def test_the_owner_enters_replaces_and_reads_it(world: World) -> None:
    request_id = world.enter()
    refused(read(world, request_id), 404, "not_found")
    assert put(world, request_id, address="Alte Str. 2").status_code == 200
    entered = put(world, request_id)
    assert (entered.status_code, entered.json()) == (200, {"warnings": []}), "an address is what it is there for"
    answer = read(world, request_id)
    assert (answer.status_code, answer.json()) == (200, {"address": ADDRESS})
    assert answer.headers["cache-control"] == "no-store"
    assert len(world.audited("address_entered")) == 2
    (line,) = world.audited("address_read")
    assert (line.subject_id, line.purpose, line.role) == (request_id, "check", "abh")
    assert line.account_id == world.actors["abh"].account_id


def test_what_is_more_than_an_address_is_warned_of_and_stored(world: World) -> None:
    request_id = world.enter()
    text = "Musterstr. 1, 45127 Essen, bei Frau Musterfrau, Tel. 0201 123456"
    answer = put(world, request_id, address=text)
    assert answer.status_code == 200, answer.text
    assert [(each["path"], each["code"]) for each in answer.json()["warnings"]] == [
        ("/address", "name_like"), ("/address", "phone_like"),
    ]  # fmt: skip
    assert all(text[each["start"] : each["end"]] not in answer.text for each in answer.json()["warnings"])
    assert read(world, request_id).json()["address"] == text


def test_a_read_without_a_known_purpose_is_refused_and_reads_nothing(world: World) -> None:
    request_id = world.enter()
    put(world, request_id)
    refused(world.get("abh", f"/requests/{request_id}/address"), 422, "parameter_invalid")
    refused(read(world, request_id, purpose="curious"), 422, "parameter_invalid")
    assert world.audited("address_read") == []


def test_it_stands_in_clear_in_no_table_no_log_and_no_file(
    world: World, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    request_id = world.enter(enter_as="pool")
    put(world, request_id)
    read(world, request_id)
    refused(put(world, request_id, address=ADDRESS * 9), 422, "body_invalid")
    with world.store.reading() as session:
        for table in inspect(world.store.engine).get_table_names():
            told = repr([tuple(row) for row in session.execute(text(f'SELECT * FROM "{table}"'))])
            assert "MARKER" not in told, table
    assert "MARKER" not in json.dumps([line.details for line in world.audited("address_entered")])
    assert "MARKER" not in "".join(capfd.readouterr())
    assert (tmp_path / "address_key").stat().st_mode & 0o077 == 0, "only this user reads the key"


@pytest.mark.parametrize("login", [login for login in ACCOUNTS if login not in ("abh", "abh-second")])
def test_nobody_else_reads_or_enters_it_before_a_promise(world: World, login: str) -> None:
    request_id = world.enter(enter_as="pool")
    put(world, request_id)
    world.propose(request_id)
    for answer in (read(world, request_id, login), put(world, request_id, login)):
        assert answer.status_code in (403, 404)
        assert "MARKER" not in answer.text
    assert world.audited("address_read") == []


def test_the_zab_reads_it_from_confirmation_until_a_day_after_the_end(world: World) -> None:
    request_id = world.enter(enter_as="pool")
    put(world, request_id)
    world.propose(request_id)
    refused(read(world, request_id, "zab"), 404, "not_found")
    world.take("zab", request_id, Action.CONFIRM)
    for action in (None, Action.DEPART, Action.HAND_OVER):
        if action is not None:
            world.take("zab", request_id, action)
        for login in ("zab", "zab-second", "lead"):
            assert read(world, request_id, login, "pick_up").json() == {"address": ADDRESS}
        refused(read(world, request_id, "zab-other", "pick_up"), 404, "not_found")
        refused(read(world, request_id, "ltrako", "pick_up"), 403, "role_may_not")
    world.now = NOW + timedelta(hours=23, minutes=59)
    assert read(world, request_id, "zab").status_code == 200
    world.now = NOW + timedelta(hours=24)
    refused(read(world, request_id, "zab"), 404, "not_found")
    assert len(world.audited("address_read")) == 10


def test_a_provisional_promise_is_none_and_backing_out_ends_it(world: World) -> None:
    request_id = world.enter(enter_as="pool")
    put(world, request_id)
    world.propose(request_id)
    world.take("zab", request_id, Action.CONFIRM_PROVISIONALLY, "crew_pending")
    refused(read(world, request_id, "zab"), 404, "not_found")
    world.take("zab", request_id, Action.MEET_CONDITION)
    assert read(world, request_id, "zab").status_code == 200
    world.take("zab", request_id, Action.BACK_OUT, "crew_ill")
    refused(read(world, request_id, "zab"), 404, "not_found")
    world.propose(request_id, "zab:koeln")
    world.take("zab-other", request_id, Action.CONFIRM)
    assert read(world, request_id, "zab-other").status_code == 200
    refused(read(world, request_id, "zab"), 404, "not_found")


def test_a_stop_takes_it_from_the_zab_at_once(world: World) -> None:
    request_id = world.enter(enter_as="pool")
    put(world, request_id)
    world.propose(request_id)
    world.take("zab", request_id, Action.CONFIRM)
    world.step("abh", request_id, "stop", {"code": "court"})
    refused(read(world, request_id, "zab"), 404, "not_found")


@pytest.mark.parametrize("state", sorted(ENDED))
def test_none_is_entered_after_the_end(world: World, state: State) -> None:
    request_id = world.enter()
    world.put(request_id, state)
    refused(put(world, request_id), 409, "state_forbids")


def test_a_new_key_opens_what_an_old_one_sealed(engine: Engine, tmp_path: Path) -> None:
    old, new = "o" * 32, "n" * 32
    with world_of(engine, tmp_path, address_keys=old) as world:
        request_id = world.enter()
        put(world, request_id)
        for keys, status in ((f"{new},{old}", 200), (new, 503)):
            world.app.state.context = type(world.app.state.context)(
                settings=world.settings.model_copy(update={"address_keys": keys_of(keys)}), store=world.store,
                clock=lambda: NOW,
            )  # fmt: skip
            assert read(world, request_id).status_code == status
        assert len(world.audited("address_read")) == 1, "what was not read is not logged as read"


FOR_THE_ZAB = {State.CONFIRMED, State.FROZEN, State.UNDER_WAY, State.HANDED_OVER, State.FAILED}


@pytest.mark.parametrize("state", sorted(set(State) - FOR_THE_ZAB))
def test_in_no_other_state_the_zab_reads_it(world: World, state: State) -> None:
    """Even where it had promised before, and whatever proposal it has."""
    request_id = world.enter(enter_as="pool")
    put(world, request_id)
    world.propose(request_id)
    world.take("zab", request_id, Action.CONFIRM)
    assert read(world, request_id, "zab").status_code == 200
    world.put(request_id, state)
    answer = read(world, request_id, "zab")
    assert answer.status_code == 404
    assert "MARKER" not in answer.text
    assert read(world, request_id, "zab-other").status_code == 404


@pytest.mark.parametrize("state", sorted(FOR_THE_ZAB))
def test_in_these_states_the_promising_zab_reads_it_and_no_other(world: World, state: State) -> None:
    request_id = world.enter(enter_as="pool")
    put(world, request_id)
    world.propose(request_id)
    world.take("zab", request_id, Action.CONFIRM)
    world.put(request_id, state)
    assert read(world, request_id, "lead").json() == {"address": ADDRESS}
    assert read(world, request_id, "lead-other").status_code == 404


def test_an_accepted_counter_proposal_opens_it_and_not_before(world: World) -> None:
    request_id = world.enter(enter_as="pool")
    put(world, request_id)
    world.propose(request_id)
    world.take("zab", request_id, Action.COUNTER, "other_time")
    assert read(world, request_id, "zab").status_code == 404
    world.take("abh", request_id, Action.ACCEPT_COUNTER)
    assert read(world, request_id, "zab").json() == {"address": ADDRESS}


def test_a_day_after_the_end_nobody_reads_it_not_even_its_owner(world: World) -> None:
    request_id = world.enter(enter_as="pool")
    put(world, request_id)
    world.propose(request_id)
    world.take("zab", request_id, Action.CONFIRM)
    world.take("zab", request_id, Action.DEPART)
    world.take("zab", request_id, Action.FAIL, "not_met")
    world.now = NOW + timedelta(hours=24)
    for login in ("abh", "zab"):
        assert read(world, request_id, login).status_code == 404


def test_a_promise_that_nobody_closed_keeps_nothing_open(world: World) -> None:
    request_id, draft = world.enter(enter_as="pool"), world.enter("A-2")
    put(world, request_id)
    put(world, draft)
    world.propose(request_id)
    world.take("zab", request_id, Action.CONFIRM)
    world.now = world.row(request_id).delivery_to + timedelta(hours=24)
    for each, login in ((request_id, "zab"), (request_id, "abh"), (draft, "abh")):
        assert read(world, each, login).status_code == 404
    refused(put(world, draft), 409, "state_forbids")


def test_all_are_resealed_with_the_first_key_whenever_it_is_interrupted(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = b"o" * 32, b"n" * 32
    monkeypatch.setattr(addresses, "_AT_A_TIME", 2)
    with world_of(engine, tmp_path, address_keys=old.decode()) as world:
        ids = [world.enter(f"A-{number}") for number in range(7)]
        for each in ids:
            put(world, each)
        changed = world.row(ids[0]).updated_at
        broken = addresses.Seal([new, old])
        real, left = broken.closed_anew, iter(range(5))

        def dies(owner: uuid.UUID, sealed: bytes) -> bytes | None:
            if next(left, None) is None:
                raise KeyboardInterrupt
            return real(owner, sealed)

        monkeypatch.setattr(broken, "closed_anew", dies)
        with pytest.raises(KeyboardInterrupt):
            addresses.rotate(world.store, broken, now=NOW)
        seal = addresses.Seal([new, old])
        done = addresses.rotate(world.store, seal, now=NOW)
        assert (done.resealed, done.sealed_before, done.unreadable) == (3, 4, 0)
        assert addresses.rotate(world.store, seal, now=NOW) == addresses.Rotated(sealed_before=7)
        assert [line.details["count"] for line in world.audited("resealed")] == [2, 2, 2, 1]
        with world.store.reading() as session:
            for row in session.scalars(select(PickupAddress)):
                assert addresses.Seal([new]).open(row.request_id, row.sealed) == ADDRESS
                assert row.updated_at == changed
        assert addresses.rotate(world.store, addresses.Seal([b"x" * 32]), now=NOW).unreadable == 7


def keys_of(text_of_keys: str) -> object:
    from pydantic import SecretStr

    return SecretStr(text_of_keys)
