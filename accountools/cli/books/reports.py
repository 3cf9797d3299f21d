"""`books …`: what an accountant reads in the books of an administration."""

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from accountools.cli.context import EXIT_FAILED, CommandContext
from accountools.cli.options import parse_day
from accountools.cli.registration import command
from accountools.domain.errors import WrongUsage
from accountools.domain.identifiers import AdministrationNumber, single_line

if TYPE_CHECKING:
    from collections.abc import Callable

    from accountools.reports.books.findings import Findings
    from accountools.reports.books.open_items import ItemKind
    from accountools.reports.books.table import BookTable

app = typer.Typer(name="books", help="Read the books of an administration.", no_args_is_help=True)
Number = Annotated[str, typer.Argument(metavar="N", help="The administration's number.")]
_PRINTED = 1_000  # rows on screen; --json and the files have all


@dataclass(frozen=True)
class ReportOptions:
    """The options of every report: the year, up to which day, and the files to write."""

    year: Annotated[str | None, typer.Option("--year", help="The fiscal year; else that of the day, or the latest.", metavar="Y")] = None
    until: Annotated[str | None, typer.Option("--until", help="Leave out what is dated after this day.", metavar="DATE")] = None
    csv: Annotated[Path | None, typer.Option("--csv", help="Write the rows as CSV.", metavar="F")] = None
    xlsx: Annotated[Path | None, typer.Option("--xlsx", help="Write an Excel workbook.", metavar="F")] = None
    html: Annotated[Path | None, typer.Option("--html", help="Write an HTML page to print on A4.", metavar="F")] = None


@command(app, "years")
def years(context: CommandContext, number: Number, options: ReportOptions) -> None:
    """List the fiscal years, with how many entries they have and the audit file they came from."""
    report = _Report(context, number, options)
    found = report.books.years()
    if options.year is not None:
        found = type(found)((found.choose(report.books.number, options.year),))
    if report.until is not None:
        found = type(found)(tuple(one for one in found.rows if one.first_day <= report.until.isoformat()))
    context.document = {"years": found.documents()}
    report.show(found)


@command(app, "trial-balance")
def trial_balance(
    context: CommandContext,
    number: Number,
    by_period: Annotated[bool, typer.Option("--by-period", help="Show the movement of each period too.")] = False,
    *,
    options: ReportOptions,
) -> None:
    """The trial balance: opening, movement, closing, and the closing of the year before."""
    report = _Report(context, number, options)
    found = report.books.trial_balance(options.year, until=report.until, by_period=by_period)
    context.document = found.document()
    report.show(found)


@command(app, "ledger")
def ledger(
    context: CommandContext,
    number: Number,
    account: Annotated[str, typer.Option("--account", help="The account's code.", metavar="CODE")],
    options: ReportOptions,
) -> None:
    """The ledger card of an account: its lines, with the balance after each."""
    report = _Report(context, number, options)
    if context.json:
        found = report.books.ledger(account, options.year, until=report.until)
        context.document = found.document()
        report.show(found)
    else:
        report.show_each(lambda: report.books.open_ledger(account, options.year, until=report.until))


@command(app, "open-items")
def open_items(
    context: CommandContext,
    number: Number,
    kind: Annotated[
        str | None, typer.Option("--kind", help="Only the items of debtors, or of creditors.", metavar="debtors|creditors")
    ] = None,
    on: Annotated[
        str | None, typer.Option("--on", help="The day as of which the age of items is computed; nothing later counts.", metavar="DATE")
    ] = None,
    *,
    options: ReportOptions,
) -> None:
    """What debtors owe and creditors are owed, with the age of each item."""
    chosen = _parse_kind(kind)
    report = _Report(context, number, options)
    found = report.books.open_items(options.year, until=report.until, on=None if on is None else parse_day("--on", on), kind=chosen)
    context.document = found.document()
    report.show(found)


@command(app, "vat")
def vat(context: CommandContext, number: Number, options: ReportOptions) -> None:
    """The VAT by box of the Dutch return, and the VAT codes that are in no box."""
    report = _Report(context, number, options)
    found = report.books.vat(options.year, until=report.until)
    context.document = found.document()
    report.show(found)
    if found.unmapped and options.csv is not None:
        count = len(found.unmapped)
        missing = context.texts.plural(
            "{count} VAT code is not or only partly in a box.", "{count} VAT codes are not or only partly in a box.", count
        )
        context.notices.append(f"{missing} {context.texts('The CSV has the boxes only; --xlsx, --html and --json have the rest too.')}")


