"""Importing a client's licence: the seed's two fields, Volgende and Klaar, and every obstacle."""

import shutil
import sqlite3
import unicodedata
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from accountools.clock import system_clock
from accountools.domain.errors import Refused
from accountools.domain.licence import is_same_name
from accountools.office import Office
from tests.engines import dump_register, place_of
from tests.workspace import CLIENT_KVK, HENK, OFFICE_KVK, PIET, CommandResult, Workspace

pytestmark = pytest.mark.both_engines


NEW = ("--user-name", "Ingrid Jansen")


def dump(office: Path) -> list[str]:
    """All that the register holds, as statements; and the names and bytes of all other files that are kept."""
    rows = dump_register(office)
    ignored = {"register.db", "register.db-wal", "register.db-shm"}
    return rows + [f"{path} {path.read_bytes()!r}" for path in sorted(office.rglob("*")) if path.is_file() and path.name not in ignored]


def attempt(desk: Workspace, path: Path, *flags: str, login: str = HENK, number: object = 7, today: str | None = None) -> CommandResult:
    """`licence import`, whatever comes of it."""
    return desk.run("licence", "import", path, "--administration", number, "--user", login, *flags, today=today)


def assert_blocked(
    desk: Workspace, code: str, path: Path, *flags: str, login: str = HENK, number: object = 7, today: str | None = None
) -> CommandResult:
    """The import is refused with `code` at the plan and at the confirmation alike, and nothing has changed."""
    before = dump(desk.office)
    for given in ((), ("--confirm", "--accept", code)):
        answer = attempt(desk, path, *flags, *given, login=login, number=number, today=today)
        assert (answer.code, answer.error) == (3, code), (given, answer.out, answer.err)
        assert answer.err.startswith(f"{code}: ")
    assert dump(desk.office) == before
    return answer


def open_office(desk: Workspace) -> Office:
    return Office.open(place_of(desk.office), system_clock(date(2026, 11, 24)))


@pytest.fixture(scope="module")
def _waiting(tmp_path_factory: pytest.TempPathFactory, _masters: dict[str, Path]) -> Path:
    folder = Path(shutil.copytree(_masters["empty_office"], tmp_path_factory.mktemp("waiting") / "desk"))
    desk = Workspace(folder)
    desk.add_client()
    desk.create()
    desk.add_user()
    desk.issue("client.lic")
    return folder


@pytest.fixture
def waiting(tmp_path: Path, _waiting: Path) -> Workspace:
    """An office with administration 007 of Bakkerij Jansen and user Henk, but without a licence; client.lic is at hand."""
    return Workspace(Path(shutil.copytree(_waiting, tmp_path / "desk")))


def under(folder: Path, **own: Any) -> Workspace:
    """An office under another own licence, with administration 007 waiting."""
    desk = Workspace(folder)
    folder.mkdir(exist_ok=True)
    desk.ok("issuer", "new", folder / "issuer")
    desk.ok("init", "--licence", desk.issue_own(**own), "--trust", desk.trust)
    desk.add_client()
    desk.create(chart=None)
    desk.add_user()
    desk.issue("client.lic")
    return desk


# --- the path of the seed ---


def test_s13_the_plan_shows_the_details_and_nothing_has_been_imported(waiting: Workspace) -> None:
    before = dump(waiting.office)
    planned = waiting.ok("licence", "import", waiting.folder / "client.lic", "--administration", "007", "--user", HENK)
    assert dump(waiting.office) == before
    assert set(planned) >= {"imported", "plan", "administration", "user", "licence", "replaces", "differences", "obstacles"}
    assert planned["imported"] is False
    assert (planned["administration"], planned["user"]) == (7, HENK)
    assert (planned["replaces"], planned["differences"], planned["obstacles"]) == (None, [], [])
    assert waiting.ok("licence", "show", waiting.folder / "client.lic") == {"verdict": "valid"} | planned["licence"]
    assert planned["licence"] == {
        "number": "KL-2041",
        "kind": "client",
        "licensee": {"name": "Bakkerij Jansen", "kvk": CLIENT_KVK, "city": "Delft", "country": "NL"},
        "users": 3,
        "modules": [{"code": "SE1063", "name": "E-Cliëntenbeheer"}],
        "valid_from": "2026-01-01",
        "valid_until": "2027-12-31",
        "issuer": "Test issuer",
    }
    answer = waiting.run(
        "licence", "import", waiting.folder / "client.lic", "--administration", 7, "--user", HENK, "--lang", "en", as_json=False
    )
    for detail in ("Bakkerij Jansen", CLIENT_KVK, "Delft", "KL-2041", "SE1063 E-Cliëntenbeheer", "2027-12-31", "Test issuer"):
        assert detail in answer.out
    assert "Dry run: nothing changed. Add --confirm to apply." in answer.out
    assert dump(waiting.office) == before


