"""Clients and administrations: making them from a chart or a template, copying to another number, putting away (S1, S7)."""

import sqlite3
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from accountools.domain.identifiers import AdministrationNumber
from tests.engines import add_book_row, book_rows
from tests.test_import import dump
from tests.test_users import WEIRD
from tests.workspace import CLIENT_KVK, HENK, PIET, CommandResult, Workspace

pytestmark = pytest.mark.both_engines


BOOKS = ("accounts", "journals", "vat_codes", "relations", "entries", "lines")
CHART = "code,name,rgs,kind,side,vat\r\n1000,Kas,BLimKas,B,D,\r\n8000,Omzet,WOmz,P,C,X9\r\n"


def books(desk: Workspace, number: int) -> dict[str, list[tuple[Any, ...]]]:
    """Everything in the books of an administration, read past the program."""
    return {table: sorted(book_rows(desk.office, table, number), key=repr) for table in BOOKS}


def book(desk: Workspace, number: int) -> None:
    """Put a relation, an entry and two lines in the books."""
    journal = min(code for code, *_ in book_rows(desk.office, "journals", number))
    one, other, *_ = sorted(code for code, *_ in book_rows(desk.office, "accounts", number))
    add = partial(add_book_row, desk.office, number)
    add("relations", code="D1", name="Klant", kind="D", city="Delft")
    add("years", label="2026", first_day="2026-01-01", last_day="2026-12-31", closed=0)
    add("periods", year="2026", number=1)
    add("entries", id=1, journal=journal, number="1", date="2026-01-01", period=1, description="x", year="2026")
    for line, (account, side) in enumerate(((one, "D"), (other, "C")), 1):
        add("lines", id=line, entry=1, account=account, side=side, amount=123456, description="x", relation="D1")


def create(desk: Workspace, number: object, *flags: object, description: str = "Proef") -> CommandResult:
    return desk.run("administration", "create", number, "--description", description, *flags)


def unchanged(desk: Workspace, code: str, *words: object) -> None:
    """The command is refused with `code`, and neither the register nor any file has changed."""
    before = dump(desk.office)
    assert desk.refused(*words) == code, words
    assert dump(desk.office) == before


# --- clients ---


def test_clients_are_known_by_their_kvk_number(empty_office: Workspace) -> None:
    made = empty_office.ok("client", "add", "--name", " Bakkerij   Jansen ", "--kvk", "12.345.678", "--city", "Delft")
    assert made["client"] == {"kvk": CLIENT_KVK, "name": "Bakkerij Jansen", "city": "Delft"}
    unchanged(empty_office, "client-exists", "client", "add", "--name", "Another name", "--kvk", CLIENT_KVK)
    for kvk in ("", "1234567", "123456789", "1234567a", "１２３４５６７８", "-1234567", "1e7", "9" * 10_000):
        unchanged(empty_office, "kvk-invalid", "client", "add", "--name", "x", "--kvk", kvk)
    for kvk in ("1.2345678", "1234567.8", "12.34.56.78", "12,345,678", "123.45678", "12345678.0", "''12345678"):
        unchanged(empty_office, "kvk-invalid", "client", "add", "--name", "x", "--kvk", kvk)
    for name in ("", "   ", "\u200b", "\n"):
        unchanged(empty_office, "name-missing", "client", "add", "--name", name, "--kvk", "87654321")
    empty_office.add_client("Äpfel «Öl» 🥖", "00000001")
    assert [(one["name"], one["kvk"]) for one in empty_office.ok("client", "list")["clients"]] == [
        ("Bakkerij Jansen", CLIENT_KVK),
        ("Äpfel «Öl» 🥖", "00000001"),
    ]


@pytest.mark.parametrize("kvk", ["01234567", "01.234.567", "01 234 567", "0123 4567", "'01234567", " 01\u00a0234\u202f567 "])
def test_a_kvk_number_is_read_as_people_and_spreadsheets_write_it(empty_office: Workspace, kvk: str) -> None:
    assert empty_office.ok("client", "add", "--name", "x", "--kvk", kvk)["client"]["kvk"] == "01234567"


