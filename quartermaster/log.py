"""Logs: one JSON dictConfig for Python and uvicorn alike, one line per event on stdout."""

from __future__ import annotations

import json
import logging
import logging.config
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any

from pythonjsonlogger.json import JsonFormatter

CONFIG = Path(__file__).parent / "logconfig.json"


class JsonLines(JsonFormatter):
    """`timestamp` (ISO 8601, UTC), `level`, `logger`, `event`, `message`, then the event's own fields."""

    def __init__(self) -> None:
        # Escaped, every letter can be written, whatever stdout takes: a path may hold any.
        super().__init__(reserved_attrs=[*_STANDARD, "color_message"], json_ensure_ascii=True)

    def add_fields(self, log_data: dict[str, Any], record: logging.LogRecord, message_dict: dict[str, Any]) -> None:
        log_data["timestamp"] = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        log_data["level"] = record.levelname
        log_data["logger"] = record.name
        log_data["event"] = getattr(record, "event", "log")
        super().add_fields(log_data, record, message_dict)


class NoSockets(logging.Filter):
    """Leaves out uvicorn's lines about single websockets: they repeat the query string, which is nobody's business."""

    def filter(self, record: logging.LogRecord) -> bool:
        said = record.getMessage()
        return not (record.name == "uvicorn.error" and ("WebSocket " in said or said.startswith("connection ")))


class HumanLines(logging.Formatter):
    """Short lines for a person: at a terminal, or in a file, where the day is worth knowing."""

    def __init__(self, datefmt: str = "%H:%M:%S") -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(message)s%(fields)s", datefmt=datefmt)

    def format(self, record: logging.LogRecord) -> str:
        said = {k: v for k, v in record.__dict__.items() if k not in _STANDARD and k not in ("event", "color_message")}
        record.fields = "".join(f" {name}={_on_a_line(value)}" for name, value in said.items() if name != "fields")
        return super().format(record)


class Appended(logging.FileHandler):
    """Adds to a file that another process writes and turns over: it is opened for each record, and never kept open."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            super().emit(record)
            self.close()
        except OSError:
            # As the library does where it writes: a full disk is said on stderr, and ends nothing that is logged.
            self.handleError(record)


def config(level: str, style: str, file: Path | None = None, *, is_anothers: bool = False) -> dict[str, Any]:
    """The dictConfig at a level (`DEBUG` …) and in a style (`json` or `human`), to stdout or to a file that rotates.

    A file that is another process's is added to, and turned over by that one alone.
    """
    loaded: dict[str, Any] = json.loads(CONFIG.read_text(encoding="utf-8"))
    used = "stdout" if file is None else "appended" if is_anothers else "file"
    loaded["root"]["handlers"] = [used]
    formatter = "human_with_day" if file and style == "human" else style
    loaded["handlers"] = {used: {**loaded["handlers"][used], "formatter": formatter}}
    if file:
        loaded["handlers"][used]["filename"] = str(file)
    loaded["loggers"]["quartermaster"]["level"] = level
    return loaded


def configure(level: str, style: str, file: Path | None = None, *, is_anothers: bool = False) -> None:
    """Apply it to this process."""
    if file:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    logging.config.dictConfig(config(level, style, file, is_anothers=is_anothers))


def write_crashes(*, aloud: bool = False) -> None:
    """From now on what nobody caught, in any thread, and what Python warns of are records as well.

    `aloud`: what nobody caught is said on stderr too, for who started the program from a terminal.
    """

    def crashed(kind: type[BaseException], error: BaseException | None, at: TracebackType | None) -> None:
        if not issubclass(kind, KeyboardInterrupt | SystemExit):
            _log.error("nobody caught %s", kind.__name__, exc_info=(kind, error or kind(), at))
            if aloud:
                sys.__excepthook__(kind, error or kind(), at)

    logging.captureWarnings(capture=True)
    sys.excepthook = crashed
    threading.excepthook = lambda failed: crashed(failed.exc_type, failed.exc_value, failed.exc_traceback)
    sys.unraisablehook = lambda failed: crashed(failed.exc_type, failed.exc_value, failed.exc_traceback)


def _on_a_line(value: object) -> str:
    """A path may hold line breaks and what terminals obey: they are shown, not done."""
    return "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in str(value))


_log = logging.getLogger(__name__)
_STANDARD = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}