def test_s13_the_plan_in_the_python_interface_changes_nothing_either(waiting: Workspace) -> None:
    office = open_office(waiting)
    before = dump(waiting.office)
    plan = office.plan_import(waiting.folder / "client.lic", 7, "ingrid", user_name="Ingrid Jansen")
    assert plan.licence is not None
    assert (plan.licence.number, plan.new_user, plan.obstacles) == ("KL-2041", True, ())
    assert plan.client is not None
    assert plan.client.name == plan.licence.licensee.name
    assert dump(waiting.office) == before


def test_s14_the_confirmation_imports_and_says_so(waiting: Workspace) -> None:
    events = waiting.ok("journal")["events"]
    words = ("licence", "import", waiting.folder / "client.lic", "--administration", 7, "--user", HENK, "--confirm")
    answer = waiting.run(*words, "--lang", "en", as_json=False)
    assert answer.code == 0
    assert "Licence KL-2041 of Bakkerij Jansen is imported into administration 007." in answer.out
    assert waiting.ok("administration", "show", 7)["licence"]["number"] == "KL-2041"
    added = waiting.ok("journal")["events"][len(events) :]
    assert [event["what"] for event in added] == ["licence-imported"]
    details = added[0]["details"]
    assert (added[0]["administration"], details["licence"], details["login"], details["replaces"]) == (7, "KL-2041", HENK, None)
    assert added[0]["by"] == "tester"
    assert details["today"] == "2026-11-24"  # the day was set, and the event says so
    token = "".join((waiting.folder / "client.lic").read_text().splitlines()[1:-1])
    assert token.split(".")[2][:30] not in str(details)
    row = waiting.ok("audit")["rows"][0]
    assert (row["licence_number"], row["user"], row["user_status"], row["state"]) == ("KL-2041", HENK, "active", "ready")
    assert waiting.ok("journal", "verify")["ok"]


def test_s5_the_licence_must_be_at_hand_as_a_file(waiting: Workspace) -> None:
    (waiting.folder / "empty.lic").write_bytes(b"")
    (waiting.folder / "offer.txt").write_text("Beste Anna, hierbij onze offerte.")
    assert_blocked(waiting, "file-not-found", waiting.folder / "none.lic")
    assert_blocked(waiting, "file-not-found", waiting.folder)
    assert_blocked(waiting, "file-not-found", waiting.folder / "client.lic" / "x")
    assert_blocked(waiting, "file-not-found", waiting.folder / ("x" * 5000))
    with pytest.raises(Refused, match="file-not-found"):
        open_office(waiting).plan_import(f"{waiting.folder}/client.lic\0", 7, HENK)
    assert_blocked(waiting, "not-a-licence", waiting.folder / "empty.lic")
    assert_blocked(waiting, "not-a-licence", waiting.folder / "offer.txt")
    assert waiting.run("audit").obstacles == ["no-licence"]


def test_s8_s12_the_user_is_made_in_the_same_step(waiting: Workspace) -> None:
    path = waiting.folder / "client.lic"
    before = dump(waiting.office)
    planned = waiting.ok("licence", "import", path, "--administration", 7, "--user", "ingrid@jansen.nl", *NEW)
    assert planned["user"] == "ingrid@jansen.nl"
    assert dump(waiting.office) == before
    assert waiting.import_licence(path, 7, "ingrid@jansen.nl", *NEW)["imported"] is True
    users = waiting.ok("user", "list", "--administration", 7)["users"]
    made = {"login": "ingrid@jansen.nl", "name": "Ingrid Jansen", "employee": None, "active": True, "office": False}
    assert made in users
    assert [event["what"] for event in waiting.ok("journal")["events"][-2:]] == ["user-added", "licence-imported"]
    assert waiting.ok("administration", "enter", 7, "--as", "ingrid@jansen.nl")["may"] is True


