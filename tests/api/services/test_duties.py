"""Rows of a bulk upsert and bodies of duties, where no call is needed to see what they mean."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from api.actor import Actor
from api.db.tables import CrewRow, DutyRow
from api.errors import Code, Problem
from api.repositories import fleet as rows
from api.schemas.duties import DutyContent, NewAbsence
from api.schemas.fleet import NewVehicle
from api.services import duty_import, fleet
from api.workflow import Role
from tests.api.jobs.plan_world import NOW, PlanWorld, hours

IDS = {"crew_id": "01a20752-cae2-76b5-8ab4-f41361bce28b", "vehicle_id": "01a20752-cac5-740d-b41a-15ebb871875f"}


def content(**fields: Any) -> DutyContent:
    return DutyContent.model_validate(IDS | {"starts_at": hours(4), "ends_at": hours(12)} | fields)


def test_a_vehicle_is_there_for_the_whole_shift_unless_said_otherwise() -> None:
    assert content().vehicle_span == (hours(4), hours(12))
    assert content(vehicle_to=hours(10)).vehicle_span == (hours(4), hours(10))


@pytest.mark.parametrize(
    "fields",
    [
        {"ends_at": hours(4)}, {"ends_at": hours(3)}, {"ends_at": hours(28.5)}, {"vehicle_from": hours(3)},
        {"vehicle_to": hours(13)}, {"vehicle_from": hours(9), "vehicle_to": hours(8)},
        {"starts_at": datetime(2026, 10, 5)},  # noqa: DTZ001  # without offset
    ],
)  # fmt: skip
def test_impossible_shifts_are_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        content(**fields)


def test_crews_are_not_in_the_workshop_and_vehicles_not_ill() -> None:
    times = {"starts_at": hours(0), "ends_at": hours(1)}
    for of, good, bad in (("crew_id", "leave", "inspection"), ("vehicle_id", "inspection", "ill")):
        NewAbsence.model_validate(times | {of: IDS[of], "code": good})
        with pytest.raises(ValidationError):
            NewAbsence.model_validate(times | {of: IDS[of], "code": bad})


def test_what_rows_say_of_a_known_crew_must_agree(engine: Engine) -> None:
    with Session(engine) as session:
        world = PlanWorld(session)
        duty = world.duty(world.essen)
        actor = Actor(role=Role.ZAB_LEAD, organisation_id=world.essen.id)
        fleet.create_vehicle(
            session, actor, NewVehicle.model_validate({"code": "V-9", "configurations": [{"seats": 9}]}), now=NOW
        )

        def store(**crew: str) -> duty_import.Imported:
            row = {"duty": "D-9", "vehicle": "V-9", "zab": "zab:essen", "start": "2026-10-05T06:00",
                   "end": "2026-10-05T14:00", "crew": duty.crew.code} | crew  # fmt: skip
            header, cells = ",".join(row), ",".join(row.values())
            return duty_import.import_rows(session, actor, f"{header}\n{cells}\n".encode(), duty_import.CSV, now=NOW)

        assert store(heads="2", licences="B").created == 1
        assert store(female_officers="1").unchanged == 1
        with pytest.raises(Problem) as caught:
            store(heads="4", officers="4")
        assert caught.value.code is Code.ROWS_INVALID
        assert [error.path for error in caught.value.errors] == ["row 2, heads", "row 2, officers"]
        assert rows.by_code(session, CrewRow, world.essen.id, [duty.crew.code])[duty.crew.code].content["heads"] == 2


def test_a_window_of_the_vehicle_survives_rows_that_leave_the_shift_alone(engine: Engine) -> None:
    with Session(engine) as session:
        world = PlanWorld(session)
        duty = world.duty(world.essen, vehicle_to=hours(10))
        actor = Actor(role=Role.ZAB_LEAD, organisation_id=world.essen.id)
        begin, end = (each + timedelta(hours=2) for each in (duty.starts_at, duty.ends_at))
        text = (
            "duty,vehicle,zab,start,end,crew,start_place\n"
            f"{duty.code},{duty.vehicle.code},zab:essen,{begin:%Y-%m-%dT%H:%M},{end:%Y-%m-%dT%H:%M},{duty.crew.code},Essen\n"
        )
        assert duty_import.import_rows(session, actor, text.encode(), duty_import.CSV, now=NOW).unchanged == 1
        row = rows.by_code(session, DutyRow, world.essen.id, [duty.code])[duty.code]
        assert row.vehicle_to.astimezone(UTC) == hours(10)
