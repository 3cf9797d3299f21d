"""What changed since an audit that was kept, and the audit looked back upon by month, by real changes of an office."""

import random
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import accountools as at
from accountools.clock import system_clock
from accountools.domain.events.base import Event
from accountools.domain.events.office import RevocationsRead
from accountools.formats.csv_files import SavedAuditRow
from accountools.operations.session import Session
from accountools.reports.audit import Audit, AuditRow
from accountools.reports.audit_changes import CHANGES, Change, changes
from accountools.reports.audit_texts import expiring_licences, expiry_words
from accountools.texts import Texts
from tests.engines import place_of
from tests.seeding import random_for
from tests.workspace import CLIENT_KVK, HENK, TODAY, Workspace, without_tags

pytestmark = pytest.mark.both_engines


EN = Texts("en")


def change_json(change: str, client: str = "Bakkerij Jansen", number: int | None = 7) -> dict[str, Any]:
    return {"change": change, "client": client, "number": number}


def since(desk: Workspace, kept: Path, *words: object, today: str | None = None) -> list[dict[str, Any]]:
    return list(desk.ok("audit", "--since", kept, *words, today=today)["changes"])


@pytest.fixture
def kept(ready: Workspace) -> Path:
    """The audit of the ready office, kept."""
    ready.ok("audit", "--csv", ready.folder / "kept.csv")
    return ready.folder / "kept.csv"


def test_nothing_changed(ready: Workspace, kept: Path) -> None:
    assert since(ready, kept) == []
    assert "Er is niets gewijzigd." in ready.run("audit", "--since", kept, "--lang", "nl", as_json=False).out


def test_without_since_nothing_is_said_of_changes(ready: Workspace) -> None:
    assert "changes" not in ready.ok("audit")


def test_a_licence_newly_imported(empty_office: Workspace) -> None:
    empty_office.add_client()
    empty_office.create()
    empty_office.add_user()
    empty_office.ok("audit", "--csv", empty_office.folder / "kept.csv")
    empty_office.import_licence(empty_office.issue("client.lic"))
    assert since(empty_office, empty_office.folder / "kept.csv") == [change_json("imported")]


def test_a_licence_renewed(ready: Workspace, kept: Path) -> None:
    ready.import_licence(ready.issue("new.lic", number="KL-2042", valid_until="2029-12-31"))
    assert since(ready, kept) == [change_json("renewed")]
    output = ready.run("audit", "--since", kept, "--lang", "nl", as_json=False).out
    assert "007 Bakkerij Jansen: licentie KL-2041 is vervangen door KL-2042, geldig tot en met 31-12-2029." in output


def test_a_licence_of_the_same_number_with_another_last_day_is_renewed(ready: Workspace, kept: Path) -> None:
    ready.import_licence(ready.issue("new.lic", valid_until="2029-12-31"))
    assert since(ready, kept) == [change_json("renewed")]


def test_a_licence_ran_out(ready: Workspace, kept: Path) -> None:
    assert since(ready, kept, today="2027-12-31") == []
    assert since(ready, kept, today="2028-01-01") == [change_json("expired")]


def test_a_licence_lost_by_revocation(ready: Workspace, kept: Path) -> None:
    ready.ok("licence", "revoke", "--issuer", ready.folder / "issuer", "--number", "KL-2041", "--out", ready.folder / "revoked.txt")
    ready.ok("licence", "revocations", ready.folder / "revoked.txt")
    assert since(ready, kept) == [change_json("lost")]


def test_a_licence_lost_with_its_administration(ready: Workspace, kept: Path) -> None:
    ready.create(8)
    ready.ok("administration", "archive", 7)
    assert since(ready, kept) == [change_json("lost")]
    assert "007 Bakkerij Jansen is no longer in the overview." in ready.run("audit", "--since", kept, "--lang", "en", as_json=False).out


@pytest.mark.parametrize("numbers", [(), (8,)], ids=["one administration", "one more, without a licence"])
def test_a_client_with_another_kvk_number_is_the_same_client(ready: Workspace, numbers: tuple[int, ...]) -> None:
    ready.add_client("Nog zonder", "10000003")
    for number in numbers:
        ready.create(number)
    ready.ok("audit", "--csv", ready.folder / "kept.csv")
    ready.ok("client", "change", CLIENT_KVK, "--kvk", "10000001", "--confirm")
    ready.ok("client", "change", "10000003", "--kvk", "10000004", "--confirm")
    assert since(ready, ready.folder / "kept.csv") == []
    ready.add_client("Een ander", CLIENT_KVK)  # who has the number now that the first one had
    assert since(ready, ready.folder / "kept.csv") == [change_json("client-new", "Een ander", None)]


