"""Requests over HTTP: entering, looking, amending, and who may see what."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from api.db.tables import Bar, TransportRequest
from api.repositories.requests import POOL
from api.workflow import ENDED, PROMISED, Action, State
from tests.api.db import rows
from tests.api.request_world import ACCOUNTS, MARKERS, NOW, World, at_once, content, refused, world_of


@pytest.fixture
def world(engine: Engine, tmp_path: Path) -> Iterator[World]:
    with world_of(engine, tmp_path) as made:
        yield made


# --- entering ---------------------------------------------------------------------------------------------------------


def test_a_draft_is_entered_and_completed(world: World) -> None:
    deadline = {"at": "2026-10-10T23:59:00+02:00", "regime": "604/2013", "source": "BAMF, 01.09.2026"}
    sent = content(deadline=deadline) | {"pickup": content()["pickup"] | {"place": "Essen"}}
    answer = world.call("abh", "POST", "/requests", json=sent)
    assert answer.status_code == 201, answer.text
    shown = answer.json()
    assert answer.headers["location"] == f"/v1/requests/{shown['id']}"
    assert answer.headers["etag"] == f'"{shown["version"]}"'
    assert (shown["state"], shown["owner"], shown["pickup_ags"]) == ("draft", "abh:05113000", "05113000")
    assert shown["content"]["pickup"]["place"] == "05113000", "a name becomes the id"
    assert shown["content"]["pickup"]["service_minutes"] == 30
    assert shown["content"]["handover"]["service_minutes"] == 30
    assert shown["content"]["deadline_class"] == "urgent", "5 days after the pick-up"
    assert shown["fall_back_at"] == "2026-10-03T05:00:00Z", "48 h before the pick-up"
    assert {"ask", "pool", "amend", "cancel", "stop"} == set(shown["actions"])
    row = world.row(shown["id"])
    assert (row.people, row.has_children, row.delivery_place, row.pickup_from) == (1, False, "DUS", rows.hours(5))
    line = world.audited("created")[-1]
    assert (line.subject_id, line.details) == (shown["id"], {"enter_as": "draft"})
    assert world.matches() == [], "a draft is nobody's business yet"


@pytest.mark.parametrize(("days", "expected"), [(7, "urgent"), (8, "soon"), (21, "soon"), (22, "normal")])
def test_the_class_of_the_deadline_has_edges(world: World, days: int, expected: str) -> None:
    at = f"2026-10-{5 + days:02d}T12:00:00+02:00"
    request_id = world.enter(deadline={"at": at, "regime": "other", "source": "BAMF"})
    assert world.row(request_id).content["deadline_class"] == expected


def test_the_deadline_of_a_dublin_transfer_needs_its_source(world: World) -> None:
    deadline = {"at": "2026-10-20T23:59:00+02:00", "regime": "604/2013"}
    told = refused(world.call("abh", "POST", "/requests", json=content(deadline=deadline)), 422, "value_refused")
    (error,) = told["errors"]
    assert error["path"] == "/deadline/source"
    assert error["expected"]
    assert error["what_to_do"]
    assert world.count(TransportRequest) == 0
    world.enter("A-2", case_type="third_country", deadline=deadline)
    request_id = world.enter("A-3", deadline=deadline | {"source": "BAMF, Zustimmung vom 01.09.2026"})
    etag = world.get("abh", f"/requests/{request_id}").headers["etag"]
    amended = content("A-3", deadline=deadline)
    refused(world.call("abh", "PUT", f"/requests/{request_id}", json=amended, etag=etag), 422, "value_refused")


@pytest.mark.parametrize(
    ("regime", "at", "code"),
    [
        ("2024/1351", "2026-07-01T12:00:00+02:00", None),
        ("2024/1351", "2026-06-30T12:00:00+02:00", "value_refused"),
        ("604/2013", "2026-06-30T12:00:00+02:00", None),
        ("detention_end", "2026-10-20T12:00:00+02:00", None),
        ("none", "2026-10-20T12:00:00+02:00", None),
        ("343/2003", "2026-10-20T12:00:00+02:00", "body_invalid"),
    ],
)
def test_the_law_of_a_deadline_is_one_of_the_table_and_in_force_on_its_day(
    world: World, regime: str, at: str, code: str | None
) -> None:
    body = content(deadline={"at": at, "regime": regime, "source": "BAMF"})
    answer = world.call("abh", "POST", "/requests", json=body)
    if code is None:
        assert answer.status_code == 201, answer.text
        return
    told = refused(answer, 422, code)
    assert [error["path"] for error in told["errors"]] == ["/deadline/regime"]


def test_service_times_follow_the_people_unless_stated(world: World) -> None:
    family = [{"age": "adult", "sex": "f", "count": 2}, {"age": "6-11", "sex": "m", "count": 3}]
    whole = world.row(world.enter("F-1", people=family)).content
    assert whole["pickup"]["service_minutes"] == 45 + 2 * 10
    stated = content()["pickup"] | {"service_minutes": 5}
    assert world.row(world.enter("F-2", pickup=stated)).content["pickup"]["service_minutes"] == 5


def test_a_rejected_request_goes_into_the_pool_at_once(world: World) -> None:
    request_id = world.enter(enter_as="pool", rejection={"by": "zab:essen", "code": "no_staff"})
    assert world.state(request_id) is State.POOLED
    assert [each.action for each in world.decisions(request_id)] == [Action.POOL]
    assert world.matches() == [{"reason": "pool", "requests": [request_id], "duties": []}]


def test_the_first_round_asks_one_zab(world: World) -> None:
    body = content() | {"enter_as": "ask", "zab": "zab:essen"}
    request_id = world.call("abh", "POST", "/requests", json=body).json()["id"]
    assert world.state(request_id) is State.ASKED
    assert world.get("zab", f"/requests/{request_id}").json()["view"] == "full"
    refused(world.get("zab-other", f"/requests/{request_id}"), 404, "not_found")
    body = content("A-2") | {"enter_as": "ask", "zab": "zab:nowhere"}
    told = refused(world.call("abh", "POST", "/requests", json=body), 422, "value_refused")
    assert told["errors"][0]["path"] == "/zab"
    body = content("A-2") | {"enter_as": "pool", "zab": "zab:essen"}
    refused(world.call("abh", "POST", "/requests", json=body), 422, "body_invalid")


def test_all_faults_of_the_values_are_told_with_the_nearest_names(world: World) -> None:
    sent = content()
    sent["pickup"] = sent["pickup"] | {"place": "Esen"}
    sent["handover"] = sent["handover"] | {"place": "DUSS"}
    told = refused(world.call("abh", "POST", "/requests", json=sent), 422, "value_refused")
    by_path = {each["path"]: each for each in told["errors"]}
    assert set(by_path) == {"/pickup/place", "/handover/place"}
    assert "'Essen'" in by_path["/pickup/place"]["what_to_do"]
    assert world.count(TransportRequest) == 0


def test_a_field_that_is_wrong_hides_nothing_that_is_wrong_between_others(world: World) -> None:
    stop = content()["pickup"]
    sent = content(
        destination="Türkei", escorts=1, escorts_female=3, needs_medical_reception=True, zab="zab:essen",
        pickup=stop | {"place": "?", "earliest": stop["latest"], "latest": stop["earliest"]},
    )  # fmt: skip
    told = refused(world.call("abh", "POST", "/requests", json=sent), 422, "body_invalid")
    assert [each["path"] for each in told["errors"]] == ["/pickup/place", "/pickup", "/destination", "/"]
    assert told["errors"][1]["expected"] == "expected earliest before latest: turn the window round"
    assert told["errors"][3]["expected"] == (
        "escorts_female: expected at most 1, the escorts; zab: expected exactly with enter_as 'ask'"
    )
    assert "Value error" not in str(told)
    faulty = refused(
        world.call("abh", "POST", "/requests", json=sent | {"pickup": stop, "destination": "TR"}), 422, "body_invalid"
    )
    assert [each["expected"] for each in faulty["errors"]] == [told["errors"][-1]["expected"]]


def test_a_pickup_that_is_past_or_nowhere_in_the_land_is_refused(world: World) -> None:
    world.now = rows.hours(24)
    told = refused(world.call("abh", "POST", "/requests", json=content()), 422, "value_refused")
    assert [each["path"] for each in told["errors"]] == ["/pickup/latest"]
    world.now = NOW
    sent = content(pickup=content()["pickup"] | {"place": "CGN"})
    told = refused(world.call("abh", "POST", "/requests", json=sent), 422, "value_refused")
    assert [each["path"] for each in told["errors"]] == ["/pickup/place"]


@pytest.mark.parametrize(
    "changes", [{"name": "MARKER"}, {"address": "MARKER"}, {"pickup": {"place": "05113000", "street": "MARKER"}}]
)
def test_nothing_unknown_is_let_through_and_none_of_it_comes_back(world: World, changes: dict[str, Any]) -> None:
    answer = world.call("abh", "POST", "/requests", json=content(**changes))
    refused(answer, 422, "body_invalid")
    assert "MARKER" not in answer.text


def test_the_same_case_and_pickup_is_open_once(world: World) -> None:
    first = world.enter()
    told = refused(world.call("abh", "POST", "/requests", json=content()), 409, "exists_already")
    assert told["id"] == first
    assert world.enter(login="abh-other") != first, "another ABH counts its cases itself"
    later = content()["pickup"] | {"earliest": "2026-10-05T07:30:00+02:00"}
    other = world.enter(pickup=later)
    told = refused(world.call("abh", "PUT", f"/requests/{other}", json=content(), etag="*"), 409, "exists_already")
    assert told["id"] == first
    assert world.row(other).pickup_from == rows.hours(5.5), "nothing was changed"
    assert world.step("abh", first, "cancel", {"code": "duplicate"}).status_code == 200
    assert world.call("abh", "PUT", f"/requests/{other}", json=content(), etag="*").status_code == 200


def test_one_of_two_calls_at_once_enters_the_case(world: World) -> None:
    answers = at_once([lambda: world.call("abh", "POST", "/requests", json=content())] * 4)
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    assert {answer.json()["id"] for answer in answers} == {str(world.row(answers_id(answers)).id)}


def answers_id(answers: list[Any]) -> str:
    """Id of the request that the one call made."""
    (made,) = [answer.json()["id"] for answer in answers if answer.status_code == 201]
    return str(made)


def test_a_repeated_call_creates_nothing(world: World) -> None:
    headers = {"Idempotency-Key": "once"}
    first = world.call("abh", "POST", "/requests", json=content(), headers=headers)
    again = world.call("abh", "POST", "/requests", json=content(), headers=headers)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert again.headers["idempotent-replayed"] == "true"
    assert world.count(TransportRequest) == 1
    other = world.call("abh", "POST", "/requests", json=content("A-2"), headers=headers)
    refused(other, 422, "idempotency_key_reused")


@pytest.mark.parametrize("login", [login for login in ACCOUNTS if not login.startswith("abh")])
def test_only_an_abh_enters_requests(world: World, login: str) -> None:
    refused(world.call(login, "POST", "/requests", json=content()), 403, "role_may_not")


# --- looking ----------------------------------------------------------------------------------------------------------


def marked(world: World, state: State = State.POOLED) -> str:
    """A pooled request with a marker in every field that is its owner's."""
    changes = {name: value for name, value in MARKERS.items() if name != "case_reference"}
    people = [{"age": "14-17", "sex": "d", "count": 1}, {"age": "adult", "sex": "f", "count": 1}]
    request_id = world.enter(
        MARKERS["case_reference"], enter_as="pool", people=people,
        rejection={"by": "zab:marker", "code": "other"}, **changes,
    )  # fmt: skip
    if state is not State.POOLED:
        world.put(request_id, state)
    return request_id


