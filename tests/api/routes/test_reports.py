"""Reports through HTTP, on both databases: figures, forms, roles, and what must never stand in them."""

from __future__ import annotations

import csv
import io
import uuid
import zipfile
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from api.db.tables import (
    AuditEntry,
    CountKind,
    Decision,
    LedgerEntry,
    MeasureCount,
    MeasureFact,
    Organisation,
    TransportRequest,
)
from api.services.report_files import MEDIA_TYPES, Format, written
from api.services.report_tables import Table
from api.services.reports import Edition, Period, Report
from api.words import Language
from api.workflow import State
from tests.api.decision_world import Desk, refused
from tests.api.house import House

_SQLITE = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
LATER = datetime(2027, 3, 1, 9, tzinfo=UTC)
"""The year 2026 is over and settled."""


@pytest.fixture
def desk(house: House) -> Desk:
    return Desk(house)


def fact(month: str = "2026-10", **fields: Any) -> MeasureFact:
    """A hand-over of one adult by day, from Düsseldorf to DUS by Essen."""
    known: dict[str, Any] = {
        "month": date.fromisoformat(f"{month}-01"), "zab": "zab:essen", "bezirk": "Düsseldorf", "destination": "DUS",
        "hour_band": 6, "is_night": False, "meets_night": False, "has_children": False, "has_override": False,
        "people": 1, "escorts": 2, "is_promised": True, "has_begun": True, "custody_minutes": 60,
        "on_board_minutes": 30, "outcome": State.HANDED_OVER, "code": "",
    }  # fmt: skip
    return MeasureFact(**(known | fields))


def fill(house: House, *made: MeasureFact | MeasureCount) -> None:
    def work(session: Session) -> None:
        session.add_all(made)

    house.store.write(work)


def table(report: dict[str, Any], name: str) -> dict[tuple[str, str], Any]:
    """Cells of a table by row and column."""
    (found,) = [each for each in report["tables"] if each["name"] == name]
    columns = [each["code"] for each in found["columns"]]
    return {
        (row["code"], column): cell for row in found["rows"] for column, cell in zip(columns, row["cells"], strict=True)
    }


def a_year(house: House) -> None:
    """Forty hand-overs in October, of them six at night with children; a few of everything else."""
    night: dict[str, Any] = {"is_night": True, "meets_night": True, "has_children": True, "people": 3, "hour_band": 3}
    fill(
        house,
        *(fact() for _ in range(30)),
        *(fact(**night, has_override=True) for _ in range(6)),
        *(fact(month="2026-11", destination="FRA", bezirk="Köln", zab="zab:koeln") for _ in range(12)),
        *(fact(outcome=State.FAILED, code="not_met", custody_minutes=0, on_board_minutes=0) for _ in range(7)),
        *(fact(month="2026-11", outcome=State.FAILED, code="medical", destination="FRA") for _ in range(2)),
        *(fact(outcome=State.STOPPED, code="court", has_begun=False, custody_minutes=0, on_board_minutes=0)
          for _ in range(5)),
        fact(month="2027-01"), fact(month="2025-12"),
    )  # fmt: skip


@pytest.fixture
def year(house: House) -> House:
    a_year(house)
    return house


def test_the_observers_are_told_by_month_and_airport(year: House) -> None:
    report = year["ltrako"].get("/reports/observers?year=2026&edition=inside")
    months, airports = table(report, "by_month"), table(report, "by_destination")
    october = {column: months["2026-10", column] for row, column in months if row == "2026-10"}
    assert october == {
        "attempts": 48, "handed_over": 36, "failed": 7, "stopped": 5, "cancelled": 0, "returned": 0,
        "with_override": 6, "begun": 43, "people": 55, "escorts": 86, "night": 6, "with_children": 6,
        "night_with_children": 6, "children_meet_night": 6, "custody_minutes": 36 * 60, "on_board_minutes": 36 * 30,
    }  # fmt: skip
    assert months["2026-09", "attempts"] == 0
    assert months["total", "attempts"] == airports["total", "attempts"] == 62
    assert (airports["DUS", "night"], airports["FRA", "night"]) == (6, 0)
    failures = table(report, "failed_by_month")
    assert (failures["not_met", "2026-10"], failures["medical", "2026-11"], failures["total", "total"]) == (7, 2, 9)
    assert table(report, "stopped_by_month")["court", "total"] == 5
    assert report["least_group"] is None