def test_a_licence_of_another_client_blocks_in_the_history_too(ready: Workspace) -> None:
    ready.import_licence(ready.issue("odd.lic", number="KL-9", kvk="99999999"), 7, HENK, "--accept", "kvk-differs")
    ready.add_client("Slagerij De Wit", "99999999")
    now, next_month = (
        at.Office.open(place_of(ready.office), system_clock(day)).audit() for day in (date.fromisoformat(TODAY), date(2026, 12, 1))
    )
    assert now.summary()["blocked"] == 1
    (before, _) = next_month.history()
    assert dict(before.counts) == now.summary()


def test_a_client_whose_administrations_are_all_archived_is_no_longer_in_the_audit(ready: Workspace, kept: Path) -> None:
    """Nor is anything missing there: not in the table, its history or its totals."""
    ready.ok("administration", "archive", 7)
    assert since(ready, kept) == [change_json("client-gone")]
    found = ready.ok("audit", "--strict")
    assert (found["rows"], set(found["summary"].values())) == ([], {0})
    ready.ok("audit", "--csv", ready.folder / "archived.csv")
    history = at.Office.open(place_of(ready.office), system_clock(date(2026, 12, 1))).audit().history()
    assert [sum(one.counts.values()) for one in history] == [0, 0]
    ready.create(8)
    assert [row["number"] for row in ready.ok("audit")["rows"]] == [8]
    ready.ok("administration", "archive", 8)
    ready.ok("administration", "unarchive", 7)
    assert {one["change"] for one in since(ready, ready.folder / "archived.csv")} == {"client-new", "imported"}


def test_in_a_clients_own_office_an_archived_administration_is_not_asked_for(ready: Workspace) -> None:
    client = ready.create_client_office()
    ready.ok("restore", ready.backup(), "--confirm", office=client)
    ready.ok("administration", "archive", 7, office=client)
    assert ready.ok("audit", "--strict", office=client)["rows"] == []
    (*_, last) = at.Office.open(place_of(client), system_clock(date(2026, 12, 1))).audit().history()
    assert sum(last.counts.values()) == 0


def test_clients_come_and_go(ready: Workspace, kept: Path) -> None:
    ready.add_client("Zeilmakerij", "44444444")
    assert since(ready, kept) == [change_json("client-new", "Zeilmakerij", None)]
    ready.create(8, "Zeilen", client="44444444")
    assert since(ready, kept) == [change_json("client-new", "Zeilmakerij", 8)]
    ready.create(9, "Zeilen", client="44444444")
    assert since(ready, kept) == [change_json("client-new", "Zeilmakerij", None)]
    ready.ok("audit", "--csv", ready.folder / "later.csv")
    before = ready.folder / "later.csv"
    before.write_text(before.read_text().replace("44444444", "55555555"))
    assert since(ready, before) == [change_json("client-new", "Zeilmakerij", None), change_json("client-gone", "Zeilmakerij", None)]


def test_the_changes_stand_in_the_workbook_and_on_the_page(ready: Workspace, kept: Path) -> None:
    import openpyxl

    paper = ready.folder / "a"
    words = ("--xlsx", paper.with_suffix(".xlsx"), "--html", paper.with_suffix(".html"))
    assert since(ready, kept, *words, today="2028-01-01") == [change_json("expired")]
    rows = list(openpyxl.load_workbook(paper.with_suffix(".xlsx"))["Changes"].iter_rows(min_row=2, values_only=True))
    assert rows == [("expired", 7, "Bakkerij Jansen", "007 Bakkerij Jansen: licence KL-2041 expired on 2027-12-31.")]
    assert rows[0][3] in without_tags(paper.with_suffix(".html"))


@pytest.mark.parametrize("language", ["nl", "en"])
def test_either_languages_csv_is_read_by_either(ready: Workspace, language: str) -> None:
    kept = ready.folder / "kept.csv"
    ready.ok("audit", "--csv", kept, "--lang", language)
    for reading in ("nl", "en"):
        assert since(ready, kept, "--lang", reading, today="2028-01-01") == [change_json("expired")]


