"""The base of every value: what pydantic is told when it reads or writes one."""

from __future__ import annotations

from typing import Any, ClassVar


class Value:
    """Base of the frozen, slotted, keyword-only dataclasses of the model.

    The class attribute makes ``pydantic.TypeAdapter`` refuse unknown fields and silent conversions, so that the
    model itself is the schema of its files and no second one has to be kept.
    """

    __slots__ = ()
    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid", "strict": True}
