"""Bulk imports over HTTP: CSV and JSON, all faults at once, nothing stored by halves."""

from __future__ import annotations

import csv
import io
import json
import tracemalloc
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from httpx2 import Response
from sqlalchemy import Engine, select

from api.actor import SYSTEM
from api.db.tables import AuditEntry, TransportRequest
from api.errors import Problem
from api.routes.imports import SAMPLE
from api.schemas.gates import CLEAR
from api.services import imports
from api.services.import_tables import COLUMNS
from api.workflow import Role, State
from data.sample import import_sample
from tests.api.db import rows
from tests.api.request_world import ACCOUNTS, NOW, World, content, refused, world_of

ROOT = Path(__file__).parents[3]


@pytest.fixture
def world(engine: Engine, tmp_path: Path) -> Iterator[World]:
    with world_of(engine, tmp_path) as made:
        yield made


def cells(case: str = "I-1", **changes: str) -> dict[str, str]:
    """A sound row."""
    known = {
        "request": case, "case_type": "dublin", "people": "adult:m:1", "pickup_place": "Essen",
        "pickup_from": "2026-10-05T07:00", "pickup_to": "2026-10-05T09:00", "handover_place": "DUS",
        "handover_from": "2026-10-05T09:00", "handover_to": "2026-10-05T11:00",
    }  # fmt: skip
    return known | changes


def table(*records: dict[str, str], separator: str = ",") -> str:
    """Rows as CSV, with every column that any of them has."""
    out = io.StringIO()
    names = list(dict.fromkeys(name for record in records for name in record))
    writer = csv.DictWriter(out, names, restval="", delimiter=separator, lineterminator="\n")
    writer.writeheader()
    writer.writerows(records)
    return out.getvalue()


def send(world: World, body: str | bytes, *, login: str = "abh", kind: str = "text/csv", **params: Any) -> Response:
    data = body.encode() if isinstance(body, str) else body
    headers = {"Content-Type": kind}
    return world.call(login, "POST", "/requests/imports", content=data, headers=headers, params=params)


def stored(world: World) -> list[TransportRequest]:
    with world.store.reading() as session:
        found = list(session.scalars(select(TransportRequest).order_by(TransportRequest.id)).unique())
        session.expunge_all()
        return found


# --- what is read -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_tables_as_offices_write_them(world: World, separator: str, encoding: str) -> None:
    german = {
        "anfrage": "I-1", "massnahme": "Vorführung", "personen": "erwachsen:w:1 6-11:m:2", "abholort": "Höxter",
        "abholung_von": "05.10.2026 07:30", "abholung_bis": "05.10.2026 09:00 Uhr", "uebergabeort": "DUS",
        "abflug": "05.10.2026 15:00", "bedarfe": "Dolmetscher", "getrennt": "ja", "gepaeck": "2,0",
        "frist": "20.10.2026", "fahrzeit_max_min": "240", "bemerkung": "Kindersitze nötig",
    }  # fmt: skip
    answer = send(world, table(german, separator=separator).encode(encoding))
    assert answer.status_code == 201, answer.text
    report = answer.json()
    assert (report["rows"], report["accepted"], report["refused"], report["problems"]) == (1, 1, 0, [])
    (row,) = stored(world)
    assert (row.state, row.case_reference, row.pickup_ags) == (State.POOLED, "I-1", "05762020")
    assert (row.pickup_from, row.delivery_to) == (rows.hours(5.5), rows.hours(11)), "2 h before take-off at 13:00 UTC"
    assert row.delivery_from == rows.hours(10)
    assert (row.people, row.has_children, row.free_text) == (3, True, "Kindersitze nötig")
    assert row.deadline_at is not None
    assert row.deadline_at.isoformat() == "2026-10-20T21:59:59+00:00", "a day means up to its end"
    known = row.content
    assert (known["case_type"], known["needs"], known["is_separate"]) == ("embassy", ["interpreter"], True)
    assert (known["luggage"], known["max_ride_minutes"], known["deadline_class"]) == (2, 240, "soon")
    assert known["pickup"]["service_minutes"] == 45
    assert report["stored"] == [{"row": 2, "id": str(row.id), "state": "pooled", "hints": []}]