def test_s12_the_user_is_chosen_from_the_list_in_any_case_and_composition(waiting: Workspace) -> None:
    waiting.ok("user", "add", "--administration", 7, "JANSEN\\Renée", "--name", "Renée")
    listed = [one["login"] for one in waiting.ok("user", "list", "--administration", 7)["users"]]
    assert listed == [HENK, "JANSEN\\Renée"]
    typed = unicodedata.normalize("NFD", "jansen\\RENÉE")
    assert typed != "jansen\\renée"
    assert waiting.import_licence(waiting.folder / "client.lic", 7, typed)["user"] == "JANSEN\\Renée"
    assert waiting.ok("audit")["rows"][0]["user"] == "JANSEN\\Renée"


def test_s11_the_path_may_be_relative_and_hold_any_character(waiting: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    name = "KL-2041 Bäckerei «Jansen» 🥖 (1).lic"
    (waiting.folder / "client.lic").rename(waiting.folder / name)
    monkeypatch.chdir(waiting.folder)
    assert waiting.import_licence(Path(name))["imported"] is True


def test_s5_a_licence_as_it_came_by_mail_is_imported(waiting: Workspace) -> None:
    path = waiting.folder / "mail.txt"
    path.write_bytes(
        ("Hierbij!\n> " + (waiting.folder / "client.lic").read_text().replace("\n", "\n> ")).replace("\n", "\r\n").encode("utf-16")
    )
    assert waiting.import_licence(path)["licence"]["number"] == "KL-2041"


# --- the office's own licence (S4) ---


@pytest.mark.parametrize(
    ("own", "allowed"),
    [
        ({}, True),
        ({"kind": "demo"}, True),
        ({"module": None}, False),
        ({"module": "SE1063"}, False),
        ({"kind": "demo", "module": "SE1063"}, False),
        ({"kind": "client"}, False),
    ],
    ids=["accountant", "demo", "without modules", "another module", "demo without", "client with it"],
)
def test_s4_the_own_licence_needs_e_accountancy(tmp_path: Path, own: dict[str, object], allowed: bool) -> None:
    desk = under(tmp_path / "desk", **own)
    if allowed:
        assert desk.import_licence(desk.folder / "client.lic")["imported"] is True
    else:
        assert_blocked(desk, "module-missing", desk.folder / "client.lic")


def test_s4_the_own_licence_must_be_valid_that_day(tmp_path: Path) -> None:
    desk = under(tmp_path / "desk", valid_from="2026-11-01", valid_until="2026-11-30")
    path = desk.folder / "client.lic"
    assert_blocked(desk, "own-licence-expired", path, today="2026-12-01")
    assert_blocked(desk, "own-licence-not-yet-valid", path, today="2026-10-31")
    assert attempt(desk, path, today="2026-11-30").code == 0
    assert attempt(desk, path, today="2026-11-01").code == 0
    desk.ok("licence", "revoke", "--issuer", desk.folder / "issuer", "--number", "AC-1001", "--out", desk.folder / "r.txt")
    desk.ok("licence", "revocations", desk.folder / "r.txt")
    assert_blocked(desk, "own-licence-revoked", path)


# --- whose licence it is ---


def test_every_fault_of_a_licence_blocks_with_its_code(waiting: Workspace) -> None:
    folder = waiting.folder
    assert_blocked(waiting, "own-licence", folder / "own.lic")
    assert_blocked(waiting, "own-licence", waiting.issue("same.lic", number="AC-1001"))
    assert_blocked(waiting, "wrong-kind", waiting.issue("office.lic", kind="accountant", number="AC-2"))
    assert_blocked(waiting, "licence-expired", waiting.issue("old.lic", valid_until="2026-11-23"))
    assert_blocked(waiting, "licence-not-yet-valid", waiting.issue("new.lic", valid_from="2026-11-25"))
    waiting.ok("issuer", "new", folder / "stranger")
    assert_blocked(waiting, "unknown-issuer", waiting.issue("strange.lic", issuer=folder / "stranger"))
    lines = (folder / "client.lic").read_text().splitlines()
    lines[-2] = "A" * len(lines[-2]) if lines[-2][0] != "A" else "E" * len(lines[-2])
    (folder / "changed.lic").write_text("\n".join(lines))
    changed = assert_blocked(waiting, "bad-signature", folder / "changed.lic")
    assert changed.json["licence"] is None
    assert changed.json["unverified"]["sub"] == "KL-2041"
    (folder / "large.lic").write_bytes(b" " * 65537)
    assert_blocked(waiting, "file-too-large", folder / "large.lic")
    waiting.ok("licence", "revoke", "--issuer", folder / "issuer", "--number", "KL-2041", "--out", folder / "r.txt")
    waiting.ok("licence", "revocations", folder / "r.txt")
    assert_blocked(waiting, "licence-revoked", folder / "client.lic")


def test_a_confirmation_is_needed_for_each_and_recorded(waiting: Workspace) -> None:
    path = waiting.issue("other.lic", kvk="87654321", licensee="Slagerij Smit", kind="demo")
    planned = attempt(waiting, path)
    assert (planned.code, planned.obstacles) == (0, ["kvk-differs", "demo-licence"])
    assert [one["blocking"] for one in planned.json["obstacles"]] == [False, False]
    before = dump(waiting.office)
    for accepted, code in (
        ((), "kvk-differs"),
        (("demo-licence",), "kvk-differs"),
        (("kvk-differs",), "demo-licence"),
        (("name-differs",), "kvk-differs"),
    ):
        answer = attempt(waiting, path, "--confirm", *(word for one in accepted for word in ("--accept", one)))
        assert (answer.code, answer.error) == (3, code), accepted
        assert [one["code"] for one in answer.json["error"]["obstacles"]] == ["kvk-differs", "demo-licence"]
        assert all(one["message"] and one["remedy"] for one in answer.json["error"]["obstacles"])
    assert dump(waiting.office) == before
    done = attempt(waiting, path, "--confirm", "--accept", "demo-licence", "--accept", "kvk-differs")
    assert (done.code, done.json["imported"]) == (0, True)
    assert waiting.ok("journal")["events"][-1]["details"]["accepted"] == ["demo-licence", "kvk-differs"]
    row = waiting.ok("audit")["rows"][0]
    assert row["state"] == "attention"
    assert {"kvk-differs", "demo-licence"} <= {one["code"] for one in row["obstacles"]}


def test_what_blocks_is_reported_before_what_asks(waiting: Workspace) -> None:
    waiting.ok("user", "deactivate", "--administration", 7, HENK)
    path = waiting.issue("other.lic", kvk="87654321", valid_until="2026-11-01")
    answer = assert_blocked(waiting, "licence-expired", path)
    assert answer.obstacles[:3] == ["kvk-differs", "licence-expired", "user-inactive"]
    assert_blocked(waiting, "user-inactive", waiting.issue("other-2.lic", kvk="87654321"))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Bakkerij Jansen", "BAKKERIJ JANSEN", True),
        ("Bakkerij Jansen", "Bakkerij Jansen B.V.", True),
        ("Bakkerij Jansen", "Bakkerij Jansen BV", True),
        ("Bakkerij Jansen", "bakkerij-jansen, b.v", True),
        ("Bakkerij Jansen V.O.F.", "Bakkerij Jansen (vof)", True),
        ("Bakkerij «Jansen» N.V.", "Bakkerij 'Jansen'", True),
        ("Bakkerij B. V.", "Bakkerij BV", True),
        ("Bakkerij B V", "Bakkerij", True),
        ("V. O. F. De Hoek", "De Hoek VOF", True),
        ("Bakkerij A B.V.", "Bakkerij A. B. V.", True),
        ("A. B. Jansen", "A.B. Jansen", True),
        ("A. B. Jansen", "A B Jansen", True),
        ("A. B. Jansen", "AC Jansen", False),
        ("Bakkerij A B.V.", "Bakkerij", False),
        ("Jan V. of Zoon", "Jan Zoon", False),
        ("Groep 1 2", "Groep 12", False),
        ("Stichting De Molen", "De Molen", True),
        ("Coöperatie De Molen U.A.", "De Molen", True),
        ("Cafe\u0301 Zon", "Café Zon", True),
        ("STRAẞE", "strasse", True),
        ("パン屋", "パン屋 B.V.", True),
        ("Bakkerij Jansen", "Bakkerij Janssen", False),
        ("Bakkerij Jansen", "Jansen Bakkerij", False),
        ("Bakkerij Jansen", "Bakkerij", False),
        ("Café Zon", "Cafe Zon", False),
        ("Jansen 1", "Jansen 2", False),
        ("Vofman", "Man", False),
        ("🥖", "🥐", False),
        ("B.V.", "N.V.", False),
    ],
)
def test_case_punctuation_and_legal_form_do_not_count_in_a_name(one: str, other: str, same: bool) -> None:
    assert is_same_name(one, other) is same
    assert is_same_name(other, one) is same


