"""Who answers for a request, and who sees it, below the endpoints."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from api.actor import SYSTEM, Actor
from api.repositories import requests as repository
from api.workflow import Action, Role, State
from tests.api.request_world import World, world_of


@pytest.fixture
def world(engine: Engine, tmp_path: Path) -> Iterator[World]:
    with world_of(engine, tmp_path) as made:
        yield made


@pytest.mark.parametrize("state", State)
def test_the_clock_sees_all_and_an_admin_nothing(world: World, state: State) -> None:
    request_id = world.enter()
    world.put(request_id, state)
    with world.store.reading() as session:
        assert repository.find(session, SYSTEM, uuid.UUID(request_id)) is not None
        assert repository.find(session, Actor(role=Role.ADMIN), uuid.UUID(request_id)) is None


def test_the_last_one_to_give_its_word_answers_for_the_trip(world: World) -> None:
    """A first trip fails; another ZAB drives the second one: the first one has no business with it any more."""
    request_id = world.enter(enter_as="pool")
    world.propose(request_id)
    steps = [("zab", Action.CONFIRM), ("zab", Action.DEPART), ("zab", Action.FAIL)]
    expected = ["zab", "zab", "zab"]
    for (login, action), responsible in zip(steps, expected, strict=True):
        world.take(login, request_id, action, "not_met" if action is Action.FAIL else None)
        assert zab_of(world, request_id) == world.actors[responsible].organisation_id
    assert world.step("abh", request_id, "pool").status_code == 200
    assert zab_of(world, request_id) is None
    world.propose(request_id, "zab:koeln")
    for action in (Action.CONFIRM, Action.DEPART, Action.HAND_OVER):
        world.take("zab-other", request_id, action)
        assert zab_of(world, request_id) == world.actors["zab-other"].organisation_id
    with world.store.reading() as session:
        row = world.row(request_id)
        assert not repository.is_full(session, world.actors["zab"], row)
        assert repository.is_full(session, world.actors["zab-other"], row)


def zab_of(world: World, request_id: str) -> uuid.UUID | None:
    with world.store.reading() as session:
        return repository.responsible_zab(session, world.row(request_id))
