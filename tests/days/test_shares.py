"""One limit shared among parts: everybody gets a turn, and what one leaves goes to the others."""

from __future__ import annotations

import pytest

from optimizer.days.shares import share


def test_without_a_limit_nobody_is_limited() -> None:
    assert share(float("inf"), [1.0, 2.0], [], 2) == float("inf")


def test_a_part_alone_has_all_there_is() -> None:
    assert share(60, [5.0], [], 2) == pytest.approx(60)


def test_as_many_parts_as_processes_have_all_the_time() -> None:
    assert share(60, [5.0, 5.0], [], 2) == pytest.approx(60)


def test_seven_alike_on_two_processes_come_in_four_turns() -> None:
    assert share(60, [1.0] * 7, [], 2) == pytest.approx(15)


def test_seconds_go_by_weight() -> None:
    assert share(60, [3.0, 1.0], [], 1) == pytest.approx(45)


def test_what_runs_already_is_waited_for() -> None:
    # One process is free for 60 s, the other from 40 s on: the first waiting part takes the one, the second the other.
    assert share(60, [1.0, 1.0], [40.0], 2) == pytest.approx(30)
    assert share(60, [2.0, 1.0], [40.0], 2) == pytest.approx(40)


def test_no_time_left_is_no_time() -> None:
    assert share(0, [1.0, 1.0], [], 1) == 0


@pytest.mark.parametrize("processes", [1, 2, 3])
def test_turns_that_all_take_their_share_end_in_time(processes: int) -> None:
    weights = [9.0, 7.0, 7.0, 3.0, 2.0, 1.0]
    free = [0.0] * processes
    waiting = list(weights)
    while waiting:
        now = min(free)
        running = [end - now for end in free if end > now]
        free[free.index(now)] = now + share(100 - now, waiting, running, processes)
        waiting.pop(0)
    assert 90 <= max(free) <= 100 + 1e-6
