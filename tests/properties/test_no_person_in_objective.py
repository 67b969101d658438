"""No attribute of a person enters the objective: by experiment, and by what the code reads."""

from __future__ import annotations

import ast
import itertools
from dataclasses import fields
from pathlib import Path

import pytest

import optimizer
from optimizer.model import AgeBand, CaseType, Instance, Need, Party, People, Request, Rule, Sex, Stage, Strength
from optimizer.model.units import HOUR
from optimizer.result import Status
from optimizer.solve import solve
from tests.builders import crew, fleet, instance, line, neutral, request, seats, vehicle
from tests.properties.solved import QUICK, values_of

PACKAGE = Path(optimizer.__file__).parent
TRAVEL = line({"depot": 0, "A": 1200, "B": 2400, "C": 3600, "E": 4800})

PERSONAL = {
    *(field.name for field in fields(People)),
    *(field.name for field in fields(Party)),
    *(name for name, member in vars(Party).items() if isinstance(member, property)),
    *("needs", "wheelchairs", "case_type", "authority", "separate", "excluded", "unit", "escort_female", "party"),
} - {"count"}
"""What the model knows of people. ``count`` is also a number of duties; what it counts here is an age, told above."""

ALLOWED = {"id", "pin", "bundle", "weight", "deadline_class", "pickup", "delivery"}
"""Fields of a request that the terms of the objective may read: who is who, promises to people, deadlines, places."""


def day_of(first: Party, second: Party, third: Party) -> Instance:
    """A day with room for some: pooling pays, and whoever rides takes two seats. Rules about people are off."""
    kind = CaseType.DUBLIN
    return instance(
        request("r", "A", "E", pickup=(4000, 6000), delivery=(0, 4 * HOUR), party=first, case_type=kind),
        request("q", "B", "E", pickup=(4000, 8000), delivery=(0, 4 * HOUR), party=second, load=2),
        request("p", "E", "C", pickup=(4000, 7000), delivery=(0, 3 * HOUR), party=third, load=2),
        request("o", "C", "A", pickup=(9000, 9900), delivery=(0, 4 * HOUR), party=third),
        **{
            **fleet(2, start=0, end=4 * HOUR),
            "vehicles": tuple(
                vehicle(f"V{i}", configurations=(seats(6),), cost_per_km=40 + i, child_seats=(9, 9, 9)) for i in (1, 2)
            ),
            "crews": tuple(crew(f"C{i}", cost_per_hour=3000) for i in (1, 2)),
        },
        parameters=neutral(
            strengths=tuple(
                (rule, Strength.WARN)
                for rule in (Rule.FAMILIES_APART, Rule.WOMEN_ALONE, Rule.FEMALE_OFFICER, Rule.NIGHT_CHILDREN)
            )
        ),
    )


def pair(age: AgeBand, sex: Sex) -> Party:
    """Two people alike: never one minor alone, whose rule cannot be switched off."""
    return Party(groups=(People(age=age, sex=sex, count=2),))


def test_sex_and_age_change_no_value() -> None:
    kinds = [pair(age, sex) for age, sex in itertools.product(AgeBand, Sex)]
    rank: dict[Stage, int] | None = None
    for number, first in enumerate(kinds):
        second, third = kinds[(5 * number + 1) % len(kinds)], kinds[(7 * number + 3) % len(kinds)]
        day = day_of(first, second, third)
        result = solve(day, TRAVEL, QUICK)
        assert result.status is Status.OPTIMAL
        values = values_of(result, day)
        assert rank is None or values == rank, (first, second, third)
        rank = values
    assert rank is not None
    assert rank[Stage.SERVED] == 4 or rank[Stage.CUSTODY] > 0 or rank[Stage.COST] > 0


@pytest.mark.parametrize("module", ["verify/objective.py", "master/column.py", "model/objective.py"])
def test_the_terms_read_nothing_about_people(module: str) -> None:
    tree = ast.parse((PACKAGE / module).read_text(encoding="utf-8"))
    read = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    assert not read & PERSONAL
    of_requests = read & {field.name for field in fields(Request)}
    assert of_requests <= ALLOWED


def test_the_weight_of_a_request_is_that_of_its_deadline() -> None:
    """The one weight in the first stage must not read people either; it stands in the index."""
    tree = ast.parse((PACKAGE / "model" / "index.py").read_text(encoding="utf-8"))
    (weight,) = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef) and n.name == "unit_weight"]
    read = {node.attr for node in ast.walk(weight) if isinstance(node, ast.Attribute)}
    assert not read & PERSONAL
    assert read & {field.name for field in fields(Request)} <= ALLOWED


def test_the_list_of_what_is_personal_knows_the_model() -> None:
    assert {"sex", "age", "groups", "has_female", "is_family", "has_children"} <= PERSONAL
    assert Need.WHEELCHAIR in Need
