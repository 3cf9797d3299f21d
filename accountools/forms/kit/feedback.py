"""One guard around everything that is done on a screen: what goes wrong becomes one panel with a sentence, a remedy and a button.

Nothing is swallowed: what isn't one of our errors is explained as the command line does it, a fault in the program is also logged
with its traceback, and with ACCOUNTOOLS_DEBUG set it is raised.
"""

import logging
import os
from collections.abc import Callable
from dataclasses import dataclass, field

from accountools.domain.errors import AccountoolsError
from accountools.domain.messages import N_
from accountools.domain.obstacle import Obstacle
from accountools.forms.kit import navigation
from accountools.forms.kit.navigation import ADMINISTRATIONS, HOME, IMPORT, ITEMS, MAKE, OFFICE, OWN_LICENCE, RESTORE, USERS, Item
from accountools.operations.errors import DEBUG, INTERRUPTIONS, translate_error
from accountools.texts import Texts

_log = logging.getLogger("accountools")


@dataclass(frozen=True)
class Action:
    """A button that does what a remedy says: its label (a key of the catalogues) and the name by which the form knows it."""

    label: str
    name: str


@dataclass(frozen=True)
class Resolution:
    """How a code is resolved on the screens: by the first of the `actions` that a form has, or on the screen of another notebook.

    `text` is what to do, where the code's own remedy speaks of the command line.
    """

    actions: tuple[Action, ...] = ()
    screen: str = ""
    text: str = ""


_RETRY, _REFRESH = Action(N_("Try again"), "retry"), Action(N_("Reload"), "retry")
_OTHER_FILE = Action(N_("Choose another file"), "choose-file")
_CREATE_USER, _CHOOSE_USER = Action(N_("Create user"), "create-user"), Action(N_("Choose another user"), "choose-user")
_CHOOSE_ADMINISTRATION = Action(N_("Choose another administration"), "choose-administration")
MAKE_ANEW = Action(N_("Restore the office in another folder"), "make-anew")  # by who shows a form in a notebook
_RENEW = Resolution((), HOME, N_("Renew it: Settings ▸ System ▸ Own licence."))

