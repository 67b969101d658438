"""Bad input: each thing wrong is told with file, row, column, what was expected, what to do; all at once."""

from __future__ import annotations

import zipfile
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from optimizer.errors import InputProblem
from optimizer.io.tables_clock import in_clock_times
from optimizer.io.tables_time import Calendar
from optimizer.model import Place
from tests.builders import strict
from tests.io.tables_day import GAZETTEER, Tables, day, problems_of, read, read_all, write_csv, write_xlsx


def only(problems: list[InputProblem]) -> InputProblem:
    assert len(problems) == 1, "\n".join(map(str, problems))
    return problems[0]


def changed(table: str, record: int = 0, **fields: Any) -> Tables:
    tables = day()
    tables[table][record] |= fields
    return tables


@pytest.mark.parametrize(
    ("table", "fields", "code", "column"),
    [
        ("pool", {"pickup_place": "Hoxter"}, "unknown_place", "pickup_place"),
        ("pool", {"pickup_place": "Neukirchen"}, "ambiguous_place", "pickup_place"),
        ("pool", {"pickup_place": ""}, "empty_cell", "pickup_place"),
        ("pool", {"pickup_lat": "51.2", "pickup_lon": "7"}, "place_twice", "pickup_place"),
        ("pool", {"pickup_place": "", "pickup_lat": "51.2"}, "empty_cell", "pickup_lon"),
        ("pool", {"pickup_lat": "95", "pickup_lon": "7"}, "out_of_range", "pickup_lat"),
        ("pool", {"pickup_to": "2026-10-05T07:00"}, "window_reversed", "pickup_to"),
        ("pool", {"handover_to": "2026-10-05T09:00"}, "window_reversed", "handover_to"),
        ("pool", {"handover_from": "", "handover_to": ""}, "empty_cell", "handover_from"),
        ("pool", {"handover_to": ""}, "empty_cell", "handover_to"),
        ("pool", {"departure": "2026-10-05T14:00"}, "window_twice", "departure"),
        ("pool", {"charter": "yes"}, "departure_missing", "charter"),
        ("pool", {"pickup_from": "09:00"}, "date_missing", "pickup_from"),
        ("pool", {"pickup_from": "halb neun"}, "not_a_time", "pickup_from"),
        ("pool", {"deadline": "bald"}, "not_a_time", "deadline"),
        ("pool", {"people": "adult:m:0"}, "zero_people", "people"),
        ("pool", {"people": ""}, "empty_cell", "people"),
        ("pool", {"people": "0"}, "bad_people", "people"),
        ("pool", {"people": "child:m:1"}, "bad_people", "people"),
        ("pool", {"people": "adult:z:1"}, "bad_people", "people"),
        ("pool", {"people": "adult:m:-1"}, "bad_people", "people"),
        ("pool", {"needs": "wheelchare"}, "unknown_need", "needs"),
        ("pool", {"needs": "Kindersitz"}, "unknown_need", "needs"),
        ("pool", {"needs": "wheelchair", "people": "adult:m:2"}, "out_of_range", "wheelchairs"),
        ("pool", {"wheelchairs": "2"}, "out_of_range", "wheelchairs"),
        ("pool", {"escorts": "1", "escorts_female": "2"}, "out_of_range", "escorts_female"),
        ("pool", {"luggage": "-1"}, "out_of_range", "luggage"),
        ("pool", {"luggage": "viel"}, "not_a_number", "luggage"),
        ("pool", {"separate": "vielleicht"}, "not_yes_or_no", "separate"),
        ("pool", {"request": "A B"}, "bad_id", "request"),
        ("pool", {"request": "=1+1"}, "bad_id", "request"),
        ("pool", {"request": "R2"}, "duplicate_id", "request"),
        ("pool", {"request": "C1"}, "duplicate_id", "request"),
        ("pool", {"excluded": "R9"}, "unknown_id", "excluded"),
        ("pool", {"excluded": "R1"}, "unknown_id", "excluded"),
        ("pool", {"pin": "D9"}, "unknown_id", "pin"),
        ("pool", {"barred_zabs": "essen koln"}, "unknown_id", "barred_zabs"),
        ("pool", {"rejected_by": "essen"}, "empty_cell", "rejection_code"),
        ("pool", {"rejection_code": "no_time", "rejected_by": "essen"}, "unknown_value", "rejection_code"),
        ("pool", {"waived": "load"}, "not_waivable", "waived"),
        ("pool", {"case_type": "urlaub"}, "unknown_value", "case_type"),
        ("pool", {"pickup_service_min": "2000"}, "out_of_range", "pickup_service_min"),
        ("fleet", {"seats": "0"}, "bad_seats", "seats"),
        ("fleet", {"seats": "9/1"}, "bad_seats", "seats"),
        ("fleet", {"licence": "E"}, "unknown_value", "licence"),
        ("fleet", {"cost_eur_per_km": "0.605"}, "not_a_number", "cost_eur_per_km"),
        ("fleet", {"available": "2026-10-05T10:00"}, "not_an_interval", "available"),
        ("fleet", {"available": "2026-10-05T10:00/2026-10-05T09:00"}, "window_reversed", "available"),
        ("fleet", {"depot": "Eßen-West"}, "unknown_place", "depot"),
        ("shifts", {"vehicle": "V2"}, "unknown_id", "vehicle"),
        ("shifts", {"vehicle": ""}, "empty_cell", "vehicle"),
        ("shifts", {"end": "2026-10-05T05:00"}, "window_reversed", "end"),
        ("shifts", {"profile": "24h"}, "unknown_id", "profile"),
        ("shifts", {"officers": "3"}, "out_of_range", "officers"),
        ("shifts", {"skills": "wheelchair"}, "unknown_skill", "skills"),
        ("tours", {"duty": "D9"}, "unknown_id", "duty"),
        ("tours", {"handover_time": "2026-10-05T07:00"}, "window_reversed", "handover_time"),
        ("tours", {"pickup_position": "1"}, "empty_cell", "handover_position"),
    ],
)  # fmt: skip
def test_one_wrong_cell(tmp_path: Path, table: str, fields: dict[str, Any], code: str, column: str) -> None:
    problems = problems_of(write_csv(tmp_path / "day", changed(table, **fields)))
    # Two rows with one id: the later one is told.
    row = 3 if fields.get("request") == "R2" else 2
    file = "tours" if fields.get("request") == "C1" else table
    assert (code, f"{file}.csv", row, column) in [(p.code, p.file, p.row, p.column) for p in problems]
    assert len(problems) <= 2, "\n".join(map(str, problems))
    for problem in problems:
        assert problem.expected
        assert problem.got
        assert problem.action


