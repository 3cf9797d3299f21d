"""What a refusal tells to do can be done: each is followed, by the command that it names, and then it goes."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.workspace import HENK, CommandResult, Workspace

STRANGER_KVK = "99999999"


def refusal(desk: Workspace, *words: object, office: Path | None = None) -> str:
    """What a command that is refused says, in English."""
    answer: CommandResult = desk.run(*words, "--lang", "en", office=office)
    assert answer.code in {1, 3}, answer
    return answer.err


def spoiled(desk: Workspace, signed: Path) -> Path:
    """A file with the signature of another one."""
    first, *lines, last = signed.read_text("utf-8").splitlines()
    head, payload, _ = "".join(lines).split(".")
    path = desk.folder / f"spoiled-{signed.name}"
    path.write_text("\n".join((first, f"{head}.{payload}.{'A' * 86}", last)) + "\n", "utf-8")
    return path


def clients_own_backup(desk: Workspace) -> Path:
    """What the client sends back, who got the books from the office."""
    first = desk.backup()
    office = desk.create_client_office()
    desk.ok("restore", first, "--confirm", office=office)
    return desk.backup(7, office=office)


# --- administrations, clients and users ---


def test_a_template_is_no_administration_to_hand_over_but_one_can_be_made_from_it(ready: Workspace) -> None:
    ready.create(1, "Sjabloon", client=None)
    ready.add_client("Slagerij De Wit", STRANGER_KVK)
    for words in (("backup", 1), ("licence", "import", ready.folder / "client.lic", "--administration", 1, "--user", HENK)):
        message = refusal(ready, *words)
        assert "is a template: it has no client" in message
        assert "administration create NUMBER --client KVK --from" in message
    ready.ok("administration", "create", 8, "--client", STRANGER_KVK, "--from", 1, "--description", "x")


def test_a_number_is_chosen_anew_where_one_is_given_and_replaced_where_a_backup_has_it(ready: Workspace) -> None:
    kept = ready.backup(7, "--purpose", "safekeeping")
    message = refusal(ready, "administration", "create", 7, "--description", "x")
    assert "Choose a free number." in message
    assert "--replace" not in message
    message = refusal(ready, "restore", kept)
    assert "--replace" in message
    assert "free number" not in message
    ready.ok("restore", kept, "--replace", "--confirm")


@pytest.mark.parametrize(
    "words",
    [
        ("user", "deactivate", "--administration", 7, "ingrid"),
        ("administration", "enter", 7, "--as", "ingrid"),
        ("licence", "import", "client.lic", "--administration", 7, "--user", "ingrid"),
    ],
)
def test_a_user_who_is_not_there_is_looked_up_or_added(ready: Workspace, words: tuple[object, ...]) -> None:
    given = [ready.folder / word if word == "client.lic" else word for word in words]
    message = ready.run(*given, "--lang", "en").err
    assert "`accountools user list --administration" in message
    assert "`accountools user add`" in message
    ready.ok("user", "list", "--administration", 7)
    ready.add_user("ingrid")
    assert ready.run(*given).error != "user-not-found"


# --- backups ---


def test_books_that_were_changed_since_they_went_to_the_client_go_there_first(ready: Workspace) -> None:
    """S3: installing what the client sends back loses nothing that was booked here meanwhile."""
    theirs = clients_own_backup(ready)
    ready.ok("install", theirs, "--replace", "--confirm")
    table = ready.folder / "entries.csv"
    table.write_text("journal,number,date,account,debit,credit\n90,1,2026-01-05,4500,1,\n90,1,2026-01-05,1000,,1\n", "utf-8")
    ready.ok("entries", "import", table, "--administration", 7, "--confirm")
    later = ready.backup(7, office=ready.client_office)
    message = refusal(ready, "install", later, "--replace", "--confirm")
    assert "were changed here after they last went to the client" in message
    assert "Review the new plan" not in message
    ready.backup(7)
    ready.ok("install", later, "--replace", "--confirm")


def test_a_backup_that_is_a_clients_is_installed_and_not_restored(ready: Workspace) -> None:
    theirs = clients_own_backup(ready)
    message = refusal(ready, "restore", theirs, "--replace")
    assert "`accountools install`" in message
    assert "own licence" not in message
    ready.ok("install", theirs, "--replace", "--confirm")


def test_a_file_that_is_opened_asks_for_what_opens_it(ready: Workspace) -> None:
    recipient = ready.ok("key", "new", ready.folder / "key.txt")["recipient"]
    message = refusal(ready, "rehearse", ready.backup(7, "--recipient", recipient))
    assert "--identity" in message


# --- files ---


@pytest.mark.parametrize(
    ("words", "limit"),
    [
        (("client", "import"), "64 MiB"),
        (("chart", "check"), "64 MiB"),
        (("trust", "add"), "1 MiB"),
        (("licence", "revocations"), "16 MiB"),
    ],
)
def test_for_a_file_that_is_too_large_the_limit_is_shown(ready: Workspace, words: tuple[str, ...], limit: str) -> None:
    path = ready.folder / "large.csv"
    with path.open("wb") as file:
        file.truncate((64 << 20) + 1)
    message = refusal(ready, *words, path)
    assert f"at most {limit}" in message
    assert "licence file" not in message


def test_a_revocation_list_that_is_refused_is_no_licence(ready: Workspace) -> None:
    ready.ok("issuer", "new", ready.folder / "stranger")
    out = ready.folder / "strange.txt"
    ready.ok("licence", "revoke", "--issuer", ready.folder / "stranger", "--number", "KL-1", "--out", out)
    assert "The revocation list was issued by" in refusal(ready, "licence", "revocations", out)
    good = ready.folder / "good.txt"
    ready.ok("licence", "revoke", "--issuer", ready.folder / "issuer", "--number", "KL-1", "--out", good)
    message = refusal(ready, "licence", "revocations", spoiled(ready, good))
    assert "the revocation list was changed" in message
    assert "client" not in message


def wrong_file(desk: Workspace) -> Path:
    path = desk.folder / "letter.lic"
    path.write_text("a letter", "utf-8")
    return path


def expired(desk: Workspace) -> Path:
    return desk.issue_own("expired.lic", valid_until="2026-01-31")


def spoiled_own(desk: Workspace) -> Path:
    return spoiled(desk, desk.folder / "own.lic")


@pytest.mark.parametrize("make", [wrong_file, expired, spoiled_own])
def test_the_offices_own_licence_comes_from_the_supplier(ready: Workspace, make: Callable[[Workspace], Path]) -> None:
    path, place = make(ready), ready.folder / "another"
    for message in (
        refusal(ready, "licence", "renew", path),
        refusal(ready, "init", "--licence", path, "--trust", ready.trust, office=place),
    ):
        assert "your supplier" in message
        assert "client" not in message


def test_an_own_licence_of_another_issuer_wants_the_list_that_came_with_it(ready: Workspace) -> None:
    ready.ok("issuer", "new", ready.folder / "stranger")
    own = ready.issue_own("strange.lic", issuer=ready.folder / "stranger")
    message = refusal(ready, "init", "--licence", own, "--trust", ready.trust, office=ready.folder / "another")
    assert "the list of issuers that came with this licence" in message
    assert "trust add" not in message  # there is no office yet
    ready.ok("init", "--licence", own, "--trust", ready.folder / "stranger" / "trust.jwks", office=ready.folder / "another")


def test_an_own_licence_of_another_number_names_the_option_for_it(ready: Workspace) -> None:
    new = ready.issue_own("new.lic", number="AC-2")
    assert "--new-number" in refusal(ready, "licence", "renew", new)
    ready.ok("licence", "renew", new, "--new-number", "--confirm")


def test_a_recipient_is_whosever_it_is(ready: Workspace) -> None:
    for words in (("backup", 7, "--recipient", "age1nothing"), ("backup", "--register", "--recipient", "age1nothing")):
        message = refusal(ready, *words)
        assert "the line that begins with age1" in message
        assert "client" not in message
