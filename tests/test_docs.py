"""The documents say what the code does: rules, stages, commands, links."""

from __future__ import annotations

import ast
import re
import tomllib
from itertools import pairwise
from pathlib import Path

import pytest
from typer.main import get_command

from api.cli import app as restplatz
from api.db.tables import Base
from api.repositories.requests import POOL
from api.workflow import OFFERED, State
from optimizer.__main__ import app as optimizer_app
from optimizer.model import RULEBOOK, Rule, Stage
from optimizer.result import Status
from optimizer.terminal import EXIT_BAD_INPUT, EXIT_DEFECT, EXIT_NEGATIVE
from tests import doc_tables

ROOT = Path(__file__).parents[1]
PAGES = sorted(
    path for path in (*ROOT.glob("*.md"), *(p for folder in ("docs", "optimizer", "data", "benchmarks", "api")
                                           for p in (ROOT / folder).rglob("*.md")))
)  # fmt: skip
README = (ROOT / "README.md").read_text(encoding="utf-8")
HANDBOOK = (ROOT / "optimizer" / "README.md").read_text(encoding="utf-8")
PACKAGE = ROOT / "optimizer"


def rows(text: str) -> list[list[str]]:
    """Cells of every table row of a page."""
    lines = [line.strip() for line in text.splitlines() if line.strip().startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def anchors(text: str) -> set[str]:
    """Anchors of the headings as a forge makes them."""
    heads = [line.lstrip("#").strip() for line in text.splitlines() if line.startswith("#")]
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if target.startswith(("http://", "https://", "mailto:")):
            continue
        file, _, anchor = target.partition("#")
        there = page if not file else (page.parent / file).resolve()
        assert there.exists(), f"{target} is not there"
        if anchor and there.suffix == ".md":
            assert anchor in anchors(there.read_text(encoding="utf-8")), f"no heading for {target}"


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_pages_name_no_path_of_a_machine(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert not re.search(r"(?<![\w.])/(home|root|work|tmp|Users)/", text)


# --- the rule table ---------------------------------------------------------------------------------------------------


def rule_row(rule: Rule) -> list[str]:
    (row,) = [cells for cells in rows(HANDBOOK) if cells[0] == f"`{rule.value}`"]
    return row


@pytest.mark.parametrize("rule", Rule, ids=lambda rule: rule.value)
def test_the_rule_table_is_true(rule: Rule) -> None:
    _, strength, enforced, checked, source = rule_row(rule)
    assert strength == RULEBOOK[rule].strength.value
    assert source
    for told in (enforced, checked):
        for file in re.findall(r"`([\w/]+\.py)`", told):
            assert (PACKAGE / file).exists(), f"{file} is not there"
    files = re.findall(r"`([\w/]+\.py)`", enforced)
    names = re.findall(r"`(\w+)`", enforced)
    known = {stage.value for stage in Stage}
    for file in files:
        for node in ast.walk(ast.parse((PACKAGE / file).read_text(encoding="utf-8"))):
            known |= {node.name} if isinstance(node, ast.FunctionDef) else set()
            known |= {node.id} if isinstance(node, ast.Name) else set()
            known |= {node.arg} if isinstance(node, ast.arg) else set()
    assert set(names) <= known, f"{set(names) - known} in none of {files}"


def test_every_stage_and_status_is_explained() -> None:
    told = {cells[0].strip("`") for cells in rows(HANDBOOK)}
    assert {stage.value for stage in Stage} <= told
    assert {status.value for status in Status} <= told
    stages = [cells for cells in rows(HANDBOOK) if cells[0].strip("`") in set(Stage) and cells[1] in ("max", "min")]
    assert [(cells[0].strip("`"), cells[1]) for cells in stages] == [
        (stage.value, "max" if stage.is_maximised else "min") for stage in Stage
    ]


def test_figures_that_documents_repeat_are_those_of_the_parameter_set() -> None:
    numbers = tomllib.loads((ROOT / "data" / "parameters" / "nrw-2026-01.toml").read_text(encoding="utf-8"))
    (profile,) = [profile for profile in numbers["working_time"] if profile["id"] == "arbzg"]
    # optimizer/README.md, "Breaks": more than 6 h: 30 min, more than 9 h 30: 45 min, in steps of 15.
    assert profile["tiers"] == [{"span": 6 * 3600, "total": 1800}, {"span": 34_200, "total": 2700}]
    assert profile.get("step", 900) == 900


# --- commands ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["solve", "check", "sample", "explain", "whatif", "sweep", "backtest"])
def test_commands_of_the_optimizer_are_shown_with_their_options(command: str) -> None:
    group = get_command(optimizer_app)
    options = {option for param in group.commands[command].params for option in param.opts if option.startswith("--")}  # type: ignore[attr-defined]
    (line,) = [line for line in HANDBOOK.splitlines() if line.startswith(f"    python -m optimizer {command}")]
    assert set(re.findall(r"--[\w-]+", line)) == options
    assert f"python -m optimizer {command}" in README


def test_commands_of_the_exchange_are_shown() -> None:
    group = get_command(restplatz)
    for name, command in group.commands.items():  # type: ignore[attr-defined]
        assert f"restplatz {name}" in README
        assert command.help
    used = {
        (name, option)
        for name, rest in re.findall(r"restplatz (\w+)(.*)", README)
        for option in re.findall(r"--[\w-]+", rest.split("#")[0])
    }
    for name, option in used:
        known = {text for param in group.commands[name].params for text in param.opts}  # type: ignore[attr-defined]
        assert option in known, f"restplatz {name} {option}"


def test_targets_that_documents_name_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, flags=re.MULTILINE))
    for page in PAGES:
        # In code only: "make sure" is English.
        text = page.read_text(encoding="utf-8")
        code = re.findall(r"`([^`]+)`", text) + re.findall(r"^(?:    )?(make [^\n]*)", text, flags=re.MULTILINE)
        for piece in code:
            for target in re.findall(r"^make ([a-z-]+)", piece):
                assert target in targets, f"{page.name}: make {target}"
    assert {"run", "test", "test-slow", "lint", "bench"} <= targets


