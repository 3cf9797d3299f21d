"""A month in the office's life: whatever happens, the audit says what a simple model says, after each thing and each day.

40 clients; imports, renewals, expiries, revocations, copies, hand-overs, return trips, users, the archive, lost books, the inbox.
"""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from accountools.domain.administration import Client, User
from accountools.domain.calendar import ExecutionContext
from accountools.domain.errors import Refused
from accountools.domain.identifiers import AdministrationNumber, KvkNumber, Login
from accountools.domain.licence import E_ACCOUNTANCY, Licence, Licensee, Module
from accountools.formats import licence_file, revocation_file
from accountools.formats.licence_file import LicenceTerms
from accountools.formats.signatures import SigningKey
from accountools.formats.trust_file import Issuer
from accountools.office import Office
from accountools.operations.backups.target import BackupTarget
from accountools.operations.licences import renew, trust
from accountools.operations.maintenance.verify_journal import verify_journal
from accountools.operations.register import administrations, clients
from accountools.operations.register import users as users_operations
from accountools.operations.register.create_office import create_under
from accountools.operations.restores.install import INSTALL
from accountools.operations.restores.plan import RestoreChoices, plan_restore
from accountools.reports.audit import AuditRow
from tests.month_model import ASKS, INFORMS, Books, HandOver, Model, Paper

CLIENTS, FIRST_DAY = 40, date(2026, 11, 2)
NEVER = datetime(1, 1, 1, tzinfo=UTC)  # of a paper that was not issued yet
KEY = SigningKey.from_seed(b"an issuer for a month's licences")
ISSUER = Issuer("Uitgever", KEY.public)
PIET = User(Login(r"KANTOOR\piet"), "Piet", office=True)
ANY = st.integers(0, 10_000)
FEW = st.one_of(st.integers(0, 4), ANY)  # now and then the same few, so that things meet


@dataclass
class Almanac:
    """The day, and a clock in it that never stands still."""

    day: date
    ticks: int = 0

    def __call__(self) -> ExecutionContext:
        return ExecutionContext(self.day, self.now(), "tester")

    def now(self) -> datetime:
        self.ticks += 1
        return datetime.combine(self.day, time(9), UTC) + timedelta(seconds=self.ticks)


class Printer:
    """Issues licences, each in a file of its own."""

    def __init__(self, folder: Path, almanac: Almanac) -> None:
        self.folder, self.almanac, self.count = folder, almanac, 0
        folder.mkdir(exist_ok=True)

    def issue(self, paper: Paper, *, own: bool = False, into: Path | None = None) -> Paper:
        self.count += 1
        issued = self.almanac.now()
        path = (into or self.folder) / f"{self.count:04d} {paper.number}.lic"
        terms = LicenceTerms(
            paper.number,
            "accountant" if own else "demo" if paper.demo else "client",
            Licensee(paper.name, KvkNumber(paper.kvk), "Delft", "NL"),
            paper.users,
            (Module(E_ACCOUNTANCY if own else "SE1063", ""),),
            paper.first,
            paper.last,
            issued,
            serial=f"{self.count:08d}",
        )
        path.write_bytes(licence_file.issue(terms, KEY, ISSUER.name))
        return replace(paper, issued=issued, path=path)

    def licence(self, path: Path) -> Licence:
        licence = licence_file.read(path.read_bytes(), {KEY.public.thumbprint: KEY.public}).licence
        assert licence is not None
        return licence


def number_of(number: int) -> AdministrationNumber:
    return AdministrationNumber.parse(number)


def own_paper(last: date) -> Paper:
    return Paper("AC-1", "90000001", "Kantoor Zonnestein", 10, FIRST_DAY - timedelta(days=300), last, NEVER)


def paper_for(model: Model, kvk: str, *, number: str | None = None, users: int = 3, days: int = 300, **changes: Any) -> Paper:
    made = Paper(
        number or f"KL-{kvk}",
        kvk,
        model.clients[kvk],
        users,
        model.day - timedelta(days=90),
        model.day + timedelta(days=days),
        NEVER,
    )
    return replace(made, **changes)


