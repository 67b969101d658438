"""The rulebook: parameter sets, laws of deadlines, rules, gates and reason codes, each with its source."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from api.deadlines import BERLIN
from api.pages.sent import whole
from api.pages.sources import KINDS
from api.pages.view import InView
from api.routes import catalogue as api
from api.texts import CLASSES
from optimizer.explain.rule_names import RULE_NAMES

router = APIRouter()


@router.get("/parameters", include_in_schema=False)
def show(view: InView) -> HTMLResponse:
    """Show which parameter set is in force, the laws, the rules and the gates."""
    context, actor = view.context, view.actor
    return view.render(
        "oversight/parameters.html", sets=api.list_parameter_sets(context, actor, whole(view)).items,
        in_force=api.read_parameter_set_in_force(context, actor), regimes=api.list_regimes(actor),
        rules=api.list_rules(actor), gates=api.list_gates(context, actor),
        today=view.now.astimezone(BERLIN).date(), rule_names=RULE_NAMES,
    )  # fmt: skip


@router.get("/parameters/codes", include_in_schema=False)
def show_codes(view: InView) -> HTMLResponse:
    """Show all reasons that can be given, and what each decline does to a request."""
    return view.render("oversight/codes.html", codes=api.list_codes(view.actor), classes=CLASSES)


@router.get("/parameters/workflow", include_in_schema=False)
def show_workflow(view: InView) -> HTMLResponse:
    """Show the life of a request as a table: in each state who may do what."""
    return view.render("oversight/workflow.html", states=api.list_states(view.actor))


@router.get("/parameters/{name}", include_in_schema=False)
def show_set(view: InView, name: str) -> HTMLResponse:
    """Show a parameter set with all its values and their sources."""
    found = api.read_parameter_set(name, view.context, view.actor)
    values = {name: value for name, value in found.content.items() if name != "sources"}
    return view.render(
        "oversight/parameter_set.html", found=found, values=list(flat(values)),
        sources=found.content.get("sources", []), kinds=KINDS,
    )  # fmt: skip


def flat(content: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield the values of a document with their paths, in its order."""
    if isinstance(content, Mapping):
        for name, value in content.items():
            yield from flat(value, f"{path}.{name}" if path else str(name))
    elif isinstance(content, list) and any(isinstance(each, Mapping | list) for each in content):
        for number, value in enumerate(content, start=1):
            yield from flat(value, f"{path}[{number}]")
    elif isinstance(content, list):
        yield path, ", ".join(str(each) for each in content)
    else:
        yield path, str(content)
