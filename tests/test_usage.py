"""The command line given wrong or extreme values: refused as such, in the language asked for, and never an internal error."""

import errno
import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from accountools.cli import main
from accountools.cli.typer_texts import as_key
from accountools.domain.errors import MachineFailed, Refused
from accountools.domain.obstacle import Part
from accountools.operations.cluster import _suitable_threads
from accountools.operations.errors import translate_error
from accountools.safe_files import temporary_path
from accountools.texts import Texts
from tests.test_cluster import running_cluster
from tests.test_docs import commands
from tests.workspace import Workspace

UNKNOWN_HOME = "~nobody-of-this-name/x"
OUTPUTS = {"backups", "csv", "html", "inbox", "out", "paper", "path", "png", "svg", "to", "xlsx"}  # what a command writes to
INPUTS = {
    *("chart", "file", "files", "folder", "identity", "issuer", "jwks", "licence", "office", "passphrase_file", "since", "source", "trust"),
}
NEW_FOLDERS = {"demo", "issuer new"}  # their `folder` is written to
EXTREMES: list[tuple[object, ...]] = [
    ("lab", "--port", 0),
    ("app", "--port", -1),
    ("app", "--port", 0),
    ("app", "--port", 65536),
    ("demo", "other", "--lines", "1e14"),
    ("demo", "other", "--lines", 10**14),
    ("demo", "other", "--lines", -1),
    ("demo", "other", "--clients", 10**9),
    ("auditfile", "export", 7, UNKNOWN_HOME, "--year", "all"),
    ("audit", "--office", f"postgresql://localhost/x?folder={UNKNOWN_HOME}"),
    ("office", "move", "--to", f"postgresql://localhost/x?folder={UNKNOWN_HOME}"),
    ("auditfile", "export", 7, "x", "--version", "2.0"),
    ("auditfile", "convert", "x", "y", "--version", ""),
    ("backups", "prune", "--keep-years", 0),
    ("backups", "prune", "--keep-years", "seven"),
    ("licence", "issue"),
]


def files_in(folder: Path) -> set[Path]:
    return {path for path in folder.rglob("*") if path.suffix not in {".db-wal", ".db-shm"}}


def is_path(parameter: Any) -> bool:
    return getattr(getattr(parameter.type, "func", None), "__name__", "") in {"_parse_path", "parse_place"}


COMMANDS = {name: command for name, command in commands() if any(map(is_path, command.params))}
PATHS = [(name, one.name) for name, command in COMMANDS.items() for one in command.params if is_path(one)]


def given_path(name: str, parameter: str, path: str) -> list[str]:
    """The words of a command with this path, and with something for each other parameter that it needs."""
    words = name.split()
    for one in COMMANDS[name].params:
        if one.name == parameter or one.required:
            value = path if one.name == parameter else fitting(one)
            words += [value] if one.param_type_name == "argument" else [one.opts[0], value]
    if name in {"key seal", "backup"} and parameter != "passphrase_file":
        words += ["--recipient", "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"]
    return (
        [*words, "7"]
        if name == "backup"
        else [*words, "restored.acb"]
        if name == "restore" and parameter not in {"files", "folder"}
        else words
    )


def fitting(parameter: Any) -> str:
    """A value that the command takes for one of its parameters, as far as it matters to its paths."""
    by_name = {
        "issuer": "issuer",
        "paper": "paper.csv",
        "kvk": "12345678",
        "number": "7",
        "users": "1",
        "kind": "client",
        "account": "1000",
    }
    days = {"valid_from": "2026-01-01", "valid_until": "2027-01-01"}
    return (by_name | days).get(parameter.name, f"other.{parameter.name}" if parameter.name in OUTPUTS else "client.lic")


def test_each_path_is_known_as_read_or_written() -> None:
    assert {parameter for _, parameter in PATHS} == INPUTS | OUTPUTS
    others = [name for name, command in COMMANDS.items() for one in command.params if one.name in OUTPUTS | INPUTS and not is_path(one)]
    assert others == ["administration copy"]  # to another number


