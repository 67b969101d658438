"""Scenarios and sweeps as JSON documents: read strictly with every fault named at its place, written alike every time.

``{"format": "restplatz-scenario", "version": 1, "scenario": {...}}``; likewise ``restplatz-sweep`` with ``sweep`` and
``restplatz-backtest`` with ``backtest``. The fields are those of ``Scenario``, ``Sweep`` and ``Backtest``; each change
says its ``kind``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields, replace
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, get_args

from pydantic import TypeAdapter

from optimizer.errors import InputProblem, InputRejected
from optimizer.io.document import layout, parse, plain, problem, typed
from optimizer.io.files import read_text
from optimizer.model.value import Value
from optimizer.simulate.backtest import Backtest
from optimizer.simulate.scenario import Change, Scenario
from optimizer.simulate.sweep import Study, Sweep

SCENARIO, SWEEP, BACKTEST = "restplatz-scenario", "restplatz-sweep", "restplatz-backtest"
VERSION = 1

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class _ScenarioDocument(Value):
    format: str
    version: int
    scenario: Scenario


@dataclass(frozen=True, slots=True, kw_only=True)
class _SweepDocument(Value):
    format: str
    version: int
    sweep: Sweep


@dataclass(frozen=True, slots=True, kw_only=True)
class _BacktestDocument(Value):
    format: str
    version: int
    backtest: Backtest


@cache
def _scenario_adapter() -> TypeAdapter[_ScenarioDocument]:
    return TypeAdapter(_ScenarioDocument)


@cache
def _sweep_adapter() -> TypeAdapter[_SweepDocument]:
    return TypeAdapter(_SweepDocument)


@cache
def _backtest_adapter() -> TypeAdapter[_BacktestDocument]:
    return TypeAdapter(_BacktestDocument)


def read_scenario(path: Path) -> Scenario:
    """Read a scenario file; raises ``InputRejected`` with every fault, each with the path of its field."""
    return parse_scenario(read_text(path), str(path))


def parse_scenario(text: str, file: str) -> Scenario:
    """Read the text of a scenario file; ``file`` is its name in messages. Raises as ``read_scenario`` does."""
    return _read(_scenario_adapter(), text, file, SCENARIO).scenario


def dump_scenario(scenario: Scenario) -> str:
    """Return the text of a scenario file."""
    return _text(SCENARIO, "scenario", scenario)


def read_sweep(path: Path) -> Sweep:
    """Read a sweep file; raises ``InputRejected`` with every fault, each with the path of its field."""
    return parse_sweep(read_text(path), str(path))


def parse_sweep(text: str, file: str) -> Sweep:
    """Read the text of a sweep file; ``file`` is its name in messages. Raises as ``read_sweep`` does."""
    return _read(_sweep_adapter(), text, file, SWEEP).sweep


def dump_sweep(sweep: Sweep) -> str:
    """Return the text of a sweep file."""
    return _text(SWEEP, "sweep", sweep)


def read_backtest(path: Path) -> Backtest:
    """Read a file of a back-test; raises ``InputRejected`` with every fault, each with the path of its field."""
    return parse_backtest(read_text(path), str(path))


def parse_backtest(text: str, file: str) -> Backtest:
    """Read the text of a back-test; ``file`` is its name in messages. Raises as ``read_backtest`` does."""
    return _read(_backtest_adapter(), text, file, BACKTEST).backtest


def dump_backtest(backtest: Backtest) -> str:
    """Return the text of a file of a back-test."""
    return _text(BACKTEST, "backtest", backtest)


def _text(form: str, name: str, value: Value) -> str:
    return layout({"format": form, "version": VERSION, name: plain(value)}, depth=4) + "\n"


def _read(adapter: TypeAdapter[T], text: str, file: str, form: str) -> T:
    document = parse(text, file)
    for name, wanted in (("format", form), ("version", VERSION)):
        found: Any = document.get(name)
        if found != wanted or isinstance(found, bool):
            got = "nothing" if found is None else repr(found)
            raise InputRejected(
                [problem(file, "format", name, expected=repr(wanted), got=got, action="Name the right file.")]
            )
    try:
        return typed(adapter, document, text, file)
    except InputRejected as error:
        raise InputRejected(_without_tag(each) for each in error.problems) from None


def _without_tag(fault: InputProblem) -> InputProblem:
    """Return the fault at the path that the file has: pydantic puts the kind of a change into it as a step."""
    return replace(fault, column=_tag().sub("", fault.column))


@cache
def _tag() -> re.Pattern[str]:
    values = [value for union in (Change, Study) for value in get_args(get_args(union)[0])]
    kinds = [str(each.default) for value in values for each in fields(value) if each.name == "kind"]
    return re.compile(rf"(?<=\])\.(?:{'|'.join(kinds)})(?![a-z_])")
