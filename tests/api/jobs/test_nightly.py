"""The nightly run: once for each local date, through both changes of the clock; what it takes in and what it tells."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import Engine, func, select

from api.actor import SYSTEM
from api.db.tables import Organisation, OrganisationKind, Run, RunKind, RunState, TransportRequest
from api.deadlines import BERLIN
from api.errors import Code, Problem
from api.jobs import nightly
from api.jobs.worker import run_nightly
from api.services import imports, morning, runs
from api.settings import Settings
from api.workflow import Action, Role, State
from tests.api.jobs.exchange import Exchange, exchange
from tests.api.jobs.plan_world import NOW

NIGHT = date(2026, 10, 5)
NEXT = date(2026, 10, 4)
"""The night that comes after ``EVE``; its days hold Monday, of which the tests are."""
EVE = NOW + timedelta(days=2)
AT_NIGHT = datetime(2026, 10, 5, 0, 30, tzinfo=UTC)


@pytest.fixture
def made(engine: Engine, tmp_path: Path) -> Iterator[Exchange]:
    found = exchange(engine, tmp_path, nightly_days=3, nightly_seconds=20, solver_workers=1, poll_seconds=0.1)
    yield found
    found.store.close()


def night_run(made: Exchange, night: date = NIGHT) -> Run:
    """The run of a night, its steps in the test's hand."""
    with made.store.writing() as session:
        run = nightly.queue_night(session, made.context.settings, night, now=made.context.now)
        assert run is not None
        run_id = run.id
    steps = made.steps()
    for step in (steps.prepare, steps.solve, steps.publish):
        step(str(run_id))
    return made.row(run_id)


# --- when -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("night", "utc"),
    [
        (date(2026, 10, 5), datetime(2026, 10, 5, 0, 0, tzinfo=UTC)),
        (date(2027, 1, 5), datetime(2027, 1, 5, 1, 0, tzinfo=UTC)),
        (date(2027, 10, 31), datetime(2027, 10, 31, 0, 0, tzinfo=UTC)),  # twice: the first one
        (date(2027, 3, 28), datetime(2027, 3, 28, 1, 0, tzinfo=UTC)),  # never: when it would have been
    ],
)
def test_each_night_begins_at_one_instant(night: date, utc: datetime) -> None:
    assert nightly.begins(night, Settings()) == utc


@pytest.mark.parametrize("night", [date(2027, 3, 28), date(2027, 10, 31), date(2026, 10, 5)])
def test_through_the_night_exactly_one_run_is_due(made: Exchange, night: date) -> None:
    """A clock that goes through the night in steps of ten minutes, past 02:00 once, twice or never."""
    with made.world():
        pass
    made.clock[0] = datetime.combine(night - timedelta(days=1), datetime.min.time(), BERLIN).replace(hour=22)
    made.clock[0] = made.clock[0].astimezone(UTC)
    until = made.clock[0] + timedelta(hours=20)
    seen: dict[datetime, date] = {}
    while made.clock[0] < until:
        due = nightly.due_night(made.context.now, made.context.settings)
        if due is not None:
            seen.setdefault(made.clock[0], due)
            with made.store.writing() as session:
                nightly.queue_night(session, made.context.settings, due, now=made.context.now)
        made.clock[0] += timedelta(minutes=10)
    assert set(seen.values()) == {night}
    with made.store.reading() as session:
        runs = session.scalars(select(Run)).all()
        assert [(run.night, run.kind) for run in runs] == [(night, RunKind.NIGHTLY)]


def test_a_night_that_nobody_worked_is_made_up_until_the_morning() -> None:
    settings = Settings()
    begin = nightly.begins(NIGHT, settings)
    assert nightly.due_night(begin - timedelta(seconds=1), settings) is None
    assert nightly.due_night(begin + timedelta(hours=5), settings) == NIGHT
    assert nightly.due_night(begin + timedelta(hours=7), settings) is None


# --- what -------------------------------------------------------------------------------------------------------------


