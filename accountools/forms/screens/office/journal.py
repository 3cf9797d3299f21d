"""The journal of the office: a table to search, one event opened beneath it, and its check."""

import json
from collections.abc import Iterator
from datetime import datetime
from html import escape

from accountools.domain.calendar import AMSTERDAM, parse_moment
from accountools.domain.identifiers import AdministrationNumber
from accountools.domain.messages import N_
from accountools.domain.obstacle import Obstacle
from accountools.forms.kit import navigation, widgets
from accountools.forms.kit.form import guarded
from accountools.forms.kit.jobs import JobView
from accountools.forms.kit.links import Heading
from accountools.forms.kit.style import facts_table, paragraph
from accountools.forms.kit.table import Cell, Column, Table
from accountools.forms.parts.part import Condition, PartView, heading
from accountools.forms.screens.office.part import OfficePart
from accountools.operations.maintenance.verify_journal import list_events, verify_journal
from accountools.reports.event_texts import describe_actor, describe_event
from accountools.storage.register.journal import RecordedEvent

MOST = 10_000  # events in the table


class Journal(OfficePart):
    """The part. `events` are those that are shown, the newest first, of `total`; `only` one administration's; `chosen` is opened beneath.

    `verified` is how many events were checked last, and what was found; None when that wasn't done yet.
    """

    name, title, action = navigation.JOURNAL, N_("Journal"), N_("Check the journal")

    def forget(self) -> None:
        """Begin with all events."""
        self.only: AdministrationNumber | None = None
        self.events: tuple[RecordedEvent, ...] = ()
        self.total = 0
        self.chosen: RecordedEvent | None = None
        self.verified: tuple[int, tuple[Obstacle, ...]] | None = None

    def enter(self) -> None:
        """Read the events."""
        self._show(self.only)

    def _show(self, only: AdministrationNumber | None) -> None:
        found = list_events(self.office, only)
        self.only = only
        self.total, self.events, self.chosen = len(found), tuple(reversed(found[-MOST:])), None

    @guarded
    def show_only(self, number: int | str | None) -> None:
        """Show only the events of one administration, or all (None)."""
        self._show(None if number is None else AdministrationNumber.parse(number))

    @guarded
    def choose(self, place: int | None) -> None:
        """Open the event at this place of those that are shown, or close the one that is open."""
        self.chosen = None if place is None else self.events[place]

    @guarded
    def check(self) -> bool:
        """Check that no event was changed or removed, and that the register agrees with them."""
        if not self.can_act():
            return False
        self.verified = None

        def note(found: tuple[int, tuple[Obstacle, ...]]) -> None:
            self.verified = found

        return self.run_job(lambda _: verify_journal(self.office), note, harmless=True)

    def condition(self) -> Condition:
        """What the check found."""
        _ = self.texts
        if self.verified is None:
            return "missing", _("not checked yet")
        wrong = sum(one.blocking for one in self.verified[1])
        return ("blocked", _.plural("{count} finding", "{count} findings", wrong)) if wrong else ("ready", _("in order"))


class JournalView(PartView[Journal]):
    """What is shown of it."""

    def __init__(self, part: Journal, callbacks: widgets.Callbacks) -> None:
        super().__init__(part, callbacks)
        _ = self.texts
        self.press_main = part.check
        columns = (Column(_("Event"), right=True), Column(_("Time")), Column(_("By")), Column(_("Administration"), right=True),
            Column(_("What"), broad=True))  # fmt: skip
        self._table = Table(callbacks, _, columns, part.choose, _("Journal"))
        self._rows: tuple[RecordedEvent, ...] | None = None
        self._working = JobView(part.form, callbacks, _("The journal is being checked"))
        self._found, self._details, self._counted = widgets.column(kinds=("at-group",)), widgets.column(), widgets.html()
        self._verified: tuple[int, tuple[Obstacle, ...]] | None = None
        self._open: RecordedEvent | None = None
        self._all = callbacks.press(widgets.button(_("Show all events"), "at-small"), lambda: part.show_only(None))
        explained = _("Everything that happened in this office. Each event is chained to the one before it, so that none can be changed or "
            "removed unnoticed.")  # fmt: skip
        self.widget = widgets.column(
            heading(_("Journal"), explained),
            self._found,
            self._working.widget,
            self._table.widget,
            widgets.row(self._counted, self._all, kinds=("at-row",)),
            self._details,
            kinds=("at-fields",),
        )

    def refresh(self) -> None:
        """Show what the part holds now."""
        part, _ = self.part, self.texts
        self._working.refresh()
        if self._rows is not part.events:
            self._rows = part.events
            self._table.show(self._cells(one) for one in part.events)
        more = part.total > len(part.events)
        newest = _("The newest {n} of {total} events are shown.", n=len(part.events), total=part.total) if more else ""
        only = _("Only the events of administration {number}.", number=part.only) if part.only else ""
        self._counted.value = paragraph(" ".join(filter(None, (newest, only))), "at-quiet")
        widgets.show(self._all, part.only is not None)
        if self._verified is not part.verified:
            self._verified, self._found.children = part.verified, tuple(self._result())
        if self._open is not part.chosen:
            self._open = part.chosen
            self._details.children = () if part.chosen is None else tuple(self._describe(part.chosen))

    def _cells(self, one: RecordedEvent) -> tuple[Cell, ...]:
        return str(one.n), _moment(one), describe_actor(one.by, self.texts), str(one.administration or ""), describe_event(one, self.texts)

    def _result(self) -> Iterator[widgets.Widget]:
        part, _ = self.part, self.texts
        if part.verified is None:
            return
        count, found = part.verified
        if not any(one.blocking for one in found):
            text = _.plural("The journal is intact: {count} event.", "The journal is intact: {count} events.", count)
            yield widgets.panel("ready", _("checked"), text, "")
        yield from self.describe_obstacles(found)

    def _describe(self, event: RecordedEvent) -> Iterator[widgets.Widget]:
        _, when = self.texts, _moment(event)
        yield Heading(f"{event.n} · {describe_event(event, _)}")
        details = json.dumps(event.details, ensure_ascii=False, sort_keys=True, indent=1)
        rows = (
            (_("Time"), escape(_.moment(when) if isinstance(when, datetime) else when)),
            (_("By"), escape(describe_actor(event.by, _))),
            (_("Administration"), str(event.administration or "—")),
            (_("As recorded"), f"<code>{escape(event.what)} {escape(details)}</code>"),
            (_("Hash"), f"<code>{escape(event.hash)}</code>"),
        )
        yield widgets.html(facts_table(rows))


def _moment(event: RecordedEvent) -> datetime | str:
    """When it was, on the clock in Amsterdam; as it was recorded when that can't be read."""
    try:
        return parse_moment(event.at).astimezone(AMSTERDAM)
    except (ValueError, OverflowError):
        return event.at
