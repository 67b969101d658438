"""Free text: what gives somebody away is found, and everyday phrases raise no alarm. All people are made up."""

from __future__ import annotations

import pytest

from api.free_text import TEXTS, WarningCode, warnings

NAME, PHONE, MAIL = WarningCode.NAME_LIKE, WarningCode.PHONE_LIKE, WarningCode.MAIL_LIKE
BIRTH, ADDRESS, HEALTH = WarningCode.DATE_OF_BIRTH_LIKE, WarningCode.ADDRESS_LIKE, WarningCode.DIAGNOSIS_LIKE

GIVES_AWAY = [
    ("Herr Mustermann wartet am Tor", NAME, "Herr Mustermann"),
    ("bitte bei Frau Dr. Beispiel melden", NAME, "Frau Dr. Beispiel"),
    ("Fam. Musterfrau, zwei Koffer", NAME, "Fam. Musterfrau"),
    ("Abholung von Erika Mustermann", NAME, "Erika Mustermann"),
    ("Hr. al-Beispiel", NAME, "Hr. al-Beispiel"),
    ("MUSTERMANN, Erika ist informiert", NAME, "MUSTERMANN, Erika"),
    ("Name: Mustermann", NAME, "Name: Mustermann"),
    ("Ansprechpartner ist Mohammed Muster", NAME, "Mohammed Muster"),
    ("Rückfragen 0201 123456", PHONE, "0201 123456"),
    ("mobil +49 170 1234567", PHONE, "mobil +49 170 1234567"),
    ("Tel. 4711-12", PHONE, "Tel. 4711-12"),
    ("0171/5550123 anrufen", PHONE, "0171/5550123"),
    ("(0234) 555 0123", PHONE, "(0234) 555 0123"),
    ("erika@example.org schreiben", MAIL, "erika@example.org"),
    ("erika(at)example.org", MAIL, "erika(at)example.org"),
    ("geb. 01.02.1990", BIRTH, "geb. 01.02.1990"),
    ("Kind, 3. März 2015", BIRTH, "3. März 2015"),
    ("Jahrgang 1987", BIRTH, "Jahrgang 1987"),
    ("geboren am 1.2.90", BIRTH, "geboren am 1.2.90"),
    ("DOB 1990-02-01", BIRTH, "1990-02-01"),
    ("Musterstraße 12, Hinterhof", ADDRESS, "Musterstraße 12"),
    ("Musterweg 3a", ADDRESS, "Musterweg 3a"),
    ("Essener Straße 5", ADDRESS, "Essener Straße 5"),
    ("45127 Essen", ADDRESS, "45127 Essen"),
    ("Beispielstr. 7, Klingel links", ADDRESS, "Beispielstr. 7"),
    ("leidet an Diabetes", HEALTH, "leidet an Diabetes"),
    ("Diagnose F20.0", HEALTH, "F20.0"),
    ("ICD-10: F32", HEALTH, "ICD-10: F32"),
    ("Person ist suizidgefährdet", HEALTH, "suizidgefährdet"),
    ("im 7. Monat schwanger", HEALTH, "schwanger"),
    ("nimmt Medikamente gegen Epilepsie", HEALTH, "Medikamente"),
    ("hat PTBS", HEALTH, "PTBS"),
    ("HIV positiv", HEALTH, "HIV"),
    ("SCHIZOPHRENIE bekannt", HEALTH, "SCHIZOPHRENIE"),
]
EVERYDAY = [
    "",
    "Klingel hinten links",
    "BAMF, Zustimmung vom 01.09.2026",
    "OVG, Beschluss vom 02.09.2026",
    "Eingang über den Hof, Tor 3",
    "Bitte 15 Minuten vorher melden",
    "Zufahrt nur bis 2,10 m Höhe",
    "Treffpunkt Haupteingang der Ausländerbehörde",
    "Gepäck: 2 Koffer, 1 Kinderwagen",
    "Kindersitz bringt die Einrichtung mit",
    "Frau Dolmetscherin fährt mit",
    "Frau Kollegin der ZAB ist vor Ort",
    "Familie fährt zusammen, ein Fahrzeug",
    "Familie mit drei Kindern",
    "zwei Frauen und ein Kind",
    "Herr Dolmetscher wartet an der Pforte",
    "Dolmetscher für Arabisch nötig",
    "Flug LH 1234 um 13:00 Uhr ab DUS",
    "Flug TK1592 am 05.10.2026",
    "Abholung am 05.10.2026 zwischen 07:00 und 09:00 Uhr",
    "Termin verschoben auf 6. Oktober 2026",
    "2026-10-05T07:00 bis 09:00",
    "Aktenzeichen A-2026-0815, siehe Vermerk",
    "Az. 33.10-12/2026",
    "Beschluss VG Düsseldorf 22 L 1234/26 liegt vor",
    "§ 58 (7) AufenthG ist beachtet",
    "BVerfG 2 BvR 460/25",
    "Verordnung (EU) 604/2013",
    "Fahrzeug aus HU, ab 12 Uhr wieder da",
    "Team fällt aus",
    "Crew ab 10 Uhr frei",
    "Rollstuhlrampe am Seiteneingang",
    "liegend nicht möglich, bitte absprechen",
    "Arzt fährt mit",
    "Übergabe an die Bundespolizei, Terminal B",
    "Schleuse 2, Anmeldung an der Pforte",
    "Sperrung auf der A40, bitte 20 Minuten einplanen",
    "Umleitung über die B224",
    "Parkplatz 3 hinter dem Gebäude",
    "Haus 4, Zimmer 12",
    "Gebäude C, 2. OG",
    "1. Stock rechts",
    "Kosten 12000 Euro laut Bescheid",
    "Entfernung 230 km, 160 min",
    "einmal",
    "Einziger Flug der Woche; mit der Familie besprochen",
    "Anderer Termin: 14:30 statt 13:00",
    "Vorbereitung ist abgeschlossen",
    "Personalmangel am Montag und Dienstag",
    "Eigener Fall hat Vorrang",
    "zu weit, nächste ZAB fragen",
    "Das Kind hat am Montag Schule, die Eltern wissen Bescheid",
    "Bitte Max. 3 Koffer",
    "Ring 2 ist gesperrt",
    "Am Markt 8 Uhr",
    "Rückweg 20 min",
    "Umweg 12 km",
    "Hinweg 45 Minuten",
    "Sitzplatz 4 vorn",
    "Frühestens 6.30 Uhr",
    "07:00-09:00, danach nicht",
    "Kind 3 Jahre, Kindersitz nötig",
    "Herrn und Frauen getrennt",
    "ab Terminal 1, Schalter 101-105",
    "Nr. 4711 / 2026",
]