def test_for_others_small_groups_are_withheld_and_cannot_be_computed(year: House) -> None:
    year.now = LATER
    report = year["auditor"].get("/reports/observers?year=2026")
    assert (report["edition"], report["least_group"], report["closed_on"]) == ("outside", 5, "2027-02-01")
    failures = table(report, "failed_by_month")
    assert failures["medical", "2026-11"] is None
    # Two failures of 14 in November: not from the row of that month either, nor from the total by code.
    months = table(report, "by_month")
    assert months["2026-11", "failed"] is None
    assert months["2026-11", "handed_over"] is None or months["2026-11", "attempts"] is None
    assert failures["medical", "total"] is None
    assert months["2026-10", "night_with_children"] == 6
    whole = year["auditor"].get("/reports/observers?year=2026&edition=inside")
    for name in (each["name"] for each in whole["tables"]):
        shown, real = table(report, name), table(whole, name)
        assert {key: cell for key, cell in shown.items() if cell is not None}.items() <= real.items()
        assert not [key for key, cell in real.items() if 0 < cell < 5 and shown[key] is not None]


@_SQLITE
def test_what_one_report_withholds_the_other_does_not_tell(year: House) -> None:
    year.now = LATER
    first = table(year["ltrako"].get("/reports/observers?year=2026"), "failed_by_month")
    second = table(year["ltrako"].get("/reports/causes?year=2026&edition=outside"), "failed_by_month")
    assert first == second


def test_an_open_year_stays_inside(year: House) -> None:
    for when in (datetime(2026, 12, 31, 23, 30, tzinfo=UTC), datetime(2027, 1, 31, 22, 59, tzinfo=UTC)):
        year.now = when
        problem = refused(year["ltrako"].call("GET", "/reports/observers?year=2026"), 409, "state_forbids")
        assert problem["closed_on"] == "2027-02-01"
    # 23:00 UTC of 31 January is midnight here.
    year.now = datetime(2027, 1, 31, 23, 0, tzinfo=UTC)
    assert year["ltrako"].get("/reports/observers?year=2026")["edition"] == "outside"
    a_month = year["ltrako"].call("GET", "/reports/causes?year=2026&month=10&edition=outside")
    refused(a_month, 409, "state_forbids")


@_SQLITE
def test_the_present_year_is_the_local_one(house: House) -> None:
    house.now = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)
    assert house["ltrako"].get("/reports/ledger")["year"] == 2027


def test_causes_by_month_zab_and_bezirk(house: House) -> None:
    one, other = fact(), fact(month="2026-11", bezirk="Köln", outcome=State.FAILED, code="court")
    fill(house, one, other)
    fill(
        house,
        MeasureCount(fact_id=one.id, kind=CountKind.REJECTED, zab="zab:koeln", code="no_staff", number=1),
        MeasureCount(fact_id=one.id, kind=CountKind.DECLINED, zab="zab:koeln", code="distance", number=2),
        MeasureCount(fact_id=one.id, kind=CountKind.EXPIRED, zab="zab:essen", code="", number=1),
        MeasureCount(fact_id=other.id, kind=CountKind.REJECTED, zab="zab:essen", code="no_staff", number=1),
        MeasureCount(fact_id=other.id, kind=CountKind.BACKED_OUT, zab="zab:essen", code="crew_ill", number=1),
    )
    report = house["koeln-lead"].get("/reports/causes?year=2026")
    assert table(report, "rejected_by_zab") == {
        ("no_staff", "zab:essen"): 1, ("no_staff", "zab:koeln"): 1, ("no_staff", "total"): 2,
        ("total", "zab:essen"): 1, ("total", "zab:koeln"): 1, ("total", "total"): 2,
    }  # fmt: skip
    assert table(report, "rejected_by_bezirk")["no_staff", "Köln"] == 1
    assert table(report, "declined_by_month")["distance", "2026-10"] == 2
    assert table(report, "expired_by_zab")["total", "zab:essen"] == 1
    assert table(report, "backed_out_by_month")["crew_ill", "2026-11"] == 1
    assert table(report, "failed_by_bezirk")["court", "Köln"] == 1
    october = house["koeln-lead"].get("/reports/causes?year=2026&month=10")
    assert table(october, "rejected_by_zab")["total", "total"] == 1
    assert [each["code"] for each in october["tables"][0]["columns"]] == ["2026-10", "total"]


