"""The commands around the service: on SQLite in a folder, as a user types them; the worker's part by real processes."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import signal
import socket
import stat
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from pydantic import AnyHttpUrl
from sqlalchemy import text
from typer.testing import CliRunner
from typer.testing import Result as Outcome

import data
from api import demo, serving
from api.cli import app
from api.db import migrate as migrations
from api.db.store import Store
from api.db.tables import Organisation, OutboxMessage, WebhookEndpoint
from api.deadlines import BERLIN, Answering
from api.services import loading
from api.services.webhooks import seal_of, secrets_of
from api.settings import Settings
from api.settings_table import settings_table
from api.workflow import Role
from tests.api.conftest import database
from tests.api.ports import free_port

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 9, 28, 9, tzinfo=UTC)


def run(*arguments: object, stdin: str | None = None) -> Outcome:
    return CliRunner().invoke(app, [str(argument) for argument in arguments], input=stdin)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with an empty database; what commands put into the environment is taken back."""
    for name in [each for each in os.environ if each.startswith("RESTPLATZ_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("RESTPLATZ_FOLDER", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def migrated(folder: Path) -> Path:
    assert run("migrate").exit_code == 0
    return folder


# --- schema, accounts, audit ------------------------------------------------------------------------------------------


def test_migrate_brings_the_newest_schema_and_what_everybody_needs(folder: Path) -> None:
    assert run("migrate").exit_code == 0
    assert run("migrate").exit_code == 0
    assert run("migrate", "--check").exit_code == 0
    store = Store(Settings().address)
    with store.reading() as session:
        assert session.execute(text("SELECT count(*) FROM parameter_set")).scalar() == len(data.parameter_set_ids())
        codes = set(session.execute(text("SELECT code FROM organisation")).scalars())
    store.close()
    assert codes >= {"zab:essen", "zab:koeln", "zab:bielefeld", "zab:coesfeld", "zab:unna", "ltrako", "operation"}


def test_an_empty_database_of_a_server_is_told(folder: Path, postgres: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with database(postgres, "template0") as (engine, _):
        monkeypatch.setenv("RESTPLATZ_DATABASE_URL", engine.url.render_as_string(hide_password=False))
        before = run("migrate", "--check")
        assert before.exit_code == 1
        assert before.stdout == f"no schema yet, newest {migrations.head()}: run `restplatz migrate`\n"
        assert list(folder.iterdir()) == []
        assert run("migrate").exit_code == 0
        assert run("migrate", "--check").exit_code == 0


def test_an_older_schema_is_told(migrated: Path) -> None:
    store = Store(Settings().address)
    migrations.downgrade(store.engine, "0011")
    store.close()
    outcome = run("migrate", "--check")
    assert (outcome.exit_code, outcome.stdout) == (1, f"0011 -> {migrations.head()}: run `restplatz migrate`\n")


def test_migrate_seals_what_lay_in_clear(migrated: Path) -> None:
    store = Store(Settings().address)
    with store.writing() as session:
        owner = session.query(Organisation.id).filter(Organisation.code == "zab:essen").scalar()
        made = WebhookEndpoint(
            organisation_id=owner, url="https://zab.example.org/", sealed=b"whsec_clear", topics="", created_at=NOW,
            updated_at=NOW,
        )  # fmt: skip
        session.add(made)
        session.flush()
        key = made.id
    assert run("migrate").exit_code == 0
    with store.reading() as session:
        row = session.get_one(WebhookEndpoint, key)
        session.expunge_all()
    store.close()
    assert b"whsec_" not in row.sealed
    assert secrets_of(row, seal_of(Settings()), NOW) == ("whsec_clear",)


def test_drift_is_told(migrated: Path) -> None:
    store = Store(Settings().address)
    with store.writing() as session:
        session.execute(text("ALTER TABLE bar ADD COLUMN odd INTEGER"))
        session.execute(text("CREATE TABLE even (id INTEGER PRIMARY KEY, name TEXT)"))
        session.execute(text("CREATE INDEX ix_odd ON bar (odd)"))
    store.close()
    outcome = run("migrate", "--check")
    assert outcome.exit_code == 1
    first, *drift = outcome.stdout.splitlines()
    assert first == f"{migrations.head()} is the newest"
    assert set(drift) == {"remove_column bar.odd", "remove_table even", "remove_index ix_odd of bar"}


def test_accounts_are_created_and_reset_with_passwords_from_stdin_only(migrated: Path) -> None:
    secret = "a long enough password"
    made = ("accounts", "create", "chief", "--role", "admin", "--organisation", "operation", "--stdin")
    first = run(*made, stdin=f"{secret}\n")
    assert (first.exit_code, first.stdout) == (0, "created: chief, admin of operation\n")
    again = run(*made, stdin=f"{secret}\n")
    assert (again.exit_code, "[exists_already]" in again.stderr) == (2, True)
    renewed = run("accounts", "reset", "chief", "--stdin", stdin="another long password\n")
    assert (renewed.exit_code, renewed.stdout) == (0, "new password: chief; unlocked, its sessions are ended\n")
    nobody = run("accounts", "reset", "nobody", "--stdin", stdin=f"{secret}\n")
    assert (nobody.exit_code, "/accounts" in nobody.stderr) == (2, True)
    for role, organisation, password in (
        ("king", "operation", secret), ("abh", "operation", secret), ("admin", "nowhere", secret),
        ("admin", "operation", "short"),
    ):  # fmt: skip
        outcome = run(
            "accounts", "create", "x1", "--role", role, "--organisation", organisation, "--stdin",
            stdin=f"{password}\n",
        )  # fmt: skip
        assert outcome.exit_code == 2, outcome.output
        assert password not in outcome.output
    assert secret.encode() not in (migrated / "restplatz.db").read_bytes()


def test_an_unknown_organisation_is_told_with_those_that_there_are(migrated: Path) -> None:
    outcome = run(
        "accounts", "create", "chief", "--role", "admin", "--organisation", "nope", "--stdin",
        stdin="a long enough password\n",
    )  # fmt: skip
    assert outcome.exit_code == 2
    assert "Codes are audit, ltrako, operation" in outcome.stderr
    assert "zab:essen" in outcome.stderr
    assert "you may see" not in outcome.stderr, "an operator may see everything"


def test_a_password_is_not_asked_for_where_there_is_no_terminal(migrated: Path) -> None:
    outcome = run("accounts", "reset", "chief", stdin="a long enough password\n")
    assert outcome.exit_code == 2
    assert "--stdin" in outcome.stderr


def test_audit_verify_tells_whether_the_log_is_whole(migrated: Path) -> None:
    whole = run("audit", "verify")
    assert whole.exit_code == 0
    head = whole.stdout.strip()
    assert re.fullmatch(r"\d+:[0-9a-f]{64}", head)
    assert run("audit", "verify", "--known", head).exit_code == 0
    number = int(head.split(":")[0])
    missing = run("audit", "verify", "--known", f"{number + 1}:{'0' * 64}")
    assert (missing.exit_code, "missing" in missing.stderr) == (1, True)
    assert run("audit", "verify", "--known", "7").exit_code == 2
    store = Store(Settings().address)
    with store.writing() as session:
        session.execute(text("DROP TRIGGER tr_audit_entry_update"))
        session.execute(text("UPDATE audit_entry SET action = 'nothing' WHERE number = 2"))
    store.close()
    changed = run("audit", "verify")
    assert changed.exit_code == 1
    assert "2: was changed" in changed.stderr


@pytest.mark.parametrize(
    "command",
    [
        ("audit", "verify"),
        ("accounts", "reset", "chief", "--stdin"),
        ("retention",),
        ("addresses", "rotate"),
        ("nightly",),
        ("explain", "0123456789ab"),
        ("whatif", "--scenario", "s.json"),
        ("sweep", "--sweep", "s.json"),
        ("worker",),
        ("migrate", "--check"),
    ],
)
def test_a_command_that_looks_at_a_database_makes_none(folder: Path, command: tuple[str, ...]) -> None:
    outcome = run(*command, stdin="a long enough password\n")
    assert outcome.exit_code == 2
    assert str(folder / "restplatz.db") in outcome.stderr
    assert "--folder" in outcome.stderr
    assert "`restplatz migrate`" in outcome.stderr
    assert list(folder.iterdir()) == []
    empty = folder / "restplatz.db"
    empty.touch()
    assert str(empty) in run(*command, stdin="a long enough password\n").stderr


def test_a_sample_of_an_import_lies_ahead() -> None:
    outcome = run("sample-import", "--authority", "05113000")
    assert outcome.exit_code == 0
    rows = list(csv.DictReader(io.StringIO(outcome.stdout), delimiter=";"))
    today = datetime.now(BERLIN).date()
    first = min(datetime.strptime(row["pickup_from"], "%d.%m.%Y %H:%M").date() for row in rows)  # noqa: DTZ007  # local
    assert 7 <= (first - today).days <= 14
    assert first.weekday() == 0
    assert {row["authority"] for row in rows} == {"05113000"}


def test_the_demo_names_itself_as_it_was_called(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    made = tmp_path / "bin" / "restplatz"
    made.parent.mkdir()
    made.write_text("#!/bin/sh\n", encoding="utf-8")
    made.chmod(0o755)
    monkeypatch.setattr(sys, "argv", [str(made), "demo"])
    monkeypatch.setenv("PATH", str(tmp_path))
    assert demo.as_called() == str(made)
    monkeypatch.setenv("PATH", str(made.parent))
    assert demo.as_called() == "restplatz"
    monkeypatch.setattr(sys, "argv", ["cli.py"])
    assert demo.as_called() == "restplatz"


@pytest.mark.parametrize(
    ("host", "port", "address"),
    [
        ("127.0.0.1", 8123, "http://127.0.0.1:8123"), ("0.0.0.0", 80, "http://127.0.0.1:80"),
        ("::1", 8000, "http://[::1]:8000"), ("board.example", 8000, "http://board.example:8000"),
    ],
)  # fmt: skip
def test_links_lead_where_it_listens(
    folder: Path, monkeypatch: pytest.MonkeyPatch, host: str, port: int, address: str
) -> None:
    served: list[str] = []
    monkeypatch.setattr(serving, "refuse_taken", lambda *_: None)
    monkeypatch.setattr(serving, "serve_web", lambda *_, **__: served.append(str(Settings().public_url)))
    monkeypatch.setenv("RESTPLATZ_PUBLIC_URL", "to be taken back")
    monkeypatch.delenv("RESTPLATZ_PUBLIC_URL")
    assert run("serve", "--no-worker", "--host", host, "--port", port).exit_code == 0
    monkeypatch.setenv("RESTPLATZ_PUBLIC_URL", "https://restplatz.example")
    assert run("serve", "--no-worker", "--host", host, "--port", port).exit_code == 0
    assert [each.rstrip("/") for each in served] == [str(AnyHttpUrl(address)).rstrip("/"), "https://restplatz.example"]


def test_settings_that_are_wrong_are_named_without_their_value(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RESTPLATZ_POLL_SECONDS", "often")
    outcome = run("migrate")
    assert outcome.exit_code == 2
    assert "RESTPLATZ_POLL_SECONDS" in outcome.stderr
    assert "often" not in outcome.stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("RATE", "abc"), ("SECRET", "geheim"), ("ADDRESS_KEYS", f"{'k' * 40},geheim"), ("TRUSTED_PROXIES", "geheim"),
        ("DATABASE_URL", "mysql://user:geheim@host/name"), ("DATABASE_URL", "geheim"),
        ("DATABASE_URL", "postgresql+psycopg://user:geheim@127.0.0.1:1/name"), ("OIDC_CLIENT_ID", "geheim"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("command", [("migrate",), ("audit", "verify")])
def test_what_cannot_be_is_one_line_with_the_name_of_the_setting(
    folder: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str, command: tuple[str, ...]
) -> None:
    monkeypatch.setenv(f"RESTPLATZ_{name}", value)
    outcome = run(*command, "--folder", folder)
    assert outcome.exit_code == 2
    assert outcome.stderr.startswith(f"RESTPLATZ_{name}: ")
    assert outcome.stderr.count("\n") == 1
    assert "geheim" not in outcome.output


def test_a_client_needs_its_identity_provider(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RESTPLATZ_OIDC_CLIENT_ID", "restplatz")
    outcome = run("serve")
    assert outcome.exit_code == 2
    assert outcome.stderr.startswith("RESTPLATZ_OIDC_CLIENT_ID: expected RESTPLATZ_OIDC_ISSUER beside it")
    assert outcome.stderr.count("\n") == 1
    assert not list(folder.iterdir())


def test_names_that_are_no_settings_are_told_with_the_one_meant(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RESTPLATZ_NIGTLY_AT", "03:00")
    monkeypatch.setenv("RESTPLATZ_TEST_POSTGRES_URL", "of the tests")
    (folder / ".env").write_text("restplatz_adress_keys=geheim\nRESTPLATZ_COLOUR=red\nOTHER=1\n", encoding="utf-8")
    outcome = run("migrate")
    assert outcome.exit_code == 2
    assert outcome.stderr.splitlines() == [
        "RESTPLATZ_ADRESS_KEYS: there is no such setting. Did you mean RESTPLATZ_ADDRESS_KEYS?",
        "RESTPLATZ_COLOUR: there is no such setting. `restplatz settings` has them all; it is left alone.",
        "RESTPLATZ_NIGTLY_AT: there is no such setting. Did you mean RESTPLATZ_NIGHTLY_AT?",
    ]
    monkeypatch.delenv("RESTPLATZ_NIGTLY_AT")
    (folder / ".env").write_text("RESTPLATZ_NIGHTLY_AT=03:00\nRESTPLATZ_SERVICE_HOST=10.0.0.1\n", encoding="utf-8")
    outcome = run("migrate")
    assert outcome.exit_code == 0
    assert outcome.stderr.startswith("RESTPLATZ_SERVICE_HOST: there is no such setting. `restplatz settings` has")


@pytest.mark.parametrize("command", ["migrate", "demo"])
def test_a_folder_that_is_a_file_is_named(folder: Path, command: str) -> None:
    (folder / "file").write_text("", encoding="utf-8")
    outcome = run(command, "--folder", folder / "file")
    assert outcome.exit_code == 2
    assert "RESTPLATZ_FOLDER (--folder): expected a folder, but it is a file" in outcome.stderr


def test_a_port_that_is_taken_is_told(folder: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        outcome = run("serve", "--port", port, "--folder", folder)
    assert outcome.exit_code == 1
    assert f"port {port}" in outcome.stderr


def test_the_settings_in_the_docs_are_those_of_the_code() -> None:
    table = settings_table()
    assert table in (ROOT / "docs" / "service.md").read_text(encoding="utf-8")
    assert run("settings").stdout == table + "\n"
    for name, field in Settings.model_fields.items():
        assert f"`RESTPLATZ_{name.upper()}`" in table
        assert field.description


def test_every_command_stands_in_the_docs() -> None:
    told = (ROOT / "docs" / "service.md").read_text(encoding="utf-8")
    for command in ("serve", "worker", "migrate", "nightly", "audit verify", "accounts create", "accounts reset",
                    "demo", "demo-data", "settings", "sample-import", "retention",
                    "addresses rotate", "backup", "restore", "simulation-role", "explain", "whatif",
                    "sweep"):  # fmt: skip
        assert f"restplatz {command}" in told
        assert run(*command.split(), "--help").exit_code == 0


# --- deletion and keys ------------------------------------------------------------------------------------------------


def test_a_role_for_simulations_is_a_matter_of_postgres(migrated: Path) -> None:
    done = run("simulation-role", "somebody")
    assert (done.exit_code, "SQLite knows no roles" in done.stderr) == (2, True)


def test_retention_tells_each_kind_and_a_dry_run_deletes_nothing(migrated: Path) -> None:
    store = Store(Settings().address)
    with store.writing() as session:
        old = datetime(2020, 1, 1, tzinfo=UTC)
        session.add(OutboxMessage(id=uuid.uuid4(), at=old, topic="match", payload={}, due_at=old, delivered_at=old))
    for arguments, count in ((["--dry-run"], 1), ([], 1), ([], 0)):
        outcome = run("retention", *arguments)
        assert outcome.exit_code == 0, outcome.stderr
        told = {line.split()[0]: int(line.split()[1]) for line in outcome.stdout.splitlines()}
        assert set(told) == {"addresses", "run_inputs", "messages", "requests", "log_lines", "files"}
        assert told["messages"] == count
    store.close()
    assert run("audit", "verify").exit_code == 0


def test_addresses_are_resealed_by_a_command(migrated: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from api.db.tables import PickupAddress
    from api.services.addresses import Seal
    from tests.api.db.rows import organisation, transport_request

    old, new = "o" * 32, "n" * 32
    store = Store(Settings().address)
    with store.writing() as session:
        request = transport_request(organisation("abh:05999000", ags="05999000"))
        session.add(request)
        session.flush()
        sealed = Seal([old.encode()]).close(request.id, "Musterstr. 1")
        session.add(PickupAddress(request_id=request.id, sealed=sealed, updated_at=NOW))
    store.close()
    for keys, code, told in (
        (new, 1, "0 resealed, 0 sealed"), (f"{new},{old}", 0, "1 resealed, 0 sealed"), (new, 0, "0 resealed, 1 sealed")
    ):  # fmt: skip
        monkeypatch.setenv("RESTPLATZ_ADDRESS_KEYS", keys)
        outcome = run("addresses", "rotate")
        assert (outcome.exit_code, outcome.stdout.startswith(told)) == (code, True), outcome.output
        assert old not in outcome.output
        assert new not in outcome.output


# --- the demo's day and users -----------------------------------------------------------------------------------------


def test_the_day_of_the_demo_can_still_be_answered() -> None:
    day = data.sample_day()[0]
    # Monday noon: Friday, for on Thursday the first requests would fall back before four office hours are over.
    assert demo.day_for(day, Answering(), datetime(2026, 11, 23, 11, tzinfo=UTC)) == date(2026, 11, 27)
    assert demo.day_for(day, Answering(), datetime(2026, 12, 23, 15, tzinfo=UTC)).weekday() < 5


def test_a_moved_day_keeps_the_clock_on_the_wall() -> None:
    day = data.sample_day()[0]
    moved = demo.moved(day, date(2026, 11, 27))
    assert datetime.fromisoformat(moved.horizon_start) == datetime(2026, 11, 27, tzinfo=BERLIN)
    assert [request.pickup for request in moved.requests] == [request.pickup for request in day.requests]
    assert moved.duties[0].id == f"{day.duties[0].id}-1127"
    for was, now in zip(day.requests, moved.requests, strict=True):
        if was.deadline is not None and now.deadline is not None:
            ends = [
                datetime.fromtimestamp(datetime.fromisoformat(each.horizon_start).timestamp() + seconds, BERLIN)
                for each, seconds in ((day, was.deadline), (moved, now.deadline))
            ]
            assert (ends[1].date() - ends[0].date()).days == 53
            assert ends[0].time() == ends[1].time()


def test_demo_data_comes_once_with_a_user_for_each_role(folder: Path) -> None:
    first = run("demo-data")
    assert first.exit_code == 0, first.output
    assert "14 duties, 9 promised, 30 pooled" in first.stdout
    path = folder / demo.USERS_FILE
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    kept = path.read_text(encoding="utf-8")
    again = run("demo-data")
    assert "0 duties, 0 promised, 0 pooled" in again.stdout
    assert path.read_text(encoding="utf-8") == kept
    lines = [line.split() for line in kept.splitlines() if not line.startswith("#")]
    assert {line[2] for line in lines} == {role.value for role in Role} - {"system"}
    assert (len({line[1] for line in lines}), len(lines)) == (1, 16)  # One password for the whole folder.
    zabs = {line[3] for line in lines if line[2] == "zab_lead"}
    assert zabs == {loading.code_of(site.zab) for site in data.zabs()}
    path.unlink()
    assert run("demo-data").exit_code == 0
    assert path.read_text(encoding="utf-8") != kept


# --- real processes ---------------------------------------------------------------------------------------------------


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "api.cli", *arguments]


@pytest.fixture
def environment(folder: Path) -> dict[str, str]:
    return dict(os.environ) | {"PYTHONPATH": str(ROOT), "RESTPLATZ_LOG_LEVEL": "warning"}


def wait_for(url: str, seconds: float = 90) -> bytes:
    until = time.monotonic() + seconds
    while True:
        try:
            with urllib.request.urlopen(url) as answer:
                body: bytes = answer.read()
                return body
        except (urllib.error.URLError, ConnectionError):
            if time.monotonic() > until:
                raise
            time.sleep(0.2)


def children_of(pid: int) -> Iterator[int]:
    for each in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = each.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid:
            yield int(each.parent.name)


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks for processes in /proc")
@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGKILL])
def test_serve_runs_one_worker_beside_it_that_ends_with_it(
    folder: Path, environment: dict[str, str], by: signal.Signals
) -> None:
    port = free_port()
    with subprocess.Popen(
        command("serve", "--port", str(port)), env=environment, stdout=subprocess.PIPE, text=True, cwd=folder
    ) as process:
        try:
            health = wait_for(f"http://127.0.0.1:{port}/v1/health/ready")
            assert json.loads(health)["database"] == "ok"
            assert process.stdout is not None
            assert f"http://127.0.0.1:{port}/v1/docs" in process.stdout.readline()
            (worker,) = children_of(process.pid)
            loaded = Path(f"/proc/{process.pid}/maps").read_text()
            assert "ortools" not in loaded
            assert "llvmlite" not in loaded
        finally:
            process.send_signal(by)
            process.wait(60)
        until = time.monotonic() + 60
        while is_alive(worker) and time.monotonic() < until:
            time.sleep(0.2)
        assert not is_alive(worker)


def test_a_second_worker_of_a_folder_is_refused(migrated: Path, environment: dict[str, str]) -> None:
    with subprocess.Popen(
        command("worker"),
        env=environment | {"RESTPLATZ_LOG_LEVEL": "info"},
        stderr=subprocess.PIPE,
        text=True,
        cwd=migrated,
    ) as first:
        try:
            assert first.stderr is not None
            assert any("worker_ready" in line for line in first.stderr)
            second = subprocess.run(
                command("worker"), env=environment, capture_output=True, text=True, timeout=120, check=False,
                cwd=migrated,
            )  # fmt: skip
            assert (second.returncode, "[in_use]" in second.stderr) == (2, True)
        finally:
            first.terminate()
            first.communicate(timeout=60)
    assert first.returncode == 0


def test_the_demo_goes_through_the_service_and_again(folder: Path, environment: dict[str, str]) -> None:
    """The whole sample day: two runs of one folder show the same plan."""

    def show() -> str:
        done = subprocess.run(
            command("demo", "--folder", "demo", "--language", "en"), env=environment, capture_output=True, text=True,
            timeout=300, check=False, cwd=folder,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert "restplatz serve --folder demo" in done.stderr
        assert "essen-lead" in done.stderr
        return done.stdout

    first = show()
    assert first.startswith("30 requests: 17 proposed, 13 unserved · proven optimal")
    assert show().splitlines()[0] == first.splitlines()[0]
    store = Store(f"sqlite:///{folder / 'demo' / 'restplatz.db'}")
    with store.reading() as session:
        rows = session.execute(text("SELECT state, count(*) FROM transport_request GROUP BY state"))
        states = {row[0]: row[1] for row in rows}
    store.close()
    assert states == {"confirmed": 9, "proposed": 17, "pooled": 13}
