"""Pages that ship: each with its head, on a topic and by a body that there is, and no wrong head is let through."""

from __future__ import annotations

import pytest

from api.db.tables import GuidanceTopic, OrganisationKind
from data.guidance_pages import guidance_pages, read_page
from optimizer.errors import InvalidValue


def test_every_page_has_topic_body_and_title() -> None:
    found = guidance_pages()
    assert len({page.slug for page in found}) == len(found) >= 5
    for page in found:
        assert GuidanceTopic(page.topic)
        assert OrganisationKind(page.organisation) in (
            OrganisationKind.ZRK, OrganisationKind.ZFA, OrganisationKind.LTRAKO,
        )  # fmt: skip
        assert 3 <= len(page.title) <= 200
        assert len(page.body) > 200


def test_the_decree_s_measures_and_deadlines_are_there() -> None:
    text = "\n".join(page.body for page in guidance_pages())
    for said in (
        "Inempfangnahme",
        "Durchbeförderung",
        "Restplatzbörse",
        "Amtshilfe",
        "2 Tage",
        "7 bis 14 Tage",
        "21 Tage",
    ):
        assert said in text


@pytest.mark.parametrize("text", ["", "topic: transit\n\nx", "title: a\ntopic: b\norganisation: c\n\nx", "no head"])
def test_a_wrong_head_is_named(text: str) -> None:
    with pytest.raises(InvalidValue, match=r"guidance/x\.md"):
        read_page("x", text)