def test_the_days_ahead_are_matched_and_told_to_whom_they_concern(made: Exchange) -> None:
    with made.world() as world:
        world.duty(seats=4)
        world.duty(world.koeln, days=1)
        placed = [world.request().id, world.request(days=1, pickup=(6, 8), handover=(7, 10)).id]
        left = world.request(count=8).id
        other = Organisation(
            code="abh:05315000", kind=OrganisationKind.ABH, name="other", created_at=NOW, updated_at=NOW
        )
        world.session.add(other)
        world.session.flush()
        essen, abh, other_id = world.essen.id, world.abh.id, other.id
    run = night_run(made)
    assert (run.state, run.kind, run.night) == (RunState.DONE, RunKind.NIGHTLY, NIGHT)
    assert run.horizon == "2026-10-05/2026-10-07"
    assert set(made.live()) == set(placed)

    def rows(role: Role, organisation: Any = None) -> dict[str, tuple[str, str]]:
        from api.actor import Actor

        with made.store.reading() as session:
            _, found = morning.rows_of_night(session, Actor(role=role, organisation_id=organisation), NIGHT)
            return {row["request"]: (row["kind"], row["code"]) for row in found}

    everything = rows(Role.LTRAKO)
    assert everything == {
        str(placed[0]): ("new", "fits"),
        str(placed[1]): ("new", "fits"),
        str(left): ("unplaced", "load"),
    }
    assert rows(Role.ABH, abh) == everything
    assert rows(Role.ABH, other_id) == {}
    assert rows(Role.ZAB_LEAD, essen) == {str(placed[0]): ("new", "fits")}


def test_a_night_has_one_run_whoever_asks(made: Exchange) -> None:
    with made.world() as world:
        world.duty()
        world.request()
    first = night_run(made)
    again = night_run(made)
    assert (again.id, again.version) == (first.id, first.version)
    with made.store.reading() as session:
        assert session.scalar(select(func.count()).select_from(Run)) == 1


def test_at_night_an_offer_changes_only_for_a_gain(made: Exchange) -> None:
    with made.world() as world:
        world.duty(seats=4)
        world.duty(world.koeln, seats=4)
        kept = world.request(count=2).id
    night_run(made)
    before = made.live()[kept].id
    with made.world_again() as world:
        more = world.request(count=2).id
    night_run(made, NIGHT + timedelta(days=-1))
    live = made.live()
    assert live[kept].id == before
    assert more in live


def test_what_went_back_is_in_the_list(made: Exchange) -> None:
    with made.world() as world:
        returned = world.request().id
    made.clock[0] = AT_NIGHT
    with made.store.writing() as session:
        from api.services import steps

        request = steps.lock_request(session, returned)
        assert request is not None
        steps.take(session, request, Action.RETURN_TO_ABH, SYSTEM, now=AT_NIGHT - timedelta(hours=3))
    run = night_run(made)
    assert [(row["request"], row["kind"]) for row in run.summary["differences"]] == [(str(returned), "returned")]
    assert made.request(returned).state is State.RETURNED


def test_what_the_clock_ended_since_the_night_before_is_told_once(made: Exchange) -> None:
    from api.services import steps

    with made.world() as world:
        world.duty()
        request = world.request().id
        duty_zab = world.essen.code
    night_run(made, NIGHT - timedelta(days=2))
    assert set(made.live()) == {request}
    made.clock[0] += timedelta(hours=30)
    with made.store.writing() as session:
        row = steps.lock_request(session, request)
        assert row is not None
        steps.take(session, row, Action.EXPIRE, SYSTEM, now=made.context.now)
    made.clock[0] += timedelta(hours=10)
    run = night_run(made, NIGHT - timedelta(days=1))
    told = [(row["kind"], row["code"], row["zab"]) for row in run.summary["differences"] if row["kind"] == "expired"]
    assert told == [("expired", "nobody_answered", duty_zab)]
    assert run.summary["expired"] == 1
    assert night_run(made, NIGHT).summary["expired"] == 0


# --- the drop folder --------------------------------------------------------------------------------------------------


