"""Users of an administration: who may log in, under which name, how many, and who can log in (S6, S12)."""

import unicodedata
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accountools.domain.errors import Refused
from accountools.domain.identifiers import Login, parse_employee, parse_name
from accountools.office import Office
from tests.engines import place_of
from tests.test_import import dump
from tests.workspace import HENK, PIET, CommandResult, Workspace

pytestmark = pytest.mark.both_engines


WEIRD = (
    "\udcff",
    "\ud83d",
    "\0",
    "\u200f\u202e",
    "a\u202eb",
    "\x1b[2J",
    "x" * 10_000,
    "🥖" * 200,
    "\u200b",
    "\ufeff",
    "a\nb",
    "%s{}{0}$(id)'\";--",
)


def add(desk: Workspace, login: str, *flags: object, name: str = "Iemand", number: object = 7) -> CommandResult:
    return desk.run("user", "add", "--administration", number, "--name", name, *flags, login)


def users(desk: Workspace) -> dict[str, dict[str, Any]]:
    return {one["login"]: one for one in desk.ok("user", "list", "--administration", 7)["users"]}


def test_s6_a_user_is_added_active_with_the_login_of_their_own_computer(ready: Workspace) -> None:
    for login in ("piet", "JANSEN\\piet.bos", "piet@jansen.nl"):
        made = ready.run("user", "add", "--administration", "007", login, "--name", " Piet  Bos ", "--employee", 17, "--inactive")
        assert made.json["user"] == {"login": login, "name": "Piet Bos", "employee": 17, "active": False, "office": False}
    assert set(users(ready)) == {HENK, "piet", "JANSEN\\piet.bos", "piet@jansen.nl"}
    assert add(ready, "new").json["user"]["active"] is True
    assert add(ready, PIET, "--office-user").json["user"] == {
        "login": PIET, "name": "Iemand", "employee": None, "active": True, "office": True,
    }  # fmt: skip
    event = ready.ok("journal", "--administration", 7)["events"][-1]
    assert (event["what"], event["details"]["login"], event["details"]["office"]) == ("user-added", PIET, True)


@pytest.mark.parametrize(
    "again", [HENK, HENK.upper(), HENK.lower(), f"  {HENK} "], ids=["the same", "upper case", "lower case", "with blanks around"]
)
def test_s6_a_login_is_one_whatever_its_case(ready: Workspace, again: str) -> None:
    before = dump(ready.office)
    answer = add(ready, again)
    assert (answer.code, answer.error) == (3, "user-exists")
    assert "Henk Jansen" in answer.json["error"]["message"]
    assert dump(ready.office) == before
    assert ready.ok("administration", "enter", 7, "--as", again)["may"] is True
    assert ready.ok("user", "deactivate", "--administration", 7, again)["user"]["login"] == HENK
    shut = ready.run("administration", "enter", 7, "--as", HENK)
    assert (shut.code, shut.json["reason"]) == (3, "user-inactive")


def test_s6_a_login_is_compared_as_a_whole_and_after_nfc(ready: Workspace) -> None:
    for other in ("henk", r"KANTOOR\henk", "henk@JANSEN"):
        assert add(ready, other, "--office-user").code == 0, other
    assert add(ready, "JANSEN\\René").code == 0
    assert add(ready, unicodedata.normalize("NFD", "jansen\\RENÉ")).error == "user-exists"
    assert add(ready, "JANSEN\\Rene").code == 0  # another person


def test_s6_a_login_has_its_form(ready: Workspace) -> None:
    before = dump(ready.office)
    for login in ("", " ", "\\", "@", "a\\", "\\a", "a@", "@a", " \\a", "a\\ ", "a\\b\\c", "a@b@c", "a\\b@c", "x" * 105):
        answer = add(ready, login)
        assert (answer.code, answer.error) == (3, "login-invalid"), login
    assert dump(ready.office) == before
    assert add(ready, "x" * 104).code == 0


@given(st.text(st.characters(categories=["L", "N", "P", "S", "Zs"]), max_size=110))
@settings(max_examples=200, deadline=None)
def test_s6_a_login_is_accepted_when_the_rule_allows_it(text: str) -> None:
    """The rule, written again: 1 to 104 characters, at most one separator, neither half empty."""
    typed = unicodedata.normalize("NFC", text.strip())
    separators = typed.count("\\") + typed.count("@")
    halves = typed.replace("@", "\\").split("\\")
    allowed = 1 <= len(typed) <= 104 and separators <= 1 and all(half.strip() for half in halves)
    if not allowed:
        with pytest.raises(Refused, match="login-invalid"):
            Login.parse(text)
    else:
        login = Login.parse(text)
        assert login == typed
        assert Login.parse(login) == login
        assert Login.parse(typed.upper()).key == Login.parse(typed.lower()).key or typed.upper().lower() != typed.lower()
        assert Login(login.key).key == login.key  # the register keeps the key, and reads it back as one


