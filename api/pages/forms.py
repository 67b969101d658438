"""Forms: what a browser sent as a body of the API, and its faults beside the fields they concern."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from api.errors import Problem
from api.web.problems import of_validation

Model = TypeVar("Model", bound=BaseModel)


def read(kind: type[Model], sent: Mapping[str, Any]) -> Model:
    """Return what was sent as a body; empty fields count as left out.

    Raises
    ------
    Problem
        ``body_invalid`` (422) with all faults, each at the path of its field.
    """
    try:
        return kind.model_validate({name: value for name, value in sent.items() if value not in ("", None)})
    except ValidationError as error:
        faults = [{**fault, "loc": ("body", *fault["loc"])} for fault in error.errors()]
        raise of_validation(faults, body=dict(sent), kind=kind) from None


def faults(problem: Problem | None) -> dict[str, str]:
    """Return what is wrong by field, for the templates: the first part of the path is the field's name."""
    if problem is None:
        return {}
    return {each.path.strip("/").replace("/", "."): each.what_to_do or each.expected for each in problem.errors}
