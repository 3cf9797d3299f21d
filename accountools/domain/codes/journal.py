"""The codes of the journal."""

from accountools.domain.codes.code import Code, Weight
from accountools.domain.messages import N_

CODES = {
    "event-changed": Code(
        N_("Event {n} of the journal was changed, removed or moved."), N_("Compare with the last backup of the office itself.")
    ),
    "journal-cut": Code(
        N_(
            "The backup {path} was made when event {length} was the last of the journal, and it was another one; "
            "the journal was truncated or rewritten."
        ),
        N_("Compare with the last backup of the office itself."),
    ),
    "journal-behind": Code(
        N_("The backup {path} was made after the backup of the office itself; the events between them are not in the journal."),
        N_("Restore that backup's administration too."),
        Weight.INFORMS,
    ),
    "register-differs": Code(
        N_("The register and the journal disagree on {what}."),
        N_("Compare with the last backup of the office itself."),
        variants={
            "which": Code(
                N_("The register and the journal disagree on {what} {which}."), N_("Compare with the last backup of the office itself.")
            ),
        },
    ),
}
