"""No endpoint, log line, error, webhook, metric or file leaks a staged field: markers are planted, everything searched.

A whole story over HTTP with somebody of each role. The address stands in clear in exactly the reads that are allowed:
the owner's, and that of the ZAB that has promised. What only the owner and its ZAB may see of a request goes nowhere
else; passwords, keys and secrets go nowhere.
"""

from __future__ import annotations

import io
import json
import logging
import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, time
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from api.amtshilfe import AmtshilfeState
from api.backup import back_up
from api.db.tables import (
    Account,
    AmtshilfeCase,
    ApiKey,
    Away,
    Clearance,
    ClearanceKind,
    ClearanceState,
    Contact,
    ContactBody,
    CrewRow,
    DutyRow,
    GuidancePage,
    GuidanceQuestion,
    GuidanceTopic,
    IdempotencyKey,
    Notice,
    Organisation,
    PageState,
    ParameterSetRow,
    Proposal,
    QuestionState,
    Run,
    RunInput,
    RunKind,
    ShiftPattern,
    Task,
    TaskState,
    VehicleRow,
    WebhookEndpoint,
)
from api.jobs import deliveries, nightly
from api.jobs.solving import read_stored
from api.plan_output import put_out
from api.services import addresses, clockwork, retention
from api.settings import Settings
from api.words import Language, OutputFormat
from optimizer.io.json import parse_instance
from tests.api.house import House, request_body
from tests.api.jobs.test_deliveries import Receiver, receiver
from tests.api.marker_search import database, is_in
from tests.api.test_authorization import endpoints
from tests.api.test_logs import written

__all__ = ["receiver"]

ADDRESS = "MARKERQ7ADDRESS"
TEXT, CASE, REMARK, SOURCE, UNIT = "MARKERQ7TEXT", "MARKERQ7CASE", "MARKERQ7REMARK", "MARKERQ7SOURCE", "MARKERQ7UNIT"
PASSWORD, NEW_PASSWORD = "MARKERQ7PASSWORD first of two", "MARKERQ7PASSWORD second of two"
CONTENT = (TEXT, CASE, REMARK, SOURCE, UNIT)
"""What the owner and the ZAB that is asked or has promised may see of a request, and nobody else."""
MAY_SEE = {"abh", "abh-second", "essen", "essen-second", "essen-lead"}
ALSO = {("zfa", path, CASE) for path in ("/v1/clearances", "/v1/clearances/{clearance_id}")}
"""Who applies for the transit must name the case: the ZFA has the pseudonym (docs/roles-and-disclosure.md)."""
MAY_READ = {"abh", "abh-second", "essen", "essen-second", "essen-lead"}
TEXT_OF_ADDRESS = f"{ADDRESS} 1, 45127 Essen, Hinterhof"


@dataclass
class Story:
    """What was done, and all that left the system on the way."""

    house: House
    stream: io.StringIO
    hooks: Receiver
    ids: dict[str, str] = field(default_factory=dict)
    secrets: list[str] = field(default_factory=list)
    answers: list[tuple[str, str, Any]] = field(default_factory=list)
    """Who called, what, and the answer."""


@pytest.fixture
def story(house: House, receiver: Receiver) -> Iterator[Story]:
    settings = house.context.settings.model_copy(update={"webhook_private_addresses": True})
    house.context = replace(house.context, settings=settings)
    house.client.app.state.context = house.context  # type: ignore[attr-defined]
    before = logging.getLogger().level
    with written("json") as stream:
        made = Story(house, stream, receiver)
        _tell(made)
        yield made
    logging.getLogger().setLevel(before)


