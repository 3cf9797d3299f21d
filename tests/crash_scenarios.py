"""Scenes of the crash tests: a command in a world of its own, and all that may come of it.

A scene's world is made once at one path (the register remembers paths) and put back there before each run.
"""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from accountools.formats.signatures import SigningKey
from tests.crash_checks import State, run_forked, state_of
from tests.test_handover import new_key, post_books
from tests.test_storage import newer_program
from tests.workspace import HENK, Workspace

Words = tuple[object, ...]


@dataclass(frozen=True)
class CrashScript:
    """How a scene's world is made from a ready desk, giving the command; `halfway` gives those whose outcome may be there halfway.

    `event` is the kind of event that may be missing halfway: the books are written before it, and the command run again records it.
    """

    name: str
    prepare: Callable[[Workspace], Words]
    halfway: Callable[[Words], tuple[Words, ...]] = lambda _: ()
    office: str = "office"
    event: str = ""
    newer: bool = False  # whether the program is of a newer version than the office


@dataclass
class CrashScenario:
    """A script's world, standing at `desk.folder`, with a copy to put it back from."""

    script: CrashScript
    desk: Workspace
    words: Words
    copy: Path
    allowed: list[State] = field(default_factory=list)

    @property
    def office(self) -> Path:
        return self.desk.folder / self.script.office

    @property
    def arguments(self) -> list[str]:
        return self.desk.arguments(*self.words, office=self.office)

    @property
    def before(self) -> State:
        return self.allowed[0]

    @property
    def after(self) -> State:
        return self.allowed[-1]

    def reset(self) -> None:
        shutil.rmtree(self.desk.folder, ignore_errors=True)
        copy_world(self.copy, self.desk.folder)


class ScenarioRunner:
    """Where the scenes are played, each world made once: in memory where there is room, since nothing here needs a disk to be real."""

    def __init__(self, folder: Path, master: Path) -> None:
        self.folder, self.master = folder, master
        self.scenes: dict[str, CrashScenario] = {}

    @contextmanager
    def play(self, script: CrashScript) -> Iterator[CrashScenario]:
        """The scene as it is before its command, under the program that it is about."""
        with pytest.MonkeyPatch.context() as program:
            if script.name not in self.scenes:
                desk = Workspace(Path(shutil.copytree(self.master, self.folder / script.name / "desk")))
                words = script.prepare(desk)
                self.scenes[script.name] = CrashScenario(script, desk, words, desk.folder.with_name("copy"))
                copy_world(desk.folder, self.scenes[script.name].copy)
            scene = self.scenes[script.name]
            if script.newer:
                newer_program(self.folder / "program", program)
            if not scene.allowed:
                scene.allowed += _outcomes(scene)
            scene.reset()
            yield scene


def copy_world(source: Path, target: Path) -> None:
    """Copy a folder; a file with two names stays one."""
    first: dict[int, Path] = {}
    for path in (source, *sorted(source.rglob("*"))):
        place = target / path.relative_to(source)
        if path.is_dir():
            place.mkdir(mode=0o700)
        elif path.stat().st_ino in first:
            place.hardlink_to(first[path.stat().st_ino])
        else:
            first[path.stat().st_ino] = Path(shutil.copy2(path, place))


def _outcomes(scene: CrashScenario) -> Iterator[State]:
    """The state before the command, those that may be there halfway, and the one after it."""
    states = list(_outcomes_of_commands(scene))
    if scene.script.event:
        rest = [row for row in states[-1]["events"] if scene.script.event not in row]
        assert len(rest) == len(states[-1]["events"]) - 1
        states.insert(-1, states[-1] | {"events": rest})
    yield from states


def _outcomes_of_commands(scene: CrashScenario) -> Iterator[State]:
    for one in (None, *scene.script.halfway(scene.words), scene.words):
        scene.reset()
        if one is not None:
            answer = scene.desk.run(*one, office=scene.office)
            assert answer.code == 0, (answer.out, answer.err)
        yield state_of(scene.office)


def _import(desk: Workspace) -> Words:
    renewed = desk.issue("renewed.lic", number="KL-2042", valid_until="2028-12-31")
    return ("licence", "import", renewed, "--administration", 7, "--user", r"JANSEN\ingrid", "--user-name", "Ingrid", "--confirm")


def _backup(desk: Workspace) -> Words:
    post_books(desk.office)
    return ("backup", 7, "--plain", "--confirm")


def _backup_elsewhere(desk: Workspace) -> Words:
    post_books(desk.office)
    return ("backup", 7, "--recipient", new_key(desk), "--to", desk.folder / "stick", "--rehearse", "--confirm")


def _backup_register(desk: Workspace) -> Words:
    return ("backup", "--register", "--recipient", new_key(desk), "--confirm")


def _restore(desk: Workspace) -> Words:
    post_books(desk.office)
    desk.create_client_office()
    return ("restore", _aside(desk, desk.backup()), "--confirm")


