"""Texts from keyboards, mails and shells: nothing is dropped unseen, what has no width parts no words, searching is lenient."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from accountools.domain.administration import Administration, Client
from accountools.domain.identifiers import AdministrationNumber, KvkNumber, is_found, single_line
from accountools.domain.licence import is_same_name
from accountools.forms.kit.descriptions import find_administrations
from accountools.forms.screens.administrations.make import MakeAdministration
from accountools.texts import Texts
from tests.test_forms_administrations import office
from tests.workspace import HENK, Workspace

COMMAND = Path(sys.executable).with_name("accountools")


@pytest.mark.parametrize(
    "words",
    [
        ("client", "add", "--name", b"Caf\xe9", "--kvk", "99999999"),
        ("client", "add", "--name", "Nieuw", "--kvk", "99999999", "--city", b"Gen\xe8ve"),
        ("client", "add", "--name", "Nieuw", "--kvk", "99999999", "--city", b"\xe9"),
        ("client", "change", "12345678", "--city", b"\xe9\xe8", "--confirm"),
        ("client", "add", "--name", b"\xe9", "--kvk", "99999999"),
        ("licence", "import", "client.lic", "--administration", "7", "--user", b"\xe9", "--confirm"),
        ("licence", "revoke", "--issuer", "issuer", "--number", b"\xe9", "--out", "revoked.txt"),
        ("issuer", "new", "another", "--name", b"\xe9"),
        ("backup", "7", "--recipient", b"\xe9", "--confirm"),
        ("user", "add", "--administration", "7", "--name", b"Zo\xeb", "zoe"),
        ("user", "add", "--administration", "7", "--name", "Zoe", b"zo\xeb"),
        ("administration", "create", "8", "--description", b"Caf\xe9"),
        ("licence", "import", "client.lic", "--administration", "7", "--user", "new", "--user-name", b"Zo\xeb", "--confirm"),
    ],
    ids=ascii,
)
def test_bytes_that_are_not_utf8_are_wrong_usage(ready: Workspace, words: tuple[str | bytes, ...]) -> None:
    """They would have been left out: `Caf\\xe9` was stored as `Caf`, and a city of which they are all as none."""
    before = ready.run("journal").out
    given = [os.fsencode(word) for word in (*words, *ready.arguments())]
    done = subprocess.run([os.fsencode(COMMAND), *given], capture_output=True, check=False, cwd=ready.folder)
    assert done.returncode == 2
    assert b"is not text in UTF-8" in done.stderr
    assert ready.run("journal").out == before


def test_a_file_name_may_have_any_bytes(ready: Workspace) -> None:
    name = os.fsencode(ready.folder) + b"/Caf\xe9.lic"
    Path(os.fsdecode(name)).write_bytes((ready.folder / "client.lic").read_bytes())
    done = subprocess.run([os.fsencode(COMMAND), b"licence", b"show", name, *map(os.fsencode, ready.arguments())], check=False)
    assert done.returncode == 0


MARKS = ["\u00ad", "\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\u200e", "\u202a"]


@pytest.mark.parametrize("mark", MARKS)
def test_what_has_no_width_around_a_number_or_a_login_is_left_out(ready: Workspace, mark: str) -> None:
    """The sentence would say of “12345678” that it isn't eight digits."""
    added = ready.ok("client", "add", "--name", "Slagerij", "--kvk", f" {mark}9999{mark}9999{mark} ")["client"]
    assert added["kvk"] == "99999999"
    (ready.folder / "clients.csv").write_text(f"name,kvk\nSlagerij,99999999{mark}\n", "utf-8")
    assert [one["kvk"] for one in ready.ok("client", "import", ready.folder / "clients.csv")["known"]] == ["99999999"]
    user = ready.ok("user", "add", "--administration", 7, "--name", "Zoe", f"{mark} zoe {mark}")["user"]
    assert user["login"] == "zoe"
    assert ready.run("user", "add", "--administration", 7, "--name", "Zoe", f"zoe{mark}").error == "user-exists"
    assert ready.run("user", "add", "--administration", 7, "--name", "Zoe", mark).error == "login-invalid"


