"""Who may be told which rule keeps two requests apart: such a rule tells of those who ride already.

"Women alone do not ride with unrelated men", said to an office of its own request, tells that a woman alone rides on
that tour. The ZAB of the duty knows who rides there, and the Landestransportkoordination; all others learn that who
rides there may not share a vehicle with them, and no more (domain.md, humane rule 4).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

from api.workflow import Role
from optimizer.model import COMPANY_RULES, Rule

COMPANY: Literal["company"] = "company"
"""What each of these rules is called to those who need not know which one it is."""
ToldRule = Rule | Literal["company"]
TEXTS: Mapping[str, str] = {
    "de": "Wer dort schon mitfährt, darf nicht mit dieser Fahrt zusammen befördert werden.",
    "en": "Those who ride there already may not share a vehicle with this trip.",
}
ACTIONS: Mapping[str, str] = {
    "de": "Einen anderen Dienst oder eine andere Zeit suchen.",
    "en": "Look for another duty or another time.",
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


def rule_told(rule: str, *, knows: bool) -> str:
    """Return the code of a rule as it may be told."""
    return COMPANY if is_private(rule) and not knows else rule


def rules_told(rules: Iterable[Rule], *, knows: bool) -> list[ToldRule]:
    """Return the codes of rules as they may be told, each once, in their order."""
    told: dict[ToldRule, None] = {}
    for rule in rules:
        told[COMPANY if is_private(rule) and not knows else rule] = None
    return list(told)
