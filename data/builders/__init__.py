"""Programs that regenerate the files of ``data/`` from public packages and typed facts (extra ``builders``).

Run them in a checkout, one by one, e.g. ``python -m data.builders.places``; ``data/README.md`` lists them all.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

DATA = Path(__file__).parent.parent
FACTS = Path(__file__).parent / "facts"


def write_csv(file: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write a CSV file with a header; same rows, same bytes."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
    print(f"{file.relative_to(DATA.parent)} written")
