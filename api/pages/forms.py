"""Forms: what a browser sent as a body of the API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

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
