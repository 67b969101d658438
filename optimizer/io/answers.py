"""Answers to questions about a plan as JSON, and read back: whoever stores or shows them loads no solver.

``{"format": "restplatz-answers", "version": 1, "instance": ..., "answers": [{"kind": ..., ...}]}``. Each answer has
the fields of its value in ``optimizer.answer``, and ``kind``: ``why_not``, ``what_helps``, ``why_this`` or ``change``.
Times are whole seconds and cost whole micro-euros, as in the model; ``texts`` and ``actions`` are for people.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from pydantic import TypeAdapter

from optimizer.answer import Change, WhatHelps, WhyNot, WhyThis
from optimizer.errors import InputRejected
from optimizer.io.document import layout, parse, plain, problem, typed

FORMAT = "restplatz-answers"
VERSION = 1

Answer = WhyNot | WhatHelps | WhyThis | Change
KINDS: Mapping[str, type[Answer]] = {
    "why_not": WhyNot, "what_helps": WhatHelps, "why_this": WhyThis, "change": Change,
}  # fmt: skip
"""The value of each kind of answer."""


def dump_answers(answers: Iterable[Answer], instance: str) -> str:
    """Return the text of a file of answers about the plan of ``instance``; the same byte for byte for equal answers."""
    names = {value: name for name, value in KINDS.items()}
    told = [{"kind": names[type(answer)], **plain(answer)} for answer in answers]
    return layout({"format": FORMAT, "version": VERSION, "instance": instance, "answers": told}) + "\n"


def parse_answers(text: str, file: str) -> tuple[Answer, ...]:
    """Read a file of answers; ``file`` is its name in messages.

    Raises
    ------
    InputRejected
        One problem for each thing that is wrong.
    """
    document = parse(text, file)
    if document.get("format") != FORMAT or document.get("version") != VERSION:
        got = f"{document.get('format')!r} {document.get('version')!r}"
        raise InputRejected([problem(file, "format", "format, version", expected=f"{FORMAT!r} {VERSION}", got=got)])
    answers = document.get("answers")
    if not isinstance(answers, list):
        raise InputRejected([problem(file, "missing", "answers", expected="a list of answers", got=repr(answers))])
    return tuple(_read(each, f"{file}, answer {number}") for number, each in enumerate(answers, 1))


def _read(told: Any, file: str) -> Answer:
    kind = told.get("kind") if isinstance(told, dict) else None
    if kind not in KINDS:
        expected = f"one of {', '.join(KINDS)}"
        raise InputRejected([problem(file, "value", "kind", expected=expected, got=repr(kind))])
    fields = {name: value for name, value in told.items() if name != "kind"}
    return typed(_adapter(kind), fields, json.dumps(fields), file)


@cache
def _adapter(kind: str) -> TypeAdapter[Answer]:
    return TypeAdapter(KINDS[kind])
