"""Whether a backup is sound doesn't depend on the reader's tables of Unicode.

Texts are normalised when it is made, and compared as they are when it is read.
"""

import contextlib
import json
import sqlite3
import unicodedata
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accountools.domain import identifiers
from accountools.domain.errors import Refused
from accountools.domain.identifiers import Login, is_single_line, single_line
from tests.test_backup_file import forge
from tests.test_handover import image_of, manifest_of, post_books, state
from tests.workspace import CLIENT_KVK, Workspace

NEWER = "Zoë ẞ ₹ Ꜳ 😀 \U0001fae0"  # letters and signs of Unicode 1 to 14
OLD = unicodedata.ucd_3_2_0


class Tables:
    """Tables of another version, in which everything of these characters is something else."""

    def __init__(self, changed: str) -> None:
        self._changed = changed

    def category(self, character: str) -> str:
        return "Cf" if character in self._changed else unicodedata.category(character)

    def normalize(self, form: Any, text: str) -> str:
        return unicodedata.normalize(form, "".join("e" if character in self._changed else character for character in text))

    def is_normalized(self, form: Any, text: str) -> bool:
        return self.normalize(form, text) == text


OTHERS = {"older": OLD, "newer": Tables("ẞ₹Ꜳ\U0001fae0"), "with other letters": Tables("Zëz")}


