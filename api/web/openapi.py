"""The OpenAPI document: what FastAPI derives, and what it cannot know: who may, which problems there are, examples."""

from __future__ import annotations

import importlib.metadata
import re
import threading
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.responses import HTMLResponse
from fastapi.routing import iter_route_contexts
from pydantic_core import to_json

from api.errors import STATUS, TYPE_PREFIX, Code
from api.web.authentication import COOKIE, identified, roles_of
from api.web.examples import NoExample, example_of
from api.web.problems import MEDIA_TYPE
from api.web.reference import page
from api.workflow import Role

PROBLEMS = "x-problems"
DOCS = "/v1/docs"
DOCUMENT = "/v1/openapi.json"
KEY, VERSION = "Idempotency-Key", "If-Match"
_JSON = "application/json"
_INNER = (PROBLEMS, "x-large-body")
"""Keys by which routes tell this module something; they are not shown."""
_DESCRIPTION = """Rejected transport requests are pooled, matched with free seats of the five ZABs, proposed, and
confirmed or declined by people. Silence never confirms.

- Errors are `application/problem+json` (RFC 9457) with a stable `code`, all faults at once, and what to do.
- A POST that creates needs an `Idempotency-Key`; a repeated call gets the first answer again.
- Decisions need `If-Match` with the `ETag` of the record as it was seen.
- Lists come in pages: send `next` as `after`. What you may not see is answered as if it were not there.
- What answers GET answers HEAD too: the same status and headers, checked and logged alike, without content.
- Streams of events (`…/events`) resume with `Last-Event-ID`; 204 says that nothing more will come.
- Instants have an offset; ids are UUIDv7, in the order of their creation. Bodies are strict.
- Programmes send `Authorization: ApiKey …`; people make keys on the page `/me/keys`, or by `POST /v1/me/api-keys`.
- Calls with a header `Authorization` need nothing more; calls with the cookie of the page must come from the page."""
_TAGS: Mapping[str, str] = {
    "sign-in": "Sign in and out, and who I am.",
    "organisations": "ABHs, ZABs and coordinating offices.",
    "accounts": "People's accounts: a login and a role, no name.",
    "api-keys": "Keys of machine clients.",
    "requests": "Transport requests: enter, import, amend, withdraw, stop.",
    "pool": "What waits to be matched, in coarse form.",
    "fleet": "Vehicles and crews of a ZAB, and when they are away.",
    "duties": "Shifts of crews with vehicles.",
    "commitments": "Tours that a ZAB has promised.",
    "proposals": "What the solver proposes, and what people say to it.",
    "decisions": "Who decided what, when and why.",
    "dublin": "Dublin transfers by days left, Amtshilfe, and tasks to examine.",
    "clearances": "Transit and medical reception: asked for by ZFA and ZRK, answered, told to the ABHs.",
    "contacts": "Offices of states of destination; for the ZRK alone.",
    "guidance": "The information area: pages by topic, questions and answers.",
    "approvals": "Actions that wait for a second person.",
    "assignments": "Check a trip on a duty by hand, and assign it.",
    "explanations": "Why a request does not ride, what would help, and why it is proposed where it is.",
    "what-if": "Scenarios, and simulations of them on a snapshot: they change nothing.",
    "seats": "Seats that became free, and the requests that fit.",
    "runs": "Runs of the solver and their progress.",
    "reports": "The morning list; figures by year for observers, on causes, and between the ZABs.",
    "ledger": "What each ZAB took, declined and drove, by month; seen by all alike.",
    "statistics": "Anonymised history by month, for planning; groups that are too small are not told.",
    "notices": "What an organisation must know or look at.",
    "webhooks": "Where an organisation wants to be told.",
    "catalogue": "Codes, states, rules, places, parameter sets.",
    "audit": "The append-only log, for auditors.",
    "operation": "Health and metrics.",
}
_SCHEMES: dict[str, Any] = {
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "Token of the identity provider (OpenID Connect).",
    },
    "apiKey": {
        "type": "apiKey",
        "in": "header",
        "name": "Authorization",
        "description": "`ApiKey <key>`: of a machine client.",
    },
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": COOKIE,
        "description": "Cookie of the page. Calls that change something must come from the page itself.",
    },
}
_PROBLEM: dict[str, Any] = {
    "type": "object",
    "title": "Problem",
    "description": "What went wrong (RFC 9457). Further members depend on the code.",
    "required": ["type", "title", "status", "code", "detail"],
    "properties": {
        "type": {"type": "string", "description": "URN of the code."},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string", "enum": [code.value for code in Code], "description": "Stable."},
        "detail": {"type": "string", "description": "What happened, and what to do."},
        "errors": {
            "type": "array",
            "description": "All faults.",
            "items": {
                "type": "object",
                "required": ["path", "expected", "got", "what_to_do"],
                "properties": {
                    "path": {"type": "string", "description": "JSON pointer, or row and column of a file."},
                    "expected": {"type": "string"},
                    "got": {"type": "string", "description": "A type or a length, never what was sent."},
                    "what_to_do": {"type": "string"},
                },
            },
        },
        "instance": {"type": "string", "description": "Path of the call."},
        "request_id": {"type": "string", "description": "Id of the call, as logged; also in X-Request-ID."},
    },
}


