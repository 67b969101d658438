"""A worker as a process of its own, for tests that kill it. ``python worker_process.py SETTINGS_JSON [STEP]``.

With STEP it says "here" when it comes there, and waits to be killed: in ``solve`` before the answer is stored, in
``publish`` after the transaction of the service has committed.
"""

from __future__ import annotations

import json
import sys
import time
from datetime import datetime
from typing import Any

from api.jobs import solving
from api.jobs.worker import run_worker
from api.services import matching
from api.settings import Settings


def _wait_to_be_killed() -> None:
    sys.stdout.write("here\n")
    sys.stdout.flush()
    time.sleep(600)


def _stop_at(step: str) -> None:
    if step == "solve":
        match = matching.match

        def matched(*arguments: Any, **named: Any) -> Any:
            match(*arguments, **named)
            _wait_to_be_killed()

        vars(solving)["match"] = matched
        return
    publish = solving.Steps.publish

    def published(self: solving.Steps, run_id: str) -> None:
        publish(self, run_id)
        _wait_to_be_killed()

    solving.Steps.publish = published  # type: ignore[method-assign]


def main() -> None:
    known = json.loads(sys.argv[1])
    now = datetime.fromisoformat(known.pop("now"))
    if len(sys.argv) > 2:
        _stop_at(sys.argv[2])
    run_worker(Settings.model_validate(known), clock=lambda: now)


if __name__ == "__main__":
    main()
