"""Whatever stands in the files: either a day is read, or it is refused with problems; nothing else ever happens."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from optimizer.errors import InputRejected
from optimizer.io.tables_columns import TABLES
from tests.io.tables_day import day, read, write_csv, write_xlsx

WORDS = ["", "0", "-1", "x", "=A1", "R1", "D1", "essen", "Essen", "DUS", "2026-10-05", "08:00", "2026-10-05T08:00",
         "2026-10-25T02:30", "99999999999999999999", "1e9", "nan", "ja", "adult:m:1", "6-11:f:99", "²", "٣", "9+1",
         "24:00", "0001-01-01T00:00", "9999-12-31T23:59", "2026-10-05T08:00+99:99", "\u202e", "a" * 200,
         "wheelchair", "2026-10-05T06:00/2026-10-05T07:00"]  # fmt: skip


@pytest.mark.parametrize("seed", range(8))
def test_random_cells(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    refused = 0
    for _ in range(25):
        tables = day()
        for _ in range(rng.randint(1, 4)):
            name = rng.choice(list(tables))
            record = rng.choice(tables[name])
            record[rng.choice(TABLES[name].columns).name] = rng.choice(WORDS)
        try:
            read(write_csv(tmp_path / "day", tables))
        except InputRejected as error:
            refused += len(error.problems) > 0
    assert refused > 0


@pytest.mark.parametrize("seed", range(8))
def test_random_bytes(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    folder = write_csv(tmp_path / "day", day())
    book = write_xlsx(tmp_path / "day.xlsx", day())
    for path in [*sorted(folder.iterdir()), book]:
        whole = path.read_bytes()
        for _ in range(6):
            broken = bytearray(whole)
            for _ in range(rng.randint(1, 5)):
                at = rng.randrange(len(broken))
                broken[at : at + rng.randint(0, 3)] = rng.randbytes(rng.randint(0, 3))
            path.write_bytes(broken)
            try:
                read(book if path == book else folder)
            except InputRejected:
                continue
        path.write_bytes(whole)
    assert read(folder).requests == read(book).requests
