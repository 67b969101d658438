"""Simulations as workers make them: none of what is there is made twice, none is lost, whoever dies or stops."""

from __future__ import annotations

import threading
import uuid
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from api.db.tables import Run, RunInput, RunKind, RunState, SimulationResult
from api.jobs import simulating
from api.jobs.port import Interrupted
from api.jobs.solving import Steps
from api.jobs.worker import Worker, run_worker
from api.repositories import what_if
from api.settings import Settings
from optimizer.simulate import sweeping
from optimizer.simulate.scale_out import Processes
from tests.api.house import House
from tests.api.what_if import asked, begun_by, crowded, in_process, made
from tests.simulate.cluster import local_cluster

SWEEP = {"draws": {"seed": 3}, "fewest": 2, "most": 4, "batch": 1}
SQLITE = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


@pytest.fixture
def world(house: House, monkeypatch: pytest.MonkeyPatch) -> House:
    in_process(monkeypatch)
    crowded(house)
    return house


def kept(house: House, run_id: str) -> dict[tuple[str, int], Any]:
    with house.store.reading() as session:
        found = what_if.outcomes(session, uuid.UUID(run_id))
    assert len({(scenario, draw) for scenario, draw, _ in found}) == len(found)
    return {(scenario, draw): outcome for scenario, draw, outcome in found}


