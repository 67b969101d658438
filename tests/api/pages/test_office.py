"""Pages of the offices without a browser: every link leads somewhere, every form says what is wrong, and rules hold."""

from __future__ import annotations

import io
import re
import uuid
from datetime import date, timedelta
from typing import Any

import pytest
import xlsxwriter

from api.actor import SYSTEM
from api.db.tables import RunKind, RunState
from api.db.tables_guidance import ContactBody
from api.mapping.horizon import Horizon
from api.pages.fleet.names import ABSENCES, SKILLS, SKIPS
from api.pages.office.names import NOTICES
from api.pages.oversight.organisations import KINDS as ORGANISATIONS
from api.pages.oversight.webhooks import DELIVERIES, TOPICS
from api.pages.planning import names as planning
from api.pages.reports.bars import chart
from api.pages.reports.ledger import BYS
from api.schemas.duties import AbsenceCode
from api.schemas.patterns import SkipCode
from api.schemas.statistics import By
from api.schemas.webhooks import DeliveryState
from api.services import runs, tasks
from api.services.notices import Kind
from api.tasks import TaskKind
from api.texts_measures import CONTACT_BODIES
from api.topics import Topic
from optimizer.model import CREW_NEEDS, Stage
from optimizer.params import SolveParams
from optimizer.result import Obstacle
from tests.api import clearance_world
from tests.api.decision_world import Desk
from tests.api.house import PEOPLE, House, request_body
from tests.api.jobs.plan_world import hours
from tests.api.pages.reading import links, reader

SQLITE = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
OTHERS = ("/requests", "/proposals", "/board", "/freed", "/approvals", "/paper")
"""Pages of other areas, to which these lead."""
SAMPLE = (
    "request;people;pickup_place;pickup_from;pickup_to;handover_place;departure\r\n"
    "A-1;adult:m:1;Essen;05.10.2026 07:00;05.10.2026 09:00;DUS;05.10.2026 13:00\r\n"
)


def transfer(number: int = 1) -> dict[str, Any]:
    return request_body(number) | {
        "deadline": {"at": "2026-10-20T22:00:00Z", "regime": "604/2013", "source": "BAMF, Zustimmung"}
    }


def night_run(house: House, night: date, differences: list[dict[str, Any]]) -> None:
    with house.store.writing() as session:
        run = runs.queue(
            session, SYSTEM, RunKind.NIGHTLY, Horizon(first=night, last=night), SolveParams(), now=house.now,
            night=night,
        )  # fmt: skip
        run.state, run.finished_at = RunState.DONE, house.now
        run.summary = {"differences": differences}
        run.stages = {"items": [{"name": "custody", "value": 7200, "bound": 3600, "gap": 0.5, "proven": False}]}


# --- names ------------------------------------------------------------------------------------------------------------


def test_every_code_that_is_shown_has_its_name() -> None:
    assert set(Kind) <= set(NOTICES)
    assert set(ABSENCES) == set(AbsenceCode)
    assert set(SKIPS) == set(SkipCode)
    assert set(SKILLS) == set(CREW_NEEDS)
    assert set(planning.KINDS) == set(RunKind)
    assert set(planning.STATES) == set(RunState)
    assert set(planning.STAGES) == set(Stage)
    assert (set(TOPICS), set(DELIVERIES), set(BYS)) == (set(Topic), set(DeliveryState), set(By))
    assert set(CONTACT_BODIES) == set(ContactBody)
    for names in (NOTICES, ABSENCES, SKIPS, SKILLS, planning.KINDS, planning.STATES, planning.STAGES, TOPICS,
                  DELIVERIES, BYS, ORGANISATIONS, planning.DIFFERENCES, planning.STATUSES):  # fmt: skip
        assert all(text.strip() for pair in names.values() for text in pair)
    assert planning.reason("ride_time")[0] != "ride_time"
    assert not {each for each in Obstacle if each in planning.reason(each)}
    assert not {each for each in ("not_searched", "changed_meanwhile") if each in planning.reason(each)}
    assert planning.reason("court_order") == ("richterliche Anordnung", "court order")
    assert planning.reason("never_heard_of") == ("never_heard_of", "never_heard_of")