def leaks(text: str) -> list[str]:
    """What of the markers stands in an answer."""
    more = ["14-17", '"sex"', "zab:marker", "abh:05113000", "13:37", "11:37", "AUDIT-MARKER"]
    return [marker for marker in [*MARKERS.values(), *more] if marker in text]


COARSE = ("zab", "lead", "ltrako", "zfa", "zrk", "auditor")


@pytest.mark.parametrize("login", COARSE)
def test_what_is_the_owners_stays_there(world: World, login: str) -> None:
    request_id = marked(world)
    assert len(leaks(world.get("abh", f"/requests/{request_id}").text)) >= len(MARKERS), "the owner sees all"
    for path in (f"/requests/{request_id}", "/requests", "/pool", f"/requests/{request_id}/decisions",
                 f"/requests/{request_id}/reasons", f"/requests/{request_id}/overrides"):  # fmt: skip
        answer = world.get(login, path)
        assert answer.status_code in (200, 403), answer.text
        assert leaks(answer.text) == [], path
    shown = world.get(login, f"/requests/{request_id}").json()
    assert (shown["view"], shown["people"], shown["pickup_municipality"]) == ("coarse", 2, "Essen")


@pytest.mark.parametrize("login", COARSE)
def test_a_stop_by_another_tells_it_nothing_of_the_person(world: World, login: str) -> None:
    request_id = marked(world)
    answer = world.step(login, request_id, "stop", {"code": "medical", "remark": "AUDIT-MARKER"})
    assert answer.status_code == (403 if login in ("zrk", "auditor") else 200)
    assert leaks(answer.text) == []
    assert leaks(json.dumps([line.details for line in world.audited("stop")])) == []
    assert leaks(json.dumps(world.matches())) == []


