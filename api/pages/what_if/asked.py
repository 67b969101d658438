"""A field of a change of a scenario."""

from __future__ import annotations

from dataclasses import dataclass

from api.texts import Pair


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A field of a change; ``choices`` names the list that it is chosen from, else it is a number."""

    name: str
    label: Pair
    choices: str = ""
    default: str = ""
    hint: Pair | None = None
    is_needed: bool = True