def test_name_differs_only_when_the_kvk_number_is_the_same(waiting: Workspace) -> None:
    assert attempt(waiting, waiting.issue("a.lic", licensee="BAKKERIJ-JANSEN B.V.")).obstacles == []
    named = waiting.issue("b.lic", licensee="Slagerij Smit")
    assert attempt(waiting, named).obstacles == ["name-differs"]
    assert attempt(waiting, waiting.issue("c.lic", licensee="Slagerij Smit", kvk="87654321")).obstacles == ["kvk-differs"]
    assert attempt(waiting, waiting.issue("d.lic", kvk="87654321")).obstacles == ["kvk-differs"]
    assert attempt(waiting, named, "--confirm").error == "name-differs"
    assert attempt(waiting, named, "--confirm", "--accept", "name-differs").json["imported"] is True


@pytest.mark.parametrize(("until", "soon"), [("2027-01-24", False), ("2027-01-23", True), ("2026-11-24", True)])
def test_a_licence_that_expires_within_60_days_is_reported_and_passes(waiting: Workspace, until: str, soon: bool) -> None:
    answer = attempt(waiting, waiting.issue("short.lic", valid_until=until), "--confirm")
    assert (answer.code, answer.json["imported"]) == (0, True)
    assert answer.obstacles == (["licence-expires-soon"] if soon else [])
    assert waiting.ok("audit")["rows"][0]["licence_status"] == ("expires-soon" if soon else "valid")


