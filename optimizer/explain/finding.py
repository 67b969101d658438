"""What was found out about a request and a duty, ready to be told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from optimizer.explain.message import LANGUAGES, Count, Message
from optimizer.explain.messages_precise import ALSO_OTHERS, ALSO_PROMISED
from optimizer.model import DutyId, RequestId, Rule, ZabId
from optimizer.result import Obstacle, Reason


class Also(StrEnum):
    """What else is in the way beside the rule that is named."""

    NOTHING = "nothing"
    PROMISED = "promised"
    """The promised tour of the duty, and nothing more."""
    OTHERS = "others"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What keeps a request off a duty.

    ``rank`` orders findings: the least is nearest to fitting. ``values`` fill the message, by language;
    ``also`` says what else is in the way.
    """

    duty: DutyId
    obstacle: Obstacle
    rule: Rule | None
    message: Message
    rank: tuple[int, ...]
    values: Mapping[str, Mapping[str, object]] = field(default_factory=lambda: {language: {} for language in LANGUAGES})
    displaces: tuple[RequestId, ...] = ()
    also: Also = Also.NOTHING

    def reason(self, zab: ZabId) -> Reason:
        """Return it in words."""
        texts, actions = self.message.fill(self.values)
        if self.also is not Also.NOTHING:
            more = ALSO_PROMISED if self.also is Also.PROMISED else ALSO_OTHERS
            texts = {language: text + more[language] for language, text in texts.items()}
        return Reason(
            zab=zab,
            duty=self.duty,
            obstacle=self.obstacle,
            rule=self.rule,
            texts=texts,
            actions=actions,
            displaces=self.displaces,
        )


def both(**values: object) -> dict[str, dict[str, object]]:
    """Return the same values for every language; numbers choose their words."""
    told = {name: Count(value) if type(value) is int else value for name, value in values.items()}
    return {language: dict(told) for language in LANGUAGES}