def _tell(story: Story) -> None:
    house, ids = story.house, story.ids
    for who in ("essen-lead", "abh", "ltrako"):
        topics = ["proposal.made", "request.state_changed", "decision.made", "run.finished"]
        answer = house[who].call("POST", "/webhooks", {"url": story.hooks.url(f"/{who}"), "topics": topics})
        assert answer.status_code == 201, answer.text
        story.secrets.append(answer.json()["secret"])
        ids["endpoint_id"] = ids.get("endpoint_id", answer.json()["id"])
    ids["duty_id"] = house.duty("zab:essen")
    house.duty("zab:koeln", depot="05315000")
    deadline = {"at": "2026-10-20T21:59:00Z", "regime": "604/2013", "source": SOURCE}
    body = request_body(1, case_reference=CASE, free_text=TEXT, deadline=deadline, unit=UNIT) | {"enter_as": "pool"}
    repeated = {"Idempotency-Key": f"once-{CASE}"}
    first = house["abh"].call("POST", "/requests", body, **repeated)
    assert first.status_code == 201, first.text
    again = house["abh"].call("POST", "/requests", body, **repeated)
    assert again.headers["Idempotent-Replayed"] == "true"
    request = ids["request_id"] = first.json()["id"]
    put = house["abh"].call("PUT", f"/requests/{request}/address", {"address": TEXT_OF_ADDRESS})
    assert put.status_code == 200, put.text
    why = house["essen"].call("POST", "/explanations", {"asks": "why_not", "request_id": request})
    assert why.status_code == 202, why.text
    ids["explanation_id"] = why.json()["id"]
    kept = house["essen"].call("POST", "/scenarios", {"scenario": SCENARIO})
    assert kept.status_code == 201, kept.text
    what_if = {"name": "drill", "first_day": "2026-10-05", "scenario_ids": [kept.json()["id"]]}
    simulated = house["essen"].call("POST", "/simulations", what_if)
    assert simulated.status_code == 202, simulated.text
    ids["scenario_id"], ids["simulation_id"] = kept.json()["id"], simulated.json()["id"]
    house.answer()
    house.match()
    offer = house.offer_of(request)
    assert offer is not None
    assert offer["zab"] == "zab:essen"
    path = f"/proposals/{offer['id']}"
    condition = {"code": "crew_pending", "condition": REMARK, "owner": "zab:essen", "until": offer["pickup_at"]}
    house["essen"].do(f"{path}/confirm-provisionally", condition)
    house["essen"].do(f"{path}/meet-condition")
    ids["proposal_id"], ids["run_id"] = offer["id"], offer["run_id"]
    asked = house["abh"].call("POST", f"/requests/{request}/overrides", {"rule": "detour", "reason": REMARK})
    assert asked.status_code == 202, asked.text
    ids["approval_id"] = asked.json()["id"]
    # Another one with the same markers, which ends at once with a remark.
    other = house.pooled(2, case_reference=f"{CASE}-2", free_text=TEXT)
    house["abh"].call("PUT", f"/requests/{other}/address", {"address": TEXT_OF_ADDRESS})
    house["abh"].call("POST", f"/requests/{other}/stop", {"code": "court", "remark": REMARK})
    _passwords(story)
    _faults(story, request)
    _files(story)
    _others(story)
    house.match()
    clockwork.tick(house.store, house.now, house.context.settings)
    retention.enforce(house.store, house.now, drop_folder=house.context.settings.drop_folder)
    deliveries.deliver(house.store, house.context.settings, clock=lambda: house.now)


def _passwords(story: Story) -> None:
    house = story.house
    own = {"Origin": "http://127.0.0.1:8000"}
    login = f"login-{uuid.uuid4().hex[:8]}"
    given = house["admin"].call(
        "POST", "/accounts",
        {"login": login, "role": "zab_dispatcher", "organisation_id": str(house["koeln"].organisation_id),
         "password": PASSWORD},
    )  # fmt: skip
    story.answers.append(("admin", "POST /accounts", given))
    with TestClient(house.client.app, base_url="http://127.0.0.1:8000") as page:
        for password in (PASSWORD, "wrong " + PASSWORD):
            answer = page.post("/v1/sign-in", json={"login": login, "password": password}, headers=own)
            story.answers.append((login, "POST /sign-in", answer))
        new = {"current_password": PASSWORD, "new_password": NEW_PASSWORD}
        story.answers.append((login, "POST /me/password", page.post("/v1/me/password", json=new, headers=own)))
    made = house["essen"].call("POST", "/me/api-keys", {"label": "drill"})
    assert made.status_code == 201, made.text
    story.secrets += [made.json()["key"], *(caller.key for caller in house.people.values())]


