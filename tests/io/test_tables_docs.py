from __future__ import annotations

import re
from pathlib import Path

import pytest

from optimizer.io import tables as tables_module
from optimizer.io.tables_cells import folded
from optimizer.io.tables_columns import TABLES
from optimizer.io.tables_docs import render
from tests.io.tables_day import read

ROOT = Path(__file__).resolve().parents[2]


def test_the_page_is_what_the_columns_say() -> None:
    page = (ROOT / "docs" / "import-format.md").read_text(encoding="utf-8")
    assert page == render(), "Run: python -m optimizer.io.tables_docs > docs/import-format.md"


@pytest.mark.parametrize("table", list(TABLES))
def test_every_column_has_an_example_that_is_allowed(table: str) -> None:
    for column in TABLES[table].columns:
        assert column.meaning
        assert column.allowed or column.unit
        assert column.parse(column.example) is not None


@pytest.mark.parametrize("table", list(TABLES))
def test_headers_stand_for_one_column_each(table: str) -> None:
    headers = [word for column in TABLES[table].columns for word in (column.name, *column.german)]
    assert len(set(headers)) == len(headers)
    assert [folded(header) for header in headers] == headers


def test_the_module_names_every_column() -> None:
    text = tables_module.__doc__ or ""
    for table in ("pool", "fleet", "shifts", "zabs", "places", "published", "horizon"):
        for column in TABLES[table].columns:
            assert column.name in text


def test_the_smallest_day_of_the_page_can_be_read(tmp_path: Path) -> None:
    found = re.findall(r"`(\w+\.csv)`[^\n]*\n\n```csv\n(.*?)```", render(), re.DOTALL)
    assert [name for name, _ in found] == ["pool.csv", "fleet.csv", "shifts.csv", "tours.csv"]
    for name, text in found:
        (tmp_path / name).write_text(text, encoding="utf-8")
    instance = read(tmp_path)
    assert [request.id for request in instance.requests] == ["R-1"]
