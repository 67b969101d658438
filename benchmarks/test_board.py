"""The dispatcher's board with a full week: 500 open requests, 60 vehicles with a duty each day, 200 of them used.

What is measured is what the server does and what it sends; the network and the browser come on top.
"""

from __future__ import annotations

import http.client
import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
import uvicorn
from fastapi.testclient import TestClient
from pytest_benchmark.fixture import BenchmarkFixture
from sqlalchemy.orm import Session

from api.app import settle
from api.db import migrate
from api.db.engine import make_engine
from api.db.tables import CrewRow, DutyRow, Organisation, Proposal, Standing, TourStop, TransportRequest, VehicleRow
from api.workflow import State
from benchmarks.measured import least_seconds, measured
from data import places
from optimizer.model import PlaceKind, VisitKind
from tests.api.house import House
from tests.api.jobs.plan_world import NOW, hours

OPEN, VEHICLES, DAYS, OFFERED = 500, 60, 7, 200
PAGE_SECONDS, FILTER_SECONDS, EVENT_SECONDS = 1.0, 0.2, 1.0
LARGEST = 700_000
"""Bytes of a page with its files, uncompressed, without fonts: of a day, and of a week with seven times the duties."""
PASSWORD = "a long enough password"
DAY = "day=2026-10-05"
WEEK = f"{DAY}&zoom=week"
TIMES = {"created_at": NOW, "updated_at": NOW}


