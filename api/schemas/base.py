"""What all bodies share."""

from __future__ import annotations

import re
import uuid
from datetime import UTC, date, datetime
from typing import Annotated, Any, Self

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ModelWrapValidatorHandler,
    StringConstraints,
    ValidationError,
    model_validator,
)

from api.deadlines import is_skipped
from api.schemas.every_fault import with_rules

_FIRST_YEAR, _LAST_YEAR = 2000, 2200
"""Years outside are slips; and near the ends of the calendar an offset leads out of it."""


class Body(BaseModel):
    """A body that a caller sends: strict, and nothing unknown is let through."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, str_strip_whitespace=True)

    @model_validator(mode="wrap")
    @classmethod
    def _tell_every_fault(cls, sent: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        try:
            return handler(sent)
        except ValidationError as error:
            raise with_rules(cls, sent, error) from None


class Shown(BaseModel):
    """A body that an answer holds."""

    model_config = ConfigDict(frozen=True, from_attributes=True)


def _utc(value: datetime) -> datetime:
    if not _FIRST_YEAR <= value.year < _LAST_YEAR:
        raise ValueError(f"expected a year from {_FIRST_YEAR} to {_LAST_YEAR - 1}")
    return value.astimezone(UTC)


_WRITTEN = re.compile(r"\d{4}-\d\d-\d\d")
"""How days begin, and instants (RFC 3339)."""


def _instant(value: Any) -> Any:
    # Taken leniently a number, or its digits, would be seconds since 1970: nobody states an offset by that.
    if not (_WRITTEN.match(value) if isinstance(value, str) else isinstance(value, datetime)):
        raise ValueError("expected an instant with offset, as 2026-10-05T09:00:00+02:00")
    if isinstance(value, str) and _is_skipped(value):
        raise ValueError("expected a time that there is: that night the clock is put forward from 02:00 to 03:00")
    return value


def _is_skipped(text: str) -> bool:
    try:
        wall = datetime.fromisoformat(text)
    except ValueError:
        return False
    return wall.tzinfo is None and is_skipped(wall)


def _day(value: Any) -> Any:
    if not (_WRITTEN.match(value) if isinstance(value, str) else isinstance(value, date)):
        raise ValueError("expected a day, as 2026-10-05")
    return value


# JSON knows neither instants nor UUIDs: these take them from text, strictly otherwise.
Instant = Annotated[AwareDatetime, Field(strict=False), BeforeValidator(_instant), AfterValidator(_utc)]
"""An instant with offset; kept in UTC."""
Day = Annotated[date, Field(strict=False, ge=date(_FIRST_YEAR, 1, 1), lt=date(_LAST_YEAR, 1, 1)), BeforeValidator(_day)]
"""A local day."""
Id = Annotated[uuid.UUID, Field(strict=False)]
"""UUIDv7."""
PLAIN = r"^[^\x00-\x1f\x7f]*$"
"""One line without control characters: no database keeps NUL, no log wants a line break."""
Remark = Annotated[str, StringConstraints(max_length=200, pattern=PLAIN)]
"""Free text of at most 200 characters: no names, no diagnoses."""
CodeText = Annotated[str, StringConstraints(min_length=1, max_length=60, pattern=r"^[A-Za-z0-9ÄÖÜäöüß_.:/-]+$")]
"""An identifier that an organisation gives out."""
