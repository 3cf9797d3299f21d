"""What a command works with: the options that every command has, the office, the answer, and how a plan is applied."""

import os
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from accountools.domain.errors import AccountoolsError, MachineFailed, Refused, WrongUsage
from accountools.domain.messages import N_
from accountools.domain.obstacle import Obstacle
from accountools.standard_streams import printable, write_document, write_message, write_output
from accountools.storage.address import is_url
from accountools.texts import Texts

if TYPE_CHECKING:
    from accountools.clock import Clock
    from accountools.domain.calendar import HeldDay
    from accountools.operations.plan import Plan
    from accountools.operations.session import Office

OFFICE = "ACCOUNTOOLS_OFFICE"
WIDEST = 60  # characters; a longer cell is shortened, except in the last column
MOST_LINES = 40  # of one kind, where --json has all
EXIT_FAILED = 1  # it ran, and what was checked failed
_RESUME = N_("`accountools backup --all-ready --resume` makes the remaining backups of the batch.")


@dataclass(frozen=True)
class Row:
    """A row of a table: its cells, and the lines that are printed below it."""

    cells: tuple[str, ...]
    notes: tuple[str, ...] = ()


@dataclass
class CommandContext:
    """One run of a command: its common options, and its answer so far."""

    office_option: str | None
    json: bool
    texts: Texts
    today: date | None
    document: dict[str, Any] = field(default_factory=dict)
    exit_code: int = 0
    lines: list[str] = field(default_factory=list)
    held_day: "HeldDay | None" = None
    notices: list[str] = field(default_factory=list)  # printed on standard error, after an error
    office: "Office | None" = None  # the one that was opened
    acted: bool = False  # whether anything was changed that the journal of that office doesn't say
    answer_lost: bool = False  # whether a part of the answer couldn't be written

    def open_office(self) -> "Office":
        """Open the office; warn of what an interruption left unfinished, of a day that isn't the clock's, and of edited issuers."""
        from accountools.operations.backups.batch import has_interrupted_batch
        from accountools.operations.maintenance.open_office import check_open_office, open_office
        from accountools.operations.maintenance.repair import count_interrupted

        self.office = office = open_office(self.office_place(), self.clock)
        interrupted = False
        with office.session() as session:
            with suppress(MachineFailed):  # of a journal that can't be read: whoever needs the day reports it
                self.held_day = session.context.held_day
            for one in check_open_office(session):
                self.notices.append(f"{self.texts.sentence(one)} {self.texts.remedy(one)}")
            count = count_interrupted(session)
            with suppress(OSError):
                interrupted = has_interrupted_batch(session)
        if self.held_day is not None:
            self.notices.append(self.texts(self.held_day.sentence, **vars(self.held_day)))
        if count:
            write_message(
                self.texts.plural(
                    "{count} backup was interrupted; `accountools repair` cleans up after it.",
                    "{count} backups were interrupted; `accountools repair` cleans up after them.",
                    count,
                )
            )
        if interrupted:
            write_message(self.texts(_RESUME))
        return office

    def notify_interrupted_batch(self) -> None:
        """Print after an error how the rest of an interrupted batch is made, if there is one."""
        from accountools.operations.backups import batch

        with suppress(OSError):
            if self.office is None:
                return
            with self.office.session() as session:
                if batch.has_interrupted_batch(session):
                    self.notices.append(self.texts(_RESUME))

    def find_office(self) -> "Office | None":
        """Open the office; None where there is none."""
        try:
            return self.open_office()
        except Refused as error:
            if error.code != "office-not-found":
                raise
            return None

    def office_place(self) -> Path | str:
        """The office's folder, or the URL of its database: --office, else `$ACCOUNTOOLS_OFFICE`, else in the user's data folder."""
        given = self.office_option or os.environ.get(OFFICE)
        if given:
            return given if is_url(given) else Path(given)
        import platformdirs

        return Path(platformdirs.user_data_dir("accountools", appauthor=False)) / "office"

    @property
    def clock(self) -> "Clock":
        """The machine's clock, fixed to --today when that was given."""
        from accountools.clock import system_clock

        return system_clock(self.today)

    def print_text(self, text: str, **facts: object) -> None:
        """Add a translated text to the answer (not printed with --json)."""
        self.lines.append(self.texts(text, **facts))

    def print_plural(self, singular: str, plural: str, count: int, **facts: object) -> None:
        """Add a translated text to the answer, in the form that fits `count`."""
        self.lines.append(self.texts.plural(singular, plural, count, **facts))

    def print_line(self, line: str) -> None:
        """Add a line to the answer as it is."""
        self.lines.append(line)

    def print_now(self, line: str) -> None:
        """Print a line of the answer before the rest of it is known (not with --json)."""
        if not self.json and not write_output(line):
            self.answer_lost = True

    def print_table(self, headers: Sequence[str], rows: Iterable[Row | tuple[str, ...]], right: Sequence[int] = ()) -> None:
        """Add a table to the answer; the headers are translated here, the cells are printed as they are."""
        found = [row if isinstance(row, Row) else Row(row) for row in rows]
        self.lines.extend(format_table([self.texts(header) if header else "" for header in headers], found, right))

    def warn(self, text: str, **facts: object) -> None:
        """Print a translated text on standard error, beside the answer."""
        write_message(self.texts(text, **facts))

    def print_rest(self, count: int) -> None:
        """Add to the answer how many lines of one kind were left out of it: those after the first `MOST_LINES`."""
        if count > MOST_LINES:
            self.print_text("… and {count} more; --json has them all.", count=count - MOST_LINES)

    def print_obstacles(self, found: Iterable[Obstacle], accepted: frozenset[str] = frozenset()) -> list[dict[str, Any]]:
        """Add obstacles to the answer, a line each; gives them as JSON."""
        obstacles = list(found)
        for one in obstacles:
            self.print_line(f"  {self.format_obstacle(one, accepted)}")
        return [self.obstacle_document(one) for one in obstacles]

    def format_obstacle(self, one: Obstacle, accepted: frozenset[str] = frozenset()) -> str:
        """An obstacle as a line: ✗ blocks, ? needs --accept, · is only information; its code in brackets."""
        icon = "✗" if one.blocking else "?" if one.needs_confirmation and not one.is_confirmed(accepted) else "·"
        return f"{icon} {self.texts.sentence(one)} {self.texts.remedy(one)} [{one.code}]"

    def obstacle_document(self, one: Obstacle) -> dict[str, Any]:
        """An obstacle as JSON."""
        return {"code": one.code, "message": self.texts.sentence(one), "remedy": self.texts.remedy(one), "blocking": one.blocking}

    def print_answer(self) -> None:
        """Print the answer on standard output (the document with --json, else the lines), and the notices on standard error.

        Raises `output-failed` when it can't be written; if anything was done, prints that on standard error instead.
        """
        written = self._write_answer()
        self._write_notices()
        if written:
            return
        if not self._has_acted():
            raise MachineFailed("output-failed")
        self.warn("It is done, but the answer can't be written to standard output.")

    def print_error(self, error: AccountoolsError) -> None:
        """Print the answer so far with the error in it, and the error on standard error; set the exit code."""
        message, remedy = self.texts.sentence(error.reason), self.texts.remedy(error.reason)
        obstacles = [self.obstacle_document(one) for one in error.obstacles]
        self.document["error"] = {"code": error.code, "message": message, "remedy": remedy, "obstacles": obstacles}
        if not self.lines:
            self.print_obstacles(error.obstacles[1 : 1 + MOST_LINES])
            self.print_rest(len(error.obstacles) - 1)
        written = self._write_answer()
        reason = f"{error.code}: {message}", remedy
        if not write_message(*reason) and not self.json:
            write_output(*reason)
        if not written and self._has_acted():
            self.warn(
                "Part of it is done. The answer, which says what part, can't be written to standard output: see `accountools journal`."
            )
        self._write_notices()
        self.exit_code = error.exit_code

    def _has_acted(self) -> bool:
        """Whether anything was changed; when the register can't be read any more, whether anything was to be."""
        if self.acted or self.office is None:
            return self.acted
        try:
            return self.office.has_recorded()
        except AccountoolsError:
            return bool(self.office.recorded)

    def _write_notices(self) -> None:
        for notice in self.notices:
            write_message(notice)
        self.notices = []

    def _write_answer(self) -> bool:
        if self.held_day is not None:
            self.document["held_day"] = self.held_day.document()
        if self.json:
            return write_document(self.document)
        return (not self.lines or write_output(*self.lines)) and not self.answer_lost


