"""The form of *Boekhouding*, walked without a browser: audit files in, the reports, audit files out, the chart."""

import csv
import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from accountools.clock import system_clock
from accountools.domain.audit_findings import COUNTED
from accountools.domain.calendar import parse_moment
from accountools.domain.identifiers import AdministrationNumber
from accountools.forms.kit import navigation
from accountools.forms.kit.jobs import run_now
from accountools.forms.kit.navigation import Request
from accountools.forms.kit.table import NumberCell, _rank
from accountools.forms.screens.books.form import Bookkeeping
from accountools.forms.screens.books.import_view import FIELDS
from accountools.forms.screens.books.report_table import table_cell
from accountools.forms.screens.books.view import books_screen
from accountools.office import Office
from accountools.operations.books.convert_auditfile import convert_auditfile
from accountools.operations.books.export_auditfile import export_auditfile
from accountools.operations.books.import_auditfile import planned_auditfile_import
from accountools.operations.progress import Stopped
from accountools.reports.books.ledger_card import LedgerCard
from accountools.storage.books import merge
from accountools.texts import Texts
from tests.book_files import OPENING_2025, YEAR_2024, YEAR_2025, E, L, Year, sale
from tests.engines import place_of
from tests.test_forms_screen import button, press, shown_widgets, visible_text
from tests.workspace import TODAY, Workspace

EN, NL = Texts("en"), Texts("nl")
SMALL = Path(__file__).parent / "auditfiles"
NINE = AdministrationNumber(9)
APPROPRIATED = Year(2025, {code: amount for code, amount in OPENING_2025.items() if code != "0550"} | {"0500": "-1250.00"},
    YEAR_2025.entries)  # fmt: skip


@pytest.fixture
def desk(ready: Workspace) -> Workspace:
    """An administration without a chart, number 9."""
    ready.create(9, "Auditfile", chart=None)
    return ready


def office(desk: Workspace, folder: Path | None = None) -> Office:
    return Office.open(place_of(folder or desk.office), system_clock(parse_moment(f"{TODAY}T12:00:00Z").date()))


def opened(desk: Workspace, number: int | None = 9) -> Bookkeeping:
    form = Bookkeeping(office(desk), EN)
    if number is not None:
        assert form.choose_administration(number), form.feedback
    return form


def import_file(form: Bookkeeping, path: Path, *, replace: bool = False) -> None:
    """Choose a file, confirm all that asks for it, and press *Finish*."""
    assert form.open_part("import")
    assert form.file.choose(path), form.feedback
    assert form.file.plan is not None, form.file.error
    if replace:
        assert form.file.replace_year()
    for one in form.file.plan.obstacles:
        form.accept(one.code)
    assert form.file.finish(), (form.feedback, form.file.missing())


def with_years(desk: Workspace, *years: Year) -> Bookkeeping:
    form = opened(desk)
    for year in years:
        import_file(form, year.write(desk.folder / f"{year.label}.xaf"))
    return form


def codes(form: Bookkeeping) -> list[str]:
    assert form.file.plan is not None
    return [one.code for one in form.file.plan.obstacles]


def works(desk: Workspace) -> list[Path]:
    return list((desk.office / "work").iterdir())


# --- whose books, which year ---


def test_nothing_is_chosen_where_there_are_several_administrations_and_one_that_is_alone_is(ready: Workspace) -> None:
    """Neither is an administration in the archive one to choose."""
    form = opened(ready, None)
    assert (form.number, form.wizard.current.name) == (7, "import")
    ready.create(9, "Auditfile", chart=None)
    form = opened(ready, None)
    assert (form.number, form.wizard.buttons()[-1].why) == (None, "Choose the administration first")
    assert not form.choose_administration(8)
    assert form.feedback.code == "administration-not-found"
    ready.create(8, "Meanwhile", chart=None)
    assert form.choose_administration(8)
    for number in (8, 9):
        ready.ok("administration", "archive", number)
    assert opened(ready, None).number == 7


def test_another_screen_asks_for_an_administration_and_a_part(desk: Workspace) -> None:
    with_years(desk, YEAR_2024)
    form = opened(desk, None)
    form.begin(Request(administration=9))
    assert (form.number, form.year, form.wizard.current.name) == (9, "2024", "trial-balance")
    form = opened(desk, None)
    form.begin(Request(administration=9, show="vat"))
    assert (form.wizard.current.name, form.vat.report is not None) == ("vat", True)


def test_books_without_a_year_lead_to_reading_a_file_in(desk: Workspace) -> None:
    screen = books_screen(office(desk), EN)
    screen.form.start = run_now
    screen.form.choose_administration(9)
    for name in ("trial-balance", "open-items", "vat", "checks", "export"):
        screen.form.open_part(name)
        assert button(screen, EN(screen.form.wizard.current.action)).disabled
        assert "There is no fiscal year in these books yet" in visible_text(screen)
        press(screen, "Import an audit file")
        assert screen.form.wizard.current.name == "import"