def test_unknown_place_names_the_nearest(tmp_path: Path) -> None:
    problem = only(problems_of(write_csv(tmp_path / "day", changed("pool", pickup_place="Hoxter"))))
    assert problem.got == "'Hoxter'"
    assert problem.action == "Did you mean 'Höxter'?"


def test_unknown_need_lists_the_allowed_ones(tmp_path: Path) -> None:
    problem = only(problems_of(write_csv(tmp_path / "day", changed("pool", needs="wheelchare"))))
    assert problem.expected == "one of wheelchair, lying, doctor, paramedic, interpreter"
    assert problem.action == "Did you mean 'wheelchair'?"


def test_all_problems_at_once_in_order(tmp_path: Path) -> None:
    tables = day(people="adult:m:0", needs="pony")
    tables["pool"][1]["pickup_place"] = "Atlantis"
    tables["fleet"][0]["seats"] = "none"
    tables["tours"][0]["duty"] = "D7"
    problems = problems_of(write_csv(tmp_path / "day", tables))
    assert [(p.file, p.row, p.code) for p in problems] == [
        ("pool.csv", 2, "zero_people"),
        ("pool.csv", 2, "unknown_need"),
        ("pool.csv", 3, "unknown_place"),
        ("fleet.csv", 2, "bad_seats"),
        ("tours.csv", 2, "unknown_id"),
    ]


