"""Making administrations for many clients at once, from a template or another chart: those without one, or those in a list (S1)."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path

from accountools.domain.administration import Administration, Client
from accountools.domain.identifiers import MAX_DESCRIPTION, MAX_NUMBER, AdministrationNumber
from accountools.domain.messages import N_
from accountools.formats.csv_files import read_clients
from accountools.forms.kit.form import Entry, guarded, parse_path
from accountools.forms.kit.wizard import State
from accountools.forms.screens.administrations.chart import ChartForm
from accountools.operations.progress import Progress, Stopped
from accountools.operations.register import administrations, clients

REGISTERED, LIST = "registered", "list"
Planned = tuple[AdministrationNumber, Client, bool]  # and whether the client is new


class MakeMany(ChartForm):
    """The form. `source` is whose they are, `first` the lowest number; `planned` is what would be made, `created` what was."""

    path = (N_("Accountancy"), N_("Administrations"), N_("Create for several clients"))
    title, action = N_("Clients and chart of accounts"), N_("Create administrations")

    def set_defaults(self) -> None:
        """Begin with the clients without an administration, the next free numbers, and the first template where there is one."""
        super().set_defaults()
        self.source = REGISTERED
        self.list: Entry[tuple[Client, ...]] = Entry(lambda typed: read_clients(parse_path(typed) or Path(typed)))
        self.first = Entry(AdministrationNumber.parse)
        self.planned: tuple[Planned, ...] = ()
        self.created: tuple[Administration, ...] = ()
        found = administrations.list_administrations(self.office)
        last = max((int(one.number) for one, _ in found), default=0)
        self.first.read(str(AdministrationNumber(min(last + 1, MAX_NUMBER))))
        template = next((one for one, client in found if client is None and not one.archived), None)
        if template is not None:
            self.chart = "template"
            self.template.read(str(template.number))
        self._plan()

    @guarded
    def choose_source(self, source: str) -> bool:
        """Choose whose: the registered clients without an administration, or those in a list."""
        return source in {REGISTERED, LIST} and self.fill(lambda: self._set(source=source))

    @guarded
    def choose_list(self, path: object) -> bool:
        """Choose the list of clients; it is read at once."""

        def read() -> None:
            self.list.read(str(path))
            self._plan()

        return self.fill(read)

    @guarded
    def set_first(self, typed: int | str) -> bool:
        """Fill in the lowest number; the others follow, without those that are taken."""

        def read() -> None:
            self.first.read(str(typed))
            self._plan()

        return self.fill(read)

    @guarded
    def resolve(self, action: str) -> bool:
        """Do what a remedy's button says."""
        self.step_back()
        self.failed = False
        self.wants = {"choose-administration": "template", "choose-file": "list" if self.source == LIST else "file"}.get(action, "")
        self._plan()
        return True

    def missing(self) -> Iterator[str]:
        """What is still to be filled in, as text."""
        _ = self.texts
        if self.source == LIST and self.list.value is None:
            yield _.sentence(self.list.error) if self.list.error else _("Choose a file with clients first")
        if self.first.value is None:
            yield _.sentence(self.first.error) if self.first.error else _("Give the first administration a number")
        elif not self.planned and not self.done:
            yield _("All these clients have an administration already")
        yield from self.missing_chart()

    def check(self) -> None:
        """Read everything anew: it may have changed. Raises `number-invalid` where the numbers run out."""
        self.check_chart()
        if self.source == LIST:
            self.list.read(self.list.typed)
        self._plan()

    @guarded
    def finish(self) -> bool:
        """Make them, one after another. What was made before it is stopped, or fails, stays, and is shown."""
        if not self.wizard.is_at("check", State.READY):
            return False
        self.created = ()
        return self.run_job("check", lambda: self._create(self.progress_hook()), self._show)

    @property
    def outcome(self) -> str:
        """What was made, in a sentence."""
        made, total = len(self.created), len(self.planned)
        if not self.done:
            return ""
        if made < total:
            return self.texts("Administrations created: {made} of {total}; the others were not.", made=made, total=total)
        first, last = (self.created[place].number for place in (0, -1))
        return self.texts("Administrations created: {made}, from {first} to {last}.", made=made, first=first, last=last)

    def _set(self, *, source: str) -> None:
        self.source = source
        self._plan()

    def _plan(self) -> None:
        found = administrations.list_administrations(self.office)
        registered = {one.kvk: one for one in clients.list_clients(self.office)}
        served = {client.kvk for _, client in found if client is not None}
        whose = (self.list.value or ()) if self.source == LIST else tuple(registered.values())
        asked = [one for one in whose if one.kvk not in served]
        taken = {int(one.number) for one, _ in found}
        numbers = (number for number in count(int(self.first.value or 1)) if number not in taken)
        self.planned = tuple(
            (AdministrationNumber.parse(number), registered.get(one.kvk, one), one.kvk not in registered)
            for one, number in zip(asked, numbers, strict=False)
        )

    def _create(self, progress: Progress) -> Exception | None:
        """Make them; gives what stopped it halfway. What goes wrong with the first is raised."""
        chart, template = self.chosen_chart()
        for done, (number, client, new) in enumerate(self.planned):
            try:
                progress(done, len(self.planned))
                made = administrations.create(
                    self.office,
                    number,
                    client.name[:MAX_DESCRIPTION].strip(),
                    client=None if new else client.kvk,
                    new_client=client if new else None,
                    chart=chart,
                    template=template,
                )
            except Exception as error:  # whatever it is, what was made before it stays
                if not self.created:
                    raise
                return error
            self.created = (*self.created, made)
        return None

    def _show(self, stopped: Exception | None) -> None:
        self.done = True
        if stopped is not None and not isinstance(stopped, Stopped):
            raise stopped