# --- over a licence that is there ---


def test_a_renewal_shows_what_it_replaces_and_what_differs(ready: Workspace) -> None:
    codes = ("SE1063", "SE1065")
    new = ready.issue("renewed.lic", users=5, valid_until="2028-12-31", licensee="Bakkerij Jansen B.V.", module="SE1065", city="Rijswijk")
    planned = ready.ok("licence", "import", new, "--administration", 7, "--user", HENK)
    assert planned["replaces"]["number"] == "KL-2041"
    assert planned["replaces"]["users"] == 3
    assert planned["obstacles"] == []
    assert planned["differences"] == [
        {"what": "licensee.name", "old": "Bakkerij Jansen", "new": "Bakkerij Jansen B.V."},
        {"what": "licensee.city", "old": "Delft", "new": "Rijswijk"},
        {"what": "users", "old": "3", "new": "5"},
        {"what": "valid_until", "old": "2027-12-31", "new": "2028-12-31"},
        {"what": "module", "old": f"{codes[0]} E-Cliëntenbeheer", "new": None},
        {"what": "module", "old": None, "new": f"{codes[1]} E-Accountancy"},
    ]
    assert ready.import_licence(new)["imported"] is True
    assert ready.ok("administration", "show", 7)["licence"]["users"] == 5
    assert ready.ok("journal")["events"][-1]["details"]["replaces"] == "KL-2041"
    same = ready.ok("licence", "import", new, "--administration", 7, "--user", HENK)
    assert (same["differences"], same["obstacles"]) == ([], [])


def test_another_number_is_no_obstacle(ready: Workspace) -> None:
    planned = ready.ok("licence", "import", ready.issue("other.lic", number="KL-3000"), "--administration", 7, "--user", HENK)
    assert planned["obstacles"] == []
    assert planned["replaces"]["number"] == "KL-2041"
    assert planned["differences"] == [{"what": "number", "old": "KL-2041", "new": "KL-3000"}]