def test_the_latest_year_is_chosen_and_another_one_is_shown_when_it_is_asked_for(desk: Workspace) -> None:
    form = with_years(desk, YEAR_2024, YEAR_2025)
    assert (form.year, [one.year for one in form.years]) == ("2025", ["2024", "2025"])
    form.open_part("trial-balance")
    assert form.balance.report is not None
    assert form.balance.report.year == "2025"
    assert form.choose_year("2024")
    assert form.balance.report.year == "2024"
    assert not form.choose_year("1999")
    assert form.choose_until(date(2024, 11, 30))
    assert form.balance.report.until == "2024-11-30"
    assert {row.account: row.closing for row in form.balance.report.rows}["1300"] == 12_100
    assert form.choose_until(None)
    assert form.balance.report.until is None


# --- an audit file comes in ---


@pytest.mark.both_engines
def test_a_file_is_read_as_soon_as_it_is_chosen_and_nothing_changes_until_finish(desk: Workspace) -> None:
    form, path = opened(desk), YEAR_2024.write(desk.folder / "2024.xaf")
    assert form.file.choose(f'"{path}"')
    plan = form.file.plan
    assert plan is not None
    assert (plan.facts.company, plan.facts.year, plan.adds["entries"], plan.adds["lines"]) == ("Bakkerij Jansen", "2024", 3, 9)
    assert desk.ok("books", "years", 9)["years"] == []
    assert form.file.finish()
    assert form.file.done is not None
    assert (form.file.done.safety_copy, form.year, form.file.plan, form.file.paths) == (None, "2024", None, ())
    assert [one["year"] for one in desk.ok("books", "years", 9)["years"]] == ["2024"]
    assert not form.file.finish()
    assert works(desk) == []


def test_what_asks_for_a_confirmation_keeps_the_file_out_until_it_is_given(desk: Workspace) -> None:
    form = with_years(desk, YEAR_2024)
    form.file.choose(YEAR_2025.write(desk.folder / "2025.xaf"))
    assert codes(form) == ["auditfile-invalid", "opening-differs"]
    assert form.file.missing() == "Confirm what needs your confirmation, or choose another file"
    assert not form.file.finish()
    form.accept("opening-differs")
    assert not form.file.finish()
    form.accept("auditfile-invalid")
    assert form.file.finish()
    (event,) = (one for one in reversed(desk.ok("journal")["events"]) if one["details"].get("year") == "2025")
    assert event["details"]["accepted"] == ["auditfile-invalid", "opening-differs"]


def test_a_year_that_opens_with_the_closing_balance_says_so(desk: Workspace) -> None:
    screen = books_screen(office(desk), EN)
    form = screen.form
    form.start = run_now
    form.choose_administration(9)
    import_file(form, YEAR_2024.write(desk.folder / "2024.xaf"))
    form.file.choose(Year(2025, OPENING_2025 | {"0550": "-250.00"}, ()).write(desk.folder / "2025.xaf"))
    assert "The opening balance of 2025 is not the closing balance of 2024" in visible_text(screen)
    assert "-250.00" in visible_text(screen)
    closing = Year(2024, {"1100": "1000.00", "0500": "-1000.00"}, ())
    import_file(form, closing.write(desk.folder / "other.xaf"), replace=True)
    form.file.choose(Year(2025, {"1100": "1000.00", "0500": "-1000.00"}, ()).write(desk.folder / "2025.xaf"))
    assert "The opening balance of 2025 is the closing balance of 2024." in visible_text(screen)


def test_a_year_that_is_there_is_replaced_only_when_that_is_asked_and_is_kept_in_a_backup(desk: Workspace) -> None:
    form = with_years(desk, YEAR_2024)
    corrected = Year(2024, YEAR_2024.opening, YEAR_2024.entries[:2]).write(desk.folder / "corrected.xaf")
    form.file.choose(corrected)
    assert "year-present" in codes(form)
    assert not form.file.finish()
    assert form.file.replace_year()
    assert "year-present" not in codes(form)
    assert form.file.replace_year(False)
    assert not form.file.finish()
    assert form.file.replace_year()
    for code in codes(form):
        form.accept(code)
    assert form.file.finish()
    assert form.file.done is not None
    assert form.file.done.safety_copy is not None
    assert form.file.done.safety_copy.is_file()
    assert [one["entries"] for one in desk.ok("books", "years", 9)["years"]] == [2]


