"""Which cells of tables are withheld, so that nobody can compute what a small group is. Pure.

A cell that counts fewer than ``least`` cases is withheld; where the others and the totals would tell it, further cells
are withheld with it, totals too where need be. Tables that share totals belong into one call: what one withholds
another one must not tell.

Whoever reads the tables knows the published values, all sums, and the rule itself: zeros are always shown, so that a
withheld count is 1 or more; an amount (minutes, people) is 0 or more. Against that knowledge each withheld cell must
have at least two possible values. The proof is a *witness*: whole numbers that change the withheld cells, leave all
sums as they are, and break no bound. They are sought in a basis of the sums' null space, with the cells of most room
as its pivots; where none is found the cell counts as told, and more is withheld. So the answer may withhold more than
it must, and never less.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm

Key = tuple[str, ...]
"""Names a cell; the same cell in several tables has one key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A figure.

    Parameters
    ----------
    value
        What would be shown, 0 or more.
    size
        How many cases it is about: of a count the value itself, of an amount the cases that it adds up.
    is_shown
        Whether the tables have it; what they do not have but what follows from them (day = all - night) is protected
        as well.
    """

    value: int
    size: int
    is_shown: bool = True

    def __post_init__(self) -> None:
        if self.value < 0 or self.size < 0 or (self.size == 0 and self.value != 0):
            raise ValueError(f"Cell: expected value and size of 0 or more, no value without cases, got {self}.")


def count(number: int, *, is_shown: bool = True) -> Cell:
    """Return the cell of a count."""
    return Cell(value=number, size=number, is_shown=is_shown)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sum:
    """``whole`` is the sum of ``parts``."""

    whole: Key
    parts: tuple[Key, ...]


def withheld(cells: Mapping[Key, Cell], sums: Sequence[Sum], least: int) -> frozenset[Key]:
    """Return the cells that must not be shown.

    Parameters
    ----------
    least
        Smallest number of cases that may be shown; 2 or more.

    Raises
    ------
    ValueError
        Where a sum is none, or names a cell that is not there.
    """
    _check(cells, sums, least)
    sensitive = {key for key, cell in cells.items() if 0 < cell.size < least}
    hidden = {key for key, cell in cells.items() if not cell.is_shown}
    kept = sensitive - hidden
    wholes = {each.whole for each in sums}
    sums_of: dict[Key, list[Sum]] = {}
    for each in sums:
        for key in (each.whole, *each.parts):
            sums_of.setdefault(key, []).append(each)
    while True:
        told = _told(cells, sums, kept | hidden, kept | (hidden & sensitive))
        more = _further(cells, told, kept | hidden, sums_of, wholes)
        if not more:
            return frozenset(_released(cells, sums_of, kept, hidden, sensitive, wholes))
        kept |= more


def _released(
    cells: Mapping[Key, Cell],
    sums_of: Mapping[Key, Sequence[Sum]],
    kept: set[Key],
    hidden: set[Key],
    sensitive: set[Key],
    wholes: Collection[Key],
) -> set[Key]:
    """Return ``kept`` without the cells that protect nothing after all: the greatest loss, totals above all, first."""
    kept = set(kept)
    for key in sorted(kept - sensitive, key=lambda key: (key not in wholes, -cells[key].value, key)):
        if key not in kept:
            continue
        near = _component(key, sums_of, kept | hidden) | {key}
        around = list({id(one): one for each in near for one in sums_of.get(each, ())}.values())
        gone: set[Key] = {key}
        told = gone
        # What is told once a cell is shown may be shown as well, unless it is one of those to be protected.
        while told and not told & sensitive:
            gone |= told
            told = _told(cells, around, near - gone, ((near & kept) | (near & hidden & sensitive)) - gone)
        if not told:
            kept -= gone
    return kept


def _component(key: Key, sums_of: Mapping[Key, Sequence[Sum]], unknown: Collection[Key]) -> set[Key]:
    """Return the unknown cells that sums link to a cell, in one step or several."""
    near, seen = [key], {key}
    while near:
        around = {part for each in near for one in sums_of.get(each, ()) for part in (one.whole, *one.parts)}
        near = [part for part in around if part in unknown and part not in seen]
        seen.update(near)
    return seen - {key}


def _further(
    cells: Mapping[Key, Cell],
    told: Collection[Key],
    unknown: Collection[Key],
    sums_of: Mapping[Key, Sequence[Sum]],
    wholes: Collection[Key],
) -> set[Key]:
    """Return what is withheld as well: for each cell that is told one that its sums still show, of the least loss."""

    def loss(key: Key) -> tuple[bool, bool, int, int, Key]:
        # Where no other cell of a sum is unknown this one would be told there, and want another one.
        alone = sum(all(part not in unknown for part in (one.whole, *one.parts)) for one in sums_of[key])
        return (cells[key].value <= _floor(cells[key]), key in wholes, alone, cells[key].value, key)

    more: set[Key] = set()
    touched: set[Key] = set()
    for key in sorted(told):
        near, seen = [key], {key}
        while near:
            around = {part for each in near for one in sums_of.get(each, ()) for part in (one.whole, *one.parts)}
            if around & touched and more:
                break  # What was withheld for another cell of the same sums may do for this one too.
            shown = [part for part in around if part not in unknown and part not in more and cells[part].size > 0]
            if shown:
                chosen = min(shown, key=loss)
                more.add(chosen)
                touched |= {part for one in sums_of[chosen] for part in (one.whole, *one.parts)}
                break
            near = sorted((around & set(unknown)) - seen)
            seen |= set(near)
    return more


def _told(
    cells: Mapping[Key, Cell], sums: Sequence[Sum], unknown: Collection[Key], wanted: Collection[Key]
) -> set[Key]:
    """Return those of ``wanted`` for which no witness is found."""
    missing = set(wanted)
    for vector in _null_space(cells, sums, unknown):
        for sign in (1, -1):
            if all(cells[key].value + sign * step >= _floor(cells[key]) for key, step in vector.items()):
                missing -= vector.keys()
                break
        if not missing:
            break
    return missing


def _floor(cell: Cell) -> int:
    """Return the least value that the reader must think possible of a cell that is not shown."""
    return 1 if cell.is_shown and cell.value == cell.size else 0


def _null_space(cells: Mapping[Key, Cell], sums: Sequence[Sum], unknown: Collection[Key]) -> Iterable[dict[Key, int]]:
    """Yield whole-number changes of the unknown cells that leave all sums as they are: a basis of all of them."""
    rows: dict[Key, dict[Key, Fraction]] = {}
    holding: dict[Key, set[Key]] = {}
    """Of each cell the pivots whose rows it stands in."""

    def put(pivot: Key, row: dict[Key, Fraction]) -> None:
        for key in rows.get(pivot, {}):
            holding[key].discard(pivot)
        rows[pivot] = row
        for key in row:
            holding.setdefault(key, set()).add(pivot)

    for each in sums:
        row: dict[Key, Fraction] = {}
        for key, sign in ((each.whole, 1), *((part, -1) for part in each.parts)):
            if key in unknown:
                row[key] = row.get(key, Fraction(0)) + sign
        for key in [key for key in row if key in rows]:
            _add(row, rows[key], -row[key])
        row = {key: factor for key, factor in row.items() if factor}
        if not row:
            continue
        pivot = max(row, key=lambda key: (cells[key].value - _floor(cells[key]), key))
        scale = row[pivot]
        row = {key: factor / scale for key, factor in row.items()}
        for other in sorted(holding.get(pivot, ())):
            changed = dict(rows[other])
            _add(changed, row, -changed[pivot])
            put(other, {key: factor for key, factor in changed.items() if factor})
        put(pivot, row)
    for free in sorted(set(unknown) - rows.keys()):
        vector = {pivot: -rows[pivot][free] for pivot in holding.get(free, ())} | {free: Fraction(1)}
        common = lcm(*(factor.denominator for factor in vector.values()))
        yield {key: int(factor * common) for key, factor in vector.items()}


def _add(row: dict[Key, Fraction], other: Mapping[Key, Fraction], factor: Fraction) -> None:
    if factor:
        for key, each in other.items():
            row[key] = row.get(key, Fraction(0)) + factor * each


def _check(cells: Mapping[Key, Cell], sums: Sequence[Sum], least: int) -> None:
    if least < 2:
        raise ValueError(f"Expected a least group of 2 or more, got {least}.")
    for each in sums:
        strangers = {each.whole, *each.parts} - cells.keys()
        if strangers:
            raise ValueError(f"Expected cells for the sum {each.whole}, found none for {sorted(strangers)}.")
        total = sum(cells[part].value for part in each.parts)
        if cells[each.whole].value != total:
            raise ValueError(
                f"Expected {each.whole} to be the sum of its parts, {total}, got {cells[each.whole].value}."
            )
