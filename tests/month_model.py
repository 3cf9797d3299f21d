"""A simple model of an office: what its audit must say, reckoned from dates and names alone, by nothing of the program's.

Each method that stands for an operation says which codes must stand in its way; the caller then changes the model, or not.
"""

import copy
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path

ASKS = frozenset({"kvk-differs", "name-differs", "demo-licence", "older-than-current"})
INFORMS = frozenset({"licence-expires-soon"})
WARNS = {"expired": "licence-expired", "revoked": "licence-revoked", "not-yet-valid": "licence-not-yet-valid"}

Row = tuple[object, ...]


@dataclass(frozen=True)
class Paper:
    """A licence as it was issued, in the file `path`."""

    number: str
    kvk: str
    name: str
    users: int
    first: date
    last: date
    issued: datetime
    demo: bool = False
    path: Path = Path()


@dataclass
class Books:
    """An administration: the client's users by login (whether active), the licence, and what was accepted."""

    number: int
    kvk: str
    description: str
    users: dict[str, bool] = field(default_factory=dict)
    paper: Paper | None = None
    login: str | None = None
    accepted: frozenset[str] = frozenset()
    archived: bool = False
    gone: bool = False
    handed: date | None = None
    rehearsed: date | None = None

    def active(self) -> list[str]:
        return [login for login, active in self.users.items() if active]


@dataclass
class HandOver:
    """What a client was handed over: the file and what was in it."""

    path: Path
    books: Books


@dataclass
class Model:
    """The office on a day. `own_last` is the last day of its own licence."""

    day: date
    own_last: date
    clients: dict[str, str] = field(default_factory=dict)
    books: dict[int, Books] = field(default_factory=dict)
    revoked: set[str] = field(default_factory=set)

    def clone(self) -> "Model":
        return copy.deepcopy(self)

    # --- what the audit must say ---

    def status(self, paper: Paper | None) -> str:
        if paper is None:
            return "missing"
        if paper.number in self.revoked:
            return "revoked"
        if self.day < paper.first:
            return "not-yet-valid"
        if self.day > paper.last:
            return "expired"
        return "expires-soon" if self.day + timedelta(days=60) >= paper.last else "valid"

    def against_hand_over(self, books: Books) -> set[str]:
        """The codes that a row must show, and that are obstacles to a hand-over."""
        codes = self.against_own()
        if books.archived:
            codes.add("administration-archived")
        if books.gone:
            codes.add("books-missing")
        if books.paper is None:
            codes.add("no-licence")
            if not books.users:
                codes.add("no-user")
            elif not books.active():
                codes.add("user-inactive")
            return codes
        codes |= self.against_paper(books.paper) | books.accepted
        if self.status(books.paper) == "expires-soon":
            codes.add("licence-expires-soon")
        if not books.users.get(books.login or ""):
            codes.add("user-inactive")
        if len(books.active()) > books.paper.users:
            codes.add("too-many-users")
        return codes

    def rows(self) -> list[Row]:
        found: list[Row] = []
        for kvk, name in sorted(self.clients.items(), key=lambda one: one[1]):
            theirs = sorted(books.number for books in self.books.values() if books.kvk == kvk)
            found += [self._row(name, self.books[number]) for number in theirs if not self.books[number].archived]
            if not theirs:
                nothing = ("missing", None, None, "missing", None, None, "missing")
                found.append((name, kvk, None, None, None, *nothing, ("no-administration", "no-licence")))
        return found

    def _row(self, name: str, books: Books) -> Row:
        paper, codes = books.paper, self.against_hand_over(books)
        state = "missing" if paper is None else "blocked" if codes - ASKS - INFORMS else "attention" if codes else "ready"
        user = "missing" if books.login is None else "active" if books.users[books.login] else "inactive"
        return (
            *(name, books.kvk, books.number, books.description),
            *(paper.number if paper else None, self.status(paper), paper.last if paper else None),
            *(books.login, user),
            *(books.handed.isoformat() if books.handed else None, books.rehearsed.isoformat() if books.rehearsed else None),
            *(state, tuple(sorted(codes))),
        )

    # --- what must be an obstacle to an operation ---

    def against_own(self) -> set[str]:
        return {"own-licence-expired"} if self.day > self.own_last else set()

    def against_paper(self, paper: Paper) -> set[str]:
        status = self.status(paper)
        return {WARNS[status]} if status in WARNS else set()

    def asked_about(self, books: Books, paper: Paper) -> frozenset[str]:
        """What of a licence needs a confirmation, whatever was held before it."""
        codes = {"demo-licence"} if paper.demo else set()
        if paper.kvk != books.kvk:
            codes.add("kvk-differs")
        elif paper.name != self.clients[books.kvk]:
            codes.add("name-differs")
        return frozenset(codes)

    def against_import(self, books: Books, paper: Paper, login: str | None) -> set[str]:
        codes = self.against_own() | self.against_paper(paper) | self.asked_about(books, paper)
        if books.paper is not None and paper.issued < books.paper.issued:
            codes.add("older-than-current")
        if login is None:
            codes.add("no-user")
        elif not books.users[login]:
            codes.add("user-inactive")
        if len(books.active()) > paper.users:
            codes.add("too-many-users")
        return codes

    def place_of(self, paper: Paper) -> Books | None:
        """Where the inbox puts a licence: the client's one administration, if it has just one."""
        theirs = [books for books in self.books.values() if books.kvk == paper.kvk and not books.archived]
        return theirs[0] if len(theirs) == 1 else None

    def inbox(self, papers: list[Paper]) -> list[tuple[Books, Paper, str]]:
        """What the inbox imports of these: into each administration the last issued of those with nothing at all in the way."""
        chosen: dict[int, tuple[Books, Paper, str]] = {}
        for paper in sorted(papers, key=lambda one: one.issued):
            books = self.place_of(paper)
            if books is None or (books.paper is not None and books.paper == paper):
                continue
            login = books.login or (books.active()[0] if len(books.active()) == 1 else None)
            if login is not None and not self.against_import(books, paper, login):
                chosen[books.number] = (books, paper, login)
        return list(chosen.values())

    def accept_return(self, books: Books, abroad: Books) -> None:
        """What an install leaves of what was here (`books`) and what came back (`abroad`)."""
        held = replace(books)
        books.description, books.users, books.gone = abroad.description, dict(abroad.users), False
        if held.paper is not None and abroad.paper is not None and held.paper.issued > abroad.paper.issued:
            if held.login is not None and held.login not in books.users:
                books.users[held.login] = held.users[held.login]
            return
        books.paper, books.login = abroad.paper, abroad.login
        books.accepted = held.accepted if held.paper == abroad.paper else frozenset()
