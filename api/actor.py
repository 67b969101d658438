"""Who acts."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from api.workflow import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who acts: an account in its organisation, or the clock and the solver (neither)."""

    role: Role
    account_id: uuid.UUID | None = None
    organisation_id: uuid.UUID | None = None

    @property
    def is_zab(self) -> bool:
        """Whether it acts for a ZAB; ``organisation_id`` then is that ZAB."""
        return self.role in (Role.ZAB_DISPATCHER, Role.ZAB_LEAD)


SYSTEM = Actor(role=Role.SYSTEM)
