from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from optimizer.io.tables_columns import TABLES
from optimizer.model import DeadlineClass, Instance, Need, SeatConfiguration, VisitKind
from optimizer.model.units import HOUR, MINUTE
from tests.io.tables_day import Tables, day, read, read_all, write_csv, write_xlsx


def named(tables: Tables, name: str = "the day") -> Tables:
    return tables | {"horizon": [{"name": name, "first_day": "2026-10-05", "last_day": "2026-10-05"}]}


@pytest.fixture
def plain(tmp_path: Path) -> Instance:
    return read(write_csv(tmp_path / "plain", named(day())))


def test_times_count_from_local_midnight(plain: Instance) -> None:
    request = plain.requests[0]
    assert plain.horizon_start == "2026-10-05T00:00:00+02:00"
    assert (request.pickup.earliest, request.pickup.latest) == (8 * HOUR, 10 * HOUR)
    assert [(n.earliest, n.latest) for n in plain.nights] == [(-3 * HOUR, 6 * HOUR), (21 * HOUR, 30 * HOUR)]


def test_promises_become_a_commitment(plain: Instance) -> None:
    (commitment,) = plain.commitments
    assert commitment.duty == "D1"
    assert commitment.tolerance == 10 * MINUTE
    assert [(p.kind, p.start) for p in commitment.promises] == [
        (VisitKind.PICKUP, 8 * HOUR),
        (VisitKind.DELIVERY, 9 * HOUR + 30 * MINUTE),
    ]
    promised = next(request for request in plain.requests if request.id == "C1")
    assert (promised.pickup.earliest, promised.pickup.latest) == (8 * HOUR - 10 * MINUTE, 8 * HOUR + 10 * MINUTE)


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_separator_and_byte_order_mark_do_not_matter(
    tmp_path: Path, plain: Instance, separator: str, encoding: str
) -> None:
    assert read(write_csv(tmp_path / "other", named(day()), separator, encoding)) == plain


def test_every_german_header_and_name_stands_for_its_column(tmp_path: Path, plain: Instance) -> None:
    tables: Tables = {}
    for name, records in named(day()).items():
        spec = TABLES[name]
        tables[spec.german[-1]] = [
            {spec.column(column).german[-1]: value for column, value in record.items()} for record in records
        ]
    assert read(write_csv(tmp_path / "german", tables)) == plain


def test_headers_are_matched_whatever_case_spaces_and_umlauts(tmp_path: Path, plain: Instance) -> None:
    tables = named(day())
    for record in tables["pool"]:
        record["Übergabe bis"] = record.pop("handover_to")
        record["PICKUP-FROM"] = record.pop("pickup_from")
    assert read(write_csv(tmp_path / "free", tables)) == plain


def test_workbook_with_real_dates_and_numbers_is_the_same_day(tmp_path: Path, plain: Instance) -> None:
    tables = named(day())
    tables["pool"][0] |= {
        "date": dt.date(2026, 10, 5),
        "pickup_from": dt.time(8, 0),
        "pickup_to": dt.datetime(2026, 10, 5, 10, 0),  # noqa: DTZ001 - a spreadsheet knows no zone
        "authority": 5113000,  # the spreadsheet took it for a number and dropped the zero
    }
    tables["fleet"][0]["seats"] = 9
    assert read(write_xlsx(tmp_path / "day.xlsx", tables)) == plain


def test_clock_times_take_the_date_of_their_row(tmp_path: Path, plain: Instance) -> None:
    tables = named(day(date="05.10.2026", pickup_from="8:00", pickup_to=" 10:00 Uhr", handover_from="10:00"))
    assert read(write_csv(tmp_path / "clock", tables)) == plain


@pytest.mark.parametrize("text", ["05762020", "Höxter", "HOEXTER", " höxter ", "5762020"])
def test_place_by_id_name_and_key(tmp_path: Path, text: str) -> None:
    instance = read(write_csv(tmp_path / "day", day(pickup_place=text)))
    assert instance.requests[0].pickup.place == "05762020"


def test_own_places_go_before_the_gazetteer(tmp_path: Path) -> None:
    tables = day(pickup_place="Köln") | {"places": [{"id": "X", "name": "Köln", "lat": "50", "lon": "7,25"}]}
    instance = read(write_csv(tmp_path / "day", tables))
    assert instance.requests[0].pickup.place == "X"
    assert next(place for place in instance.places if place.id == "X").lon == 7.25


def test_coordinates_are_made_coarse(tmp_path: Path) -> None:
    tables = day(pickup_place="", pickup_lat="51.77531", pickup_lon="9.38121")
    instance = read(write_csv(tmp_path / "day", tables))
    place = next(p for p in instance.places if p.id == instance.requests[0].pickup.place)
    assert (place.lat, place.lon) == (51.78, 9.38)