def test_committed_tour_that_is_itself_infeasible(tmp_path: Path) -> None:
    # 08:00 + 30 min + 60 min of drive is 09:30.
    tables = changed("tours", handover_time="2026-10-05T09:29", tolerance_min="0")
    problems = problems_of(write_csv(tmp_path / "day", tables))
    assert {(p.code, p.file, p.row) for p in problems} == {("infeasible_tour", "tours.csv", 2)}
    assert any("drive_time" in p.expected for p in problems)


def test_infeasible_tour_is_told_beside_problems_of_the_pool(tmp_path: Path) -> None:
    tables = changed("tours", handover_time="2026-10-05T09:29", tolerance_min="0")
    tables["pool"][0]["people"] = "adult:m:0"
    problems = problems_of(write_csv(tmp_path / "day", tables))
    assert {p.code for p in problems} == {"zero_people", "infeasible_tour"}


def test_two_promises_too_many_for_the_seats(tmp_path: Path) -> None:
    tables = changed("tours", people="adult:m:8")
    problems = problems_of(write_csv(tmp_path / "day", tables), strict())
    assert any("'load'" in p.expected and p.row == 2 for p in problems)


def test_rows_of_one_duty_must_state_one_tolerance(tmp_path: Path) -> None:
    tables = day()
    tables["tours"].append(tables["tours"][0] | {"request": "C2", "tolerance_min": "20"})
    problem = only(problems_of(write_csv(tmp_path / "day", tables), check_commitments=None))
    assert (problem.code, problem.row, problem.column) == ("rows_disagree", 3, "tolerance_min")


def test_rows_of_one_crew_must_agree(tmp_path: Path) -> None:
    tables = day()
    tables["shifts"][0]["crew"] = "K1"
    again = {"duty": "D2", "start": "2026-10-06T06:00", "end": "2026-10-06T12:00", "female_officers": "0"}
    tables["shifts"].append(tables["shifts"][0] | again)
    problem = only(problems_of(write_csv(tmp_path / "day", tables)))
    assert (problem.code, problem.row, problem.column) == ("rows_disagree", 3, "female_officers")


# --- columns and tables -----------------------------------------------------------------------------------------------


def renamed(old: str, new: str) -> Tables:
    tables = day()
    for record in tables["pool"]:
        record[new] = record.pop(old)
    return tables


def test_misspelt_column_is_told_with_the_nearest_name(tmp_path: Path) -> None:
    problems = problems_of(write_csv(tmp_path / "day", renamed("pickup_from", "pickup_form")))
    assert {(p.code, p.row) for p in problems} == {("unknown_column", 1), ("missing_column", 1)}
    assert next(p for p in problems if p.code == "unknown_column").action == "Did you mean 'pickup_from'?"


def test_missing_column(tmp_path: Path) -> None:
    tables = day()
    for record in tables["pool"]:
        del record["people"]
    problem = only(problems_of(write_csv(tmp_path / "day", tables)))
    assert (problem.code, problem.file, problem.row, problem.column) == ("missing_column", "pool.csv", 1, "people")


def test_neither_window_nor_departure(tmp_path: Path) -> None:
    tables = day()
    for record in tables["pool"]:
        del record["handover_from"], record["handover_to"]
    problem = only(problems_of(write_csv(tmp_path / "day", tables)))
    assert problem.code == "missing_column"
    assert "departure" in problem.expected


def test_column_twice(tmp_path: Path) -> None:
    assert only(problems_of(write_csv(tmp_path / "day", changed("pool", abholort="Essen")))).code == "column_twice"