def test_the_same_file_again_has_nothing_to_do(desk: Workspace) -> None:
    form = with_years(desk, YEAR_2024)
    form.file.choose(desk.folder / "2024.xaf")
    assert form.file.plan is not None
    assert (form.file.plan.held, form.file.missing(), form.file.finish()) == (True, "This file is in the books already", False)


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda path: path, "file-not-found"),
        (lambda path: path.write_text("name,kvk\n"), "not-an-auditfile"),
        (lambda path: path.write_bytes(b"MSCF" + bytes(60)), "auditfile-encrypted"),
        (lambda path: path.write_text("<auditfile><header>"), "not-an-auditfile"),
        (lambda path: path.mkdir(), "file-not-found"),
    ],
    ids=["none", "a table", "encrypted", "cut", "a folder"],
)
def test_what_is_no_audit_file_is_said_beside_the_field(desk: Workspace, make: Callable[[Path], object], code: str) -> None:
    form, path = opened(desk), desk.folder / "file.xaf"
    make(path)
    form.file.choose(path)
    assert form.file.error is not None
    assert (form.file.error.code, form.file.plan, form.feedback.code) == (code, None, None)
    assert form.file.missing() == "This file can't be used; choose another one"
    assert works(desk) == []


def test_the_parts_of_a_set_are_chosen_one_after_the_other(desk: Workspace) -> None:
    form = opened(desk)
    form.file.choose(SMALL / "part-2.xaf")
    assert form.file.is_incomplete
    form.file.choose(SMALL / "part-1.xaf")
    assert form.file.plan is not None
    assert [path.name for path in form.file.plan.source.paths] == ["part-1.xaf", "part-2.xaf"]
    form.file.choose(SMALL / "part-1.xaf")
    assert form.file.is_incomplete
    assert form.file.start_again()
    assert form.file.paths == ()


def test_uploaded_parts_of_a_set_stay_beside_each_other(desk: Workspace) -> None:
    form = opened(desk)
    for name in ("part-1.xaf", "part-2.xaf"):
        form.file.choose(form.file.upload.receive(name, (SMALL / name).read_bytes()))
    assert form.file.plan is not None
    form.file.upload.receive("other.xaf", b"x")
    assert not any(path.exists() for path in form.file.paths)
    form.cancel()
    form.close()
    assert works(desk) == []


def test_a_file_chosen_first_is_read_when_the_administration_is(desk: Workspace) -> None:
    form = opened(desk, None)
    form.file.choose(YEAR_2024.write(desk.folder / "2024.xaf"))
    assert (form.file.plan, form.file.missing()) == (None, "Choose the administration first")
    form.choose_administration(9)
    assert form.file.plan is not None
    form.choose_administration(7)
    assert form.file.plan.number == 7


@pytest.fixture
def lost(desk: Workspace) -> Workspace:
    """Number 8 is there, but its books are not."""
    desk.create(8, "Lost", chart=None)
    desk.lose_books(8)
    return desk


def test_a_file_never_comes_into_another_administration_than_the_one_on_the_screen(lost: Workspace) -> None:
    form = opened(lost)
    form.file.choose(YEAR_2024.write(lost.folder / "2024.xaf"))
    assert not form.choose_administration(8)
    assert (form.feedback.code, form.number, form.file.plan, form.years) == ("books-missing", 8, None, ())
    assert not form.file.finish()
    assert form.choose_administration(9)
    assert form.file.plan is not None
    form.open_part("trial-balance")
    assert not form.choose_administration(8)
    assert (form.file.missing(), form.file.finish()) == ("The file hasn't been read yet", False)
    assert lost.ok("books", "years", 9)["years"] == []


def test_books_that_can_not_be_read_are_never_shown_as_empty_ones(desk: Workspace) -> None:
    with_years(desk, YEAR_2024)
    path, aside = desk.office / "administrations" / "00009.db", desk.folder / "aside.db"
    path.rename(aside)
    form = opened(desk, None)
    form.begin(Request(administration=9, show="vat"))
    assert (form.feedback.code, form.number, form.wizard.current.name) == ("books-missing", 9, "vat")
    assert not form.open_part("checks")
    assert form.feedback.code == "books-missing"
    assert not form.resolve("retry")
    assert form.feedback.code == "books-missing"
    aside.rename(path)
    assert form.resolve("retry")
    assert (form.year, form.checks.report is not None) == ("2024", True)


@pytest.mark.parametrize("part", ["trial-balance", "open-items", "vat", "checks"])
def test_no_report_of_other_books_stays_under_those_that_can_not_be_read(lost: Workspace, part: str) -> None:
    form = with_years(lost, YEAR_2024)
    shown: Any = form.parts[part]
    form.open_part(part)
    assert shown.report is not None
    assert not form.choose_administration(8)
    assert (form.feedback.code, shown.report, form.year) == ("books-missing", None, None)
    assert not shown.export("csv")