def test_an_older_licence_than_the_present_one_is_asked_about(ready: Workspace) -> None:
    older = Workspace(ready.folder, today="2026-11-23").issue("older.lic")
    assert attempt(ready, older).obstacles == ["older-than-current"]
    assert attempt(ready, older, "--confirm").error == "older-than-current"
    assert attempt(ready, ready.issue("same-day.lic"), "--confirm").json["imported"] is True
    assert attempt(ready, older, "--confirm", "--accept", "older-than-current").json["imported"] is True
    assert attempt(ready, older, "--confirm").json["imported"] is True  # it is the present one now
    assert attempt(ready, ready.folder / "client.lic").obstacles == []


# --- the user (S6) ---


def test_s6_the_user_must_exist_be_active_and_be_the_clients(waiting: Workspace) -> None:
    path = waiting.folder / "client.lic"
    waiting.add_user(PIET, 7, "--office-user")
    assert_blocked(waiting, "user-not-found", path, login="nobody")
    assert_blocked(waiting, "user-not-found", path, login="henk")  # as a whole: not the part behind the domain
    assert_blocked(waiting, "user-not-found", path, login=r"ANDERS\henk")
    assert_blocked(waiting, "user-is-office", path, login=PIET)
    assert_blocked(waiting, "no-user", path, login="")
    assert_blocked(waiting, "user-exists", path, "--user-name", "Somebody Else")
    waiting.ok("user", "deactivate", "--administration", 7, HENK)
    assert_blocked(waiting, "user-inactive", path)
    waiting.ok("user", "activate", "--administration", 7, HENK)
    assert waiting.import_licence(path, 7, HENK, "--user-name", "Henk Jansen")["imported"] is True


@pytest.mark.parametrize(
    "login",
    [
        "a\\b\\c",
        "a@b@c",
        "a\\b@c",
        "\\henk",
        "henk\\",
        "@jansen",
        "henk@",
        " \\ ",
        "a\tb",
        "a\0b",
        "a\u202eb",
        "a\u200bb",
        "x" * 105,
    ],
)
def test_s6_what_can_be_nobodys_login_is_login_invalid(waiting: Workspace, login: str) -> None:
    assert_blocked(waiting, "login-invalid", waiting.folder / "client.lic", login=login)
    assert_blocked(waiting, "login-invalid", waiting.folder / "client.lic", *NEW, login=login)


@pytest.mark.parametrize("name", ["", "  ", "\u200b", "\0"])
def test_s12_a_user_without_a_name_is_not_made(waiting: Workspace, name: str) -> None:
    assert_blocked(waiting, "name-missing", waiting.folder / "client.lic", "--user-name", name, login="new")


def test_too_many_users_counts_the_new_one_and_not_the_offices_or_the_inactive(waiting: Workspace) -> None:
    path = waiting.issue("two.lic", users=2)
    waiting.add_user("b")
    waiting.add_user(PIET, 7, "--office-user")
    waiting.add_user("c", 7, "--inactive")
    assert attempt(waiting, path).obstacles == []
    assert_blocked(waiting, "too-many-users", path, *NEW, login="d")
    assert_blocked(waiting, "too-many-users", waiting.issue("one.lic", users=1))
    waiting.ok("user", "deactivate", "--administration", 7, "b")
    assert waiting.import_licence(path, 7, "d", *NEW)["imported"] is True


# --- the administration ---


def test_s8_the_administration_must_be_there_and_be_for_the_client(waiting: Workspace) -> None:
    path = waiting.folder / "client.lic"
    waiting.create(1, "Sjabloon", client=None)
    waiting.add_user(HENK, 1)
    assert_blocked(waiting, "client-not-found", path, number=1)
    assert_blocked(waiting, "administration-not-found", path, number=8)
    for number in ("0", "-1", "100000", "x", "", "7.0", "1e2", "０７", "+7", "7 7", "9" * 10_000):
        assert_blocked(waiting, "number-invalid", path, number=number)
    assert attempt(waiting, path, number="00007").code == 0


