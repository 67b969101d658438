"""The OpenAPI document is complete: whoever adds an endpoint learns here what is missing."""

from __future__ import annotations

import inspect
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Annotated, Any

import jsonschema_rs
import pytest
from fastapi import APIRouter, Depends, FastAPI
from fastapi.routing import APIRoute, iter_route_contexts
from pydantic import BaseModel, SecretStr
from starlette.testclient import TestClient

from api.actor import Actor
from api.app import create_app
from api.errors import Code
from api.settings import Settings
from api.web import openapi
from api.web.authentication import may
from api.web.examples import NoExample, example_of
from api.web.problems import MEDIA_TYPE
from api.workflow import Role

Operation = tuple[str, dict[str, Any]]


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    return create_app(Settings(folder=tmp_path_factory.mktemp("folder"), secret=SecretStr("s" * 40)))


@pytest.fixture(scope="module")
def document(app: FastAPI) -> dict[str, Any]:
    return app.openapi()


@pytest.fixture(scope="module")
def operations(document: dict[str, Any]) -> list[Operation]:
    found = [
        (f"{method.upper()} {path}", operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]
    assert found
    return found


def missing(operations: list[Operation], *, without: Any) -> list[str]:
    return [name for name, operation in operations if without(operation)]


def test_every_operation_has_a_tag_that_is_described(document: dict[str, Any], operations: list[Operation]) -> None:
    described = {tag["name"] for tag in document["tags"] if tag["description"]}
    assert missing(operations, without=lambda each: not set(each.get("tags", ())) & described) == []
    assert missing(operations, without=lambda each: not set(each.get("tags", ())) <= described) == []


def test_head_is_told_once_and_not_of_each_operation(document: dict[str, Any], operations: list[Operation]) -> None:
    assert [name for name, _ in operations if name.startswith("HEAD")] == []
    assert "HEAD" in document["info"]["description"]


def test_every_operation_has_summary_and_description(operations: list[Operation]) -> None:
    assert missing(operations, without=lambda each: not each.get("summary")) == []
    # The line that tells the roles is ours: before it stands what the endpoint says of itself.
    assert missing(operations, without=lambda each: not each["description"].rpartition("\n\n")[0].strip()) == []


def test_operation_ids_are_short_and_unique(operations: list[Operation]) -> None:
    counts = Counter(operation["operationId"] for _, operation in operations)
    assert [name for name, count in counts.items() if count > 1] == []
    assert [name for name in counts if "_v1_" in name or not name.isidentifier()] == []


def bodies(operation: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for media, content in operation.get("requestBody", {}).get("content", {}).items():
        yield f"body {media}", content
    for status, response in operation["responses"].items():
        if status.startswith("2"):
            for media, content in response.get("content", {}).items():
                yield f"{status} {media}", content


def test_every_body_has_an_example(operations: list[Operation]) -> None:
    found = [
        f"{name}: {where}"
        for name, operation in operations
        for where, content in bodies(operation)
        if not where.endswith("event-stream")
        and not ({"example", "examples"} & set(content) or content.get("schema", {}).get("examples"))
    ]
    assert found == []


def test_examples_fit_their_schemas(document: dict[str, Any], operations: list[Operation]) -> None:
    faults = []
    for name, operation in operations:
        for where, content in bodies(operation):
            if "json" not in where or "schema" not in content or "example" not in content:
                continue
            schema = {**content["schema"], "components": document["components"]}
            validator = jsonschema_rs.validator_for(schema, validate_formats=True)
            faults += [
                f"{name} {where} {error.instance_path}: {error.message}"
                for error in validator.iter_errors(content["example"])
            ]
    assert faults == []


def test_every_operation_tells_its_problems(operations: list[Operation]) -> None:
    def is_silent(operation: dict[str, Any]) -> bool:
        told = [status for status in operation["responses"] if status.startswith("4")]
        return not told

    silent = missing(operations, without=is_silent)
    assert silent == ["GET /v1/health/live", "GET /v1/health/ready"]


def test_problems_are_problem_json_with_codes(document: dict[str, Any], operations: list[Operation]) -> None:
    known = {code.value for code in Code}
    for name, operation in operations:
        for status, response in operation["responses"].items():
            if not status.startswith(("4", "5")) or "health" in name:
                continue
            content = response["content"][MEDIA_TYPE]
            assert set(content["examples"]) <= known, name
            for example in content["examples"].values():
                assert str(example["value"]["status"]) == status
    assert "HTTPValidationError" not in str(document)


def test_whoever_must_sign_in_is_told_how(document: dict[str, Any], operations: list[Operation]) -> None:
    assert set(document["components"]["securitySchemes"]) == {"bearer", "apiKey", "session"}
    open_ones = missing(operations, without=lambda each: each["security"] == [])
    assert {name for name in open_ones if not name.split()[1].startswith("/v1/sign-")} == {
        "GET /v1/health/live",
        "GET /v1/health/ready",
    }
    for name, operation in operations:
        assert not operation["security"] or "401" in operation["responses"], name


def test_roles_are_told(document: dict[str, Any]) -> None:
    operation = document["paths"]["/v1/audit"]["get"]
    assert operation["x-roles"] == ["auditor"]
    assert operation["description"].endswith("Roles: `auditor`.")
    assert "403" in operation["responses"]


def test_whoever_creates_is_told_that_the_call_needs_a_key(operations: list[Operation]) -> None:
    found = [
        each for _, operation in operations for each in operation.get("parameters", ())
        if each["name"] == "Idempotency-Key"
    ]  # fmt: skip
    assert found
    for each in found:
        assert each["required"] is True
        assert (each["schema"]["type"], each["schema"]["minLength"]) == ("string", 1)


def test_whoever_decides_is_told_that_the_call_needs_a_version(operations: list[Operation]) -> None:
    found = [
        (name, each)
        for name, operation in operations
        for each in operation.get("parameters", ())
        if each["name"] == "If-Match"
    ]
    assert found
    assert [name for name, each in found if not (each["required"] and each["schema"]["type"] == "string")] == []


def test_whoever_steps_is_told_that_the_state_may_forbid_it(operations: list[Operation]) -> None:
    """Steps in the life of a request: of each the workflow has states in which it is not possible."""

    def is_silent(operation: dict[str, Any]) -> bool:
        told = operation["responses"].get("409", {}).get("content", {}).get(MEDIA_TYPE, {})
        return not {"state_forbids", "already_decided"} <= set(told.get("examples", ()))

    of = ("POST /v1/requests/{request_id}/", "POST /v1/proposals/{proposal_id}/", "POST /v1/approvals/{approval_id}/")
    steps = [each for each in operations if each[0].startswith(of)]
    no_steps = {"POST /v1/requests/{request_id}/amtshilfe", "POST /v1/requests/{request_id}/medical-reception"}
    assert len(steps) > 20
    assert sorted(set(missing(steps, without=is_silent)) - no_steps) == []


def test_examples_of_bodies_are_taken_as_they_stand(app: FastAPI, document: dict[str, Any]) -> None:
    """Rules between fields (one of two, begin before end) are in no schema: the bodies themselves are asked."""
    refused, asked = [], 0
    for each in iter_route_contexts(app.routes):
        field = getattr(each.original_route, "body_field", None)
        for method in each.methods or ():
            operation = document["paths"].get(each.path_format, {}).get(method.lower())
            content = {} if operation is None else operation.get("requestBody", {}).get("content", {})
            if field is not None and "example" in content.get("application/json", {}):
                asked += 1
                _, faults = field.validate(content["application/json"]["example"], {}, loc=("body",))
                refused += [(f"{method} {each.path_format}", fault["loc"], fault["msg"]) for fault in faults]
    assert refused == []
    assert asked > 40


def test_the_document_is_served_and_made_once(app: FastAPI) -> None:
    with TestClient(app) as client:
        assert client.get("/v1/openapi.json").json() == app.openapi()
    assert app.openapi() is app.openapi()


def test_nobody_waits_while_the_document_is_made(app: FastAPI) -> None:
    """It takes seconds: in the loop of events it would hold up every other call."""
    (endpoint,) = [each.endpoint for each in app.routes if isinstance(each, APIRoute) and each.path == openapi.DOCUMENT]
    assert not inspect.iscoroutinefunction(endpoint)


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.links: list[str] = []
        self.ids: list[str] = []
        self.nonces: list[str | None] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        assert tag not in {"script", "link", "img", "iframe"}
        if tag != "meta":
            self.open.append(tag)
        if tag == "a":
            self.links.append(found["href"] or "")
        if tag == "style":
            self.nonces.append(found["nonce"])
        if found.get("id"):
            self.ids.append(found["id"] or "")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_loads_nothing_and_leads_somewhere(app: FastAPI, operations: list[Operation]) -> None:
    with TestClient(app) as client:
        answer = client.get("/v1/docs")
    page = _Page()
    page.feed(answer.text)
    assert page.open == []
    assert len(page.ids) == len(set(page.ids))
    assert {link for link in page.links if not link.startswith("/")} <= {f"#{each}" for each in page.ids}
    assert {link for link in page.links if link.startswith("/")} == {"/v1/openapi.json"}
    assert f"'nonce-{page.nonces[0]}'" in answer.headers["content-security-policy"]
    assert {f"op-{operation['operationId']}" for _, operation in operations} <= set(page.ids)


def test_what_is_said_in_a_description_is_no_markup() -> None:
    router = APIRouter(tags=["operation"])

    @router.get("/x", summary="<script>alert(1)</script>", description="<b>`<i>`")
    def x() -> None: ...

    app = FastAPI()
    app.include_router(router)
    openapi.install(app)
    with TestClient(app) as client:
        text = client.get("/v1/docs").text
    assert "<script>" not in text
    assert "<b>" not in text
    assert "&lt;b&gt;<code>&lt;i&gt;</code>" in text


def test_functions_of_one_name_are_told_apart() -> None:
    app = FastAPI()
    for tag in ("pool", "runs"):
        router = APIRouter(prefix=f"/{tag}", tags=[tag])

        @router.get("", dependencies=[may(Role.ABH)], openapi_extra=openapi.also(Code.TOO_LATE))
        def read() -> None:
            """Read."""

        app.include_router(router)
    openapi.install(app)
    paths = app.openapi()["paths"]
    assert [paths[path]["get"]["operationId"] for path in ("/pool", "/runs")] == ["pool_read", "runs_read"]
    assert "too_late" in paths["/pool"]["get"]["responses"]["409"]["content"][MEDIA_TYPE]["examples"]
    assert openapi.PROBLEMS not in paths["/pool"]["get"]


class Inner(BaseModel):
    name: str


class Outer(BaseModel):
    inner: list[Inner]
    note: str | None = None


def test_a_field_without_an_example_is_named() -> None:
    schema = Outer.model_json_schema(ref_template="#/components/schemas/{model}")
    with pytest.raises(NoExample, match="/inner/0/name"):
        example_of(schema, schema["$defs"])


def test_an_example_is_put_together(document: dict[str, Any]) -> None:
    schema = {
        "type": "object",
        "required": ["a", "b", "c", "d", "e"],
        "properties": {
            "a": {"type": "integer", "examples": [3]},
            "b": {"enum": ["x", "y"]},
            "c": {"anyOf": [{"type": "null"}, {"const": 7}]},
            "d": {"type": "array", "items": {"default": "z"}},
            "e": {"type": "boolean"},
            "f": {"type": "string"},
        },
    }
    assert example_of(schema, {}) == {"a": 3, "b": "x", "c": 7, "d": ["z"], "e": True}


def test_the_web_process_never_loads_the_solver(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from api.app import create_app; from api.settings import Settings\n"
        f"app = create_app(Settings(_env_file=None, folder=Path({str(tmp_path)!r}), secret='s' * 40))\n"
        "app.openapi()\n"
        "print(sorted({name.split('.')[0] for name in sys.modules} & {'ortools', 'highspy', 'numba', 'scipy'}))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_dependencies_of_dependencies_tell_the_roles() -> None:
    app = FastAPI()

    def inner(actor: Annotated[Actor, may(Role.ZFA)]) -> None: ...

    @app.get("/x", tags=["runs"], dependencies=[Depends(inner)])
    def x() -> None:
        """Do it."""

    openapi.install(app)
    assert app.openapi()["paths"]["/x"]["get"]["x-roles"] == ["zfa"]


def test_bulk_imports_may_be_large_and_nothing_else(app: FastAPI) -> None:
    large = {
        route.path_format
        for route in iter_route_contexts(app.routes)
        if (getattr(route.original_route, "openapi_extra", None) or {}).get("x-large-body")
    }
    assert large == {"/v1/requests/imports", "/v1/duties/imports", "/import", "/fleet/duties/import"}
    assert "x-large-body" not in str(app.openapi())