def test_gates_and_the_new_fields_come_in_with_a_table(world: World) -> None:
    german = cells() | {
        "richterliche_anordnung": "liegt_vor", "eilantrag": "abgelehnt", "angekuendigt_am": "01.09.2026",
        "reisefaehigkeit": "reisefaehig", "uebergabe_minderjaehrige": "gesichert", "art_abholort": "Landeseinrichtung",
        "zwischenlandungen": "IST DOH", "zielstaat": "tr", "inempfangnahme": "ja", "frist": "20.10.2026",
        "fristquelle": "BAMF, Zustimmung vom 01.09.2026",
    }  # fmt: skip
    english = cells("I-2") | {
        "court_order": "not_needed", "urgent_application": "none", "announcement": "not_needed",
        "fitness_to_travel": "fit", "pickup_type": "jva",
    }  # fmt: skip
    for case, row in (("I-1", german), ("I-2", english), ("I-3", cells("I-3"))):
        answer = send(world, table(row))
        assert answer.status_code == 201, (case, answer.text)
    first, second, third = stored(world)
    assert first.gates == {
        "court_order": "present", "urgent_application": "rejected",
        "announcement": {"is_needed": True, "announced_on": "2026-09-01"}, "fitness_to_travel": "fit",
        "unaccompanied_minor": "assured",
    }  # fmt: skip
    known = first.content
    assert (known["pickup_type"], known["stop_overs"], known["destination"]) == ("state_facility", ["IST", "DOH"], "TR")
    assert (known["needs_medical_reception"], known["deadline"]["source"]) == (True, "BAMF, Zustimmung vom 01.09.2026")
    assert second.gates == CLEAR
    assert second.content["pickup_type"] == "jva"
    assert third.gates == {}, "an empty cell states nothing"


def test_a_dublin_deadline_without_a_source_is_a_fault_of_its_row(world: World) -> None:
    row = cells("I-1", case_type="dublin", deadline="20.10.2026", deadline_regime="604/2013")
    told = refused(send(world, table(row)), 422, "rows_invalid")
    (error,) = told["errors"]
    assert error["path"].endswith("deadline_source")
    answer = send(world, table(row | {"deadline_source": "BAMF, 01.09.2026", "pickup_type": "Landeseinrichtung"}))
    assert answer.status_code == 201, answer.text
    (kept,) = stored(world)
    assert kept.content["deadline"]["source"] == "BAMF, 01.09.2026"
    assert (kept.content["pickup_type"], kept.state) == ("state_facility", State.ASKED), "its ZAB is asked first"


def test_the_documented_samples_are_sound(world: World) -> None:
    sample = (ROOT / "data/samples/pool-import.csv").read_bytes()
    report = send(world, sample, dry_run=True).json()
    assert (report["problems"], report["accepted"]) == ([], report["rows"])
    assert report["rows"] >= 5
    for days in range(7):
        moved = import_sample(NOW.date() + timedelta(days=days))
        report = send(world, moved, dry_run=True).json()
        assert (report["problems"], report["accepted"]) == ([], report["rows"])
        assert report["warnings"] == []
    assert send(world, SAMPLE).status_code == 201


def test_the_document_lists_every_column() -> None:
    page = (ROOT / "docs/api-import.md").read_text(encoding="utf-8")
    for column in COLUMNS:
        (line,) = [line for line in page.splitlines() if line.startswith(f"| `{column.name}` |")]
        for part in (column.meaning, column.example, *column.german):
            assert part.replace("|", "\\|") in line, (column.name, part)
        assert ("yes" if column.required else "no") in line


def test_json_is_taken_as_a_single_request_is(world: World) -> None:
    items = [content("J-1", needs=["doctor"]), content("J-2", authority="05113000")]
    answer = send(world, json.dumps(items), kind="application/json", enter_as="draft")
    assert answer.status_code == 201, answer.text
    assert [(row.case_reference, row.state) for row in stored(world)] == [("J-1", State.DRAFT), ("J-2", State.DRAFT)]
    assert "authority" not in stored(world)[1].content


# --- what is refused --------------------------------------------------------------------------------------------------