def test_bars_are_as_long_as_their_figures() -> None:
    bars = chart("x", [("a", 10), ("b", 5), ("c", None), ("d", 0)]).bars
    assert bars[0].width == 2 * bars[1].width > 0
    assert (bars[2].width, bars[2].value, bars[3].width) == (0, None, 0)
    assert chart("nothing", [("a", 0.0)]).bars[0].width == 0


# --- links ------------------------------------------------------------------------------------------------------------


@SQLITE
def test_every_link_of_every_role_leads_somewhere(house: House) -> None:
    """Walks all pages of these areas as each role; of addresses that differ by an id alone, two of each."""
    duty = house.duty()
    request = clearance_world.pooled(house, 1)
    Desk(house).propose(house.pooled(2), duty)
    house["essen"].call("POST", "/absences", {
        "crew_id": house["essen"].get("/crews")["items"][0]["id"], "starts_at": hours(0).isoformat(),
        "ends_at": hours(20).isoformat(), "code": "leave",
    })  # fmt: skip
    house["abh"].call("POST", f"/requests/{house.pooled(3, deadline=transfer()['deadline'])}/amtshilfe", {
        "municipality": "05315000", "assigned_on": "2026-10-01",
    })  # fmt: skip
    night_run(house, date(2026, 10, 1), [
        {"request": request, "kind": "new", "code": "fits", "zab": "zab:essen",
         "owner": str(house["abh"].organisation_id)},
    ])  # fmt: skip
    seen: set[str] = set()
    for name in sorted(set(PEOPLE) - {"abh-second", "abh-other", "essen-second", "koeln-lead"}):
        who, todo, shapes = reader(house, name), ["/tasks", "/me"], dict[str, int]()
        while todo:
            path = todo.pop()
            shape = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|\d{4}-\d\d(-\d\d)?|=[^&]*", "=", path)
            if path.startswith(OTHERS) or shapes.setdefault(shape, 0) == 2:
                continue
            shapes[shape] += 1
            answer = who.client.get(path)
            assert answer.status_code in (200, 303), (name, path, answer.status_code)
            assert "{{" not in answer.text
            assert "None" not in re.sub(r"<[^>]*>|NoneType", "", answer.text), (name, path)
            seen.add(shape)
            todo += links(answer.text)
    wanted = {
        "/tasks", "/clearances", "/amtshilfe", "/dublin", "/contacts", "/import", "/fleet", "/runs", "/morning",
        "/reports/month", "/guidance", "/audit", "/accounts", "/parameters", "/me/keys", "/webhooks",
    }  # fmt: skip
    assert wanted <= seen


@SQLITE
def test_no_page_tells_a_zab_what_another_has(house: House) -> None:
    duty = house.duty("zab:koeln")
    essen = reader(house, "essen")
    for path in (f"/fleet/duties/{duty}", "/fleet?zab=zab:koeln"):
        assert essen.client.get(path).status_code == 404, path
    assert "D1" not in essen.get("/fleet/duties?day=2026-10-05&zab=zab:koeln")
    assert "D1" in reader(house, "ltrako").get("/fleet/duties?day=2026-10-05&zab=zab:koeln")


# --- tasks ------------------------------------------------------------------------------------------------------------


@SQLITE
def test_a_task_is_done_with_an_outcome_and_a_second_one_is_told(house: House) -> None:
    request = house.pooled()
    with house.store.writing() as session:
        task = tasks.open_task(
            session, TaskKind.EXAMINE_NEW_MEASURE, house["abh"].organisation_id, request_id=uuid.UUID(request),
            due_at=house.now - timedelta(hours=1), now=house.now,
        )  # fmt: skip
        key = task.id
    abh, path = reader(house, "abh"), f"/tasks/{key}"
    shown = abh.get("/tasks")
    assert "neue Maßnahme prüfen" in shown
    assert "überfällig" in shown
    refused = abh.send(path, f"{path}/done", {}, status=422)
    assert 'id="e-code"' in refused.text
    page = abh.get(path)
    version = re.search(r'name="version" value="(\d+)"', page)
    assert version is not None
    abh.send(path, f"{path}/done", {"code": "new_date_asked"})
    late = abh.client.post(f"{path}/done", data={"code": "measure_ended", "version": version[1]})
    assert late.status_code in (409, 412)
    assert "nichts zu prüfen" in abh.get("/tasks").casefold()
    assert str(key) in abh.get("/tasks?is_done=true")