CONCERNED = {"abh", "zab", "lead", "ltrako", "auditor"}
CENTRAL = {"zfa", "zrk"}
SEEN: dict[State, set[str]] = {
    State.DRAFT: {"abh", "auditor"},
    **{state: CONCERNED | CENTRAL | {"zab-other", "lead-other"} for state in POOL},
    **dict.fromkeys(PROMISED, CONCERNED | CENTRAL),
    **dict.fromkeys((State.ASKED, State.REJECTED, *ENDED), CONCERNED),
}


@pytest.mark.parametrize("state", State)
def test_who_sees_which_state(world: World, state: State) -> None:
    """Of a request that ``zab:essen`` was asked about in the first round, and that was never pooled."""
    request_id = world.enter()
    world.put(request_id, state, asked_zab_id=world.actors["zab"].organisation_id)
    for login in (each for each in ACCOUNTS if each not in ("admin", "abh-second", "zab-second")):
        alone, listed = world.get(login, f"/requests/{request_id}"), world.get(login, "/requests")
        expected = login in SEEN[state]
        assert alone.status_code == (200 if expected else 404), (login, alone.text)
        assert [item["id"] for item in listed.json()["items"]] == ([request_id] if expected else []), login
        if expected and login not in ("abh", "zab", "lead"):
            assert alone.json()["view"] == "coarse", login
    refused(world.get("admin", f"/requests/{request_id}"), 403, "role_may_not")
    refused(world.get("admin", "/requests"), 403, "role_may_not")


