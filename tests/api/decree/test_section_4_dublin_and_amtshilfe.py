"""Decree of 26 February 2024, measure 4: Dublin transfers and Amtshilfe, through HTTP, with the roles it names.

ZABs take over all Dublin transfers from state facilities of their Bezirk. Where somebody is assigned to a municipality
before the transfer deadline, the ZAB of the Bezirk of assignment examines with the ABH whether it takes over. After a
failed attempt with days left a new measure is examined (decree of 30.08.2024). Responsibility never moves.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.api.house import House, request_body
from tests.api.jobs.plan_world import hours

SOURCE = "BAMF, Zustimmung vom 01.09.2026"
OWNER = "abh:05113000"


def transfer(number: int = 1, *, deadline: float = 30, **fields: Any) -> dict[str, Any]:
    """A Dublin transfer from a state facility in Essen; ``deadline`` in days after the pick-up."""
    known = {
        "pickup_type": "state_facility", "rejection": None,
        "deadline": {"at": hours(10, days=int(deadline)).isoformat(), "regime": "604/2013", "source": SOURCE},
    }  # fmt: skip
    return request_body(number, **(known | fields))


def entered(house: House, body: dict[str, Any], *, by: str = "abh", **how: str) -> str:
    answer = house[by].call("POST", "/requests", body | (how or {"enter_as": "pool"}))
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def shown(house: House, request: str, *, by: str = "abh") -> dict[str, Any]:
    found: dict[str, Any] = house[by].get(f"/requests/{request}")
    return found


def steps(house: House, request: str) -> list[tuple[str, str, str]]:
    items = house["abh"].get(f"/requests/{request}/decisions")["items"]
    return [(item["action"], item["role"], item["after"]) for item in items]


def notices(house: House, who: str, kind: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = house[who].get(f"/notices?kind={kind}")["items"]
    return found


def tasks(house: House, who: str, **filters: str) -> list[dict[str, Any]]:
    query = "&".join(f"{name}={value}" for name, value in filters.items())
    found: list[dict[str, Any]] = house[who].get(f"/tasks?{query}")["items"]
    return found


def failed(answer: Any, status: int, code: str) -> dict[str, Any]:
    assert (answer.status_code, answer.json().get("code")) == (status, code), answer.text
    told: dict[str, Any] = answer.json()
    return told


# --- transfers from state facilities ----------------------------------------------------------------------------------


@pytest.mark.parametrize("how", [{"enter_as": "pool"}, {"enter_as": "ask", "zab": "zab:koeln"}], ids=["pool", "ask"])
def test_whatever_the_owner_chooses_the_zab_of_the_facilitys_bezirk_is_asked_first(
    house: House, how: dict[str, str]
) -> None:
    house.duty("zab:koeln", depot="05315000")
    request = entered(house, transfer(), **how)

    seen = shown(house, request)
    assert (seen["state"], seen["asked_zab"]) == ("asked", str(house["essen"].organisation_id))
    assert seen["asked_first"]["code"] == "dublin_state_facility"
    assert "26.02.2024" in seen["asked_first"]["source"]
    assert datetime.fromisoformat(seen["asked_first"]["until"]) > house.now
    assert house.match() == 0, "it is not in the pool"
    assert house["koeln"].call("GET", f"/requests/{request}").status_code == 404
    assert shown(house, request, by="essen")["view"] == "full", "who is asked sees what there is to carry"
    (told,) = notices(house, "abh", "asked_first")
    assert (told["code"], told["details"]["zab"]) == ("dublin_state_facility", "zab:essen")
    assert "2024-0002779" in told["details"]["source"]
    (told,) = notices(house, "essen", "asked_to_carry")
    assert told["due_at"] == seen["asked_first"]["until"]

    failed(house["koeln"].call("POST", f"/requests/{request}/reject", {"code": "no_staff"}, if_match="*"), 404,
           "not_found")  # fmt: skip
    failed(house["essen"].call("POST", f"/requests/{request}/reject", {}, if_match="*"), 422, "body_invalid")
    house["essen"].do(f"/requests/{request}/reject", {"code": "no_vehicle"})

    assert steps(house, request) == [
        ("ask", "system", "asked"), ("reject", "zab_dispatcher", "rejected"), ("pool", "system", "pooled"),
    ]  # fmt: skip
    (told,) = notices(house, "abh", "first_round_ended")
    assert told["code"] == "no_vehicle"
    assert notices(house, "essen", "asked_to_carry") == []
    assert shown(house, request)["content"]["rejection"] == {"by": "zab:essen", "code": "no_vehicle"}
    assert house.match() == 1
    offer = house.offer_of(request)
    assert offer is not None
    assert offer["zab"] == "zab:koeln", "from then on the exchange goes its way"
    house["koeln"].do(f"/proposals/{offer['id']}/confirm")
    assert shown(house, request)["owner"] == OWNER
    house.check()


def test_the_zab_of_the_bezirk_takes_it_and_it_never_enters_the_pool(house: House) -> None:
    duty = house.duty("zab:essen")
    request = entered(house, transfer())
    house["essen"].do(f"/requests/{request}/accept", {"duty_id": duty})
    assert house.state(request) == "confirmed"
    assert [step[0] for step in steps(house, request)] == ["ask", "accept"]
    assert shown(house, request)["asked_first"] is None
    house.check()


def test_its_silence_opens_the_pool_and_promises_nothing(house: House) -> None:
    house.duty("zab:essen")
    house.duty("zab:koeln", depot="05315000")
    request = entered(house, transfer())
    house.now = datetime.fromisoformat(shown(house, request)["asked_first"]["until"]) - timedelta(seconds=1)
    house.tick()
    assert house.state(request) == "asked"
    house.later(seconds=1)
    house.tick()
    house.tick()
    assert house.state(request) == "expired", "nobody answered: it is on the board, and matched"
    assert [step[0] for step in steps(house, request)] == ["ask", "expire"]
    for who in ("abh", "essen-lead", "ltrako"):
        assert len(notices(house, who, "first_round_ended")) == 1, who
    assert request in [item["id"] for item in house["koeln"].get("/pool")["items"]]
    house.match()
    offer = house.offer_of(request)
    assert offer is not None
    assert offer["zab"] == "zab:koeln", "who did not answer is not asked again at once"
    house.check()


def test_a_draft_that_is_pooled_or_asked_elsewhere_goes_there_too(house: House) -> None:
    pooled = entered(house, transfer(1), enter_as="draft")
    house["abh"].do(f"/requests/{pooled}/pool")
    asked = entered(house, transfer(2), enter_as="draft")
    house["abh"].do(f"/requests/{asked}/ask", {"zab": "zab:koeln"})
    for request in (pooled, asked):
        assert shown(house, request)["asked_zab"] == str(house["essen"].organisation_id)
    told = house["abh"].call("POST", f"/requests/{pooled}/reject", {"code": "no_staff"}, if_match="*")
    failed(told, 403, "role_may_not")
    assert house.state(pooled) == "asked", "nobody answers on behalf of a ZAB that the decree names"
    house.check()


def test_what_becomes_a_transfer_from_a_facility_in_the_pool_is_asked_first_and_only_once_a_day(house: House) -> None:
    body = transfer(pickup_type="dwelling")
    request = entered(house, body)
    assert house.state(request) == "pooled"

    def amend(**fields: Any) -> str:
        tag = house["abh"].call("GET", f"/requests/{request}").headers["ETag"]
        answer = house["abh"].call("PUT", f"/requests/{request}", body | fields, if_match=tag)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["state"])

    assert amend(pickup_type="state_facility") == "asked"
    house["essen"].do(f"/requests/{request}/reject", {"code": "no_staff"})
    assert amend(pickup_type="state_facility", luggage=1) == "pooled", "it has answered for this day"
    other_day = transfer(pickup_type="state_facility", days=1)
    assert amend(pickup=other_day["pickup"], handover=other_day["handover"], pickup_type="state_facility") == "asked"
    house.check()


@pytest.mark.parametrize(
    "fields",
    [
        {"pickup_type": "dwelling"},
        {"case_type": "country_of_origin"},
        {"rejection": {"by": "zab:essen", "code": "no_vehicle"}},
        {"place": "05711000"},
    ],
    ids=["no facility", "no dublin", "it has rejected", "its zab is not here"],
)
def test_everything_else_goes_where_its_owner_puts_it(house: House, fields: dict[str, Any]) -> None:
    assert house.state(entered(house, transfer(**fields))) == "pooled"


# --- deadlines --------------------------------------------------------------------------------------------------------


def test_the_list_is_ordered_by_days_left_and_warns(house: House) -> None:
    near, far = entered(house, transfer(1, deadline=9)), entered(house, transfer(2, deadline=40))
    undated = entered(house, transfer(3, deadline=50) | {"deadline": None}, enter_as="pool")
    other = entered(house, transfer(4, deadline=20, place="05315000"), by="abh-other")

    def listed(who: str, query: str = "") -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = house[who].get(f"/dublin{query}")["items"]
        return found

    def ids(who: str, query: str = "") -> list[str]:
        return [item["request"]["id"] for item in listed(who, query)]

    assert ids("abh") == ids("essen") == [near, far]
    assert ids("koeln") == ids("abh-other") == [other]
    assert ids("ltrako") == ids("auditor") == [near, other, far]
    assert ids("essen", "?is_without_deadline=true") == [undated]
    (first, second) = listed("essen")
    assert (first["days_left"], second["days_left"]) == (13, 44)
    assert (first["regime"], first["source"]) == ("604/2013", SOURCE)
    assert first["regime_text"]["de"].startswith("Dublin-III")
    assert [(each["code"], each["level"]) for each in first["warnings"]] == [
        ("form_too_late", "red"), ("deadline_near", "warn"), ("not_movable", "note"),
    ]  # fmt: skip
    assert first["level"] == "red"
    assert "morgen" in first["warnings"][2]["text"]["de"]
    assert "tomorrow" in first["warnings"][2]["text"]["en"]
    assert first["request"]["view"] == "coarse"
    for who in ("zfa", "zrk", "admin"):
        assert house[who].call("GET", "/dublin").status_code == 403

    record = house["abh"].call("GET", f"/requests/{near}")
    path = f"/requests/{near}/dublin-form"
    failed(house["abh"].call("PUT", path, {"sent_on": "2026-10-02"}, if_match="*"), 422, "value_refused")
    noted = house["abh"].call("PUT", path, {"sent_on": "2026-09-24"}, if_match=record.headers["ETag"])
    assert noted.json()["form_sent_on"] == "2026-09-24"
    assert "form_too_late" not in [each["code"] for each in listed("essen")[0]["warnings"]]
    failed(house["abh"].call("PUT", path, {"sent_on": None}, if_match=record.headers["ETag"]), 412, "version_changed")
    house.check()


def test_a_deadline_is_entered_with_its_source_and_never_computed(house: House) -> None:
    without = transfer()
    without["deadline"] = without["deadline"] | {"source": ""}
    told = failed(house["abh"].call("POST", "/requests", without), 422, "value_refused")
    assert [error["path"] for error in told["errors"]] == ["/deadline/source"]
    request = entered(house, transfer() | {"deadline": None})
    assert shown(house, request)["content"]["deadline"] is None
    regimes = {each["id"]: each for each in house["abh"].get("/catalogue/regimes")}
    assert {"604/2013", "2024/1351", "detention_end", "none"} <= set(regimes)
    assert regimes["2024/1351"]["valid_from"] == "2026-07-01"


# --- Amtshilfe --------------------------------------------------------------------------------------------------------


def assigned(house: House, request: str, *, by: str = "abh", on: str = "2026-10-01", to: str = "05315000") -> Any:
    body = {"municipality": to, "assigned_on": on}
    return house[by].call("POST", f"/requests/{request}/amtshilfe", body)


def opened(house: House, request: str, **how: str) -> str:
    answer = assigned(house, request, **how)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


@pytest.mark.parametrize("teller", ["abh", "essen"])
def test_the_zab_of_assignment_examines_takes_over_and_carries_but_the_owner_stays(house: House, teller: str) -> None:
    duty = house.duty("zab:koeln", depot="05315000")
    request = entered(house, transfer())
    case = opened(house, request, by=teller)
    (task,) = tasks(house, "koeln")
    assert (task["kind"], task["subject_id"], task["request_id"]) == ("examine_amtshilfe", case, request)
    assert tasks(house, "essen") == tasks(house, "abh") == []
    assert shown(house, request, by="koeln")["view"] == "coarse", "who examines sees what everybody of the pool does"
    owner = shown(house, request)["owner"]

    path = f"/amtshilfe/{case}"
    failed(house["koeln"].call("POST", f"{path}/take-over", if_match="*"), 409, "state_forbids")
    failed(house["koeln"].call("POST", f"{path}/examine"), 428, "version_missing")
    failed(house["koeln"].call("POST", f"{path}/examine", if_match='"99"'), 412, "version_changed")
    refused = house["essen"].call("POST", f"{path}/examine", if_match="*")
    assert refused.status_code == (403 if teller == "essen" else 404)
    failed(house["abh"].call("POST", f"{path}/examine", if_match="*"), 403, "role_may_not")
    failed(house["koeln"].call("POST", f"/tasks/{task['id']}/done", {"code": "taken_over"}, if_match="*"), 409,
           "state_forbids")  # fmt: skip
    assert house["koeln"].do(f"{path}/examine")["state"] == "examined"
    assert house["koeln"].do(f"{path}/take-over")["state"] == "taken_over"

    (ended,) = tasks(house, "koeln", state="done")
    assert (ended["id"], ended["code"]) == (task["id"], "taken_over")
    (told,) = notices(house, "abh", "amtshilfe")
    assert told["code"] == "taken_over"
    seen = shown(house, request)
    assert (seen["state"], seen["asked_zab"]) == ("asked", str(house["koeln"].organisation_id))
    assert seen["asked_first"]["code"] == "amtshilfe_taken_over"
    assert house["essen"].call("GET", f"/requests/{request}").status_code == 404
    house["koeln"].do(f"/requests/{request}/accept", {"duty_id": duty})
    assert house.state(request) == "confirmed"
    # Responsibility for the case never moved: the owner alone amends, cancels, sees the history whole.
    assert shown(house, request)["owner"] == owner == OWNER
    failed(house["koeln"].call("POST", f"/requests/{request}/cancel", {"code": "duplicate"}, if_match="*"), 403,
           "role_may_not")  # fmt: skip
    house["abh"].do(f"/requests/{request}/cancel", {"code": "measure_ended"})
    again = house["koeln"].call("POST", f"{path}/take-over", if_match="*")
    failed(again, 409, "already_decided")
    house.check()


def test_what_was_taken_over_is_taken_from_the_pool_and_from_an_offer(house: House) -> None:
    house.duty("zab:essen")
    request = entered(house, transfer(pickup_type="dwelling"))
    house.match()
    offer = house.offer_of(request)
    assert offer is not None
    assert offer["zab"] == "zab:essen"
    case = opened(house, request)
    house["koeln"].do(f"/amtshilfe/{case}/examine")
    house["koeln"].do(f"/amtshilfe/{case}/take-over")
    assert house.state(request) == "asked"
    assert house.offer_of(request) is None
    assert [each["subject_id"] for each in notices(house, "essen", "withdrawn")] == [request]
    house.now = datetime.fromisoformat(shown(house, request)["asked_first"]["until"])
    house.tick()
    assert house.state(request) == "expired", "silence promises nothing here either"
    house.check()


def test_what_another_zab_has_promised_stays_with_it(house: House) -> None:
    duty = house.duty("zab:essen")
    request = entered(house, transfer())
    house["essen"].do(f"/requests/{request}/accept", {"duty_id": duty})
    case = opened(house, request)
    house["koeln"].do(f"/amtshilfe/{case}/examine")
    failed(house["koeln"].call("POST", f"/amtshilfe/{case}/take-over", if_match="*"), 409, "already_decided")
    house["koeln"].do(f"/amtshilfe/{case}/decline", {"code": "first_zab_carries"})
    assert house.state(request) == "confirmed"
    house.check()


def test_declined_with_a_reason_it_goes_on_as_it_was(house: House) -> None:
    request = entered(house, transfer(pickup_type="dwelling"))
    case = opened(house, request)
    assert failed(assigned(house, request), 409, "exists_already")["id"] == case
    path = f"/amtshilfe/{case}"
    house["koeln"].do(f"{path}/examine")
    failed(house["koeln"].call("POST", f"{path}/decline", {}, if_match="*"), 422, "body_invalid")
    failed(house["koeln"].call("POST", f"{path}/decline", {"code": "other"}, if_match="*"), 422, "reason_missing")
    declined = house["koeln"].do(f"{path}/decline", {"code": "no_capacity"})
    assert (declined["state"], declined["code"]) == ("declined", "no_capacity")
    assert house.state(request) == "pooled"
    assert [task["code"] for task in tasks(house, "koeln", state="done")] == ["declined"]
    (told,) = notices(house, "abh", "amtshilfe")
    assert (told["code"], told["details"]["code"]) == ("declined", "no_capacity")
    assert house["ltrako"].get("/amtshilfe?state=declined")["items"][0]["id"] == case
    again = opened(house, request, to="05314000")
    withdrawn = house["abh"].do(f"/amtshilfe/{again}/withdraw")
    assert withdrawn["state"] == "withdrawn"
    assert tasks(house, "koeln") == []
    house.check()


def test_an_assignment_that_opens_nothing(house: House) -> None:
    request = entered(house, transfer())
    late = failed(assigned(house, request, on="2026-11-05"), 422, "value_refused")
    assert [error["path"] for error in late["errors"]] == ["/assigned_on"]
    elsewhere = failed(assigned(house, request, to="09162000"), 422, "value_refused")
    assert [error["path"] for error in elsewhere["errors"]] == ["/municipality"]
    assert assigned(house, request, by="koeln").status_code == 404, "neither its owner nor the facility's ZAB"
    assert assigned(house, request, by="abh-other").status_code == 404
    undated = entered(house, transfer(2) | {"deadline": None})
    failed(assigned(house, undated), 422, "value_refused")
    other = entered(house, transfer(3, case_type="third_country"))
    failed(assigned(house, other), 409, "state_forbids")
    failed(assigned(house, other, by="koeln"), 403, "role_may_not")
    assert house["ltrako"].get("/amtshilfe")["items"] == []


def test_the_case_lapses_with_the_deadline_or_the_request(house: House) -> None:
    first, second = entered(house, transfer(1)), entered(house, transfer(2))
    cases = [opened(house, first), opened(house, second)]
    house["abh"].do(f"/requests/{first}/stop", {"code": "court"})
    assert house["koeln"].get(f"/amtshilfe/{cases[0]}")["state"] == "lapsed"
    assert [(task["request_id"], task["code"]) for task in tasks(house, "koeln", state="dropped")] == [
        (first, "request_ended")
    ]
    house.now = hours(10, days=30)
    house.tick()
    house.tick()
    assert house["koeln"].get(f"/amtshilfe/{cases[1]}")["state"] == "lapsed"
    assert tasks(house, "koeln") == []
    assert sorted(task["code"] for task in tasks(house, "koeln", state="dropped")) == [
        "deadline_passed", "request_ended",
    ]  # fmt: skip
    house.check()


# --- failed attempts --------------------------------------------------------------------------------------------------


def attempt(house: House, body: dict[str, Any], *, departs: bool = True) -> str:
    """Return a transfer that failed: at the door, or before the crew left."""
    duty = house.duty("zab:essen")
    request = entered(house, body, enter_as="ask", zab="zab:essen")
    house["essen"].do(f"/requests/{request}/accept", {"duty_id": duty})
    offer = house.offer_of(request)
    assert offer is not None
    if departs:
        house.now = datetime.fromisoformat(offer["pickup_at"])
        house["essen"].do(f"/proposals/{offer['id']}/depart")
    house["essen"].do(f"/proposals/{offer['id']}/fail", {"code": "not_met"})
    assert house.state(request) == "failed"
    return request


def test_with_days_left_a_new_measure_is_examined(house: House) -> None:
    request = attempt(house, transfer())
    (task,) = tasks(house, "abh")
    assert (task["kind"], task["request_id"], task["state"]) == ("examine_new_measure", request, "open")
    assert datetime.fromisoformat(task["due_at"]).date() == hours(0, days=23).date(), "its form still goes out in time"
    assert tasks(house, "essen") == []
    path = f"/tasks/{task['id']}"
    failed(house["essen"].call("POST", f"{path}/done", {"code": "measure_ended"}, if_match="*"), 404, "not_found")
    failed(house["abh"].call("POST", f"{path}/done", {"code": "no_idea"}, if_match="*"), 422, "value_refused")
    failed(house["abh"].call("POST", f"{path}/done", {"code": "measure_ended"}), 428, "version_missing")
    done = house["abh"].do(f"{path}/done", {"code": "new_date_asked"})
    assert (done["state"], done["code"], done["code_text"]["de"]) == (
        "done", "new_date_asked", "neuer Termin beim BAMF erbeten",
    )  # fmt: skip
    assert house["abh"].do(f"{path}/done", {"code": "new_date_asked"}) == done, "twice changes nothing"
    failed(house["abh"].call("POST", f"{path}/done", {"code": "measure_ended"}, if_match="*"), 409, "already_decided")
    house.check()


def test_the_task_is_dropped_where_it_is_asked_for_again(house: House) -> None:
    request = attempt(house, transfer(), departs=False)
    house["abh"].do(f"/requests/{request}/pool")
    assert tasks(house, "abh") == []
    assert [task["code"] for task in tasks(house, "abh", state="dropped")] == ["pooled_again"]
    assert house.state(request) == "asked", "of the same ZAB, which carried it before"
    house.check()


def test_the_task_is_dropped_with_the_deadline(house: House) -> None:
    attempt(house, transfer())
    house.now = hours(10, days=30)
    house.tick()
    house.tick()
    (task,) = tasks(house, "abh", state="dropped")
    assert task["code"] == "deadline_passed"
    house.check()


def test_without_days_left_or_for_another_measure_there_is_no_task(house: House) -> None:
    attempt(house, transfer(1, case_type="third_country"))
    over = transfer(2)
    over["deadline"]["at"] = hours(6).isoformat()
    house.now -= timedelta(days=2)
    attempt(house, over)
    assert house.now >= hours(6), "the pick-up was later than the deadline"
    assert tasks(house, "abh") == []
