"""What the audit log holds of an action has a name in both languages, wherever it is written."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import api
from api.texts_audit import DETAILS, detail_of

SOURCE = Path(api.__file__).parent


def keys_of(value: ast.AST) -> Iterator[str]:
    """Yield the names that dictionaries within an expression have."""
    for node in ast.walk(value):
        if isinstance(node, ast.Dict):
            yield from (key.value for key in node.keys if isinstance(key, ast.Constant) and isinstance(key.value, str))


def details(function: ast.AST) -> Iterator[str]:
    """Yield the names of details that a function gives to a line of the log."""
    named: set[str] = set()
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "audit.append":
            for keyword in (each for each in node.keywords if each.arg == "details"):
                yield from keys_of(keyword.value)
                named |= {each.id for each in ast.walk(keyword.value) if isinstance(each, ast.Name)} - {
                    # Of an object something is told that it has, not what it was made of.
                    each.value.id
                    for each in ast.walk(keyword.value)
                    if isinstance(each, ast.Attribute) and isinstance(each.value, ast.Name)
                }
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and any(isinstance(to, ast.Name) and to.id in named for to in node.targets):
            yield from keys_of(node.value)


def test_each_detail_has_a_name() -> None:
    found = {
        (name, path.name)
        for path in SOURCE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef)
        for name in details(node)
    }
    assert {("before", "clearances.py"), ("horizon", "runs.py"), ("lines", "audit.py")} <= found
    assert [each for each in sorted(found) if each[0] not in DETAILS] == []


def test_a_name_may_mean_something_else_of_a_run() -> None:
    assert detail_of("run", "changed")[0] == "anders vorgeschlagen"
    assert detail_of("shift_pattern", "changed")[0] == "geändert"
    assert detail_of("run", "state") == detail_of("clearance", "state") == ("Stand", "state")
    assert detail_of("run", "something") == ("something", "something")
