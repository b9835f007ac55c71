"""The command line: what each word does, what it prints and how it exits."""

from __future__ import annotations

import argparse
import errno
import logging
import re
import sys
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from quartermaster import log
from quartermaster.about import program_version
from quartermaster.commands import FINDING, MISUSE, OK, WITHOUT_PAGES
from quartermaster.settings import Settings, WrongSetting, check_whose_data, load, mistyped, wants_json
from quartermaster.storage.failures import StorageFailure
from quartermaster.window.part import ServerPart
from quartermaster.window.serving import BEHIND

LOGGED = ("serve", "migrate")
"""The commands whose output is a log: what a container runs."""
WITHOUT_DATA = ("health", "passwd")
"""The commands that need no data file."""
NO_ROOM = (errno.ENOSPC, errno.EDQUOT)
EPILOG = """\
Without a command, Quartermaster opens its window where there is a display and a webview;
otherwise it serves on 127.0.0.1 and prints the address to open in a browser.

Exit codes: 0 all is well, 1 refused or something was found, 2 a setting or a word is wrong;
sync also 3 when the server cannot be reached and 4 when it refuses.
Settings come from QUARTERMASTER_* in the environment or in a .env file; docs/operations.md lists them.
"""

_log = logging.getLogger(__name__)


def main(argv: list[str] | None = None, part: ServerPart | None = None) -> None:
    """Run one command and exit. `part` is the server part of a window, if it was started already."""
    if (sys.argv[1:] if argv is None else argv) == [BEHIND]:
        sys.exit(_behind_the_window())
    words = parser().parse_args(argv)
    if _in_json(words):
        # From the first line on; again at the level that is set, once the settings are known.
        log.configure("INFO", "json")
        log.write_crashes()
    try:
        code = _window(words, part) if _wants_window(words) else _run(words)
    except (WrongSetting, StorageFailure, OSError) as error:
        sentence, code = _refusal(error)
        _say(words, logging.ERROR, sentence)
        if _wants_window(words):
            _tell(sentence, code, part)
    finally:
        if part:
            part.end()
    sys.exit(code)


def _refusal(error: Exception) -> tuple[str, int]:
    """What to tell the person, and the code to exit with."""
    if isinstance(error, OSError):
        named = error.filename or "A file"
        mend = "Free some space, then try again" if error.errno in NO_ROOM else "Check that it is there and yours"
        return f"{named} cannot be used: {error.strerror}. {mend}.", FINDING
    return str(error), MISUSE if isinstance(error, WrongSetting) else FINDING