def test_what_a_spreadsheet_makes_of_the_file_when_it_saves_it(empty_office: Workspace) -> None:
    """Days its own way, and no zeros before a KvK number."""
    empty_office.add_client("Nul", "00123456")
    empty_office.create(7, "Nul", client="00123456")
    empty_office.add_user()
    empty_office.import_licence(empty_office.issue("nul.lic", licensee="Nul", kvk="00123456"))
    kept = empty_office.folder / "kept.csv"
    empty_office.ok("audit", "--csv", kept, "--lang", "nl")
    text = kept.read_text("utf-8-sig")
    assert "2027-12-31" in text
    for day in ("31-12-2027", "31/12/2027"):
        kept.write_text(text.replace("2027-12-31", day).replace("00123456", "123456"), "cp1252")
        assert since(empty_office, kept) == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "client,kvk\nA,12345678\n",
        "niets;dan;dit\n1;2;3\n",
        "client,kvk,number,licence_number,licence_status,valid_until\nA,kvk,7,,missing,\n",
        "client,kvk,number,licence_number,licence_status,valid_until\nA,12345678,zeven,,missing,\n",
        "client,kvk,number,licence_number,licence_status,valid_until\nA,12345678,7,KL,valid,morgen\n",
        "client,kvk,number,licence_number,licence_status,valid_until\nA,12345678,123456,KL,valid,\n",
        "client,kvk,number,licence_number,licence_status,valid_until\nA,12345678,0,KL,valid,\n",
        "client,kvk,number,licence_number,licence_status,valid_until\nA,١٢٣٤٥٦٧٨,7,KL,valid,\n",
        'client,kvk,number,licence_number,licence_status,valid_until\n"A,12345678,7,KL,valid,\n',
    ],
)
def test_a_file_that_is_no_audit_is_refused(ready: Workspace, text: str) -> None:
    (ready.folder / "kept.csv").write_text(text)
    assert ready.refused("audit", "--since", ready.folder / "kept.csv") == "audit-invalid"
    assert ready.refused("audit", "--since", ready.folder / "nowhere.csv") == "file-not-found"


# Invariants, over any two audits

STATUSES = ("valid", "expires-soon", "expired", "not-yet-valid", "revoked")
KVKS = ("10000001", "10000002", "10000003")


@st.composite
def audits(draw: st.DrawFn) -> Audit:
    """Some clients; each without an administration, or with a few, each with a licence or without."""
    rows = []
    for kvk in draw(st.lists(st.sampled_from(KVKS), unique=True)):
        numbers = draw(st.lists(st.integers(1, 3), unique=True, max_size=3)) or [None]
        for number in numbers:
            licence = None if number is None else draw(st.sampled_from((None, "KL-1", "KL-2")))
            status = draw(st.sampled_from(STATUSES)) if licence else "missing"
            until = draw(st.dates(date(2026, 1, 1), date(2026, 1, 3))) if licence else None
            place = None if number is None else at.AdministrationNumber(number)
            rows.append(AuditRow(f"Client {kvk}", kvk, place, None, licence, status, until, None, "missing", None, None, "ready", ()))
    return Audit(date(2026, 11, 24), tuple(rows))


def as_kept(found: Audit) -> list[SavedAuditRow]:
    return [
        SavedAuditRow(
            row.client, row.kvk, None if row.number is None else int(row.number), row.licence_number, row.licence_status, row.valid_until
        )
        for row in found.rows
    ]


def at_places(found: tuple[Change, ...], what: str) -> set[tuple[str, int | None]]:
    return {(one.client, one.number) for one in found if one.change == what}


@given(audits())
def test_an_audit_does_not_differ_from_itself(found: Audit) -> None:
    assert changes(as_kept(found), found) == ()


@given(audits(), audits())
def test_what_one_way_is_a_gain_is_a_loss_the_other_way(one: Audit, other: Audit) -> None:
    there, back = changes(as_kept(one), other), changes(as_kept(other), one)
    assert at_places(there, "client-new") == at_places(back, "client-gone")
    same = {row.client for row in one.rows} & {row.client for row in other.rows}
    imported = {place for place in at_places(there, "imported") if place[0] in same}
    assert imported <= at_places(back, "lost")
    assert at_places(there, "renewed") == at_places(back, "renewed")
    expired = {(row.client, row.number) for row in other.rows if row.licence_status == "expired"}
    assert at_places(there, "expired") <= expired
    assert all(change.change in CHANGES and change.describe(EN) for change in (*there, *back))
    assert len({(change.change, change.client, change.number) for change in there}) == len(there)


