"""Every rule has a place for each role: a checker, a test that breaks it, a row in the handbook, a message."""

from __future__ import annotations

from pathlib import Path

import pytest

from optimizer.explain.message import LANGUAGES
from optimizer.explain.messages import MESSAGES
from optimizer.model import RULEBOOK, Rule
from optimizer.verify import CHECKERS
from tests.verify.mutations import MUTATIONS

README = Path(__file__).parent.parent / "optimizer" / "README.md"


@pytest.mark.parametrize("rule", Rule, ids=lambda rule: rule.value)
class TestEveryRule:
    def test_has_a_strength_and_a_source(self, rule: Rule) -> None:
        assert RULEBOOK[rule].source

    def test_has_a_checker_that_says_what_it_checks(self, rule: Rule) -> None:
        assert CHECKERS[rule].__name__ == f"check_{rule.value}"
        assert CHECKERS[rule].__doc__

    def test_has_a_mutation_test(self, rule: Rule) -> None:
        assert rule in MUTATIONS

    def test_has_a_row_in_the_rule_table(self, rule: Rule) -> None:
        rows = [row for row in README.read_text(encoding="utf-8").splitlines() if row.lstrip().startswith("|")]
        assert any(f"`{rule.value}`" in row for row in rows)

    def test_has_a_message(self, rule: Rule) -> None:
        assert all(MESSAGES[rule].texts[language] for language in LANGUAGES)


def test_no_checker_or_mutation_is_for_no_rule() -> None:
    assert set(CHECKERS) == set(MUTATIONS) == set(RULEBOOK) == set(Rule)
    assert len({function.__name__ for function in CHECKERS.values()}) == len(Rule)