@pytest.mark.parametrize("kvk", ["1234567", "1234567.0", "1234567.00", "1.234.567", " 1 234 567", "'1234567"])
def test_a_kvk_number_that_lost_its_zero_is_refused_with_the_reason(empty_office: Workspace, kvk: str) -> None:
    """01234567 is another company than 12345670: what a spreadsheet made of it isn't guessed."""
    answer = empty_office.run("client", "add", "--name", "x", "--kvk", kvk)
    assert (answer.code, answer.error) == (3, "kvk-invalid")
    assert "drops a zero" in answer.json["error"]["remedy"]


def test_a_list_of_clients_comes_in_whole_or_not_at_all(empty_office: Workspace) -> None:
    empty_office.add_client()
    path = empty_office.folder / "clients.csv"
    path.write_bytes("name,kvk,city\r\nBakkerij Jansen,12345678,Delft\r\nCafé 't Hoekje,10004789,Middelburg\r\n".encode())
    read = empty_office.ok("client", "import", path)
    assert ([one["kvk"] for one in read["added"]], [one["kvk"] for one in read["known"]]) == (["10004789"], [CLIENT_KVK])
    for code, text in {
        "kvk-invalid": "name,kvk,city\nA,11112222,x\nB,1111222,x\n",
        "name-missing": "name,kvk,city\nA,11112222,x\n ,11112223,x\n",
        "clients-invalid": "naam;nummer\nA;11112222\n",
    }.items():
        path.write_text(text)
        unchanged(empty_office, code, "client", "import", path)
    unchanged(empty_office, "file-not-found", "client", "import", empty_office.folder / "none.csv")
    path.write_bytes("name;kvk;city\nBäcker;11112222;Ulm\n".encode("cp1252"))
    assert empty_office.ok("client", "import", path)["added"][0]["name"] == "Bäcker"


# --- making ---


def test_s7_a_number_runs_from_1_to_99999_and_is_given_once(empty_office: Workspace) -> None:
    for typed, number in (("1", 1), ("007", 7), ("00999", 999), ("99999", 99999)):
        assert create(empty_office, typed).json["administration"] == number
        unchanged(empty_office, "number-taken", "administration", "create", number, "--description", "x")
    for typed in (
        "0",
        "000",
        "100000",
        "x",
        "",
        " ",
        "0７",
        "０７",
        "+7",
        "-7",
        "1e2",
        "0x7",
        "7.0",
        "1_0",
        "٧",
        "²",
        "\udcff",
        "\u200f7",
        "7\0",
        "9" * 5000,
    ):
        before = dump(empty_office.office)
        answer = create(empty_office, typed)
        assert (answer.code, answer.error) in {(3, "number-invalid"), (2, "usage")}, ascii(typed)[:40]
        assert (answer.code == 2) <= typed.startswith(("-", "\udcff")), ascii(typed)[:40]  # a hyphen begins an option
        assert dump(empty_office.office) == before
    assert [one["number"] for one in empty_office.ok("administration", "list")["administrations"]] == [1, 7, 999, 99999]
    assert f"{AdministrationNumber(7)}" == "007"


def test_a_description_has_at_most_60_characters_and_at_least_one(empty_office: Workspace) -> None:
    assert create(empty_office, 1, description="x" * 60).json["description"] == "x" * 60
    assert create(empty_office, 2, description="🥖" * 60).code == 0
    assert create(empty_office, 3, description="  A\u200b  " + "e\u0301" * 50).json["description"] == "A " + "é" * 50
    for text in ("x" * 61, "x" * 10_000, "é" * 61):
        unchanged(empty_office, "description-too-long", "administration", "create", 9, "--description", text)
    for text in ("", " ", "\u200f", "\0"):
        unchanged(empty_office, "name-missing", "administration", "create", 9, "--description", text)


