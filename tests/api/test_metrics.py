"""Metrics: text that Prometheus reads, no label with an id."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from prometheus_client.parser import text_string_to_metric_families

from api.metrics import Metrics, Snapshot
from tests.api.db.rows import NOW


def samples(metrics: Metrics, snapshot: Snapshot) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    families: Any = text_string_to_metric_families(metrics.text(snapshot).decode())
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in families
        for sample in family.samples
    }


def test_calls_are_counted_by_template_method_and_class() -> None:
    metrics = Metrics()
    metrics.call("GET", "/v1/requests/{request_id}", 200, 0.02)
    metrics.call("GET", "/v1/requests/{request_id}", 204, 0.2)
    metrics.call("GET", "/v1/requests/{request_id}", 404, 0.2)
    metrics.call("BREW", "", 500, 0.2)
    found = samples(metrics, Snapshot(at=NOW))
    labels = (("method", "GET"), ("route", "/v1/requests/{request_id}"), ("status", "2xx"))
    assert found["restplatz_call_seconds_count", labels] == 2
    assert found["restplatz_call_seconds_bucket", (("le", "0.025"), *labels)] == 1
    other = (("method", "other"), ("route", "none"), ("status", "5xx"))
    assert found["restplatz_call_seconds_count", other] == 1
    assert found["restplatz_defects_total", ()] == 1


def test_the_state_of_the_database_is_told() -> None:
    snapshot = Snapshot(
        at=NOW, requests={"pooled": 12, "proposed": 0}, runs={("nightly", "done"): 1}, run_seconds={"nightly": 61.5},
        outbox={"inner": 2, "webhook": 0}, outbox_oldest={"inner": NOW - timedelta(seconds=5), "webhook": None},
        oldest_unanswered=NOW - timedelta(hours=1),
    )  # fmt: skip
    found = samples(Metrics(), snapshot)
    assert found["restplatz_requests", (("state", "pooled"),)] == 12
    assert found["restplatz_requests", (("state", "proposed"),)] == 0
    assert found["restplatz_runs", (("kind", "nightly"), ("state", "done"))] == 1
    assert found["restplatz_run_seconds", (("kind", "nightly"),)] == 61.5
    assert found["restplatz_outbox_messages", (("kind", "inner"),)] == 2
    assert found["restplatz_outbox_oldest_seconds", (("kind", "inner"),)] == 5
    assert found["restplatz_outbox_oldest_seconds", (("kind", "webhook"),)] == 0
    assert found["restplatz_oldest_unanswered_seconds", ()] == 3600


def test_two_processes_count_apart() -> None:
    one, other = Metrics(), Metrics()
    one.call("GET", "/v1/pool", 200, 0.1)
    assert not any(name == "restplatz_call_seconds_count" for name, _ in samples(other, Snapshot(at=NOW)))
