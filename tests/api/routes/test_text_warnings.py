"""Free text over HTTP: stored, with a warning to whoever wrote it, at every place where it enters."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from tests.api.house import House, request_body

ANY_DATABASE = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
"""What a text may give away does not depend on where it is stored."""
TEXT = "Frau Musterfrau, Tel. 0201 123456"
FOUND = [("name_like", 0, 15), ("phone_like", 17, 33)]


def told(answer: dict[str, Any], path: str) -> list[tuple[str, int, int]]:
    warnings = answer["warnings"]
    assert {each["path"] for each in warnings} <= {path}
    assert all(set(each["texts"]) == {"de", "en"} for each in warnings)
    assert "Musterfrau" not in json.dumps(warnings)
    return [(each["code"], each["start"], each["end"]) for each in warnings]


@ANY_DATABASE
def test_a_request_is_stored_with_a_warning(house: House) -> None:
    body = request_body(1, free_text=TEXT) | {"enter_as": "pool"}
    answer = house["abh"].call("POST", "/requests", body)
    assert answer.status_code == 201
    assert told(answer.json(), "/free_text") == FOUND
    request = answer.json()["id"]
    record = house["abh"].call("GET", f"/requests/{request}")
    assert record.json()["content"]["free_text"] == TEXT
    assert told(record.json(), "/free_text") == FOUND
    mended = house["abh"].call(
        "PUT", f"/requests/{request}", request_body(1, free_text="Klingel links"), if_match=record.headers["ETag"]
    )
    assert mended.json()["warnings"] == []
    assert house["essen"].get(f"/requests/{request}")["warnings"] == []
    source = {"at": "2026-10-20T21:59:00Z", "regime": "604/2013", "source": "Herr Mustermann, BAMF"}
    answer = house["abh"].call("POST", "/requests", dict(request_body(2, deadline=source)))
    assert told(answer.json(), "/deadline/source") == [("name_like", 0, 15)]


@ANY_DATABASE
def test_each_reason_and_remark(house: House, engine: Engine) -> None:
    house.duty("zab:essen")
    asked = house["abh"].call("POST", "/requests", dict(request_body(9)) | {"enter_as": "ask", "zab": "zab:koeln"})
    said = house["koeln"].do(f"/requests/{asked.json()['id']}/reject", {"code": "no_vehicle", "remark": TEXT})
    assert told(said, "/remark") == FOUND
    request = house.pooled(1)
    house.match()
    offer = house.offer_of(request)
    assert offer is not None
    path = f"/proposals/{offer['id']}"
    condition = {"code": "crew_pending", "condition": TEXT, "owner": "zab:essen", "until": offer["pickup_at"]}
    assert told(house["essen"].do(f"{path}/confirm-provisionally", condition), "/condition") == FOUND
    assert told(house["essen"].do(f"{path}/meet-condition"), "/remark") == []
    assert told(house["essen"].do(f"{path}/back-out", {"code": "crew_ill", "remark": TEXT}), "/remark") == FOUND
    asking = {"rule": "detour", "reason": TEXT}
    answer = house["abh"].call("POST", f"/requests/{request}/overrides", asking)
    assert answer.status_code == 202, answer.text
    assert told(answer.json(), "/reason") == FOUND
    stopped = house["ltrako"].call("POST", f"/requests/{request}/stop", {"code": "court", "remark": TEXT})
    assert told(stopped.json(), "/remark") == FOUND
    lift = house["abh"].do(f"/requests/{request}/lift-stop", {"code": "other", "remark": TEXT})
    assert told(lift, "/remark") == FOUND


@ANY_DATABASE
def test_decline_counter_and_cancel(house: House) -> None:
    house.duty("zab:essen")
    house.duty("zab:koeln", depot="05315000")
    request = house.pooled(1)
    house.match()
    offer = house.offer_of(request)
    assert offer is not None
    counter = {"code": "other_time", "pickup_at": offer["pickup_at"], "handover_at": None, "remark": TEXT}
    assert told(house["essen"].do(f"/proposals/{offer['id']}/counter", counter), "/remark") == FOUND
    house["abh"].do(f"/proposals/{offer['id']}/refuse-counter")
    house.match()
    offer = house.offer_of(request)
    assert offer is not None
    zab = offer["zab"].removeprefix("zab:")
    declined = house[zab].do(f"/proposals/{offer['id']}/decline", {"code": "distance", "remark": TEXT})
    assert told(declined, "/remark") == FOUND
    settled = house["ltrako"].do(f"/requests/{request}/settle", {"code": "agreed", "remark": TEXT})
    assert told(settled, "/remark") == FOUND
    cancelled = house["abh"].do(f"/requests/{request}/cancel", {"code": "duplicate", "remark": TEXT})
    assert told(cancelled, "/remark") == FOUND


@ANY_DATABASE
def test_imports_warn_by_row_and_column(house: House) -> None:
    header = "request;people;pickup_place;pickup_from;pickup_to;handover_place;departure;remark"
    row = "{};adult:m:1;Essen;05.10.2026 07:00;05.10.2026 09:00;DUS;05.10.2026 13:00;{}"
    rows = "\n".join([header, row.format("R-1", "Klingel links"), row.format("R-2", TEXT)])
    headers = {"Authorization": f"ApiKey {house['abh'].key}", "Content-Type": "text/csv", "Idempotency-Key": "rows"}
    answer = house.client.post("/v1/requests/imports", content=rows.encode(), headers=headers)
    assert answer.status_code == 201, answer.text
    (name, phone) = answer.json()["warnings"]
    assert (name["row"], name["path"], name["code"]) == (3, "remark", "name_like")
    assert (phone["row"], phone["path"], phone["code"]) == (3, "remark", "phone_like")
    assert answer.json()["accepted"] == 2
    assert "Musterfrau" not in answer.text
    headers |= {"Content-Type": "application/json", "Idempotency-Key": "items"}
    items = json.dumps([dict(request_body(5, free_text=TEXT))])
    answer = house.client.post("/v1/requests/imports?dry_run=true", content=items, headers=headers)
    assert {(each["row"], each["path"]) for each in answer.json()["warnings"]} == {(1, "/free_text")}


@ANY_DATABASE
def test_the_drop_folder_gets_them_beside_the_file(house: House, tmp_path: Path) -> None:
    from api.actor import SYSTEM
    from api.db.tables import RunKind
    from api.jobs import nightly
    from api.mapping.horizon import Horizon
    from api.services import runs
    from optimizer.params import SolveParams

    night = house.now.date()
    with house.store.writing() as session:
        made = runs.queue(
            session, SYSTEM, RunKind.NIGHTLY, Horizon(first=night, last=night), SolveParams(time_limit=1),
            now=house.now, night=night,
        )  # fmt: skip
        run = made.id
    folder = house.context.settings.drop_folder
    folder.mkdir()
    item = {"authority": "05315000"} | dict(request_body(1, free_text=TEXT))
    (folder / "day.json").write_text(json.dumps([item]))
    nightly.take_in(house.context, run, folder / "day.json")
    (beside,) = (folder / "done").glob("*.warnings.json")
    found = json.loads(beside.read_text())
    assert [(each["row"], each["code"]) for each in found["warnings"]] == [(1, "name_like"), (1, "phone_like")]
    assert "Musterfrau" not in beside.read_text()