_RESOLVED_BY_IMPORT = (
    "no-licence", "licence-expired", "licence-expires-soon", "licence-revoked", "licence-not-yet-valid", "licence-differs", "wrong-kind",
    "own-licence", "other-client", "kvk-differs",
    "name-differs", "older-than-current", "demo-licence", "bad-signature", "claims-invalid", "wrong-type",
    "algorithm-not-allowed", "not-a-licence",
)  # fmt: skip
RESOLUTIONS = {
    # the client's licence
    **dict.fromkeys(_RESOLVED_BY_IMPORT, Resolution((_OTHER_FILE,), IMPORT)),
    "unknown-issuer": Resolution((), OFFICE, N_("Ask the client where the file comes from. If you know its issuer, compare the key and "
    "add it: Settings ▸ System ▸ Office.")),
    "package-missing": Resolution(text=N_("Ask whoever installed this program to add that package.")),
    # users
    "no-user": Resolution((_CREATE_USER,), USERS),
    "user-not-found": Resolution((_CREATE_USER,), USERS, N_("Choose another user, or create this one.")),
    "user-inactive": Resolution((Action(N_("Activate user"), "activate-user"),), USERS),
    "user-is-office": Resolution((_CHOOSE_USER,), USERS),
    "user-exists": Resolution((Action(N_("Can this person log in?"), "check-user"), _CHOOSE_USER)),
    "too-many-users": Resolution((Action(N_("Add as not active"), "add-inactive"),), USERS),
    # administrations and clients
    "no-administration": Resolution((), ADMINISTRATIONS, N_("Create one for this client: Administrations ▸ Create or copy.")),
    "several-administrations": Resolution((), ADMINISTRATIONS),
    "administration-archived": Resolution((), ADMINISTRATIONS, N_("Unarchive it first: Administrations ▸ Create or copy.")),
    "administration-not-found": Resolution((_CHOOSE_ADMINISTRATION,), "", N_("Look the number up in the list.")),
    "number-taken": Resolution((Action(N_("Use the next free number"), "next-number"), _REFRESH), "", N_("Choose a free number.")),
    "client-not-found": Resolution((Action(N_("Create client"), "create-client"),), ADMINISTRATIONS,
        N_("Create the client first: Administrations ▸ Create or copy.")),
    "exchanged-before": Resolution(text=N_("Have the client change it too, in its own office and before it restores the next backup: the "
        "screen Restore backup has a link to it.")),
    "client-exists": Resolution((Action(N_("Use that client"), "use-client"),)),
    "books-missing": Resolution((), RESTORE, N_("Restore the last backup that was kept: Settings ▸ System ▸ Restore backup.")),
    # the own licence
    "own-licence-expired": _RENEW,
    "own-licence-revoked": _RENEW,
    "own-licence-not-yet-valid": Resolution((), HOME, N_("Wait until that day, or renew it: Settings ▸ System ▸ Own licence.")),
    "module-missing": Resolution((), HOME, N_("Ask your supplier for it, then renew: Settings ▸ System ▸ Own licence.")),
    # where the office is
    "office-moved": Resolution((), HOME, N_("Open it there; the menu Accountancy has a button for that.")),
    "move-unfinished": Resolution(text=N_("Move it once more, from where it was to the same location: it goes on where it stopped.")),
    "move-differs": Resolution(text=N_("Move it to the same location again: what differs "
            "is copied once more. The office is still where it was.")),
    # files and keys
    "file-not-found": Resolution((Action(N_("Look up the file"), "choose-file"), Action(N_("Check the folder again"), "retry"))),
    "audit-invalid": Resolution((), "", N_("Choose a CSV file that was saved on the screen Office overview.")),
    "wrong-key": Resolution((Action(N_("Try again"), "type-passphrase"),)),
    "key-invalid": Resolution((Action(N_("Choose another key file"), "choose-key"),)),
    "key-needed": Resolution((), "", N_("Choose the key file, or type the passphrase.")),
    "member-not-found": Resolution((), OFFICE, N_("Send your own public key to a member, who admits you with it: "
        "Settings ▸ System ▸ Office, Members.")),
    # the journal
    **dict.fromkeys(("event-changed", "journal-cut", "register-differs"), Resolution((MAKE_ANEW,), OFFICE,
        N_("Find out who did this before you go on. Restore the office in another folder, from its own last "
        "backup, and compare the two journals."))),
    # the machine, and the moment
    "changed-meanwhile": Resolution((_REFRESH,)),
    "year-present": Resolution((), "", N_("Choose to replace it; a safekeeping backup is made first.")),
    **dict.fromkeys(("office-busy", "disk-full", "not-permitted", "machine-failed"), Resolution((_RETRY,))),
    "database-away": Resolution((_RETRY,), "", N_("Try again in a moment. If that doesn't help, tell the server's administrator.")),
    "office-exists": Resolution((), "", N_("Choose an empty folder. If the office there was lost, restore it from its own backup.")),
    "office-not-found": Resolution((), "", N_("Set up your own office, or look around in the demonstration office.")),
    "internal-error": Resolution((), "", N_("Try again; if the error persists, report it with what you did.")),
}  # fmt: skip
IN_CASE = {  # of the obstacles with that fact
    ("licence-expires-soon", "own_office"): Resolution(
        (), HOME, N_("Ask your supplier for a new one in time, then renew: Settings ▸ System ▸ Own licence.")
    ),
    ("no-administration", "own_office"): Resolution((), RESTORE),
    ("unknown-issuer", "samples"): Resolution(),
    ("unknown-issuer", "revocations"): Resolution((), OFFICE, N_("If you know the issuer of this list, add it first: Licence and issuers, "
        "on this screen.")),
    ("unknown-issuer", "beside"): Resolution(
        text=N_("Choose the list of issuers that came with this licence, or ask your supplier for it.")
    ),
    ("unknown-issuer", "own_file"): Resolution((), OFFICE, N_("Ask your supplier where the file comes from. If you know its issuer, "
        "compare the key and add it: Settings ▸ System ▸ Office.")),
    ("client-not-found", "template"): Resolution((), ADMINISTRATIONS, N_("Make a client's administration from it: "
        "Administrations ▸ Create or copy.")),
    ("licence-differs", "backup"): Resolution((_OTHER_FILE,), "", N_("This backup is a client's own: install it to work in it, or choose "
        "one that this office kept.")),
    ("licence-differs", "renewed"): Resolution((_OTHER_FILE,), "", N_("Use the file that belongs to this office's own licence.")),
    ("changed-meanwhile", "booked"): Resolution((), MAKE),
    ("client-differs", "former_kvk"): Resolution((), ADMINISTRATIONS, N_("If this client's KvK number changed, change it here first, on "
        "the screen Create or copy: Change a client. If not, it is another client's backup: don't use it.")),
    ("administration-archived", "stays"): Resolution((), ADMINISTRATIONS, N_("Unarchive it on the screen Create or copy if it is to be "
        "used again.")),
}  # fmt: skip
COMMANDS_ONLY = frozenset({"plan-needed", "options-exclude", "usage", "cluster-away", "worker-unsuitable"})  # no screen has options
_NONE = Resolution()