def test_the_zab_that_has_promised_sees_it_whole_until_it_backs_out(world: World) -> None:
    request_id = marked(world)
    world.propose(request_id)
    assert world.get("zab", f"/requests/{request_id}").json()["view"] == "full"
    other = world.get("zab-other", f"/requests/{request_id}")
    assert (other.json()["view"], leaks(other.text)) == ("coarse", [])
    assert other.json()["offer"]["zab"] == "zab:essen"
    world.take("zab", request_id, Action.CONFIRM)
    assert world.get("zab", f"/requests/{request_id}").json()["view"] == "full"
    refused(world.get("zab-other", f"/requests/{request_id}"), 404, "not_found")
    world.take("zab", request_id, Action.BACK_OUT, "crew_ill")
    for login in ("zab", "zab-other"):
        assert world.get(login, f"/requests/{request_id}").json()["view"] == "coarse"
    world.propose(request_id, "zab:koeln")
    world.take("zab-other", request_id, Action.CONFIRM)
    assert world.get("zab-other", f"/requests/{request_id}").json()["view"] == "full"
    assert world.get("zab", f"/requests/{request_id}").json()["view"] == "coarse", "it had a proposal once"


def test_central_bodies_see_an_end_only_of_what_was_pooled(world: World) -> None:
    request_id = world.enter(enter_as="pool")
    assert world.step("abh", request_id, "cancel", {"code": "date_moved"}).status_code == 200
    assert world.get("zfa", f"/requests/{request_id}").status_code == 200
    assert world.get("zrk", f"/requests/{request_id}").status_code == 200
    refused(world.get("zab", f"/requests/{request_id}"), 404, "not_found")