@pytest.mark.parametrize("category", ["Cc", "Cf", "Cs", "Co", "Zl", "Zp"])
def test_s6_a_login_has_no_invisible_characters(category: str) -> None:
    seen = 0
    for point in (*range(0x3000), *range(0xD800, 0xE010), 0xFEFF, 0xFFF9, 0xE0001, 0x10FFFD):
        if unicodedata.category(chr(point)) == category:
            seen += 1
            with pytest.raises(Refused, match="login-invalid"):
                Login.parse(f"a{chr(point)}b")
    assert seen


def test_employee_numbers_run_from_1_to_999999999(ready: Workspace) -> None:
    assert add(ready, "first", "--employee", 1).json["user"]["employee"] == 1
    assert add(ready, "last", "--employee", "999999999").json["user"]["employee"] == 999_999_999
    before = dump(ready.office)
    for employee in (0, -1, 1_000_000_000, 10**30):
        assert add(ready, "new", f"--employee={employee}", "--inactive").error == "employee-invalid"
        with pytest.raises(Refused, match="employee-invalid"):
            parse_employee(employee)
    for text in ("1e2", "x", "", "1.5", "\udcff", "NaN"):
        answer = add(ready, "new", f"--employee={text}", "--inactive")
        assert (answer.code, answer.error) == (2, "usage"), text
    assert dump(ready.office) == before


def test_the_licence_limits_the_number_of_active_users(ready: Workspace) -> None:
    """The licence is for three; office users and inactive ones don't count."""
    assert add(ready, "b").code == 0
    assert add(ready, "c").code == 0
    before = dump(ready.office)
    full = add(ready, "d")
    assert (full.code, full.error) == (3, "too-many-users")
    for login in (HENK, "b", "c", "d"):
        assert login in full.json["error"]["message"]
    assert add(ready, HENK).error == "user-exists"
    assert dump(ready.office) == before
    assert add(ready, PIET, "--office-user").code == 0
    assert add(ready, "d", "--inactive").code == 0
    assert ready.refused("user", "activate", "--administration", 7, "d") == "too-many-users"
    assert users(ready)["d"]["active"] is False
    ready.ok("user", "deactivate", "--administration", 7, "b")
    ready.ok("user", "activate", "--administration", 7, "d")
    assert ready.refused("user", "activate", "--administration", 7, "b") == "too-many-users"
    assert ready.ok("user", "activate", "--administration", 7, "d")["user"]["active"] is True  # it is already


def test_who_does_not_count_is_added_where_the_licence_allows_fewer_users_than_there_are(ready: Workspace) -> None:
    """An import was undone, and the licence before it is for three."""
    ready.import_licence(ready.issue("big.lic", number="KL-2042", users=9))
    for login in ("b", "c", "d"):
        ready.add_user(login)
    office = Office.open(place_of(ready.office))
    office.apply(office.plan_undo_import(7))
    assert add(ready, PIET, "--office-user").code == 0
    assert add(ready, "e", "--inactive").code == 0
    ready.ok("user", "deactivate", "--administration", 7, PIET)
    ready.ok("user", "activate", "--administration", 7, PIET)
    assert add(ready, "f").error == "too-many-users"
    assert ready.refused("user", "activate", "--administration", 7, "e") == "too-many-users"
    ready.ok("user", "deactivate", "--administration", 7, "b")
    assert ready.refused("user", "activate", "--administration", 7, "b") == "too-many-users"  # the other three are as many as it allows


def test_activating_twice_is_one_event(ready: Workspace) -> None:
    for word, active, what in (("deactivate", False, "user-deactivated"), ("activate", True, "user-activated")):
        count = len(ready.ok("journal")["events"])
        for _ in range(2):
            answer = ready.ok("user", word, "--administration", 7, HENK)
            assert (answer["user"]["login"], answer["user"]["active"]) == (HENK, active)
        events = ready.ok("journal")["events"]
        assert [one["what"] for one in events[count:]] == [what]
    assert ready.refused("user", "activate", "--administration", 7, "nobody") == "user-not-found"
    assert ready.refused("user", "activate", "--administration", 8, HENK) == "administration-not-found"
    assert ready.refused("user", "list", "--administration", 8) == "administration-not-found"
    assert ready.refused("user", "list", "--administration", "x") == "number-invalid"
    assert add(ready, "new", number=8).error == "administration-not-found"
    assert add(ready, "new", name=" ").error == "name-missing"


