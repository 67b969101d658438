"""Who may be told which rule is in the way, where the rule by its name alone tells of people.

"Women alone do not ride with unrelated men", said to an office of its own request, tells that a woman alone rides on
that tour. The ZAB of the duty knows who rides there, and the Landestransportkoordination; all others learn that who
rides there may not share a vehicle with them, and no more (domain.md, humane rule 4).

"A female officer is missing" tells that women or girls are to be carried, "too few officers" how many or how old they
are. The owner knows its own people, and so may know both; to all who own neither the duty nor the request it is said
that the staff there does not suffice.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

from api.workflow import Role
from optimizer.model import COMPANY_RULES, Rule

COMPANY: Literal["company"] = "company"
"""What each rule on who rides together is called to those who need not know which one it is."""
CREW: Literal["crew"] = "crew"
"""What each rule on who must go along is called to those who need not know which one it is."""
CREW_RULES = frozenset({Rule.ESCORTS, Rule.FEMALE_OFFICER})
ToldRule = Rule | Literal["company", "crew"]
TEXTS: Mapping[str, str] = {
    "de": "Diese Fahrt darf nicht mit denen zusammengelegt werden, die dort schon mitfahren.",
    "en": "This trip may not be combined with those who ride there already.",
}
ACTIONS: Mapping[str, str] = {
    "de": "Einen anderen Dienst oder eine andere Zeit suchen.",
    "en": "Look for another duty or another time.",
}
_SAID: Mapping[str, tuple[Mapping[str, str], Mapping[str, str]]] = {
    COMPANY: (TEXTS, ACTIONS),
    CREW: (
        {
            "de": "Das Personal dort reicht für diese Fahrt nicht aus.",
            "en": "The staff there does not suffice for this trip.",
        },
        {
            "de": "Einen anderen Dienst suchen, oder die ZAB des Dienstes fragen.",
            "en": "Look for another duty, or ask the ZAB of the duty.",
        },
    ),
}


def knows(role: Role, *, is_own: bool) -> bool:
    """Whether a role may know who rides; ``is_own``: on a duty of its own ZAB."""
    return is_own or role is Role.LTRAKO


def knows_lifted(role: Role, *, is_own: bool, by: Role, is_full: bool) -> bool:
    """Whether a role may know which rule was lifted for a request.

    Parameters
    ----------
    is_own
        Whether people of its own organisation lifted it.
    by
        Role of who lifted it: what an owner lifts tells of its own people, what a ZAB lifts of who rides with it.
    is_full
        Whether the reader sees the request whole.
    """
    return knows(role, is_own=is_own) or (by is Role.ABH and is_full)


def is_private(rule: str | None) -> bool:
    """Whether a rule tells by its name alone something of those who ride already."""
    return rule in COMPANY_RULES


def instead(rule: str | None, *, knows: bool, owns: bool) -> Literal["company", "crew"] | None:
    """Return what a rule is called to somebody who may not know which one it is; ``None``: as it is.

    Parameters
    ----------
    knows
        Whether the reader may know who rides there.
    owns
        Whether the reader's own people are to be carried: the owner of the request.
    """
    if knows:
        return None
    if is_private(rule):
        return COMPANY
    return CREW if rule in CREW_RULES and not owns else None


def rule_told(rule: str, *, knows: bool, owns: bool) -> str:
    """Return the code of a rule as it may be told; parameters as of ``instead``."""
    return instead(rule, knows=knows, owns=owns) or rule


def rules_told(rules: Iterable[Rule], *, knows: bool, owns: bool) -> list[ToldRule]:
    """Return the codes of rules as they may be told, each once, in their order."""
    told: dict[ToldRule, None] = {}
    for rule in rules:
        told[instead(rule, knows=knows, owns=owns) or rule] = None
    return list(told)


def said(code: str) -> tuple[Mapping[str, str], Mapping[str, str]] | None:
    """Return texts and actions, by language, of what is told instead of a rule; ``None`` for all other codes."""
    return _SAID.get(code)