@command(app, "check")
def check(
    context: CommandContext,
    number: Number,
    png: Annotated[Path | None, typer.Option("--png", help="Write the picture of the first digits as PNG.", metavar="F")] = None,
    *,
    options: ReportOptions,
) -> None:
    """Test the journals: what is unusual in a year, each finding with its entry and line."""
    report = _Report(context, number, options, png)
    found = report.books.findings(options.year, until=report.until, texts=context.texts)
    context.document = found.document()
    report.show(found)
    context.print_plural("{count} finding.", "{count} findings.", len(found.rows) + sum(found.suppressed.values()))
    if png is not None:
        _write_png(context, found, png)
    if found.has_errors:
        context.exit_code = EXIT_FAILED


class _Report:
    """One report that a command was asked for: of which books, to which day, and into which files."""

    def __init__(self, context: CommandContext, number: str, options: ReportOptions, png: Path | None = None) -> None:
        from accountools.operations.register.office_settings import validate_report
        from accountools.reports.books.books import Books
        from accountools.storage.sqlite.office_files import validate_output

        self.context = context
        self.until = None if options.until is None else parse_day("--until", options.until)
        paths = {"csv": options.csv, "xlsx": options.xlsx, "html": options.html, "png": png}
        self.paths = {kind: path for kind, path in paths.items() if path is not None}
        for path in self.paths.values():
            validate_output(path)
        parsed = AdministrationNumber.parse(number)
        self.office = context.open_office()
        for path in self.paths.values():
            validate_report(self.office, path)
        self.books = Books(self.office, parsed)

    def show(self, table: "BookTable[Any]") -> None:
        """Print the report, and write it to the files."""
        self.show_each(lambda: nullcontext(table))

    def show_each(self, opened: "Callable[[], AbstractContextManager[BookTable[Any]]]") -> None:
        """As `show`, of a report that is opened again each time its rows are read."""
        from accountools.reports.books.papers import KINDS, book_details, write_report
        from accountools.safe_files import create_over

        with opened() as table:
            self._print(table)
        for kind in KINDS:
            if kind in self.paths:
                with opened() as table, create_over(self.paths[kind]) as file:
                    write_report(file, table, book_details(self.office, self.books.number), self.context.texts, kind)
                self.context.acted = True

    def _print(self, table: "BookTable[Any]") -> None:
        from accountools.reports.books.papers import all_cells, format_cell, format_fact, total_cells

        context = self.context
        if context.json:
            return
        for label, value in table.facts():
            context.print_line(single_line(f"{context.texts(label)}: {format_fact(value, context.texts)}"))
        for one in (table, *table.more()):
            fields = one.fields()
            right = [place for place, field in enumerate(fields) if field.kind in {"amount", "number"}]
            cells = all_cells(one, context.texts)
            rows = [tuple(map(single_line, row)) for row in islice(cells, _PRINTED)]
            total = total_cells(one, context.texts)
            if total is not None and rows:
                rows.append(
                    tuple(
                        cell if isinstance(cell, str) else format_cell(field, cell, context.texts)
                        for field, cell in zip(fields, total, strict=True)
                    )
                )
            if one is not table and rows:
                context.print_text(one.TITLE)
            context.print_table([field.title for field in fields], rows, right=right)
            if next(iter(cells), None) is not None:
                context.print_text("There are more rows; --json, --csv and --xlsx have them all.")


def _parse_kind(kind: str | None) -> "ItemKind | None":
    from accountools.reports.books.open_items import KINDS

    found = next((one for one in KINDS if one == kind), None)
    if kind is not None and found is None:
        raise WrongUsage("usage", what=f"--kind: {'|'.join(KINDS)}")
    return found


def _write_png(context: CommandContext, found: "Findings", path: Path) -> None:
    from accountools.reports.books.papers import render_picture
    from accountools.safe_files import write_over

    write_over(path, render_picture(found, context.texts))
    context.acted = True