FAULTS = [
    ("people", "adult:x:1"), ("pickup_place", "Esen"), ("pickup_from", "gestern"), ("pickup_from", ""),
    ("pickup_from", "07:00"), ("pickup_to", "2026-10-04T09:00"), ("pickup_to", "2026-10-25T02:30"),
    ("handover_place", "05999999"), ("handover_to", "2026-10-05T06:00"), ("handover_to", ""), ("request", ""),
    ("request", "A B"), ("request", "Ä-17"), ("request", "x" * 41), ("case_type", "asyl"), ("needs", "diabetes"),
    ("wheelchairs", "2"), ("escorts_female", "99x"), ("luggage", "viele"), ("luggage", "101"),
    ("deadline", "31.02.2026"),
    ("deadline_source", "x" * 81), ("pickup_type", "Hotel"),
    ("deadline_regime", "604"), ("rejected_by", "zab:essen"), ("rejection_code", "no_staff"), ("remark", "y" * 201),
    ("court_order", "perhaps"), ("urgent_application", "yes"), ("announcement", "soon"), ("fitness_to_travel", "gut"),
    ("unaccompanied_minor", "ja"), ("stop_overs", "ISTANBUL"), ("stop_overs", "AAA BBB CCC DDD EEE"),
    ("destination", "Türkei"), ("pickup_type", "Haus"), ("medical_reception", "vielleicht"),
    ("deadline_source", "z" * 81),
    ("flight", "Lufthansa"), ("departure", "2026-10-05T15:00"), ("pickup_service_min", "241"),
    ("authority", "05315000"),
    ("night_ground", "vielleicht"), ("separate", "2"), ("max_ride_min", "0"),
]  # fmt: skip


@pytest.mark.parametrize(("column", "text"), FAULTS)
def test_a_fault_is_told_where_it_is_and_not_repeated(world: World, column: str, text: str) -> None:
    answer = send(world, table(cells("OK-1"), cells("I-1", **{column: text})))
    told = refused(answer, 422, "rows_invalid")
    assert {error["path"].partition(",")[0] for error in told["errors"]} == {"row 3"}
    columns = {error["path"].partition(", ")[2] for error in told["errors"]}
    other = {"rejected_by": "rejection_code", "rejection_code": "rejected_by", "handover_to": "handover_to"}
    assert other.get(column, column) in columns, told
    assert all(error["expected"] and error["got"] in ("", "nothing") for error in told["errors"])
    assert stored(world) == []


def test_all_faults_of_all_rows_are_told_at_once(world: World) -> None:
    answer = send(world, table(
        cells("A", people="adult:x:1", pickup_place="Nirgendwo", luggage="viele"),
        cells("B"),
        cells("C", pickup_from="2026-10-05T10:00", handover_place="Irgendwo"),
        cells("B"),
    ))  # fmt: skip
    told = refused(answer, 422, "rows_invalid")
    assert [error["path"] for error in told["errors"]] == [
        "row 2, people", "row 2, luggage", "row 2, pickup_place", "row 4, handover_place", "row 4, pickup_to",
        "row 5, request",
    ]  # fmt: skip
    assert (told["rows"], told["refused"], told["problems_total"]) == (4, 3, 6)
    assert "row 3" in told["errors"][-1]["what_to_do"]


def test_what_is_wrong_between_cells_is_told_beside_what_is_wrong_with_others(world: World) -> None:
    answer = send(world, table(
        cells("A", pickup_from="2026-10-05T10:00", rejected_by="zab:essen", court_order="perhaps"),
        cells("B", destination="Türkei", escorts="1", escorts_female="3", medical_reception="ja"),
        cells("C", escorts="viele", escorts_female="3", handover_to="2026-10-05T06:00"),
        cells("D", needs="diabetes", wheelchairs="1", deadline="2026-10-20", deadline_regime="604"),
    ))  # fmt: skip
    told = refused(answer, 422, "rows_invalid")
    assert {error["path"] for error in told["errors"]} == {
        "row 2, court_order", "row 2, rejection_code", "row 2, pickup_to", "row 3, destination",
        "row 3, escorts_female", "row 4, escorts", "row 4, handover_to", "row 5, needs", "row 5, deadline_regime",
    }  # fmt: skip
    assert len(told["errors"]) == 9, "nothing is told twice, and nothing that only follows"
    assert "Value error" not in answer.text
    item = content(destination="Türkei", escorts=1, escorts_female=3)
    told = refused(send(world, json.dumps([item]), kind="application/json"), 422, "rows_invalid")
    assert [error["path"] for error in told["errors"]] == ["row 1, /destination", "row 1, /"]
    assert told["errors"][1]["expected"] == "escorts_female: expected at most 1, the escorts"