# --- plan and confirmation ---


def test_the_plans_hash_holds_as_long_as_nothing_changed(waiting: Workspace) -> None:
    path = waiting.folder / "client.lic"
    plan = attempt(waiting, path).json["plan"]
    assert attempt(waiting, path).json["plan"] == plan
    assert attempt(waiting, path, "--plan", plan).code == 2
    assert attempt(waiting, path, "--plan", plan).error == "plan-needed"
    done = attempt(waiting, path, "--plan", plan, "--confirm")
    assert (done.code, done.json["imported"]) == (0, True)
    again = attempt(waiting, path, "--plan", plan, "--confirm")
    assert (again.code, again.error) == (3, "changed-meanwhile")  # it was carried out: the register is another


def changes(desk: Workspace) -> dict[str, Any]:
    """What may change between plan and confirmation, by name: each a function that does it."""
    path = desk.folder / "client.lic"

    def file() -> None:
        path.unlink()
        desk.issue("client.lic", users=4)

    def garbage() -> None:
        path.write_bytes(b"nothing")

    def spelling() -> None:
        path.write_bytes(path.read_bytes() + b"\n")

    def inactive() -> None:
        desk.ok("user", "deactivate", "--administration", 7, HENK)

    def back_again() -> None:
        inactive()
        desk.ok("user", "activate", "--administration", 7, HENK)

    def another_user() -> None:
        desk.add_user("another")

    def another_licence() -> None:
        desk.import_licence(desk.issue("another.lic", number="KL-1"))

    def archived() -> None:
        desk.ok("administration", "archive", 7)

    return {one.__name__: one for one in (file, garbage, spelling, inactive, back_again, another_user, another_licence, archived)}


@pytest.mark.parametrize("change", ["file", "garbage", "spelling", "inactive", "back_again", "another_user", "another_licence", "archived"])
def test_changed_meanwhile(waiting: Workspace, change: str) -> None:
    """The same at the command line by the plan's hash, and in the Python interface by the plan itself."""
    path, office = waiting.folder / "client.lic", open_office(waiting)
    planned = office.plan_import(path, 7, HENK)
    digest = attempt(waiting, path).json["plan"]
    assert digest == planned.digest
    changes(waiting)[change]()
    before = dump(waiting.office)
    answer = attempt(waiting, path, "--plan", digest, "--confirm")
    assert (answer.code, answer.error, answer.json["imported"]) == (3, "changed-meanwhile", False)
    with pytest.raises(Refused) as raised:
        office.apply(planned)
    assert raised.value.code == "changed-meanwhile"
    assert dump(waiting.office) == before


def test_another_question_is_another_plan(waiting: Workspace) -> None:
    path = waiting.folder / "client.lic"
    waiting.add_client("Slagerij Smit", "87654321")
    waiting.create(8, "Slagerij", client="87654321", chart=None)
    waiting.add_user(HENK, 8)
    waiting.add_user("b")
    plans = [
        attempt(waiting, path).json["plan"],
        attempt(waiting, path, login="b").json["plan"],
        attempt(waiting, path, *NEW, login="c").json["plan"],
        attempt(waiting, path, "--user-name", "Other", login="c").json["plan"],
        attempt(waiting, path, number=8).json["plan"],
        attempt(waiting, waiting.issue("other.lic")).json["plan"],
    ]
    assert len(set(plans)) == len(plans)
    assert attempt(waiting, path, "--plan", plans[1], "--confirm").error == "changed-meanwhile"


def test_a_file_that_went_away_and_a_revocation_between_plan_and_apply(waiting: Workspace) -> None:
    path, office = waiting.folder / "client.lic", open_office(waiting)
    planned = office.plan_import(path, 7, HENK)
    data = path.read_bytes()
    path.unlink()
    with pytest.raises(Refused, match="file-not-found"):
        office.apply(planned)
    path.write_bytes(data)
    waiting.ok("licence", "revoke", "--issuer", waiting.folder / "issuer", "--number", "KL-2041", "--out", waiting.folder / "r.txt")
    waiting.ok("licence", "revocations", waiting.folder / "r.txt")
    before = dump(waiting.office)
    with pytest.raises(Refused, match="licence-revoked"):
        office.apply(planned)
    assert dump(waiting.office) == before