@pytest.mark.parametrize("header", ["Name", "Geburtsdatum", "Staatsangehörigkeit", "Adresse", "Diagnose"])
def test_data_that_the_exchange_does_not_store_are_refused_and_not_repeated(tmp_path: Path, header: str) -> None:
    problem = only(problems_of(write_csv(tmp_path / "day", day(**{header: "secret words"}))))
    assert (problem.code, problem.row) == ("forbidden_column", 1)
    assert "secret" not in str(problem)


def test_content_under_no_name(tmp_path: Path) -> None:
    folder = write_csv(tmp_path / "day", day())
    lines = (folder / "pool.csv").read_text().splitlines()
    (folder / "pool.csv").write_text("\n".join([lines[0] + ",", lines[1] + ",x", lines[2] + ","]))
    assert only(problems_of(folder)).code == "nameless_column"


def test_empty_columns_without_a_name_are_nothing(tmp_path: Path) -> None:
    folder = write_csv(tmp_path / "day", day())
    lines = (folder / "pool.csv").read_text().splitlines()
    (folder / "pool.csv").write_text("\n".join(line + ",," for line in [*lines, "," * lines[0].count(",")]))
    assert len(read(folder).requests) == 3


def test_title_above_the_header(tmp_path: Path) -> None:
    folder = write_csv(tmp_path / "day", day())
    text = (folder / "pool.csv").read_text()
    (folder / "pool.csv").write_text("Restplätze am 5. Oktober\n" + text)
    problem = next(p for p in problems_of(folder) if p.file == "pool.csv")
    assert (problem.code, problem.row, problem.action) == ("no_header", 1, "Delete the rows above row 2.")


def test_missing_table_and_its_misspelling(tmp_path: Path) -> None:
    folder = write_csv(tmp_path / "day", day())
    (folder / "tours.csv").rename(folder / "tuors.csv")
    problem = only(problems_of(folder))
    assert (problem.code, problem.action) == ("missing_table", "Rename it to 'tours.csv'.")
    assert problem.expected == "a CSV file named 'tours.csv'"
    assert "tuors" in problem.got


@pytest.mark.parametrize(("table", "code"), [("pool", "no_records"), ("fleet", "no_records"), ("shifts", "no_records")])
def test_empty_pool_no_vehicles_no_duties(tmp_path: Path, table: str, code: str) -> None:
    tables = day() | {table: [], "tours": []}
    problems = problems_of(write_csv(tmp_path / "day", tables))
    assert (code, f"{table}.csv") in {(p.code, p.file) for p in problems}


def test_shifts_without_any_vehicle(tmp_path: Path) -> None:
    tables = day() | {"tours": []}
    tables["shifts"][0] |= {"duty": "", "vehicle": "", "shift": "S1"}
    assert only(problems_of(write_csv(tmp_path / "day", tables))).code == "no_duties"


def test_slip_in_a_year(tmp_path: Path) -> None:
    tables = changed("pool", handover_to="2062-10-05T12:00")
    problem = next(p for p in problems_of(write_csv(tmp_path / "day", tables)) if p.code == "horizon_too_long")
    assert (problem.file, problem.row, problem.column) == ("pool.csv", 2, "handover_to")


# --- files ------------------------------------------------------------------------------------------------------------


def test_wrong_encoding_names_the_byte(tmp_path: Path) -> None:
    folder = write_csv(tmp_path / "day", changed("pool", pickup_place="Köln"), encoding="latin-1")
    problem = only(problems_of(folder))
    position = (folder / "pool.csv").read_bytes().index(b"\xf6")
    assert (problem.code, problem.row) == ("encoding", 2)
    assert problem.got == f"byte 0xf6 at byte position {position}"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty_file"),
        (b"\n \n", "empty_file"),
        (bytes(range(256)) * 40, "binary"),
        ("request,people\n".encode("utf-16"), "encoding"),
        (b"PK\x03\x04 and so on", "binary"),
        (b'request,people\n"R1,adult:m:1\n', "broken_csv"),
    ],
)
def test_files_that_are_no_tables(tmp_path: Path, content: bytes, code: str) -> None:
    folder = write_csv(tmp_path / "day", day())
    (folder / "pool.csv").write_bytes(content)
    assert code in {problem.code for problem in problems_of(folder)}