def test_a_chart_never_changes_another_administration_than_the_one_on_the_screen(lost: Workspace) -> None:
    form, path = opened(lost, 7), lost.folder / "chart.csv"
    path.write_text("code,name\n9999,Nieuw\n")
    form.open_part("chart")
    form.chart.choose(path)
    assert form.chart.plan is not None
    assert not form.choose_administration(8)
    assert (form.feedback.code, form.chart.accounts, form.chart.plan, form.chart.change()) == ("books-missing", (), None, False)
    assert form.choose_administration(7)
    form.open_part("vat")
    assert not form.choose_administration(8)
    assert (form.chart.missing(), form.chart.change()) == ("The file hasn't been read yet", False)
    assert not form.open_part("chart")
    assert (form.feedback.code, form.chart.accounts, form.chart.plan) == ("books-missing", (), None)


def test_what_would_come_in_says_into_which_administration(desk: Workspace) -> None:
    screen = books_screen(office(desk), EN)
    screen.form.start = run_now
    screen.form.choose_administration(9)
    screen.form.file.choose(YEAR_2024.write(desk.folder / "2024.xaf"))
    assert "Into the books of administration 009 Auditfile." in visible_text(screen)
    (desk.folder / "chart.csv").write_text("code,name\n9999,Nieuw\n")
    screen.form.open_part("chart")
    screen.form.chart.choose(desk.folder / "chart.csv")
    assert "Into the books of administration 009 Auditfile." in visible_text(screen)


def test_books_that_changed_meanwhile_are_read_again(desk: Workspace) -> None:
    form = opened(desk)
    form.file.choose(YEAR_2024.write(desk.folder / "2024.xaf"))
    desk.ok("auditfile", "import", YEAR_2024.write(desk.folder / "b.xaf"), "--administration", 9, "--confirm")
    assert not form.file.finish()
    assert form.feedback.code == "changed-meanwhile"
    assert form.resolve("retry")
    assert form.file.plan is not None
    assert form.file.plan.held


def test_reading_that_is_stopped_leaves_nothing(desk: Workspace) -> None:
    jobs: list[Callable[[], object]] = []
    form = opened(desk)
    form.start = jobs.append
    form.file.choose(YEAR_2024.write(desk.folder / "2024.xaf"))
    assert form.busy
    assert form.stop()
    assert (form.busy, form.stopped) == (False, True)
    jobs.pop()()
    assert (form.file.plan, form.file.error, works(desk)) == (None, None, [])
    form.open_part("vat")
    form.open_part("import")
    jobs[-1]()
    assert form.file.plan is not None


def test_no_other_part_is_opened_while_something_is_written(desk: Workspace) -> None:
    jobs: list[Callable[[], object]] = []
    form = opened(desk)
    form.file.choose(YEAR_2024.write(desk.folder / "2024.xaf"))
    form.start = jobs.append
    form.file.finish()
    assert (form.can_leave, form.open_part("vat"), form.choose_administration(7), form.close()) == (False, False, False, False)
    jobs[0]()
    assert form.file.done is not None
    assert (form.can_leave, form.open_part("vat")) == (True, True)


def test_the_progress_of_a_large_file_is_in_its_bytes_and_stops_where_it_is_asked_to(desk: Workspace) -> None:
    entries = tuple(sale(f"{n}", "2024-03-01", f"F{n}", "D1", "100.00", "21.00", "121.00") for n in range(400))
    path = Year(2024, {}, entries).write(desk.folder / "large.xaf")
    seen: list[tuple[int, int]] = []
    with planned_auditfile_import(office(desk), [path], NINE, progress=lambda *one: seen.append(one)) as plan:
        assert plan.counts["entries"] == 400
    size = path.stat().st_size
    assert len(seen) > 3
    assert seen == sorted(seen)
    assert (seen[-1], {total for _, total in seen}) == ((size, size), {size})

    def stop(done: int, total: int) -> None:
        if done * 2 > total:
            raise Stopped

    with pytest.raises(Stopped), planned_auditfile_import(office(desk), [path], NINE, progress=stop):
        pass
    with pytest.raises(Stopped):
        convert_auditfile(path, desk.folder / "out.xaf", progress=stop)
    form = opened(desk)
    import_file(form, path)
    with pytest.raises(Stopped):
        export_auditfile(form.office, NINE, desk.folder / "out.xaf", progress=stop)
    assert not list(desk.folder.glob("out*"))
    assert not list(desk.folder.glob("*.part"))
    assert works(desk) == []


def test_findings_are_shown_by_severity_with_their_line_and_what_to_do(desk: Workspace) -> None:
    screen = books_screen(office(desk), EN)
    screen.form.start = run_now
    screen.form.choose_administration(9)
    screen.form.file.choose(SMALL / "undeclared.xaf")
    table = next(one for one in shown_widgets(screen.widget) if type(one).__name__ == "ITable")
    shown = json.loads(table._dt_args["data_json"])
    assert shown
    assert "error" in visible_text(screen)
    table.selected_rows = [0]
    plan = screen.form.file.plan
    assert plan is not None
    first = min((one for one in plan.findings if one.severity == "error"), key=lambda one: one.line or 0)
    assert first.detail in visible_text(screen)
    (button,) = [one for one in shown_widgets(screen.widget) if getattr(one, "description", "") == "Text"]
    button.click()
    exported = screen.form.file.exported
    assert exported is not None
    assert exported.name in visible_text(screen)
    page = exported.read_text("utf-8")
    assert first.code in page
    assert plan.facts.company not in page


