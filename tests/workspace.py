"""A desk to work at in tests: an issuer, an office and its client's office in one folder, by the real command line.

`Workspace.run` calls the program's own `main` in this process (its exit code and what it printed are what a shell would see);
`Workspace.run_process` starts the installed command. The day is 2026-11-24 unless a test says otherwise.
"""

import contextlib
import html
import io
import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from accountools.cli import main
from tests.engines import run_sql, server

TODAY = "2026-11-24"
CLIENT_KVK, OFFICE_KVK = "12345678", "11111111"
HENK, PIET = r"JANSEN\henk", r"KANTOOR\piet"


@dataclass
class CommandResult:
    """What a command answered."""

    code: int
    out: str
    err: str
    arguments: tuple[str, ...] = ()

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def error(self) -> str | None:
        """The code of its refusal, or None."""
        return self.json.get("error", {}).get("code")

    @property
    def obstacles(self) -> list[str]:
        """The codes of the obstacles in its document, wherever they stand."""
        found = self.json
        rows = [found, *found.get("refused", []), *found.get("rows", []), found.get("error", {})]
        return [one["code"] for row in rows for one in row.get("obstacles", [])]


@dataclass
class Workspace:
    """A folder with an issuer, an accountant's office and whatever a test puts beside them."""

    folder: Path
    today: str | None = TODAY
    environment: dict[str, str] = field(default_factory=dict)
    on_server: bool = False

    @property
    def office(self) -> Path:
        return self.folder / "office"

    @property
    def client_office(self) -> Path:
        return self.folder / "client"

    @property
    def trust(self) -> Path:
        return self.folder / "issuer" / "trust.jwks"

    def place(self, office: Path) -> Path | str:
        """What the program is given to find the office in this folder."""
        return server().place(office) if self.on_server else office

    def arguments(self, *words: object, office: Path | None = None, today: str | None = None, as_json: bool = True) -> list[str]:
        given = [str(word) for word in words]
        day = today or self.today
        given += ["--office", str(self.place(office or self.office))] if "--office" not in given else []
        given += ["--today", day] if day else []
        return given + (["--json"] if as_json else [])

    def run(self, *words: object, office: Path | None = None, today: str | None = None, as_json: bool = True) -> CommandResult:
        """Run a command in this process."""
        given = self.arguments(*words, office=office, today=today, as_json=as_json)
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                main(given)
                code = 0
            except SystemExit as end:
                code = int(end.code or 0)
        assert "Traceback" not in err.getvalue(), err.getvalue()
        return CommandResult(code, out.getvalue(), err.getvalue(), tuple(given))

    def ok(self, *words: object, office: Path | None = None, today: str | None = None) -> Any:
        """Run a command that must succeed; gives its document."""
        answer = self.run(*words, office=office, today=today)
        assert answer.code == 0, (answer.arguments, answer.out, answer.err)
        return answer.json

    def refused(self, *words: object, office: Path | None = None, today: str | None = None, code: int = 3) -> str | None:
        """Run a command that must be refused with exit `code`; gives the code of the interface."""
        answer = self.run(*words, office=office, today=today)
        assert answer.code == code, (answer.arguments, answer.out, answer.err)
        assert answer.err.startswith(f"{answer.error}: "), answer.err
        return answer.error

    def run_process(self, *words: object, office: Path | None = None, today: str | None = None) -> CommandResult:
        """Run the installed command, as a shell would."""
        command = Path(sys.executable).with_name("accountools")
        given = self.arguments(*words, office=office, today=today)
        done = subprocess.run(
            [str(command), *given],
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
            env={**os.environ, "LANG": "C.UTF-8", **self.environment},
        )
        assert "Traceback" not in done.stderr, done.stderr
        return CommandResult(done.returncode, done.stdout, done.stderr, tuple(given))

    def issue(self, name: str, **changes: object) -> Path:
        """Issue a client's licence file `name`; `changes` replace options (a list repeats one, None leaves it out)."""
        options: dict[str, object] = {
            "issuer": self.folder / "issuer",
            "kind": "client",
            "number": "KL-2041",
            "licensee": "Bakkerij Jansen",
            "kvk": CLIENT_KVK,
            "city": "Delft",
            "module": "SE1063",
            "users": 3,
            "valid_from": "2026-01-01",
            "valid_until": "2027-12-31",
            "out": self.folder / name,
        }
        words: list[object] = ["licence", "issue"]
        for option, value in (options | changes).items():
            for one in value if isinstance(value, list) else [] if value is None else [value]:
                words += [f"--{option.replace('_', '-')}", one]
        self.ok(*words)
        return self.folder / name

    def issue_own(self, name: str = "own.lic", **changes: object) -> Path:
        """Issue an accountant's licence file."""
        own = {
            "kind": "accountant",
            "number": "AC-1001",
            "licensee": "Kantoor Zonnestein",
            "kvk": OFFICE_KVK,
            "module": "SE1065",
            "users": 10,
        }
        return self.issue(name, **(own | changes))

    def create_office(self) -> "Workspace":
        """Make the issuer and the accountant's office."""
        self.ok("issuer", "new", self.folder / "issuer", "--name", "Test issuer")
        self.ok("init", "--licence", self.issue_own(), "--trust", self.trust)
        return self

    def add_client(self, name: str = "Bakkerij Jansen", kvk: str = CLIENT_KVK) -> None:
        self.ok("client", "add", "--name", name, "--kvk", kvk, "--city", "Delft")

    def create(self, number: int = 7, description: str = "Bakkerij Jansen", **options: object) -> None:
        """Make an administration for the client, from the standard chart unless `options` say otherwise."""
        given = {"client": CLIENT_KVK, "chart": "standard"} | options
        words = [word for option, value in given.items() if value is not None for word in (f"--{option.rstrip('_')}", value)]
        self.ok("administration", "create", number, "--description", description, *words)

    def add_user(self, login: str = HENK, number: int = 7, *flags: str) -> None:
        self.ok("user", "add", "--administration", number, login, "--name", "Henk Jansen", *flags)

    def import_licence(self, path: Path, number: int = 7, login: str = HENK, *flags: str) -> Any:
        return self.ok("licence", "import", path, "--administration", number, "--user", login, "--confirm", *flags)

    def backup(self, *words: object, office: Path | None = None) -> Path:
        """Make one backup; gives its path."""
        return Path(self.ok("backup", *(words or (7,)), "--confirm", office=office)["backups"][0]["path"])

    def ready(self) -> "Workspace":
        """An office with administration 007 of Bakkerij Jansen, ready to hand over."""
        self.create_office()
        self.add_client()
        self.create()
        self.add_user()
        self.import_licence(self.issue("client.lic"))
        return self

    def lose_office(self) -> None:
        """As when the disk is lost that the office was on."""
        shutil.rmtree(self.office)
        if self.on_server:
            server().remove(self.office)

    def lose_books(self, number: int) -> None:
        """As when the books of an administration are lost."""
        if self.on_server:
            run_sql(self.office, "UPDATE held_books SET number = NULL WHERE number = ?", number)
        else:
            (self.office / "administrations" / f"{number:05d}.db").unlink()

    def create_client_office(self, licence: str = "client.lic") -> Path:
        """The client's own office."""
        self.ok("init", "--licence", self.folder / licence, "--trust", self.trust, office=self.client_office)
        return self.client_office


def without_tags(page: Path) -> str:
    """What is read on a saved page: its text."""
    return html.unescape(re.sub(r"<[^>]+>", "", page.read_text("utf-8")))