def _faults(story: Story, request: str) -> None:
    """Calls that are refused, with the marker wherever somebody may put it by mistake."""
    house, marked = story.house, {"Idempotency-Key": f"key {ADDRESS}", "X-Request-ID": ADDRESS, "Referer": ADDRESS}
    body = dict(request_body(3))
    wrong: list[Any] = [
        body | {ADDRESS: ADDRESS}, body | {"case_reference": f"{ADDRESS} !"}, body | {"people": ADDRESS},
        body | {"pickup": {"place": ADDRESS, "earliest": ADDRESS, "latest": ADDRESS}}, body | {"needs": [ADDRESS]},
        body | {"pickup": {**body["pickup"], "place": ADDRESS}}, body | {"flight": ADDRESS},
        body | {"free_text": TEXT_OF_ADDRESS * 9}, body | {"unit": f"{ADDRESS} ."}, [ADDRESS], ADDRESS,
        body | {"enter_as": "ask", "zab": f"zab:{ADDRESS}"},
        body | {"rejection": {"by": ADDRESS, "code": ADDRESS}},
    ]  # fmt: skip
    calls: list[tuple[str, str, str, Any]] = [
        *(("abh", "POST", "/requests", each) for each in wrong),
        ("abh", "PUT", f"/requests/{request}/address", {"address": TEXT_OF_ADDRESS * 20}),
        ("abh", "PUT", f"/requests/{request}/address", {"adress": TEXT_OF_ADDRESS}),
        ("abh", "PUT", f"/requests/{request}/address", {"address": [TEXT_OF_ADDRESS]}),
        ("koeln", "PUT", f"/requests/{request}/address", {"address": TEXT_OF_ADDRESS}),
        ("abh", "GET", f"/requests/{request}/address?purpose={ADDRESS}", None),
        ("abh", "GET", f"/requests?case_reference={ADDRESS}%0A", None),
        ("abh", "GET", f"/requests?after={ADDRESS}", None),
        ("abh", "GET", f"/requests?state={ADDRESS}", None),
        ("auditor", "GET", f"/audit?action={ADDRESS}&subject_id={ADDRESS}", None),
        ("essen", "POST", f"/proposals/{story.ids['proposal_id']}/decline", {"code": ADDRESS, "remark": ADDRESS * 30}),
        ("ltrako", "POST", f"/requests/{request}/stop", {"code": ADDRESS}),
        ("essen", "GET", f"/statistics?by={ADDRESS}", None),
        ("essen", "POST", "/scenarios", {"scenario": {"id": "x", ADDRESS: ADDRESS, "changes": [{"kind": ADDRESS}]}}),
        ("essen", "POST", "/scenarios", {"scenario": {"id": "x", "changes": [{"kind": ADDRESS, "x": ADDRESS}]}}),
        ("essen", "POST", "/simulations", {"name": "x", "first_day": "2026-10-05", "sweep": {ADDRESS: ADDRESS},
                                           "scenarios": [SCENARIO]}),
        ("essen", "POST", "/simulations", {"name": "x", "first_day": "2026-10-05", "scenarios": [
            {"id": "x", "changes": [{"kind": "cancel_requests", "requests": [ADDRESS]}]}]}),
    ]  # fmt: skip
    for who, method, path, sent in calls:
        answer = house[who].call(method, path, sent, if_match=f'"{ADDRESS}"', **marked)
        story.answers.append((who, f"{method} {path}", answer))
        marked["Idempotency-Key"] = f"{ADDRESS}-{uuid.uuid4()}"
    key = {"Authorization": f"ApiKey {house['abh'].key}"}
    for content in (f'{{"case_reference": "{ADDRESS}', f"\xff{ADDRESS}".encode("latin-1"), f'"{ADDRESS}"'):
        sent = {**key, "Content-Type": "application/json", "Idempotency-Key": str(uuid.uuid4())}
        answer = house.client.post("/v1/requests", content=content, headers=sent)
        story.answers.append(("abh", "POST /requests, broken", answer))
        assert answer.status_code in (400, 422), answer.text