def test_s6_an_inactive_user_blocks_the_hand_over(ready: Workspace) -> None:
    ready.ok("user", "deactivate", "--administration", 7, HENK)
    assert ready.refused("backup", 7, "--confirm") == "user-inactive"
    row = ready.ok("audit")["rows"][0]
    assert (row["user_status"], row["state"]) == ("inactive", "blocked")
    ready.ok("user", "activate", "--administration", 7, HENK)
    assert ready.backup(7).is_file()


def test_who_can_log_in_at_the_accountants_office(ready: Workspace) -> None:
    ready.add_user(PIET, 7, "--office-user")
    ready.add_user("late", 7, "--inactive")
    for login, may, reason in (
        (HENK, True, None),
        (PIET, True, None),
        ("late", False, "user-inactive"),
        ("nobody", False, "user-not-found"),
        ("henk", False, "user-not-found"),
    ):
        answer = ready.run("administration", "enter", 7, "--as", login)
        assert [answer.json[name] for name in ("may", "reason", "warning")] == [may, reason, None], login
        assert (answer.code, answer.error) == (0 if may else 3, reason)
        assert answer.err.startswith(f"{reason}: ") != may
    refused = {"administration-not-found": (8, HENK), "login-invalid": (7, "a\\b\\c"), "books-missing": (7, HENK)}
    ready.lose_books(7)
    for code, (number, login) in refused.items():
        answer = ready.run("administration", "enter", number, "--as", login)
        assert (answer.code, answer.error, answer.json["may"], answer.json["reason"]) == (3, code, False, code)


def test_who_can_log_in_at_the_clients_own_office(ready: Workspace) -> None:
    ready.add_user("late", 7, "--inactive")
    made = ready.backup(7)
    client = ready.create_client_office()
    ready.ok("restore", made, "--confirm", office=client)
    ready.ok("user", "add", "--administration", 7, PIET, "--name", "Piet", "--office-user", office=client)
    for login, may, reason in ((HENK, True, None), ("late", False, "user-inactive"), (PIET, False, "user-is-office")):
        answer = ready.run("administration", "enter", 7, "--as", login, office=client)
        assert [answer.json[name] for name in ("may", "reason", "warning")] == [may, reason, None], login


def test_nobody_is_locked_out_by_an_expired_licence(ready: Workspace) -> None:
    """Expired or revoked, at the accountant's and at the client's own office: logging in works, with a warning."""
    made = ready.backup(7)
    client = ready.create_client_office()
    ready.ok("restore", made, "--confirm", office=client)
    for office in (ready.office, client):
        late = ready.run("administration", "enter", 7, "--as", HENK, office=office, today="2028-01-01")
        assert (late.code, late.json) == (0, {"may": True, "reason": None, "warning": "licence-expired"})
        last = ready.ok("administration", "enter", 7, "--as", HENK, office=office, today="2027-12-31")
        assert last == {"may": True, "reason": None, "warning": None}
    ready.ok("licence", "revoke", "--issuer", ready.folder / "issuer", "--number", "KL-2041", "--out", ready.folder / "r.txt")
    for office in (ready.office, client):
        ready.ok("licence", "revocations", ready.folder / "r.txt", office=office)
        assert ready.ok("administration", "enter", 7, "--as", HENK, office=office)["warning"] == "licence-revoked"


def test_whatever_is_typed_is_kept_whole_or_refused_with_a_code(ready: Workspace) -> None:
    for n, text in enumerate(WEIRD):
        for answer in (add(ready, text, "--inactive"), add(ready, f"new{n}", "--inactive", name=text)):
            assert (answer.code, answer.error) in {(0, None), (2, "usage"), (3, "login-invalid"), (3, "name-missing")}, ascii(text)[:40]
    kept = users(ready)
    assert 5 < len(kept) < 2 * len(WEIRD)
    for one in kept.values():
        assert one["login"] == Login.parse(one["login"])
        assert one["name"] == parse_name(one["name"])
    assert ready.ok("journal", "verify")["ok"]


def test_half_surrogates_on_a_real_command_line_are_refused(ready: Workspace) -> None:
    """What a shell hands over that isn't UTF-8 comes in as half surrogates, and goes out on a strict UTF-8 stream."""
    strict = replace(ready, environment={"PYTHONIOENCODING": "utf-8:strict"})
    client = ready.folder / "client.lic"
    for words, code, exit_code in (
        (("licence", "import", client, "--administration", 7, "--user", "\udcff\udcfe"), "usage", 2),
        (("licence", "show", ready.folder / "\udcff.lic"), "file-not-found", 3),
    ):
        answer = strict.run_process(*words)
        assert (answer.code, answer.error) == (exit_code, code)
        assert answer.err.startswith(f"{code}: ")
