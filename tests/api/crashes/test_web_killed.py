"""``kill -9`` of the web process while people confirm: what was answered is there, nothing is there by half."""

from __future__ import annotations

import random
import time

import pytest

from tests.api.crashes.confirming import Crowd
from tests.api.crashes.service import Service

pytestmark = pytest.mark.slow  # Real processes, killed: minutes.

ROUNDS = 20


def test_what_was_answered_is_there_and_nothing_by_half(service: Service) -> None:
    service.fill(duties=6, requests=20)
    service.house.match()
    proposals = service.live()
    assert len(proposals) >= 8
    crowd = Crowd(service, proposals, range(100, 130))
    with service.web() as dying, crowd.at_work():
        crowd.has(3)
        dying.kill()
    assert None in crowd.confirmed.answers.values()
    crowd.check()
    with service.web():
        crowd.finish()


@pytest.mark.slow
def test_at_any_moment_again_and_again(service: Service) -> None:
    """Twenty times, each at another moment."""
    chance = random.Random(20261123)
    first_day, told, broken = service.days, 0, 0
    for number in range(ROUNDS):
        service.days = first_day + number % 5
        service.fill(duties=4, requests=12, first=1000 * number)
        service.house.match()
        crowd = Crowd(service, service.unanswered(), range(1000 * number + 100, 1000 * number + 120))
        with service.web() as dying, crowd.at_work():
            crowd.has(chance.randrange(4))
            time.sleep(chance.random() * 0.1)
            dying.kill()
        told += len(crowd.confirmed.of(200)) + len(crowd.entered.of(201))
        broken += sum(answer is None for each in (crowd.confirmed, crowd.entered) for answer in each.answers.values())
        crowd.check()
        with service.web():
            crowd.finish()
    print({"answered": told, "broken": broken})
    assert told > 0
    assert broken > ROUNDS
