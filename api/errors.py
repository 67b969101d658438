"""What can go wrong in the service, as RFC 9457 problems: each has a stable code, a status, and says what to do.

Raised by services, turned into answers by ``api.web.problems``. Pure: no web framework here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

_OF_PYDANTIC = "Value error, "
TYPE_PREFIX = "urn:restplatz:problem:"


class Code(StrEnum):
    """Stable codes of problems; clients may rely on them."""

    # Asking
    BODY_INVALID = "body_invalid"
    BODY_TOO_LARGE = "body_too_large"
    ROWS_INVALID = "rows_invalid"
    PARAMETER_INVALID = "parameter_invalid"
    MEDIA_TYPE_UNKNOWN = "media_type_unknown"
    IDEMPOTENCY_KEY_MISSING = "idempotency_key_missing"
    IDEMPOTENCY_KEY_REUSED = "idempotency_key_reused"
    IDEMPOTENCY_KEY_BUSY = "idempotency_key_busy"
    # Who
    NOT_SIGNED_IN = "not_signed_in"
    SIGN_IN_FAILED = "sign_in_failed"
    ROLE_MAY_NOT = "role_may_not"
    CROSS_SITE = "cross_site"
    TOO_MANY_REQUESTS = "too_many_requests"
    # What
    NOT_FOUND = "not_found"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    VERSION_MISSING = "version_missing"
    VERSION_CHANGED = "version_changed"
    STATE_FORBIDS = "state_forbids"
    ALREADY_DECIDED = "already_decided"
    RUN_IN_PROGRESS = "run_in_progress"
    EXISTS_ALREADY = "exists_already"
    IN_USE = "in_use"
    REASON_MISSING = "reason_missing"
    SECOND_PERSON_MISSING = "second_person_missing"
    SECOND_PERSON_IS_FIRST = "second_person_is_first"
    PLAN_BROKEN = "plan_broken"
    """The independent checker refuses: nothing was changed."""
    GATE_CLOSED = "gate_closed"
    """A legal or organisational precondition of the measure is missing."""
    TOO_LATE = "too_late"
    VALUE_REFUSED = "value_refused"
    # Us
    DATABASE_READ_ONLY = "database_read_only"
    DATABASE_FULL = "database_full"
    DATABASE_BUSY = "database_busy"
    UNAVAILABLE = "unavailable"
    DEFECT = "defect"


STATUS: dict[Code, tuple[int, str]] = {
    Code.BODY_INVALID: (422, "The body does not fit the schema"),
    Code.BODY_TOO_LARGE: (413, "The body is too large"),
    Code.ROWS_INVALID: (422, "Rows of the import are refused; nothing was stored"),
    Code.PARAMETER_INVALID: (422, "A parameter does not fit the schema"),
    Code.MEDIA_TYPE_UNKNOWN: (415, "The media type is not supported"),
    Code.IDEMPOTENCY_KEY_MISSING: (400, "Idempotency-Key is missing"),
    Code.IDEMPOTENCY_KEY_REUSED: (422, "Idempotency-Key was used for another call"),
    Code.IDEMPOTENCY_KEY_BUSY: (409, "The first call with this Idempotency-Key is still at work"),
    Code.NOT_SIGNED_IN: (401, "Not signed in"),
    Code.SIGN_IN_FAILED: (401, "Sign-in failed"),
    Code.ROLE_MAY_NOT: (403, "Your role may not do this"),
    Code.CROSS_SITE: (403, "The call comes from another site"),
    Code.TOO_MANY_REQUESTS: (429, "Too many requests"),
    Code.NOT_FOUND: (404, "Not found"),
    Code.METHOD_NOT_ALLOWED: (405, "Method not allowed"),
    Code.VERSION_MISSING: (428, "If-Match is missing"),
    Code.VERSION_CHANGED: (412, "It was changed meanwhile"),
    Code.STATE_FORBIDS: (409, "The state does not allow this"),
    Code.ALREADY_DECIDED: (409, "It was decided meanwhile"),
    Code.RUN_IN_PROGRESS: (409, "A run of this horizon is in progress"),
    Code.EXISTS_ALREADY: (409, "It exists already"),
    Code.IN_USE: (409, "It is in use"),
    Code.REASON_MISSING: (422, "A reason is needed"),
    Code.SECOND_PERSON_MISSING: (409, "A second person is needed"),
    Code.SECOND_PERSON_IS_FIRST: (409, "The second person must be another one"),
    Code.PLAN_BROKEN: (409, "The checker refuses the plan"),
    Code.GATE_CLOSED: (409, "A precondition of the measure is missing"),
    Code.TOO_LATE: (409, "It is too late for this"),
    Code.VALUE_REFUSED: (422, "A value is refused"),
    Code.DATABASE_READ_ONLY: (503, "The database is read-only"),
    Code.DATABASE_FULL: (507, "The disk of the database is full"),
    Code.DATABASE_BUSY: (503, "The database is busy"),
    Code.UNAVAILABLE: (503, "Not available"),
    Code.DEFECT: (500, "A defect of the programme"),
}
"""HTTP status and title of each code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldError:
    """One fault: where (``/pickup/from``; of a file ``row 3, pickup_from``), what was expected, what to do.

    ``got`` only where it is no personal content: a type, a length, a code.
    """

    path: str
    expected: str
    got: str = ""
    what_to_do: str = ""


class Problem(Exception):
    """A call that cannot be answered as asked.

    Parameters
    ----------
    detail
        One or two sentences: what happened, and what to do.
    errors
        One each for all faults.
    more
        Further members of the answer, such as ``state`` or ``violations``; no personal content.
    """

    def __init__(
        self,
        code: Code,
        detail: str,
        *,
        errors: Sequence[FieldError] = (),
        more: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail
        self.errors = tuple(errors)
        self.more = dict(more or {})
        self.headers = dict(headers or {})

    @property
    def status(self) -> int:
        """HTTP status."""
        return STATUS[self.code][0]

    def document(self) -> dict[str, Any]:
        """Return the problem as a JSON object (RFC 9457)."""
        document: dict[str, Any] = {
            "type": f"{TYPE_PREFIX}{self.code}",
            "title": STATUS[self.code][1],
            "status": self.status,
            "code": self.code.value,
            "detail": self.detail,
        }
        if self.errors:
            document["errors"] = [asdict(error) for error in self.errors]
        return document | self.more


def text_of(fault: Mapping[str, Any]) -> str:
    """Return what a fault of pydantic says, without the words that it puts before texts of ours."""
    return str(fault["msg"]).removeprefix(_OF_PYDANTIC)


def absent(what: str, what_to_do: str) -> Problem:
    """Return the answer for what is not there, to whoever may see everything: operators at the command line."""
    return Problem(Code.NOT_FOUND, f"Expected {what}, found none. {what_to_do}")


def not_found(what: str) -> Problem:
    """Return the answer for what is not there, or may not be seen: the caller cannot tell which."""
    return Problem(
        Code.NOT_FOUND, f"Expected {what} that you may see, found none. Check the id, and that it is yours to see."
    )