def _files(story: Story) -> None:
    """Imports with the marker in every column, over the API and from the drop folder."""
    house = story.house
    good = {
        "request": "R-1", "people": "adult:m:1", "pickup_place": "Essen", "pickup_from": "05.10.2026 07:00",
        "pickup_to": "05.10.2026 09:00", "handover_place": "DUS", "departure": "05.10.2026 13:00", "remark": "",
    }  # fmt: skip
    tables = [";".join([*good, ADDRESS]) + "\n" + ";".join([*good.values(), ADDRESS])]
    marked = [{**good, column: f"{ADDRESS} {TEXT_OF_ADDRESS * 6}"} for column in good]
    tables += [";".join(good) + "\n" + ";".join(each.values()) for each in marked]
    folder = house.context.settings.drop_folder
    folder.mkdir()
    for number, table in enumerate(tables):
        for path, who in (("/requests/imports", "abh"), ("/duties/imports", "essen")):
            headers = {
                "Authorization": f"ApiKey {house[who].key}", "Content-Type": "text/csv",
                "Idempotency-Key": str(uuid.uuid4()),
            }  # fmt: skip
            answer = house.client.post(f"/v1{path}", content=table.encode(), headers=headers)
            assert answer.status_code == 422, answer.text
            story.answers.append((who, f"POST {path}", answer))
        (folder / f"{number}.csv").write_text(table, encoding="utf-8")
    (folder / "0.json").write_text(json.dumps([dict(request_body(4)) | {"free_text": [ADDRESS], ADDRESS: 1}]))
    night = house.now.date()
    with house.store.writing() as session:
        run = nightly.queue_night(session, house.context.settings, night, now=house.now)
        assert run is not None
    house.match()
    story.ids["night"] = night.isoformat()
    refused = list((folder / "rejected").glob("*.errors.json"))
    assert len(refused) == len(tables) + 1
    story.answers += [("operator", each.name, each.read_bytes()) for each in refused]


def _others(story: Story) -> None:
    """Ids of one thing of each kind, so that every endpoint is called with something that is there."""
    house, ids = story.house, story.ids
    with house.store.writing() as session:
        duty = session.get_one(DutyRow, uuid.UUID(ids["duty_id"]))
        away = Away(crew_id=duty.crew_id, starts_at=duty.ends_at, ends_at=duty.ends_at.replace(year=2027), code="leave",
                    created_at=house.now)  # fmt: skip
        pattern = ShiftPattern(
            zab_id=duty.zab_id, code="E-EARLY", crew_id=duty.crew_id, vehicle_id=duty.vehicle_id, weekdays="12345",
            begins=time(6), ends=time(14), valid_from=house.now.date(), created_at=house.now, updated_at=house.now,
        )  # fmt: skip
        session.add_all([away, pattern])
        session.flush()
        ids |= _measures(session, story)
        ids |= {
            "crew_id": str(session.scalars(select(CrewRow.id)).first()),
            "vehicle_id": str(session.scalars(select(VehicleRow.id)).first()),
            "absence_id": str(away.id),
            "pattern_id": str(pattern.id),
            "account_id": str(house["essen"].account_id),
            "organisation_id": str(session.scalars(select(Organisation.id)).first()),
            "name": str(session.scalars(select(ParameterSetRow.name)).first()),
        }


def _measures(session: Session, story: Story) -> dict[str, str]:
    """What the decree's other measures know of the request: with its markers, where they have room for a text."""
    house, request = story.house, uuid.UUID(story.ids["request_id"])
    now = {"created_at": house.now, "updated_at": house.now}
    abh, essen = house["abh"].organisation_id, house["essen"].organisation_id
    rows: dict[str, Any] = {
        "clearance_id": Clearance(
            request_id=request, kind=ClearanceKind.TRANSIT, state=ClearanceState.NEEDED, subject="IST",
            apply_by=house.now, decide_by=house.now, **now,
        ),
        "contact_id": Contact(
            state="TR", body=ContactBody.EMBASSY, office="Probe", languages="de", notes="", **now
        ),
        "page_id": GuidancePage(
            slug="drill", topic=GuidanceTopic.GENERAL, title="Probe", body="Probe", state=PageState.PUBLISHED,
            organisation_id=abh, published_at=house.now, **now,
        ),
        "question_id": GuidanceQuestion(
            topic=GuidanceTopic.GENERAL, organisation_id=abh, text="Probe?", state=QuestionState.ANSWERED,
            answer="Probe.", answered_by_id=house["ltrako"].organisation_id, answered_at=house.now, **now,
        ),
        "case_id": AmtshilfeCase(
            request_id=request, zab_id=essen, opener_id=abh, municipality_ags="05113000", assigned_on=house.now.date(),
            state=AmtshilfeState.OPEN, remark=REMARK, **now,
        ),
        "task_id": Task(
            kind="examine_new_measure", organisation_id=abh, request_id=request, due_at=house.now,
            state=TaskState.OPEN, **now,
        ),
    }  # fmt: skip
    session.add_all(rows.values())
    session.flush()
    return {name: str(row.id) for name, row in rows.items()}


