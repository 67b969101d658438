"""What is said of faults, and of runs and the log, in both languages: no text is missing, none is left over."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.amtshilfe import AmtshilfeAction
from api.clearance_workflow import ClearanceAction
from api.errors import FieldError
from api.fault_texts import in_german, parts_of
from api.fault_texts.details import DETAILS
from api.fault_texts.fields import FIELDS
from api.fault_texts.schemas import SCHEMAS
from api.fault_texts.tables import TABLES
from api.fault_texts.tables_days import TABLES_OF_DAYS
from api.fault_texts.what_if import WHAT_IF
from api.pages.faults import in_words
from api.pages.planning.names import progress_words
from api.services.import_tables import COLUMNS
from api.texts_audit import SUBJECTS, done_to, known_actions
from api.words import Language
from api.workflow import Action
from optimizer.io.tables_columns import TABLES as OF_DAYS
from optimizer.io.tables_columns import Column
from optimizer.io.tables_problems import CellError
from optimizer.model import Stage
from tests import fault_texts

SHIFTS = OF_DAYS["shifts"]
ROOT = Path(__file__).parents[2]
FILLED = (
    "column {}", "an unknown column", "Leave it out: row {} is the same.", "Leave it out: request {} is the same.",
    "one of the fields {}", "no field here", "a whole number from {} to {} {}", "AGS of an ABH of the exchange",
    "your own ABH's AGS, or nothing", "Without duties nobody can drive.", "a law in force on {}; {} is from {} to {}",
)  # fmt: skip
"""Texts that are put together where the source shows their parts only."""


def test_every_fault_has_its_german() -> None:
    assert fault_texts.missing() == []


def test_no_german_is_left_over() -> None:
    said = [*fault_texts.of_source(), *fault_texts.of_pydantic()]
    # Of faults of a body as a whole rows of imports show what stands behind the field.
    said += [part.partition(": expected ")[2] for text in said for part in parts_of(text)]
    for english in {**FIELDS, **SCHEMAS, **TABLES, **TABLES_OF_DAYS, **DETAILS, **WHAT_IF}:
        pattern = ".*".join(re.escape(part) for part in english.split("{}"))
        assert english in FILLED or any(re.fullmatch(pattern, text, re.DOTALL) for text in said), english


def test_german_holds_no_english_and_is_filled() -> None:
    english = re.compile(r"\b(the|and|should|expected|must|with|which|not|your|is|are)\b", re.IGNORECASE)
    for text in {**fault_texts.of_source(), **dict.fromkeys(fault_texts.of_pydantic(), "")}:
        german = in_german(text)
        assert german is not None
        assert "{" not in german, german
        assert not english.search(german.replace("not_needed", "")), german


@pytest.mark.parametrize(
    ("english", "german"),
    [
        ("Value error, expected earliest before latest: turn the window round", "Der Beginn muss vor dem Ende liegen."),
        ("Input should be less than or equal to 5", "Höchstens 5."),
        ("Input should be 'a', 'b' or 'c'", "Eines von: 'a', 'b' oder 'c'."),
        ("at most 20,000 rows", "höchstens 20.000 Zeilen"),
        ("Did you mean 'Essen' or 'Hessen'?", "Meinten Sie 'Essen' oder 'Hessen'?"),
        (
            "The request is pooled; confirm is not possible there. Read it again, then choose one of: amend, cancel.",
            "Die Anfrage steht auf „im Pool“; „zusagen“ ist dort nicht möglich.",
        ),
        (
            "It could be agreed to until 2026-10-25T00:30:00+00:00. Ask for it anew.",
            "Zugestimmt werden konnte bis 25.10.2026 02:30. Bitten Sie neu darum.",
        ),
        ("another day than 2026-10-05", "einen anderen Tag als den 05.10.2026"),
        (
            "starts_at: expected it before ends_at; turn the shift round; code: expected one of sick, leave",
            "Der Beginn muss vor dem Ende liegen. Einer der Gründe sick, leave.",
        ),
        ("nobody ever said this", None),
    ],
)
def test_texts_are_filled_as_they_are_written_here(english: str, german: str | None) -> None:
    assert in_german(english) == german


@pytest.mark.parametrize("column", [*COLUMNS, *SHIFTS.columns], ids=lambda column: column.name)
def test_cells_are_told_in_german_with_their_units(column: Column) -> None:
    english = re.compile(r"\b(minutes|pieces|requests|officers|wheelchairs|seats|per)\b")
    for cell in ("?", "99999999", "-1", "2026-13-01", "25:00", "x" * 300, "\x07"):
        try:
            column.parse(cell)
        except CellError as error:
            for text in (error.expected, error.action):
                german = in_german(text)
                assert german is not None, text
                assert not english.search(german), german


def test_english_stays_as_the_api_tells_it() -> None:
    error = FieldError(path="/to", expected="another day than 2026-10-05", got="str", what_to_do="Correct the day.")
    assert in_words(error, Language.EN) == error
    said = in_words(error, Language.DE)
    assert (said.path, said.what_to_do) == ("/to", "Berichtigen Sie den Tag.")


# --- runs -------------------------------------------------------------------------------------------------------------


def _told(*names: str) -> Iterator[str]:
    """Yield what the search tells of its phases and steps, numbers as ``#``."""
    sources = [*(ROOT / "optimizer").rglob("*.py"), *(ROOT / "api").rglob("*.py")]
    for path in sources:
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            is_told = isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr in names
            if is_told and isinstance(call, ast.Call) and call.args:
                said = call.args[0]
                if isinstance(said, ast.Constant) and isinstance(said.value, str):
                    yield said.value
                elif isinstance(said, ast.JoinedStr):
                    yield "".join(str(each.value) if isinstance(each, ast.Constant) else "#" for each in said.values)


@pytest.mark.parametrize("language", list(Language))
def test_every_phase_and_step_of_a_run_has_its_words(language: Language) -> None:
    known = progress_words(language)
    told = {text.removeprefix("part # ") for text in _told("phase", "progress")} - {"#"}
    assert {"fragments", "better plan", "stage #"} <= told
    for text in told:
        # Of phases that name their stage each stage has words of its own.
        texts = [text.replace("#", stage.value) for stage in Stage] if text.count("#") == 1 else [text]
        assert text in known or all(each in known for each in texts), text
    assert all(words.strip() and scale > 0 for words, scale in known.values())


# --- the log ----------------------------------------------------------------------------------------------------------


def _lines() -> Iterator[tuple[str, str]]:
    """Yield action and kind of every line that the source may write; empty where it is no literal."""
    for path in (ROOT / "api").rglob("*.py"):
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call) and ast.unparse(call.func) == "audit.append":
                for action in _literals(call.args[2]):
                    for kind in _literals(call.args[3]):
                        yield action, kind


def _literals(node: ast.expr) -> list[str]:
    if isinstance(node, ast.IfExp):
        return _literals(node.body) + _literals(node.orelse)
    return [node.value] if isinstance(node, ast.Constant) and isinstance(node.value, str) else [""]


def test_every_line_of_the_log_has_words_in_both_languages() -> None:
    lines = {
        *_lines(),
        *((action.value, "request") for action in Action),
        *((action.value, "clearance") for action in ClearanceAction),
        *((f"amtshilfe_{action.value}", "amtshilfe_case") for action in AmtshilfeAction),
    }
    assert ("address_read", "request") in lines
    for action, kind in lines:
        if action:
            assert done_to(action, kind) != (action, action), action
            assert action in known_actions(), action
        assert not kind or kind in SUBJECTS, kind
    assert done_to("refuse", "clearance") != done_to("refuse", "request")