def test_the_ledger_of_a_year(desk: Desk) -> None:
    house = desk.house
    _, _, kept = desk.confirmed(1)
    _, _, declined = desk.offered(2)
    house["essen"].do(f"/proposals/{declined}/decline", {"code": "distance"})
    house.now = desk.proposal(kept).pickup_at
    house["essen"].do(f"/proposals/{kept}/depart")
    house["essen"].do(f"/proposals/{kept}/hand-over")

    def another_year(session: Session) -> None:
        essen = session.scalars(select(Organisation).where(Organisation.code == "zab:essen")).one()
        session.add(LedgerEntry(zab_id=essen.id, month=date(2025, 12, 1), kind="done", created_at=house.now))

    house.store.write(another_year)
    seen = [house[name].get("/reports/ledger?year=2026") for name in ("essen-lead", "koeln-lead", "ltrako", "auditor")]
    assert all(each == seen[0] for each in seen)
    zabs = table(seen[0], "zabs")
    assert (zabs["zab:essen", "accepted"], zabs["zab:essen", "declined_escalate"], zabs["zab:essen", "done"]) == (
        1,
        1,
        1,
    )
    assert zabs["zab:essen", "done_km"] > 20
    assert zabs["total", "custody_minutes"] == zabs["zab:essen", "custody_minutes"] > 20
    assert zabs["zab:koeln", "accepted"] == 0
    months = table(seen[0], "done_by_month")
    assert (months["zab:essen", "2026-10"], months["total", "total"]) == (1, 1)
    november = house["ltrako"].get("/reports/ledger?year=2026&month=11")
    assert table(november, "zabs")["total", "accepted"] == 0
    monthly = house["ltrako"].get("/ledger?month=2026-10")
    essen = next(row for row in monthly["zabs"] if row["zab"] == "zab:essen")
    assert essen["done"]["km"] == zabs["zab:essen", "done_km"]


@_SQLITE
def test_who_may(house: House) -> None:
    may = {
        "observers": {"ltrako", "auditor"},
        "causes": {"ltrako", "auditor", "essen-lead", "koeln-lead"},
        "ledger": {"ltrako", "auditor", "essen-lead", "koeln-lead"},
    }
    for name, people in may.items():
        more = "?edition=inside" if name == "observers" else ""
        for who, caller in house.people.items():
            assert caller.call("GET", f"/reports/{name}{more}").status_code == (200 if who in people else 403), who
    refused(house["ltrako"].call("GET", "/reports/causes?month=13"), 422, "parameter_invalid")
    refused(house["ltrako"].call("GET", "/reports/causes?format=pdf"), 422, "parameter_invalid")


# --- files ------------------------------------------------------------------------------------------------------------


@_SQLITE
def test_by_format_or_by_accept(year: House) -> None:
    path = "/reports/observers?year=2026&edition=inside"
    for kind in (Format.CSV, Format.XLSX):
        by_format = year["ltrako"].call("GET", f"{path}&format={kind}")
        by_accept = year["ltrako"].call("GET", path, Accept=f"text/html, {MEDIA_TYPES[kind]};q=0.9, */*;q=0.1")
        for answer in (by_format, by_accept):
            assert answer.headers["content-type"].startswith(MEDIA_TYPES[kind])
            assert answer.headers["content-disposition"] == f'attachment; filename="observers-2026-inside.{kind}"'
    assert year["ltrako"].call("GET", path, Accept="*/*").headers["content-type"] == "application/json"
    wins = year["ltrako"].call("GET", f"{path}&format=json", Accept="text/csv")
    assert wins.headers["content-type"] == "application/json"


@_SQLITE
def test_a_csv_says_the_same_as_json(year: House) -> None:
    year.now = LATER
    path = "/reports/observers?year=2026"
    shown = year["ltrako"].get(path)
    text = year["ltrako"].call("GET", f"{path}&format=csv").content.decode("utf-8-sig")
    lines = list(csv.DictReader(io.StringIO(text)))
    for name in (each["name"] for each in shown["tables"]):
        told = {(line["row"], line["column"]): line["value"] for line in lines if line["table"] == name}
        assert told == {key: "*" if cell is None else str(cell) for key, cell in table(shown, name).items()}
    assert {line["row_text"] for line in lines if line["row"] == "not_met"} == {"nicht angetroffen"}
    english = year["ltrako"].call("GET", f"{path}&format=csv&language=en").content.decode("utf-8-sig")
    assert "pick-up at night" in english