class _StopsAfter:
    """Tells a worker to stop after so many results, as a signal does."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, stop: threading.Event, number: int) -> None:
        add = simulating._Results.keep

        def keep(self: Any, *args: Any, **more: Any) -> bool:
            is_new = add(self, *args, **more)
            if len(self.outcomes) >= number:
                stop.set()
            return is_new

        monkeypatch.setattr(simulating._Results, "keep", keep)


def test_what_a_stopped_worker_left_is_gone_on_with_by_another(world: House, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = made(world, sweep=SWEEP)
    begun = asked(world, sweep=SWEEP)
    first = begun_by(world, begun["id"], "first")
    with monkeypatch.context() as patched:
        _StopsAfter(patched, first.stop, 3)
        first.prepare(begun["id"])
        with pytest.raises(Interrupted):
            first.solve(begun["id"])
    left = kept(world, begun["id"])
    assert 3 <= len(left) < 8
    second = begun_by(world, begun["id"], "second")
    seen: list[tuple[str, int]] = []
    add = simulating._Results.keep

    def keep(self: Any, scenario: str, draw: int, *args: Any, **more: Any) -> bool:
        seen.append((scenario, draw))
        return add(self, scenario, draw, *args, **more)

    monkeypatch.setattr(simulating._Results, "keep", keep)
    for step in (second.prepare, second.solve, second.publish):
        step(begun["id"])
    assert not set(seen) & left.keys(), "nothing is made twice"
    assert kept(world, begun["id"]) == kept(world, whole["id"]), "the same as without a stop"
    assert world["essen"].get(f"/simulations/{begun['id']}")["state"] == "done"


@SQLITE
def test_a_worker_that_is_told_to_end_leaves_the_rest_to_the_next(
    world: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = asked(world, sweep=SWEEP)
    settings = world.context.settings.model_copy(update={"is_nightly_scheduled": False, "poll_seconds": 0.1})
    with monkeypatch.context() as patched:
        stop = threading.Event()
        _StopsAfter(patched, stop, 3)
        run_worker(settings, stop=stop, clock=lambda: world.now)
    left = world["essen"].get(f"/simulations/{begun['id']}")
    assert left["state"] == "running", "nobody wanted it to end"
    assert 3 <= left["results"] < 8
    run_worker(settings, clock=lambda: world.now, is_enough=lambda: _state(world, begun["id"]) is not RunState.RUNNING)
    told = world["essen"].get(f"/simulations/{begun['id']}")
    assert (told["state"], told["results"]) == ("done", 8)


def _state(house: House, run_id: str) -> RunState:
    with house.store.reading() as session:
        return session.get_one(Run, uuid.UUID(run_id)).state


def test_who_lost_a_run_to_another_worker_keeps_nothing_more(world: House) -> None:
    begun = asked(world, sweep=SWEEP)
    begun_by(world, begun["id"], "second")
    with world.store.reading() as session:
        text = session.get_one(RunInput, uuid.UUID(begun["id"])).instance
    simulating.simulate(
        world.context, "first", uuid.UUID(begun["id"]), text, stop=threading.Event(), patiently=lambda work: work()
    )
    assert kept(world, begun["id"]) == {}


def test_a_result_is_there_once_by_the_database_itself(world: House) -> None:
    told = made(world)
    run_id = uuid.UUID(told["id"])
    with world.store.reading() as session:
        one = session.scalars(select(SimulationResult)).first()
        assert one is not None
        key, draw = one.scenario, one.draw
    values = {"run_id": run_id, "scenario": key, "draw": draw, "at": world.now, "outcome": {}}
    with pytest.raises(IntegrityError), world.store.writing() as session:
        session.add(SimulationResult(**values, plan=None))
    with world.store.writing() as session:
        session.get_one(Run, run_id).state = RunState.RUNNING
    with world.store.writing() as session:
        again = what_if.add_result(session, run_id, "test", key, draw, {"status": "other"}, plan=None, now=world.now)
    assert not again
    assert {"status": "other"} not in kept(world, told["id"]).values(), "what was first stays"


def test_what_cannot_be_made_is_told_and_the_rest_is_there(world: House, monkeypatch: pytest.MonkeyPatch) -> None:
    work = sweeping.work_with_plan

    def fails(task: Any) -> Any:
        if task.scenario.id == "one more":
            raise ValueError("request 7 of somebody")
        return work(task)

    monkeypatch.setattr(simulating, "work_with_plan", fails)
    begun = asked(world)
    world.answer()
    told = world["essen"].get(f"/simulations/{begun['id']}")
    assert (told["state"], told["results"]) == ("done", 1)
    assert told["lost"] == [{"scenario": "one more", "draw": 0, "kind": "ValueError"}], "never what a fault says"
    lines = world["essen"].get(f"/simulations/{begun['id']}/comparison")["lines"]
    assert lines[1]["statements"]["en"] == "+1 van at Essen: not computed"


def test_who_watches_is_told_what_is_known_so_far(world: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simulating, "_SAY_EVERY", 0.0)
    said: list[dict[str, Any]] = []
    from api.jobs.telling import Telling

    monkeypatch.setattr(Telling, "say", lambda self, kind, payload: said.append(payload))
    made(world, sweep=SWEEP)
    assert said[-1]["results"] == said[-1]["most"] == 8
    assert said[-1]["statements"]["de"][0].startswith("+1 Bus in Essen: ")


@SQLITE
def test_other_processes_evaluate_and_hold_no_connection(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    crowded(house)
    opened: list[Processes] = []

    class Watched(Processes):
        def __init__(self, jobs: int, *, niceness: int = 0) -> None:
            super().__init__(jobs, niceness=niceness)
            assert niceness > 0, "matches of this machine come first"
            opened.append(self)

    monkeypatch.setattr(simulating, "Processes", Watched)
    told = made(house)
    assert len(opened) == 1
    assert told["results"] == 2


@SQLITE
def test_a_cluster_evaluates_where_one_is_named(house: House, tmp_path: Path) -> None:
    pytest.importorskip("distributed", reason="extra [cluster]")
    crowded(house)
    with local_cluster(tmp_path, workers=1) as machines:
        settings = house.context.settings.model_copy(update={"simulation_cluster": machines.address})
        house.context = replace(house.context, settings=settings)
        far = made(house, sweep=SWEEP)
    house.context = replace(house.context, settings=settings.model_copy(update={"simulation_cluster": ""}))
    assert kept(house, far["id"]) == kept(house, made(house, sweep=SWEEP)["id"]), "wherever it is made"


@SQLITE
def test_a_simulation_keeps_no_other_run_from_a_worker(house: House) -> None:
    crowded(house, 1)
    begun = asked(house)
    begun_by(house, begun["id"], "test")
    worker = Worker(context=house.context, jobs=_NoJobs(), here=_Here(), stop=threading.Event())
    with house.store.reading() as session:
        live = list(session.scalars(select(Run)))
        session.expunge_all()
    assert [(run.kind, run.state) for run in live if run.state is RunState.RUNNING] == [
        (RunKind.SIMULATION, RunState.RUNNING)
    ]
    room = {kind: worker._has_room(kind, live) for kind in RunKind}
    assert room == dict.fromkeys(RunKind, True) | {RunKind.SIMULATION: False}


class _NoJobs:
    def start(self, id: str) -> None:  # noqa: A002
        raise AssertionError("only asked whether there is room")

    def progress(self, id: str) -> None:  # noqa: A002
        raise AssertionError("only asked whether there is room")

    def recover(self, executors: Any) -> int:
        raise AssertionError("only asked whether there is room")

    def close(self) -> None:
        raise AssertionError("only asked whether there is room")


class _Here:
    name = "test"

    def keep(self) -> bool:
        return True

    def dead(self, names: Any) -> Any:
        raise AssertionError("only asked whether there is room")


@SQLITE
def test_the_crew_is_as_the_settings_say(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    asked_for: list[str] = []

    def cluster(address: str) -> Any:
        asked_for.append(address)
        raise RuntimeError("no cluster here")

    monkeypatch.setattr(simulating, "cluster", cluster)
    named = Settings(folder=house.folder, simulation_cluster="tcp://10.0.0.5:8786")
    with pytest.raises(RuntimeError, match="no cluster"), simulating._crew(named):
        pass
    assert asked_for == ["tcp://10.0.0.5:8786"]
    with simulating._crew(Settings(folder=house.folder, simulation_processes=3)) as crew:
        assert crew.at_once == 6


@SQLITE
def test_steps_of_a_run_that_is_gone_do_nothing(house: House) -> None:
    steps = Steps(context=house.context, worker="test", stop=threading.Event())
    steps.solve(str(uuid.uuid4()))