def drop(made: Exchange, name: str, text: str) -> Path:
    folder = made.context.settings.drop_folder
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_bad_file_goes_to_rejected_with_its_errors_and_a_hidden_one_stays(made: Exchange) -> None:
    with made.world():
        pass
    bad = drop(made, "bad.csv", "nothing;of;this\n1;2;3\n")
    hidden = drop(made, ".being-written.csv", "x")
    assert night_run(made).state is RunState.DONE
    assert not bad.exists()
    assert hidden.exists()
    rejected = sorted((made.context.settings.drop_folder / "rejected").iterdir())
    assert len(rejected) == 2
    problem = json.loads(next(each for each in rejected if each.name.endswith(".errors.json")).read_text())
    assert problem["refused"] or problem["problems_total"]


def test_a_good_file_is_taken_in_once_even_if_the_worker_dies_before_it_is_moved(
    made: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The import itself is another test's matter: here one row comes of each call."""
    with made.world() as world:
        owner = world.abh.id

    def import_file(session: Any, actor: Any, name: str, data: bytes, now: datetime, **_: Any) -> Any:
        number = session.scalar(select(func.count()).select_from(TransportRequest))
        session.add(
            TransportRequest(
                organisation_id=owner, case_reference=f"F-{number}", state=State.DRAFT, pickup_ags="05113000",
                pickup_from=NOW, pickup_to=NOW, delivery_place="DUS", delivery_from=NOW, delivery_to=NOW, people=1,
                has_children=False, content={}, fall_back_at=NOW, created_at=NOW, updated_at=NOW, state_since=NOW,
            )
        )  # fmt: skip
        return SimpleNamespace(is_clean=True, warnings=())

    monkeypatch.setattr(imports, "import_file", import_file)
    path = drop(made, "good.csv", "good")
    with made.store.writing() as session:
        run = nightly.queue_night(session, made.context.settings, NIGHT, now=NOW)
        assert run is not None
        run_id = run.id
    moved = nightly._moved
    monkeypatch.setattr(nightly, "_moved", lambda *_: None)  # as if the worker died here
    nightly.take_in(made.context, run_id, path)
    monkeypatch.setattr(nightly, "_moved", moved)
    assert path.exists()
    nightly.take_in(made.context, run_id, path)
    assert not path.exists()
    assert [each.suffix for each in (made.context.settings.drop_folder / "done").iterdir()] == [".csv"]
    with made.store.reading() as session:
        assert session.scalar(select(func.count()).select_from(TransportRequest)) == 1


@pytest.mark.parametrize("name", [f"{'a' * 240}.json", f"{'ü' * 115}.csv"])
def test_a_long_name_is_shortened(made: Exchange, name: str) -> None:
    with made.world():
        pass
    drop(made, name, "[]x")
    run = night_run(made)
    assert (run.state, list(run.summary["refused_files"].values())) == (RunState.DONE, ["refused"])
    assert nightly.waiting_files(made.context.settings.drop_folder) == []
    assert len(list((made.context.settings.drop_folder / "rejected").iterdir())) == 2


def test_a_file_that_is_too_large_cannot_be_read_or_moved_is_reported(
    made: Exchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    with made.world():
        pass
    large = drop(made, "large.csv", "x" * (made.context.settings.max_import_bytes + 1))
    stays = drop(made, "stays.csv", "bad")
    unreadable = made.context.settings.drop_folder / "folder.csv"
    unreadable.mkdir()
    found = [large, stays, unreadable]
    monkeypatch.setattr(nightly, "waiting_files", lambda _: found)
    moved = nightly._moved

    def move(path: Path, where: str, digest: str) -> None:
        if path == stays:
            raise PermissionError(path)
        moved(path, where, digest)

    monkeypatch.setattr(nightly, "_moved", move)
    run = night_run(made)
    assert run.state is RunState.DONE
    assert sorted(run.summary["refused_files"].values()) == ["not_moved", "too_large", "unreadable"]
    assert [each.exists() for each in found] == [False, True, True]
    assert "stays" not in str(run.summary)


def test_a_folder_that_cannot_be_read_does_not_end_the_night(made: Exchange, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: Path) -> list[Path]:
        raise PermissionError

    with made.world():
        pass
    monkeypatch.setattr(nightly, "waiting_files", refuse)
    run = night_run(made)
    assert (run.state, list(run.summary["refused_files"].values())) == (RunState.DONE, ["unreadable"])


def test_a_night_that_failed_is_made_again_when_asked_and_after_a_while(made: Exchange) -> None:
    with made.world():
        pass

    def ask(before: datetime | None) -> Run:
        with made.store.writing() as session:
            run = nightly.queue_night(
                session, made.context.settings, NIGHT, now=made.context.now, failed_before=before
            )  # fmt: skip
            assert run is not None
            return run

    first = ask(None).id
    with made.store.writing() as session:
        session.get_one(Run, first).summary = {"imported": {"a": "b"}}
        runs.fail(session, first, "Test", now=made.context.now)
    failed_at = made.context.now
    assert ask(None).id == first
    assert ask(failed_at).id == first, "it failed no sooner than that"
    made.clock[0] += nightly.AGAIN
    again = ask(failed_at + timedelta(seconds=1))
    assert (again.id != first, again.night, again.state) == (True, NIGHT, RunState.QUEUED)
    assert again.summary["imported"] == {"a": "b"}
    assert ask(made.context.now).id == again.id, "it has not failed"
    assert (made.row(first).state, made.row(first).night) == (RunState.FAILED, None)


def test_a_night_that_failed_stays_while_another_run_is_live(made: Exchange) -> None:
    with made.world():
        pass
    with made.store.writing() as session:
        run = nightly.queue_night(session, made.context.settings, NIGHT, now=NOW)
        assert run is not None
        first = run.id
        runs.fail(session, first, "Test", now=NOW)
    made.queue()
    later = NOW + timedelta(hours=1)
    with made.store.writing() as session:
        assert nightly.queue_night(session, made.context.settings, NIGHT, now=later, failed_before=later) is None
    assert made.row(first).night == NIGHT


# --- from cron --------------------------------------------------------------------------------------------------------


def test_from_cron_the_run_is_done_at_once_and_only_once(made: Exchange) -> None:
    with made.world() as world:
        world.duty()
        request = world.request().id
    settings = made.context.settings.model_copy(update={"nightly_days": 7})
    tomorrow = NOW.astimezone(BERLIN).date() + timedelta(days=1)
    run = run_nightly(settings, tomorrow, clock=made.context.clock)
    assert run.state is RunState.DONE
    assert set(made.live()) == {request}
    assert run_nightly(settings, tomorrow, clock=made.context.clock).id == run.id


def test_a_night_that_is_far_off_is_not_done_ahead(made: Exchange) -> None:
    with made.world():
        pass
    today = made.context.now.astimezone(BERLIN).date()
    with pytest.raises(Problem, match="is not done again when it comes"):
        nightly.run_nightly(made.context, today + timedelta(days=2), work=lambda _: None)
    with made.store.reading() as session:
        assert session.scalars(select(Run)).all() == []


def test_the_schedule_of_the_worker_begins_the_night(made: Exchange) -> None:
    from api.jobs.worker import run_worker

    with made.world() as world:
        world.duty()
        request = world.request(fall_back=timedelta()).id
    made.clock[0] = AT_NIGHT
    settings = made.context.settings.model_copy(update={"is_nightly_scheduled": True})
    stop = threading.Event()
    until = time.monotonic() + 60
    run_worker(
        settings, stop=stop, clock=made.context.clock,
        is_enough=lambda: request in made.live() or time.monotonic() > until,
    )  # fmt: skip
    assert request in made.live()
    with made.store.reading() as session:
        assert session.scalars(select(Run.night)).all() == [NIGHT]


def test_while_another_run_is_live_the_night_waits(made: Exchange) -> None:
    with made.world():
        pass
    made.clock[0] = EVE
    made.queue()
    with made.store.writing() as session:
        assert nightly.queue_night(session, made.context.settings, NEXT, now=EVE) is None
    with pytest.raises(Problem) as caught:
        nightly.run_nightly(made.context, NEXT, work=lambda _: None, within=timedelta(seconds=0.2))
    assert caught.value.code is Code.UNAVAILABLE