def parser() -> argparse.ArgumentParser:
    """All commands and their words."""
    whole = argparse.ArgumentParser(
        prog="quartermaster",
        description="A household's zero-based budget: every unit of income has a job, every month ends at zero.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    whole.add_argument("--version", action="version", version=f"%(prog)s {program_version()}")
    commands = whole.add_subparsers(dest="command", metavar="COMMAND", title="commands")
    serve = commands.add_parser("serve", help="serve to browsers, logging JSON lines to stdout")
    serve.add_argument("--host", help="address to listen on (default: QUARTERMASTER_HOST, else 127.0.0.1)")
    serve.add_argument("--port", type=int, help="port to listen on (default: QUARTERMASTER_PORT, else 8080)")
    demo = commands.add_parser("demo", help="open a demo household, in a data file of its own")
    demo.add_argument("--port", type=int, help="serve on this port instead of opening a window")
    backup = commands.add_parser("backup", help="copy the live database into one verified file")
    backup.add_argument("reason", nargs="*", help="becomes part of the file's name")
    backup.add_argument("--check", action="store_true", help="make none; say how old and how sound the newest one is")
    backup.add_argument(
        "--older-than", type=_duration, default="26h", help="for --check: 90m, 26h or 7d (default: 26h)"
    )
    restore = commands.add_parser("restore", help="bring a backup back; what is there is backed up first")
    which = restore.add_mutually_exclusive_group(required=True)
    which.add_argument("file", type=Path, nargs="?", help="a backup that Quartermaster made")
    which.add_argument(
        "--before-migration",
        action="store_true",
        help="take a later version's upgrade back, if nothing was written since",
    )
    export = commands.add_parser("export", help="write all postings into a CSV file")
    export.add_argument("file", type=Path, help="where to; - is stdout; a file that is there is not replaced")
    importing = commands.add_parser("import", help="add the postings of a CSV file: all of them, or none")
    importing.add_argument("file", type=Path, help="a file with the columns date, entry and amount")
    commands.add_parser("migrate", help="bring the data file to this program's version, after a backup, and end")
    health = commands.add_parser("health", help="ask the running server how it is")
    health.add_argument("--port", type=int, help="the port that it listens on (default: QUARTERMASTER_PORT, else 8080)")
    passwd = commands.add_parser("passwd", help="make a line for a file of passwords (htpasswd)")
    passwd.add_argument("name", help="the person's name; the password is asked for, or read from stdin")
    doctor = commands.add_parser("doctor", help="check the database and replay its change log")
    doctor.add_argument("--against", metavar="URL", help="also say where it differs from the server at this address")
    commands.add_parser("sync", help="exchange changes with the household's server once")
    return whole


def _run(words: argparse.Namespace) -> int:
    given: dict[str, Any] = {
        name: value for name in ("host", "port") if (value := getattr(words, name, None)) not in (None, "")
    }
    settings = _loaded(words, server=words.command in LOGGED, overrides=given)
    if words.command in WITHOUT_PAGES:
        return WITHOUT_PAGES[words.command](settings, words)
    # Imported here: the other commands need no pages and answer at once.
    from quartermaster.app import run_server

    in_demo = words.command == "demo"
    return run_server(settings, style="human" if in_demo else "json", demo=in_demo)


def _loaded(words: argparse.Namespace, *, server: bool, overrides: Mapping[str, Any] | None = None) -> Settings:
    settings = load(server=server, overrides=overrides)
    if words.command not in WITHOUT_DATA:
        check_whose_data(settings)
    for sentence in mistyped():
        _say(words, logging.WARNING, sentence)
    return settings


def _say(words: argparse.Namespace, level: int, sentence: str) -> None:
    """To the person who started the program, on stderr; where all is to be JSON, in the log."""
    if _in_json(words):
        _log.log(level, sentence)
    else:
        print(f"quartermaster: {sentence}", file=sys.stderr)


def _in_json(words: argparse.Namespace) -> bool:
    return words.command in LOGGED and wants_json()


def _wants_window(words: argparse.Namespace) -> bool:
    return words.command is None or (words.command == "demo" and words.port is None)


def _window(words: argparse.Namespace, part: ServerPart | None) -> int:
    """The window where one can be; the browser otherwise, where one can be; the address in any case."""
    from quartermaster.window.lacking import has_display, lacking

    settings, demo = _loaded(words, server=False), words.command == "demo"
    missing = lacking()
    if missing is None:
        from quartermaster.window.frame import leave
        from quartermaster.window.opening import NoWindow, Place, open_window

        try:
            written = settings.log_file, settings.log_level, settings.log_style("human")
            leave(open_window(Place.beside(settings.database, *written), part, demo=demo))
        except NoWindow as error:
            missing = str(error)
    if part:
        part.end()
    print(f"No window: {missing}", file=sys.stderr)
    from quartermaster.app import run_in_browser, run_server
    from quartermaster.window.only_one import folder_beside

    settings = settings.model_copy(update={"host": "127.0.0.1"})
    if has_display():
        return run_in_browser(settings, folder_beside(settings.database) / ("demo" if demo else "browser"), demo=demo)
    return run_server(settings, style="human", demo=demo)


def _tell(sentence: str, code: int, part: ServerPart | None) -> None:
    """In a window, since nobody may be at a terminal; where one can be, its end is that of the program."""
    from quartermaster.window.lacking import lacking

    if lacking() is None:
        from quartermaster.window.frame import leave
        from quartermaster.window.opening import tell

        tell(sentence)
        if part:
            part.end()
        leave(code)


def _behind_the_window() -> int:
    from quartermaster.window.serving import Line

    line = Line()
    try:
        settings = load(server=False)
        # Before anything can crash: the window says that what happened is in the log.
        log.configure(settings.log_level, settings.log_style("human"), settings.log_file)
        log.write_crashes()
        from quartermaster.app import run_behind_window

        return run_behind_window(settings, line)
    except (WrongSetting, StorageFailure, OSError) as error:
        line.refused(*_refusal(error))
        return OK


def _duration(typed: str) -> timedelta:
    found = re.fullmatch(r"(\d{1,6})([mhd])", typed)
    if not found:
        raise argparse.ArgumentTypeError(f"{typed!r} is no time such as 90m, 26h or 7d")
    return int(found[1]) * {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}[found[2]]
