"""The seal: what it closes opens for the same request and a known key only."""

from __future__ import annotations

import uuid
from pathlib import Path

import pytest
from pydantic import SecretStr

from api.errors import Problem
from api.services.addresses import Seal, seal_of
from api.settings import Settings

ONE, OTHER = uuid.uuid4(), uuid.uuid4()


def test_what_is_sealed_opens_for_its_request_only() -> None:
    seal = Seal([b"k" * 32])
    sealed = seal.close(ONE, "Musterstr. 1")
    assert b"Muster" not in sealed
    assert seal.close(ONE, "Musterstr. 1") != sealed, "the same address twice does not look the same"
    assert seal.open(ONE, sealed) == "Musterstr. 1"
    with pytest.raises(Problem, match="unavailable"):
        seal.open(OTHER, sealed)
    with pytest.raises(Problem, match="unavailable"):
        Seal([b"l" * 32]).open(ONE, sealed)
    with pytest.raises(Problem, match="unavailable"):
        seal.open(ONE, sealed[:-4] + b"AAAA")
    assert Seal([b"l" * 32, b"k" * 32]).open(ONE, sealed) == "Musterstr. 1"


def test_a_seal_needs_a_key() -> None:
    with pytest.raises(ValueError, match="at least one key"):
        Seal([])


def test_the_key_of_the_folder_is_made_once(tmp_path: Path) -> None:
    settings = Settings(folder=tmp_path / "new", address_keys=SecretStr(" , "))
    sealed = seal_of(settings).close(ONE, "Musterstr. 1")
    assert seal_of(Settings(folder=tmp_path / "new")).open(ONE, sealed) == "Musterstr. 1"
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["address_key"], "no draft is left"
    assert len((tmp_path / "new" / "address_key").read_bytes()) >= 32


def test_what_an_old_key_sealed_is_sealed_anew_for_the_same_owner() -> None:
    old, new = Seal([b"k" * 32]), Seal([b"l" * 32, b"k" * 32])
    sealed = old.close(ONE, "Musterstr. 1")
    anew = new.closed_anew(ONE, sealed)
    assert anew is not None
    assert anew != sealed
    assert Seal([b"l" * 32]).open(ONE, anew) == "Musterstr. 1", "the old key is not needed any more"
    assert new.closed_anew(ONE, anew) == anew, "a second time changes nothing"
    assert new.closed_anew(OTHER, sealed) is None, "what is another's is not made one's own"
    assert Seal([b"m" * 32]).closed_anew(ONE, sealed) is None
