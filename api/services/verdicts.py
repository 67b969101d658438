"""What the check of a trip on a duty answers (``api.services.checking``)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from api.db.tables import Override
from api.gates import Finding, seen_by
from api.mapping.offers import Figures
from api.services import duty_facts
from api.services.duty_facts import Fact
from api.services.gatekeeping import Findings
from api.workflow import Role
from optimizer.model import Rule, Strength


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """One thing that stands against a trip; ``texts`` and ``actions`` by language (``de``, ``en``)."""

    code: str
    strength: Strength
    texts: Mapping[str, str]
    actions: Mapping[str, str]
    is_own: bool
    """Whether it is about the trip or its duty, not about somebody else on the tour."""
    is_gate: bool = False
    """Whether it is a precondition of the measure: no duty and no other time would mend it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rider:
    """Somebody else on the tour, in coarse form; seconds on board without and with the trip in question."""

    seats: int
    before: int
    after: int
    is_promised: bool
    is_together: bool
    """Whether they are on board at the same time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The checker's answer to one attempt; ``figures`` is ``None`` where nothing could be laid out."""

    pickup_at: datetime
    handover_at: datetime
    broken: tuple[Broken, ...]
    figures: Figures | None
    riders: tuple[Rider, ...] = ()
    lifted: tuple[Override, ...] = ()
    """What was lifted for the request, and holds for the duty's ZAB."""
    gates: Findings = ()
    """How the gates of the measure stand at that time."""
    warned: tuple[Rule, ...] = ()
    """What the checker only tells of the tour with it, and did not of the tour without (``Ground.warned``)."""

    @property
    def fits(self) -> bool:
        """Whether nothing stands against it."""
        return not self.broken


def broken_gate(closed: Finding) -> Broken:
    """Return a closed gate as what stands against a trip."""
    # The ZAB reads it.
    found = seen_by([closed], Role.ZAB_DISPATCHER)[0]
    return Broken(
        code=str(found.told), strength=Strength.HARD,  # Whatever the owner may lift, no ZAB does.
        texts=found.coarse_texts, actions=found.coarse_actions, is_own=True, is_gate=True,
    )  # fmt: skip


def broken_fact(fact: Fact) -> Broken:
    """Return a fact about a duty as what stands against a trip."""
    return Broken(
        code=fact.value, strength=Strength.HARD, texts=duty_facts.TEXTS[fact], actions=duty_facts.CHOOSE, is_own=True
    )
