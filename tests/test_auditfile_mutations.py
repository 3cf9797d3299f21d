"""Whatever is done to an audit file, it gives findings or a code; never a traceback, never half an import."""

import gzip
import random
import re
from pathlib import Path

import pytest

from tests.seeding import random_for
from tests.test_auditfile_import import SMALL
from tests.test_handover import state
from tests.workspace import Workspace

ACCEPTED = (
    "auditfile-invalid",
    "opening-differs",
    "kvk-differs",
    "name-differs",
    "encoding-differs",
    "offset-lines",
    "undeclared",
    "date-invalid",
    "opening-twice",
)
SOURCES = sorted(path for path in SMALL.iterdir() if not path.name.startswith("part"))
PIECES = (
    b"<",
    b">",
    b"&",
    b"\x00",
    b"\xff",
    b"</transaction>",
    b"<trLine>",
    b"-",
    b"9" * 30,
    b"1e9",
    b"2025-99-99",
    b"<!DOCTYPE a>",
    b"\r",
    b" ",
)


def mutated(data: bytes, chance: random.Random) -> bytes:
    """One to three changes: of bytes, of whole elements, of values."""
    for _ in range(chance.randint(1, 3)):
        at = chance.randrange(len(data))
        how = chance.randrange(6)
        if how == 0:
            data = data[:at] + bytes([chance.randrange(256)]) + data[at + 1 :]
        elif how == 1:
            data = data[:at] + chance.choice(PIECES) + data[at:]
        elif how == 2:
            data = data[:at]
        else:
            elements = list(re.finditer(rb"<(\w+)>([^<]*)</\1>", data))
            if elements:
                one, other = chance.choice(elements), chance.choice(elements)
                new = (b"", one[0] * 2, b"<%s>%s</%s>" % (one[1], chance.choice(PIECES[7:]), one[1]), other[0])[chance.randrange(4)]
                data = data[: one.start()] + new + data[one.end() :]
        data = data or b"<"
    return data


@pytest.mark.parametrize("part", range(4))
def test_no_mutated_file_ends_in_a_traceback_or_half_an_import(ready: Workspace, part: int, thorough: bool) -> None:
    chance = random_for(f"audit files {part}")
    ready.create(9, "Auditfile", chart=None)
    accept = [word for code in ACCEPTED for word in ("--accept", code)]
    codes: dict[str, int] = {}
    for number in range(2_500 if thorough else 25):
        path = ready.folder / "mutated.xaf"
        path.write_bytes(mutated(chance.choice(SOURCES).read_bytes(), chance))
        checked = ready.run("auditfile", "check", path)
        assert checked.code in {0, 1, 3}, (checked.out, checked.err)
        before = state(ready.office)
        answer = ready.run("auditfile", "import", path, "--administration", 9, *accept, "--replace", "--confirm")
        assert answer.code in {0, 3}, (number, answer.out, answer.err)
        code = answer.error or "imported"
        codes[code] = codes.get(code, 0) + 1
        if answer.code == 3:
            assert state(ready.office) == before
        else:
            counts = ready.ok("administration", "show", 9)["counts"]
            assert counts["years"] >= 1
    assert len(codes) > 2, codes


def test_a_claim_of_much_is_refused_in_little_memory(ready: Workspace) -> None:
    """A bomb of gzip, a text of megabytes, a depth of thousands: refused by the limit, not by the machine."""
    good = (SMALL / "good.xaf").read_bytes()
    bombs: dict[str, bytes] = {
        "bomb.gz": gzip.compress(good[:200] + b" " * (64 << 20)),
        "text.xaf": good.replace(b"Boeking", b"x" * (2 << 20)),
        "deep.xaf": good.replace(b"<periods>", b"<periods>" * 5_000),
        "entity.xaf": good.replace(b"<auditfile", b'<!DOCTYPE a [<!ENTITY b "&b;&b;">]><auditfile', 1),
        "external.xaf": good.replace(b"<auditfile", b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><auditfile', 1),
    }
    for name, content in bombs.items():
        path = Path(ready.folder / name)
        path.write_bytes(content)
        assert ready.refused("auditfile", "import", path, "--administration", 7) == "not-an-auditfile", name
