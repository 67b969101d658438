"""No attribute of a person enters the objective: by experiment, and by what the code reads."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path

import pytest

import data
import optimizer
from optimizer import model
from optimizer.model import (
    AgeBand,
    CaseType,
    CostTerms,
    DeadlineClass,
    Instance,
    Need,
    Party,
    People,
    Request,
    Rule,
    Sex,
    Stage,
    Strength,
)
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


# --- the list of every input ------------------------------------------------------------------------------------------

MODULES = ("verify/objective.py", "master/column.py", "master/rows.py", "model/objective.py")
"""Where the terms are made: recomputed from visits, of a tour, across tours, and their names."""
FUNCTIONS = {
    "model/index.py": ("unit_weight", "rate_per_metre", "rate_per_second", "shifts_of_zab"),
    "verify/plan.py": ("changed_assignments", "new_requests_by_zab"),
    "verify/view.py": ("on_board", "rides"),
}
"""What they ask others for."""
INPUTS = {
    # who is who, and what is promised or published about it
    "id", "request", "requests", "pin", "published", "promises", "changes", "change_budget", "serve_all",
    # how near the deadline is: the one weight
    "deadline_class", "weight",
    # places and times of stops
    "pickup", "delivery", "start", "departure", "earliest", "latest", "end",
    # tours, and what they cost
    "duty", "duties", "tours", "span", "rest", "rests", "metres", "custody", "night", "cost", "co2_per_km",
    "cost_per_km", "cost_per_hour", "vehicle", "crew", "shifts",
    # ZABs: what they took before, how much they take
    "zab", "zabs", "prior_load", "budget", "count",
    # what is asked for
    "stages", "parameters", "nights", "rest_length", "co2_price",
}  # fmt: skip
"""Every field of the model that the objective reads, by name. Whoever adds one adds it here, and says why."""


def _model_fields() -> set[str]:
    """Names of all fields and properties of the optimizer's values."""
    kinds = [kind for kind in vars(model).values() if isinstance(kind, type) and is_dataclass(kind)]
    named = {field.name for kind in kinds for field in fields(kind)}
    return named | {name for kind in kinds for name, member in vars(kind).items() if isinstance(member, property)}


def _read_by_the_objective() -> Iterator[str]:
    for module in MODULES:
        yield from _attributes(ast.parse((PACKAGE / module).read_text(encoding="utf-8")))
    for module, names in FUNCTIONS.items():
        tree = ast.parse((PACKAGE / module).read_text(encoding="utf-8"))
        found = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name in names]
        assert {node.name for node in found} == set(names)
        for node in found:
            yield from _attributes(node)


def _attributes(tree: ast.AST) -> set[str]:
    return {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}


def test_every_input_of_the_objective_is_on_the_list() -> None:
    read = set(_read_by_the_objective()) & _model_fields()
    assert read == INPUTS, (sorted(read - INPUTS), sorted(INPUTS - read))
    assert not INPUTS & PERSONAL


def test_every_term_is_on_the_list() -> None:
    assert {field.name for field in fields(CostTerms)} == {
        *(stage.value for stage in Stage), "served_requests", "unserved_requests", "metres", "co2_grams",
        "crew_seconds", "rest_seconds",
    }  # fmt: skip
    assert [stage.value for stage in Stage] == [
        "pinned", "served", "custody", "night", "fair_load", "changes", "cost"
    ]  # fmt: skip


def test_every_weight_is_that_of_a_deadline() -> None:
    weights = data.parameter_set().deadline_weights
    assert {kind for kind, _ in weights} == set(DeadlineClass) == {"urgent", "soon", "normal"}
    named = {field.name for field in fields(model.ParameterSet) if "weight" in field.name or "price" in field.name}
    assert named == {"deadline_weights", "co2_price"}


def test_of_people_the_direct_ride_knows_only_how_often_it_rests() -> None:
    """Children under 14 rest more often on the way: the ride that custody is counted above has the same rests."""
    tree = ast.parse((PACKAGE / "verify" / "view.py").read_text(encoding="utf-8"))
    (direct,) = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name == "direct"]
    assert _attributes(direct) & PERSONAL == {"party", "has_children"}
    calls = [
        node
        for node in ast.walk(direct)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "rests"
    ]
    (rests,) = calls
    assert {word.arg for word in rests.keywords} == {"children"}
    inside = set().union(*(_attributes(word.value) for word in rests.keywords))
    assert inside == {"party", "has_children"}


def test_no_gate_and_no_clearance_reaches_the_optimizer() -> None:
    """Who is blocked enters no run; why, the solver never learns."""
    words = {
        "court_order",
        "urgent_application",
        "fitness_to_travel",
        "unaccompanied_minor",
        "gate",
        "gates",
        "clearance",
    }
    assert not words & _model_fields()
    for path in sorted(PACKAGE.rglob("*.py")):
        assert not words & _attributes(ast.parse(path.read_text(encoding="utf-8"))), path.name
