"""Backups of a service on SQLite: both databases as they are at one instant, while it works; and back again.

SQLite's own backup copies pages, with all that is committed and nothing that is not. For as long as it lasts nobody
writes, so that the database of the service and that of durable jobs fit together. PostgreSQL has tools of its own
(docs/operations.md). Keys are not copied unless asked for: whoever has them and a backup can read the addresses.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from api import audit
from api.audit import Head
from api.db import migrate
from api.db.engine import make_engine, make_sessions
from api.errors import Code, Problem
from api.jobs.takeover import alone_in
from api.settings import Settings

MAIN, JOBS = "restplatz.db", "jobs.db"
SEALING_KEY = "address_key"
KEYS = ("secret", SEALING_KEY)
"""Files of keys that are made once, where no setting gives them."""
KEY_SETTINGS = {"secret": "RESTPLATZ_SECRET", SEALING_KEY: "RESTPLATZ_ADDRESS_KEYS"}
"""The settings that stand for these files."""
MANIFEST = "backup.json"
_WAIT = 30.0
"""Seconds to wait for whoever writes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """A backup: where it lies, the head of the log in it, the files that it has."""

    folder: Path
    head: Head
    files: tuple[str, ...]


def back_up(settings: Settings, target: Path, *, with_keys: bool = False, now: datetime) -> Backup:
    """Copy what the folder holds into a new folder below ``target``; return it.

    Whole or not at all: it has its name only when every file is checked and on the disk.

    Raises
    ------
    Problem
        ``value_refused`` (422) on PostgreSQL, or where there is no database; ``database_busy`` (503) where somebody
        writes for too long; ``unavailable`` (503) where a copy is not whole.
    """
    main = _database_of(settings)
    if not main.is_file():
        raise Problem(Code.VALUE_REFUSED, f"There is no database at {main}. Look at RESTPLATZ_FOLDER.")
    target.mkdir(mode=0o700, parents=True, exist_ok=True)
    name = f"restplatz-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    folder, draft = target / name, target / f".{name}.{secrets.token_hex(4)}"
    if folder.exists():
        raise Problem(Code.EXISTS_ALREADY, f"{folder} is there already. Wait a second.")
    draft.mkdir(mode=0o700)
    try:
        _copy(main, draft)
        files = [each for each in (MAIN, JOBS) if (draft / each).is_file()]
        if with_keys:
            files += [each for each in KEYS if _copied(settings.folder / each, draft / each)]
        head = check(draft / MAIN)
        manifest = {
            "made_at": now.astimezone(UTC).isoformat(), "revision": _revision(draft / MAIN),
            "audit_head": f"{head.number}:{head.sha256}", "has_keys": any(each in KEYS for each in files),
            "sha256": {each: _sha256(draft / each) for each in files},
        }  # fmt: skip
        (draft / MANIFEST).write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")
        for each in (*files, MANIFEST):
            (draft / each).chmod(0o600)
            _to_disk(draft / each)
        draft.rename(folder)
        _to_disk(target)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    return Backup(folder=folder, head=head, files=tuple(files))


def restore(settings: Settings, source: Path, *, is_replacing: bool = False, now: datetime) -> Backup:
    """Put a backup in place; return it. What was there is kept beside it, under another name.

    Raises
    ------
    Problem
        ``value_refused`` (422) where it is no backup, or was changed; ``exists_already`` (409) where a database is
        there; ``in_use`` (409) where the service is at work.
    """
    main = _database_of(settings)
    manifest = _manifest(source)
    files = tuple(manifest["sha256"])
    settings.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with alone_in(settings.folder):
        there = [each for each in (MAIN, JOBS) if (settings.folder / each).exists()]
        if there and not is_replacing:
            raise Problem(
                Code.EXISTS_ALREADY, f"{main} is there. Move it away, or say --replace: it is kept under another name."
            )
        for each in there:
            _refuse_open(settings.folder / each)
        drafts = {each: settings.folder / f".{each}.{secrets.token_hex(4)}" for each in files}
        try:
            for each, draft in drafts.items():
                shutil.copyfile(source / each, draft)
                draft.chmod(0o600)
                if _sha256(draft) != manifest["sha256"][each]:
                    raise Problem(Code.VALUE_REFUSED, f"{each} is not what was backed up. Take another backup.")
                _to_disk(draft)
            head = check(drafts[MAIN])
            if f"{head.number}:{head.sha256}" != manifest["audit_head"]:
                raise Problem(Code.VALUE_REFUSED, "The log ends elsewhere than noted. Take another backup.")
            stamp = f"before-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}"
            for each in (*there, *(key for key in files if key in KEYS and (settings.folder / key).exists())):
                (settings.folder / each).rename(settings.folder / f"{each}.{stamp}")
            for each in (MAIN, JOBS):
                for rest in ("-wal", "-shm"):
                    (settings.folder / f"{each}{rest}").unlink(missing_ok=True)
            for each, draft in drafts.items():
                draft.rename(settings.folder / each)
            _to_disk(settings.folder)
        finally:
            for draft in drafts.values():
                draft.unlink(missing_ok=True)
    return Backup(folder=source, head=head, files=files)


