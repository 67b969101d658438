"""The burden ledger through HTTP, on both databases."""

from __future__ import annotations

from datetime import date

import pytest

from api.services.ledger import prior_load
from tests.api.decision_world import Desk, refused
from tests.api.house import House


@pytest.fixture
def desk(house: House) -> Desk:
    return Desk(house)


def test_all_zabs_see_the_same_and_others_nothing(desk: Desk) -> None:
    _, _, kept = desk.confirmed(1)
    _, _, given_back = desk.confirmed(2)
    _, _, declined = desk.offered(3)
    desk.house["essen"].do(f"/proposals/{given_back}/back-out", {"code": "crew_ill"})
    desk.house["essen"].do(f"/proposals/{declined}/decline", {"code": "distance"})
    desk.house.now = desk.proposal(kept).pickup_at
    desk.house["essen"].do(f"/proposals/{kept}/depart")
    desk.house["essen"].do(f"/proposals/{kept}/hand-over")
    seen = [desk.house[name].get("/ledger?month=2026-10") for name in ("essen", "koeln-lead", "ltrako")]
    assert seen[0] == seen[1] == seen[2]
    essen, koeln = (next(row for row in seen[0]["zabs"] if row["zab"] == f"zab:{zab}") for zab in ("essen", "koeln"))
    assert (essen["accepted"]["requests"], essen["backed_out"], essen["done"]["requests"]) == (2, 1, 1)
    assert essen["declined"] == {"bar": 0, "correct": 0, "wait": 0, "escalate": 1}
    assert essen["done"]["km"] > 20
    assert essen["done"]["crew_hours"] > 1
    assert essen["done"]["custody_minutes"] > 20
    assert koeln["accepted"]["requests"] == 0
    for name in ("abh", "zfa", "zrk", "auditor", "admin"):
        refused(desk.house[name].call("GET", "/ledger"), 403, "role_may_not")
    with desk.house.store.reading() as session:
        assert prior_load(session, date(2026, 10, 1)) == {desk.house["essen"].organisation_id: 1}
        assert prior_load(session, date(2026, 11, 1)) == {}


def test_the_month_is_that_of_the_pick_up_and_the_present_one_unless_named(desk: Desk) -> None:
    desk.confirmed(1)
    assert desk.house["essen"].get("/ledger")["month"] == "2026-10-01"
    assert desk.house["essen"].get("/ledger?month=2026-11")["zabs"][0]["accepted"]["requests"] == 0
    refused(desk.house["essen"].call("GET", "/ledger?month=2026-13"), 422, "parameter_invalid")