@pytest.mark.parametrize("mark", MARKS)
def test_what_has_no_width_within_a_login_is_named(ready: Workspace, mark: str) -> None:
    answer = ready.run("user", "add", "--administration", 7, "--name", "Zoe", f"zo{mark}e")
    assert answer.error == "login-invalid"
    assert answer.json["error"]["message"] == f"“zo\\u{ord(mark):04x}e” is not a valid login name."


@pytest.mark.parametrize("mark", MARKS)
def test_what_has_no_width_parts_no_words(ready: Workspace, mark: str) -> None:
    """A name pasted from a web page or a mail is the same name."""
    assert single_line(f"{mark}Bakke{mark}rij{mark} Jansen{mark}") == "Bakkerij Jansen"
    assert single_line(f"e{mark}\u0301") == "é"
    assert is_same_name(f"Bakke{mark}rij Jansen B.V.", "Bakkerij Jansen bv")
    added = ready.ok("client", "add", "--name", f"Sla{mark}gerij", "--kvk", "99999999", "--city", f"Del{mark}ft")["client"]
    assert (added["name"], added["city"]) == ("Slagerij", "Delft")
    assert ready.run("client", "add", "--name", mark, "--kvk", "99999998").error == "name-missing"


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("cafe", True),
        ("CAFÉ", True),
        ("cafe\u0301", True),
        ("hoek caf", True),
        ("ca\u00adfe", True),
        ("strasse", True),
        ("\u200b", True),
        ("cave", False),
        ("café bakker", False),
    ],
)
def test_a_search_finds_a_name_whatever_its_accents(typed: str, found: bool) -> None:
    for name in ("Café 't Hoekje, Straße 1", "Cafe\u0301 ’t Hoekje, STRASSE 1"):
        assert is_found(typed, name) is found
        pair = (Administration(AdministrationNumber(7), name), Client(KvkNumber("12345678"), "X", ""))
        assert bool(find_administrations(typed, [pair])) is found


def test_the_lists_of_the_screens_are_searched_so(ready: Workspace) -> None:
    ready.ok("client", "add", "--name", "Café Zoë", "--kvk", "99999999", "--city", "Genève")
    form = MakeAdministration(office(ready), Texts("nl"))
    for typed in ("cafe", "zoe\u0308", "GENEVE", "café geneve"):
        assert [one.name for one in form.clients(typed)] == ["Café Zoë"], typed


PIPED = {
    "licence show": ("licence", "show", "{pipe}"),
    "licence import": ("licence", "import", "{pipe}", "--administration", "7", "--user", HENK, "--confirm"),
    "trust": ("licence", "show", "client.lic", "--trust", "{pipe}"),
    "clients": ("client", "import", "{pipe}"),
    "chart": ("administration", "create", "8", "--description", "x", "--chart", "{pipe}"),
    "verify": ("verify", "{pipe}"),
    "rehearse": ("rehearse", "{pipe}"),
    "since": ("audit", "--since", "{pipe}"),
}


@pytest.mark.skipif(not Path("/dev/stdin").exists(), reason="no /dev/stdin here")
@pytest.mark.campaign(10)
@pytest.mark.parametrize("pipe", ["/dev/stdin", "<(cat)"])
@pytest.mark.parametrize("what", PIPED)
def test_a_pipe_serves_where_a_file_is_read(ready: Workspace, what: str, pipe: str) -> None:
    sources = {
        "trust": ready.trust.read_bytes,
        "clients": lambda: b"name;kvk\nNieuw;99999999\n",
        "chart": lambda: b"code;name\n1000;Kas\n",
        "verify": lambda: ready.backup().read_bytes(),
        "rehearse": lambda: ready.backup().read_bytes(),
        "since": lambda: b"client,kvk,number,licence_number,licence_status,valid_until\n",
    }
    data = sources.get(what, (ready.folder / "client.lic").read_bytes)()
    words = [f"'{word}'" if word != "{pipe}" else pipe for word in PIPED[what]]
    rest = " ".join(f"'{word}'" for word in ready.arguments())
    line = f"cat | '{COMMAND}' {' '.join(words)} {rest}" if pipe == "/dev/stdin" else f"exec 3<&0; '{COMMAND}' {' '.join(words)} {rest}"
    line = line.replace("<(cat)", "<(cat <&3)")
    done = subprocess.run(["bash", "-c", line], input=data, capture_output=True, check=False, cwd=ready.folder)
    assert done.returncode == 0, done.stderr + done.stdout