def apply_plan(
    context: CommandContext,
    office: "Office",
    plan: "Plan",
    *,
    confirm: bool,
    expected: str | None,
    is_empty: bool = False,
    apply: Callable[[], Any] | None = None,
) -> Any:
    """Apply a plan that was shown, if --confirm was given; without it only refuse what blocks, and give None.

    `is_empty`: there is nothing to apply. `apply` replaces `Office.apply`. Raises `changed-meanwhile` when the plan's hash is not
    `expected` (checked before the obstacles, as `Office.apply` does), and `plan-needed` for --plan without --confirm.
    """
    if expected is not None:
        if not confirm:
            raise WrongUsage("plan-needed")
        plan.raise_if_changed(expected, expected)
    if any(one.blocking for one in plan.obstacles):
        plan.raise_if_refused()
    if not confirm:
        if plan.needs_office_here:
            office.validate_here()
        if not is_empty:
            context.print_text("Dry run: nothing changed. Add --confirm to apply.")
        return None
    return plan.apply(office) if apply is None else apply()


def validate_exclusive(**options: object) -> None:
    """Raise `options-exclude` (wrong usage) when more than one of these options, or of arguments in capitals, was given."""
    given = [name if name.isupper() else f"--{name.replace('_', '-')}" for name, value in options.items() if value]
    if len(given) > 1:
        raise WrongUsage("options-exclude", options=", ".join(given))


def format_table(headers: Sequence[str], rows: Sequence[Row], right: Sequence[int] = ()) -> Iterator[str]:
    """The lines of a table; no line at all without rows. The columns whose indexes are in `right` are right-aligned."""
    if not rows:
        return
    last = len(headers) - 1
    table = [
        [cell if column == last or len(cell) <= WIDEST else f"{cell[: WIDEST - 1]}…" for column, cell in enumerate(map(printable, row))]
        for row in (headers, *(row.cells for row in rows))
    ]
    widths = [max(map(_width, column)) for column in zip(*table, strict=True)]
    for cells, notes in zip(table, ((), *(row.notes for row in rows)), strict=True):
        line = [
            f"{cell:>{width - _width(cell) + len(cell)}}" if column in right else f"{cell:<{width - _width(cell) + len(cell)}}"
            for column, (cell, width) in enumerate(zip(cells, widths, strict=True))
        ]
        yield "  ".join(line).rstrip()
        yield from (f"    {note}" for note in notes)


def _width(cell: str) -> int:
    """How many columns of a terminal a text takes: two for a wide character, none for a combining one."""
    if cell.isascii():
        return len(cell)
    return sum(0 if unicodedata.combining(one) else 2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in cell)
