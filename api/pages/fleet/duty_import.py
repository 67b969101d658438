"""Duties of a day or a week from a file: all rows or none, all faults of all rows in a table."""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import APIRouter, Response
from fastapi.responses import HTMLResponse
from starlette.concurrency import run_in_threadpool

from api.errors import Code, FieldError, Problem
from api.pages import problems
from api.pages.faults import faults
from api.pages.roles import like
from api.pages.row_files import chosen_file, read_rows, template_file
from api.pages.sent import NOTHING, InSent, Sent, new_key, once, read_back, refused
from api.pages.view import View
from api.routes import duties as api
from api.schemas.duties import ImportShown
from api.schemas.imports import RowProblem
from api.services.duty_import import CSV, JSON
from api.web.middleware import LARGE_BODY
from optimizer.io.tables_columns import TABLES

router = APIRouter()
InOwnFleet = Annotated[View, like(api.Writer)]
_COLUMNS = TABLES["shifts"].columns
_TEMPLATE = "dienste-vorlage.csv"


@router.get("/fleet/duties/import", include_in_schema=False)
def show(view: InOwnFleet) -> HTMLResponse:
    """Show the form to take a file in."""
    return _page(view, NOTHING)


@router.get("/fleet/duties/import/template", include_in_schema=False)
def template(view: InOwnFleet) -> Response:
    """Return a file with all columns and one row as an example."""
    examples = {each.name: each.example for each in _COLUMNS}
    own = {} if view.viewer is None else {"zab": view.viewer.organisation}
    return template_file(_TEMPLATE, list(examples), examples | own)


@router.post("/fleet/duties/import", include_in_schema=False, openapi_extra=LARGE_BODY)
async def take_in(view: InOwnFleet, sent: InSent) -> Response:
    """Take a file in; where a row is refused nothing is stored."""
    _, data = await chosen_file(sent)
    return await run_in_threadpool(_take_in, view, sent, data)


def _take_in(view: View, sent: Sent, data: bytes) -> Response:
    rows: list[RowProblem] = []

    def work() -> ImportShown | None:
        nonlocal rows
        read = read_rows(data, "shifts")
        rows = read.problems
        if rows:
            return None
        said = (read.data, JSON if read.is_json else CSV)
        answer = api.import_duties(view.context, view.actor, once(view, sent, read.data), said)
        done: ImportShown = read_back(ImportShown, answer)
        return done

    done, problem = refused(work)
    if problem is not None and problem.code is Code.ROWS_INVALID:
        return _page(view, sent, rows=[_row(each) for each in problem.errors], total=int(problem.more["count"]))
    return _page(view, sent, done, problem, rows, len(rows))


def _row(error: FieldError) -> RowProblem:
    """Return a fault as a row of the table; ``row 3, start`` says where."""
    found = re.fullmatch(r"row (\d+)(?:, (.*))?", error.path)
    row, column = (int(found[1]), found[2] or "") if found else (0, "" if "." in error.path else error.path)
    return RowProblem(row=row, column=column, expected=error.expected, got=error.got, what_to_do=error.what_to_do)


def _page(
    view: View,
    sent: Sent,
    done: ImportShown | None = None,
    problem: Problem | None = None,
    rows: list[RowProblem] | None = None,
    total: int = 0,
) -> HTMLResponse:
    status = problem.status if problem is not None else 422 if rows else 200
    return view.render(
        "fleet/duty_import.html", status=status, done=done, rows=rows or [], total=total, columns=_COLUMNS,
        german={each.name: each.german[0] for each in _COLUMNS if each.german}, call_key=new_key(),
        faults=faults(view, problem), problem="" if problem is None else problems.shown(view, problem),
        name=chosen.filename if (chosen := sent.file("file")) else "",
    )  # fmt: skip
