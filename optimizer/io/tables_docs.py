"""Renders ``docs/import-format.md``: ``python -m optimizer.io.tables_docs > docs/import-format.md``."""

from __future__ import annotations

import sys

from optimizer.io.tables_columns import MAX_ROWS, TABLES, TableSpec

_INTRODUCTION = """\
# Import format

`restplatz rematch FOLDER_OR_XLSX` reads a day from tables: a folder of CSV files (`pool.csv`, `fleet.csv`,
`shifts.csv`, `tours.csv`, and if wanted the others below), or an Excel workbook (`.xlsx`) with sheets of these
names. `data/samples` holds a whole day to copy from.

This page is rendered from `optimizer/io/tables_columns.py`; a test keeps the two alike.

## Files

- CSV is UTF-8, with or without byte-order mark; cells are separated by commas, semicolons or tabs, the same in the
  whole file. In Excel: *Save as, CSV UTF-8*.
- The header is row 1. Columns may stand in any order; German headers are taken as well. Unknown columns are refused,
  and so are columns with names, birth dates, addresses, nationalities or diagnoses: the exchange stores no such
  data.
- In a workbook cells hold values, no formulas, and none are merged.
- Optional columns may be left out or left empty. `tours` may hold its header only.
- Nothing is taken over in part: every problem is told with file, row, column, what was expected and what to do (the
  first 1,000 word for word), and then nothing is written. A request that no duty can carry is no problem: it stays
  unserved, with its reason.

## Cells

- **Times** are local (Europe/Berlin): `2026-10-05T08:30`, `05.10.2026 08:30`, or `08:30` where the row's `date` is
  filled. A time that the end of summer time makes ambiguous needs its offset: `2026-10-25T02:30+02:00`.
- **Ids** hold letters, digits and `. _ : / # -`, no spaces. **Lists** separate their items by spaces.
- **People** are `age:sex:count`, several by spaces: `adult:m:1 adult:f:1 6-11:f:2`. Child seats follow from the
  ages.
- **Seats** are all seats with the driver's; `+n` adds wheelchair places; alternatives by spaces: `9 6+1`.
- **Places** are an id, a name or a municipality key (AGS) of `places` or of the shipped list; where names are alike
  the id decides. Coordinates are an alternative; they are rounded to 0.01 degrees, since exact addresses do not
  belong here.
- **Yes and no** are `yes`, `no`, `ja`, `nein`, `x`, `1`, `0`.

## The smallest day, to copy

A folder with these four files is a whole day:

`pool.csv`

```csv
request,people,date,pickup_place,pickup_from,pickup_to,handover_place,departure
R-1,adult:m:1,2026-10-05,Essen,08:00,11:00,DUS,15:00
```

`fleet.csv`

```csv
vehicle,zab,seats,depot
V-1,essen,9,Essen
```

`shifts.csv`

```csv
duty,vehicle,zab,date,start,end
D-1,V-1,essen,2026-10-05,06:00,16:00
```

`tours.csv` (may hold its header only)

```csv
duty,request,people,date,pickup_place,pickup_time,handover_place,handover_time
```

## What follows from what

- Each row of `pool` needs one of the two: `handover_from` and `handover_to` (both), or `departure` (not with them).
- `departure` makes the hand-over window. It closes before take-off by the time that the airport asks for
  (`data/airports.csv`; else `handover_before_departure`, for a charter `handover_before_charter` of the parameter
  set) and is `handover_window` long.
- A flight that nobody can reach after a pick-up by day is an error of the row, unless the requester recorded a
  ground for a pick-up at night; with children under 14 in any case. The message tells the earliest departure that
  works: ask ZFA to rebook. The same holds for a hand-over window that is given outright.
- `deadline_class` follows from `deadline`: up to 7 days after the first day `urgent`, up to 21 `soon`, else `normal`
  *(assumption)*. Times of service that are left open follow from the parameter set.
- Promised tours are checked before anything is solved; one that is impossible in itself is an error of its row.
- Nights follow from the calendar and the parameter set; the first day's local midnight is second 0.
"""


def render() -> str:
    """Return the whole page."""
    return _INTRODUCTION + "".join(_table(spec) for spec in TABLES.values())


def _table(spec: TableSpec) -> str:
    need = "required" if spec.required else "optional"
    others = ", ".join(f"`{name}`" for name in spec.german)
    lines = [
        f"\n## Table `{spec.name}`\n",
        f"{spec.meaning} ({need}; also called {others}; at most {MAX_ROWS[spec.name]:,} rows)\n",
        "| column | German | needed | meaning | unit | allowed values | if empty | example |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for column in spec.columns:
        cells = (
            f"`{column.name}`",
            ", ".join(f"`{name}`" for name in column.german),
            "yes" if column.required else "",
            column.meaning,
            column.unit,
            column.allowed,
            column.default,
            f"`{column.example}`",
        )
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(render())
