"""Figures for operators, in the text format of Prometheus: how long calls take, what waits, what runs.

Each application has its own registry. No label holds an id, an address or a name: routes are told by their template,
states and methods by their code.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"})
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """What the database said at ``at``.

    Parameters
    ----------
    requests
        Open requests by state.
    runs
        Runs of the last 24 hours by kind and state.
    run_seconds
        Mean wall-clock seconds, by kind, of those that ended.
    outbox, outbox_oldest
        Messages neither delivered nor given up, by ``inner`` and ``webhook``, and when the oldest was written.
    oldest_unanswered
        When the oldest proposal that waits for an answer was made.
    workers
        Seen within the last minute.
    """

    at: datetime
    requests: Mapping[str, int] = field(default_factory=dict)
    runs: Mapping[tuple[str, str], int] = field(default_factory=dict)
    run_seconds: Mapping[str, float] = field(default_factory=dict)
    outbox: Mapping[str, int] = field(default_factory=dict)
    outbox_oldest: Mapping[str, datetime | None] = field(default_factory=dict)
    oldest_unanswered: datetime | None = None
    workers: int = 0


class Metrics:
    """The figures of one process."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry(auto_describe=False)
        self._calls = Histogram(
            "restplatz_call_seconds",
            "Seconds until a call was answered; of a stream until it began.",
            ("method", "route", "status"),
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._defects = Counter("restplatz_defects", "Calls that ended in a defect.", registry=self._registry)

    def call(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a call: ``route`` is a template, ``status`` is told as a class (``2xx``)."""
        known = method if method in _METHODS else "other"
        self._calls.labels(known, route or "none", f"{status // 100}xx").observe(seconds)
        if status >= 500:
            self._defects.inc()

    def text(self, snapshot: Snapshot) -> bytes:
        """Return all figures as text."""
        registry = CollectorRegistry(auto_describe=False)
        registry.register(_Told(snapshot))
        return generate_latest(self._registry) + generate_latest(registry)


class _Told(Collector):
    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot

    def collect(self) -> Iterator[Metric]:
        snapshot = self._snapshot
        yield GaugeMetricFamily("restplatz_workers", "Workers seen within the last minute.", value=snapshot.workers)
        requests = GaugeMetricFamily("restplatz_requests", "Open requests.", labels=["state"])
        for state, count in sorted(snapshot.requests.items()):
            requests.add_metric([state], count)
        yield requests
        runs = GaugeMetricFamily("restplatz_runs", "Runs of the last 24 hours.", labels=["kind", "state"])
        for (kind, state), count in sorted(snapshot.runs.items()):
            runs.add_metric([kind, state], count)
        yield runs
        seconds = GaugeMetricFamily("restplatz_run_seconds", "Mean seconds of these runs.", labels=["kind"])
        for kind, mean in sorted(snapshot.run_seconds.items()):
            seconds.add_metric([kind], mean)
        yield seconds
        waiting = GaugeMetricFamily("restplatz_outbox_messages", "Messages that wait.", labels=["kind"])
        age = GaugeMetricFamily("restplatz_outbox_oldest_seconds", "Age of the oldest of them.", labels=["kind"])
        for kind, count in sorted(snapshot.outbox.items()):
            waiting.add_metric([kind], count)
            age.add_metric([kind], _age(snapshot.outbox_oldest.get(kind), snapshot.at))
        yield waiting
        yield age
        yield GaugeMetricFamily(
            "restplatz_oldest_unanswered_seconds",
            "Age of the oldest proposal that nobody has answered; 0 where there is none.",
            value=_age(snapshot.oldest_unanswered, snapshot.at),
        )


def _age(since: datetime | None, at: datetime) -> float:
    return 0.0 if since is None else max(0.0, (at - since).total_seconds())