def also(*codes: Code) -> dict[str, Any]:
    """Return what a route gives as ``openapi_extra`` where it answers problems that its signature does not tell."""
    return {PROBLEMS: [code.value for code in codes]}


def step(*codes: Code) -> dict[str, Any]:
    """As ``also``, for a step of a table of states: that may be impossible by now, or taken already."""
    return also(Code.STATE_FORBIDS, Code.ALREADY_DECIDED, *codes)


def install(app: FastAPI) -> None:
    """Let ``app`` show the whole document, and a page to read it that loads nothing from elsewhere."""
    app.title, app.version = "Restplatzbörse", importlib.metadata.version("restplatzboerse")
    app.description = _DESCRIPTION
    derive = app.openapi
    made: dict[int, dict[str, Any]] = {}
    one_makes_it = threading.Lock()

    def document() -> dict[str, Any]:
        with one_makes_it:
            derived = derive()
            if id(derived) not in made:
                made.clear()
                made[id(derived)] = _complete(app, derived)
            return made[id(derived)]

    # In a thread, unlike FastAPI's own: to make it takes seconds, in which nobody else would be answered.
    def whole() -> Response:
        return Response(to_json(document()), media_type=_JSON)

    def docs(request: Request) -> HTMLResponse:
        return HTMLResponse(page(document(), nonce=str(getattr(request.state, "csp_nonce", ""))))

    app.openapi = document  # type: ignore[method-assign]  # as FastAPI's own docs do
    app.add_api_route(DOCUMENT, whole, include_in_schema=False)
    app.add_api_route(DOCS, docs, include_in_schema=False, response_class=HTMLResponse)


def _complete(app: FastAPI, document: dict[str, Any]) -> dict[str, Any]:
    components = document.setdefault("components", {})
    schemas: dict[str, Any] = components.setdefault("schemas", {})
    schemas["Problem"] = _PROBLEM
    components["securitySchemes"] = _SCHEMES
    routes = {
        (context.path_format, method.lower()): context
        for context in iter_route_contexts(app.routes)
        for method in context.methods or ()
    }
    _hoist(list(schemas.values()), schemas)
    used: set[str] = set()
    names: dict[str, list[dict[str, Any]]] = {}
    for path, operations in document.get("paths", {}).items():
        for method, operation in operations.items():
            _hoist(operation, schemas)
            route = routes[path, method]
            calls = set(_calls(route.dependant))
            roles = next((found for call in calls if (found := roles_of(call)) is not None), None)
            is_open = roles is None and identified not in calls
            operation["security"] = [] if is_open else [{scheme: []} for scheme in _SCHEMES]
            _say_who(operation, roles, is_open=is_open)
            _require_headers(operation)
            _say_problems(operation, path, method, roles, is_open=is_open)
            _give_examples(operation, schemas)
            used.update(operation.get("tags", ()))
            names.setdefault(str(route.name), []).append(operation)
    for name, named in names.items():
        for operation in named:
            operation["operationId"] = name if len(named) == 1 else f"{_plain(operation['tags'][0])}_{name}"
    document["tags"] = [{"name": tag, "description": text} for tag, text in _TAGS.items() if tag in used]
    # Replaced by problems in every answer.
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    return document


def _hoist(part: Any, schemas: dict[str, Any]) -> None:
    """Move schemas that pydantic made for one body to all the others, where references can find them."""
    if isinstance(part, list):
        for each in part:
            _hoist(each, schemas)
    if not isinstance(part, dict):
        return
    for name, schema in part.pop("$defs", {}).items():
        _hoist(schemas.setdefault(name, schema), schemas)
    reference = part.get("$ref")
    if isinstance(reference, str):
        part["$ref"] = reference.replace("#/$defs/", "#/components/schemas/")
    mapping = part.get("mapping")
    if isinstance(mapping, dict) and "propertyName" in part:
        part["mapping"] = {key: str(at).replace("#/$defs/", "#/components/schemas/") for key, at in mapping.items()}
    for each in part.values():
        _hoist(each, schemas)


def _calls(dependant: Dependant) -> Iterator[Any]:
    for each in dependant.dependencies:
        yield each.call
        yield from _calls(each)