def test_lists_are_filtered_and_paged(world: World) -> None:
    ids = [world.enter(f"A-{number}") for number in range(5)]
    late = content()["pickup"] | {"earliest": "2026-10-05T08:00:00+02:00"}
    ids.append(world.enter("B-1", pickup=late, enter_as="pool"))
    seen, after = [], None
    while True:
        page = world.get("abh", "/requests", params={"limit": 2} | ({"after": after} if after else {})).json()
        seen += [item["id"] for item in page["items"]]
        after = page["next"]
        if after is None:
            break
    assert seen == ids[::-1], "newest first, none twice, none left out"

    def only(**params: Any) -> list[str]:
        return [item["id"] for item in world.get("abh", "/requests", params=params).json()["items"]]

    assert only(state="pooled") == ids[5:]
    assert only(case_reference="A-3") == [ids[3]]
    assert only(pickup_from="2026-10-05T08:00:00+02:00") == ids[5:]
    assert only(pickup_to="2026-10-05T08:00:00+02:00") == ids[4::-1]
    world.now = NOW + timedelta(minutes=5)
    assert world.call("abh", "PUT", f"/requests/{ids[1]}", json=content("A-1", luggage=2), etag="*").status_code == 200
    assert only(updated_since=world.now.isoformat()) == [ids[1]]
    assert [i["id"] for i in world.get("auditor", "/requests", params={"case_reference": "A-3"}).json()["items"]] == (
        ids[::-1]
    ), "nobody else may look for a case"


# --- amending ---------------------------------------------------------------------------------------------------------


def test_an_amendment_needs_the_present_version(world: World) -> None:
    request_id = world.enter()
    seen = world.get("abh", f"/requests/{request_id}")
    path, sent = f"/requests/{request_id}", content(luggage=3)
    refused(world.call("abh", "PUT", path, json=sent), 428, "version_missing")
    answer = world.call("abh", "PUT", path, json=sent, etag=seen.headers["etag"])
    assert answer.status_code == 200, answer.text
    assert answer.json()["content"]["luggage"] == 3
    assert answer.headers["etag"] != seen.headers["etag"]
    again = world.call("abh", "PUT", path, json=content(), etag=seen.headers["etag"])
    refused(again, 412, "version_changed")
    assert again.headers["etag"] == answer.headers["etag"] == world.get("abh", path).headers["etag"]
    (decision,) = world.decisions(request_id)
    assert (decision.action, decision.details) == (Action.AMEND, {"fields": ["luggage"]})


AMENDED = {
    State.DRAFT: State.DRAFT, State.REJECTED: State.REJECTED, State.POOLED: State.POOLED, State.EXPIRED: State.POOLED,
    State.PROPOSED: State.POOLED, State.COUNTER_PROPOSED: State.POOLED,
}  # fmt: skip


@pytest.mark.parametrize("state", State)
def test_what_may_be_amended(world: World, state: State) -> None:
    request_id = world.enter()
    world.put(request_id, state)
    answer = world.call("abh", "PUT", f"/requests/{request_id}", json=content(luggage=3), etag="*")
    if state in AMENDED:
        assert answer.status_code == 200, answer.text
        assert world.state(request_id) is AMENDED[state]
        assert len(world.matches()) == (AMENDED[state] is State.POOLED)
    else:
        assert answer.status_code == 409
        assert answer.json()["code"] in ("state_forbids", "already_decided")
        assert world.row(request_id).content["luggage"] == 0
    assert world.call("abh-other", "PUT", f"/requests/{request_id}", json=content(), etag="*").status_code == 404


