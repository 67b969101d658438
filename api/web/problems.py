"""Answers to what goes wrong: problem+json (RFC 9457), with the id of the request; no trace, no value."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from api.errors import Code, FieldError, Problem

MEDIA_TYPE = "application/problem+json"
_log = structlog.get_logger("restplatz.web")
_OF_STATUS = {
    HTTPStatus.NOT_FOUND: (Code.NOT_FOUND, "Expected an address of this service. Look it up in /v1/openapi.json."),
    HTTPStatus.METHOD_NOT_ALLOWED: (Code.METHOD_NOT_ALLOWED, "Expected a method that this address has; see Allow."),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: (Code.BODY_TOO_LARGE, "Expected a smaller body. Send it in parts."),
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: (Code.MEDIA_TYPE_UNKNOWN, "Expected another Content-Type."),
    HTTPStatus.BAD_REQUEST: (Code.BODY_INVALID, "Expected a body that can be read: JSON in UTF-8."),
}


def answer(request: Request, problem: Problem) -> JSONResponse:
    """Return the answer that tells a problem."""
    document = problem.document() | {"instance": request.url.path, "request_id": request_id(request)}
    return JSONResponse(document, status_code=problem.status, media_type=MEDIA_TYPE, headers=problem.headers)


def request_id(request: Request) -> str:
    """Return the id of the call, as logged."""
    return str(getattr(request.state, "request_id", ""))


def install(app: FastAPI) -> None:
    """Let ``app`` answer with problems."""

    @app.exception_handler(Problem)
    def _problem(request: Request, error: Problem) -> JSONResponse:
        return answer(request, error)

    @app.exception_handler(RequestValidationError)
    def _invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        return answer(request, of_validation(error.errors()))

    @app.exception_handler(HTTPException)
    def _http(request: Request, error: HTTPException) -> JSONResponse:
        code, detail = _OF_STATUS.get(HTTPStatus(error.status_code), (Code.DEFECT, ""))
        return answer(request, Problem(code, detail, headers=error.headers))

    @app.exception_handler(Exception)
    def _defect(request: Request, error: Exception) -> JSONResponse:
        # Only the kind of the error: its text may hold what was sent.
        _log.error("defect", kind=type(error).__name__, path=_route(request), request_id=request_id(request))
        return answer(request, defect())


def defect() -> Problem:
    """Return what callers are told of a defect: that it is one."""
    return Problem(Code.DEFECT, "Nothing was stored. Tell your operators the request_id.")


def of_validation(faults: Any) -> Problem:
    """Return all faults that pydantic found, each at its place, as one problem."""
    errors = []
    where = {fault["loc"][0] for fault in faults if fault["loc"]}
    for fault in faults:
        place, *path = fault["loc"] or ("body",)
        pointer = "/" + "/".join(str(part) for part in path)
        got = type(fault.get("input")).__name__
        expected = f"{'' if place == 'body' else f'{place}: '}{fault['msg']}"
        errors.append(FieldError(path=pointer, expected=expected, got=got))
    code = Code.BODY_INVALID if where <= {"body"} else Code.PARAMETER_INVALID
    count = "1 fault" if len(errors) == 1 else f"{len(errors)} faults"
    return Problem(code, f"{count}; nothing was stored. Mend what 'errors' names and send it again.", errors=errors)


def _route(request: Request) -> str:
    route = request.scope.get("route")
    return str(getattr(route, "path", ""))
