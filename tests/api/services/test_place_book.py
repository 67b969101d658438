"""Places and Bezirke by what people write."""

from __future__ import annotations

import pytest

from api.services import place_book
from data import places, zabs
from optimizer.io.tables_problems import CellError
from optimizer.model import Place


def test_every_place_is_found_by_its_id() -> None:
    for place in places():
        assert place_book.find(place.id) == place
        assert place_book.is_known(place.id)


@pytest.mark.parametrize("text", ["Essen", "essen", "05113000", "5113000"])
def test_a_town_is_found_by_name_and_key(text: str) -> None:
    found = place_book.find(text)
    assert isinstance(found, Place)
    assert found.id == "05113000"


def test_an_unknown_one_is_told_with_the_nearest() -> None:
    found = place_book.find("Bielefelt")
    assert isinstance(found, CellError)
    assert "'Bielefeld'" in found.action
    assert not place_book.is_known("Bielefelt")


def test_each_bezirk_is_found_by_its_zab() -> None:
    for site in zabs():
        for text in (site.zab.id, site.bezirk, site.zab.name, site.ags_prefix, f"zab:{site.zab.name[4:]}"):
            assert place_book.ags_prefix(text) == site.ags_prefix, text
    assert place_book.ags_prefix("Bayern") is None
