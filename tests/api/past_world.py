"""Two days of the exchange as they were lived: what became of each request, then the days are over."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from tests.api.house import House, request_body
from tests.api.jobs.plan_world import DAY, hours

FIRST, LAST = "2026-10-05", "2026-10-06"
HOUR = 3600
LOCAL = 2 * HOUR
"""Local time is two hours ahead of UTC."""


def lived(house: House) -> dict[str, str]:
    """Let two days pass: ids by what became of them; afterwards it is the evening of the third day.

    ``promised`` rode by a promise of the first round, ``done`` by the exchange, ``failed`` was not met; ``left`` found
    no place and was given back; ``gone`` was withdrawn on the first day, ``early`` before it; no gate was stated of
    ``blocked``. Duties ``monday`` and ``tuesday`` are Essen's.
    """
    ids = {"monday": house.duty("zab:essen"), "tuesday": house.duty("zab:essen", days=1)}
    ids["promised"] = _promised(house, ids["monday"])
    ids["done"] = house.pooled(1, pickup=(8, 9.5), handover=(9, 11))
    house.match()
    done = _confirmed(house, ids["done"])
    ids["early"] = house.pooled(2)
    _cancel(house, ids["early"])
    ids["left"] = house.pooled(3, days=1, pickup=(19, 20), handover=(20.5, 22))
    ids["gone"] = house.pooled(4, days=1)
    ids["blocked"] = house.pooled(5, days=1, gates={})
    house.now = datetime.fromisoformat(done["pickup_at"])
    house["essen"].do(f"/proposals/{done['id']}/depart")
    house["essen"].do(f"/proposals/{done['id']}/hand-over")
    house.now = hours(12)
    _cancel(house, ids["gone"])
    house.now = hours(13)
    ids["failed"] = house.pooled(6, days=1)
    house.match()
    failed = _confirmed(house, ids["failed"])
    house.now = datetime.fromisoformat(failed["pickup_at"])
    house["essen"].do(f"/proposals/{failed['id']}/fail", {"code": "not_met"})
    house.tick()
    house.now = DAY + timedelta(days=2, hours=18)
    house.check()
    return ids


def _promised(house: House, duty: str) -> str:
    request = request_body(9, pickup=(5, 6), handover=(6.25, 7.25)) | {"rejection": None}
    rider = {
        "abh": "abh:05113000", "gates": request.pop("gates"), "request": request, "pickup_at": hours(5).isoformat(),
        "handover_at": hours(6.25).isoformat(),
    }  # fmt: skip
    answer = house["essen"].call("POST", "/commitments", {"duty_id": duty, "riders": [rider]})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["riders"][0]["request_id"])


def _confirmed(house: House, request: str) -> Any:
    offer = house.offer_of(request)
    assert offer is not None
    house["essen"].do(f"/proposals/{offer['id']}/confirm")
    return offer


def _cancel(house: House, request: str) -> None:
    house["abh"].do(f"/requests/{request}/cancel", {"code": "measure_ended"})
