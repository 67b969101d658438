"""Answers to what goes wrong: problem+json (RFC 9457), with the id of the request; no trace, no value."""

from __future__ import annotations

import re
from functools import cache
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import iter_route_contexts
from starlette.exceptions import HTTPException
from starlette.routing import compile_path

from api.errors import Code, FieldError, Problem, text_of
from api.schemas.unknown_fields import KIND, unknown_field

MEDIA_TYPE = "application/problem+json"
_log = structlog.get_logger("restplatz.web")
_OF_STATUS = {
    HTTPStatus.NOT_FOUND: (Code.NOT_FOUND, "Expected an address of this service. Look it up in /v1/openapi.json."),
    HTTPStatus.METHOD_NOT_ALLOWED: (Code.METHOD_NOT_ALLOWED, "Expected a method that this address has; see Allow."),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: (Code.BODY_TOO_LARGE, "Expected a smaller body. Send it in parts."),
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: (Code.MEDIA_TYPE_UNKNOWN, "Expected another Content-Type."),
    HTTPStatus.BAD_REQUEST: (Code.BODY_INVALID, "Expected a body that can be read: JSON in UTF-8."),
}


def answer(request: Request, problem: Problem) -> Response:
    """Return the answer that tells a problem: as a page where a person looks, else as problem+json."""
    page = getattr(request.app.state, "problem_page", None)
    found: Response | None = None if page is None else page(request, problem)
    if found is not None:
        return found
    document = problem.document() | {"instance": request.url.path, "request_id": request_id(request)}
    return JSONResponse(document, status_code=problem.status, media_type=MEDIA_TYPE, headers=problem.headers)


def request_id(request: Request) -> str:
    """Return the id of the call, as logged."""
    return str(getattr(request.state, "request_id", ""))


def install(app: FastAPI) -> None:
    """Let ``app`` answer with problems."""

    @app.exception_handler(Problem)
    def _problem(request: Request, error: Problem) -> Response:
        return answer(request, error)

    @app.exception_handler(RequestValidationError)
    def _invalid(request: Request, error: RequestValidationError) -> Response:
        # What FastAPI does not take for JSON by its Content-Type it leaves as bytes.
        if isinstance(error.body, bytes) and error.body:
            return answer(request, Problem(Code.MEDIA_TYPE_UNKNOWN, "Expected Content-Type application/json."))
        field = getattr(request.scope.get("route"), "body_field", None)
        kind = None if field is None else field.field_info.annotation
        return answer(request, of_validation(error.errors(), body=error.body, kind=kind))

    @app.exception_handler(HTTPException)
    def _http(request: Request, error: HTTPException) -> Response:
        if error.status_code < HTTPStatus.BAD_REQUEST:
            # No problem: a dependency that answers before its route, such as 204 of a stream that has ended.
            return Response(status_code=error.status_code, headers=error.headers)
        code, detail = _OF_STATUS.get(HTTPStatus(error.status_code), (Code.DEFECT, ""))
        headers = dict(error.headers or {})
        if code is Code.METHOD_NOT_ALLOWED:
            headers["Allow"] = ", ".join(_methods(request))
        return answer(request, Problem(code, detail, headers=headers))

    @app.exception_handler(Exception)
    def _defect(request: Request, error: Exception) -> Response:
        # Only the kind of the error: its text may hold what was sent.
        _log.error("defect", kind=type(error).__name__, path=_route(request), request_id=request_id(request))
        return answer(request, defect())


def defect() -> Problem:
    """Return what callers are told of a defect: that it is one."""
    return Problem(Code.DEFECT, "Nothing was stored. Tell your operators the request_id.")


def of_validation(faults: Any, *, body: Any = None, kind: Any = None) -> Problem:
    """Return all faults that pydantic found, each at its place, as one problem.

    Parameters
    ----------
    body, kind
        What was sent and of which type it should have been: fields that are unknown are told by their number.
    """
    errors = []
    where = {fault["loc"][0] for fault in faults if fault["loc"]}
    for fault in faults:
        place, *path = fault["loc"] or ("body",)
        pointer, what_to_do = "/" + "/".join(str(part) for part in path), ""
        got = type(fault.get("input")).__name__
        expected = f"{'' if place == 'body' else f'{place}: '}{text_of(fault)}"
        if fault["type"] == KIND and place == "body":
            pointer, expected = unknown_field(path, body, kind)
            what_to_do = "Call the field by its name, or take it out."
        elif fault["type"] == "json_invalid":
            # What pydantic calls the place is a position in the text, which points to no field.
            pointer, expected = "/", f"JSON; it cannot be read from character {path[0] if path else 0} on"
        errors.append(FieldError(path=pointer, expected=expected, got=got, what_to_do=what_to_do))
    code = Code.BODY_INVALID if where <= {"body"} else Code.PARAMETER_INVALID
    count = "1 fault" if len(errors) == 1 else f"{len(errors)} faults"
    return Problem(code, f"{count}; nothing was stored. Mend what 'errors' names and send it again.", errors=errors)


def _methods(request: Request) -> list[str]:
    """Return the methods that the address of a call has, of all its routes."""
    of_path = {
        method
        for each in iter_route_contexts(request.app.routes)
        if each.path is not None and each.methods and _pattern(each.path).match(request.url.path)
        for method in each.methods
    }
    # As `api.web.head` lets it.
    return sorted(of_path | {"HEAD"} if "GET" in of_path else of_path)


@cache
def _pattern(path: str) -> re.Pattern[str]:
    return compile_path(path)[0]


def _route(request: Request) -> str:
    route = request.scope.get("route")
    return str(getattr(route, "path", ""))