def test_mixed_separators(tmp_path: Path) -> None:
    folder = write_csv(tmp_path / "day", day())
    lines = (folder / "pool.csv").read_text().splitlines()
    (folder / "pool.csv").write_text("\n".join([*lines[:2], lines[2].replace(",", ";")]))
    problem = next(p for p in problems_of(folder) if p.code == "mixed_separators")
    assert (problem.row, problem.got) == (3, "semicolons")


def test_row_with_a_cell_too_many(tmp_path: Path) -> None:
    folder = write_csv(tmp_path / "day", day())
    lines = (folder / "pool.csv").read_text().splitlines()
    (folder / "pool.csv").write_text("\n".join([lines[0], lines[1] + ",x", lines[2]]))
    problem = only(problems_of(folder))
    assert (problem.code, problem.row) == ("cell_count", 2)


def test_no_such_path_and_wrong_kind(tmp_path: Path) -> None:
    assert only(problems_of(tmp_path / "nowhere")).code == "missing_path"
    (tmp_path / "day.pdf").write_bytes(b"%PDF")
    assert only(problems_of(tmp_path / "day.pdf")).code == "not_a_workbook"
    (tmp_path / "empty").mkdir()
    assert {p.code for p in problems_of(tmp_path / "empty")} == {"missing_table"}


def test_garbage_in_a_workbook_file(tmp_path: Path) -> None:
    (tmp_path / "day.xlsx").write_bytes(bytes(range(256)) * 50)
    assert only(problems_of(tmp_path / "day.xlsx")).code == "not_a_workbook"
    with zipfile.ZipFile(tmp_path / "other.xlsx", "w") as archive:
        archive.writestr("hello.txt", "no workbook")
    assert only(problems_of(tmp_path / "other.xlsx")).code == "not_a_workbook"


def test_formulas_are_refused_with_their_cells(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "day.xlsx", changed("pool", luggage="=1+1"))
    problem = only(problems_of(path))
    assert (problem.code, problem.file, problem.row) == ("formula", "day.xlsx, sheet pool", 2)


def test_merged_header_and_empty_sheet(tmp_path: Path) -> None:
    import xlsxwriter

    with xlsxwriter.Workbook(tmp_path / "day.xlsx") as book:
        sheet = book.add_worksheet("pool")
        sheet.merge_range("A1:C1", "request")
        for name in ("fleet", "shifts", "tours"):
            book.add_worksheet(name)
    found = {(p.code, p.file.rpartition(" ")[2], p.row) for p in problems_of(tmp_path / "day.xlsx")}
    assert {("merged_cells", "pool", 1), ("empty_file", "fleet", 0), ("empty_file", "tours", 0)} <= found


def test_numbers_as_text_with_spaces_are_numbers(tmp_path: Path) -> None:
    instance = read(write_csv(tmp_path / "day", changed("pool", luggage=" 3\u00a0", escorts="2.0")))
    assert (instance.requests[0].luggage, instance.requests[0].escort_officers) == (3, 2)


# --- all at once, and each once ---------------------------------------------------------------------------------------


def test_unknown_place_and_reversed_window_in_one_row(tmp_path: Path) -> None:
    tables = changed("pool", pickup_place="Atlantis", pickup_to="2026-10-05T07:00", wheelchairs="2")
    problems = problems_of(write_csv(tmp_path / "day", tables))
    assert [(p.code, p.row, p.column) for p in problems] == [
        ("unknown_place", 2, "pickup_place"),
        ("window_reversed", 2, "pickup_to"),
        ("out_of_range", 2, "wheelchairs"),
    ]
    assert problems[1].expected == "column 'pickup_from' before column 'pickup_to'"


