"""The form of a message: what blocks and what could be done, in German and English."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from string import Formatter

LANGUAGES: tuple[str, ...] = ("de", "en")


class Count(int):
    """A number that chooses its word: ``{size} {size:Tag|Tage}``."""

    def __format__(self, spec: str) -> str:
        """Return the word before the bar for one, that after it else; without a bar as a number is told."""
        one, bar, more = spec.partition("|")
        if not bar:
            return super().__format__(spec)
        return one if self == 1 else more


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """Text and possible action by language; ``{name}`` stands for a value that the caller gives.

    Values are ids, codes and numbers: no message says anything about a person.
    """

    texts: Mapping[str, str]
    actions: Mapping[str, str]

    @property
    def fields(self) -> frozenset[str]:
        """Names of all values that the message asks for."""
        patterns = [*self.texts.values(), *self.actions.values()]
        return frozenset(name for pattern in patterns for _, name, _, _ in Formatter().parse(pattern) if name)

    def fill(self, values: Mapping[str, Mapping[str, object]]) -> tuple[dict[str, str], dict[str, str]]:
        """Return texts and actions by language, filled with ``values`` (by language and name).

        Raises
        ------
        KeyError
            Where a value is missing.
        """
        texts = {language: self.texts[language].format_map(values[language]) for language in LANGUAGES}
        actions = {language: self.actions[language].format_map(values[language]) for language in LANGUAGES}
        return texts, actions


def message(de: str, en: str, do_de: str, do_en: str) -> Message:
    """Return a message from its German and English text and the German and English action."""
    return Message(texts={"de": de, "en": en}, actions={"de": do_de, "en": do_en})


NOT_NEGOTIABLE = (
    "ABH: anderen Termin oder eine Fahrt außerhalb der Börse prüfen; die Regel selbst ist nicht verhandelbar.",
    "ABH: consider another date or a trip outside the exchange; the rule itself is not negotiable.",
)
"""The action where nobody may decide otherwise."""
