"""Settings, from the environment (``RESTPLATZ_…``) or a file ``.env``; every one has a default that works at once."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from datetime import time, timedelta
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, AnyHttpUrl, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from api.deadlines import Answering
from api.settings_checks import (
    LEAST_SECRET,
    ROAD_FILES,
    Rate,
    all_long_enough,
    known_database,
    listed,
    long_enough,
    readable_networks,
    safe_tiles,
    whole_client,
    whole_roads,
)


class Settings(BaseSettings):
    """All settings.

    ``database_url`` decides between SQLite and PostgreSQL; ``folder`` holds what is kept in files: the SQLite database,
    the secret that signs, the drop folder of the nightly import.
    """

    model_config = SettingsConfigDict(
        env_prefix="RESTPLATZ_", env_file=".env", extra="ignore", frozen=True, validate_default=True,
        hide_input_in_errors=True,
    )  # fmt: skip

    folder: Annotated[Path, Field(description="Folder of what is kept in files.")] = Path("var")
    database_url: Annotated[
        str,
        AfterValidator(known_database),
        Field(description="`postgresql+psycopg://user:password@host/name`; empty: SQLite in the folder."),
    ] = ""
    secret: Annotated[
        SecretStr | None,
        AfterValidator(long_enough),
        Field(description="Signs cursors and sign-ins, 32 characters or more; empty: made once, kept in the folder."),
    ] = None  # fmt: skip
    address_keys: Annotated[
        SecretStr,
        AfterValidator(all_long_enough),
        Field(
            description="Seal pick-up addresses and secrets of webhooks, 32 characters or more each, by commas: the "
            "first seals, all open; empty: made once, kept in the folder."
        ),
    ] = SecretStr("")
    public_url: Annotated[
        AnyHttpUrl,
        Field(description="Address under which people reach the service; left out: where `restplatz serve` listens."),
    ] = AnyHttpUrl("http://127.0.0.1:8000")  # fmt: skip
    zaiport_url: Annotated[
        AnyHttpUrl | None, Field(description="Address of the ministry's ZAIPort, linked from the information area.")
    ] = None  # fmt: skip
    # Before the tiles, whose address is checked by it.
    map_layers: Annotated[
        str,
        Field(description="Layers of a WMS, by commas; empty: `RESTPLATZ_MAP_TILES` has places for tiles (XYZ)."),
    ] = ""
    map_tiles: Annotated[
        str,
        AfterValidator(safe_tiles),
        Field(
            description="Map behind the board's outlines, from a server of your own: `https://host/{z}/{x}/{y}.png`, "
            "or the address of a WMS; empty: the outlines alone, which ship."
        ),
    ] = ""
    map_attribution: Annotated[str, Field(description="What the map's licence wants to be said.")] = ""
    log_format: Annotated[Literal["json", "text"], Field(description="How logs are written.")] = "json"
    log_level: Annotated[Literal["debug", "info", "warning", "error"], Field(description="Least level of logs.")] = (
        "info"
    )

    # Signing in
    oidc_issuer: Annotated[
        AnyHttpUrl | None, Field(description="Identity provider (OpenID Connect); empty: local accounts only.")
    ] = None  # fmt: skip
    oidc_audience: Annotated[str, Field(description="Audience that bearer tokens must name.")] = "restplatz"
    oidc_client_id: Annotated[
        str,
        AfterValidator(whole_client),
        Field(description="Client of the pages at the identity provider; empty: it is asked for bearer tokens alone."),
    ] = ""
    oidc_client_secret: Annotated[
        SecretStr, Field(description="Its secret; empty: a public client, which has PKCE alone.")
    ] = SecretStr("")
    local_accounts: Annotated[bool, Field(description="Whether accounts with a password may sign in.")] = True
    session_hours: Annotated[float, Field(gt=0, le=24, description="Hours after which a page must sign in again.")] = 10
    sign_in_attempts: Annotated[int, Field(ge=1, description="Wrong passwords after which an account is locked.")] = 5
    sign_in_lock_minutes: Annotated[int, Field(ge=1, description="Minutes for which it stays locked.")] = 15

    # Limits
    max_body_bytes: Annotated[int, Field(ge=1024, description="Largest body of a call.")] = 1_000_000
    max_import_bytes: Annotated[int, Field(ge=1024, description="Largest body of a bulk import.")] = 32_000_000
    rate: Annotated[Rate, Field(description="Calls that an account may make.")] = "1200/minute"
    rate_anonymous: Annotated[Rate, Field(description="Calls of an address that is not signed in.")] = "60/minute"
    rate_sign_in: Annotated[Rate, Field(description="Attempts to sign in that an address may make.")] = "10/minute"
    trusted_proxies: Annotated[
        str,
        AfterValidator(readable_networks),
        Field(description="Networks of proxies whose X-Forwarded-For is believed, as `10.0.0.0/8, 127.0.0.1`."),
    ] = ""  # fmt: skip
    pool_size: Annotated[int, Field(ge=1, description="Connections to PostgreSQL of a process.")] = 20
    web_threads: Annotated[
        int, Field(ge=1, description="Calls that a web process answers at once on PostgreSQL; others wait their turn.")
    ] = 4  # fmt: skip

    # Operation
    metrics_public: Annotated[
        bool, Field(description="Whether calls from this machine itself get /v1/metrics without sign-in.")
    ] = False  # fmt: skip
    webhook_private_addresses: Annotated[
        bool, Field(description="Whether webhooks may go to private addresses, and without https.")
    ] = False  # fmt: skip

    # Runs
    worker_id: Annotated[str, Field(description="Stable name of a worker, unique among all; empty: the host's.")] = ""
    solve_seconds: Annotated[float, Field(gt=0, description="Wall-clock seconds of a run on demand.")] = 60
    match_seconds: Annotated[float, Field(gt=0, description="Wall-clock seconds of a continuous match.")] = 10
    nightly_seconds: Annotated[float, Field(gt=0, description="Wall-clock seconds of the nightly run.")] = 1800
    solver_workers: Annotated[int, Field(ge=1, description="Threads of the solver.")] = 2
    nightly_at: Annotated[time, Field(description="Local time of the nightly run (Europe/Berlin).")] = time(2)
    nightly_days: Annotated[int, Field(ge=1, le=14, description="Days that the nightly run matches.")] = 7
    is_nightly_scheduled: Annotated[
        bool, Field(description="Whether workers start the nightly run; off: cron or systemd does.")
    ] = True  # fmt: skip
    poll_seconds: Annotated[float, Field(gt=0, le=10, description="Seconds between two looks at the outbox.")] = 0.5
    tolerance_seconds: Annotated[
        int, Field(ge=0, description="Seconds by which a later match may move a promised stop.")
    ] = 0  # fmt: skip
    travel: Annotated[
        Literal["great_circle", "road_graph"],
        Field(description="Source of travel times, the same for web and workers: `great_circle` or `road_graph`."),
    ] = "great_circle"
    travel_folder: Annotated[
        Path | None,
        AfterValidator(whole_roads),
        Field(description=f"Folder of the road graph: `{ROAD_FILES[0]}` and `{ROAD_FILES[1]}`."),
    ] = None

    # Simulations
    simulation_database_url: Annotated[
        str,
        AfterValidator(known_database),
        Field(
            description="PostgreSQL by a role that only reads what simulations start from, see `restplatz "
            "simulation-role`; empty: the role of `RESTPLATZ_DATABASE_URL`, in transactions that only read."
        ),
    ] = ""
    simulation_processes: Annotated[
        int, Field(ge=1, le=64, description="Processes of a worker for a simulation; they give way to all others.")
    ] = 1
    simulation_cluster: Annotated[
        str, Field(description="Scheduler of a Dask cluster for simulations, as `tcp://10.0.0.5:8786`; empty: none.")
    ] = ""

    # Answering
    opens: Annotated[time, Field(description="Office hours begin (local time).")] = time(8)
    closes: Annotated[time, Field(description="Office hours end.")] = time(16)
    fall_back_hours: Annotated[
        float, Field(ge=0, description="Hours before the pick-up at which an unplaced request goes back to its ABH.")
    ] = 48  # fmt: skip
    freeze_hours: Annotated[
        float, Field(ge=0, description="Hours before the pick-up at which a promise is frozen.")
    ] = 12

    @cached_property
    def address(self) -> str:
        """Address of the database."""
        return self.database_url or f"sqlite:///{self.folder / 'restplatz.db'}"

    @cached_property
    def jobs_address(self) -> str:
        """Address of the database of durable jobs: on SQLite a file of its own, else the same database."""
        return self.database_url or f"sqlite:///{self.folder / 'jobs.db'}"

    @cached_property
    def snapshot_address(self) -> str:
        """Address by which simulations read what they start from."""
        return self.simulation_database_url or self.address

    @cached_property
    def map_origin(self) -> str:
        """Scheme, host and port of the map's server, as the content security policy names it; empty without one."""
        parts = urlsplit(self.map_tiles)
        return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""

    @cached_property
    def drop_folder(self) -> Path:
        """Folder from which the nightly run imports."""
        return self.folder / "import"

    @cached_property
    def answering(self) -> Answering:
        """Parameters of answering."""
        return Answering(opens=self.opens, closes=self.closes, fall_back=timedelta(hours=self.fall_back_hours))

    def road_files(self) -> tuple[Path, Path]:
        """Return nodes and edges of the road graph, where it is the source of travel times."""
        if self.travel_folder is None:
            raise AssertionError("the settings see to it that a road graph has its folder")
        return self.travel_folder / ROAD_FILES[0], self.travel_folder / ROAD_FILES[1]

    def signing_key(self) -> bytes:
        """Return the secret that signs; without a setting it is made once, and kept in the folder."""
        return self._kept("secret") if self.secret is None else self.secret.get_secret_value().encode()

    def sealing_keys(self) -> list[bytes]:
        """Return the keys that seal pick-up addresses, the present one first; kept as ``signing_key``."""
        return [key.encode() for key in listed(self.address_keys)] or [self._kept("address_key")]

    def _kept(self, name: str) -> bytes:
        path = self.folder / name
        if not path.exists():
            self.folder.mkdir(parents=True, exist_ok=True)
            # Only this user may read it; written whole before it has its name, and whoever comes first names it.
            draft = self.folder / f".{name}.{secrets.token_hex(8)}"
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(secrets.token_urlsafe(48))
            with suppress(FileExistsError):
                os.link(draft, path)
            draft.unlink()
        found = path.read_bytes()
        if len(found) < LEAST_SECRET:
            raise ValueError(f"{path}: expected {LEAST_SECRET} bytes or more. Take it from a backup, or remove it.")
        return found