# A life of an office: after each step just what was done, and afterwards each month's end as it was


@dataclass
class Life:
    """An office that lives on: each step is one change by the real command line, and tells what `--since` must say of it."""

    desk: Workspace
    chance: random.Random
    day: date = date(2026, 1, 20)
    licensed: dict[int, date] = field(default_factory=dict)
    bare: list[int] = field(default_factory=list)
    last: int = 6

    def kvk(self, number: int) -> str:
        return f"{20_000_000 + number}"

    def step(self) -> list[dict[str, Any]]:
        name = self.chance.choice(
            ("client", "client", "import", "import", "renew", "revoke", "archive", "wait", "wait", "wait", "wait", "user")
        )
        return list(getattr(self, f"_{name}")())

    def _client(self) -> list[dict[str, Any]]:
        self.last += 1
        self.desk.add_client(f"Klant {self.last}", self.kvk(self.last))
        if self.chance.random() < 0.3:
            return [change_json("client-new", f"Klant {self.last}", None)]
        self.desk.create(self.last, "Boeken", client=self.kvk(self.last), chart=None)
        self.desk.add_user(rf"k{self.last}\henk", self.last)
        self.bare.append(self.last)
        return [change_json("client-new", f"Klant {self.last}", self.last)]

    def _licence(self, number: int) -> None:
        until = self.day + timedelta(days=self.chance.choice((20, 50, 90, 400)))
        licence = f"KL-{number}-{self.day:%j}-{self.chance.random():.6f}"
        file = self.desk.issue(f"{licence}.lic", number=licence, licensee=f"Klant {number}", kvk=self.kvk(number), valid_until=until)
        self.desk.import_licence(file, number, rf"k{number}\henk")
        self.licensed[number] = until

    def _import(self) -> list[dict[str, Any]]:
        if not self.bare:
            return self._client()
        number = self.bare.pop()
        self._licence(number)
        return [change_json("imported", f"Klant {number}", number)]

    def _renew(self) -> list[dict[str, Any]]:
        if not self.licensed:
            return []
        number = self.chance.choice(sorted(self.licensed))
        self._licence(number)
        return [change_json("renewed", f"Klant {number}", number)]

    def _revoke(self) -> list[dict[str, Any]]:
        valid = [number for number, until in self.licensed.items() if until >= self.day]
        if not valid:
            return []
        number = self.chance.choice(valid)
        rows = self.desk.ok("audit")["rows"]
        licence = next(row["licence_number"] for row in rows if row["number"] == number)
        out = self.desk.folder / f"revoked-{number}.txt"
        self.desk.ok("licence", "revoke", "--issuer", self.desk.folder / "issuer", "--number", licence, "--out", out)
        self.desk.ok("licence", "revocations", out)
        del self.licensed[number]  # left alone from now on
        return [change_json("lost", f"Klant {number}", number)]

    def _archive(self) -> list[dict[str, Any]]:
        if not self.licensed:
            return []
        number = self.chance.choice(sorted(self.licensed))
        self.desk.ok("administration", "archive", number)
        del self.licensed[number]
        return [change_json("client-gone", f"Klant {number}", number)]  # it was its only one

    def _user(self) -> list[dict[str, Any]]:
        for number in self.bare[:1]:
            self.desk.ok("user", "deactivate", "--administration", number, rf"k{number}\henk")
            self.desk.ok("user", "activate", "--administration", number, rf"k{number}\henk")
        return []

    def _wait(self) -> list[dict[str, Any]]:
        before, self.day = self.day, self.day + timedelta(days=self.chance.choice((9, 25, 40)))
        self.desk.today = self.day.isoformat()
        gone = sorted(number for number, until in self.licensed.items() if before <= until < self.day)
        return [change_json("expired", f"Klant {number}", number) for number in gone]