def test_unreadable_people_and_reversed_handover_in_one_row(tmp_path: Path) -> None:
    tables = changed("pool", people="adult:m:0", handover_to="2026-10-05T09:00")
    problems = problems_of(write_csv(tmp_path / "day", tables))
    assert {(p.code, p.column) for p in problems} == {("zero_people", "people"), ("window_reversed", "handover_to")}


def test_unknown_vehicle_and_reversed_shift_in_one_row(tmp_path: Path) -> None:
    tables = changed("shifts", vehicle="V2", end="2026-10-05T05:00")
    problems = problems_of(write_csv(tmp_path / "day", tables))
    assert [(p.code, p.row, p.column) for p in problems] == [
        ("unknown_id", 2, "vehicle"),
        ("window_reversed", 2, "end"),
    ]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"date": "2026-02-30", "pickup_from": "08:00", "pickup_to": "09:00"}, "not_a_date"),
        ({"date": "morgen", "handover_from": "", "handover_to": "", "departure": "14:00"}, "not_a_date"),
        ({"handover_from": "", "handover_to": "", "departure": "bald", "charter": "yes"}, "not_a_time"),
        ({"pickup_from": "bald"}, "not_a_time"),
        ({"rejected_by": "essen", "rejection_code": "keine"}, "unknown_value"),
    ],
)
def test_what_follows_from_a_wrong_cell_is_not_told_again(tmp_path: Path, fields: dict[str, Any], code: str) -> None:
    assert only(problems_of(write_csv(tmp_path / "day", changed("pool", **fields)))).code == code


def test_infeasible_tour_is_told_in_clock_times(tmp_path: Path) -> None:
    # The tolerance is for plans: it does not make a promise possible, and the message says so.
    tables = changed("tours", handover_time="2026-10-05T09:29", tolerance_min="10")
    problem = next(p for p in problems_of(write_csv(tmp_path / "day", tables)) if "drive_time" in p.expected)
    assert problem.expected == "a promised tour that keeps rule 'drive_time': 09:30 or later"
    assert problem.got == "09:29 (duty 'D1')"
    assert "If the ZAB confirms the tour" in problem.action


@pytest.mark.parametrize(
    ("expected", "got", "told"),
    [
        ("34452 s or later", "34200 s", ("09:35 or later", "09:30")),
        ("28800..36000 s", "25200 s", ("08:00 to 10:00", "07:00")),
        ("at most 3600 s (ride cap)", "3690 s", ("at most 60 min (ride cap)", "61 min 30 s")),
        ("28800 s within 600 s", "115200 s", ("08:00 within 10 min", "2026-10-06T08:00")),
        ("at most 8", "9", ("at most 8", "9")),
    ],
)
def test_seconds_become_clock_times_and_minutes(expected: str, got: str, told: tuple[str, str]) -> None:
    assert in_clock_times(expected, got, Calendar(date(2026, 10, 5), ZoneInfo("Europe/Berlin"))) == told


def test_flight_from_a_town_is_noticed(tmp_path: Path) -> None:
    flight: dict[str, Any] = {"handover_from": "", "handover_to": "", "departure": "2026-10-05T15:00"}
    towns = (*GAZETTEER, Place(id="05111000", name="Düsseldorf", lat=51.223, lon=6.779, ags="05111000"))
    tables = changed("pool", handover_place="Düsseldorf", **flight)
    notices = read_all(write_csv(tmp_path / "town", tables), gazetteer=towns)[2]
    told = [(n.row, n.column, n.action) for n in notices if "airport" in n.expected]
    action = "Did you mean 'DUS' (Flughafen Düsseldorf)? Taken as it stands."
    assert told == [(2, "handover_place", action)]
    notices = read_all(write_csv(tmp_path / "airport", changed("pool", **flight)), gazetteer=towns)[2]
    assert not [n for n in notices if "airport" in n.expected]
