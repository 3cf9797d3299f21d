"""One guard around everything that is done on a screen: what goes wrong becomes one panel with a sentence and a remedy.

Nothing is swallowed: what isn't one of our errors is explained as the command line does it, a fault in the program is also logged
with its traceback, and with ACCOUNTOOLS_DEBUG set it is raised.
"""

import logging
import os
from collections.abc import Callable
from dataclasses import dataclass, field

from accountools.domain.codes import N_
from accountools.domain.errors import AccountoolsError
from accountools.domain.obstacle import Obstacle
from accountools.operations.errors import explain

DEBUG = "ACCOUNTOOLS_DEBUG"
_log = logging.getLogger("accountools")


@dataclass(frozen=True)
class Remedy:
    """A button that does what a remedy says: its label (a key of the catalogues) and the name by which the form knows it."""

    label: str
    name: str


REMEDIES = {
    "file-not-found": Remedy(N_("Look the file up"), "look-up-file"),
    "changed-meanwhile": Remedy(N_("Look again"), "look-again"),
    "user-not-found": Remedy(N_("Create user"), "create-user"),
    "no-user": Remedy(N_("Create user"), "create-user"),
    "user-inactive": Remedy(N_("Activate user"), "activate-user"),
    "user-is-office": Remedy(N_("Choose another user"), "choose-user"),
    "user-exists": Remedy(N_("Choose another user"), "choose-user"),
    "office-busy": Remedy(N_("Try again"), "look-again"),
    "disk-full": Remedy(N_("Try again"), "look-again"),
    "not-permitted": Remedy(N_("Try again"), "look-again"),
    "machine-failed": Remedy(N_("Try again"), "look-again"),
}

COMMANDS_ONLY = frozenset({"plan-needed", "options-exclude", "usage"})  # no screen has options
_RENEW = N_("Renew it: Settings ▸ System ▸ Own licence.")
ON_SCREEN = {  # what to do, where the code's own remedy speaks of the command line
    "number-taken": N_("Choose a free number."),
    "administration-not-found": N_("Look the number up in the list."),
    "user-not-found": N_("Choose another user, or create this one."),
    "own-licence-expired": _RENEW,
    "own-licence-revoked": _RENEW,
    "own-licence-not-yet-valid": N_("Wait until that day, or renew it: Settings ▸ System ▸ Own licence."),
    "module-missing": N_("Ask your supplier for it, then renew: Settings ▸ System ▸ Own licence."),
    "unknown-issuer": N_("Ask the client where the file comes from. Whether its issuer is to be trusted is for who set up this office."),
    "client-not-found": N_("Create the client first: Administrations ▸ Create or copy."),
    "no-administration": N_("Make one for this client: Administrations ▸ Create or copy."),
    "administration-archived": N_("Take it out of the archive first: Administrations ▸ Create or copy."),
    "books-missing": N_("Restore the last backup that was kept: Administrations ▸ Restore backup."),
    "audit-invalid": N_("Choose a CSV file that was saved on the screen Office overview."),
    "key-needed": N_("Choose the key file, or type the passphrase."),
    "office-not-found": N_("Set up your own office, or look around in the demonstration office."),
    "internal-error": N_("Nothing was changed. Try again; if it stays, report it with what you did."),
}


@dataclass
class Feedback:
    """The one panel of a screen: `reason` is what went wrong last, `others` what else stands in the way."""

    reason: Obstacle | None = None
    others: tuple[Obstacle, ...] = ()
    remedy_for: Callable[[str], Remedy | None] = field(default=REMEDIES.get, repr=False)

    @property
    def code(self) -> str | None:
        """The code of what went wrong, or None when nothing did."""
        return None if self.reason is None else self.reason.code

    @property
    def remedy(self) -> Remedy | None:
        """The button that goes with it, where there is one."""
        return None if self.reason is None else self.remedy_for(self.reason.code)

    def clear(self) -> None:
        """Nothing is wrong (any more)."""
        self.reason, self.others = None, ()

    def tell(self, error: AccountoolsError) -> None:
        """Show this error."""
        self.reason = error.reason
        self.others = tuple(one for one in error.obstacles if one.blocking and one != error.reason)

    def run(self, step: Callable[[], object]) -> bool:
        """Do a step of a screen; whether it was done (a step that gives False was not). What it raises is shown."""
        try:
            return step() is not False
        except Exception as error:
            told = explain(error)
            self.tell(told)
            if told.code == "internal-error":
                if os.environ.get(DEBUG):
                    raise
                _log.exception("a fault in the program")
            return False
