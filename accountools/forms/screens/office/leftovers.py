"""What an interruption left, such as a kill or a power failure in the middle of a backup; and cleaning it up."""

from html import escape

from accountools.domain.messages import N_
from accountools.forms.kit import navigation, widgets
from accountools.forms.kit.descriptions import InterruptedBatch, find_interrupted_batch
from accountools.forms.kit.form import guarded
from accountools.forms.kit.links import LIKE_BUTTON, Link, Links
from accountools.forms.kit.style import html_table
from accountools.forms.parts.part import Condition, PartView, heading, state_line
from accountools.forms.screens.office.part import OfficePart
from accountools.operations.maintenance.repair import DONE, LEFTOVERS, Leftover, count_interrupted, list_leftovers, repair

_PLANNED = {"removed": N_("is removed by cleaning up"), "kept": N_("kept: check it yourself")}


class Leftovers(OfficePart):
    """The part. `found` is what there is, `unfinished` how many backups were begun and never finished, `cleaned` what was done last."""

    name, title, action = navigation.REPAIR, N_("After an interruption"), N_("Clean up")

    def forget(self) -> None:
        """Begin with nothing cleaned up."""
        self.cleaned: tuple[Leftover, ...] | None = None

    def load(self) -> None:
        """Look what there is."""
        self.found: tuple[Leftover, ...] = ()
        self.unfinished = 0
        self.batch: InterruptedBatch | None = None
        self.feedback.run(self._load_found)
        self.feedback.run(self._load_batch)

    def _load_found(self) -> None:
        with self.office.session() as session:
            self.found, self.unfinished = list_leftovers(session), count_interrupted(session)

    def _load_batch(self) -> None:
        self.batch = find_interrupted_batch(self.office)

    @guarded
    def clean_up(self) -> bool:
        """Remove what an interruption left, and say what it was."""
        if not self.can_act():
            return False
        self.cleaned = None

        def note(found: tuple[Leftover, ...]) -> None:
            self.form.reload()
            self.cleaned = found

        return self.run_job(lambda _: repair(self.office), note)

    @property
    def removable(self) -> int:
        """How much cleaning up would remove."""
        return max(sum(one.done == "removed" for one in self.found), self.unfinished)

    def missing(self) -> str:
        """Why there is nothing to do."""
        return "" if self.removable else self.texts("There is nothing to clean up")

    def condition(self) -> Condition:
        """Whether there is something to clean up, or to continue."""
        _ = self.texts
        if self.removable:
            return "attention", _("to clean up")
        return ("attention", _("to continue")) if self.batch else ("ready", _("nothing left behind"))


class LeftoversView(PartView[Leftovers]):
    """What is shown of it."""

    def __init__(self, part: Leftovers, callbacks: widgets.Callbacks) -> None:
        super().__init__(part, callbacks)
        _ = self.texts
        self.press_main = part.clean_up
        self._found, self._done, self._batch = widgets.html(), widgets.column(), widgets.column(kinds=("at-group",))
        self._shown: tuple[Leftover, ...] | None = None
        self._continue = Links(callbacks, "line", [Link(_("Make backup"), navigation.address(navigation.MAKE), kind=LIKE_BUTTON)])
        explained = _("When the machine stops in the middle of something, it is finished or undone when the office is opened again. "
            "Unfinished and temporary files remain; they do no harm, and are removed here.")  # fmt: skip
        self.widget = widgets.column(heading(_("After an interruption"), explained), self._done, self._batch, self._found,
            kinds=("at-fields",))  # fmt: skip

    def refresh(self) -> None:
        """Show what the part holds now."""
        part, _ = self.part, self.texts
        if self._shown is not part.cleaned:
            self._shown = part.cleaned
            self._done.children = () if part.cleaned is None else (self._describe_done(part.cleaned),)
        batch = part.batch
        self._batch.children = () if batch is None else (widgets.html(state_line("attention", batch.describe(_))), self._continue)
        unfinished = _.plural("{count} backup was begun and not finished.", "{count} backups were begun and not finished.", part.unfinished)
        line = state_line("attention", unfinished) if part.unfinished else ""
        if part.found:
            self._found.value = line + self._table(part.found, _PLANNED)
        else:
            self._found.value = line or state_line("ready", _("Nothing was left behind."))

    def _table(self, found: tuple[Leftover, ...], results: dict[str, str]) -> str:
        _ = self.texts
        rows = [(escape(_(LEFTOVERS[one.what])), escape(_(results[one.done])), f"<code>{escape(str(one.path))}</code>") for one in found]
        return html_table((_("Found"), _("Result"), _("Path")), rows, "at-facts")

    def _describe_done(self, found: tuple[Leftover, ...]) -> widgets.Widget:
        _, more = self.texts, [widgets.html(self._table(found, DONE))] if found else []
        removed = sum(one.done == "removed" for one in found)
        text = _.plural("Cleaned up: {count} item was removed.", "Cleaned up: {count} items were removed.", removed)
        return widgets.panel("ready", _("done"), text, "", *more)