@pytest.fixture(scope="module")
def week(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The service with the week in it."""
    folder = tmp_path_factory.mktemp("board")
    engine = make_engine(f"sqlite:///{folder / 'restplatz.db'}")
    migrate.upgrade(engine)
    house = House(engine, folder)
    with house.store.writing() as session:
        _fill(session, house)
        session.expunge_all()
    settle()  # As `restplatz serve` does.
    yield house
    house.close()
    engine.dispose()


def _fill(session: Session, house: House) -> None:
    world = house.world
    world.session = session
    towns = [place.id for place in places() if place.kind is PlaceKind.TOWN and place.ags.startswith("05")]
    zabs = [session.merge(zab) for zab in (world.essen, world.koeln)]
    duties = []
    for number in range(VEHICLES):
        duties += _duties(session, zabs[number % 2], number)
    for number in range(OPEN + OFFERED):
        row = world.request(origin=towns[number * 7 % len(towns)], days=number % DAYS)
        if number >= OPEN:
            duty = duties[(number - OPEN) * 2]
            _offer(session, row, duty)
    session.flush()


def _duties(session: Session, zab: Organisation, number: int) -> list[DutyRow]:
    crew = CrewRow(
        zab=zab, code=f"C-{number:03}", content={"heads": 2, "officers": 2, "licences": ["B"], "skills": []}, **TIMES
    )
    vehicle = VehicleRow(
        zab=zab, code=f"V-{number:03}", content={"configurations": [{"seats": 9, "wheelchair_places": 0}]}, **TIMES
    )
    duties = []
    for day in range(DAYS):
        begin, end = hours(4 + number % 4, days=day), hours(13 + number % 4, days=day)
        duties.append(
            DutyRow(
                zab=zab, code=f"D-{number:03}-{day}", crew=crew, vehicle=vehicle, starts_at=begin, ends_at=end,
                vehicle_from=begin, vehicle_to=end, profile="arbzg", start_place="05113000", end_place="05113000",
                **TIMES,
            )
        )  # fmt: skip
    session.add_all([crew, vehicle, *duties])
    session.flush()
    return duties


def _offer(session: Session, row: TransportRequest, duty: DutyRow) -> None:
    pickup, handover = duty.starts_at + timedelta(hours=1), duty.starts_at + timedelta(hours=4)
    row.state, duty.is_used = State.PROPOSED, True
    session.add(
        Proposal(
            request_id=row.id, duty_id=duty.id, zab_id=duty.zab_id, standing=Standing.LIVE, pickup_at=pickup,
            handover_at=handover, on_board_seconds=3600, direct_seconds=3000, respond_by=NOW + timedelta(days=1),
            **TIMES,
        )
    )  # fmt: skip
    for position, (kind, at, aboard) in enumerate(((VisitKind.PICKUP, pickup, 1), (VisitKind.DELIVERY, handover, 0))):
        place = row.pickup_ags if kind is VisitKind.PICKUP else "DUS"
        session.add(
            TourStop(
                duty_id=duty.id, position=position, kind=kind, request_id=row.id, place=place, arrival=at, start=at,
                departure=at + timedelta(minutes=30), on_board=aboard, seats=7,
            )
        )  # fmt: skip
    session.flush()


@pytest.fixture
def client(week: House) -> TestClient:
    """Somebody of the Landestransportkoordination, who sees all of it."""
    found = TestClient(week.client.app, headers={"Accept": "text/html"}, follow_redirects=False)
    found.headers["Origin"] = str(found.base_url)
    assert found.post("/sign-in", data={"login": "ltrako", "password": PASSWORD}).status_code == 303
    return found


@pytest.mark.parametrize(("query", "duties"), [(DAY, VEHICLES), (WEEK, VEHICLES * DAYS)])
def test_the_page_in_time_and_not_too_heavy(
    benchmark: BenchmarkFixture, client: TestClient, query: str, duties: int
) -> None:
    page = measured(benchmark, lambda: client.get(f"/board?{query}"), rounds=20, warmup_rounds=2)
    assert page.status_code == 200
    assert f"{OPEN + OFFERED} Anfragen, {duties} Dienste" in page.text
    files = set(re.findall(r'(?:href|src|data-outlines)="(/static/[^"]+)"', page.text))
    weight = len(page.content) + sum(len(client.get(file).content) for file in files)
    benchmark.extra_info.update(html=len(page.content), weight=weight, files=len(files))
    assert weight < LARGEST
    assert least_seconds(benchmark) <= PAGE_SECONDS


@pytest.mark.parametrize("filters", [f"bezirk=051&{DAY}", f"open=1&{DAY}", f"bezirk=053&{WEEK}", f"open=1&{WEEK}"])
def test_a_filter_in_time(benchmark: BenchmarkFixture, client: TestClient, filters: str) -> None:
    headers = {"HX-Request": "true"}
    part = measured(benchmark, lambda: client.get(f"/board?{filters}", headers=headers), rounds=20, warmup_rounds=2)
    assert part.status_code == 200
    benchmark.extra_info.update(html=len(part.content))
    assert least_seconds(benchmark) <= FILTER_SECONDS


def test_a_decision_is_seen_in_time(benchmark: BenchmarkFixture, week: House, client: TestClient) -> None:
    """From the answer to whoever decides until whoever listens has the board as it is now."""
    cookie = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    with _served(week) as port, _listening(port, cookie) as lines:
        numbers = iter(range(1, 1_000))

        def decided() -> tuple[tuple[int], dict[str, int]]:
            week.pooled(number := next(numbers))
            return (OPEN + number,), {}

        def seen(waiting: int) -> None:
            next(line for line in lines if line == "event: board")
            assert f'id="unplaced">{waiting}<' in _get(port, f"/board?{DAY}", cookie)

        measured(benchmark, seen, setup=decided, rounds=8)
    assert benchmark.stats is not None
    median = float(benchmark.stats.stats.median)
    assert median <= EVENT_SECONDS


@contextmanager
def _served(house: House) -> Iterator[int]:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
    server = uvicorn.Server(
        uvicorn.Config(house.client.app, host="127.0.0.1", port=port, log_config=None, lifespan="off")
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield port
    server.should_exit = True
    thread.join(20)


@contextmanager
def _listening(port: int, cookie: str) -> Iterator[Iterator[str]]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", "/board/events", headers={"Cookie": cookie})
    answer = connection.getresponse()
    assert answer.status == 200
    assert answer.readline().startswith(b":")
    time.sleep(1)  # The first look is what later ones are compared with.
    yield (line.decode().strip() for line in iter(answer.readline, b""))
    answer.close()
    connection.close()


def _get(port: int, path: str, cookie: str) -> str:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", path, headers={"Cookie": cookie, "HX-Request": "true"})
    text = connection.getresponse().read().decode()
    connection.close()
    return text