def test_differences_that_are_not_listed_are_counted_and_it_says_whose_data_hold(desk: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    text = (SMALL / "good.xaf").read_text("utf-8")
    for year, name in ((2026, "Delft"), (2025, "Breda"), (2027, "Breda")):
        more = f"<eMail>{name}@example.com</eMail><streetAddress><city>{name}</city></streetAddress>"
        changed = text.replace("2025", str(year)).replace("<custSupTp>C</custSupTp>", f"<custSupTp>C</custSupTp>{more}")
        (desk.folder / f"{year}.xaf").write_text(changed, "utf-8")
    monkeypatch.setattr(merge, "_MOST_DIFFERENCES", 2)
    screen = books_screen(office(desk), EN)
    screen.form.start = run_now
    assert screen.form.choose_administration(9)
    import_file(screen.form, desk.folder / "2026.xaf")
    for year, sentence in ((2025, "what is in the books stays"), (2027, "replaces what is in the books")):
        assert screen.form.file.choose(desk.folder / f"{year}.xaf"), screen.form.feedback
        assert "1 more difference isn't shown" in visible_text(screen)
        assert sentence in visible_text(screen)


def test_all_that_may_differ_has_a_name_on_the_screen() -> None:
    assert {name for columns in merge._COMPARED.values() for name in columns} == FIELDS.keys()
    assert merge._COMPARED.keys() <= COUNTED.keys()


# --- what is read in the books ---


@pytest.mark.both_engines
def test_the_trial_balance_leads_to_a_ledger_card_and_that_to_an_entry(desk: Workspace) -> None:
    form = with_years(desk, YEAR_2024, YEAR_2025)
    form.open_part("trial-balance")
    report = form.balance.report
    assert report is not None
    place = [row.account for row in report.rows].index("1300")
    row = report.rows[place]
    assert (row.opening, row.debit, row.credit, row.closing, row.previous) == (33_900, 24_200, 22_100, 36_000, 33_900)
    form.balance.choose(place)
    card = form.balance.card
    assert card is not None
    assert (card.account, card.closing, len(form.balance.card_rows)) == ("1300", 36_000, 3)
    form.balance.choose_line(0)
    entry = form.balance.entry
    assert entry is not None
    assert (entry.journal, entry.number, [(one.account, one.debit, one.credit) for one in entry.rows]) == (
        "20", "1", [("1100", 12_100, 0), ("1300", 0, 12_100)],
    )  # fmt: skip
    form.balance.choose_line(None)
    assert form.balance.entry is None
    form.balance.choose(None)
    assert form.balance.card is None
    assert not form.balance.open_account("9999")
    assert form.feedback.code == "account-not-found"


def test_movements_by_period_are_columns_of_their_own(desk: Workspace) -> None:
    screen = books_screen(office(desk), EN)
    screen.form.start = run_now
    screen.form.choose_administration(9)
    import_file(screen.form, YEAR_2025.write(desk.folder / "2025.xaf"))
    press(screen, "To the trial balance")
    assert "Closing balance" in table_heads(screen)
    assert "1" not in table_heads(screen)
    next(one for one in shown_widgets(screen.widget) if "movement of each period" in getattr(one, "description", "")).value = True
    assert {"1", "2"} <= table_heads(screen)
    assert screen.form.balance.report is not None
    assert screen.form.balance.report.periods == (1, 2)


def table_heads(screen: Any) -> set[str]:
    table = next(one for one in shown_widgets(screen.widget) if type(one).__name__ == "ITable")
    return set(re.findall(r"<th[^>]*>([^<]*)</th>", table._dt_args["table_html"]))


def test_amounts_and_days_sort_by_their_size_and_not_by_their_letters(desk: Workspace) -> None:
    screen = books_screen(office(desk), NL)
    screen.form.start = run_now
    screen.form.choose_administration(9)
    import_file(screen.form, YEAR_2025.write(desk.folder / "2025.xaf"))
    screen.form.open_part("trial-balance")
    order = sorted({NumberCell(row.closing, EN.amount(str(row.closing))) for row in screen.form.balance.report.rows}, key=_rank)
    assert [one.number for one in order] == sorted({row.closing for row in screen.form.balance.report.rows})
    cells = [table_cell(field, value, NL) for field, value in zip(LedgerCard.FIELDS, LINE, strict=True)]
    assert (cells[0], cells[1], cells[7]) == (date(2025, 2, 10), NumberCell(2, "2"), NumberCell(123_456, "1.234,56"))


LINE = ("2025-02-10", 2, "60", "1", None, "Boeking", "D1", 123_456, 0, 123_456, None)


def test_open_items_are_of_both_kinds_or_of_one(desk: Workspace) -> None:
    form = with_years(desk, YEAR_2024, APPROPRIATED)
    form.open_part("open-items")
    part = form.open_items
    assert part.report is not None
    assert part.report.ageing()["unknown"] == 36_000 - 6_050
    assert part.choose_kind("creditors")
    assert [row.relation for row in part.report.rows] == ["C1"]
    assert part.choose_kind("debtors")
    assert {row.relation for row in part.report.rows} == {"D1", "D2"}
    assert not part.choose_kind("nobody")
    assert part.choose_kind("all")
    assert len(part.report.rows) == len(part.found.rows)


def test_open_items_age_to_the_day_in_the_field(desk: Workspace) -> None:
    """Nothing later counts; without a day it is the last one of a year that has ended."""
    screen = books_screen(office(desk), NL)
    screen.form.start = run_now
    screen.form.choose_administration(9)
    import_file(screen.form, YEAR_2024.write(desk.folder / "2024.xaf"))
    screen.form.open_part("open-items")
    part = screen.form.open_items
    (field,) = [one for one in shown_widgets(screen.widget) if getattr(one, "description", "") == "Peildatum"]
    assert part.report is not None
    assert (field.value, part.report.on) == (None, date(2024, 12, 31))
    field.value = date(2024, 1, 1)
    assert (part.report.on, part.report.rows) == (date(2024, 1, 1), ())
    screen.form.set_language("en")
    (field,) = [one for one in shown_widgets(screen.widget) if getattr(one, "description", "") == "As of"]
    assert field.value == date(2024, 1, 1)
    field.value = None
    assert part.report.rows


def test_that_the_file_has_no_due_dates_is_said_only_where_no_item_has_one(desk: Workspace) -> None:
    sentence = "the audit file has no due dates"
    screen = books_screen(office(desk), EN)
    screen.form.start = run_now
    screen.form.choose_administration(9)
    import_file(screen.form, SMALL / "subledgers.xaf")
    screen.form.open_part("open-items")
    part = screen.form.open_items
    assert part.report is not None
    assert sentence not in visible_text(screen)
    part.report = replace(part.report, rows=(replace(part.report.rows[0], due=None, days=None), *part.report.rows[1:]))
    part.form.changed()
    assert sentence not in visible_text(screen)
    part.report = replace(part.report, rows=tuple(replace(row, due=None, days=None) for row in part.report.rows))
    part.form.changed()
    assert sentence in visible_text(screen)


def test_a_day_before_the_chosen_year_is_refused_in_a_sentence(desk: Workspace) -> None:
    form = with_years(desk, YEAR_2024, YEAR_2025)
    form.open_part("trial-balance")
    form.choose_until(date(2024, 11, 30))
    assert (form.feedback.code, form.balance.report) == ("year-not-found", None)
    assert form.choose_year("2024")
    assert form.balance.report is not None
    assert form.balance.report.until == "2024-11-30"
    form.choose_year("2025")
    form.choose_until(None)
    form.open_part("open-items")
    form.open_items.choose_on(date(2024, 11, 30))
    assert form.feedback.code == "year-not-found"


def test_a_year_without_an_opening_balance_says_so_above_its_trial_balance_and_cards(desk: Workspace) -> None:
    sentence = "Dit boekjaar heeft nog geen beginbalans: de saldi van 2024 zijn er niet in opgenomen."
    screen = books_screen(office(desk), NL)
    screen.form.start = run_now
    screen.form.choose_administration(9)
    import_file(screen.form, YEAR_2024.write(desk.folder / "2024.xaf"))
    screen.form.open_part("trial-balance")
    assert sentence not in visible_text(screen)
    import_file(screen.form, replace(YEAR_2025, opening={}).write(desk.folder / "2025.xaf"))
    screen.form.open_part("trial-balance")
    assert visible_text(screen).count(sentence) == 1
    screen.form.balance.open_account("1300")
    assert visible_text(screen).count(sentence) == 2
    screen.form.open_part("checks")
    assert sentence in visible_text(screen)


def test_vat_has_all_boxes_with_their_names_in_both_languages(desk: Workspace) -> None:
    screen = books_screen(office(desk), EN)
    screen.form.start = run_now
    screen.form.choose_administration(9)
    import_file(screen.form, YEAR_2025.write(desk.folder / "2025.xaf"))
    screen.form.open_part("vat")
    text = visible_text(screen)
    assert "Supplies at the high rate" in text
    assert "To pay or to reclaim (5a less 5b)" in text
    assert "42.00" in text
    screen.form.set_language("nl")
    text = visible_text(screen)
    assert "Leveringen/diensten belast met hoog tarief" in text
    assert "42,00" in text


@pytest.mark.both_engines
def test_a_finding_leads_to_its_entry_and_line(desk: Workspace) -> None:
    round_one = E("90", "5", "2024-06-01", (L("1100", "5000.00"), L("0500", "-5000.00")))
    form = with_years(desk, Year(2024, {"1100": "1000.00", "0500": "-1000.00"}, (round_one,)))
    form.open_part("checks")
    report = form.checks.report
    assert report is not None
    assert sum(form.checks.counts().values()) == len(report.rows)
    place = next(n for n, row in enumerate(report.rows) if row.code == "weekend")
    form.checks.choose(place)
    assert form.checks.entry is not None
    assert (form.checks.entry.journal, form.checks.entry.number, len(form.checks.entry.rows)) == ("90", "5", 2)
    form.checks.choose(None)
    assert form.checks.entry is None


def test_a_finding_about_the_year_has_no_entry(desk: Workspace) -> None:
    screen = books_screen(office(desk), EN)
    screen.form.start = run_now
    screen.form.choose_administration(9)
    for year in (YEAR_2024, YEAR_2025):
        import_file(screen.form, year.write(desk.folder / f"{year.label}.xaf"))
    screen.form.open_part("checks")
    assert screen.form.checks.report is not None
    place = next(n for n, row in enumerate(screen.form.checks.report.rows) if row.code == "opening-differs")
    screen.form.checks.choose(place)
    assert screen.form.checks.entry is None
    assert "about the year as a whole" in visible_text(screen)


def test_the_picture_of_the_first_digits_has_a_button_that_saves_it(desk: Workspace) -> None:
    screen = books_screen(office(desk), EN)
    screen.form.start = run_now
    screen.form.choose_administration(9)
    import_file(screen.form, YEAR_2024.write(desk.folder / "2024.xaf"))
    screen.form.open_part("checks")
    assert "Export the picture as" in visible_text(screen)
    press(screen, "PNG")
    assert screen.form.checks.exported.read_bytes().startswith(b"\x89PNG")
    assert str(screen.form.checks.exported) in visible_text(screen)


@pytest.mark.parametrize(
    ("part", "kind"), [("trial-balance", "csv"), ("open-items", "xlsx"), ("vat", "html"), ("checks", "csv"), ("checks", "png")]
)
def test_every_report_is_saved_where_it_can_be_downloaded(desk: Workspace, part: str, kind: str) -> None:
    form = with_years(desk, YEAR_2024)
    form.open_part(part)
    shown: Any = form.parts[part]
    assert shown.export(kind), form.feedback
    path = shown.exported
    assert (path.parent, path.suffix, path.stat().st_size > 0) == (desk.office / "exports", f".{kind}", True)
    assert " 009 2024" in path.name
    assert not shown.export("docx")
    assert shown.export("png") == (part == "checks")
    assert shown.export(kind)
    assert shown.exported != path


def test_the_page_for_the_supplier_does_not_name_a_journal_whose_entries_were_completed(desk: Workspace) -> None:
    path = desk.folder / "offset.xaf"
    path.write_text((SMALL / "offset.xaf").read_text("utf-8").replace("<jrnID>20<", "<jrnID>Rabobank d'Jansen<"), "utf-8")
    form = opened(desk)
    form.open_part("import")
    assert form.file.choose(path), form.feedback
    for kind in ("html", "csv", "txt"):
        assert form.file.export(kind), form.feedback
        assert form.file.exported is not None
        text = form.file.exported.read_text("utf-8")
        assert "offset-lines" in text
        assert ("Rabobank" in text, "Jansen" in text) == (False, False), text


@pytest.mark.both_engines
def test_a_ledger_card_is_saved_with_all_its_lines(desk: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("accountools.forms.screens.books.trial_balance.MOST", 2)
    form = with_years(desk, YEAR_2025)
    form.open_part("trial-balance")
    form.balance.open_account("1300")
    assert (len(form.balance.card_rows), form.balance.card_cut) == (2, True)
    assert form.balance.export_card("csv")
    assert form.balance.card_file is not None
    with form.balance.card_file.open(encoding="utf-8") as file:
        assert len(list(csv.DictReader(file))) == 3


def test_reload_reads_what_was_booked_meanwhile(desk: Workspace) -> None:
    form = with_years(desk, YEAR_2024)
    form.open_part("trial-balance")
    path = YEAR_2025.write(desk.folder / "2025.xaf")
    words = [word for code in ("auditfile-invalid", "opening-differs") for word in ("--accept", code)]
    desk.ok("auditfile", "import", path, "--administration", 9, *words, "--confirm")
    assert form.balance.reload()
    assert [one.year for one in form.years] == ["2024", "2025"]
    assert form.choose_year("2025")
    assert form.balance.report is not None
    assert form.balance.report.year == "2025"


# --- audit files out ---


@pytest.mark.both_engines
@pytest.mark.parametrize("version", ["4.0", "3.2"])
def test_an_audit_file_is_made_with_what_its_version_lost(desk: Workspace, version: Any) -> None:
    form = with_years(desk, YEAR_2024, YEAR_2025)
    form.open_part("export")
    form.export.choose_version(version)
    assert form.export.make(), form.feedback
    (written,) = form.export.written
    assert (written.version, written.year, written.path.parent) == (version, "2025", desk.office / "exports")
    assert desk.ok("auditfile", "check", written.path)["files"][0]["version"].startswith(version)
    form.export.choose_all_years()
    assert form.export.written == ()
    assert form.export.make()
    assert [one.year for one in form.export.written] == ["2024", "2025"]
    form.choose_year("2024")
    assert form.export.written == ()


@pytest.mark.parametrize("version", ["4.0", "3.2"])
def test_a_file_that_is_not_imported_is_converted(desk: Workspace, version: Any) -> None:
    form, path = opened(desk, None), YEAR_2024.write(desk.folder / "2024.xaf")
    before = path.read_bytes()
    form.open_part("convert")
    assert not form.conversion.convert()
    form.conversion.choose(path)
    form.conversion.choose_version(version)
    assert form.conversion.convert(), form.feedback
    assert form.conversion.written is not None
    assert (form.conversion.written.version, path.read_bytes()) == (version, before)
    form.conversion.choose(SMALL / "three-decimals.xaf")
    assert not form.conversion.convert()
    assert (form.feedback.code, form.conversion.written) == ("amount-invalid", None)


# --- the chart ---


@pytest.mark.both_engines
def test_the_chart_is_shown_saved_checked_and_changed(desk: Workspace) -> None:
    form = opened(desk, 7)
    form.open_part("chart")
    assert "1300" in {one.code for one in form.chart.accounts}
    for kind in (".csv", ".xlsx"):
        assert form.chart.export(kind)
        assert form.chart.exported is not None
        assert form.chart.exported.suffix == kind
    assert not form.chart.export(".docx")
    path = desk.folder / "chart.csv"
    path.write_text("code,name,rgs,kind,side,vat\n1300,Klanten,BVorDebHad,B,D,\n9999,Nieuw,,P,D,\n")
    form.chart.choose(path)
    assert form.chart.plan is not None
    assert ([one.code for one in form.chart.plan.added], [code for code, _ in form.chart.plan.differences]) == (["9999"], ["1300"])
    assert form.chart.change(), form.feedback
    assert {one.code: one.name for one in form.chart.accounts}["1300"] == "Klanten"
    assert not form.chart.change()
    form.chart.choose(path)
    assert form.chart.missing() == "The administration has all accounts in this file already"


@pytest.mark.parametrize(
    "text",
    ["code,name,rgs,kind,side,vat\n1300,,,B,D,\n", "code,name\n1,a\n1,b\n", "no,columns\n1,2\n"],
    ids=["no name", "twice", "no columns"],
)
def test_a_chart_with_faults_is_refused_with_its_lines(desk: Workspace, text: str) -> None:
    screen = books_screen(office(desk), EN)
    screen.form.start = run_now
    screen.form.choose_administration(7)
    screen.form.open_part("chart")
    path = desk.folder / "chart.csv"
    path.write_text(text)
    screen.form.chart.choose(path)
    assert (screen.form.chart.plan, screen.form.chart.change()) == (None, False)
    assert "line" in visible_text(screen)


# --- who has it ---


def test_the_screen_is_in_the_menu_of_an_accountant_and_of_a_client(ready: Workspace) -> None:
    for accountants in (True, False):
        items = [item.notebook for items in navigation.menu(accountants=accountants).values() for item in items]
        assert navigation.BOOKS in items


def test_a_client_reads_and_exports_the_books_that_it_got(ready: Workspace) -> None:
    ready.ok("auditfile", "import", SMALL / "good.xaf", "--administration", 7, *accepting(ready, SMALL / "good.xaf"), "--confirm")
    ready.ok("restore", ready.backup(7), "--confirm", office=ready.create_client_office())
    form = Bookkeeping(office(ready, ready.client_office), NL)
    assert (form.number, form.wizard.current.name) == (7, "trial-balance")
    assert form.balance.report is not None
    assert form.balance.report.rows
    form.open_part("export")
    assert form.export.make(), form.feedback


def accepting(desk: Workspace, path: Path) -> list[str]:
    found = desk.run("auditfile", "import", path, "--administration", 7).json["obstacles"]
    return [word for one in found for word in ("--accept", one["code"])]


def test_a_screen_that_was_closed_begins_anew(desk: Workspace) -> None:
    screen = books_screen(office(desk), EN)
    screen.form.choose_administration(9)
    press(screen, "Close")
    assert "Bookkeeping screen closed." in visible_text(screen)
    press(screen, "Bookkeeping")
    assert (screen.form.number, screen.form.wizard.current.name) == (None, "import")
