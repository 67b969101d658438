"""Bulk imports of requests: a file is tried or taken in, all faults of all rows are told in a table."""

from __future__ import annotations

import csv
import json
import re
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Response
from fastapi.responses import HTMLResponse
from starlette.concurrency import run_in_threadpool

from api.deadlines import BERLIN
from api.errors import Code, Problem
from api.pages import problems
from api.pages.roles import like
from api.pages.row_files import chosen_file, read_rows, template_file
from api.pages.sent import NOTHING, InSent, Sent, new_key, once, refused
from api.pages.view import View
from api.routes import imports as api
from api.routes.imports import ImportAs
from api.routes.requests import Owner
from api.schemas.imports import ImportReport, RowProblem
from api.services.import_tables import COLUMNS
from api.services.imports import Format
from api.web.middleware import LARGE_BODY

router = APIRouter()
InImports = Annotated[View, like(Owner)]
_TEMPLATE = "anfragen-vorlage.csv"
_DAY = re.compile(r"\d\d\.\d\d\.\d{4}")
_AHEAD = timedelta(days=14)
_NOT_IN_TEMPLATE = frozenset({"authority"})
"""A file of an ABH is about itself."""


@router.get("/import", include_in_schema=False)
def show(view: InImports) -> HTMLResponse:
    """Show the form to take a file in."""
    return _page(view, NOTHING)


@router.get("/import/template", include_in_schema=False)
def template(view: InImports) -> Response:
    """Return a file with all columns and one synthetic row, on a day to come: as it stands it can be tried."""
    columns = [each.name for each in COLUMNS if each.name not in _NOT_IN_TEMPLATE]
    examples = dict(zip(*csv.reader(api.SAMPLE.splitlines(), delimiter=";"), strict=True))
    day = f"{view.now.astimezone(BERLIN) + _AHEAD:%d.%m.%Y}"
    examples = {name: _DAY.sub(day, said) for name, said in examples.items()}
    return template_file(_TEMPLATE, columns, examples)


@router.post("/import", include_in_schema=False, openapi_extra=LARGE_BODY)
async def take_in(view: InImports, sent: InSent) -> Response:
    """Try a file, or take it in; where a row is refused nothing is stored, unless the sound ones are wanted."""
    name, data = await chosen_file(sent)
    return await run_in_threadpool(_take_in, view, sent, name, data)


def _take_in(view: View, sent: Sent, name: str, data: bytes) -> Response:
    report, problem = refused(lambda: _report(view, sent, name, data))
    return _page(view, sent, report, problem, name)


def _report(view: View, sent: Sent, name: str, data: bytes) -> ImportReport:
    read = read_rows(data, "pool")
    if read.problems:
        return _unread(name, read.problems)
    form = Format.JSON if read.is_json else Format.CSV
    if sent.text("action") == "store":
        try:
            return _called(view, sent, form, read.data, is_trial=False)
        except Problem as problem:
            if problem.code is not Code.ROWS_INVALID:
                raise
    # What is refused is tried once more, for then its faults come as rows of a table.
    return _called(view, sent, form, read.data, is_trial=True)


def _called(view: View, sent: Sent, form: Format, data: bytes, *, is_trial: bool) -> ImportReport:
    enter_as = ImportAs.DRAFT if sent.text("enter_as") == ImportAs.DRAFT else ImportAs.POOL
    # A trial stores nothing: it has a key of its own, for the form may be sent again with the same.
    call = once(view, sent, data, key=new_key() if is_trial else None)
    answer = api.import_requests(view.context, view.actor, form, data, call, enter_as, sent.is_on("partial"), is_trial)
    return ImportReport.model_validate(json.loads(bytes(answer.body)))


def _unread(name: str, faults: list[RowProblem]) -> ImportReport:
    """Return the report of a workbook that cannot be read."""
    return ImportReport(
        name=name, rows=0, accepted=0, refused=0, problems_total=len(faults), problems=faults, stored=[],
        is_dry_run=True,
    )  # fmt: skip


def _page(
    view: View, sent: Sent, report: ImportReport | None = None, problem: Problem | None = None, name: str = ""
) -> HTMLResponse:
    is_refused = report is not None and report.problems_total > 0 and report.is_dry_run
    return view.render(
        "office/import.html", status=problem.status if problem else 422 if is_refused else 200, report=report,
        is_draft=sent.text("enter_as") == ImportAs.DRAFT, is_partial=sent.is_on("partial"), call_key=new_key(),
        is_refused=is_refused, name=name, german={each.name: each.german[0] for each in COLUMNS if each.german},
        columns=[each for each in COLUMNS if each.name not in _NOT_IN_TEMPLATE],
        faults={"file": ""} if problem is not None else {},
        problem="" if problem is None else problems.shown(view, problem),
    )  # fmt: skip
