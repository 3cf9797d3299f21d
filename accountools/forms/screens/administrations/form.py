"""The administrations of the office: the list, archiving, and beginning to make or copy one.

Making, copying, reading in clients and changing one are forms of their own (`task`), shown in the place of the list until they are left.
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from accountools.domain.administration import Administration, Client
from accountools.domain.errors import Refused
from accountools.domain.identifiers import AdministrationNumber
from accountools.domain.messages import N_
from accountools.formats.spreadsheets.charts import render_chart
from accountools.forms.kit.descriptions import Listed
from accountools.forms.kit.form import Form, guarded
from accountools.forms.kit.jobs import Start, run_now
from accountools.forms.kit.navigation import Request
from accountools.forms.kit.wizard import SingleStep, State
from accountools.forms.screens.administrations.change_client import ChangeClient
from accountools.forms.screens.administrations.clients import ImportClients
from accountools.forms.screens.administrations.copy import CopyAdministration
from accountools.forms.screens.administrations.import_chart import ImportChart
from accountools.forms.screens.administrations.make import MakeAdministration
from accountools.forms.screens.administrations.many import MakeMany
from accountools.forms.screens.administrations.two_steps import TwoStepForm
from accountools.operations.books.charts import get_chart
from accountools.operations.register import administrations
from accountools.operations.register.administrations import AdministrationView
from accountools.operations.session import Office
from accountools.reports.page import export_file
from accountools.safe_files import file_name
from accountools.texts import Texts

OF_THE_CHOSEN = {"copy", "change", "chart"}  # tasks that are about the administration that is open beneath the list
TASKS: dict[str, Callable[[Office, Texts, Start], TwoStepForm]] = {
    "make": MakeAdministration,
    "many": MakeMany,
    "copy": CopyAdministration,
    "clients": ImportClients,
    "chart": ImportChart,
    "change": ChangeClient,
}


class Administrations(Form):
    """The form. `chosen` is opened beneath the list, `view` all that may be shown of it (None when its books are missing).

    `exported` is the file that its chart of accounts was written to.
    """

    path = (N_("Accountancy"), N_("Administrations"), N_("Create or copy"))

    def __init__(self, office: Office, texts: Texts | None = None, start: Start = run_now) -> None:
        self.start = start
        super().__init__(office, SingleStep("list", N_("Administrations"), N_("Create an administration")), texts)
        self.with_archived, self.confirming = False, False
        self.task: TwoStepForm | None = None
        self._begun: tuple[str, AdministrationNumber | None] = ("", None)  # the task, and which one it copies
        self._left: dict[tuple[str, AdministrationNumber | None], TwoStepForm] = {}  # by that, as *Annuleren* left them
        self.chosen: Administration | None = None
        self.client: Client | None = None
        self.view: AdministrationView | None = None
        self.exported: Path | None = None
        self._message: Callable[[Texts], str] | None = None
        self._read()
        self.assess()

    @property
    def message(self) -> str:
        """What was done last, in a sentence."""
        return "" if self._message is None else self._message(self.texts)

    @guarded
    def show_archived(self, yes: bool = True) -> None:
        """Show those in the archive as well, or not."""
        self.with_archived = yes

    @guarded
    def choose(self, number: int | str) -> None:
        """Open one beneath the list."""
        self._choose(AdministrationNumber.parse(number))

    @guarded
    def unchoose(self) -> None:
        """Close the one that is open."""
        self.confirming, self._message, self.chosen, self.client, self.view, self.exported = False, None, None, None, None, None

    @guarded
    def archive(self) -> bool:
        """Ask whether to archive the chosen one; or take it out of the archive at once."""
        if self.chosen is None:
            return False
        if self.chosen.archived:
            self._set_archived(self.chosen, archived=False)
        else:
            self.confirming = True
        return True

    @guarded
    def confirm(self) -> bool:
        """Confirm: archive it. A second press does nothing."""
        if self.chosen is None or not self.confirming:
            return False
        self._set_archived(self.chosen, archived=True)
        return True

    @guarded
    def decline(self) -> None:
        """Don't archive it."""
        self.confirming = False

    @guarded
    def start_task(self, task: str) -> bool:
        """Begin making one or `many`, reading in `clients`, or changing one (`change`); of the chosen one a `copy`, or a `chart`."""
        if self.task is not None or self.ended:
            return False
        self._begun = task, self.chosen.number if self.chosen and task in OF_THE_CHOSEN else None
        left = self._left.pop(self._begun, None)
        self._message, self.confirming = None, False
        if left is not None:
            left.texts, self.task = self.texts, left
            return left.resume()
        self.task = TASKS[task](self.office, self.texts, self.start)
        self.task.subscribe(partial(self._follow, self.task))
        if isinstance(self.task, CopyAdministration) and self.chosen is not None:
            self.task.choose_source(self.chosen.number)
        if isinstance(self.task, ImportChart) and self.chosen is not None:
            self.task.choose_administration(self.chosen.number)
        if isinstance(self.task, ChangeClient) and self.client is not None:
            self.task.choose_client(self.client.kvk)
        return True

    @property
    def begun(self) -> str:
        """The name of the task that is shown."""
        return self._begun[0]

    def kept_state(self) -> dict[str, Any]:
        """The task that is shown, with which one it is about and what is half done in it."""
        if self.task is None:
            return {}
        task, number = self._begun
        return {"task": task, "number": None if number is None else int(number), "within": self.task.kept_state()}

    def restore_state(self, state: dict[str, Any]) -> None:
        """Begin that task."""
        if state.get("task") not in TASKS or self.task is not None:
            return
        if isinstance(state.get("number"), int):
            self._choose(AdministrationNumber.parse(state["number"]))
        if self.start_task(state["task"]) and self.task is not None:
            self.task.restore_state(state.get("within", {}))

    @guarded
    def export_chart(self, kind: str) -> bool:
        """Write the chart of accounts of the chosen one to the office's folder, as `.csv` or `.xlsx`; `exported` is its path."""
        if self.chosen is None:
            return False
        self.exported, number, _ = None, self.chosen.number, self.texts
        title = _("Chart of accounts {number}", number=number)
        data = render_chart(get_chart(self.office, number), kind, title, self.office.clock(), dutch=_.language == "nl")
        self.exported = export_file(self.office, file_name(title), kind, data)
        return True

    def end(self, how: str) -> bool:
        """Return to the menu Accountancy, unless a task is shown."""
        return self.task is None and super().end(how)

    def reset(self) -> None:
        """Open the list once more."""
        self._message = None
        self._left.clear()
        self._read()

    def begin(self, request: Request) -> None:
        """Begin with the administration that another screen asks for."""
        if request.administration is not None:
            self.choose(request.administration)

    @guarded
    def resolve(self, action: str) -> bool:  # noqa: ARG002 - there is one
        """Read the list anew."""
        self._read()
        return True

    def rows(self) -> tuple[Listed, ...]:
        """Those that are listed, by number."""
        return tuple(pair for pair in self._all if self.with_archived or not pair[0].archived)

    def count_text(self) -> str:
        """How many there are, in a line."""
        archived = sum(one.archived for one, _ in self._all)
        return self.texts("Administrations: {count}; archived: {archived}", count=len(self._all) - archived, archived=archived)

    def assess(self) -> None:
        """The one step can always go on."""
        self.wizard.set_state("list", State.READY)

    def _read(self) -> None:
        self._all = administrations.list_administrations(self.office)

    def _choose(self, number: AdministrationNumber) -> None:
        found = next((pair for pair in self._all if pair[0].number == number), None)
        if found is None:
            raise Refused("administration-not-found", number=number)
        self.confirming, self._message, self.view, self.exported = False, None, None, None
        self.chosen, self.client = found
        self.view = administrations.show(self.office, number)

    def _set_archived(self, one: Administration, *, archived: bool) -> None:
        self.chosen = administrations.set_archived(self.office, one.number, archived=archived)
        self.confirming = False
        self._read()
        message = N_("Administration {number} is archived.") if archived else N_("Administration {number} is no longer archived.")
        self._message = lambda _: _(message, number=one.number)

    def _follow(self, task: TwoStepForm) -> None:
        """A task was left: back to the list, which says what was done and opens what was made."""
        if not task.ended or task is not self.task:
            return
        if task.ended == "cancelled":
            self._left[self._begun] = task
        self.task, self.texts = None, task.texts
        self._read()
        made = getattr(task, "made", None)
        opened = made.number if made is not None else self.chosen.number if self.chosen is not None else None
        if opened is not None:
            self.feedback.run(lambda: self._choose(opened))

        def outcome(texts: Texts) -> str:
            task.texts = texts
            return task.outcome

        self._message = outcome
        self.changed()
        if task.following:
            self.start_task(task.following)
