"""The codes of the office itself: its place, its state, its members, moving it."""

from accountools.domain.codes.code import Code
from accountools.domain.messages import N_

CODES = {
    "office-not-found": Code(
        N_("There is no office at {path}."),
        N_("Create one with `accountools init`, or give its folder with --office."),
        variants={
            "backups": Code(
                N_("There is no office at {path}."),
                N_("If it was lost, restore the backup of the office itself first; else create one with `accountools init`."),
            ),
        },
    ),
    "office-exists": Code(
        N_("There is already an office at {path}."),
        N_("Choose an empty folder."),
        variants={
            "file": Code(
                N_("{file} is the backup of a whole office, and there is an office here already."), N_("Choose an empty folder for it.")
            ),
            "missing": Code(
                N_("The register ({missing}) of the office at {path} is missing; its books are there."),
                N_("Restore the office from its own backup (`accountools restore`), or choose an empty folder."),
            ),
        },
    ),
    "office-moved": Code(
        N_("This office was moved to {path} and goes on there; here it can still be read, but not changed."),
        N_("Give the new location with --office."),
    ),
    "move-unfinished": Code(
        N_("The office at {source} is being moved to {path}, and that isn't finished: there is no office there yet."),
        N_("Run `accountools office move` from that office to the same location again: it goes on where it stopped."),
    ),
    "move-differs": Code(
        N_("After copying, {what} differs from the office itself: the move isn't finished."),
        N_("Run the same command again: that part is copied once more. The office is still where it was."),
        variants={
            "which": Code(
                N_("After copying, {what} {which} differ from the office itself: the move isn't finished."),
                N_("Run the same command again: they are copied once more. The office is still where it was."),
            ),
        },
    ),
    "citus-missing": Code(
        N_("The office at {path} is not in a PostgreSQL database with the Citus extension."),
        N_("Have the database's administrator add it with CREATE EXTENSION citus; move an office in a folder to a server first."),
    ),
    "office-newer": Code(
        N_("This office was last used by a newer version of the program ({found})."), N_("Install the newest version of this program.")
    ),
    "office-busy": Code(
        N_("Another program is using this office."),
        N_("Wait a moment and try again."),
        variants={"by": Code(N_("{by} is using this office."), N_("Wait a moment and try again."))},
    ),
    "office-damaged": Code(
        N_("The office's data can't be read: {what}."),
        N_("Stop working; restore the office from its last backup."),
        variants={
            "number": Code(
                N_("The books of administration {number} can't be read: {what}."),
                N_("Check whether their file may be read; if it is damaged, restore them from their last safekeeping backup."),
            ),
            "account": Code(
                N_("Account {account} is {booked} in the trial balance, and would be {written} in the audit file."),
                N_("Stop working; restore the office from its last backup."),
            ),
        },
    ),
    "network-share": Code(
        N_("{path} is on a network share ({kind}), where the books aren't safe."), N_("Choose a folder on this machine's own disk.")
    ),
    "url-invalid": Code(
        N_("This is not the URL of an office on a PostgreSQL server, or there is a password in it."),
        N_("Write postgresql://USER@HOST/DATABASE; put the password in ~/.pgpass or a service file."),
    ),
    "member-exists": Code(
        N_("{name} is a member already, with the age key {recipient}."), N_("Dismiss that member first, or give another name.")
    ),
    "member-not-found": Code(
        N_("There is no member {name}."),
        N_("List the members with `accountools office members`."),
        variants={
            "recipient": Code(
                N_("You are not a member of this office, so its backup key isn't encrypted to your age key ({recipient})."),
                N_("Have a member admit you: `accountools office admit --recipient {recipient} --name NAME`."),
            ),
            "identity": Code(
                N_("The office's backup key is encrypted to the age keys of its members, and there is no key of yours at {identity}."),
                N_("Make one with `accountools key identity`, and have a member admit you with what it prints."),
            ),
        },
    ),
    "member-last": Code(
        N_("{name} is the last member: without one nobody could make backups of this office."), N_("Admit somebody else first.")
    ),
}
