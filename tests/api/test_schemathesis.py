"""Calls made up from the OpenAPI document, in order and out of order, by everybody: no answer is a defect."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.config import GenerationConfig, ProjectConfig, ProjectsConfig, SchemathesisConfig
from schemathesis.core.control import SkipTest
from schemathesis.core.result import Ok

from api.db.engine import make_engine
from api.jobs.warming import warm
from tests.api.conftest import database
from tests.api.house import House

_STREAMS = "/events"
"""Streams end with the run; they have tests of their own."""
_LEFT_OUT = {"/v1/sign-in/provider", "/v1/sign-in/provider/callback"}
"""They call the identity provider."""


@pytest.fixture(params=["sqlite", "postgresql"], scope="module")
def lived_in(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The service with something of each kind in it."""
    folder: Path = tmp_path_factory.mktemp("house")
    if request.param == "sqlite":
        engine = make_engine(f"sqlite:///{shutil.copy(request.getfixturevalue('migrated_file'), folder / 'test.db')}")
        house = House(engine, folder)
        _furnish(house)
        yield house
        house.close()
        return
    server, template = request.getfixturevalue("postgres"), request.getfixturevalue("migrated_template")
    with database(server, template) as (engine, _):
        house = House(engine, folder)
        _furnish(house)
        yield house
        house.close()


def _furnish(house: House) -> None:
    # A match has seconds, of which compiling the search would take all.
    warm()
    house.duty("zab:essen")
    house.duty("zab:koeln", depot="05315000")
    house.pooled(1)
    house.pooled(2)
    house.match()


class _Promised:
    """What the OpenAPI document says of answers."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._document = document
        self._known: dict[tuple[str, str, str, str], Any] = {}

    def fault(self, path: str, method: str, answer: Any) -> str | None:
        """Return how an answer is not as promised: its status, its kind, or its content."""
        status = str(answer.status_code)
        responses = self._document["paths"][path][method.lower()]["responses"]
        if status not in responses:
            # Of the HTTP server's kind: no operation tells of a method that it has not.
            return None if status == "405" else f"status {status} is not promised"
        contents = responses[status].get("content", {})
        kind = answer.headers.get("content-type", "").partition(";")[0]
        if not contents:
            return f"content of kind {kind} is not promised" if answer.content else None
        if kind not in contents:
            return f"kind {kind!r} is not promised, but {sorted(contents)}"
        if "json" not in kind or "schema" not in contents[kind]:
            return None
        place = (path, method, status, kind)
        if place not in self._known:
            whole = {**contents[kind]["schema"], "components": self._document["components"]}
            self._known[place] = jsonschema_rs.validator_for(whole, validate_formats=True)
        first = next(iter(self._known[place].iter_errors(answer.json())), None)
        return None if first is None else f"{first.instance_path}: {first.message}"[:300]


def _operations(house: House, *modes: GenerationMode) -> Iterator[Any]:
    known = SchemathesisConfig(
        projects=ProjectsConfig(default=ProjectConfig(generation=GenerationConfig(modes=list(modes))))
    )
    document = house.client.get("/v1/openapi.json").json()
    schema = schemathesis.openapi.from_dict(document, config=known)
    for result in schema.get_all_operations():
        assert isinstance(result, Ok), result
        operation = result.ok()
        if not operation.path.endswith(_STREAMS) and operation.path not in _LEFT_OUT:
            yield operation


def _try(house: House, mode: GenerationMode, examples: int) -> None:
    wrong: list[Any] = []
    tried = 0
    ids = _ids(house)
    promised = _Promised(house.client.get("/v1/openapi.json").json())
    for operation in _operations(house, mode):

        @given(case=operation.as_strategy(generation_mode=mode))
        @settings(
            max_examples=examples,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        def once(case: Any) -> None:
            nonlocal tried
            tried += 1
            sent = case.as_transport_kwargs(base_url="http://testserver")
            sent = {key: value for key, value in sent.items() if key in {"json", "data", "params", "cookies", "files"}}
            path = case.formatted_path
            for name, key in ids.items():
                # Made-up ids lead nowhere: half of the calls go to what is there.
                if f"{{{name}}}" in case.operation.path and tried % 2:
                    path = case.operation.path.replace(f"{{{name}}}", key)
            caller = list(house.people.values())[tried % len(house.people)]
            headers = {
                str(key): str(value).encode("latin-1", "ignore").decode("latin-1")
                for key, value in (case.headers or {}).items()
                if key.lower() not in {"authorization", "cookie"}
            }
            headers["Authorization"] = f"ApiKey {caller.key}"
            if isinstance(sent.get("data"), bytes | str):
                sent["content"] = sent.pop("data")
            sent.pop("cookies", None)
            answer = house.client.request(case.method, path, headers=headers, **sent)
            if answer.status_code >= 500 and answer.status_code != 503:
                wrong.append((case.method, path, answer.status_code, answer.text, str(sent)[:300]))
                return
            fault = promised.fault(case.operation.path, case.method, answer)
            if fault is not None:
                wrong.append((case.method, path, answer.status_code, fault, str(sent)[:300]))

        # Where every call is in order there is none that is not.
        with suppress(SkipTest):
            once()
    assert wrong == []
    assert tried > 5 * examples


def _ids(house: House) -> dict[str, str]:
    proposal = house["ltrako"].get("/proposals?limit=1")["items"][0]
    return {
        "request_id": proposal["request_id"], "proposal_id": proposal["id"], "duty_id": proposal["duty_id"],
        "run_id": proposal["run_id"], "account_id": str(house["abh"].account_id),
        "organisation_id": str(house["abh"].organisation_id),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("lived_in", "mode"),
    [("sqlite", GenerationMode.POSITIVE), ("postgresql", GenerationMode.NEGATIVE)],
    indirect=["lived_in"],
    ids=["sqlite-positive", "postgresql-negative"],
)
def test_no_call_is_answered_by_a_defect(lived_in: House, mode: GenerationMode) -> None:
    """Few calls of each kind; the long run makes many of both kinds on both databases."""
    _try(lived_in, mode, 2)


@pytest.mark.slow
@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
def test_of_very_many_calls_none_is_answered_by_a_defect(lived_in: House, mode: GenerationMode) -> None:
    _try(lived_in, mode, 200)