def test_no_cell_comes_back(world: World) -> None:
    marked = {column.name: "Mustermann MARKER 1.1.1990" for column in COLUMNS}
    answer = send(world, table(cells(), marked, {"name": "MARKER"}))
    refused(answer, 422, "rows_invalid")
    assert "MARKER" not in answer.text
    assert "Mustermann" not in answer.text
    headless = send(world, "Mustermann,Max,MARKER\nEssen,DUS,x\n")
    assert [error["path"] for error in refused(headless, 422, "rows_invalid")["errors"]] == ["row 1"]
    assert "MARKER" not in headless.text
    item = json.dumps([content(case_reference="Max MARKER"), content() | {"MARKER": 1}, "MARKER"])
    answer = send(world, item, kind="application/json")
    assert len(refused(answer, 422, "rows_invalid")["errors"]) == 3
    assert "Max" not in answer.text


@pytest.mark.parametrize("column", ["geburtsdatum", "nationality", "diagnose", "name", "strasse"])
def test_columns_that_must_not_be_there_are_named(world: World, column: str) -> None:
    told = refused(send(world, table(cells(**{column: "x"}))), 422, "rows_invalid")
    assert [error["path"] for error in told["errors"]] == [f"row 1, {column}"]


@pytest.mark.parametrize(
    "body", [b"", b"   \n", b"PK\x03\x04rest", "request;people".encode("utf-16"), b"request\0people", b"\x81\x8d",
             b'request,people,needs\n"A,adult:m:1\n']
)  # fmt: skip
def test_files_that_are_no_tables_are_refused_whole(world: World, body: bytes) -> None:
    told = refused(send(world, body), 422, "rows_invalid")
    assert told["problems_total"] >= 1
    assert all(error["what_to_do"] for error in told["errors"][:1])


@pytest.mark.parametrize("body", ["", "{}", "[", "null", "[[", "[" * 100_000])
def test_json_that_is_no_array_is_refused(world: World, body: str) -> None:
    refused(send(world, body, kind="application/json"), 422, "rows_invalid")


def test_what_is_open_already_is_told_with_its_id(world: World) -> None:
    there = world.enter("I-1", enter_as="pool")
    told = refused(send(world, table(cells("I-1"), cells("I-2"))), 422, "rows_invalid")
    (error,) = told["errors"]
    assert error["path"] == "row 2, request"
    assert there in error["what_to_do"]


def test_sound_rows_are_stored_where_it_is_wanted(world: World) -> None:
    answer = send(world, table(cells("A"), cells("B", people="?"), cells("C")), partial=True)
    assert answer.status_code == 207
    report = answer.json()
    assert (report["accepted"], report["refused"]) == (2, 1)
    assert [each["row"] for each in report["stored"]] == [2, 4]
    assert [(each["row"], each["column"]) for each in report["problems"]] == [(3, "people")]
    assert [row.case_reference for row in stored(world)] == ["A", "C"]
    (line,) = world.audited("imported")
    assert line.details == {"rows": 3, "stored": 2, "refused": 1}


def test_a_dry_run_stores_nothing(world: World) -> None:
    report = send(world, table(cells("A"), cells("B", people="?")), dry_run=True)
    assert (report.status_code, report.json()["accepted"], report.json()["refused"]) == (200, 0, 1)
    partial = send(world, table(cells("A"), cells("B", people="?")), dry_run=True, partial=True).json()
    assert (partial["accepted"], partial["is_dry_run"]) == (1, True)
    assert stored(world) == []
    assert send(world, table(cells("A"))).status_code == 201


def test_a_repeated_import_stores_nothing_twice(world: World) -> None:
    headers = {"Content-Type": "text/csv", "Idempotency-Key": "same"}
    body = table(cells("A"), cells("B")).encode()
    first = world.call("abh", "POST", "/requests/imports", content=body, headers=headers)
    assert first.status_code == 201
    again = world.call("abh", "POST", "/requests/imports", content=body, headers=headers)
    assert (again.status_code, len(stored(world))) == (201, 2)
    assert again.json() == first.json()


def test_a_long_address_is_another_call_where_it_ends_otherwise(world: World) -> None:
    headers = {"Content-Type": "text/csv", "Idempotency-Key": "same"}
    body = table(cells("A")).encode()
    path = f"/requests/imports?of={'a' * 200}&dry_run="
    first = world.call("abh", "POST", f"{path}true", content=body, headers=headers)
    assert (first.status_code, stored(world)) == (200, [])
    other = world.call("abh", "POST", f"{path}false", content=body, headers=headers)
    refused(other, 422, "idempotency_key_reused")