@pytest.mark.parametrize("seed", [3, 6])
def test_after_each_step_what_was_done_is_reported_and_the_months_stay_what_they_were(seed: int, tmp_path: Path, thorough: bool) -> None:
    desk = Workspace(tmp_path / "desk", today="2026-01-20")
    desk.folder.mkdir()
    life, kept, ends = Life(desk.create_office(), random_for(f"life {seed}")), desk.folder / "kept.csv", {}
    desk.ok("licence", "renew", desk.issue_own("long.lic", valid_until="2045-12-31"), "--confirm")
    for turn in range(400):
        if turn >= (200 if thorough else 20) and varied(ends):
            break
        desk.ok("audit", "--csv", kept, "--lang", ("nl", "en")[turn % 2])
        before, expected = life.day, life.step()
        assert sorted(since(desk, kept), key=str) == sorted(expected, key=str), (turn, expected)
        for end in month_ends(before, life.day):
            ends[end] = desk.ok("audit", today=end.isoformat())["summary"]
    found = at.Office.open(place_of(desk.office), system_clock(life.day)).audit()
    history = {one.on: dict(one.counts) for one in found.history()}
    assert history.pop(life.day) == found.summary()
    assert history == dict(sorted(ends.items())[-12:])
    assert varied(history)


def varied(ends: dict[date, dict[str, int]]) -> bool:
    """Whether the last year's month ends differ enough to tell one from another."""
    return len({tuple(ends[end].values()) for end in sorted(ends)[-12:]}) > 2


def month_ends(first: date, last: date) -> list[date]:
    """The days from `first` to the one before `last` after which another month begins."""
    days = (first + timedelta(days=n) for n in range((last - first).days))
    return [day for day in days if (day + timedelta(days=1)).day == 1]


def test_the_months_are_at_most_twelve_and_begin_with_the_first_event(ready: Workspace) -> None:
    for today, first, count in (("2026-11-24", TODAY, 1), ("2026-12-31", "2026-11-30", 2), ("2028-02-29", "2027-02-28", 13)):
        found = at.Office.open(place_of(ready.office), system_clock(date.fromisoformat(today))).audit()
        history = found.history()
        assert (history[0].on.isoformat(), len(history), history[-1].on.isoformat()) == (first, count, today)
        assert all(sum(one.counts.values()) == 1 for one in history)
    assert [one.counts["blocked"] for one in history].index(1) == 11  # it expired on the last day of 2027


def test_a_journal_that_does_not_tell_which_numbers_were_revoked_is_read_by_the_list_held(
    ready: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As version 1.0 wrote it before the numbers stood in the event."""
    record_as_ever = Session.record

    def record(self: Session, *events: Event) -> None:
        record_as_ever(self, *(replace(one, revoked=None) if isinstance(one, RevocationsRead) else one for one in events))

    monkeypatch.setattr(Session, "record", record)
    ready.ok("licence", "revoke", "--issuer", ready.folder / "issuer", "--number", "KL-2041", "--out", ready.folder / "revoked.txt")
    ready.ok("licence", "revocations", ready.folder / "revoked.txt")
    (november, _) = at.Office.open(place_of(ready.office), system_clock(date(2026, 12, 1))).audit().history()
    assert november.counts["blocked"] == 1


def test_an_audit_without_its_office_knows_today_only(ready: Workspace) -> None:
    found = at.Office.open(place_of(ready.office), system_clock(date(2027, 3, 1))).audit()
    assert len(found.history()) == 5
    assert [one.on for one in replace(found, office=None).history()] == [found.on]


def test_each_licence_that_runs_out_is_reported_once_with_its_last_day(ready: Workspace) -> None:
    ready.create(8, "Tweede")
    ready.add_user(HENK, 8)
    ready.import_licence(ready.folder / "client.lic", 8)
    office = at.Office.open(place_of(ready.office), system_clock(date(2027, 11, 20)))
    (one,) = expiring_licences(office.audit())
    assert (one.client, one.licence, one.until, one.soon) == ("Bakkerij Jansen", "KL-2041", date(2027, 12, 31), True)
    assert expiry_words(office.audit(), EN) == (
        "1 licence expires through 2028-11-20, 1 within 60 days.",
        "2027-12-31: licence KL-2041 of Bakkerij Jansen.",
    )
    for today, count in (("2026-12-30", 0), ("2026-12-31", 1), ("2027-12-31", 1), ("2028-01-01", 0)):
        found = at.Office.open(place_of(ready.office), system_clock(date.fromisoformat(today))).audit()
        assert len(expiring_licences(found)) == count, today
    assert found.rows[0].kvk == CLIENT_KVK