def test_an_administration_is_for_a_client_or_is_a_template(empty_office: Workspace) -> None:
    empty_office.add_client()
    assert create(empty_office, 7, "--client", CLIENT_KVK).json["client"] == CLIENT_KVK
    assert create(empty_office, 1).json["client"] is None
    unchanged(empty_office, "client-not-found", "administration", "create", 8, "--description", "x", "--client", "87654321")
    unchanged(empty_office, "kvk-invalid", "administration", "create", 8, "--description", "x", "--client", "x")
    listed = empty_office.ok("administration", "list")["administrations"]
    assert [(one["number"], one["client"] and one["client"]["name"]) for one in listed] == [(1, None), (7, "Bakkerij Jansen")]
    assert [row["number"] for row in empty_office.ok("audit")["rows"]] == [7]  # a template has no row
    assert empty_office.refused("backup", 1, "--confirm") == "client-not-found"
    shown = empty_office.ok("administration", "show", 7)
    assert shown["licence"] is None
    assert shown["counts"] == {"accounts": 0, "entries": 0, "lines": 0, "relations": 0, "years": 0, "vat_rows": 0}
    assert shown["totals"] == {"debit": "0.00", "credit": "0.00"}
    for number in ("8", "1234"):
        unchanged(empty_office, "administration-not-found", "administration", "show", number)


def test_s1_the_books_take_their_chart_from_a_file(empty_office: Workspace) -> None:
    chart = empty_office.folder / "chart.csv"
    chart.write_text(CHART)
    empty_office.create(1, "Sjabloon", client=None, chart=chart)
    made = books(empty_office, 1)
    assert [row[0] for row in made["accounts"]] == ["1000", "8000"]
    assert made["journals"]
    assert "X9" in [row[0] for row in made["vat_codes"]]
    empty_office.create(2, "Standaard", client=None)
    assert empty_office.ok("administration", "show", 2)["counts"]["accounts"] >= 150
    for text in ("", "naam\nKas\n", CHART + "1000,Kas,,B,D,\r\n", CHART.replace("B,D", "Q,D")):
        chart.write_text(text)
        unchanged(empty_office, "chart-invalid", "administration", "create", 3, "--description", "x", "--chart", chart)
    unchanged(empty_office, "file-not-found", "administration", "create", 3, "--description", "x", "--chart", empty_office.folder / "none")
    both = empty_office.run("administration", "create", 3, "--description", "x", "--chart", "standard", "--from", 1)
    assert (both.code, both.error) == (2, "options-exclude")


@pytest.mark.files_only
def test_s1_a_template_gives_chart_journals_and_vat_codes_and_nothing_else(ready: Workspace) -> None:
    book(ready, 7)
    ready.add_client("Slagerij Smit", "87654321")
    ready.create(8, "Slagerij Smit", client="87654321", chart=None, from_=7)
    source, made = books(ready, 7), books(ready, 8)
    for table in ("accounts", "journals", "vat_codes"):
        assert made[table] == source[table]
        assert made[table]
    for table in ("relations", "entries", "lines"):
        assert source[table]
        assert made[table] == []
    shown = ready.ok("administration", "show", 8)
    assert (shown["users"], shown["licence"], shown["client"]["kvk"]) == ([], None, "87654321")
    unchanged(ready, "administration-not-found", "administration", "create", 9, "--description", "x", "--from", 99)
    unchanged(ready, "number-invalid", "administration", "create", 9, "--description", "x", "--from", "x")
    unchanged(ready, "number-taken", "administration", "create", 7, "--description", "x", "--from", 8)
    (ready.office / "administrations" / "00008.db").unlink()
    unchanged(ready, "books-missing", "administration", "create", 9, "--description", "x", "--from", 8)


@pytest.mark.files_only
def test_an_administration_comes_to_exist_whole_or_not_at_all(empty_office: Workspace) -> None:
    def register(statement: str) -> None:
        with closing(sqlite3.connect(empty_office.office / "register.db")) as connection:
            connection.execute(statement)
            connection.commit()

    empty_office.add_client()
    register("CREATE TRIGGER spoil BEFORE INSERT ON events BEGIN SELECT RAISE(ABORT, 'spoilt'); END")
    answer = create(empty_office, 7, "--client", CLIENT_KVK, "--chart", "standard")
    assert answer.code == 4
    assert empty_office.ok("administration", "list")["administrations"] == []
    register("DROP TRIGGER spoil")
    empty_office.create()
    assert empty_office.ok("administration", "show", 7)["counts"]["entries"] == 0
    assert empty_office.ok("journal", "verify")["ok"]