def test_departure_makes_the_window(tmp_path: Path) -> None:
    flight = {"handover_from": "", "handover_to": "", "departure": "2026-10-05T14:00"}
    scheduled = read(write_csv(tmp_path / "a", day(**flight))).requests[0].delivery
    charter = read(write_csv(tmp_path / "b", day(**flight, charter="ja"))).requests[0].delivery
    strict_airport = read(write_csv(tmp_path / "c", day(**flight)), airport_times={"DUS": (2 * HOUR + 600, 3 * HOUR)})
    assert (scheduled.earliest, scheduled.latest) == (11 * HOUR, 12 * HOUR)
    assert (charter.earliest, charter.latest) == (10 * HOUR, 11 * HOUR)
    assert strict_airport.requests[0].delivery.latest == 12 * HOUR - 600


def test_service_times_follow_from_the_people(tmp_path: Path) -> None:
    family = read(write_csv(tmp_path / "a", day(people="adult:m adult:w 6-11:f:2"))).requests[0]
    stated = read(write_csv(tmp_path / "b", day(pickup_service_min="12.5"))).requests[0]
    assert family.party.size == 4
    assert family.pickup.service == 55 * MINUTE
    assert stated.pickup.service == 750


@pytest.mark.parametrize(
    ("deadline", "expected"),
    [
        ("2026-10-12", DeadlineClass.URGENT),
        ("2026-10-13", DeadlineClass.SOON),
        ("2026-10-26", DeadlineClass.SOON),
        ("2026-10-27", DeadlineClass.NORMAL),
        ("", DeadlineClass.NORMAL),
    ],
)
def test_deadline_class_follows_from_the_days_left(tmp_path: Path, deadline: str, expected: DeadlineClass) -> None:
    instance = read(write_csv(tmp_path / "day", day(deadline=deadline)))
    assert instance.requests[0].deadline_class is expected


def test_deadline_is_the_end_of_its_day(tmp_path: Path) -> None:
    assert read(write_csv(tmp_path / "day", day(deadline="2026-10-06"))).requests[0].deadline == 48 * HOUR


def test_needs_seats_and_lists(tmp_path: Path) -> None:
    tables = day(needs="Rollstuhl, Dolmetscher", excluded="R2|C1")
    tables["fleet"][0]["seats"] = "9 6+1"
    instance = read(write_csv(tmp_path / "day", tables))
    assert instance.requests[0].needs == {Need.WHEELCHAIR, Need.INTERPRETER}
    assert instance.requests[0].wheelchairs == 1
    assert instance.requests[0].excluded == {"R2", "C1"}
    assert instance.vehicles[0].configurations == (
        SeatConfiguration(seats=9),
        SeatConfiguration(seats=6, wheelchair_places=1),
    )


def test_depot_of_the_vehicle_serves_its_duties(plain: Instance) -> None:
    assert (plain.duties[0].start_place, plain.duties[0].end_place) == ("05113000", "05113000")


def test_shift_without_a_vehicle_counts_but_makes_no_duty(tmp_path: Path) -> None:
    tables = day()
    spare = {"shift": "S2", "zab": "essen", "start": "2026-10-05T06:00", "end": "2026-10-05T12:00"}
    tables["shifts"].append(spare)
    instance = read(write_csv(tmp_path / "day", tables))
    assert len(instance.duties) == 1
    assert [shift.id for shift in instance.shifts] == ["D1", "S2"]


def test_positions_say_the_order_of_promises(tmp_path: Path) -> None:
    tables = day()
    second = {"request": "C2", "pickup_position": "2", "handover_position": "3"}
    tables["tours"][0] |= {"pickup_position": "1", "handover_position": "4"}
    tables["tours"].append(tables["tours"][0] | second)
    instance = read(write_csv(tmp_path / "day", tables), check_commitments=None)
    assert [promise.request for promise in instance.commitments[0].promises] == ["C1", "C2", "C2", "C1"]


def test_request_that_nothing_can_carry_is_no_error(tmp_path: Path) -> None:
    # Lying is met by no vehicle; 90 min between the windows are less than service and drive need.
    tables = day(needs="lying")
    tables["pool"][1] |= {"handover_from": "2026-10-05T12:30", "handover_to": "2026-10-05T13:00"}
    instance, _, notices = read_all(write_csv(tmp_path / "day", tables))
    assert {request.id for request in instance.requests} == {"R1", "R2", "C1"}
    assert [(notice.code, notice.row) for notice in notices] == [("times_do_not_fit", 3)]


def test_tours_may_hold_a_header_only(tmp_path: Path) -> None:
    instance = read(write_csv(tmp_path / "day", day() | {"tours": []}))
    assert instance.commitments == ()


def test_published_plan_keeps_what_is_still_there(tmp_path: Path) -> None:
    published = [{"request": "R1", "duty": "D1"}, {"request": "GONE", "duty": "D1"}]
    instance, _, notices = read_all(write_csv(tmp_path / "day", day() | {"published": published}))
    assert [(a.request, a.duty) for a in instance.published] == [("R1", "D1")]
    assert [notice.code for notice in notices] == ["published_gone"]
