"""Clock and cancel wish: when to stop, who is told, and that nothing is left running."""

from __future__ import annotations

import threading
import time

from optimizer.search.stop import Stop


def test_without_limit_and_wish_it_never_stops() -> None:
    stop = Stop()
    assert not stop()
    assert stop.remaining == float("inf")


def test_the_limit_runs_down() -> None:
    stop = Stop(0.05)
    assert not stop()
    assert 0 < stop.remaining <= 0.05
    time.sleep(0.06)
    assert stop()
    assert stop.remaining == 0
    assert stop.elapsed >= 0.05


def test_a_wish_leaves_no_time() -> None:
    wished = threading.Event()
    stop = Stop(100.0, wished.is_set)
    assert not stop()
    wished.set()
    assert stop()
    assert stop.remaining == 0


def test_the_flag_for_compiled_loops_is_raised_from_outside() -> None:
    wished = threading.Event()
    with Stop(None, wished.is_set) as stop:
        assert not stop.flag[0]
        wished.set()
        deadline = time.perf_counter() + 5
        while not stop.flag[0] and time.perf_counter() < deadline:
            time.sleep(0.005)
        assert stop.flag[0]


def test_the_search_in_work_is_ended_once() -> None:
    wished, ended = threading.Event(), []
    with Stop(None, wished.is_set) as stop:
        stop.ending(lambda: ended.append("first"))
        stop.ending(None)
        over = threading.Event()

        def end() -> None:
            ended.append("second")
            over.set()

        stop.ending(end)
        wished.set()
        assert over.wait(5)
        # A search that begins after the wish is ended at once.
        stop.ending(lambda: ended.append("third"))
    assert ended == ["second", "third"]


def test_no_thread_is_left_behind() -> None:
    before = threading.active_count()
    with Stop(100.0):
        assert threading.active_count() == before + 1
    assert threading.active_count() == before
