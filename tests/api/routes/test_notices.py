"""Notices through HTTP, on both databases."""

from __future__ import annotations

import uuid

import pytest

from api.services import notices
from api.workflow import Role
from tests.api.decision_world import Desk, refused
from tests.api.house import House


@pytest.fixture
def desk(house: House) -> Desk:
    return Desk(house)


def tell(desk: Desk, name: str, kind: str, subject: str, **more: object) -> str:
    def work(session: object) -> str:
        made = notices.notify(
            session, desk.house[name].organisation_id, kind, "duty", subject, now=desk.house.now, **more  # type: ignore[arg-type]
        )  # fmt: skip
        return str(made.id)

    return desk.house.store.write(work)


def test_each_sees_its_own_and_those_of_its_role(desk: Desk) -> None:
    tell(desk, "essen", "one", "a")
    tell(desk, "essen", "two", "a", role=Role.ZAB_LEAD)
    tell(desk, "koeln", "three", "a")
    assert desk.notices("essen") == ["one"]
    assert desk.notices("essen-lead") == ["one", "two"]
    assert desk.notices("koeln") == ["three"]
    assert desk.notices("abh") == []
    assert [item["kind"] for item in desk.house["essen-lead"].get("/notices?kind=two")["items"]] == ["two"]


def test_there_is_one_of_each_kind_and_subject_and_it_opens_again(desk: Desk) -> None:
    first = tell(desk, "essen", "one", "a", code="old")
    assert tell(desk, "essen", "one", "a", code="new") == first
    tell(desk, "essen", "one", "b")
    assert desk.notices("essen") == ["one", "one"]
    done = desk.house["essen"].call("POST", f"/notices/{first}/done")
    assert (done.status_code, done.json()["code"]) == (200, "new")
    again = desk.house["essen"].call("POST", f"/notices/{first}/done")
    assert again.json()["done_at"] == done.json()["done_at"]
    assert desk.notices("essen") == ["one"]
    assert [item["id"] for item in desk.house["essen"].get("/notices?is_done=true")["items"]] == [first]
    tell(desk, "essen", "one", "a")
    assert desk.notices("essen") == ["one", "one"]
    desk.house.check()


def test_others_notices_are_not_there(desk: Desk) -> None:
    notice = tell(desk, "essen", "one", "a", role=Role.ZAB_LEAD)
    for name in ("koeln", "essen", "auditor"):
        refused(desk.house[name].call("POST", f"/notices/{notice}/done"), 404, "not_found")
    refused(desk.house["essen"].call("POST", f"/notices/{uuid.uuid4()}/done"), 404, "not_found")


def test_notices_come_in_pages_newest_first(desk: Desk) -> None:
    made = [tell(desk, "essen", "one", str(number)) for number in range(5)]
    page = desk.house["essen"].get("/notices?limit=3")
    assert [item["id"] for item in page["items"]] == made[:1:-1]
    rest = desk.house["essen"].get(f"/notices?limit=3&after={page['next']}")
    assert [item["id"] for item in rest["items"]] == made[1::-1]