def test_a_plan_that_asks_is_not_applied_without_its_yes(waiting: Workspace) -> None:
    path, office = waiting.issue("named.lic", licensee="Slagerij Smit"), open_office(waiting)
    with pytest.raises(Refused, match="name-differs") as raised:
        office.apply(office.plan_import(path, 7, HENK))
    assert [one.code for one in raised.value.obstacles] == ["name-differs"]
    office.apply(office.plan_import(path, 7, HENK, accept=["name-differs"]))
    assert waiting.ok("administration", "show", 7)["licence"]["licensee"]["name"] == "Slagerij Smit"


# --- all or nothing ---


@pytest.mark.files_only
@pytest.mark.parametrize(
    "trigger",
    [
        "BEFORE INSERT ON events",
        "BEFORE INSERT ON events WHEN NEW.what = 'licence-imported'",
        "BEFORE INSERT ON imports",
        "BEFORE INSERT ON licences",
        "BEFORE INSERT ON users",
        "BEFORE UPDATE ON administrations",
    ],
)
def test_user_licence_and_event_come_together_or_not_at_all(waiting: Workspace, trigger: str) -> None:
    def register(statement: str) -> None:
        with closing(sqlite3.connect(waiting.office / "register.db")) as connection:
            connection.execute(statement)
            connection.commit()

    path = waiting.folder / "client.lic"
    untouched = dump(waiting.office)
    register(f"CREATE TRIGGER spoil {trigger} BEGIN SELECT RAISE(ABORT, 'spoilt'); END")
    before = dump(waiting.office)
    answer = attempt(waiting, path, "--confirm", *NEW, login="ingrid")
    assert (answer.code, answer.json["imported"]) == (4, False)
    assert answer.error
    assert dump(waiting.office) == before
    register("DROP TRIGGER spoil")
    assert dump(waiting.office) == untouched
    assert waiting.import_licence(path, 7, "ingrid", *NEW)["imported"] is True
    assert waiting.ok("journal", "verify")["ok"]


# --- the office's own licence renewed ---


def test_the_own_licence_is_renewed_by_one_of_the_same_number_only(ready: Workspace) -> None:
    new = ready.issue_own("own-2.lic", valid_until="2029-12-31", users=20)
    before = dump(ready.office)
    planned = ready.ok("licence", "renew", new)
    assert planned["renewed"] is False
    assert [one["what"] for one in planned["differences"]] == ["users", "valid_until"]
    assert dump(ready.office) == before
    for code, path in {
        "licence-differs": ready.issue_own("other.lic", number="AC-2"),
        "wrong-kind": ready.issue_own("kind.lic", kind="client"),
        "licence-expired": ready.issue_own("expired.lic", valid_until="2026-11-23"),
        "older-than-current": Workspace(ready.folder, today="2026-11-23").issue_own("older.lic"),
        "file-not-found": ready.folder / "none.lic",
        "not-a-licence": ready.trust,
    }.items():
        assert ready.refused("licence", "renew", path, "--confirm") == code
    assert dump(ready.office) == before
    assert ready.ok("licence", "renew", new, "--confirm", "--plan", planned["plan"])["renewed"] is True
    assert ready.refused("licence", "renew", new, "--confirm", "--plan", planned["plan"]) == "changed-meanwhile"
    listed = [(one["number"], one["users"]) for one in ready.ok("licence", "list")["licences"]]
    assert sorted(listed) == [("AC-1001", 10), ("AC-1001", 20), ("KL-2041", 3)]
    assert ready.ok("administration", "show", 7)["licence"]["number"] == "KL-2041"


def test_s4_a_renewal_with_the_module_makes_the_import_possible(tmp_path: Path) -> None:
    desk = under(tmp_path / "desk", module=None)
    assert_blocked(desk, "module-missing", desk.folder / "client.lic")
    desk.ok("licence", "renew", desk.issue_own("own-2.lic"), "--confirm")
    assert desk.import_licence(desk.folder / "client.lic")["imported"] is True
    assert desk.ok("licence", "list")["licences"][0]["licensee"]["kvk"] == OFFICE_KVK