@pytest.mark.parametrize(("text", "code", "place"), GIVES_AWAY, ids=[text for text, *_ in GIVES_AWAY])
def test_what_gives_somebody_away_is_found(text: str, code: WarningCode, place: str) -> None:
    found = [(each.code, text[each.start : each.end]) for each in warnings(text)]
    assert any(kind is code and (place in where or where in place) for kind, where in found), found


def test_everyday_phrases_raise_no_alarm() -> None:
    false = {text: [(w.code.value, text[w.start : w.end]) for w in warnings(text)] for text in EVERYDAY}
    assert {text: found for text, found in false.items() if found} == {}
    assert len(set(EVERYDAY)) > 50


def test_each_place_is_told_once_and_in_order() -> None:
    text = "Herr Mustermann, geb. 01.02.1990, Tel. 0201 123456, Musterstr. 1, 45127 Essen, leidet an Diabetes"
    found = warnings(text)
    assert [each.code for each in found] == [NAME, BIRTH, PHONE, ADDRESS, ADDRESS, HEALTH, HEALTH]
    assert [each.start for each in found] == sorted(each.start for each in found)


def test_each_warning_says_what_to_do_in_both_languages() -> None:
    assert set(TEXTS) == set(WarningCode)
    (found,) = warnings("erika@example.org")
    assert found.german == TEXTS[MAIL][0]
    assert found.english == TEXTS[MAIL][1]
    assert "example" not in found.german + found.english


@pytest.mark.parametrize("text", ["0" * 200, "a" * 200, "A" * 200, "Aa " * 66, "+49 " * 50, "Herr " * 40, "1." * 100])
def test_places_lie_within_the_text(text: str) -> None:
    for found in warnings(text):
        assert 0 <= found.start < found.end <= len(text)