SCENARIO = {"id": "one more", "changes": [{"kind": "add_vehicles", "zab": "zab:essen"}]}
QUERIES = {
    "/v1/requests/{request_id}/address": "?purpose=check",
    "/v1/proposals/{proposal_id}/decline-preview": "?code=crew_ill",
    "/v1/runs/{run_id}/input": "?purpose=audit",
    "/v1/runs/{run_id}/result": "?purpose=audit",
    "/v1/statistics": "?by=destination",
    "/v1/guidance/search": "?q=Probe",
    "/v1/calendar": "?from=2026-10-05&to=2026-10-06&zab=zab:essen",
}
FORMATS = ("json", "csv", "xlsx")


def walked(story: Story) -> Iterator[tuple[str, str, int, bytes]]:
    """Every GET endpoint, by everybody: who, where, the status and all that came."""
    house = story.house
    paths = [path for method, path, _ in endpoints(house.client.app) if method == "GET"]  # type: ignore[arg-type]
    assert len(paths) > 50
    for template in [*paths, "/v1/openapi.json"]:
        # Whoever adds an endpoint with an id of another kind adds one to the story.
        path = re.sub(r"\{(\w+)\}", lambda m: story.ids[m.group(1)], template) + QUERIES.get(template, "")
        exports = [f"{path}?format={each}&edition=inside" for each in FORMATS] if "/reports/" in path else [path]
        for who, caller in house.people.items():
            for each in exports:
                answer = caller.call("GET", each.removeprefix("/v1"))
                assert answer.status_code < 500, (who, each, answer.text)
                yield who, template, answer.status_code, answer.content
                yield who, template, answer.status_code, str(answer.headers).encode()


