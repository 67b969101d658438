"""Faults of a body, all at once: also what is wrong between fields where another field is wrong by itself.

pydantic looks at what holds between fields only where each of them is right. Whoever mends the one would then be told
the other: so the fields that could be read are looked at once more, and each rule that needs none but them is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from functools import cache
from types import new_class
from typing import Any, cast

from pydantic import BaseModel, ValidationError, create_model
from pydantic_core import InitErrorDetails, PydanticCustomError

KIND = "value_error"
Rule = Callable[[list[str]], None]
"""Adds what it finds between fields to the faults; it reads the fields that it needs, and no others."""
_SENT = "_sent"


def ask(rules: Iterable[Rule]) -> None:
    """Ask the rules of a body, each by itself: what one needs may be missing where a field is wrong.

    Raises
    ------
    ValueError
        With all that was found.
    """
    faults: list[str] = []
    for rule in rules:
        with suppress(AttributeError):
            rule(faults)
    if faults:
        raise ValueError("; ".join(faults))


def with_rules(kind: type[BaseModel], sent: Any, error: ValidationError) -> ValidationError:
    """Return the faults of the fields, and behind them those between the fields that could be read.

    Parameters
    ----------
    kind
        The body; its rules are its model validators of mode ``after``.
    sent
        What was sent.
    error
        The faults of the fields.
    """
    found = error.errors(include_url=False, include_context=False)
    broken = _broken(kind, sent, {str(fault["loc"][0]) for fault in found if fault["loc"]})
    if not broken:
        return error
    told = [(fault["loc"], fault["type"], fault["msg"], fault["input"]) for fault in found]
    told += [((), KIND, text, sent) for text in broken]
    return ValidationError.from_exception_data(
        error.title,
        [InitErrorDetails(type=_custom(of, text), loc=at, input=value) for at, of, text, value in told],
    )


def _custom(of: str, text: str) -> PydanticCustomError:
    return PydanticCustomError(of, text)


def _broken(kind: type[BaseModel], sent: Any, faulty: set[str]) -> list[str]:
    """Return what the rules say that need none of the faulty fields; of a row of a file there may be 100,000."""
    if not isinstance(sent, Mapping):
        return []
    read = _lazy(kind)(sent, faulty)
    told = []
    for rule in kind.__pydantic_decorators__.model_validators.values():
        if rule.info.mode == "after":
            try:
                getattr(read, rule.cls_var_name)()
            except AttributeError:
                continue
            except ValueError as error:
                told.append(str(error))
    return told


@cache
def _lazy(kind: type[BaseModel]) -> Callable[[Mapping[str, Any], set[str]], BaseModel]:
    """Return what makes a body each field of which is read when it is asked for first.

    A field that could not be read is not there: a rule that asks for it cannot be judged.
    """

    def asked(self: BaseModel, name: str) -> Any:
        sent, faulty = self.__dict__[_SENT]
        if name not in kind.model_fields or name in faulty:
            raise AttributeError(name)
        try:
            part = _alone(kind, name).model_validate({name: sent[name]} if name in sent else {})
        except ValidationError:
            raise AttributeError(name) from None
        self.__dict__[name] = value = getattr(part, name)
        return value

    names = {"__getattr__": asked, "__module__": kind.__module__}
    made_of = new_class(f"{kind.__name__}_lazy", (kind,), exec_body=lambda within: within.update(names))
    body = cast("type[BaseModel]", made_of)

    def made(sent: Mapping[str, Any], faulty: set[str]) -> BaseModel:
        read = body.__new__(body)
        read.__dict__[_SENT] = sent, faulty
        return read

    return made


@cache
def _alone(kind: type[BaseModel], name: str) -> type[BaseModel]:
    """Return a body that has one of the fields only, and none of the rules."""
    field = kind.model_fields[name]
    fields: dict[str, Any] = {name: (field.annotation, field)}
    return create_model(f"{kind.__name__}_{name}", __config__=kind.model_config, **fields)
