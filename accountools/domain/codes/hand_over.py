"""The codes of what keeps an administration from being handed over."""

from accountools.domain.codes.code import Code
from accountools.domain.messages import N_

CODES = {
    "books-missing": Code(
        N_("The books of administration {number} are missing."),
        N_("Restore them from the last safekeeping backup."),
        variants={
            "file": Code(
                N_("The file {file} holds other books, not those of administration {number}."),
                N_("Find out whose they are; restore those of this administration from its last safekeeping backup."),
            ),
        },
    ),
    "no-administration": Code(
        N_("{client} has no administration here."),
        N_("Create one for this client, or ask the client for its own backup."),
        variants={
            "own_office": Code(
                N_("{client} has no administration here yet."), N_("Restore the backup that you received from your accountant.")
            ),
        },
    ),
    "administration-archived": Code(
        N_("Administration {number} is archived and can't be handed over."),
        N_("Unarchive it first."),
        variants={
            "stays": Code(
                N_("Administration {number} is archived and stays archived: the office overview leaves it out."),
                N_("Unarchive it if it is to be used again: `accountools administration unarchive {number}`."),
            ),
        },
    ),
    "several-administrations": Code(
        N_("{client} has more than one administration: {numbers}."), N_("Import the licence into the right one.")
    ),
    "no-licence": Code(
        N_("No licence of {client} has been imported yet."),
        N_("Ask the client to email it, then import it; without it the client would get the office's licence and could not log in."),
        variants={
            "placed": Code(
                N_("The licence of administration {number} came with a backup or a copy: there is no import to undo."),
                N_("Import the right licence in its place."),
            ),
        },
    ),
    "no-user": Code(
        N_("Administration {number} has no user of the client."),
        N_("Create the client's user, with the login name used on the client's own computer."),
        variants={
            "own_office": Code(
                N_("Nobody can log in to administration {number}: it has no user."),
                N_("Add a user, with the login name used on that person's own computer."),
            ),
            "logins": Code(
                N_("It isn't clear which user of the client gets access to administration {number}: {logins} are active."),
                N_("Import this licence separately, and choose the user."),
            ),
        },
    ),
    "module-missing": Code(
        N_("The office's licence does not include the module E-Accountancy (SE1065)."),
        N_("Ask your supplier for it, and renew your own licence."),
    ),
    "own-licence-expired": Code(
        N_("The office's own licence was valid through {valid_until}."), N_("Renew it with `accountools licence renew`.")
    ),
    "own-licence-not-yet-valid": Code(
        N_("The office's own licence is valid only from {valid_from}."),
        N_("Wait until that day, or renew it with a licence that is valid now."),
    ),
    "own-licence-revoked": Code(N_("The office's own licence was revoked."), N_("Renew it with `accountools licence renew`.")),
    "office-licence-found": Code(
        N_("A licence of an accountancy office was found in the data of administration {number} ({where}); nothing was written."),
        N_(
            "Remove it in the package that the entries came from, and import that year again; until then no backup can be made "
            "of this administration."
        ),
        variants={
            "file": Code(
                N_("A licence of an accountancy office was found in {file} ({where}); with it no backup could be made of these books."),
                N_("Ask for a backup without it; it has to be removed from the books first."),
            ),
        },
    ),
    "changed-meanwhile": Code(
        N_("Something changed since this was planned: {what}."),
        N_("Review the new plan, then confirm it."),
        variants={
            "batch": Code(
                N_("The record of the interrupted batch ({batch}) is not as this office wrote it."),
                N_("Make the backups again, without continuing that batch."),
            ),
            "booked": Code(
                N_("The books of administration {booked} were changed here after they last went to the client or came from there."),
                N_("Make a backup of these books for the client first: what was changed here would be lost."),
            ),
        },
    ),
}
