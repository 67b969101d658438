"""Random actions by random people, in any order: no rule of the exchange ever breaks, no call ends in a defect."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import Engine

from api.db.engine import make_engine
from api.reason_codes import CancelCode, ConditionCode, CounterCode, FailCode, SettleCode, StopCode
from api.workflow import DeclineCode
from optimizer.model import RejectionCode
from tests.api.conftest import database
from tests.api.house import PEOPLE, House, request_body
from tests.api.jobs.plan_world import hours

Opens = Callable[[], AbstractContextManager[Engine]]
_REASONS: dict[str, Any] = {
    "reject": RejectionCode, "cancel": CancelCode, "stop": StopCode, "settle": SettleCode, "decline": DeclineCode,
    "back-out": DeclineCode, "return-decline": SettleCode, "thaw": SettleCode, "fail": FailCode,
}  # fmt: skip
_OF_REQUESTS = (
    "ask", "reject", "accept", "pool", "cancel", "stop", "correct", "resume", "settle", "return", "lift-stop", "amend",
)  # fmt: skip
_OF_PROPOSALS = (
    "confirm", "confirm-provisionally", "meet-condition", "counter", "accept-counter", "refuse-counter",
    "withdraw-counter", "decline", "back-out", "return-decline", "freeze", "thaw", "depart", "hand-over", "fail",
    "release",
)  # fmt: skip
_ANSWERS = {200, 201, 202, 204, 400, 403, 404, 409, 412, 422}
_WHO = st.sampled_from(sorted(PEOPLE))


class Exchange(RuleBasedStateMachine):
    """The service with two ZABs of three duties, and whoever does what comes to mind."""

    opens: Opens

    def __init__(self) -> None:
        super().__init__()
        self._engine = type(self).opens()
        engine = self._engine.__enter__()
        self._folder = tempfile.TemporaryDirectory()
        self.house = House(engine, Path(self._folder.name))
        self.requests: list[str] = []
        self.proposals: list[str] = []
        self.duties: list[str] = []
        self.approvals: list[str] = []

    @initialize()
    def fleet(self) -> None:
        """Three duties of two ZABs; the third is small."""
        self.duties = [
            self.house.duty("zab:essen"),
            self.house.duty("zab:koeln", depot="05315000"),
            self.house.duty("zab:essen", seats=3),
        ]

    @rule(size=st.integers(1, 4), at=st.sampled_from([5.0, 6.0, 7.0]), enter_as=st.sampled_from(["pool", "draft"]))
    def enter(self, size: int, at: float, enter_as: str) -> None:
        """An ABH enters a request."""
        body = dict(request_body(len(self.requests), pickup=(at, at + 2), handover=(at + 1, at + 4)))
        body |= {"people": [{"age": "adult", "sex": "m", "count": size}], "enter_as": enter_as}
        answer = self.house["abh"].call("POST", "/requests", body)
        if self.house.now >= hours(at + 2):
            # So much time may have passed that the pick-up does: then nothing is entered.
            assert (answer.status_code, answer.json()["code"]) == (422, "value_refused"), answer.text
            return
        assert answer.status_code == 201, answer.text
        self.requests.append(answer.json()["id"])

    @precondition(lambda self: self.requests)
    @rule(who=_WHO, what=st.sampled_from(_OF_REQUESTS), data=st.data(), is_old=st.booleans())
    def act_on_a_request(self, who: str, what: str, data: st.DataObject, is_old: bool) -> None:
        """Somebody does something to a request."""
        request = data.draw(st.sampled_from(self.requests))
        body: dict[str, Any] = self._reason(what, data)
        if what == "ask":
            body = {"zab": data.draw(st.sampled_from(["zab:essen", "zab:koeln"]))}
        if what == "accept":
            body = {"duty_id": data.draw(st.sampled_from(self.duties))}
        if what in ("correct", "amend"):
            number = self.requests.index(request)
            body = dict(request_body(number, luggage=data.draw(st.integers(0, 3))))
        if what == "lift-stop":
            body = {"code": "order_lifted"}
        method, path = ("PUT", f"/requests/{request}") if what == "amend" else ("POST", f"/requests/{request}/{what}")
        answer = self._call(who, method, path, body, record=f"/requests/{request}", is_old=is_old)
        if what == "lift-stop" and answer.status_code == 202:
            self.approvals.append(answer.json()["id"])

    @precondition(lambda self: self.proposals)
    @rule(who=_WHO, what=st.sampled_from(_OF_PROPOSALS), data=st.data(), is_old=st.booleans())
    def act_on_a_proposal(self, who: str, what: str, data: st.DataObject, is_old: bool) -> None:
        """Somebody says something to a proposal."""
        proposal = data.draw(st.sampled_from(self.proposals))
        body = self._reason(what, data)
        if what == "confirm-provisionally":
            code = data.draw(st.sampled_from([code.value for code in ConditionCode]))
            until = hours(data.draw(st.sampled_from([-20.0, 3.0]))).isoformat()
            body = {"code": code, "condition": "vehicle comes back", "owner": "ltrako", "until": until}
        if what == "counter":
            code = data.draw(st.sampled_from([CounterCode.OTHER_TIME.value, CounterCode.OTHER.value]))
            at = data.draw(st.sampled_from([5.5, 6.5, 8.5]))
            body = {"code": code, "pickup_at": hours(at).isoformat(), "handover_at": hours(at + 1.5).isoformat()}
            body["remark"] = "so"
        self._call(who, "POST", f"/proposals/{proposal}/{what}", body, record=f"/proposals/{proposal}", is_old=is_old)

    @precondition(lambda self: self.requests)
    @rule(who=st.sampled_from(["essen", "koeln", "essen-lead", "abh"]), data=st.data())
    def assign(self, who: str, data: st.DataObject) -> None:
        """Somebody places a request by hand."""
        body = {
            "request_id": data.draw(st.sampled_from(self.requests)),
            "duty_id": data.draw(st.sampled_from(self.duties)),
        }
        self._call(who, "POST", "/assignments", body)

    @precondition(lambda self: self.approvals)
    @rule(who=st.sampled_from(["abh", "abh-second", "abh-other", "essen"]), data=st.data(),
          what=st.sampled_from(["agree", "refuse", "withdraw"]))  # fmt: skip
    def approve(self, who: str, what: str, data: st.DataObject) -> None:
        """A second person says yes or no."""
        key = data.draw(st.sampled_from(self.approvals))
        self._call(who, "POST", f"/approvals/{key}/{what}", {}, record=f"/approvals/{key}")

    @rule(who=st.sampled_from(["essen", "koeln"]), data=st.data(), what=st.sampled_from(["withhold", "offer"]))
    def withhold(self, who: str, data: st.DataObject, what: str) -> None:
        """A ZAB withholds a duty, or offers it again."""
        duty = data.draw(st.sampled_from(self.duties))
        self._call(who, "POST", f"/duties/{duty}/{what}", {}, record=f"/duties/{duty}")

    @rule()
    def match(self) -> None:
        """The worker matches what was asked for."""
        self.house.match()
        items = self.house["ltrako"].get("/proposals?limit=200")["items"]
        self.proposals = [item["id"] for item in items]

    @rule(minutes=st.sampled_from([10, 240, 1440]))
    def time_passes(self, minutes: int) -> None:
        """The clock goes on, and does its work."""
        self.house.later(minutes=minutes)
        self.house.tick()

    @invariant()
    def nothing_is_broken(self) -> None:
        """Every rule holds."""
        self.house.check()

    def _reason(self, what: str, data: st.DataObject) -> dict[str, Any]:
        codes = _REASONS.get(what)
        if codes is None:
            return {}
        code = data.draw(st.sampled_from([code.value for code in codes]))
        return {"code": code} | ({"remark": "so"} if code == "other" else {})

    def _call(
        self, who: str, method: str, path: str, body: Any, *, record: str = "", is_old: bool = False
    ) -> Any:  # fmt: skip
        caller = self.house[who]
        tag = '"0"' if is_old else "*"
        if record and not is_old:
            tag = caller.call("GET", record).headers.get("ETag", "*")
        answer = caller.call(method, path, body, if_match=tag)
        assert answer.status_code in _ANSWERS, (method, path, answer.status_code, answer.text)
        return answer

    def teardown(self) -> None:
        """Give everything back."""
        self.house.close()
        self._engine.__exit__(None, None, None)
        self._folder.cleanup()


@pytest.fixture(params=["sqlite", "postgresql"])
def opens(request: pytest.FixtureRequest) -> Opens:
    """What opens a migrated database of its own, again and again."""
    if request.param == "sqlite":
        migrated: Path = request.getfixturevalue("migrated_file")

        @contextmanager
        def copy() -> Iterator[Engine]:
            with tempfile.TemporaryDirectory() as folder:
                engine = make_engine(f"sqlite:///{shutil.copy(migrated, Path(folder) / 'test.db')}")
                yield engine
                engine.dispose()

        return copy
    server, template = request.getfixturevalue("postgres"), request.getfixturevalue("migrated_template")

    @contextmanager
    def made() -> Iterator[Engine]:
        with database(server, template) as (engine, _):
            yield engine

    return made


def _run(opens: Opens, *, examples: int, steps: int) -> None:
    machine = type("Exchange", (Exchange,), {"opens": staticmethod(opens)})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples, stateful_step_count=steps, deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip


def test_no_order_of_actions_breaks_the_exchange(opens: Opens) -> None:
    _run(opens, examples=5, steps=25)


@pytest.mark.slow
def test_no_order_of_actions_breaks_the_exchange_at_length(opens: Opens) -> None:
    _run(opens, examples=150, steps=60)