@SQLITE
def test_a_notice_is_settled(house: House) -> None:
    clearance_world.pooled(house)
    zfa = reader(house, "zfa")
    (action,) = set(re.findall(r'action="(/tasks/notices/[^"]*)"', zfa.get("/tasks")))
    zfa.send("/tasks", action, {})
    assert "Keine Hinweise" in zfa.get("/tasks")
    assert "Zu beantragen" in zfa.get("/tasks?is_done=true")


@SQLITE
def test_the_zfa_records_and_the_abh_answers_another_date(house: House) -> None:
    clearance_world.pooled(house)
    path = f"/clearances/{clearance_world.only(house)['id']}"
    zfa, abh = reader(house, "zfa"), reader(house, "abh")
    zfa.send(path, path, {"reference": "DB-2026/114"})
    assert "DB-2026/114" in zfa.get(path)
    nothing = zfa.send(path, path, {}, status=422)
    assert 'id="e-action"' in nothing.text
    without = zfa.send(path, path, {"action": "refuse"}, status=422)
    assert 'id="e-code"' in without.text
    assert 'value="refuse" checked' in without.text
    stale = zfa.client.post(path, data={"action": "grant", "version": "1"})
    assert stale.status_code == 412
    zfa.send(path, f"{path}/dispatches", {"office": "bpol:DUS", "documents": ["transit_consent"]})
    assert zfa.send(path, f"{path}/dispatches", {"office": "bpol:DUS"}, status=422).text.count('id="e-documents"') == 1
    zfa.send(path, path, {"action": "offer_date", "on": "2026-10-07"})
    assert clearance_world.only(house)["state"] == "alternative"
    assert zfa.client.post(f"{path}/answer", data={"action": "accept_date", "version": "3"}).status_code == 403
    abh.send(path, f"{path}/answer", {"action": "accept_date"})
    assert [each["state"] for each in clearance_world.clearances(house, every=True)] == ["not_needed", "needed"]


@SQLITE
def test_the_zab_of_assignment_examines_and_declines_with_a_reason(house: House) -> None:
    request = house.pooled(deadline=transfer()["deadline"])
    answer = house["abh"].call(
        "POST", f"/requests/{request}/amtshilfe", {"municipality": "05315000", "assigned_on": "2026-10-01"}
    )
    path = f"/amtshilfe/{answer.json()['id']}"
    koeln, abh = reader(house, "koeln"), reader(house, "abh")
    assert path in koeln.get("/tasks")
    assert f'action="{path}"' not in abh.get(path)
    koeln.send(path, path, {"action": "examine"})
    wrong = koeln.send(path, path, {"action": "decline", "code": "other", "remark": ""}, status=422)
    assert 'value="other" selected' in wrong.text
    koeln.send(path, path, {"action": "decline", "code": "no_capacity"})
    assert house["koeln"].get(f"/{path.strip('/')}")["state"] == "declined"


@SQLITE
def test_contacts_keep_offices_and_no_persons(house: House) -> None:
    zrk = reader(house, "zrk")
    office = {"state": "tr", "body": "embassy", "office": "Konsularabteilung", "mail": "erika@mail.example",
              "languages": "tr, de", "phone": "+49 30 0000000"}  # fmt: skip
    refused = zrk.send("/contacts/new", "/contacts/new", office, status=422)
    assert 'id="e-mail"' in refused.text
    assert 'value="erika@mail.example"' in refused.text
    zrk.send("/contacts/new", "/contacts/new", office | {"mail": "konsulat@botschaft.example"})
    (path,) = set(re.findall(r"/contacts/[0-9a-f-]{36}", zrk.get("/contacts")))
    zrk.send(path, path, office | {"mail": "info@botschaft.example"})
    zrk.send(path, path, {"action": "retire"})
    assert "nicht mehr benutzen" in zrk.get("/contacts?state=TR")
    assert reader(house, "zfa").client.get("/contacts").status_code == 403


# --- imports ----------------------------------------------------------------------------------------------------------


