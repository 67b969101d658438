"""HEAD is GET without content: who may, what is logged and what is refused are the same."""

from __future__ import annotations

from sqlalchemy import func, select

from api.db.tables import AuditEntry
from tests.api.house import House


def _reads(house: House) -> int:
    with house.store.reading() as session:
        return session.scalars(select(func.count()).where(AuditEntry.action == "address_read")).one()


def test_to_ask_for_the_head_of_a_staged_field_is_a_read_and_is_logged_as_one(house: House) -> None:
    request = house.pooled()
    path = f"/requests/{request}/address"
    assert house["abh"].call("PUT", path, {"address": "Musterstr. 1, 45127 Essen"}).status_code == 200
    answer = house["abh"].call("HEAD", f"{path}?purpose=check")
    assert (answer.status_code, answer.content, _reads(house)) == (200, b"", 1)
    assert house["abh"].call("HEAD", path).status_code == 422, "without a purpose"
    for other in ("abh-other", "essen", "admin"):
        refused = [house[other].call(method, f"{path}?purpose=check").status_code for method in ("HEAD", "GET")]
        assert refused[0] == refused[1] >= 403
    assert _reads(house) == 1


def test_head_answers_as_get_does_for_each_role(house: House) -> None:
    for path in ("/requests", "/reason-codes", "/me", "/metrics", "/audit", "/nowhere"):
        for name in ("abh", "essen", "auditor", "admin"):
            asked, answer = house[name].call("HEAD", path), house[name].call("GET", path)
            assert (asked.status_code, asked.content) == (answer.status_code, b""), (path, name)
            assert asked.headers.get("content-type") == answer.headers.get("content-type")
        assert house.client.head(f"/v1{path}").status_code == house.client.get(f"/v1{path}").status_code
    assert house.client.head("/sign-in").status_code == 200
