"""Many people at work at the same moment, on both engines: every event is accounted for, no entry is lost or halved, no deadlock.

Each is a process that gives commands, by chance, on the same few administrations; what each was answered is compared with what is there
afterwards. In a thorough run they are eight, for a minute.
"""

import json
import os
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.engines import book_rows, server
from tests.seeding import random_for
from tests.test_handover import image_of, manifest_of, sqlite_of
from tests.workspace import HENK, CommandResult, Workspace

BOOKED, REPLACED, FILED = (7, 8), 9, 10  # booked in; restored meanwhile; into which audit files come
AUDIT_FILE = Path(__file__).parent / "auditfiles" / "good.xaf"
SECONDS = 60
REFUSALS = {"changed-meanwhile", "office-busy"}  # what the others may cause
Expected = list[tuple[str, int | None, bool]]  # what, of which administration, whether it must be there


@dataclass
class Person:
    """Somebody at work: the events that the journal must have of them, in order, and the numbers of the entries that they booked."""

    desk: Workspace
    who: int
    events: Expected = field(default_factory=list)
    booked: dict[int, list[str]] = field(default_factory=lambda: {number: [] for number in (*BOOKED, REPLACED)})
    answers: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def work(self, turns: int) -> None:
        """Give so many commands by chance, for a minute at most."""
        chance, until = random_for(f"at work {self.who}"), time.monotonic() + SECONDS
        for turn in range(turns):
            if self.wrong or time.monotonic() > until:
                return
            (step,) = chance.choices(list(STEPS), list(STEPS.values()))
            step(self, turn, chance.choice(BOOKED))

    def give(self, *words: object, expected: Expected | None = None, refused: str = "") -> CommandResult:
        """Give a command, whose events are expected when it was done; what the others prevent is counted. It may be `refused` so too."""
        answer = self.desk.run(*words)
        code = answer.error or ""
        name = " ".join(str(word) for word in words[:2] if str(word).replace("-", "").isalpha())
        self.answers[f"{name} {code}".strip()] += 1
        if answer.code not in {0, 3} or (code and code not in REFUSALS | {refused}):
            self.wrong.append(f"{words}: {answer.code} {answer.out} {answer.err}")
        if answer.code == 0:
            self.events += expected or []
        return answer

    def book(self, turn: int, number: int) -> None:
        """Two entries, in one file."""
        number = REPLACED if turn % 4 == 0 else number
        name = f"{self.who}-{turn:04d}"
        path = self.desk.folder / f"{name}.csv"
        rows = [
            f"60;{name}{which};2026-03-01;{account};{debit};{credit};Taart"
            for which in "ab"
            for account, debit, credit in (("1300", "12,10", ""), ("8000", "", "12,10"))
        ]
        path.write_text("\n".join(["dagboek;boekstuk;datum;rekening;debet;credit;omschrijving", *rows]))
        while (answer := self.give("entries", "import", path, "--administration", number, "--confirm")).code:
            if self.wrong:
                return
        self.events.append(("entries-imported", number, True))
        self.booked[number] += [f"{name}a", f"{name}b"]
        assert answer.json["adds"]["entries"] in {0, 2}

    def import_licence(self, turn: int, number: int) -> None:
        path = self.desk.folder / f"client-{turn % 3}.lic"
        expected: Expected = [("licence-imported", number, True)]
        self.give("licence", "import", path, "--administration", number, "--user", HENK, "--confirm", expected=expected)

    def add_client(self, turn: int, _: int) -> None:
        words = ("--name", f"Client {self.who} {turn}", "--kvk", f"3{self.who}{turn:06d}", "--city", "Delft")
        self.give("client", "add", *words, expected=[("client-added", None, True)])

    def add_user(self, turn: int, number: int) -> None:
        words = ("--administration", number, f"user{self.who}-{turn}", "--name", "Somebody", "--inactive")
        self.give("user", "add", *words, expected=[("user-added", number, True)])

    def copy(self, turn: int, number: int) -> None:
        new = 1000 * (self.who + 1) + turn
        self.give("administration", "copy", number, new, expected=[("administration-copied", new, True)])

    def back_up(self, turn: int, number: int) -> None:
        many = turn % 3 == 0
        words = (*BOOKED, "--workers", 1) if many else (REPLACED if turn % 3 == 1 else number, "--purpose", "safekeeping")
        answer = self.give("backup", *words, "--plain", "--confirm")
        self.events += [("backup-made", one["administration"], True) for one in answer.json.get("backups", [])]
        for one in answer.json.get("refused", []):
            self.wrong += [f"{words}: {one}" for found in one["obstacles"] if found["code"] not in REFUSALS and found["blocking"]]

    def rehearse(self, _: int, __: int) -> None:
        path = min((self.desk.office / "backups").glob("*.acb"))
        answer = self.give("rehearse", path, expected=[("backup-rehearsed", None, False)])
        if answer.code == 0 and not answer.json["ok"]:
            self.wrong.append(answer.out)

    def restore(self, _: int, __: int) -> None:
        made = min((self.desk.office / "backups").glob(f"*-{REPLACED:03d}-*.acb"))
        answer = self.give("restore", made, "--replace", "--accept", "older-backup", "--confirm")
        self.events.append(("backup-made", REPLACED, answer.code == 0))
        if answer.code == 0:
            self.events.append(("administration-restored", REPLACED, True))

    def import_auditfile(self, turn: int, _: int) -> None:
        path = self.desk.folder / f"file-{turn % 2}.xaf"
        answer = self.give("auditfile", "import", path, "--administration", FILED, "--replace", "--confirm")
        imported = bool(answer.json.get("imported"))
        self.events += [("backup-made", FILED, imported), ("auditfile-imported", FILED, imported)]

    def read(self, turn: int, number: int) -> None:
        commands = (
            ("audit",),
            ("books", "trial-balance", number),
            ("administration", "show", number),
            ("backups", "list"),
            ("journal", "verify"),
        )
        without_year = "" if self.booked[number] else "year-not-found"  # nobody may have booked there yet
        answer = self.give(*commands[turn % len(commands)], refused=without_year)
        if answer.code and answer.error != without_year:
            self.wrong.append(f"{answer.arguments}: {answer.out} {answer.err}")

    def repair(self, _: int, __: int) -> None:
        answer = self.give("repair")
        if answer.json.get("found"):
            self.wrong.append(f"left: {answer.out}")