def action_for(code: str, actions: frozenset[str]) -> Action | None:
    """The button that goes with a code in a form that has these actions."""
    return next((one for one in RESOLUTIONS.get(code, _NONE).actions if one.name in actions), None)


def _resolution(one: Obstacle) -> Resolution:
    in_case = (IN_CASE[one.code, fact] for fact, _ in one.facts if (one.code, fact) in IN_CASE)
    return next(in_case, None) or RESOLUTIONS.get(one.code, _NONE)


def screen_for(one: Obstacle) -> Item | None:
    """The screen at which an obstacle is resolved."""
    return ITEMS.get(_resolution(one).screen)


def address_for(item: Item, administration: int | None) -> str:
    """The address of a screen at which something of an administration is resolved."""
    return navigation.address(item.notebook, administration=administration, show=OWN_LICENCE if item.notebook == HOME else "")


def remedy_on_screen(one: Obstacle, _: Texts) -> str:
    """An obstacle's remedy where there are buttons and no commands."""
    text = _resolution(one).text
    return _(text) if text else _.remedy(one)


@dataclass
class Feedback:
    """The one panel of a screen: `reason` is what went wrong last, `others` the other obstacles."""

    action_for: Callable[[str], Action | None] = field(default=lambda _: None, repr=False)
    reason: Obstacle | None = None
    others: tuple[Obstacle, ...] = ()

    @property
    def code(self) -> str | None:
        """The code of what went wrong, or None when nothing did."""
        return None if self.reason is None else self.reason.code

    @property
    def action(self) -> Action | None:
        """The button that goes with it, where there is one."""
        return None if self.reason is None else self.action_for(self.reason.code)

    def clear(self) -> None:
        """Nothing is wrong (any more)."""
        self.reason, self.others = None, ()

    def run(self, step: Callable[[], object]) -> bool:
        """Do a step of a screen; whether it was done (a step that gives False was not). What it raises is shown."""
        try:
            return step() is not False
        except INTERRUPTIONS:
            raise
        except BaseException as error:
            explained: AccountoolsError = translate_error(error)
            self.reason = explained.reason
            self.others = tuple(one for one in explained.obstacles if one.blocking and one != explained.reason)
            if explained.code == "internal-error":
                if os.environ.get(DEBUG):
                    raise
                _log.exception("a fault in the program")
            return False
