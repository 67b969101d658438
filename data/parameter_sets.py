"""Parameter sets: TOML files that become ``optimizer.model.ParameterSet``."""

from __future__ import annotations

from functools import cache
from typing import Any

from data.parameter_files import shipped, shipped_ids, value_of
from optimizer.errors import InvalidValue
from optimizer.model import ParameterSet

DEFAULT_PARAMETER_SET = "nrw-2026-01"
"""The set that holds unless a run names another."""

_TABLES_OF_PAIRS = ("deadline_weights", "strengths")
"""Tables in TOML, pairs in the model."""


def parameter_set_ids() -> tuple[str, ...]:
    """Return the ids of all sets that ship, in order; those of ``service_parameters`` are no such sets."""
    # Those of the service stand beside them (data/service_parameters.py).
    return tuple(each for each in shipped_ids() if not each.startswith("service-"))


@cache
def parameter_set(id: str | None = None) -> ParameterSet:  # noqa: A002
    """Return the set with this id; ``None`` asks for the default. Raises ``InvalidValue`` for an unknown one."""
    wanted = DEFAULT_PARAMETER_SET if id is None else id
    if wanted not in parameter_set_ids():
        raise InvalidValue("parameter set", f"one of {list(parameter_set_ids())}", wanted)
    return shipped(wanted, read_parameter_set)


def read_parameter_set(text: str, *, file: str) -> ParameterSet:
    """Read a parameter set from TOML, as ``data.parameter_files.value_of`` does."""
    return value_of(ParameterSet, text, file=file, prepared=_as_pairs)


def _as_pairs(tree: dict[str, Any]) -> None:
    for table in _TABLES_OF_PAIRS:
        if isinstance(tree.get(table), dict):
            tree[table] = [[key, value] for key, value in tree[table].items()]