def test_an_amendment_ends_what_was_offered(world: World) -> None:
    request_id = world.enter(enter_as="pool")
    proposal = world.propose(request_id)
    world.put(request_id, State.PROPOSED, reasons={"items": []})
    assert world.call("abh", "PUT", f"/requests/{request_id}", json=content(luggage=9), etag="*").status_code == 200
    assert world.state(request_id) is State.POOLED
    assert world.row(request_id).reasons is None
    assert str(world.decisions(request_id)[-1].proposal_id) == proposal
    assert world.get("abh", f"/requests/{request_id}").json()["offer"] is None


def test_another_date_lifts_the_bars_of_the_old_one(world: World) -> None:
    request_id = world.enter(enter_as="pool")
    with world.store.writing() as session:
        for login, until in (("zab", None), ("zab-other", rows.hours(40))):
            zab_id = world.actors[login].organisation_id
            session.add(Bar(request_id=world.row(request_id).id, zab_id=zab_id, until=until, created_at=NOW))
    later = content()["pickup"] | {"latest": "2026-10-05T09:30:00+02:00"}
    assert world.call("abh", "PUT", f"/requests/{request_id}", json=content(pickup=later), etag="*").status_code == 200
    assert world.count(Bar) == 2, "the same date"
    moved = json.loads(json.dumps(content()).replace("2026-10-05", "2026-10-06"))
    assert world.call("abh", "PUT", f"/requests/{request_id}", json=moved, etag="*").status_code == 200
    assert world.count(Bar) == 1, "what holds until an instant stays"
    assert world.call("abh", "PUT", f"/requests/{request_id}", json=content(), etag="*").status_code == 200
    assert world.count(Bar) == 2, "back on the old date the old bars hold again"


# --- history and reasons ----------------------------------------------------------------------------------------------


def test_the_history_is_shown_to_those_concerned(world: World) -> None:
    request_id = world.enter(enter_as="pool")
    world.propose(request_id)
    world.take("zab", request_id, Action.DECLINE_ESCALATE, "other")

    def history(login: str) -> list[tuple[str, str | None]]:
        items = world.get(login, f"/requests/{request_id}/decisions").json()["items"]
        return [(item["action"], item["remark"]) for item in items]

    assert history("abh") == [("pool", ""), ("propose", ""), ("decline_escalate", "because")]
    assert history("ltrako") == [("pool", None), ("propose", None), ("decline_escalate", None)]
    assert history("zab") == [("propose", None), ("decline_escalate", None)]
    assert history("zab-other") == []
    refused(world.get("zfa", f"/requests/{request_id}/decisions"), 403, "role_may_not")


def test_reasons_are_shown_in_both_languages_without_the_others_rides(world: World) -> None:
    request_id = world.enter(enter_as="pool")
    shown = world.get("abh", f"/requests/{request_id}/reasons").json()
    assert shown == {"matched_at": None, "items": []}
    item = {
        "zab": "E", "duty": "DUTY-MARKER", "obstacle": "tour", "rule": "ride_time",
        "texts": {"de": "zu lang", "en": "long"}, "actions": {"de": "früher", "en": "earlier"},
        "displaces": ["OTHER-MARKER"],
    }  # fmt: skip
    world.put(request_id, State.POOLED, reasons={"items": [item, item | {"rule": "detour"}]}, matched_at=NOW)
    answer = world.get("abh", f"/requests/{request_id}/reasons")
    first = answer.json()["items"][0]
    assert (first["texts"], first["actions"], first["displaces"]) == (item["texts"], item["actions"], 1)
    assert "MARKER" not in answer.text
    entry = world.get("zab", "/pool").json()["items"][0]
    assert entry["reasons"] == [{"zab": "E", "obstacle": "tour", "rule": "ride_time"}], "the first of each ZAB"
