"""Logs: structured lines in which only known fields stand, so that nothing about a person can slip in.

An allow-list decides, not a list of what is forbidden. A field must be known by name (``KNOWN``), and its value must
look like an id, a code or a number. Of an error its kind and the places in the code are told, never its text: that may
hold what was sent, or a statement with its values. Of other libraries a constant message is told where they write
templates (``uvicorn``), else only the place in the code that wrote it.
"""

from __future__ import annotations

import logging
import re
import sys
import traceback
import uuid
from collections.abc import Mapping, MutableMapping
from datetime import date, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO

import structlog
from structlog.types import EventDict, ExcInfo, Processor, WrappedLogger

KNOWN = frozenset({
    "event", "level", "timestamp", "logger", "where", "kind", "frames",
    "request_id", "method", "route", "path", "status", "ms", "account", "code",
    "run", "proposal", "request", "duty", "endpoint", "message", "organisation", "topic", "state", "horizon", "night",
    "worker", "job", "step", "reason", "action", "attempts", "count", "done", "failed", "seconds", "version",
    "revision", "dialect", "host", "port",
})  # fmt: skip
"""Fields that a line may have. Whoever adds one answers for what it holds."""
LEFT_OUT = "(left out)"
_SAID = re.compile(r"[\w.:/+{}*()-]{0,120}")
"""A value of a field: no blank, so no sentence."""
_EVENT = re.compile(r"[a-z][a-z0-9_.]*( [a-z0-9_.]+){0,7}")
"""An event is a constant of up to eight words in lower case; what varies belongs into fields."""
_TEMPLATES = ("uvicorn.error", "uvicorn")
"""Loggers whose messages are constant templates with arguments apart."""
_SILENT = ("uvicorn.access",)
"""Loggers that write what we write ourselves, with addresses and queries in it."""
_PLACED = ("dbos",)
"""Loggers that would add a handler of their own."""
CHATTY = ("alembic", "dbos", "httpx2", "weasyprint", "fontTools")
"""Loggers of libraries that tell each of their steps."""
_UNTOLD = "a library's message, not shown"
_FRAMES = 12
_ROOT = Path(__file__).resolve().parent.parent


def configure(form: str = "json", level: str = "info", stream: TextIO | None = None) -> None:
    """Let everything that this process logs go through here: ours, the web server's, that of durable jobs.

    Parameters
    ----------
    form
        ``json``: one object a line; ``text``: for people.
    level
        Least level: ``debug``, ``info``, ``warning``, ``error``.
    stream
        ``None``: standard error.
    """
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    renderer: Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if form == "json"
        else structlog.dev.ConsoleRenderer(colors=False)
    )
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, _of_a_library],
            processors=[
                errors_without_text, only_known, structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer,
            ],
        )
    )  # fmt: skip
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    for name in ("uvicorn", *_TEMPLATES, *_SILENT):
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [], True
    for name in _SILENT:
        logging.getLogger(name).disabled = True
    for name in _PLACED:
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [handler], False
    for name in CHATTY:
        # Below a warning they tell how they work, of which nothing but the place could be shown.
        logging.getLogger(name).setLevel(level.upper() if level != "info" else "WARNING")
    logging.captureWarnings(capture=True)


def only_known(logger: WrappedLogger, name: str, line: EventDict) -> EventDict:  # noqa: ARG001  # structlog's interface
    """Let only known fields with harmless values through."""
    # structlog's own two fields are taken out by it afterwards.
    kept: EventDict = {key: line[key] for key in ("_record", "_from_structlog") if key in line}
    for key, value in line.items():
        if key == "event":
            is_ours = bool(line.get("_from_structlog", True))
            kept[key] = value if not is_ours or _is_event(value) else LEFT_OUT
        elif key in KNOWN:
            kept[key] = _harmless(value)
    return kept


def errors_without_text(logger: WrappedLogger, name: str, line: EventDict) -> EventDict:  # noqa: ARG001
    """Put the kind of an error and the places in the code in place of its text."""
    record = line.get("_record")
    found = line.pop("exc_info", None) or getattr(record, "exc_info", None)
    line.pop("stack_info", None)
    if isinstance(record, logging.LogRecord):
        # The formatter would add the text of these by itself.
        record.exc_info = record.exc_text = record.stack_info = None
    error, trace = _error_of(found)
    if error is None:
        return line
    line["kind"] = type(error).__qualname__
    line["frames"] = frames(trace)
    return line


def told_of(error: BaseException) -> dict[str, Any]:
    """Return the fields that tell of an error; better than ``exc_info`` where logs may not have been configured."""
    return {"kind": type(error).__qualname__, "frames": frames(error.__traceback__)}


def frames(trace: TracebackType | None) -> list[str]:
    """Return the innermost places of a trace as ``file:line:function``; no values, no source lines."""
    return [
        f"{_place(frame.filename)}:{frame.lineno}:{frame.name.strip('<>')}"
        for frame in traceback.extract_tb(trace)[-_FRAMES:]
    ]


def _error_of(found: ExcInfo | BaseException | bool | None) -> tuple[BaseException | None, TracebackType | None]:
    if found is True:
        _, error, trace = sys.exc_info()
        return error, trace
    if isinstance(found, BaseException):
        return found, found.__traceback__
    if isinstance(found, tuple):
        return found[1], found[2]
    return None, None


def _of_a_library(logger: WrappedLogger, name: str, line: MutableMapping[str, Any]) -> EventDict:  # noqa: ARG001
    record: logging.LogRecord = line["_record"]
    if record.name in _TEMPLATES and isinstance(record.msg, str):
        # The template without its arguments. What is no template has no place for any.
        # What is told whole stands in the line already, with its arguments.
        if record.msg not in _TOLD_WHOLE:
            line["event"] = record.msg.strip() if "%" in record.msg or record.msg in _CONSTANT else _UNTOLD
    else:
        line["event"] = _UNTOLD
    line["where"] = f"{_place(record.pathname)}:{record.lineno}"
    return line


_TOLD_WHOLE = frozenset({
    "Finished server process [%d]",
    "Started server process [%d]",
    "Uvicorn running on %s://%s:%d (Press CTRL+C to quit)",
    "Uvicorn running on %s://[%s]:%d (Press CTRL+C to quit)",
})  # fmt: skip
"""Messages of the web server whose arguments are ours: where it listens, and numbers of processes."""
_CONSTANT = frozenset({
    "Application shutdown complete.",
    "Application startup complete.",
    "Exception in ASGI application\n",
    "Invalid HTTP request received.",
    "Shutting down",
    "Waiting for application shutdown.",
    "Waiting for application startup.",
})  # fmt: skip
"""Messages of the web server that say nothing that varies."""


def _place(file: str) -> str:
    path = Path(file)
    if path.is_relative_to(_ROOT) and "site-packages" not in path.parts:
        return path.relative_to(_ROOT).as_posix()
    return "/".join(path.parts[-2:])


def _is_event(value: object) -> bool:
    return isinstance(value, str) and _EVENT.fullmatch(value) is not None


def _harmless(value: object) -> object:
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, uuid.UUID | datetime | date):
        return str(value).replace(" ", "T")
    if isinstance(value, str):
        return str(value) if _SAID.fullmatch(value) else LEFT_OUT
    if isinstance(value, Mapping):
        return LEFT_OUT
    if isinstance(value, list | tuple | set | frozenset):
        return [_harmless(each) for each in value]
    return LEFT_OUT
