"""The books of one administration: audit files that come in, what is read in the books, and audit files that are made."""

from accountools.domain.messages import N_
from accountools.domain.obstacle import Obstacle
from accountools.forms.kit.form import guarded
from accountools.forms.kit.jobs import Start, run_now
from accountools.forms.kit.navigation import Request
from accountools.forms.kit.upload import Uploads
from accountools.forms.kit.wizard import Parts, State, Step
from accountools.forms.screens.books.chart import ChartPart
from accountools.forms.screens.books.checks import ChecksPart
from accountools.forms.screens.books.convert import ConvertPart
from accountools.forms.screens.books.entries import EntriesPart
from accountools.forms.screens.books.export_file import ExportPart
from accountools.forms.screens.books.import_file import ImportPart
from accountools.forms.screens.books.open_items import OpenItemsPart
from accountools.forms.screens.books.part import IMPORT, TRIAL_BALANCE, BooksForm, BooksPart
from accountools.forms.screens.books.trial_balance import TrialBalancePart
from accountools.forms.screens.books.vat import VatPart
from accountools.operations.session import Office
from accountools.texts import Texts

PARTS: tuple[type[BooksPart], ...] = (
    ImportPart,
    EntriesPart,
    TrialBalancePart,
    OpenItemsPart,
    VatPart,
    ChecksPart,
    ExportPart,
    ConvertPart,
    ChartPart,
)


class Bookkeeping(BooksForm):
    """The form: its parts, of which one is open."""

    path = (N_("Accountancy"), N_("Administrations"), N_("Bookkeeping"))
    actions = frozenset({"retry", "choose-file"})

    def __init__(self, office: Office, texts: Texts | None = None, start: Start = run_now) -> None:
        self.tabs = Parts(Step(part.name, part.title, part.action) for part in PARTS)
        super().__init__(office, self.tabs, texts, run_now)  # what a page begins with is there before it listens
        self.uploads = Uploads()
        self.file, self.balance, self.open_items = ImportPart(self), TrialBalancePart(self), OpenItemsPart(self)
        self.vat, self.checks, self.export = VatPart(self), ChecksPart(self), ExportPart(self)
        self.conversion, self.chart, self.entries = ConvertPart(self), ChartPart(self), EntriesPart(self)
        every = (self.file, self.balance, self.open_items, self.vat, self.checks, self.export, self.conversion, self.chart, self.entries)
        self.parts = {part.name: part for part in every}
        self._chosen_part = False
        self._begin_here()
        self.start = start
        self.assess()

    def _begin_here(self) -> None:
        """Begin in the books of the only administration, if there is only one."""
        if len(self.administrations) == 1:
            self.choose_administration(int(self.administrations[0][0].number))

    @guarded
    def open_part(self, name: str) -> bool:
        """Open another part, and read what it shows; what was filled in stays."""
        if name not in self.parts or self.ended or not self.abandon():
            return False
        self._chosen_part = True
        self.tabs.open(name)
        try:
            if not self.years:  # perhaps they couldn't be read
                self.load_years()
        finally:
            self.parts[name].enter()
        return True

    def follow(self) -> None:
        """Another administration, year or day was chosen: show it; the first time that there are books to read, their balance."""
        if not self._chosen_part:
            self.tabs.open(TRIAL_BALANCE if self.years else IMPORT)
        super().follow()

    def begin(self, request: Request) -> None:
        """Begin with the administration, and the part, that another screen asks for."""
        if request.administration is not None:
            self.choose_administration(request.administration)
        if request.show:
            self.open_part(request.show)

    @property
    def plan_to_confirm(self) -> object:
        """What was planned of the audit file that comes in."""
        return self.file.planned

    def remedy(self, one: Obstacle) -> str:
        """An obstacle's remedy, as it is done in the part that is open."""
        return self.parts[self.wizard.current.name].remedy(one)

    @guarded
    def resolve(self, action: str) -> bool:
        """Do what a remedy's button says: read anew."""
        self.load_years()
        self.parts[self.wizard.current.name].retry()
        return action in self.actions

    def reset(self) -> None:
        """Forget what was filled in and read."""
        for part in self.parts.values():
            part.forget()
        self.uploads.clear()
        self.set_defaults()
        self._chosen_part = False
        self.tabs.open(IMPORT)
        self._begin_here()

    def end(self, how: str) -> bool:
        """Leave, unless it is at work."""
        return self.abandon() and super().end(how)

    def assess(self) -> None:
        """Derive the states of the parts from what they hold."""
        for name, part in self.parts.items():
            missing = self.texts("Working; one moment, please") if self.busy else part.missing()
            self.wizard.set_state(name, State.ACTIVE if self.busy else State.CONFIGURED if missing else State.READY, missing)
            self.tabs.conditions[name] = part.condition()
