"""The command line given wrong or extreme values: refused as such, in the language asked for, and never an internal error."""

import errno
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from accountools.operations.errors import translate_error
from accountools.safe_files import temporary_path
from tests.workspace import Workspace

UNKNOWN_HOME = "~nobody-of-this-name/x"
EMPTY_PATHS: list[tuple[object, ...]] = [
    ("backup", 7, "--to", "", "--confirm"),
    ("backup", 7, "--to=", "--confirm"),
    ("backup", 7, "--passphrase-file", ""),
    ("restore", ""),
    ("restore", "--from", ""),
    ("inspect", ""),
    ("inspect", ".", "--licence", ""),
    ("inbox", ""),
    ("audit", "--csv", ""),
    ("audit", "--since", ""),
    ("dossier", 7, "--out", ""),
    ("auditfile", "export", 7, ""),
    ("auditfile", "convert", "x", ""),
    ("auditfile", "convert", "", "x"),
    ("verify", ""),
    ("rehearse", ""),
    ("install", "", "--identity", ""),
    ("client", "import", ""),
    ("demo", ""),
    ("key", "new", ""),
    ("key", "seal", "--recipient", "age1", "--out", ""),
    ("trust", "add", ""),
    ("issuer", "new", ""),
    ("licence", "show", ""),
    ("licence", "show", "x", "--trust", ""),
    ("licence", "renew", ""),
    ("init", "--licence", "", "--trust", "x"),
    ("audit", "--office", ""),
    ("audit", "--office="),
]
EXTREMES: list[tuple[object, ...]] = [
    ("lab", "--port", 0),
    ("app", "--port", -1),
    ("app", "--port", 0),
    ("app", "--port", 65536),
    ("demo", "other", "--lines", "1e14"),
    ("demo", "other", "--lines", 10**14),
    ("demo", "other", "--lines", -1),
    ("demo", "other", "--clients", 10**9),
    ("demo", UNKNOWN_HOME),
    ("audit", "--office", UNKNOWN_HOME),
    ("restore", "x", "--office", UNKNOWN_HOME),
    ("backup", 7, "--to", UNKNOWN_HOME),
    ("auditfile", "export", 7, UNKNOWN_HOME),
    ("auditfile", "export", 7, UNKNOWN_HOME, "--year", "all"),
    ("auditfile", "convert", "x", UNKNOWN_HOME),
    ("auditfile", "export", 7, "x", "--version", "2.0"),
    ("auditfile", "convert", "x", "y", "--version", ""),
    ("init", "--licence", "own.lic", "--trust", "issuer/trust.jwks", "--office", UNKNOWN_HOME),
    ("backups", "prune", "--keep-years", 0),
    ("backups", "prune", "--keep-years", "seven"),
    ("licence", "issue"),
]


def files_in(folder: Path) -> set[Path]:
    return {path for path in folder.rglob("*") if path.suffix not in {".db-wal", ".db-shm"}}