def first_of_the_month(folder: Path) -> Model:
    """The office as the month begins: clients without an administration, without a user, without a licence, and those that are ready."""
    almanac = Almanac(FIRST_DAY)
    printer = Printer(folder / "papers", almanac)
    model = Model(FIRST_DAY, FIRST_DAY + timedelta(days=25))
    own = printer.licence(printer.issue(own_paper(model.own_last), own=True).path)
    create_under(folder / "office", own, (ISSUER,), almanac)
    office = Office.open(folder / "office", almanac)
    for place in range(CLIENTS):
        kvk, name = f"{10_000_000 + place}", f"Client {place:02d}"
        model.clients[kvk] = name
        clients.add_client(office, Client(KvkNumber(kvk), name))
        if place % 5 != 4:
            _begin_books(office, model, printer, 100 + place, kvk)
    return model


def _begin_books(office: Office, model: Model, printer: Printer, number: int, kvk: str) -> None:
    books = Books(number, kvk, model.clients[kvk])
    model.books[number] = books
    administrations.create(office, number_of(number), books.description, client=KvkNumber(kvk))
    users_operations.add_user(office, number_of(number), PIET)
    for place in range(0 if number % 5 == 3 else 1 + number % 3):
        login = f"user{place}@{number}"
        users_operations.add_user(office, number_of(number), User(Login(login), login))
        books.users[login] = True
    if number % 5 < 2:
        odd: dict[str, Any] = {"name": "Somebody"} if number % 10 == 1 else {"demo": number % 10 == 6}
        books.paper = printer.issue(paper_for(model, kvk, days=2 + 4 * (number % 40), **odd))
        books.login, books.accepted = next(iter(books.users)), model.asked_about(books, books.paper)
        office.apply(office.plan_import(books.paper.path, number, books.login, accept=books.accepted))


EVENTS: list[st.SearchStrategy[tuple[str, dict[str, Any]]]] = []


