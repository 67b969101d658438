"""Several people who confirm and enter at once while something dies, and what they were told."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx2

from api.db.tables import Proposal
from tests.api.crashes.service import LONG, Service, until


@dataclass
class Told:
    """What callers were told: by proposal or key the status and the body; ``None`` where the connection broke."""

    answers: dict[str, tuple[int, Any] | None] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, key: str, answer: tuple[int, Any] | None) -> None:
        """Keep an answer."""
        with self._lock:
            self.answers[key] = answer

    def of(self, *statuses: int) -> list[str]:
        """Return whose answers had one of these statuses."""
        with self._lock:
            return [key for key, answer in self.answers.items() if answer is not None and answer[0] in statuses]


@dataclass
class Crowd:
    """Dispatchers of two ZABs who confirm, and an ABH that enters requests."""

    service: Service
    proposals: Sequence[Proposal]
    entries: range
    """Numbers of the requests that are entered."""
    confirmed: Told = field(default_factory=Told)
    entered: Told = field(default_factory=Told)
    keys: dict[int, str] = field(default_factory=dict)
    """``Idempotency-Key`` by number of the request."""
    _threads: list[threading.Thread] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Look up what the dispatchers have before them."""
        house = self.service.house
        self.keys = {number: str(uuid.uuid4()) for number in self.entries}
        self._who = {house[name].organisation_id: name for name in ("essen", "koeln")}
        self._tags = {
            each.id: house[self._who[each.zab_id]].call("GET", f"/proposals/{each.id}").headers["ETag"]
            for each in self.proposals
        }

    @contextmanager
    def at_work(self, threads: int = 4) -> Iterator[None]:
        """All of them at once; at the end they have had an answer, or none."""
        jobs: list[Callable[[], None]] = [
            lambda share=self.proposals[k::threads]: self.confirm(share)  # type: ignore[misc]
            for k in range(threads)
        ]
        self._threads = [threading.Thread(target=job) for job in (*jobs, lambda: self.enter(self.entries))]
        for thread in self._threads:
            thread.start()
        try:
            yield
        finally:
            for thread in self._threads:
                thread.join(LONG)
        assert not any(thread.is_alive() for thread in self._threads)

    def has(self, number: int, statuses: Sequence[int] = (200,)) -> None:
        """Wait until so many were confirmed, or everybody is done."""
        until(
            lambda: len(self.confirmed.of(*statuses)) >= number or not any(t.is_alive() for t in self._threads),
            "confirmations", every=0.002,
        )  # fmt: skip
        assert len(self.confirmed.of(*statuses)) >= number, self.confirmed.answers

    def confirm(self, proposals: Sequence[Proposal]) -> None:
        """Confirm one after another."""
        for each in proposals:
            with self.service.caller(self._who[each.zab_id]) as caller:
                try:
                    answer = caller.call("POST", f"/proposals/{each.id}/confirm", if_match=self._tags[each.id])
                except httpx2.TransportError:
                    self.confirmed.note(str(each.id), None)
                else:
                    self.confirmed.note(str(each.id), (answer.status_code, answer.json()))

    def enter(self, numbers: Sequence[int]) -> None:
        """Enter requests one after another, each with the key that it always has."""
        for number in numbers:
            body = self.service.request_body(number)
            with self.service.caller("abh") as caller:
                try:
                    answer = caller.call("POST", "/requests", body, **{"Idempotency-Key": self.keys[number]})
                except httpx2.TransportError:
                    self.entered.note(str(number), None)
                else:
                    self.entered.note(str(number), (answer.status_code, answer.json()))

    def check(self) -> None:
        """Whoever was told 200 or 201 finds it; nothing is there by half, nothing twice."""
        self.service.check()
        states = {str(each.id): self.service.state_of(each) for each in self.proposals}
        for key in self.confirmed.of(200):
            assert states[key] == "confirmed"
        for key in self.entered.of(201):
            answer = self.entered.answers[key]
            assert answer is not None
            assert self.service.entered(int(key)) == [answer[1]["id"]]
        assert all(len(self.service.entered(number)) <= 1 for number in self.entries)

    def finish(self, *, is_planned_anew: bool = False) -> None:
        """Do again all that was not answered well: it is done then, once, and whoever had an answer gets it again.

        ``is_planned_anew``: a run has ended meanwhile, which may have put another proposal in the place of one.
        """
        before = dict(self.entered.answers)
        self.enter(self.entries)
        assert len(self.entered.of(201)) == len(self.entries), self.entered.answers
        for number, answer in before.items():
            if answer is not None and answer[0] == 201:
                assert self.entered.answers[number] == answer
        done = {str(each.id) for each in self.proposals if self.service.state_of(each) == "confirmed"}
        self.confirm(self.proposals)
        for each in self.proposals:
            key = str(each.id)
            answer = self.confirmed.answers[key]
            assert answer is not None
            if key in done:
                assert (answer[0], answer[1]["code"]) == (409, "already_decided")
            elif is_planned_anew and answer[0] == 409:
                assert (answer[1]["standing"], answer[1]["end_code"]) == ("lost", "better_plan")
            else:
                assert answer[0] == 200, answer
        self.service.check()
        assert all(len(self.service.entered(number)) == 1 for number in self.entries)