@pytest.mark.parametrize("words", EMPTY_PATHS, ids=str)
def test_an_empty_path_is_wrong_usage(ready: Workspace, words: tuple[object, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    """It is no name for the current folder, into which a command would then write."""
    monkeypatch.chdir(ready.folder)
    before = files_in(ready.folder)
    given = [str(word) for word in words]
    answer = ready.run(*(words if "--office=" not in given else [*given, "--office", ""]))
    assert (answer.code, answer.error) == (2, "usage"), answer.err
    assert files_in(ready.folder) == before


def test_an_empty_text_is_not_an_empty_path(ready: Workspace) -> None:
    ready.ok("client", "add", "--name", "Nieuw", "--kvk", "99999999", "--city", "")


@pytest.mark.parametrize("words", EXTREMES, ids=str)
def test_a_value_out_of_bounds_is_wrong_usage(ready: Workspace, words: tuple[object, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ready.folder)
    answer = ready.run(*words)
    assert (answer.code, answer.error) == (2, "usage"), answer.err
    assert not (ready.folder / "other").exists()
    assert not list(ready.folder.glob("~*"))


@pytest.mark.parametrize("day", ["0001-01-01", "1582-10-15", "1999-12-31", "3000-01-01", "9999-12-31", "2026-02-30", "20261124"])
def test_a_day_that_nobody_means_is_wrong_usage(ready: Workspace, day: str) -> None:
    for words in (("audit",), ("backup", 7), ("journal", "verify"), ("backups", "prune")):
        answer = ready.run(*words, today=day)
        assert (answer.code, answer.error) == (2, "usage"), answer.err


@pytest.mark.parametrize("day", ["2000-01-01", "2999-12-31"])
def test_the_first_and_last_day_that_may_be_given_are_reckoned_with(ready: Workspace, day: str, tmp_path: Path) -> None:
    papers = [word for kind in ("csv", "xlsx", "html", "svg") for word in (f"--{kind}", tmp_path / f"audit.{kind}")]
    assert ready.run("audit", *papers, today=day).code == 0
    for words in (
        ("backup", 7, "--purpose", "safekeeping", "--confirm"),
        ("backups", "prune", "--confirm"),
        ("inbox",),
        ("licence", "list"),
    ):
        assert ready.run(*words, today=day).code == 0


@pytest.mark.parametrize("years", [1, 100, 2026, 9999, 10**12])
def test_any_number_of_years_can_be_kept(ready: Workspace, years: int) -> None:
    made = ready.backup()
    answer = ready.ok("backups", "prune", "--keep-years", years, "--confirm")
    assert answer["backups"] == []
    assert made.exists()


@pytest.mark.parametrize(
    "words",
    [
        ("dossier", 7, "--out", "none/dossier.html"),
        ("audit", "--csv", "none/audit.csv"),
        ("audit", "--html", "none/audit.html"),
        ("key", "new", "none/new.key"),
        ("licence", "revoke", "--issuer", "issuer", "--number", "X", "--out", "none/list"),
    ],
    ids=str,
)
def test_a_missing_folder_is_named_not_the_temporary_file_in_it(
    ready: Workspace, words: tuple[object, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ready.folder)
    answer = ready.run(*words)
    assert (answer.code, answer.error) == (3, "file-not-found")
    assert answer.json["error"]["message"] == f"There is no folder {ready.folder / 'none'}."


@pytest.mark.parametrize(
    "words", [("backup", 7, "--to", "no/such"), ("inspect", "no"), ("restore", "--from", "no"), ("inbox", "no")], ids=str
)
def test_a_folder_is_not_called_a_file(ready: Workspace, words: tuple[object, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ready.folder)
    answer = ready.run(*words, "--lang", "nl")
    assert answer.error == "file-not-found"
    assert answer.json["error"]["message"].startswith("Er is geen map ")


PART = temporary_path(Path("office") / "x")


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (OSError(errno.ENOSPC, "full"), "The disk is full."),
        (OSError(errno.ENOSPC, "full", ""), "The disk is full."),
        (OSError(errno.ENOSPC, "full", 7), "The disk is full."),
        (OSError(errno.EDQUOT, "full", b"a.acb"), "The disk is full (a.acb)."),
        (OSError(errno.ENOSPC, "full", str(PART)), "The disk is full (office)."),
        (OSError(errno.EACCES, "no", ""), "Permission denied."),
        (OSError(errno.EACCES, "no", str(PART), None, "office/a.acb"), "Permission denied (office/a.acb)."),
        (OSError(errno.ENOENT, "none", str(PART)), "There is no folder office."),
        (OSError(errno.ENOENT, "none", "a.lic"), "There is no file a.lic."),
    ],
)
def test_a_failure_of_the_system_names_what_the_user_knows(error: OSError, message: str) -> None:
    assert translate_error(error).reason.sentence() == message


def change_register(desk: Workspace, statement: str) -> None:
    with sqlite3.connect(desk.office / "register.db") as connection:
        connection.execute(statement)
    connection.close()


def client_renamed(desk: Workspace) -> str:
    change_register(desk, "UPDATE clients SET name = 'x'")
    return desk.run("journal", "verify", "--lang", "nl").json["findings"][0]["message"]


def administration_renamed(desk: Workspace) -> str:
    change_register(desk, "UPDATE administrations SET description = 'x'")
    return desk.run("journal", "verify", "--lang", "nl").json["findings"][0]["message"]


def user_renamed(desk: Workspace) -> str:
    change_register(desk, "UPDATE users SET name = 'x'")
    return desk.run("journal", "verify", "--lang", "nl").json["findings"][0]["message"]


def version_removed(desk: Workspace) -> str:
    change_register(desk, "DELETE FROM alembic_version")
    return desk.run("audit", "--lang", "nl").json["error"]["message"]


def archive_cut_short(desk: Workspace) -> str:
    (desk.folder / "old").mkdir()
    (desk.folder / "old" / "a.zip").write_bytes(b"PK\x03\x04" + b"x" * 90)
    return desk.run("inspect", desk.folder / "old", "--lang", "nl").json["files"][0]["findings"][0]["message"]


def no_numbers(desk: Workspace) -> str:
    return desk.run("backup", "--lang", "nl").json["error"]["message"]


def days_reversed(desk: Workspace) -> str:
    words = ("--kind", "client", "--number", "X", "--licensee", "X", "--kvk", "12345678", "--city", "X", "--users", 1)
    days = ("--valid-from", "2027-01-01", "--valid-until", "2026-01-01", "--out", desk.folder / "x.lic")
    return desk.run("licence", "issue", "--issuer", desk.folder / "issuer", *words, *days, "--lang", "nl").json["error"]["message"]


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        (client_renamed, "Het register en het logboek komen op dit punt niet overeen: klant 12345678."),
        (administration_renamed, "Het register en het logboek komen op dit punt niet overeen: de administratie 7."),
        (user_renamed, "Het register en het logboek komen op dit punt niet overeen: de gebruikers van administratie 7."),
        (version_removed, "De gegevens van het kantoor zijn niet te lezen: de versie van de tabellen."),
        (archive_cut_short, "De back-up is beschadigd of gewijzigd: de gecomprimeerde gegevens."),
        (no_numbers, "backup N… | --all-ready | --register"),
        (days_reversed, "--valid-until < --valid-from"),
    ],
)
def test_a_dutch_sentence_has_no_english_in_it(ready: Workspace, fault: Callable[[Workspace], str], message: str) -> None:
    assert fault(ready) == message