def happens(weight: int = 1, **drawn: st.SearchStrategy[Any]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Something that may happen, drawn as often as `weight` says. One rule for all: hypothesis would leave some out of most runs."""

    def made(event: Callable[..., None]) -> Callable[..., None]:
        EVENTS.extend([st.tuples(st.just(event.__name__), st.fixed_dictionaries(drawn))] * weight)
        return event

    return made


class Month(RuleBasedStateMachine):
    """Steps through the month, each on the real office and on the model."""

    master: ClassVar[Path]
    begun: ClassVar[Model]
    counted: ClassVar[dict[str, int]]
    runs: ClassVar[int] = 0

    @initialize()
    def begin(self) -> None:
        Month.runs += 1
        self.folder = Path(shutil.copytree(self.master, self.master.parent / f"run-{Month.runs}"))
        self.almanac, self.model = Almanac(FIRST_DAY, 10_000), self.begun.clone()
        self.printer = Printer(self.folder / "papers", self.almanac)
        self.printer.count = 1_000
        self.office = Office.open(self.folder / "office", self.almanac)
        self.inbox: list[Paper] = []
        self.papers = [books.paper for books in self.model.books.values() if books.paper]
        self.handed: dict[int, HandOver] = {}
        self.abroad: dict[str, tuple[Office, Paper]] = {}
        self.lists = 0

    def teardown(self) -> None:
        if hasattr(self, "office"):
            length, found = verify_journal(self.office)
            assert (length > 0, [one.code for one in found]) == (True, [])
            shutil.rmtree(self.folder, ignore_errors=True)

    # --- how it is written down ---

    def some_books(self, place: int) -> Books:
        every = sorted(self.model.books)
        return self.model.books[every[place % len(every)]]

    def some_user(self, books: Books, place: int) -> str | None:
        return list(books.users)[place % len(books.users)] if books.users else None

    def attempt(self, what: str, expected: set[str], accept: bool, step: Callable[[], object]) -> bool:
        """Do a step of the real office, refused with one of the codes that the model expects, or done: which of the two."""
        blocking = expected - ASKS - INFORMS
        asking = set() if accept else expected & ASKS
        refused: str | None = None
        try:
            step()
        except Refused as error:
            refused = error.code
        foreseen = blocking or asking
        assert (refused in foreseen) if foreseen else (refused is None), (what, refused, expected)
        self.count(f"{what} refused" if refused else what)
        return refused is None

    def count(self, what: str) -> None:
        self.counted[what] = self.counted.get(what, 0) + 1

    # --- what happens ---

    def days_pass(self, days: int) -> None:
        self.almanac.day += timedelta(days=days)
        self.model.day = self.almanac.day
        if self.model.day > self.model.own_last + timedelta(days=2):  # by then somebody noticed
            self.own_licence_is_renewed(20)
        if days:
            self.the_audit_agrees_with_the_model()
            self.counted["days"] = self.counted.get("days", 0) + days

    @happens(2, where=FEW, user=ANY, kind=st.sampled_from(["renewal", "renewal", "fewer", "short", "over", "early", "other", "demo"]),
          odd=st.sampled_from(["", "", "", "name", "kvk"]), accept=st.booleans(), by_mail=st.booleans())  # fmt: skip
    def licence_comes(self, where: int, user: int, kind: str, odd: str, accept: bool, by_mail: bool) -> None:
        books = self.some_books(where)
        paper = self.printed(books, kind, odd, by_mail=by_mail)
        if not by_mail:
            self.import_paper(books, paper, self.some_user(books, user), accept)

    def printed(self, books: Books, kind: str, odd: str, *, by_mail: bool) -> Paper:
        day = self.model.day
        changes: dict[str, dict[str, Any]] = {
            "renewal": {"users": 4},
            "fewer": {"users": 1},
            "short": {"days": 3},
            "over": {"days": -1},
            "early": {"first": day + timedelta(days=2)},
            "other": {"number": f"KL-X{self.printer.count}"},
            "demo": {"demo": True},
        }
        paper = paper_for(self.model, books.kvk, **changes[kind])
        paper = replace(paper, name="Somebody") if odd == "name" else replace(paper, kvk="99999999") if odd == "kvk" else paper
        paper = self.printer.issue(paper, into=self.folder / "office" / "inbox" if by_mail else None)
        self.papers.append(paper)
        if by_mail:
            self.inbox.append(paper)
        return paper

    @happens(where=FEW, user=ANY, which=ANY, accept=st.booleans(), old=st.booleans())
    def a_licence_turns_up_again(self, where: int, user: int, which: int, accept: bool, old: bool) -> None:
        """One that was issued before, for the client whose it is; an `old` one where there is a newer by now."""
        every = [(books, paper) for books in self.model.books.values() for paper in self.papers if paper.kvk == books.kvk]
        older = [(books, paper) for books, paper in every if books.paper is not None and paper.issued < books.paper.issued]
        if old and older:
            books, paper = older[which % len(older)]
        else:
            books = self.some_books(where)
            its = [paper for one, paper in every if one is books]
            if not its:
                return
            paper = its[which % len(its)]
        self.import_paper(books, paper, self.some_user(books, user), accept)

    def import_paper(self, books: Books, paper: Paper, login: str | None, accept: bool) -> None:
        expected = self.model.against_import(books, paper, login)
        yes = ASKS if accept else ()
        step = lambda: self.office.apply(self.office.plan_import(paper.path, books.number, login or "", accept=yes))  # noqa: E731
        if self.attempt("imports", expected, accept, step):
            books.paper, books.login, books.accepted = paper, login, frozenset(expected & ASKS)

    @happens(
        mailed=st.lists(st.tuples(ANY, st.sampled_from(["renewal", "two", "two", "other", "fewer", "demo", "name"])), max_size=4),
        fitting=st.booleans(),
    )
    def the_inbox_is_emptied(self, mailed: list[tuple[int, str]], fitting: bool) -> None:
        """After some more mail; where it is `fitting`, for administrations that wait for one."""
        for where, kind in mailed:
            places = [books for books in self.model.books.values() if fitting and self.waits_for_one(books)]
            books = places[where % len(places)] if places else self.some_books(where)
            for _ in range(2 if kind == "two" else 1):
                self.printed(books, {"two": "renewal", "name": "renewal"}.get(kind, kind), kind, by_mail=True)
        expected = self.model.inbox(self.inbox)
        outcome = self.office.apply(self.office.plan_inbox())
        assert outcome.stopped is None
        for books, paper, login in expected:
            books.paper, books.login, books.accepted = paper, login, frozenset()
            self.count("imports from the inbox")
        in_place = {file.path for file in outcome.files if file.in_place}
        assert (
            {paper.path for _, paper, _ in expected} <= in_place <= {books.paper.path for books in self.model.books.values() if books.paper}
        )

    def waits_for_one(self, books: Books) -> bool:
        alone = sum(one.kvk == books.kvk and not one.archived for one in self.model.books.values()) == 1
        return alone and not books.archived and (books.users[books.login] if books.login else len(books.active()) == 1)

    @happens(what=st.sampled_from(["revoked", "revoked", "older", "fewer", "both", "own"]), which=ANY)
    def the_issuer_writes(self, what: str, which: int) -> None:
        if what == "own":
            self.own_licence_is_renewed(5 + which % 25)
        elif what == "revoked":
            self.issuer_revokes(which)
        else:
            self.a_revocation_list_that_goes_back(which % 3, fewer=what != "older")

    def issuer_revokes(self, which: int) -> None:
        if len(self.model.revoked) > 4:
            return
        self.model.revoked.add(self.papers[which % len(self.papers)].number)
        self.lists += 1
        trust.read_revocations(self.office, self.list_of(self.lists, self.model.revoked))
        self.count("revocation lists")

    def a_revocation_list_that_goes_back(self, older: int, *, fewer: bool) -> None:
        if not self.model.revoked or (older == 0 and not fewer):
            return
        numbers = set(sorted(self.model.revoked)[1:]) if fewer else self.model.revoked | {"KL-0"}
        rank = self.lists + 1 if fewer and older == 2 else max(1, self.lists - older)
        path = self.list_of(rank, numbers)
        self.attempt("revocation lists", {"revocations-older"}, False, lambda: trust.read_revocations(self.office, path))

    def list_of(self, rank: int, numbers: set[str]) -> Path:
        path = self.folder / "revocations.txt"
        path.write_bytes(revocation_file.issue(frozenset(numbers), rank, ISSUER.name, self.almanac.now(), KEY))
        return path

    def own_licence_is_renewed(self, days: int) -> None:
        if self.model.day + timedelta(days=5) < self.model.own_last:
            return
        last = self.model.day + timedelta(days=days)
        paper = self.printer.issue(own_paper(last), own=True)
        self.office.apply(renew.plan_renew(self.office, paper.path))
        self.model.own_last = last
        self.count("renewals of the own licence")

    @happens(what=st.sampled_from(["on", "off", "off", "new", "in"]), where=FEW, user=ANY)
    def somebody(self, what: str, where: int, user: int) -> None:
        books = self.some_books(where)
        if what == "new":
            self.a_user_comes(books)
        elif what == "in":
            self.somebody_wants_in(books, user)
        else:
            self.a_user_is_switched(books, user, active=what == "on")

    def a_user_is_switched(self, books: Books, user: int, *, active: bool) -> None:
        login = self.some_user(books, user)
        if login is None:
            return
        full = active and not books.users[login] and books.paper is not None and len(books.active()) >= books.paper.users
        step = lambda: users_operations.set_active(self.office, number_of(books.number), Login(login), active=active)  # noqa: E731
        if self.attempt("users switched", {"too-many-users"} if full else set(), False, step):
            books.users[login] = active

    def a_user_comes(self, books: Books) -> None:
        login = f"new{self.printer.count}.{len(books.users)}@{books.number}"
        full = books.paper is not None and len(books.active()) >= books.paper.users
        step = lambda: users_operations.add_user(self.office, number_of(books.number), User(Login(login), login))  # noqa: E731
        if self.attempt("users added", {"too-many-users"} if full else set(), False, step):
            books.users[login] = True

    def somebody_wants_in(self, books: Books, user: int) -> None:
        everyone = {one.login: one.active for one in users_operations.list_users(self.office, number_of(books.number))}
        assert everyone == books.users | {PIET.login: True}
        login = self.some_user(books, user)
        if login is None or books.gone:
            return
        found = users_operations.enter(self.office, number_of(books.number), Login(login))
        assert found.may == books.users[login]
        warning = self.model.against_paper(books.paper) if books.paper and found.may else set()
        assert ({found.warning.code} if found.warning else set()) == warning
        self.count("people who wanted in")

    @happens(what=st.sampled_from(["copy", "copy", "copy", "new", "archive", "back", "lost or found"]), where=FEW)
    def the_books_change(self, what: str, where: int) -> None:
        books = self.some_books(where)
        if what == "copy":
            self.a_copy(books)
        elif what == "new":
            self.a_client_gets_books(where)
        elif what == "lost or found":
            self.books_are_lost_or_found(books)
        else:
            self.the_archive(books, archived=what == "archive")

    def the_archive(self, books: Books, *, archived: bool) -> None:
        administrations.set_archived(self.office, number_of(books.number), archived=archived)
        books.archived = archived
        self.count("archive")

    def a_client_gets_books(self, where: int) -> None:
        kvk = sorted(self.model.clients)[where % CLIENTS]
        number = 400 + len(self.model.books)
        administrations.create(self.office, number_of(number), f"New {number}", client=KvkNumber(kvk))
        users_operations.add_user(self.office, number_of(number), PIET)
        self.model.books[number] = Books(number, kvk, f"New {number}")
        self.count("administrations made")

    def a_copy(self, books: Books) -> None:
        number = 700 + len(self.model.books)
        step = lambda: administrations.copy(self.office, number_of(books.number), number_of(number))  # noqa: E731
        if self.attempt("copies", {"books-missing"} if books.gone else set(), False, step):
            self.model.books[number] = replace(books, number=number, users=dict(books.users), archived=False, handed=None, rehearsed=None)

    def books_are_lost_or_found(self, books: Books) -> None:
        path = self.office.engine.books_path(number_of(books.number))
        aside = self.folder / path.name
        if books.gone and aside.exists():
            aside.rename(path)
        elif not books.gone:
            path.rename(aside)
        books.gone = not path.exists()
        self.count("books lost or found")

    @happens(2, where=FEW, rehearse=st.booleans(), eager=st.booleans())
    def a_hand_over(self, where: int, rehearse: bool, eager: bool) -> None:
        ready = [books for books in self.model.books.values() if not self.model.against_hand_over(books) - ASKS - INFORMS]
        books = ready[where % len(ready)] if eager and ready else self.some_books(where)
        expected = self.model.against_hand_over(books)
        plan = self.office.plan_backup([books.number], BackupTarget(plain=True), "handover", rehearse=rehearse)
        outcome = plan.apply(self.office)
        assert outcome.stopped is None
        blocking = expected - ASKS - INFORMS
        refused = {one.code for _, found in outcome.refused for one in found}
        assert (bool(outcome.made), refused) == (not blocking, expected - books.accepted if blocking else set())
        self.count("hand-overs" if outcome.made else "hand-overs refused")
        if outcome.made:
            books.handed = self.model.day
            books.rehearsed = self.model.day if rehearse else books.rehearsed
            self.handed[books.number] = HandOver(outcome.made[0].path, replace(books, users=dict(books.users)))

    @happens(2, which=ANY, switch=st.booleans(), renewed=st.booleans(), login=ANY)
    def a_return_trip(self, which: int, switch: bool, renewed: bool, login: int) -> None:
        """A client restores what was handed over, works on it and sends it back; perhaps the licence was `renewed` here meanwhile."""
        if not self.handed:
            return
        handed = list(self.handed.values())[which % len(self.handed)]
        books, paper = self.model.books[handed.books.number], handed.books.paper
        if paper is None or books.archived:
            return
        away = self.client_office(books.kvk, paper)
        if away is None:
            return
        back = self.work_abroad(*away, handed, switch, login)
        if renewed:
            self.import_paper(books, self.printed(books, "renewal", "", by_mail=False), books.login, True)
        expected = self.model.against_own()
        if back.paper and back.paper.number in self.model.revoked:
            expected.add("licence-revoked")
        if back.paper and back.paper.kvk != books.kvk:
            expected.add("kvk-differs")
        made = away[0].apply(away[0].plan_backup([books.number], BackupTarget(plain=True), "safekeeping")).made[0].path
        step = lambda: self.office.apply(plan_restore(self.office, INSTALL, RestoreChoices(made, accepted=frozenset(ASKS), replace=True)))  # noqa: E731
        if self.attempt("return trips", expected, True, step):
            self.model.accept_return(books, back)

    def client_office(self, kvk: str, paper: Paper) -> tuple[Office, Paper] | None:
        """The client's own office, made under the first licence that came with a hand-over; None when this is of another number."""
        if kvk not in self.abroad:
            licence = self.printer.licence(paper.path)
            create_under(self.folder / f"client-{kvk}", licence, (ISSUER,), self.almanac)
            self.abroad[kvk] = (Office.open(self.folder / f"client-{kvk}", self.almanac), paper)
        return self.abroad[kvk] if self.abroad[kvk][1].number == paper.number else None

    def work_abroad(self, office: Office, own: Paper, handed: HandOver, switch: bool, login: int) -> Books:
        """Restore a hand-over at the client's, and work on it there: what is in the books when they come back."""
        office.apply(office.plan_restore(handed.path, accept=("older-backup",), replace=True))
        back = replace(handed.books, users=dict(handed.books.users))
        back.paper = max((own, handed.books.paper or own), key=lambda paper: paper.issued)
        who = self.some_user(back, login)
        if switch and who is not None and back.users[who]:
            users_operations.set_active(office, number_of(back.number), Login(who), active=False)
            back.users[who] = False
        return back

    @rule(nights=st.sampled_from([0, 0, 0, 1, 1, 1, 3]), event=st.one_of(EVENTS))
    def time_passes(self, nights: int, event: tuple[str, dict[str, Any]]) -> None:
        """Some nights, with a look at the audit in the morning; then one thing happens."""
        name, drawn = event
        self.days_pass(nights)
        getattr(self, name)(**drawn)

    # --- what must hold ---

    @invariant()
    def the_audit_agrees_with_the_model(self) -> None:
        if not hasattr(self, "office"):
            return
        audit = self.office.audit()
        assert audit.on == self.model.day
        assert [as_row(row) for row in audit.rows] == self.model.rows()


def as_row(row: AuditRow) -> tuple[object, ...]:
    plain = [getattr(row, name) for name in AuditRow.__dataclass_fields__ if name != "obstacles"]
    plain[2] = None if row.number is None else int(row.number)
    plain[7] = None if row.user is None else str(row.user)
    return (*plain, tuple(sorted(one.code for one in row.obstacles)))


@pytest.fixture
def month(stage: Any) -> Iterator[type[Month]]:
    """The machine, with the office as the month begins, in memory where there is room."""
    folder = stage.folder / "month"
    folder.mkdir()
    Month.master, Month.counted = folder / "master", {}
    Month.master.mkdir()
    Month.begun = first_of_the_month(Month.master)
    yield Month
    shutil.rmtree(folder, ignore_errors=True)


def test_a_month_in_the_offices_life(month: type[Month], thorough: bool, record_property: Any) -> None:
    run_state_machine_as_test(
        month,
        settings=settings(
            max_examples=200 if thorough else 8,
            stateful_step_count=50 if thorough else 30,
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=tuple(Phase) if thorough else (Phase.generate,),  # shrinking takes minutes
        ),
    )
    for what, count in month.counted.items():
        record_property(f"counted a month's {what}", count)
    assert {"imports", "hand-overs", "return trips", "copies", "days"} <= month.counted.keys()
