"""One limit shared among parts: everybody gets a turn, and what one leaves goes to the others."""

from __future__ import annotations

import pytest

from optimizer.days.shares import share, turns


def test_without_a_limit_nobody_is_limited() -> None:
    assert share(float("inf"), [1.0, 2.0], [], 2) == float("inf")


def test_a_part_alone_has_all_there_is() -> None:
    assert share(60, [5.0], [], 2) == pytest.approx(60)


def test_as_many_parts_as_processes_have_all_the_time() -> None:
    assert share(60, [5.0, 5.0], [], 2) == pytest.approx(60)


def test_seven_alike_on_two_processes_come_in_four_turns_with_a_little_between() -> None:
    assert share(60, [1.0] * 7, [], 2) == pytest.approx((60 - 3 * 0.25) / 4)


def test_a_quarter_goes_to_all_alike_the_rest_by_weight() -> None:
    assert share(64.25, [3.0, 1.0], [], 1) == pytest.approx(64 * (0.125 + 0.75 * 0.75))


def test_what_runs_already_is_waited_for() -> None:
    # One process is free for 60 s, the other from 40 s on: alike, the waiting parts
    # take one each; a heavier first one is over before the busy process is, and the second follows it.
    assert share(60, [1.0, 1.0], [39.75], 2) == pytest.approx((60 - 0.25) / 2)
    assert share(60, [2.0, 1.0], [39.75], 2) == pytest.approx((60 - 0.25) * 1.875 / 3)


def test_no_time_left_is_no_time() -> None:
    assert share(0, [1.0, 1.0], [], 1) == 0


def test_light_parts_come_first_where_there_is_a_limit_and_heavy_ones_where_there_is_none() -> None:
    assert turns([2.0, 3.0, 1.0, 2.0], is_limited=True) == [2, 0, 3, 1]
    assert turns([2.0, 3.0, 1.0, 2.0], is_limited=False) == [1, 0, 3, 2]


WEEK = [383.0, 360.0, 335.0, 299.0, 281.0, 127.0, 35.0]
"""Weights of the parts of a week."""


@pytest.mark.parametrize("processes", [1, 2, 3])
@pytest.mark.parametrize("late", [0.0, 0.4])
@pytest.mark.parametrize("limit", [20.0, 100.0])
def test_everybody_gets_a_turn_and_all_ends_in_time(processes: int, late: float, limit: float) -> None:
    free = [0.0] * processes
    waiting = [WEEK[part] for part in turns(WEEK, is_limited=True)]
    least = limit * processes / len(WEEK) / 4
    while waiting:
        now = min(free)
        running = [end - late - now for end in free if end - late > now]
        seconds = share(limit - now, waiting, running, processes)
        assert seconds > 0.7 * least
        free[free.index(now)] = now + seconds + late  # as processes are: a little late
        waiting.pop(0)
    assert 0.9 * limit <= max(free) <= limit + late + 1e-6


def test_what_an_early_part_leaves_goes_to_the_later_ones() -> None:
    weights = [WEEK[part] for part in turns(WEEK, is_limited=True)]
    now = 0.0
    for number in range(6):
        planned = share(60 - now, weights[number:], [], 1)
        now += 0.1 * planned
    assert share(60 - now, weights[6:], [], 1) == pytest.approx(60 - now)
    assert 60 - now > 45
