"""Standard output and standard error as they are found: closed, full, or in an encoding that lacks a character.

Writing never raises: what was done stays done when nobody can be informed, and the caller knows from the result that nobody was.
"""

import io
import json
import os
import re
import sys
from contextlib import suppress
from typing import Any, TextIO

# what a terminal obeys or shows in another order: controls, line separators, marks of direction; and lone surrogates, which aren't UTF-8
_NOT_PRINTABLE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def open_missing_streams(*, messages_on_output: bool) -> None:
    """Give a process without standard streams (cron, pythonw, `2>&-`) ones that can be written to.

    Their numbers are taken too: the next file that is opened would get them, and with it whatever a library prints. `messages_on_output`:
    without a standard error, messages go to standard output.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            with suppress(OSError):
                os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)  # it takes the lowest free number
    if sys.stderr is None:
        nowhere = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115 - to the end of the process
        sys.stderr = (sys.stdout if messages_on_output else None) or nowhere
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # also replaces lone surrogates, from the names of files


def write_output(text: str) -> bool:
    """Write a line on standard output; gives whether it could be written. A reader that stopped reading has what it wanted."""
    return _write(sys.stdout, f"{printable(text)}\n")


def write_document(document: dict[str, Any]) -> bool:
    """Write a JSON document as `write_output` does: in UTF-8, else in ASCII, which is the same in other encodings."""
    is_utf8 = (getattr(sys.stdout, "encoding", None) or "utf-8").lower().replace("_", "-") in {"utf-8", "utf8"}
    return write_output(json.dumps(document, ensure_ascii=not is_utf8, indent=2))


def write_message(text: str) -> bool:
    """Write a message on standard error; gives whether it could be written."""
    return _write(sys.stderr, f"{printable(text)}\n")


def write_progress(text: str) -> bool:
    """Write a line in place of the last one, on the terminal that standard error is; gives whether it could be written."""
    return _write(sys.stderr, f"\r\x1b[K{printable(text)}")


def printable(text: str) -> str:
    """Lines with the escapes of JSON in place of what a terminal would obey: they may hold a file's name, a licence, the register."""
    return _NOT_PRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _write(stream: TextIO | None, text: str) -> bool:
    if stream is None:
        return False
    try:
        stream.write(text)
        stream.flush()
    except (OSError, ValueError) as error:  # the latter from a closed stream
        discard(stream)
        return isinstance(error, BrokenPipeError)
    return True


def discard(stream: TextIO) -> None:
    """Let what a stream still holds, and what is written to it later, go nowhere: Python's own flush at the end would fail on it."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
