"""Web processes, and a worker beside them for the embedded default. Nothing here loads the solver."""

from __future__ import annotations

import errno
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from types import FrameType

import structlog
import uvicorn
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess

from api import logs
from api.settings import Settings

_log = structlog.get_logger("restplatz.serving")
_AGAIN_SECONDS = 5.0
"""A worker that died is started again after so long."""
_LET_GO_SECONDS = 30.0
_GRACE_SECONDS = 10
REFUSED = 2
"""Exit code of a worker that says why it cannot work: starting it again would not help."""


def refuse_taken(settings: Settings, host: str, port: int) -> None:
    """Return where the port can be listened at.

    Raises
    ------
    SystemExit
        1 where it cannot; why stands on stderr and in the log.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, kind, protocol, _, address = found[0]
        with socket.socket(family, kind, protocol) as tried:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            tried.bind(address)
    except OSError as error:
        logs.configure(settings.log_format, settings.log_level)
        reason = errno.errorcode.get(error.errno or 0, type(error).__name__)
        _log.error("cannot_listen", host=host, port=port, reason=reason)  # no trace: it is no defect
        print(  # noqa: T201  # for whoever started it
            f"Cannot listen at {host}, port {port}: {error.strerror}. Choose another with --host and --port, or end "
            "what listens there.",
            file=sys.stderr,
        )
        raise SystemExit(1) from None


def address_of(host: str, port: int) -> str:
    """Return the address under which what listens at ``host`` is reached from this machine."""
    if host in ("0.0.0.0", "::", ""):  # noqa: S104  # not to listen there: what listens there is reached here too
        host = "127.0.0.1"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def serve_web(settings: Settings, *, host: str, port: int, processes: int) -> None:
    """Serve until told to end; returns then, or raises ``SystemExit`` where the port is taken."""
    logs.configure(settings.log_format, settings.log_level)

    def end(number: int, frame: FrameType | None) -> None:  # noqa: ARG001  # the interface of signals
        raise SystemExit(0)

    # uvicorn raises the signal that ended it once more: without this nobody would end the worker beside it.
    signal.signal(signal.SIGTERM, end)
    config = _Prompt(
        "api.app:settled_app", factory=True, host=host, port=port, workers=processes if processes > 1 else None,
        log_config=None, access_log=False, server_header=False, date_header=True, proxy_headers=False,
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )  # fmt: skip
    # As `uvicorn.run` does it, which takes no configuration of our own.
    with suppress(KeyboardInterrupt):
        if processes > 1:
            Multiprocess(config, sockets=[config.bind_socket()]).run()
            return
        server = uvicorn.Server(config)
        server.run()
        if not server.started:
            raise SystemExit(STARTUP_FAILURE)


class _Prompt(uvicorn.Config):
    """What several processes share listens without waiting for more to send.

    Event loops see to that for sockets that they open themselves. Of the one that is handed to several processes they
    do not know that it is TCP, and the second part of each answer, its body, then waited up to 40 ms until the caller
    had acknowledged the first.
    """

    def bind_socket(self) -> socket.socket:
        """Return the socket that all processes listen at; connections inherit what is set here."""
        bound = super().bind_socket()
        if bound.family in (socket.AF_INET, socket.AF_INET6):
            bound.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return bound


@dataclass(slots=True)
class Beside:
    """A worker in a process of its own, started again where it dies."""

    _process: subprocess.Popen[bytes] | None = None
    _ending: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @classmethod
    @contextmanager
    def started(cls) -> Iterator[Beside]:
        """Yield the worker, which ends with the block."""
        beside = cls()
        beside._start()
        watch = threading.Thread(target=beside._watch, name="beside", daemon=True)
        watch.start()
        try:
            yield beside
        finally:
            beside._end()

    @property
    def pid(self) -> int | None:
        """Id of the process."""
        return None if self._process is None else self._process.pid

    def _start(self) -> None:
        with self._lock:
            if self._ending.is_set():
                return
            # Settings come from the environment, which it shares.
            command = [sys.executable, "-m", "api.cli", "worker", "--parent", str(os.getpid())]
            # A group of its own: Ctrl-C ends the web first, and that ends the worker.
            self._process = subprocess.Popen(command, start_new_session=True)  # noqa: S603  # our own command

    def _watch(self) -> None:
        while not self._ending.is_set():
            process = self._process
            code = None if process is None else process.wait()
            if self._ending.is_set():
                return
            if code == REFUSED:
                _log.error("worker_refused")
                return
            _log.warning("worker_died", code=code)
            self._ending.wait(_AGAIN_SECONDS)
            self._start()

    def _end(self) -> None:
        with self._lock:
            self._ending.set()
        process = self._process
        if process is None or process.poll() is not None:
            return
        process.terminate()
        try:
            process.wait(_LET_GO_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
