"""The screen of *Kantoor*."""

from functools import partial

from accountools.domain.messages import N_
from accountools.forms.kit import navigation
from accountools.forms.kit.jobs import run_in_thread
from accountools.forms.kit.screen import ClosedView, Screen, ViewBuilder
from accountools.forms.screens.office.backup import OfficeBackupView
from accountools.forms.screens.office.folders import FoldersView
from accountools.forms.screens.office.form import ManageOffice
from accountools.forms.screens.office.issuers import IssuersView
from accountools.forms.screens.office.journal import JournalView
from accountools.forms.screens.office.keys import KeysView
from accountools.forms.screens.office.leftovers import LeftoversView
from accountools.forms.screens.office.members import MembersView
from accountools.forms.screens.office.move import MoveView
from accountools.forms.screens.office.revocations import RevocationsView
from accountools.operations.session import Office
from accountools.texts import Texts


def office_screen(office: Office, texts: Texts | None = None) -> Screen[ManageOffice]:
    """The screen, to be shown in a notebook; its form is `.form`."""
    closed = partial(ClosedView, again=N_("Office"), sentences={"closed": N_("Office screen closed.")})
    screen = Screen(ManageOffice(office, texts, run_in_thread), VIEWS, closed, navigation.OFFICE)
    screen.widget.add_class("at-wide")
    return screen


VIEWS: dict[str, ViewBuilder] = {
    navigation.ISSUERS: lambda form, callbacks: IssuersView(form.issuers, callbacks),
    navigation.REVOCATIONS: lambda form, callbacks: RevocationsView(form.revocations, callbacks),
    navigation.OFFICE_BACKUP: lambda form, callbacks: OfficeBackupView(form.backup, callbacks),
    navigation.KEYS: lambda form, callbacks: KeysView(form.keys, callbacks),
    navigation.MEMBERS: lambda form, callbacks: MembersView(form.members, callbacks),
    navigation.FOLDERS: lambda form, callbacks: FoldersView(form.folders, callbacks),
    navigation.JOURNAL: lambda form, callbacks: JournalView(form.journal, callbacks),
    navigation.REPAIR: lambda form, callbacks: LeftoversView(form.leftovers, callbacks),
    navigation.MOVE: lambda form, callbacks: MoveView(form.move, callbacks),
}
