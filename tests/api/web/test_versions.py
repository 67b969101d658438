"""Which versions a decision may name."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from api.errors import Code, Problem
from api.web.versions import match

ROW = SimpleNamespace(version=2)


@pytest.mark.parametrize("sent", ['"2"', 'W/"2"', '"1", "2"', ' "7" ,W/"2"', "*"])
def test_the_present_version_is_named(sent: str) -> None:
    match(ROW, sent)


@pytest.mark.parametrize("sent", ['"1"', 'W/"1"', "2", '"2', '""', "", '"22"', 'w/"2"', '"2" "3"'])
def test_another_one_is_not(sent: str) -> None:
    with pytest.raises(Problem) as caught:
        match(ROW, sent)
    assert caught.value.code is Code.VERSION_CHANGED
    assert caught.value.headers == {"ETag": '"2"'}


def test_none_is_told_as_missing() -> None:
    with pytest.raises(Problem) as caught:
        match(ROW, None)
    assert caught.value.code is Code.VERSION_MISSING