def _say_who(operation: dict[str, Any], roles: frozenset[Role] | None, *, is_open: bool) -> None:
    who = "Without sign-in." if is_open else "Any role."
    if roles is not None:
        who = f"Roles: {', '.join(f'`{role}`' for role in sorted(roles))}."
        operation["x-roles"] = sorted(role.value for role in roles)
    operation["description"] = f"{operation.get('description', '')}\n\n{who}".strip()


def _require_headers(operation: dict[str, Any]) -> None:
    """Tell that a call needs these headers: the code takes them as optional, to answer with a problem of its own."""
    for parameter in operation.get("parameters", ()):
        if parameter["in"] == "header" and parameter["name"] in (KEY, VERSION):
            kinds = parameter["schema"].pop("anyOf", [{}])
            parameter["schema"] = {**kinds[0], "minLength": 1, **parameter["schema"]}
            parameter["required"] = True


def _say_problems(
    operation: dict[str, Any], path: str, method: str, roles: frozenset[Role] | None, *, is_open: bool
) -> None:
    responses: dict[str, Any] = operation.setdefault("responses", {})
    if _is_of_validation(responses.get("422")):
        del responses["422"]
    for status, response in responses.items():
        if status.startswith("2") and response.get("description") == "Successful Response":
            response["description"] = HTTPStatus(int(status)).phrase
    told = [Code(each) for each in operation.get(PROBLEMS, ())]
    by_status: dict[int, list[Code]] = {}
    for code in dict.fromkeys([*_codes(operation, path, method, roles, is_open=is_open), *told]):
        by_status.setdefault(STATUS[code][0], []).append(code)
    for number, codes in sorted(by_status.items()):
        response = responses.setdefault(
            str(number), {"description": ". ".join(dict.fromkeys(STATUS[code][1] for code in codes)) + "."}
        )
        response.setdefault("content", {})[MEDIA_TYPE] = {
            "schema": {"$ref": "#/components/schemas/Problem"},
            "examples": {code.value: {"value": _example(code)} for code in codes},
        }
    operation["responses"] = dict(sorted(responses.items()))
    for key in _INNER:
        operation.pop(key, None)


def _codes(
    operation: dict[str, Any], path: str, method: str, roles: frozenset[Role] | None, *, is_open: bool
) -> Iterator[Code]:
    """Yield the problems that follow from what an operation takes and who may call it."""
    headers = {each["name"].lower() for each in operation.get("parameters", ()) if each["in"] == "header"}
    is_unsafe = method in ("post", "put", "patch", "delete")
    if not is_open:
        yield Code.NOT_SIGNED_IN
    if roles is not None:
        yield Code.ROLE_MAY_NOT
    if is_unsafe:
        yield Code.CROSS_SITE
    if "{" in path:
        yield Code.NOT_FOUND
    if operation.get("parameters"):
        yield Code.PARAMETER_INVALID
    if "requestBody" in operation:
        yield from (Code.BODY_INVALID, Code.BODY_TOO_LARGE, Code.MEDIA_TYPE_UNKNOWN)
    if KEY.lower() in headers:
        yield from (Code.IDEMPOTENCY_KEY_MISSING, Code.IDEMPOTENCY_KEY_REUSED, Code.IDEMPOTENCY_KEY_BUSY)
    if VERSION.lower() in headers:
        yield from (Code.VERSION_MISSING, Code.VERSION_CHANGED)
    if path.startswith("/v1/health/"):
        return
    yield from (Code.TOO_MANY_REQUESTS, Code.DEFECT, Code.UNAVAILABLE)
    if is_unsafe:
        yield from (Code.DATABASE_BUSY, Code.DATABASE_READ_ONLY, Code.DATABASE_FULL)


def _is_of_validation(response: dict[str, Any] | None) -> bool:
    return response is not None and "HTTPValidationError" in str(response)


def _example(code: Code) -> dict[str, Any]:
    status, title = STATUS[code]
    return {
        "type": f"{TYPE_PREFIX}{code}", "title": title, "status": status, "code": code.value,
        "detail": f"{title}. What to do stands here.", "request_id": "4be81a42c7b34d0f9d8e7d1f7c3a2b10",
    }  # fmt: skip


def _give_examples(operation: dict[str, Any], schemas: Mapping[str, Any]) -> None:
    """Give every JSON body an example, put together from those of its fields; a test finds those that lack any."""
    bodies = [operation.get("requestBody", {})]
    bodies += [response for status, response in operation["responses"].items() if status.startswith("2")]
    for body in bodies:
        content = body.get("content", {}).get(_JSON)
        if content is None or "example" in content or "examples" in content or not content.get("schema"):
            continue
        try:
            content["example"] = example_of(content["schema"], schemas)
        except NoExample:
            continue


def _plain(text: str) -> str:
    return re.sub(r"\W+", "_", text)
