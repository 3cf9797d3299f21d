"""The main job, end to end, by the installed command: licence in, backup out, client in."""

from pathlib import Path

import pytest

from tests.workspace import HENK, PIET, Workspace

pytestmark = pytest.mark.both_engines


def test_the_main_job_by_the_real_command(desk: Workspace) -> None:
    tmp_path = desk.folder

    def run(*words: object, office: Path | None = None) -> dict:
        answer = desk.run_process(*words, office=office)
        assert answer.code == 0, (answer.arguments, answer.out, answer.err)
        return answer.json

    run("issuer", "new", tmp_path / "issuer")
    days = ("--valid-from", "2026-01-01", "--valid-until", "2027-12-31")
    issue = ("licence", "issue", "--issuer", tmp_path / "issuer", "--city", "Delft", *days)
    own, client = tmp_path / "own.lic", tmp_path / "client.lic"
    run(*issue, "--kind", "accountant", "--number", "AC-1", "--licensee", "Kantoor Zonnestein", "--kvk", "11111111",
        "--module", "SE1065", "--users", 9, "--out", own)  # fmt: skip
    run(*issue, "--kind", "client", "--number", "KL-1", "--licensee", "Bakkerij Jansen B.V.", "--kvk", "12345678",
        "--module", "SE1063", "--users", 2, "--out", client)  # fmt: skip
    run("init", "--licence", own, "--trust", desk.trust)
    run("client", "add", "--name", "Bakkerij Jansen", "--kvk", "12345678", "--city", "Delft")
    run("administration", "create", "007", "--description", "Bakkerij Jansen", "--client", "12345678", "--chart", "standard")
    before = run("administration", "show", 7)

    refused = desk.run_process("backup", 7, "--confirm")
    assert refused.code == 3
    assert refused.error == "no-licence"
    assert {"no-licence", "no-user"} <= set(refused.obstacles)
    assert list((desk.office / "backups").iterdir()) == []

    run("user", "add", "--administration", 7, HENK, "--name", "Henk Jansen")
    run("user", "add", "--administration", 7, PIET, "--name", "Piet Bos", "--office-user")
    planned = run("licence", "import", client, "--administration", 7, "--user", HENK)
    assert planned["imported"] is False
    assert run("administration", "show", 7)["licence"] is None
    assert run("licence", "import", client, "--administration", 7, "--user", HENK, "--plan", planned["plan"], "--confirm")["imported"]

    made = run("backup", 7, "--confirm")["backups"][0]
    assert (made["administration"], made["purpose"], made["licence_number"]) == (7, "handover", "KL-1")
    assert Path(made["path"]).stat().st_size == made["bytes"]
    checked = run("verify", made["path"])
    assert checked["ok"]
    assert checked["image_checked"]

    run("init", "--licence", client, "--trust", desk.trust, office=desk.client_office)
    restored = run("restore", made["path"], "--confirm", office=desk.client_office)
    assert restored["restored"]
    assert restored["administration"] == 7
    after = run("administration", "show", 7, office=desk.client_office)
    for same in ("number", "description", "client", "counts", "totals"):
        assert after[same] == before[same]
    assert after["licence"]["number"] == "KL-1"
    assert run("administration", "enter", 7, "--as", HENK, office=desk.client_office) == {"may": True, "reason": None, "warning": None}
    shut = desk.run_process("administration", "enter", 7, "--as", PIET, office=desk.client_office)
    assert (shut.code, shut.json["may"]) == (3, False)
    assert_nowhere(own, desk.client_office)


def assert_nowhere(licence: Path, folder: Path) -> None:
    """No part of the token that only this licence has is in any file of the folder, as UTF-8 or UTF-16."""
    token = "".join(licence.read_text().splitlines()[1:-1])
    _, payload, signature = token.split(".")
    stretches = [payload[:40], payload[20:60], signature[:40], signature[40:80]]  # a payload begins with its own random number
    for path in (path for path in folder.rglob("*") if path.is_file()):
        data = path.read_bytes()
        for stretch in stretches:
            assert stretch.encode() not in data, path
            assert stretch.encode("utf-16-le") not in data, path


def test_the_office_is_restored_after_its_disk_was_lost(ready: Workspace) -> None:
    ready.ok("key", "new", ready.folder / "key.txt")
    recipient = (ready.folder / "key.txt").read_text().split()[3]
    safe = ready.folder / "safe"
    safe.mkdir()
    kept = ready.backup(7, "--purpose", "safekeeping", "--to", safe)
    register = ready.backup("--register", "--recipient", recipient, "--to", safe)
    before = ready.ok("administration", "show", 7)
    ready.lose_office()
    assert ready.refused("audit") == "office-not-found"
    assert ready.refused("restore", register, "--confirm") == "key-needed"
    ready.ok("restore", register, "--identity", ready.folder / "key.txt", "--confirm")
    assert ready.run("audit").obstacles == ["books-missing"]
    assert ready.refused("administration", "create", 7, "--description", "x") == "number-taken"
    ready.ok("restore", kept, "--confirm")
    assert ready.ok("administration", "show", 7) == before
    assert ready.ok("audit")["rows"][0]["state"] == "ready"
    assert ready.ok("journal", "verify") == {"ok": True, "events": 8, "findings": []}
    assert ready.ok("verify", ready.backup(7))["ok"]