def csv_file(text: str | bytes, name: str = "a.csv") -> dict[str, Any]:
    return {"file": (name, text if isinstance(text, bytes) else text.encode(), "application/octet-stream")}


def stored(house: House) -> int:
    return len(house["abh"].get("/requests?limit=200")["items"])


@SQLITE
def test_a_file_is_tried_then_taken_in_and_nothing_is_doubled(house: House) -> None:
    abh = reader(house, "abh")
    tried = abh.send("/import", "/import", {"action": "try"}, files=csv_file(SAMPLE), status=200)
    assert "Geprüft, nichts gespeichert" in tried.text
    assert stored(house) == 0
    key = re.search(r'name="call_key" value="([^"]+)"', abh.get("/import"))
    assert key is not None
    for _ in range(2):
        done = abh.client.post("/import", data={"action": "store", "call_key": key[1]}, files=csv_file(SAMPLE))
        assert (done.status_code, "1 Anfrage gespeichert" in done.text) == (200, True)
    assert stored(house) == 1


@SQLITE
def test_all_faults_are_told_in_a_table_and_nothing_is_stored(house: House) -> None:
    abh = reader(house, "abh")
    bad = SAMPLE + "A-2;adult:m:1;Nirgendwo;05.10.2026 07:00;gestern;DUS;05.10.2026 13:00\r\n"
    answer = abh.send("/import", "/import", {"action": "store"}, files=csv_file(bad), status=422)
    rows = re.findall(r'<td class="number">(\d+)</td><th scope="row">(\w+)', answer.text)
    assert {("3", "pickup_place"), ("3", "pickup_to")} <= set(rows)
    assert "Nirgendwo" not in answer.text, "what a cell said is never repeated"
    assert stored(house) == 0
    partly = abh.send("/import", "/import", {"action": "store", "partial": "true"}, files=csv_file(bad), status=200)
    assert "1 Anfrage gespeichert" in partly.text
    assert stored(house) == 1


@SQLITE
def test_excel_json_and_the_template_are_read(house: House) -> None:
    abh = reader(house, "abh")
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet("Anfragen")
        for number, line in enumerate(SAMPLE.splitlines()):
            # An empty row between: faults are told by the numbers that the sheet shows.
            sheet.write_row(2 * number, 0, line.split(";"))
        sheet.write_row(4, 0, ["A-9", "adult:m:1", "Nirgendwo"])
    told = abh.send("/import", "/import", {"action": "try"}, files=csv_file(out.getvalue(), "a.xlsx"), status=422)
    assert '<td class="number">5</td><th scope="row">pickup_place' in told.text
    assert '<td class="number">3</td>' not in told.text
    assert "Kennung, Name oder AGS eines bekannten Orts" in told.text
    abh.client.post("/language", data={"language": "en", "back": "/import"})
    told = abh.send("/import", "/import", {"action": "try"}, files=csv_file(out.getvalue(), "a.xlsx"), status=422)
    assert "id, name or AGS of a known place" in told.text
    abh.client.post("/language", data={"language": "de", "back": "/import"})
    with_formula = io.BytesIO()
    with xlsxwriter.Workbook(with_formula) as book:
        book.add_worksheet().write_row(0, 0, ["request", "people", "pickup_place", "=1+1"])
    refused = abh.send(
        "/import", "/import", {"action": "store"}, files=csv_file(with_formula.getvalue(), "f.xlsx"), status=422
    )
    assert "eine Angabe" in refused.text
    assert "Kopieren Sie die Spalte" in refused.text
    template = abh.client.get("/import/template")
    assert template.headers["Content-Disposition"].startswith("attachment")
    assert b";15.10.2026 07:00;15.10.2026 09:00;" in template.content, "two weeks from now, whenever that is"
    taken = abh.send("/import", "/import", {"action": "store"}, files=csv_file(template.content), status=200)
    assert "1 Anfrage gespeichert" in taken.text
    broken = abh.send("/import", "/import", {"action": "try"}, files=csv_file("[{}]", "a.json"), status=422)
    assert "Was zu tun ist" in broken.text
    nothing = abh.send("/import", "/import", {"action": "try"}, status=422)
    assert 'id="e-file"' in nothing.text
    assert abh.send("/import", "/import", {"action": "try"}, files=csv_file(b"PK\x03\x04junk"), status=422)