def lacks_sealing_key(settings: Settings) -> bool:
    """Whether no key that seals addresses is set or kept: the service would make a new one, which opens nothing old."""
    return not settings.address_keys.get_secret_value().strip(" ,") and not (settings.folder / SEALING_KEY).exists()


def check(database: Path) -> Head:
    """Return the head of the log of a database that is whole: its pages, its references, its log.

    Raises
    ------
    Problem
        ``unavailable`` (503) where it is not.
    """
    with closing(sqlite3.connect(database)) as connection:
        told = [row[0] for row in connection.execute("PRAGMA integrity_check")]
        broken = connection.execute("PRAGMA foreign_key_check").fetchall()
        # One file alone: a copy that has not its own log of changes beside it.
        connection.execute("PRAGMA journal_mode=DELETE")
    if told != ["ok"] or broken:
        raise Problem(Code.UNAVAILABLE, f"{database.name} is not whole: {len(told) + len(broken)} faults.")
    engine = make_engine(f"sqlite:///{database}")
    try:
        with make_sessions(engine)() as session:
            session.connection(execution_options={"reads_only": True})
            faults = list(audit.verify(session))
            head = audit.head(session)
            session.rollback()
    finally:
        engine.dispose()
        _fold(database)
    if faults:
        raise Problem(
            Code.UNAVAILABLE, f"The log is not whole at line {faults[0].number}: {faults[0].what}. Look at it first."
        )
    return head


def _database_of(settings: Settings) -> Path:
    if settings.database_url:
        raise Problem(
            Code.VALUE_REFUSED, "RESTPLATZ_DATABASE_URL names another database than the one of the folder. PostgreSQL "
            "is backed up with its own tools: docs/operations.md.",
        )  # fmt: skip
    return settings.folder / MAIN


def _copy(main: Path, draft: Path) -> None:
    jobs = main.with_name(JOBS)
    found = [each for each in (main, jobs) if each.is_file()]
    with _nobody_writes(found):
        for each in found:
            with closing(_connection(each)) as source, closing(sqlite3.connect(draft / each.name)) as copy:
                source.backup(copy)
                # As one file.
                copy.execute("PRAGMA journal_mode=DELETE")


@contextmanager
def _nobody_writes(files: list[Path]) -> Iterator[None]:
    """Hold the databases for reading: whoever wants to write waits, whoever reads does not."""
    held = [_connection(each) for each in files]
    try:
        for connection in held:
            connection.execute("BEGIN IMMEDIATE")
        yield
    except sqlite3.DatabaseError as error:
        if "locked" in str(error):
            raise Problem(Code.DATABASE_BUSY, "Somebody writes for long. Try again in a moment.") from error
        raise Problem(
            Code.UNAVAILABLE, "What is in the folder is no whole database any more. Restore the last backup."
        ) from error
    finally:
        for connection in held:
            connection.close()


def _connection(file: Path) -> sqlite3.Connection:
    return sqlite3.connect(file, timeout=_WAIT, isolation_level=None)


def _refuse_open(database: Path) -> None:
    """Refuse where any process has the database open."""
    with closing(sqlite3.connect(database, timeout=0, isolation_level=None)) as connection:
        try:
            connection.execute("PRAGMA locking_mode=EXCLUSIVE")
            connection.execute("BEGIN EXCLUSIVE")
            connection.execute("ROLLBACK")
        except sqlite3.DatabaseError as error:
            if "locked" in str(error):
                raise Problem(Code.IN_USE, "The service is at work on this folder. Stop it first.") from error
            # What is there is no database any more: that is why a backup is put in its place.


def _fold(database: Path) -> None:
    """Let everything stand in the one file again."""
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")


def _manifest(source: Path) -> Mapping[str, Any]:
    try:
        found = json.loads((source / MANIFEST).read_text(encoding="utf-8"))
        listed = found["sha256"]
        fits = MAIN in listed and set(listed) <= {MAIN, JOBS, *KEYS} and isinstance(found["audit_head"], str)
    except (OSError, ValueError, KeyError, TypeError):
        fits = False
    if not fits:
        raise Problem(Code.VALUE_REFUSED, f"{source} is no backup: expected {MANIFEST} as `restplatz backup` makes it.")
    missing = [each for each in listed if not (source / each).is_file()]
    if missing:
        raise Problem(Code.VALUE_REFUSED, f"{', '.join(missing)} of the backup is missing. Take another backup.")
    return found  # type: ignore[no-any-return]


def _revision(database: Path) -> str:
    engine = make_engine(f"sqlite:///{database}")
    try:
        return migrate.current(engine) or ""
    finally:
        engine.dispose()
        _fold(database)


def _copied(source: Path, target: Path) -> bool:
    if not source.is_file():
        return False
    shutil.copyfile(source, target)
    return True


def _sha256(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _to_disk(path: Path) -> None:
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