@pytest.fixture
def desk(empty_office: Workspace, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """An office whose one administration has such characters in every text that a backup holds."""
    desk = empty_office
    monkeypatch.setenv("ACCOUNTOOLS_USER", NEWER)
    desk.ok("client", "add", "--name", NEWER, "--kvk", CLIENT_KVK, "--city", NEWER)
    desk.create(7, NEWER)
    desk.ok("user", "add", "--administration", 7, "Zoë\\ẞ₹Ꜳ", "--name", NEWER)
    desk.import_licence(desk.issue("client.lic", licensee=NEWER, city=NEWER, module=None), 7, "Zoë\\ẞ₹Ꜳ")
    post_books(desk.office)
    desk.create_client_office()
    return desk


@pytest.mark.parametrize("tables", OTHERS.values(), ids=OTHERS.keys())
@pytest.mark.parametrize("how", ["plain", "encrypted"])
def test_a_backup_is_sound_by_whatever_tables_it_is_read(desk: Workspace, monkeypatch: pytest.MonkeyPatch, tables: Any, how: str) -> None:
    key = desk.folder / "key.txt"
    recipient = desk.ok("key", "new", key)["recipient"]
    backup = desk.backup(7, *(("--recipient", recipient) if how == "encrypted" else ()))
    own = desk.backup(7, "--purpose", "safekeeping")
    before = desk.ok("administration", "show", 7)
    monkeypatch.setattr(identifiers, "unicodedata", tables)
    unlock = ("--identity", key) if how == "encrypted" else ()
    assert desk.run("verify", backup, *unlock).json["findings"] == []
    assert desk.ok("verify", own)["ok"]
    assert desk.ok("rehearse", backup, *unlock, office=desk.client_office)["ok"]
    assert desk.ok("restore", backup, *unlock, "--confirm", office=desk.client_office)["restored"]
    after = desk.ok("administration", "show", 7, office=desk.client_office)
    for name in ("description", "client", "users", "licence"):
        assert after[name] == before[name]
    again = desk.backup(7, office=desk.client_office)
    assert desk.ok("verify", again, office=desk.client_office)["ok"]


OTHER_SPELLINGS: dict[str, tuple[str, Any]] = {
    "a description that is decomposed": ("description", "Cafe\u0301"),
    "a description with another blank": ("description", "Café\u00a0"),
    "a description with something invisible": ("description", "Ca\u200bfé"),
    "a number with zeros": ("number", "007"),
    "a number with a blank": ("number", "7 "),
    "a client's name that is decomposed": ("client", {"kvk": CLIENT_KVK, "name": "Cafe\u0301", "city": ""}),
    "a client's city with two blanks": ("client", {"kvk": CLIENT_KVK, "name": "Café", "city": "Den  Haag"}),
    "a KvK number with dots": ("client", {"kvk": "12.345.678", "name": "Café", "city": ""}),
    "a user's name that is decomposed": (
        "users",
        [{"login": "h", "name": "Jose\u0301", "employee": None, "active": True, "office": False}],
    ),
    "a login that is decomposed": ("users", [{"login": "jose\u0301", "name": "J", "employee": None, "active": True, "office": False}]),
    "a login with a blank": ("users", [{"login": "h ", "name": "J", "employee": None, "active": True, "office": False}]),
    "a maker that is decomposed": ("by", "jose\u0301"),
    "a login for the licence in capitals": ("licence_user", "JANSEN\\HENK"),
}


def normalised(value: Any) -> Any:
    """A text as the program itself would have written it."""
    if isinstance(value, str):
        return single_line(value.replace(".", ""))
    if isinstance(value, dict):
        return {name: normalised(one) for name, one in value.items()}
    return [normalised(one) for one in value] if isinstance(value, list) else value


@pytest.mark.parametrize("name", OTHER_SPELLINGS)
def test_what_is_read_is_compared_as_it_is_and_not_normalised_first(ready: Workspace, name: str) -> None:
    """Its manifest says what a reader that normalises would make of it."""
    row, value = OTHER_SPELLINGS[name]
    original, image = ready.backup(), ready.folder / "image.sqlite"
    image.write_bytes(image_of(original))
    with contextlib.closing(sqlite3.connect(image)) as connection, connection:
        if row == "users":
            connection.execute("DELETE FROM slice WHERE name IN ('licence_user', 'licence')")
        written = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        connection.execute("UPDATE slice SET value = ? WHERE name = ?", (written, row))
    contents = manifest_of(original)["contents"]
    contents |= {row: normalised(value)} if row in contents else {}
    backup = forge(ready.folder / "forged.acb", image, contents=contents)
    office, before = ready.create_client_office(), state(ready.folder / "client")
    assert ready.refused("restore", backup, "--confirm", office=office) == "schema-unexpected"
    assert [one["code"] for one in ready.run("verify", backup).json["findings"]] == ["schema-unexpected"]
    assert state(office) == before


SAME = ["éÉ", "ßẞ", "ßSS", "ĳĲ", "ςΣ", "ﬃFFI", "жЖ", "𐐨𐐀", "ⱥȺ", "aA", "ႠႠ", "აᲐ", "ꭰᎠ", "𞤢𞤀", "ⰰⰀ", "ꞵꞴ", "\u1e95\u1e94"]


@pytest.mark.parametrize("letters", SAME)
def test_logins_that_differ_in_case_only_are_one(letters: str) -> None:
    assert Login(f"jan@{letters[0]}").key == Login(f"JAN@{letters[1:]}").key


class YoungerLetters(str):
    """A login as a program has it whose tables know these letters, which came after those of the oldest Python for this program."""

    __slots__ = ()
    FOLDED = str.maketrans("\ua7cb\ua7dc\U00010d50", "ɤƛ\U00010d70")

    def __iter__(self) -> Iterator[str]:
        return map(YoungerLetters, super().__iter__())

    def casefold(self) -> str:
        return super().translate(self.FOLDED).casefold()


@pytest.mark.parametrize("letters", ["ɤ\ua7cb", "ƛ\ua7dc", "\U00010d70\U00010d50"])
def test_logins_that_newer_tables_hold_for_one_are_two_by_all(letters: str) -> None:
    """Otherwise a backup that was made by older tables couldn't be restored."""
    for kind in (str, YoungerLetters):
        keys = {Login.key.fget(kind(f"zoe@{letter}")) for letter in letters}  # type: ignore[attr-defined]
        assert len(keys) == 2


def test_the_case_of_all_letters_that_each_python_knows_counts_in_no_login() -> None:
    """Whatever the oldest tables fold is folded; what is folded here besides is younger."""
    folding = [chr(number) for number in range(0x110000) if chr(number).casefold() != chr(number)]
    unfolded = [one for one in folding if Login(one).key != unicodedata.normalize("NFC", one.casefold())]
    assert len(folding) - len(unfolded) == 1530
    assert unfolded == [] or unicodedata.unidata_version > "14.0.0"


@given(st.text(max_size=8))
def test_the_key_of_a_login_is_its_own_key(text: str) -> None:
    with contextlib.suppress(Refused):
        key = Login.parse(text).key
        assert Login(key).key == key


@given(st.text(max_size=12))
def test_what_is_stored_is_read(text: str) -> None:
    line = single_line(text)
    assert is_single_line(line)
    assert single_line(line) == line
    with contextlib.suppress(Refused):
        login = Login.parse(text)
        assert Login.read(login) == login


def test_of_every_character_what_is_stored_is_read() -> None:
    for number in range(0x110000):
        line = single_line(f"a{chr(number)}b{chr(number)}")
        assert is_single_line(line), hex(number)


NEVER_STORED = ["\x00", "\x1b", "\x7f", "\x9b", "\xad", "\u200b", "\u202e", "\u2028", "\u2066", "\ufeff", "\ud800", "\ue000", "\uffff"]
NEVER_STORED += ["\U000e0041", "\U00100000", "A\u0301", "\u00a0", "\u2003", "\u3000", " a", "a ", "a  b", "\t", "\n"]


@pytest.mark.parametrize("text", NEVER_STORED)
def test_what_is_never_stored_is_not_read(text: str) -> None:
    assert not is_single_line(text)
    assert single_line(text) != text
