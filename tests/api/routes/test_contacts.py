"""Contacts of the ZRK: offices, never persons; nobody else reads or writes them; every change is in the log."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from api.db.tables import AuditEntry
from tests.api.decision_world import refused
from tests.api.house import House

SQLITE = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
OFFICE: dict[str, Any] = {
    "state": "TR", "body": "embassy", "office": "Botschaft, Konsularabteilung", "phone": "+49 30 0000000",
    "mail": "konsulat@botschaft.example", "languages": ["tr", "de"], "notes": "Vordruck in zwei Sprachen",
}  # fmt: skip


def entered(house: House, **fields: Any) -> dict[str, Any]:
    answer = house["zrk"].call("POST", "/contacts", OFFICE | fields)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def test_the_zrk_enters_finds_changes_and_retires_offices(house: House) -> None:
    key = entered(house)["id"]
    entered(house, state="GE", body="health_authority", office="Ministry of Health", mail=None, phone=None)
    assert [each["content"]["state"] for each in house["zrk"].get("/contacts")["items"]] == ["GE", "TR"]
    assert [each["id"] for each in house["zrk"].get("/contacts?state=TR")["items"]] == [key]
    assert house["zrk"].get("/contacts?body=clinic")["items"] == []
    assert house["zrk"].get(f"/contacts/{key}")["content"] == OFFICE

    path = f"/contacts/{key}"
    refused(house["zrk"].call("PUT", path, OFFICE), 428, "version_missing")
    changed = house["zrk"].call("PUT", path, OFFICE | {"phone": "+49 30 1111111"}, if_match='"1"')
    assert (changed.status_code, changed.json()["content"]["phone"]) == (200, "+49 30 1111111")
    refused(house["zrk"].call("PUT", path, OFFICE, if_match='"1"'), 412, "version_changed")
    assert house["zrk"].do(f"{path}/retire")["is_active"] is False
    assert [each["id"] for each in house["zrk"].get("/contacts?is_active=false")["items"]] == [key]
    assert house["zrk"].do(f"{path}/reinstate")["is_active"] is True

    with house.store.reading() as session:
        query = select(AuditEntry).where(AuditEntry.subject_kind == "contact", AuditEntry.subject_id == key)
        lines = list(session.scalars(query.order_by(AuditEntry.number)))
        assert [line.action for line in lines] == ["created", "changed", "taken_out_of_use", "put_into_use"]
        assert lines[1].details == {"fields": ["phone"]}


@SQLITE
def test_nobody_else_reads_or_writes(house: House) -> None:
    key = entered(house)["id"]
    for name, caller in house.people.items():
        if name == "zrk":
            continue
        for method, path in (("GET", "/contacts"), ("GET", f"/contacts/{key}"), ("POST", "/contacts")):
            refused(caller.call(method, path, OFFICE if method == "POST" else None), 403, "role_may_not")


@SQLITE
@pytest.mark.parametrize(
    "change",
    [
        {"mail": "erika.mustermann@botschaft.example"}, {"mail": "e.mustermann@ministry.example"},
        {"mail": "mustermann@embassy.example"}, {"mail": "ambrosius@embassy.example"}, {"mail": "info"},
        {"office": "Frau Mustermann, Konsularabteilung"}, {"office": "Dr. Muster"}, {"notes": "Mr Muster fragen"},
        {"notes": "Besser an erika@post.example"}, {"phone": "030 000"}, {"state": "Turkey"}, {"languages": ["german"]},
        {"contact_person": "X"},
    ],
    ids=str,
)  # fmt: skip
def test_what_looks_like_a_person_is_refused(house: House, change: dict[str, Any]) -> None:
    answer = house["zrk"].call("POST", "/contacts", OFFICE | change)
    refused(answer, 422, "body_invalid")
    assert "ustermann" not in answer.text
    assert house["zrk"].get("/contacts")["items"] == []


@SQLITE
@pytest.mark.parametrize(
    "mail",
    [
        "info@x.example", "consular.section@x.example", "konsularabteilung@x.example", "visa2@x.example",
        "return-unit@x.example", "botschaft.ankara@x.example", "health-attache-office@x.example",
    ],
)  # fmt: skip
def test_functional_mailboxes_are_taken(house: House, mail: str) -> None:
    assert entered(house, mail=mail)["content"]["mail"] == mail