def test_exit_codes_are_those_of_the_command_line() -> None:
    assert (EXIT_NEGATIVE, EXIT_BAD_INPUT, EXIT_DEFECT) == (1, 2, 3)
    codes = {cells[0] for cells in rows(HANDBOOK) if re.fullmatch(r"\d", cells[0])}
    assert codes == {"0", "1", "2", "3"}


def test_the_handbook_is_numbered_in_order() -> None:
    numbers = [int(found) for found in re.findall(r"^## (\d+) ", HANDBOOK, flags=re.MULTILINE)]
    assert numbers[0] == 1
    assert all(later == earlier + 1 for earlier, later in pairwise(numbers))


# --- tables that are made from the application ------------------------------------------------------------------------


@pytest.mark.parametrize("name", doc_tables.TABLES)
def test_a_table_made_from_the_application_is_what_the_application_says(name: str) -> None:
    file, make = doc_tables.TABLES[name]
    assert doc_tables.told(name) == make(), f"docs/{file} is stale: python -m tests.doc_tables"


def test_a_request_is_seen_by_its_owner_always_and_by_an_admin_never() -> None:
    """The table is asked of the queries; were the requests not as they say, it would tell nothing."""
    heads, _, *body = rows(doc_tables.visibility_table())
    seen = {cells[0].strip("`"): dict(zip(heads[1:], cells[1:], strict=True)) for cells in body}
    assert set(seen) == set(State)
    for state, by in seen.items():
        assert by["owner"] == doc_tables.WHOLE, state
        assert {by["admin"], by["another ABH"]} == {doc_tables.NO}, state
        assert (by["another ZAB"] != doc_tables.NO) == (state in POOL), state
        is_responsible = state in OFFERED | {State.ASKED, State.HANDED_OVER, State.FAILED}
        assert (by["ZAB concerned"] == doc_tables.WHOLE) == is_responsible, state


def test_every_table_of_the_database_has_its_category_in_the_record_of_processing() -> None:
    page = (ROOT / "docs" / "record-of-processing.md").read_text(encoding="utf-8")
    categories, _, _ = page.partition("## 5 ")
    told = {name for cells in rows(categories) if len(cells) == 3 for name in re.findall(r"`(\w+)`", cells[2])}
    assert set(Base.metadata.tables) <= told, "say what of whom the table holds, in section 4"


@pytest.mark.parametrize("page", sorted((ROOT / "docs").glob("*.md")), ids=lambda path: path.name)
def test_files_that_documents_name_exist(page: Path) -> None:
    folders = r"(?:api|optimizer|data|tests|benchmarks|docs)"
    for file in re.findall(rf"`({folders}/[\w/.-]+\.\w+)`", page.read_text(encoding="utf-8")):
        assert (ROOT / file).exists(), f"{file} is not there"


def test_every_document_is_listed() -> None:
    index = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    for page in (ROOT / "docs").glob("*.md"):
        assert page.name == "README.md" or f"]({page.name})" in index, page.name
