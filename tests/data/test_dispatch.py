"""Documents and offices: each code once, in both languages, an office at each German airport."""

from __future__ import annotations

import re

import data
from data.dispatch import airport_offices, documents


def test_every_document_has_a_code_and_both_names() -> None:
    found = documents()
    assert all(re.fullmatch(r"[a-z_]{3,40}", code) and code == each.code for code, each in found.items())
    assert all(each.name_de and each.name_en for each in found.values())
    assert [code for code, each in found.items() if each.is_required][:2] == ["transit_consent", "transit_application"]
    # All of them together fit the column of a record.
    assert len(",".join(found)) <= 400


def test_there_is_an_office_at_each_german_airport() -> None:
    german = {airport.iata for airport in data.airports() if airport.country == "DE"}
    assert {office.airport for office in airport_offices().values()} == german
    assert all(code == f"bpol:{each.airport}" for code, each in airport_offices().items())
    assert all(each.name_de and each.name_en for each in airport_offices().values())