STEPS: dict[Callable[[Person, int, int], None], int] = {
    Person.book: 6,
    Person.import_licence: 2,
    Person.add_client: 1,
    Person.add_user: 2,
    Person.copy: 1,
    Person.back_up: 4,
    Person.rehearse: 1,
    Person.restore: 1,
    Person.import_auditfile: 1,
    Person.read: 4,
    Person.repair: 1,
}


def fork(person: Person, turns: int) -> tuple[int, Path]:
    """A process in which somebody works; what they were answered is in the file."""
    out = person.desk.folder / f"person-{person.who}.json"
    child = os.fork()
    if child == 0:
        code = 70
        try:
            os.environ["ACCOUNTOOLS_USER"] = f"person-{person.who}"
            person.work(turns)
            out.write_text(json.dumps([person.events, person.booked, person.answers, person.wrong]))
            code = 0
        except BaseException:  # nothing may get out of a child into the tests
            out.write_text(json.dumps([[], {}, {}, [traceback.format_exc()]]))
        finally:
            os._exit(code)
    return child, out


def answered(desk: Workspace, count: int, turns: int) -> Iterator[Person]:
    """So many people, after they worked at the same moment."""
    people = [Person(desk, who) for who in range(count)]
    for (child, out), person in [(fork(person, turns), person) for person in people]:
        os.waitpid(child, 0)
        events, booked, answers, person.wrong = json.loads(out.read_text())
        person.events = [(what, number, must) for what, number, must in events]
        person.booked = {int(number): names for number, names in booked.items()}
        person.answers = Counter(answers)
        yield person


def unaccounted(events: list[dict[str, Any]], expected: Expected) -> list[object]:
    """The first of somebody's events that isn't as it was answered; empty when all are."""
    found, reached = [(one["what"], one["administration"]) for one in events], {0}
    for what, number, must in expected:
        next_ones = {at + 1 for at in reached if at < len(found) and found[at][0] == what and number in {None, found[at][1]}}
        if must and not next_ones:
            return [max(reached), (what, number), found[max(reached) : max(reached) + 3]]
        reached = next_ones if must else reached | next_ones
    return [] if len(found) in reached else [found[max(reached) :]]


def halves(rows: list[tuple[str, int, int]]) -> list[tuple[str, int, int]]:
    """Of entries with their number of lines and their balance, those that aren't whole."""
    return [row for row in rows if row[1:] != (2, 0)]