def _restore_many(desk: Workspace) -> Words:
    """Of three administrations the register knows two, whose books are missing."""
    post_books(desk.office)
    desk.ok("administration", "copy", 7, 8)
    register = desk.folder / "register"
    identity = desk.folder / "many.txt"
    recipient = desk.ok("key", "new", identity)["recipient"]
    desk.ok("backup", "--register", "--recipient", recipient, "--to", register, "--confirm")
    desk.ok("administration", "copy", 7, 9)
    desk.ok("backup", 7, 8, 9, "--purpose", "safekeeping", "--plain", "--to", desk.folder / "received", "--confirm")
    (backup,) = register.glob("*.acb")
    desk.ok("restore", backup, "--identity", identity, "--confirm", office=desk.folder / "restored")
    return ("restore", "--from", desk.folder / "received", "--confirm")


def _replace(desk: Workspace) -> Words:
    backup = _aside(desk, desk.backup(7, "--purpose", "safekeeping"))
    post_books(desk.office)
    desk.ok("user", "deactivate", "--administration", 7, HENK)
    return ("restore", backup, "--replace", "--confirm")


def _install(desk: Workspace) -> Words:
    desk.create_client_office()
    desk.ok("restore", desk.backup(), "--confirm", office=desk.client_office)
    post_books(desk.client_office)
    return ("install", _aside(desk, desk.backup(7, office=desk.client_office)), "--replace", "--confirm")


def _copy(desk: Workspace) -> Words:
    post_books(desk.office)
    return ("administration", "copy", 7, 8)


def _create(desk: Workspace) -> Words:
    return ("administration", "create", 9, "--description", "Nieuw", "--chart", "standard")


def _import_chart(desk: Workspace) -> Words:
    """Accounts that are added, others that change, and a VAT code that comes with them."""
    path = desk.folder / "chart.csv"
    path.write_text("code,name,vat\n1000,Kassa,\n1001,Kluis,K9\n1002,Wisselgeld,\n")
    return ("chart", "import", path, "--administration", 7, "--confirm")


def _export_chart(desk: Workspace) -> Words:
    return ("chart", "export", 7, desk.folder / "chart.csv")


def _export_auditfile(desk: Workspace) -> Words:
    post_books(desk.office)
    return ("auditfile", "export", 7, desk.folder / "books.xaf")


def _convert_auditfile(desk: Workspace) -> Words:
    return ("auditfile", "convert", Path(__file__).parent / "auditfiles" / "subledgers.xaf", desk.folder / "converted.xaf")


def _prune(desk: Workspace) -> Words:
    for day in ("2016-01-01", "2018-01-01", "2026-11-24"):
        desk.ok("backup", 7, "--purpose", "safekeeping", "--confirm", today=day)
    return ("backups", "prune", "--keep-years", 9, "--confirm")


def _migrate(desk: Workspace) -> Words:
    return ("administration", "show", 7)


def _repair(desk: Workspace) -> Words:
    """What four cuts leave, and an opening doesn't settle."""
    for arm, words in (
        ("kill:before-link:1", _backup(desk)),
        ("kill:before-commit-register:1", ("administration", "copy", 7, 8)),
        ("kill:before-make-image:1", ("backup", 7, "--confirm")),
        ("kill:before-link:1", _create(desk)),
    ):
        assert run_forked(desk.arguments(*words), arm).code == -9
    return ("repair",)


def _trust(desk: Workspace) -> Words:
    desk.ok("issuer", "new", desk.folder / "second")
    return ("trust", "add", desk.folder / "second" / "trust.jwks", "--confirm")


def _unseal(desk: Workspace) -> Words:
    """Another key is sealed, and taken in place of the office's."""
    key, recipient = desk.office / "backup-key.pem", new_key(desk)
    former = key.read_bytes()
    key.write_bytes(SigningKey.new().pem())
    desk.ok("key", "seal", "--recipient", recipient, "--out", desk.folder / "sealed.age")
    key.write_bytes(former)
    return ("key", "unseal", desk.folder / "sealed.age", "--identity", desk.folder / "key.txt", "--confirm")


def _move(desk: Workspace) -> Words:
    post_books(desk.office)
    return ("office", "move", "--to", desk.folder / "there", "--confirm")


def _aside(desk: Workspace, backup: Path) -> Path:
    return Path(shutil.copy(backup, desk.folder / "received.acb"))


SAFETY_COPY: Words = ("backup", 7, "--purpose", "safekeeping", "--plain", "--confirm")
SCRIPTS = (
    CrashScript("import", _import),
    CrashScript("backup", _backup),
    CrashScript("backup-elsewhere", _backup_elsewhere, lambda words: (tuple(word for word in words if word != "--rehearse"),)),
    CrashScript("backup-register", _backup_register),
    CrashScript("restore", _restore, office="client"),
    CrashScript("restore-many", _restore_many, office="restored"),
    CrashScript("restore-replace", _replace, lambda _: (SAFETY_COPY,)),
    CrashScript("install-replace", _install, lambda _: (SAFETY_COPY,)),
    CrashScript("copy", _copy),
    CrashScript("create", _create),
    CrashScript("import-chart", _import_chart, event="chart-imported"),
    CrashScript("export-chart", _export_chart),
    CrashScript("export-auditfile", _export_auditfile),
    CrashScript("convert-auditfile", _convert_auditfile),
    CrashScript("prune", _prune),
    CrashScript("migration", _migrate, lambda _: (("client", "list"),), newer=True),
    CrashScript("repair", _repair),
    CrashScript("trust", _trust),
    CrashScript("unseal", _unseal),
    CrashScript("move", _move),
)
