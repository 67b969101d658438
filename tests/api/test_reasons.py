"""Why a request found no place, as people read it."""

from __future__ import annotations

import uuid

from api.schemas.request_views import ReasonShown


def test_a_reason_names_no_other_request_and_no_duty() -> None:
    other, third = str(uuid.uuid4()), str(uuid.uuid4())
    stored = {
        "zab": "essen", "obstacle": "displaces", "rule": None, "displaces": [other, third],
        "texts": {"de": f"Es müssten weichen: {other}, {third}.", "en": f"It would displace {other}."},
        "actions": {"de": f"Dienst {third} verlängern."},
    }  # fmt: skip
    shown = ReasonShown.of(stored, knows=False, owns=False)
    assert shown.texts == {"de": "Es müssten weichen.", "en": "It would displace."}
    assert shown.actions == {"de": "Dienst verlängern."}
    assert shown.displaces == 2
    assert shown.rule is None
