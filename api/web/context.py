"""What the process holds for all calls, and what one call brings."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, Request

from api.clock import Clock, system_clock
from api.db.snapshots import Snapshots
from api.db.store import Store
from api.settings import Settings

_SNAPSHOTS = "snapshots"


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """Settings, database and clock of this process; ``parts`` holds what modules keep for themselves, by name."""

    settings: Settings
    store: Store
    clock: Clock = system_clock
    parts: dict[str, Any] = field(default_factory=dict)

    @property
    def snapshots(self) -> Snapshots:
        """Where simulations read what they start from."""
        known: Snapshots = self.parts.get(_SNAPSHOTS) or self.parts.setdefault(
            _SNAPSHOTS,
            Snapshots(self.settings.snapshot_address, is_own_role=bool(self.settings.simulation_database_url)),
        )
        return known

    @property
    def now(self) -> datetime:
        """The present instant."""
        return self.clock()


async def context(request: Request) -> Context:
    """Return the context of the application that the call came to.

    Waits for nothing, so it is done at once, and not handed to a thread as what asks the database must be.
    """
    found: Context = request.app.state.context
    return found


InContext = Annotated[Context, Depends(context)]