def test_no_marker_goes_where_it_must_not(story: Story, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    house = story.house
    leaks: list[tuple[str, str, str]] = []
    read: set[str] = set()
    seen: set[str] = set()
    reached: set[str] = set()
    # --- what is read -------------------------------------------------------------------------------------------------
    for who, template, status, answer in walked(story):
        reached |= {template} if status == 200 else set()
        if is_in(ADDRESS, answer):
            if template.endswith("/address") and who in MAY_READ and status == 200:
                read.add(who)
            else:
                leaks.append((who, template, "address"))
        for marker in CONTENT:
            if is_in(marker, answer):
                seen.add(marker)
                # A second person of an organisation sees what the first one asked for.
                if who not in MAY_SEE and (who, template, marker) not in ALSO:
                    leaks.append((who, template, marker))
        leaks += [(who, template, "secret") for each in (*story.secrets, PASSWORD[:16]) if is_in(each, answer)]
    assert leaks == [], leaks
    assert read == MAY_READ, "who may read the address does"
    assert seen == set(CONTENT), "the markers were there to be seen"
    missed = {path for method, path, _ in endpoints(house.client.app) if method == "GET"} - reached  # type: ignore[arg-type]
    assert missed <= {"/v1/sign-in/provider", "/v1/sign-in/provider/callback"}, "no endpoint was left out"
    # --- what was answered on the way, errors above all ---------------------------------------------------------------
    for who, call, answer in story.answers:
        text = answer if isinstance(answer, bytes) else f"{answer.status_code} {answer.headers}\n{answer.text}"
        assert not is_in(ADDRESS, text), (who, call, text)
        assert not is_in(PASSWORD[:16], text), (who, call)
    # --- logs, and what was printed -----------------------------------------------------------------------------------
    logged = story.stream.getvalue()
    assert len(logged.splitlines()) > 500
    printed = "".join(capfd.readouterr())
    for marker in (ADDRESS, *CONTENT, PASSWORD[:16], *story.secrets):
        assert not is_in(marker, logged), marker
        assert not is_in(marker, printed), marker
    # --- webhooks -----------------------------------------------------------------------------------------------------
    assert {call.path for call in story.hooks.calls} == {"/essen-lead", "/abh", "/ltrako"}
    for hook in story.hooks.calls:
        told = json.dumps(hook.headers).encode() + hook.body
        assert not any(is_in(marker, told) for marker in (ADDRESS, *CONTENT, *story.secrets)), hook.path
    # --- files --------------------------------------------------------------------------------------------------------
    for name, content in _plan_files(house, tmp_path):
        assert not any(is_in(marker, content) for marker in (ADDRESS, *CONTENT)), name
    assert not is_in(ADDRESS, "".join(capfd.readouterr()))
    _check_database(story, tmp_path)


def _plan_files(house: House, folder: Path) -> Iterator[tuple[str, bytes]]:
    """What a run was given and answered, and the files of its plan."""
    with house.store.reading() as session:
        kept = [(row.run_id, row.instance, row.result) for row in session.scalars(select(RunInput))]
        asked = set(session.scalars(select(Run.id).where(Run.kind == RunKind.QUESTION)))
    assert asked
    written = 0
    for run_id, instance, result in kept:
        yield f"{run_id} input", instance
        if result is None:
            continue
        yield f"{run_id} result", result
        if run_id in asked:
            continue  # Answers to a question: there is no plan.
        stated = parse_instance(instance.decode(), str(run_id))
        out = folder / f"plan-{run_id}"
        put_out(stated, read_stored(result, stated), out=out, language=Language.DE, output=OutputFormat.TABLE)
        for each in out.iterdir():
            written += 1
            yield each.name, each.read_bytes()
    assert written >= 6


def _check_database(story: Story, folder: Path) -> None:
    """The address is in clear nowhere; content only in the rows of requests and what was said about them."""
    house = story.house
    kept = database(house.engine)
    assert kept
    for name, content in kept.items():
        assert not is_in(ADDRESS, content), name
        assert not is_in(PASSWORD[:16], content), name
        assert not any(is_in(caller.key, content) for caller in house.people.values()), name
    assert any(is_in(TEXT, content) for content in kept.values()), "the search finds what is there"
    with house.store.reading() as session:
        answers = session.scalars(select(IdempotencyKey).where(IdempotencyKey.body.is_not(None))).all()
        assert answers
        for row in answers:
            told = json.dumps(row.headers).encode() + (row.body or b"")
            assert not any(is_in(marker, told) for marker in (ADDRESS, *CONTENT)), row.route
        for table in (Notice, Run, Proposal, WebhookEndpoint, Account, ApiKey):
            columns = [each for each in table.__table__.columns if each.name not in ("condition", "secret")]
            rows = session.execute(select(*columns)).all()
            assert not any(is_in(marker, repr(rows)) for marker in (ADDRESS, *CONTENT)), table
    if house.engine.dialect.name == "sqlite":
        source = Settings(folder=folder / "copied")
        source.folder.mkdir()
        for each in folder.glob("test.db*"):
            (source.folder / each.name.replace("test.db", "restplatz.db")).write_bytes(each.read_bytes())
        made = back_up(source, folder / "backup", now=house.now)
        assert not any(is_in(ADDRESS, each.read_bytes()) for each in made.folder.iterdir())


def test_the_search_finds_what_is_hidden() -> None:
    import base64
    import gzip
    import zipfile

    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.txt", f"x {ADDRESS} y")
    hidden = [
        f"x{ADDRESS}y".encode(), ADDRESS.encode("utf-16-le"), ADDRESS.encode().hex().encode(),
        gzip.compress(f"x {ADDRESS}".encode()), packed.getvalue(),
        *(base64.b64encode(b"x" * number + ADDRESS.encode() + b"yz") for number in range(5)),
    ]  # fmt: skip
    assert all(is_in(ADDRESS, each) for each in hidden)
    assert not is_in(ADDRESS, b"nothing of it")
    seal = addresses.Seal([b"k" * 32])
    assert not is_in(ADDRESS, seal.close(uuid.uuid4(), TEXT_OF_ADDRESS))


def test_after_the_day_and_the_month_nothing_is_left(story: Story) -> None:
    """Retention on the same story: the address after a day, every content after a month."""
    house = story.house
    with house.store.reading() as session:
        end = session.scalars(select(Proposal.handover_at)).first()
    assert isinstance(end, datetime)
    house.now = end.replace(month=11, day=30)
    clockwork.tick(house.store, house.now, house.context.settings)
    retention.enforce(house.store, house.now, drop_folder=house.context.settings.drop_folder)
    for name, content in _tables(house):
        assert not any(is_in(marker, content) for marker in (ADDRESS, *CONTENT)), name


def _tables(house: House) -> Iterator[tuple[str, str]]:
    from sqlalchemy import inspect, text

    with house.engine.connect() as connection:
        for table in inspect(house.engine).get_table_names():
            yield table, repr(connection.execute(text(f'SELECT * FROM "{table}"')).all())