# --- another number ---


def test_s7_a_client_who_wants_another_number_gets_a_copy_and_the_backup_is_of_the_copy(ready: Workspace) -> None:
    book(ready, 7)
    ready.add_user(PIET, 7, "--office-user")
    ready.add_user("late", 7, "--inactive")
    ready.backup(7)
    before = ready.ok("administration", "show", 7)
    events = ready.ok("journal", "--administration", 7)["events"]
    made = ready.ok("administration", "copy", "007", "0012", "--description", "Jansen, nieuw nummer")
    assert made == {"administration": 12, "description": "Jansen, nieuw nummer", "client": CLIENT_KVK}
    assert ready.ok("administration", "show", 7) == before
    assert ready.ok("journal", "--administration", 7)["events"] == events
    copied = ready.ok("administration", "show", 12)
    assert copied == before | {"number": 12, "description": "Jansen, nieuw nummer"}
    assert copied["licence"]["number"] == "KL-2041"
    assert {one["login"]: (one["active"], one["office"]) for one in copied["users"]} == {
        HENK: (True, False),
        PIET: (True, True),
        "late": (False, False),
    }
    assert books(ready, 12) == books(ready, 7)
    assert books(ready, 12)["lines"]
    assert [one["what"] for one in ready.ok("journal", "--administration", 12)["events"]] == ["administration-copied"]
    assert [one["administration"] for one in ready.ok("backups", "list")["backups"]] == [7]
    rows = {row["number"]: row for row in ready.ok("audit")["rows"]}
    assert (rows[12]["user"], rows[12]["last_handover"]) == (HENK, None)
    assert rows[7]["last_handover"] == "2026-11-24"
    backup = ready.backup(12)
    client = ready.create_client_office()
    assert ready.ok("restore", backup, "--confirm", office=client)["administration"] == 12
    assert [one["number"] for one in ready.ok("administration", "list", office=client)["administrations"]] == [12]
    assert ready.ok("journal", "verify")["ok"]


def test_a_copy_and_its_source_go_their_own_way(ready: Workspace) -> None:
    ready.ok("administration", "copy", 7, 12)
    assert ready.ok("administration", "show", 12)["description"] == "Bakkerij Jansen"
    ready.add_user("only in the copy", 12)
    ready.ok("user", "deactivate", "--administration", 12, HENK)
    book(ready, 12)
    source = ready.ok("administration", "show", 7)
    assert [(one["login"], one["active"]) for one in source["users"]] == [(HENK, True)]
    assert source["counts"]["entries"] == 0
    assert ready.ok("administration", "show", 12)["counts"]["entries"] == 1


@pytest.mark.files_only
def test_s7_what_came_from_a_backup_is_copied_too(ready: Workspace) -> None:
    """Books made of an image have pages of another size than those made here."""
    made = ready.backup(7)
    client = ready.create_client_office()
    ready.ok("restore", made, "--confirm", office=client)
    ready.ok("install", ready.backup(7, office=client), "--replace", "--confirm")
    ready.ok("administration", "copy", 7, 9)
    assert books(ready, 9) == books(ready, 7)
    ready.ok("administration", "copy", 9, 10)
    assert books(ready, 10) == books(ready, 7)
    with closing(sqlite3.connect(ready.office / "administrations" / "00010.db")) as copied:
        assert copied.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert copied.execute("PRAGMA integrity_check").fetchone() == ("ok",)