@_SQLITE
def test_a_workbook_has_a_sheet_for_each_table(year: House) -> None:
    year.now = LATER
    answer = year["ltrako"].call("GET", "/reports/causes?year=2026&edition=outside&format=xlsx")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        sheets = [name for name in archive.namelist() if name.startswith("xl/worksheets/sheet")]
        text = archive.read("xl/sharedStrings.xml").decode()
        assert not any(b"<f>" in archive.read(name) for name in sheets)
    assert len(sheets) == 1 + 18
    assert "nicht angetroffen" in text
    assert "unter 5 oder geschützt" in text


def test_no_cell_can_run_anything() -> None:
    risky = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1"]
    cells = {(row, "total"): 1 for row in risky}
    report = Report(
        name="causes", period=Period(year=2026), edition=Edition.INSIDE, least=None,
        tables=(Table(name="failed_by_month", rows=tuple(risky), columns=("total",), cells=cells),),
    )  # fmt: skip
    text = written(report, Format.CSV, Language.DE).decode("utf-8-sig")
    for line in list(csv.reader(io.StringIO(text)))[1:]:
        assert not any(cell.startswith(("=", "+", "-", "@", "\t")) for cell in line)
    with zipfile.ZipFile(io.BytesIO(written(report, Format.XLSX, Language.DE))) as archive:
        text = archive.read("xl/sharedStrings.xml").decode()
    assert all(f">'{each.strip()}" in text or f"'{each}" in text for each in risky)
    assert ">=1+1<" not in text


# --- secrecy ----------------------------------------------------------------------------------------------------------

MARKERS = ("MARKERCASE", "MARKERTEXT", "MARKERREMARK", "MARKERSTREET", "MARKERUNIT", "MARKERWHO", "MARKERREASON")


def test_no_staged_field_no_case_reference_no_free_text_is_in_any_export(desk: Desk) -> None:
    house = desk.house
    request, _, proposal = desk.confirmed(
        1, case_reference="MARKERCASE", free_text="MARKERTEXT", unit="MARKERUNIT",
        rejection={"by": "MARKERWHO", "code": "other"},
    )  # fmt: skip
    sent = house["abh"].call("PUT", f"/requests/{request}/address", {"address": "MARKERSTREET 1, 45127 Essen"})
    assert sent.status_code < 300, sent.text
    _, _, declined = desk.offered(2)
    house["essen"].do(f"/proposals/{declined}/decline", {"code": "other", "remark": "MARKERREMARK"})
    house["essen"].do(f"/proposals/{proposal}/fail", {"code": "other", "remark": "MARKERREMARK"})
    house.now = LATER
    seen = 0
    for name in ("observers", "causes", "ledger"):
        for edition in ("", "&edition=inside", "&edition=outside"):
            for form in Format:
                answer = house["ltrako"].call("GET", f"/reports/{name}?year=2026{edition}&format={form}")
                assert answer.status_code == 200, answer.text
                content = answer.content
                if form is Format.XLSX:
                    with zipfile.ZipFile(io.BytesIO(content)) as archive:
                        content = b"".join(archive.read(each) for each in archive.namelist())
                text = content.decode()
                assert not [each for each in (*MARKERS, request, proposal) if each in text]
                seen += 1
    assert seen == 27
    with house.store.reading() as session:
        lines = session.scalars(select(AuditEntry).where(AuditEntry.action == "exported")).all()
        assert len(lines) == 27
        assert not [each for each in MARKERS if any(each in str(line.details) for line in lines)]
    house.check()


def test_a_report_stays_when_the_request_is_gone(desk: Desk) -> None:
    house = desk.house
    request, _, proposal = desk.confirmed(1)
    house["essen"].do(f"/proposals/{proposal}/fail", {"code": "vehicle"})
    house.now = LATER
    paths = [f"/reports/{name}?year=2026" for name in ("observers", "causes", "ledger")]
    before = [house["ltrako"].get(path) for path in paths]
    assert table(before[1], "failed_by_zab")["vehicle", "zab:essen"] == 1

    def forget(session: Session) -> None:
        key = uuid.UUID(request)
        session.execute(delete(Decision).where(Decision.request_id == key))
        session.execute(delete(TransportRequest).where(TransportRequest.id == key))

    house.store.write(forget)
    assert [house["ltrako"].get(path) for path in paths] == before
