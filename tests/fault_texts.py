"""What the service says of faults, found in its source: details, what was expected, what to do.

``python -m tests.fault_texts`` lists those that have no German in ``api.fault_texts``.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from pydantic_core._pydantic_core import list_all_errors

from api.fault_texts import in_german

ROOT = Path(__file__).parents[1]
API = ROOT / "api"
_TABLES = (
    "cells", "checks", "columns", "commitments", "csv", "grid", "horizon", "parse", "places", "problems", "read",
    "requests", "resources", "sheets", "time", "workbook",
)  # fmt: skip
"""Parts of the optimizer that read tables: imports of the service go through some, whole days of files through all."""
_SCENARIOS = (
    "backtest", "changes_demand", "changes_fleet", "changes_rules", "draws", "edits", "outcome",
    "running", "scenario", "sweep",
)  # fmt: skip
"""Parts of the optimizer whose refusals the API tells of scenarios and simulations."""
_OPERATORS = ("backup", "cli", "jobs", "report.py")
"""What only operators are told, at a shell."""
SOURCES = (
    *(path for path in sorted(API.rglob("*.py")) if not path.relative_to(API).parts[0].startswith(_OPERATORS)),
    *(ROOT / "optimizer" / "io" / f"tables_{name}.py" for name in _TABLES),
    *(ROOT / "optimizer" / "simulate" / f"{name}.py" for name in _SCENARIOS),
    *sorted((ROOT / "optimizer" / "granted").glob("*.py")),
)  # fmt: skip
SAYS: Mapping[str, tuple[tuple[int, str], ...]] = {
    "Problem": ((1, "detail"),),
    "FieldError": ((1, "expected"), (3, "what_to_do")),
    "Fault": ((2, "expected"), (4, "what_to_do")),
    "RowProblem": ((2, "expected"), (4, "what_to_do")),
    "CellError": ((1, "expected"), (2, "action")),
    "add": ((99, "expected"), (99, "action")),
    "note": ((99, "expected"), (99, "action")),
    "InputProblem": ((99, "expected"), (99, "action")),
    "InvalidValue": ((1, "expected"), (3, "action")),
    "replace": ((99, "expected"), (99, "action")),
}
"""Who is told texts, and where: position and name of the argument."""
_PARTS = ("; ", "Value error, ")
"""Where texts are split: said to nobody."""
PROBE = "7"
"""Stands for what a text is filled with."""


def of_source() -> dict[str, str]:
    """Return every text with a place where it stands."""
    found: dict[str, str] = {}
    for path in SOURCES:
        for line, text in _Module(ast.parse(path.read_text(encoding="utf-8"))).texts(path.parent.name == "schemas"):
            found.setdefault(text, f"{path.relative_to(ROOT).as_posix()}:{line}")
    return found


def of_pydantic() -> list[str]:
    """Return what pydantic says of each kind of fault."""
    texts = (each["message_template_python"] for each in list_all_errors())
    # What a validator of ours says stands in the source.
    return [re.sub(r"\{\w+\}", PROBE, text) for text in texts if not text.startswith("Value error")]


class _Module:
    def __init__(self, tree: ast.Module) -> None:
        self._tree = tree
        self._functions = [each for each in ast.walk(tree) if isinstance(each, ast.FunctionDef)]
        self._calls = [each for each in ast.walk(tree) if isinstance(each, ast.Call)]

    def texts(self, is_schema: bool) -> Iterator[tuple[int, str]]:
        for call in self._calls:
            for position, name in SAYS.get(_name(call), ()):
                yield from self._said(_argument(call, position, name))
            if is_schema and _name(call) in ("ValueError", "append") and call.args:
                yield from self._said(call.args[0])

    def _said(self, node: ast.expr | None, seen: frozenset[str] = frozenset()) -> Iterator[tuple[int, str]]:
        """Yield what an expression may say; names are looked up in the module, parameters at the calls."""
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value:
            yield node.lineno, node.value
        elif isinstance(node, ast.JoinedStr):
            parts = [each.value if isinstance(each, ast.Constant) else PROBE for each in node.values]
            if (text := "".join(map(str, parts))) != PROBE * len(parts):
                yield node.lineno, text
        elif isinstance(node, ast.IfExp):
            yield from self._said(node.body, seen)
            yield from self._said(node.orelse, seen)
        elif isinstance(node, ast.BoolOp):
            for each in node.values:
                yield from self._said(each, seen)
        elif isinstance(node, ast.BinOp):
            yield from self._said(node.left, seen)
        elif isinstance(node, ast.Name) and node.id not in seen:
            yield from self._named(node.id, seen | {node.id})
        elif isinstance(node, ast.Call):
            yield from self._returned(_name(node), seen)

    def _named(self, name: str, seen: frozenset[str]) -> Iterator[tuple[int, str]]:
        for each in ast.walk(self._tree):
            if isinstance(each, ast.Assign):
                for target in each.targets:
                    if isinstance(target, ast.Name) and target.id == name:
                        yield from self._said(each.value, seen)
                    elif isinstance(target, ast.Tuple) and isinstance(each.value, ast.Tuple):
                        for one, value in zip(target.elts, each.value.elts, strict=True):
                            if isinstance(one, ast.Name) and one.id == name:
                                yield from self._said(value, seen)
            elif isinstance(each, (ast.For, ast.comprehension)) and _binds(each.target, name):
                yield from self._said_within(each.iter, seen)
        for function in self._functions:
            names = [each.arg for each in (*function.args.args, *function.args.kwonlyargs)]
            if name in names:
                at = names.index(name) - (names[0] == "self")
                for call in self._calls:
                    if _name(call) == function.name:
                        yield from self._said(_argument(call, at, name), seen)

    def _said_within(self, node: ast.expr, seen: frozenset[str]) -> Iterator[tuple[int, str]]:
        """Yield the texts with blanks among the rows that a loop goes over: codes and names of columns have none."""
        for each in ast.walk(node):
            if isinstance(each, (ast.Constant, ast.JoinedStr)):
                yield from ((line, text) for line, text in self._said(each, seen) if " " in text and text not in _PARTS)

    def _returned(self, name: str, seen: frozenset[str]) -> Iterator[tuple[int, str]]:
        for function in self._functions:
            if function.name == name and name not in seen:
                for each in ast.walk(function):
                    if isinstance(each, ast.Return):
                        yield from self._said(each.value, seen | {name})


def _binds(target: ast.expr, name: str) -> bool:
    return any(isinstance(each, ast.Name) and each.id == name for each in ast.walk(target))


def _name(call: ast.Call) -> str:
    made = call.func
    return made.id if isinstance(made, ast.Name) else made.attr if isinstance(made, ast.Attribute) else ""


def _argument(call: ast.Call, position: int, name: str) -> ast.expr | None:
    for each in call.keywords:
        if each.arg == name:
            return each.value
    return call.args[position] if position < len(call.args) else None


def missing() -> list[str]:
    """Return a line for each text without German."""
    told = [f"{place}: {text}" for text, place in of_source().items() if in_german(text) is None]
    return told + [f"pydantic: {text}" for text in of_pydantic() if in_german(text) is None]


if __name__ == "__main__":
    print("\n".join(missing()))
