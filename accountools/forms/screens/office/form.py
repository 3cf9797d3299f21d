"""The office that is open: its own licence and issuers, revocation lists, backup, keys and journal, and what an interruption left."""

from accountools.domain.messages import N_
from accountools.domain.obstacle import Obstacle
from accountools.forms.kit.form import guarded
from accountools.forms.kit.jobs import Start, run_now
from accountools.forms.kit.navigation import JOURNAL, Request
from accountools.forms.kit.upload import Uploads
from accountools.forms.kit.wizard import Parts, State, Step
from accountools.forms.parts.part import Part, PartsForm
from accountools.forms.screens.office.backup import OfficeBackup
from accountools.forms.screens.office.folders import Folders
from accountools.forms.screens.office.issuers import Issuers
from accountools.forms.screens.office.journal import Journal
from accountools.forms.screens.office.keys import Keys
from accountools.forms.screens.office.leftovers import Leftovers
from accountools.forms.screens.office.members import Members
from accountools.forms.screens.office.move import Move
from accountools.forms.screens.office.revocations import Revocations
from accountools.operations.session import Office
from accountools.texts import Texts

PARTS: tuple[type[Part], ...] = (Issuers, Revocations, OfficeBackup, Keys, Members, Folders, Journal, Leftovers, Move)


class ManageOffice(PartsForm):
    """The form: its parts, of which one is open. Each has its own steps."""

    path = (N_("Accountancy"), N_("Settings"), N_("System"), N_("Office"))

    def __init__(self, office: Office, texts: Texts | None = None, start: Start = run_now) -> None:
        self.tabs = Parts(Step(part.name, part.title, part.action) for part in PARTS)
        super().__init__(office, self.tabs, texts, start)
        self.uploads = Uploads()
        self.issuers, self.revocations, self.backup = Issuers(self), Revocations(self), OfficeBackup(self)
        self.keys, self.members, self.folders = Keys(self), Members(self), Folders(self)
        self.journal, self.leftovers, self.move = Journal(self), Leftovers(self), Move(self)
        first, last = (self.issuers, self.revocations, self.backup), (self.journal, self.leftovers, self.move)
        self.parts = {part.name: part for part in (*first, self.keys, self.members, self.folders, *last)}
        self.assess()

    @property
    def part(self) -> Part:
        """The part that is open."""
        return self.parts[self.wizard.current.name]

    @guarded
    def open_part(self, name: str) -> bool:
        """Open another part; what was filled in stays."""
        if name not in self.parts or self.ended:
            return False
        self.tabs.open(name)
        self.part.load()
        self.part.enter()
        return True

    def begin(self, request: Request) -> None:
        """Begin with the part that another screen asks for; with an administration, with its events."""
        if request.administration is not None:
            self.journal.show_only(request.administration)
        if request.show or request.administration is not None:
            self.open_part(request.show or JOURNAL)

    def remedy(self, one: Obstacle) -> str:
        """An obstacle's remedy, as it is done in the part that is open."""
        return self.part.remedy(one)

    @guarded
    def resolve(self, action: str) -> bool:
        """Do what a remedy's button says: read anew, and plan anew."""
        self.reload()
        self.part.retry()
        return action == "retry"

    def reset(self) -> None:
        """Forget what was filled in and done; begin with the first part."""
        for part in self.parts.values():
            part.forget()
        self.tabs.open(PARTS[0].name)
        self.reload()

    def end(self, how: str) -> bool:
        """Leave, unless it is at work."""
        return not self.busy and super().end(how)

    def assess(self) -> None:
        """Derive the states of the parts from what they hold."""
        for name, part in self.parts.items():
            missing = self.texts("Working; one moment, please") if self.busy else part.missing()
            self.wizard.set_state(name, State.ACTIVE if self.busy else State.CONFIGURED if missing else State.READY, missing)
            self.tabs.conditions[name] = part.condition()