@pytest.mark.files_only
def test_s7_a_copy_needs_a_free_number_and_a_source(ready: Workspace) -> None:
    ready.create(1, "Sjabloon", client=None)
    unchanged(ready, "number-taken", "administration", "copy", 7, 1)
    unchanged(ready, "number-taken", "administration", "copy", 7, 7)
    unchanged(ready, "administration-not-found", "administration", "copy", 8, 9)
    unchanged(ready, "number-invalid", "administration", "copy", 7, "x")
    unchanged(ready, "number-invalid", "administration", "copy", 7, 100_000)
    unchanged(ready, "description-too-long", "administration", "copy", 7, 9, "--description", "x" * 61)
    unchanged(ready, "name-missing", "administration", "copy", 7, 9, "--description", " ")
    (ready.office / "administrations" / "00007.db").unlink()
    unchanged(ready, "books-missing", "administration", "copy", 7, 9)


def test_a_copy_of_a_template_is_one_too(empty_office: Workspace) -> None:
    empty_office.create(1, "Sjabloon", client=None)
    assert empty_office.ok("administration", "copy", 1, 2)["client"] is None
    assert books(empty_office, 2) == books(empty_office, 1)


# --- putting away ---


def test_archiving_takes_out_of_audit_and_hand_over_and_keeps_everything(ready: Workspace) -> None:
    shown, kept = ready.ok("administration", "show", 7), books(ready, 7)
    ready.add_client("Slagerij Smit", "87654321")
    for _ in range(2):
        assert ready.ok("administration", "archive", "007") == {"administration": 7, "archived": True}
    assert ready.ok("administration", "show", 7) == shown | {"archived": True}
    assert books(ready, 7) == kept
    assert 7 not in [row["number"] for row in ready.ok("audit")["rows"]]
    assert ready.ok("backup", "--all-ready", "--confirm")["backups"] == []
    assert ready.run("backup", 7, "--confirm").code == 3
    assert list((ready.office / "backups").iterdir()) == []
    assert [one["archived"] for one in ready.ok("administration", "list")["administrations"]] == [True]
    unchanged(ready, "number-taken", "administration", "create", 7, "--description", "x")
    for _ in range(2):
        assert ready.ok("administration", "unarchive", 7) == {"administration": 7, "archived": False}
    assert [row["state"] for row in ready.ok("audit")["rows"] if row["number"] == 7] == ["ready"]
    what = [one["what"] for one in ready.ok("journal", "--administration", 7)["events"]]
    assert what[-2:] == ["administration-archived", "administration-unarchived"]
    assert what.count("administration-archived") == 1
    assert ready.backup(7).is_file()
    unchanged(ready, "administration-not-found", "administration", "archive", 8)


# --- whatever is typed ---


def test_whatever_is_typed_for_a_client_or_an_administration_has_a_code(empty_office: Workspace) -> None:
    taken = {None, "usage", "name-missing", "description-too-long", "kvk-invalid", "number-invalid", "login-invalid"}
    for n, text in enumerate(WEIRD, 1):
        for answer in (
            empty_office.run("client", "add", "--name", text, "--city", text, "--kvk", f"{n:08d}"),
            create(empty_office, n, description=text),
            create(empty_office, 5000, "--client", text),
            empty_office.run("administration", "show", text),
            empty_office.run("administration", "enter", 1, "--as", text),
        ):
            assert (answer.error == "usage") == any("\ud800" <= c <= "\udfff" for c in text), (ascii(text)[:40], answer.err)
            assert answer.code == {None: 0, "usage": 2}.get(answer.error, 3), (ascii(text)[:40], answer.err)
            assert answer.error in taken | {"administration-not-found", "user-not-found"}, (ascii(text)[:40], answer.err)
    for one in empty_office.ok("client", "list")["clients"]:
        assert one["name"] == " ".join(one["name"].split())
        assert not any(0xD800 <= ord(c) <= 0xDFFF or ord(c) < 32 or c in "\u200b\u200f\u202e\ufeff" for c in one["name"] + one["city"])
    assert empty_office.ok("journal", "verify")["ok"]


def test_without_an_office_every_command_says_so(ready: Workspace) -> None:
    for place in ("none", "client.lic", "client.lic/below", "\0"):
        for words in (("audit",), ("client", "list"), ("administration", "show", 7), ("trust", "list")):
            answer = ready.run(*words, office=Path(f"{ready.folder}/{place}"))
            assert (answer.code, answer.error) == (3, "office-not-found"), place