def test_who_may_import_and_in_which_form(world: World) -> None:
    for login, (role, _) in ACCOUNTS.items():
        if role is not Role.ABH:
            refused(send(world, table(cells()), login=login), 403, "role_may_not")
    refused(send(world, table(cells()), kind="application/xml"), 415, "media_type_unknown")


def test_a_body_beyond_the_limit_is_refused(engine: Engine, tmp_path: Path) -> None:
    with world_of(engine, tmp_path, max_import_bytes=2_000) as world:
        refused(send(world, table(*(cells(f"A-{n}") for n in range(50)))), 413, "body_too_large")
        assert send(world, table(cells("A"))).status_code == 201


# --- many -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)  # Nothing of it comes to the database.
def test_a_hundred_thousand_malformed_rows_are_refused_with_reasons(world: World) -> None:
    """Every row different and wrong in many cells; reasons for the first 1,000, the count of all."""
    header = (
        "request,case_type,people,pickup_place,pickup_from,pickup_to,handover_place,handover_from,handover_to,needs"
    )
    lines = [header]
    lines += [f"?{n},art{n},p{n},Ort{n},{n},t{n},Ziel{n},x{n},y{n},bedarf{n}" for n in range(100_000)]
    body = "\n".join(lines).encode()
    told = refused(send(world, body), 422, "rows_invalid")
    assert (told["rows"], told["refused"]) == (100_000, 100_000)
    assert told["problems_total"] >= 1_000_000
    assert len(told["errors"]) == 1_000
    assert stored(world) == []


def test_memory_does_not_grow_with_the_rows(world: World) -> None:
    body = "\n".join(["request,people,pickup_place,pickup_from", *(f"?{n},p{n},Ort{n},x" for n in range(3_000))])
    with world.store.reading() as session:
        tracemalloc.start()
        reading = imports.read(session, world.actors["abh"], "x.csv", body.encode(), imports.Format.CSV, now=NOW)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert (reading.rows, len(reading.faults.rows)) == (3_000, 3_000)
    assert peak < 6_000_000, f"{peak:,} bytes"


def test_more_rows_than_are_stored_at_once_are_refused(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imports, "MOST_ROWS", 3)
    told = refused(send(world, table(*(cells(f"A-{n}") for n in range(4)))), 422, "rows_invalid")
    assert [error["path"] for error in told["errors"]] == ["file"]
    assert stored(world) == []


# --- the drop folder --------------------------------------------------------------------------------------------------


def test_a_file_of_the_drop_folder_names_its_authorities(world: World) -> None:
    body = table(cells("A", authority="05113000"), cells("A", authority="05315000")).encode()
    with world.store.writing() as session:
        report = imports.import_file(session, SYSTEM, "2026-10-01.csv", body, NOW)
    assert (report.is_clean, report.accepted, report.name) == (True, 2, "2026-10-01.csv")
    assert [row.organisation.code for row in stored(world)] == ["abh:05113000", "abh:05315000"]
    assert {row.state for row in stored(world)} == {State.POOLED}
    lines = world.audited("imported")
    assert [(line.role, line.account_id) for line in lines] == [("system", None)]


def test_a_bad_file_of_the_drop_folder_is_reported_and_stores_nothing(world: World) -> None:
    for name, body in (
        ("x.csv", table(cells("A", authority="05113000"), cells("B"), cells("C", authority="05999000"))),
        ("x.json", json.dumps([content("A", authority="05113000"), content("B"), content("C", authority="05999000")])),
    ):
        with world.store.writing() as session:
            report = imports.import_file(session, SYSTEM, name, body.encode(), NOW)
        assert (report.is_clean, report.accepted, report.refused) == (False, 0, 2)
        assert len(report.problems) == 2
        assert stored(world) == []


def test_a_case_entered_since_the_file_was_read_is_a_clear_refusal(world: World) -> None:
    with world.store.reading() as session:
        body = table(cells("A"), cells("B")).encode()
        reading = imports.read(session, world.actors["abh"], "x.csv", body, imports.Format.CSV, now=NOW)
    there = world.enter("B")
    answering = world.settings.answering
    with pytest.raises(Problem, match="exists_already") as caught, world.store.writing() as session:
        imports.store(session, world.actors["abh"], reading, answering=answering, now=NOW)
    assert caught.value.more == {"id": there, "request": there}
    assert [row.case_reference for row in stored(world)] == ["B"], "nothing by halves"
    assert world.count(AuditEntry) > 0