def entries_in(backup: Path) -> list[tuple[str, int, int]]:
    """Of each entry in a backup its number, how many lines it has, and debit less credit."""
    query = (
        "SELECT entries.number, count(lines.id), coalesce(sum(CASE side WHEN 'D' THEN amount ELSE -amount END), 0)"
        " FROM entries LEFT JOIN lines ON lines.entry = entries.id WHERE journal = '60' AND entries.number LIKE '_-%' GROUP BY entries.id"
    )
    return sqlite_of(image_of(backup)).execute(query).fetchall()


def entries_of(office: Path, number: int) -> list[tuple[str, int, int]]:
    """The same of an administration."""
    columns = {name: place for place, name in enumerate(("id", "year", "journal", "number"))}
    lines = book_rows_by_name(office, "lines", number, "entry", "side", "amount")
    found = []
    for row in book_rows_by_name(office, "entries", number, *columns):
        own = [line for line in lines if line[0] == row[0]]
        found.append((row[3], len(own), sum(amount if side == "D" else -amount for _, side, amount in own)))
    return found


def book_rows_by_name(office: Path, table: str, number: int, *names: str) -> list[tuple[Any, ...]]:
    from accountools.storage import schema

    columns = [one.name for one in schema.BOOKS.tables[table].columns]
    return [tuple(row[columns.index(name)] for name in names) for row in book_rows(office, table, number)]


@pytest.fixture
def busy(ready: Workspace) -> Workspace:
    """Administrations 7 and 8, 9 with a backup to restore, 10 with an audit file."""
    for number in (8, REPLACED):
        ready.ok("administration", "copy", 7, number)
    ready.create(FILED, "Auditfile", chart=None)
    for which in range(2):
        (ready.folder / f"file-{which}.xaf").write_text(AUDIT_FILE.read_text().replace("Boeking", f"Boeking {which}"))
    for which in range(3):
        ready.issue(f"client-{which}.lic", valid_until=f"2027-12-{29 + which}", users=9999)
    ready.ok("auditfile", "import", ready.folder / "file-0.xaf", "--administration", FILED, "--confirm")
    ready.backup(REPLACED, "--purpose", "safekeeping", "--plain")
    return ready


@pytest.mark.skipif(sys.platform == "win32", reason="people are forked")
@pytest.mark.both_engines
def test_many_at_work_lose_and_halve_nothing(busy: Workspace, thorough: bool, record_property: Any) -> None:
    count, turns = (8, sys.maxsize) if thorough else (3, 6)
    before = len(busy.ok("journal")["events"])
    if busy.on_server:
        server().close_connections()  # a connection can't be shared with a child
    people = list(answered(busy, count, turns))
    answers = sum((one.answers for one in people), Counter[str]())
    assert not [wrong for one in people for wrong in one.wrong], "\n".join(wrong for one in people for wrong in one.wrong)
    # every event is accounted for
    events = busy.ok("journal")["events"][before:]
    by = {one.who: [event for event in events if event["by"] == f"person-{one.who}"] for one in people}
    assert {one.who: found for one in people if (found := unaccounted(by[one.who], one.events))} == {}
    assert {one["by"] for one in events} <= {f"person-{one.who}" for one in people}
    assert busy.ok("journal", "verify")["ok"]
    # the books balance, and hold what was booked
    made = [Path(one["path"]) for one in busy.ok("backups", "list")["backups"]]
    saved = {
        number: {name for path in made if manifest_of(path)["number"] == number for name, *_ in entries_in(path)} for number in (REPLACED,)
    }
    for number in (*BOOKED, REPLACED):
        booked, found = {name for one in people for name in one.booked[number]}, entries_of(busy.office, number)
        assert halves(found) == []
        assert {name for name, *_ in found} | saved.get(number, set()) == booked
        totals = busy.ok("administration", "show", number)["totals"]
        assert totals["debit"] == totals["credit"]
    # each backup is of one moment
    assert sorted(path.name for path in (busy.office / "backups").glob("*.acb")) == sorted(path.name for path in made)
    for path in made:
        number, found = manifest_of(path)["number"], entries_in(path)
        assert halves(found) == []
        for person in people if number in BOOKED else []:
            own = [name for name in person.booked[number] if name in {one for one, *_ in found}]
            assert own == person.booked[number][: len(own)]
            assert len(own) % 2 == 0
    rehearsed = busy.ok("rehearse", *made, "--workers", 1)
    assert rehearsed["ok"]
    assert busy.ok("backups", "check")["ok"]
    assert busy.ok("repair")["found"] == []
    record_property("counted commands given by many at the same moment", sum(answers.values()))
    record_property("counted events that they caused", len(events))
    record_property("counted backups that they made, each restored and compared", len(made))
