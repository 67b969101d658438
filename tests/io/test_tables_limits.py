"""100,000 rows: refused quickly, every problem counted, the list bounded."""

from __future__ import annotations

from pathlib import Path

from tests.io.tables_day import columns_of, day, problems_of, read, write_csv

ROWS = 100_000


def many(folder: Path, rows: int, *, bad: bool) -> Path:
    tables = day()
    write_csv(folder, tables)
    columns = columns_of(tables["pool"])
    record = tables["pool"][0] | ({"people": "adult:m:0", "pickup_from": "never", "luggage": "x"} if bad else {})
    line = ",".join(record[column] for column in columns[1:])
    with (folder / "pool.csv").open("w") as stream:
        stream.write(",".join(columns) + "\n")
        stream.writelines(f"Q{number},{line}\n" for number in range(rows))
    return folder


def test_pool_beyond_the_limit_is_refused_with_one_clear_message(tmp_path: Path) -> None:
    folder = many(tmp_path / "day", ROWS, bad=False)
    problems = problems_of(folder)
    assert [(p.code, p.got) for p in problems] == [("too_many_rows", "100,000")]
    assert "20,000" in problems[0].expected


def test_bad_rows_without_end_are_listed_up_to_a_limit_and_counted(tmp_path: Path) -> None:
    folder = many(tmp_path / "day", ROWS, bad=True)
    problems = problems_of(folder)
    assert problems[0].code == "too_many_rows"
    assert len(problems) == 1_001
    assert problems[-1].code == "more_problems"
    # Two bad cells in each row, and the one about the number of rows.
    assert problems[-1].got == f"{2 * ROWS + 1 - 1_000:,} more"


def test_large_pool_is_read(tmp_path: Path) -> None:
    folder = many(tmp_path / "day", 4_000, bad=False)
    instance = read(folder)
    assert len(instance.requests) == 4_001