@pytest.mark.parametrize("name", COMMANDS)
def test_an_empty_path_is_wrong_usage(ready: Workspace, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is no name for the current folder, into which a command would then write."""
    monkeypatch.chdir(ready.folder)
    before = files_in(ready.folder)
    for parameter in (parameter for its, parameter in PATHS if its == name):
        answer = ready.run(*given_path(name, parameter, ""))
        assert (answer.code, answer.error) == (2, "usage"), (parameter, answer.err)
        assert "a path can't be empty" in answer.err
    assert files_in(ready.folder) == before


def test_an_option_with_nothing_behind_its_sign_is_an_empty_path(ready: Workspace) -> None:
    for words in (("backup", 7, "--to=", "--confirm"), ("office", "move", "--to="), ("audit", "--office=", "--office", "")):
        assert ready.run(*words).error == "usage"


@pytest.mark.parametrize("name", COMMANDS)
def test_the_home_of_nobody_is_no_internal_error(ready: Workspace, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is written there is wrong usage; what is read there isn't found, for a file's own name may begin so."""
    monkeypatch.chdir(ready.folder)
    for parameter in (parameter for its, parameter in PATHS if its == name):
        if parameter == "office" and name in {"lab", "app", "shortcut"}:
            continue  # they serve or make what opens it later
        path = f"{UNKNOWN_HOME}.csv" if parameter in {"out", "paper"} else UNKNOWN_HOME
        answer = ready.run(*given_path(name, parameter, path))
        if parameter in OUTPUTS or (parameter == "folder" and name in NEW_FOLDERS):
            assert (answer.code, answer.error) == (2, "usage"), (parameter, answer.err)
        else:  # not every command opens the office
            assert answer.error != "internal-error", (parameter, answer.out)
            assert answer.code in {2, 3} or parameter == "office", (parameter, answer.out, answer.err)
    assert not list(ready.folder.rglob("~*"))


@pytest.mark.parametrize(
    "words",
    [
        ("licence", "import", "x", "--administration", 7, "--user", "a"),
        ("licence", "renew", "x"),
        ("restore", "x"),
        ("install", "x"),
        ("auditfile", "import", "x", "--administration", 7),
    ],
    ids=lambda words: " ".join(words[:2]),
)
def test_a_misspelled_code_to_accept_is_wrong_usage(ready: Workspace, words: tuple[object, ...]) -> None:
    """It would accept nothing, in silence."""
    assert ready.refused(*words, "--accept", "kvk-difers", code=2) == "usage"
    assert ready.run(*words, "--accept", "kvk-differs").code == 3


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


def auditfile_of(content: bytes) -> Callable[[Workspace], str]:
    def check(desk: Workspace) -> str:
        path = desk.folder / "x.xaf"
        path.write_bytes(content)
        return (
            desk.run("auditfile", "import", path, "--administration", 7, "--lang", "nl")
            .json["error"]["message"]
            .removeprefix(f"{desk.folder}/")
        )

    return check


def register_overwritten(desk: Workspace) -> str:
    (desk.office / "register.db").write_bytes(b"no database" * 1000)
    for ending in ("-wal", "-shm"):
        (desk.office / f"register.db{ending}").unlink(missing_ok=True)
    return desk.run("audit", "--lang", "nl").json["error"]["message"]


def worker_of_another_version(desk: Workspace) -> str:
    with running_cluster(desk.folder) as cluster, cluster.worker(version="0.9.0"):
        answer = desk.run("backup", 7, "--confirm", *cluster.workers, "--lang", "nl")
    return re.sub("tcp://[0-9.:]+", "tcp://…", answer.json["error"]["message"])


def worker_without_the_office(desk: Workspace) -> str:
    refused = MachineFailed("office-damaged", what=Part.JOURNAL)
    client = SimpleNamespace(nthreads=lambda: {"tcp://…": 1}, run=lambda *_, **__: {"tcp://…": refused})
    with pytest.raises(Refused) as raised:
        _suitable_threads(client, None, "", signs=False, seen=[])
    return Texts("nl").sentence(raised.value.reason)


BROKEN = "x.xaf is geen leesbare auditfile: "


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        (auditfile_of(b"hello\n"), BROKEN + "er staat niet precies één auditfile in, als XML of als ADF."),
        (auditfile_of(b"<other/>"), BROKEN + "er staat niet precies één auditfile in, als XML of als ADF."),
        (auditfile_of(b"<!DOCTYPE a><auditfile/>"), BROKEN + "er staat een documenttype (DOCTYPE) in, wat geen auditfile heeft."),
        (auditfile_of(b"PK\x03\x04 cut short"), BROKEN + "het archief waar het in zit, is beschadigd."),
        (register_overwritten, "De gegevens van het kantoor zijn niet te lezen: het bestand is geen database."),
        (worker_of_another_version, "Worker tcp://… kan dit werk niet doen: daarop is accountools 0.9.0 geïnstalleerd."),
        (worker_without_the_office, "Worker tcp://… kan dit werk niet doen: De gegevens van het kantoor zijn niet te lezen: het logboek."),
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


@pytest.mark.parametrize(
    ("words", "dutch", "english"),
    [
        (("nope",), "Er is geen opdracht nope.", "There is no command nope."),
        (("client", "lst"), "Er is geen opdracht lst.", "There is no command lst."),
        (("client", "list", "--foo"), "Er is geen optie --foo.", "There is no option --foo."),
        (("client", "add"), "--name ontbreekt.", "--name is missing."),
        (("dossier",), "N ontbreekt.", "N is missing."),
        (("client", "list", "--json=1"), "Bij de optie --json hoort geen waarde.", "Option --json takes no value."),
        (("client", "list", "over"), "Onverwacht argument: over.", "Unexpected argument: over."),
        (("app", "--port", "x"), "--port heeft een andere waarde nodig (een getal van 1 tot en met 65535).",
         "--port needs another value (a number from 1 to 65535)."),
        (("backup", "7", "--purpose", "x"), "--purpose heeft een andere waarde nodig (handover | safekeeping).",
         "--purpose needs another value (handover | safekeeping)."),
        (("audit", "--today", "x"), "--today heeft een andere waarde nodig (YYYY-MM-DD).", "--today needs another value (YYYY-MM-DD)."),
        (("audit", "--office", ""), "--office heeft een andere waarde nodig (een pad kan niet leeg zijn).",
         "--office needs another value (a path can't be empty)."),
    ],
)  # fmt: skip
def test_wrong_usage_is_said_in_the_language_of_the_user(tmp_path: Path, words: tuple[str, ...], dutch: str, english: str) -> None:
    desk = Workspace(tmp_path, today=None)
    for language, sentence in (("nl", dutch), ("en", english)):
        for lang in (("--lang", language), (f"--lang={language}",)):
            answer = desk.run(*words, *lang)
            assert (answer.code, answer.error, answer.json["error"]["message"]) == (2, "usage", sentence)
            assert answer.err.splitlines()[0] == f"usage: {sentence}"


def test_an_option_without_its_value_is_said_too(capsys: pytest.CaptureFixture[str]) -> None:
    for language, sentence in (("nl", "Bij de optie --name hoort een waarde."), ("en", "Option --name needs a value.")):
        with pytest.raises(SystemExit) as ended:
            main(["client", "add", "--lang", language, "--name"])
        assert (ended.value.code, capsys.readouterr().err.splitlines()[0]) == (2, f"usage: {sentence}")


@pytest.mark.parametrize("words", [(), ("client",)])
def test_without_a_command_the_help_is_printed(words: tuple[str, ...]) -> None:
    answer = subprocess.run([Path(sys.executable).with_name("accountools"), *words], capture_output=True, text=True, check=False)
    assert answer.returncode == 2
    assert answer.stderr.startswith(" ".join(("Usage: accountools", *words)))
    assert "\n  " in answer.stderr
    assert "\\u000a" not in answer.stderr


def help_of(*words: str, capsys: pytest.CaptureFixture[str]) -> str:
    with pytest.raises(SystemExit):
        main([*words])
    return "".join(capsys.readouterr())


FRAME = {
    "nl": ("Gebruik: ", "[OPTIES]", "Opties: ", "Toon deze hulp."),
    "en": ("Usage: ", "[OPTIONS]", "Options: ", "Show this message and exit."),
}
OTHERS = {
    "nl": ("required]", "[default:", ";default:", "[OPTIONS]", "COMMAND", "<int>"),
    "en": ("verplicht]", "standaard:", "[OPTIES]", "<getal>"),
}


@pytest.mark.parametrize(
    ("words", "read"), [(("repair",), {"repair"}), (("journal", "verify"), {"verify"}), (("nothing",), {"repair", "verify", "lab"})]
)
def test_only_the_options_of_what_is_run_are_read(desk: Workspace, words: tuple[str, ...], read: set[str]) -> None:
    """Reading those of all commands takes longer than many a command."""
    script = """if True:
        import sys, typer.main
        from accountools.cli import main
        real = typer.main.get_command_from_info
        def telling(**options):
            print("read:", options["command_info"].name)
            return real(**options)
        typer.main.get_command_from_info = telling
        main(sys.argv[1:])
    """
    done = subprocess.run([sys.executable, "-c", script, *desk.arguments(*words)], capture_output=True, text=True, check=False)
    seen = {line.removeprefix("read: ") for line in done.stdout.splitlines() if line.startswith("read: ")}
    assert read <= seen
    assert (seen == read) == (words != ("nothing",))


def test_help_is_in_the_language_of_the_user(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Of each command, as its language or the system's is asked for; one language after the other in the same process."""
    for name, command in commands():
        for language, given in (("nl", "nl_NL.UTF-8"), ("en", "C"), ("nl", "nl_BE.UTF-8")):
            monkeypatch.setenv("LC_ALL", given)
            texts = Texts(language)  # type: ignore[arg-type]
            shown = "".join(help_of(*name.split(), "--help", capsys=capsys).split())  # a line may end within a word
            for text in (*FRAME[language], texts(as_key(command.help)), *(texts(as_key(one.help)) for one in command.params if one.help)):
                assert "".join(text.split()) in shown, (name, language)
            for word in OTHERS[language]:
                assert word not in shown, name
        monkeypatch.setenv("LC_ALL", "C")
        assert help_of(*name.split(), "--lang", "nl", "--help", capsys=capsys).startswith("Gebruik: ")


@pytest.mark.parametrize("words", [(), ("client",), ("auditfile",)])
def test_the_help_without_a_command_too(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], words: tuple[str, ...]
) -> None:
    cases = (("nl_NL.UTF-8", "Opdrachten:", "[OPTIES] OPDRACHT [ARGUMENTEN]..."), ("C", "Commands:", "[OPTIONS] COMMAND [ARGS]..."))
    for given, heading, usage in cases:
        monkeypatch.setenv("LC_ALL", given)
        for asked in ((*words, "--help"), words):
            first, *rest = help_of(*asked, capsys=capsys).splitlines()
            assert first.endswith(usage)
            assert heading in rest
