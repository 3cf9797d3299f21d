"""Every code of the interface, with its weight, a sentence (what is wrong) and a remedy (what to do).

The one list of all that can go wrong. Braces hold the facts of the case. The texts are the keys of the message catalogues.
"""

from dataclasses import dataclass
from enum import Enum


class Weight(Enum):
    """Whether an obstacle with this code blocks a plan."""

    BLOCKS = "blocks"
    NEEDS_CONFIRMATION = "needs a confirmation"
    INFORMS = "informs only"


@dataclass(frozen=True)
class Code:
    """A code of the interface with its texts (English; keys of the catalogues). `plural` is the sentence where `count` isn't one."""

    sentence: str
    remedy: str
    weight: Weight = Weight.BLOCKS
    plural: str = ""

    @classmethod
    def counted(cls, sentences: tuple[str, str], remedy: str, weight: Weight = Weight.BLOCKS) -> "Code":
        """A code whose sentence depends on the fact `count`."""
        return cls(sentences[0], remedy, weight, sentences[1])


def P_(singular: str, plural: str) -> tuple[str, str]:  # noqa: N802 - as `N_`
    """Mark a text for one and for more of something for the message catalogues."""
    return singular, plural


def N_(text: str) -> str:  # noqa: N802 - the customary name of the marker that message extraction looks for
    """Mark a text for the message catalogues."""
    return text


_ASK_AGAIN = N_("Ask the client to email the licence file again, as an attachment, unchanged.")

LICENCE_FILES = {
    "file-not-found": Code(N_("There is no file {path}."), N_("Check the path, or look the file up.")),
    "file-too-large": Code(N_("{path} is larger than a licence file can be (64 KiB)."), N_("Choose the licence file itself.")),
    "not-a-licence": Code(N_("{path} does not contain exactly one readable licence."), _ASK_AGAIN),
    "algorithm-not-allowed": Code(
        N_("The licence is not signed with Ed25519 but with {algorithm}."), N_("Don't use this file; ask the issuer for a valid one.")
    ),
    "wrong-type": Code(N_("This is a signed file of another type ({type}), not a licence."), N_("Choose the licence file.")),
    "unknown-issuer": Code(
        N_("The licence was issued by an issuer that this office doesn't trust (key {key})."),
        N_("If you know the issuer, check its key and add it with `accountools trust add`."),
    ),
    "bad-signature": Code(N_("The signature doesn't match: the licence was changed after it was issued."), _ASK_AGAIN),
    "claims-invalid": Code(
        N_("The licence is signed, but a field is missing or invalid: {claim}."),
        N_("Ask the issuer for a corrected licence."),
    ),
    "licence-revoked": Code(N_("Licence {licence} was revoked by its issuer."), N_("Ask the client for its current licence.")),
    "licence-not-yet-valid": Code(
        N_("Licence {licence} is valid only from {valid_from}."), N_("Wait until that day, or ask for a licence that is valid now.")
    ),
    "licence-expired": Code(N_("Licence {licence} was valid through {valid_until}."), N_("Ask the client for the renewed licence.")),
    "wrong-kind": Code(N_("Licence {licence} is not a client licence (kind: {kind})."), N_("Choose the licence that the client emailed.")),
    "own-licence": Code(
        N_("Licence {licence} is the office's own licence, not the client's."), N_("Choose the licence that the client emailed.")
    ),
    "licence-differs": Code(
        N_("Licence {licence} is not the one expected here ({expected})."),
        N_("Use the file that belongs to this office's own licence."),
    ),
    "revocations-older": Code(
        N_("This revocation list (number {seq}) is not newer than the current one (number {held})."),
        N_("Ask the issuer for its latest list."),
    ),
    "kvk-differs": Code(
        N_("The licence is for KvK number {licence_kvk}, the client has {client_kvk}."),
        N_("Check that this is the client's licence; accept only if it is."),
        Weight.NEEDS_CONFIRMATION,
    ),
    "other-client": Code(
        N_("Licence {licence} is that of {other} (KvK {kvk}), another client here, not of {client}."),
        N_("Choose the licence that {client} mailed; import this one into the administration of {other}."),
    ),
    "name-differs": Code(
        N_("The licence is in the name of “{licence_name}”, the client is called “{client_name}”."),
        N_("Check that this is the client's licence; accept only if it is."),
        Weight.NEEDS_CONFIRMATION,
    ),
    "older-than-current": Code(
        N_("This licence was issued before licence {held}, which has been imported or is in the inbox."),
        N_("Find the newer file; accept only if you want the older one."),
        Weight.NEEDS_CONFIRMATION,
    ),
    "several-licences": Code(
        N_("For administration {number} there are licences with the same time of issue: {names}."),
        N_("Import the right one separately."),
    ),
    "demo-licence": Code(
        N_("Licence {licence} is a demonstration licence."),
        N_("Ask the client for its real licence; accept only for a trial."),
        Weight.NEEDS_CONFIRMATION,
    ),
    "licence-expires-soon": Code(
        N_("Licence {licence} expires on {valid_until}."), N_("Ask the client to renew it in time."), Weight.INFORMS
    ),
    "trust-invalid": Code(N_("{path} is not a list of issuers' public Ed25519 keys (JWKS)."), N_("Ask the issuer for its trust.jwks.")),
}

ADMINISTRATIONS = {
    "number-invalid": Code(
        N_("“{number}” is not an administration number; it runs from 1 to 99999."), N_("Give a number from 1 to 99999.")
    ),
    "number-taken": Code(
        N_("Administration {number} already exists."), N_("Choose a free number, or replace the administration (--replace).")
    ),
    "administration-not-found": Code(
        N_("There is no administration {number}."), N_("List the numbers with `accountools administration list`.")
    ),
    "description-too-long": Code(N_("The description has {length} characters; the maximum is 60."), N_("Make the description shorter.")),
    "client-not-found": Code(
        N_("There is no client for {what}."), N_("Add the client (name and KvK number), or give the administration a client.")
    ),
    "client-exists": Code(N_("A client with KvK number {kvk} already exists: {name}."), N_("Use that client.")),
    "kvk-invalid": Code(N_("“{kvk}” is not a KvK number of eight digits."), N_("Look the number up in the trade register.")),
    "name-missing": Code(N_("A name is missing."), N_("Fill in a name.")),
    "chart-invalid": Code(
        N_("{path} is not a chart of accounts: {why}."),
        N_("Give a CSV file or workbook with the columns code, name, rgs, kind, side and vat."),
    ),
    "chart-attention": Code(
        N_("“{value}”: {why}."), N_("Correct it in the file if it is wrong; the chart can be used as it is."), Weight.INFORMS
    ),
    "account-in-use": Code(
        N_("Entries are posted to account {account}; its kind can't change from {old} to {new}."),
        N_("Give the other kind to a new account."),
    ),
    "clients-invalid": Code(
        N_("{path} is not a list of clients: {why}."),
        N_("Give a CSV file or workbook with the columns name, kvk and city, or Naam, KvK and Plaats."),
    ),
    "audit-invalid": Code(N_("{path} is not an audit saved as CSV: {why}."), N_("Give a file written by `accountools audit --csv`.")),
    "entries-invalid": Code(
        N_("{path} is not a list of entries: {why}."),
        N_("Give a CSV file or workbook with the columns journal, number, date, account, debit and credit."),
    ),
    "entry-unbalanced": Code(N_("Entry {entry} doesn't balance: debit {debit}, credit {credit}."), N_("Correct the entry.")),
    "entry-present": Code(
        N_("Entry {entry} is already in the books of {year}, with other contents."), N_("Give the entry another number, or leave it out.")
    ),
}

USERS = {
    "user-not-found": Code(
        N_("Administration {number} has no user {login}."), N_("Choose another user, or give a name too to create this one.")
    ),
    "user-exists": Code(N_("Administration {number} already has a user {login}: {name}."), N_("Use that user.")),
    "user-inactive": Code(N_("User {login} is not active in administration {number}."), N_("Activate the user, or choose another one.")),
    "user-is-office": Code(N_("User {login} belongs to the office, not to the client."), N_("Choose a user of the client, or create one.")),
    "login-invalid": Code(
        N_("“{login}” is not a valid login name."), N_("Give the login name of the user's own computer: DOMAIN\\name, name@domain or name.")
    ),
    "too-many-users": Code(
        N_("{active} users would be active, and the licence allows {allowed}: {names}."),
        N_("Deactivate users of the client, or ask for a licence for more users."),
    ),
    "employee-invalid": Code(
        N_("{employee} is not an employee number; it runs from 1 to 999999999."), N_("Give a number from 1 to 999999999.")
    ),
}

HAND_OVER = {
    "books-missing": Code(N_("The books of administration {number} are missing."), N_("Restore them from the last safekeeping backup.")),
    "no-administration": Code(
        N_("{client} has no administration here."), N_("Create one for this client, or ask the client for its own backup.")
    ),
    "administration-archived": Code(N_("Administration {number} is archived and can't be handed over."), N_("Unarchive it first.")),
    "several-administrations": Code(
        N_("{client} has more than one administration: {numbers}."), N_("Import the licence into the right one.")
    ),
    "no-licence": Code(
        N_("No licence of {client} has been imported yet."),
        N_("Ask the client to email it, then import it; without it the client would get the office's licence and could not log in."),
    ),
    "no-user": Code(
        N_("Administration {number} has no user of the client."),
        N_("Create the client's user, with the login name used on the client's own computer."),
    ),
    "module-missing": Code(
        N_("The office's licence does not include the module E-Accountancy (SE1065)."),
        N_("Ask your supplier for it, and renew the own licence."),
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
        N_("A licence of an accountant's office was found in the data of administration {number} ({where}); nothing was written."),
        N_("Remove it from the books; otherwise the client gets it with the backup."),
    ),
    "changed-meanwhile": Code(N_("Something changed since this was planned: {what}."), N_("Review the new plan, then confirm it.")),
}

BACKUPS = {
    "not-a-backup": Code(N_("{path} is not a backup of this program."), N_("Choose a file with the extension .acb.")),
    "backup-damaged": Code(N_("The backup is damaged or was changed: {what}."), N_("Use another copy of it, or ask for a new one.")),
    "signature-invalid": Code(N_("The signature of the backup is not valid: {what}."), N_("Don't restore it; ask for a new one.")),
    "newer-version": Code(
        N_("The backup was made by a newer version ({made_by}) than this one ({ours})."), N_("Install the newest version of this program.")
    ),
    "wrong-key": Code(
        N_("This key or passphrase does not decrypt the backup."), N_("Use the key that belongs to the licence, or the agreed passphrase.")
    ),
    "key-needed": Code(N_("The backup is encrypted."), N_("Give the key file (--identity) or the passphrase (--passphrase-file).")),
    "schema-unexpected": Code(N_("The backup contains something unexpected: {what}."), N_("Don't restore it; ask for a new one.")),
    "too-large": Code(N_("The backup unpacks to more than its manifest states ({what})."), N_("Don't restore it; ask for a new one.")),
    "more-findings": Code(
        N_("There are more findings like these in the file ({what})."), N_("Resolve these, then inspect it again."), Weight.INFORMS
    ),
    "text-too-long": Code(N_("A text is too long ({what})."), N_("Shorten it: a text in the books has at most 1 MB.")),
    "file-exists": Code(N_("{path} exists already; nothing is overwritten."), N_("Choose another name.")),
    "recipient-invalid": Code(
        N_("“{recipient}” is not a public key of age (age1…)."), N_("Ask the client for the line that begins with age1.")
    ),
    "key-invalid": Code(N_("{path} is not a usable key or passphrase."), N_("Check which file it is, and that it is complete.")),
    "signer-changed": Code(
        N_("The backup is signed by {name} (key {thumbprint}), not by the office known so far."),
        N_("Call the office and compare the key; accept only if it is theirs."),
        Weight.NEEDS_CONFIRMATION,
    ),
    "signed-elsewhere": Code(
        N_("The backup is signed by {name} (key {thumbprint}), not by this office."),
        N_("Find out where it comes from; it wasn't made here."),
    ),
    "client-differs": Code(
        N_("The backup is of {theirs}; administration {number} here is that of {ours}."),
        N_("Find out which number this client's administration has here; nothing makes the books of one client those of another."),
    ),
    "older-backup": Code(
        N_("A newer backup of administration {number} was restored before (number {held}; this is number {counter})."),
        N_("Find the newer file; accept only if you want the older backup."),
        Weight.NEEDS_CONFIRMATION,
    ),
}

OFFICE = {
    "office-not-found": Code(
        N_("There is no office at {path}."), N_("Create one with `accountools init`, or give its folder with --office.")
    ),
    "office-exists": Code(N_("There is already an office at {path}."), N_("Choose an empty folder.")),
    "office-moved": Code(
        N_("This office was moved to {path} and goes on there; here it can still be read, but not changed."),
        N_("Give the new location with --office."),
    ),
    "move-unfinished": Code(
        N_("The office of {source} is being moved to {path}, and that isn't finished: there is no office yet."),
        N_("Run `accountools office move` from that office to the same location again: it goes on where it stopped."),
    ),
    "move-differs": Code(
        N_("After copying, {what} differs from the office itself: the move isn't finished."),
        N_("Run the same command again: that part is copied once more. The office is still where it was."),
    ),
    "citus-missing": Code(
        N_("The office at {path} is not in a PostgreSQL database with the Citus extension."),
        N_("Have the database's administrator add it with CREATE EXTENSION citus; move an office in a folder to a server first."),
    ),
    "office-newer": Code(
        N_("This office was last used by a newer version of the program ({found})."), N_("Install the newest version of this program.")
    ),
    "office-busy": Code(N_("Another program is using this office."), N_("Wait a moment and try again.")),
    "office-damaged": Code(N_("The office's data can't be read: {what}."), N_("Stop working; restore the office from its last backup.")),
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
    "member-not-found": Code(N_("There is no member {name}."), N_("List the members with `accountools office members`.")),
    "member-last": Code(
        N_("{name} is the last member: without one nobody could make backups of this office."), N_("Admit somebody else first.")
    ),
    "plan-needed": Code(N_("--plan needs --confirm."), N_("Give both, or neither.")),
    "options-exclude": Code(N_("These options can't be combined: {options}."), N_("Give one of them.")),
    "usage": Code(N_("{what}"), N_("See the command's --help.")),
}

_MAKE_ROOM = N_("Free up space, or choose another folder; nothing was changed.")
_CHECK_RIGHTS = N_("Check the permissions of the folder, or choose another one.")

MACHINE = {
    "disk-full": Code(N_("The disk is full."), _MAKE_ROOM),
    "not-permitted": Code(
        N_("Permission denied."),
        N_("Check the permissions of the folder; on a server, ask an owner of the office for the role that this needs."),
    ),
    "database-away": Code(N_("The database does not respond."), N_("Check that it is running, and try again.")),
    "machine-failed": Code(N_("The system reported: {what}."), N_("Try again; if it persists, contact your system administrator.")),
    "package-missing": Code(
        N_("This needs the package {package}, which is not installed."), N_("Install it: `pip install 'accountools[{extra}]'`.")
    ),
    "cluster-away": Code(
        N_("There is no Dask scheduler with workers at {address}."),
        N_("Start `dask scheduler` and `dask worker`, check the address, or give the number of workers here (--workers N)."),
    ),
    "worker-unsuitable": Code(
        N_("The worker {worker} can't do this work: {why}."),
        N_("Install the same version of this program on each worker, and give each of them the office under the same path."),
    ),
    "output-failed": Code(
        N_("The answer can't be written to standard output."), N_("Send it to a file or a program that can take it; nothing was changed.")
    ),
    "internal-error": Code(
        N_("This is an error in the program: {what}."),
        N_("Nothing was changed. Report it with what you did; ACCOUNTOOLS_DEBUG=1 shows more."),
    ),
}

JOURNAL = {
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
        N_("The register and the journal disagree on {what}."), N_("Compare with the last backup of the office itself.")
    ),
}

IN_OTHER_WORDS = {  # by code and the name of a fact: the texts where the case has that fact; the first that fits counts
    ("not-a-licence", "revocations"): Code(
        N_("{path} does not contain exactly one readable revocation list."), N_("Choose the revocation list that the issuer sent.")
    ),
    ("claims-invalid", "issued_on"): Code(
        N_("The licence says that it was issued on {issued_on}, a day that is still to come."),
        N_("Check the date of this computer; if that is right, ask the issuer for a corrected licence."),
    ),
    ("books-missing", "file"): Code(
        N_("The file {file} holds other books, not those of administration {number}."),
        N_("Find out whose they are; restore those of this administration from its last safekeeping backup."),
    ),
    ("older-backup", "twin"): Code(
        N_("Another backup of administration {number} with the same number ({counter}) was restored before: somebody works in two copies."),
        N_("Find out which of the two is the right one; accept only if it is this one."),
    ),
    **{
        (code, "line"): Code(N_("“{value}”: {why}."), N_("Correct it in the file, and save that as CSV in UTF-8 or as a workbook."))
        for code in ("chart-invalid", "clients-invalid", "audit-invalid", "entries-invalid")
    },
    ("usage", "home"): Code(N_("There is no user here whose home folder is {home}."), N_("Give the path of the folder.")),
    ("file-too-large", "packed"): Code(
        N_("{path} is larger than a mail or ZIP with a licence can be, or holds too much."),
        N_("Save the licence from it, and choose that file."),
    ),
    ("not-a-licence", "licences"): Code(
        N_("Different licences in {path}: {licences}."), N_("Save each as a file of its own, and choose the right one.")
    ),
    ("not-a-licence", "locked"): Code(
        N_("{path} is locked with a password."), N_("Ask the client for the licence file itself, or unpack it first.")
    ),
    ("member-not-found", "recipient"): Code(
        N_("You are not a member of this office, so its backup key isn't sealed to your age key ({recipient})."),
        N_("Have a member admit you: `accountools office admit --recipient {recipient} --name NAME`."),
    ),
    ("member-not-found", "identity"): Code(
        N_("The office's backup key is sealed to the age keys of its members, and there is no key of yours at {identity}."),
        N_("Make one with `accountools key identity`, and have a member admit you with what it prints."),
    ),
    ("file-not-found", "folder"): Code(N_("There is no folder {folder}."), N_("Check the path, or create the folder.")),
    ("register-differs", "which"): Code(
        N_("The register and the journal disagree on {what} {which}."), N_("Compare with the last backup of the office itself.")
    ),
    ("kvk-invalid", "shortened"): Code(
        N_("“{kvk}” is not a KvK number of eight digits."),
        N_("A spreadsheet drops a zero at the beginning. Look the number up in the trade register, and give it as a text of eight digits."),
    ),
    ("too-large", "memory"): Code(
        N_("Trying a passphrase on this file would take {memory} MB of memory."), N_("Don't use it; ask for a new one.")
    ),
    ("no-user", "own_office"): Code(
        N_("Nobody can log in to administration {number}: it has no user."),
        N_("Add a user, with the login name used on that person's own computer."),
    ),
    ("no-licence", "placed"): Code(
        N_("The licence of administration {number} came with a backup or a copy: there is no import to undo."),
        N_("Import the right licence in its place."),
    ),
    ("no-administration", "own_office"): Code(
        N_("{client} has no administration here yet."), N_("Restore the backup that you received from your accountant.")
    ),
    ("licence-expires-soon", "own_office"): Code(
        N_("Your own licence {licence} expires on {valid_until}."), N_("Ask your supplier for a new one in time, then renew it.")
    ),
    ("no-user", "logins"): Code(
        N_("It isn't clear which user of the client gets access to administration {number}: {logins} are active."),
        N_("Import this licence separately, and choose the user."),
    ),
    ("signed-elsewhere", "path"): Code(
        N_("The backup {path} is signed by {name} (key {thumbprint}), which is not a key of this office."),
        N_("The office's key was replaced without an event, or the backup is forged: compare with the last backup of the office itself."),
    ),
    ("licence-differs", "issuer"): Code(
        N_("Licence {licence} was issued by another issuer ({issuer}) than the office's own licence {expected}."),
        N_("Ask the issuer of the own licence for one with the new number."),
    ),
    ("kvk-differs", "office"): Code(
        N_("The licence is for KvK number {licence_kvk}, the office has {client_kvk}."),
        N_("Check that this is the licence of {office}; accept only if it is."),
        Weight.NEEDS_CONFIRMATION,
    ),
    ("kvk-differs", "file_kvk"): Code(
        N_("The audit file is of KvK number {file_kvk}, the client has {client_kvk}."),
        N_("Check that this is the client's audit file; accept only if it is."),
        Weight.NEEDS_CONFIRMATION,
    ),
    ("name-differs", "file_name"): Code(
        N_("The audit file is of “{file_name}”, the client is called “{client_name}”."),
        N_("Check that this is the client's audit file; accept only if it is."),
        Weight.NEEDS_CONFIRMATION,
    ),
    ("year-not-found", "empty"): Code(N_("Administration {empty} has no fiscal years yet."), N_("Import an audit file first, or entries.")),
    ("wrong-kind", "needed"): Code(
        N_("Licence {licence} can't be the office's own licence (kind: {kind}; needed: {needed})."),
        N_("Choose the licence that your supplier issued to your office."),
    ),
    ("schema-unexpected", "number"): Code(
        N_("Nobody could restore a backup of administration {number}: {what} is beyond what a backup can hold. It was not made."),
        N_("Check its users: a backup holds at most {users} of them, with names of at most {characters} characters."),
    ),
    ("too-large", "number"): Code(
        N_("Nobody could restore a backup of administration {number}: it would be too large ({what}). It was not made."),
        N_("Shorten very long texts in its books and very long names of its users; an encrypted backup can hold more names."),
    ),
    ("changed-meanwhile", "batch"): Code(
        N_("The record of the interrupted batch ({batch}) is not as this office wrote it."),
        N_("Make the backups anew, without continuing that batch."),
    ),
    ("file-exists", "office"): Code(
        N_("{path} belongs to the office at {office}; nothing is written over it."), N_("Choose another name or folder.")
    ),
    ("move-differs", "which"): Code(
        N_("After copying, {what} {which} differ from the office itself: the move isn't finished."),
        N_("Run the same command again: they are copied once more. The office is still where it was."),
    ),
    ("database-away", "what"): Code(N_("The database does not respond: {what}."), N_("Check that it is running, and try again.")),
    ("office-exists", "missing"): Code(
        N_("The register ({missing}) of the office at {path} is missing; its books are there."),
        N_("Restore the office from its own backup (`accountools restore`), or choose an empty folder."),
    ),
    ("office-damaged", "account"): Code(
        N_("Account {account} is {booked} in the trial balance, and would be {written} in the audit file."),
        N_("Stop working; restore the office from its last backup."),
    ),
    ("disk-full", "needed"): Code(
        N_("There isn't enough space ({path}): {needed} MB needed, {free} MB free."),
        _MAKE_ROOM,
    ),
    ("disk-full", "path"): Code(N_("The disk is full ({path})."), _MAKE_ROOM),
    ("not-permitted", "path"): Code(N_("Permission denied ({path})."), _CHECK_RIGHTS),
}

BOOKS = {
    "not-an-auditfile": Code(
        N_("{path} is not an audit file that can be read: {why}."), N_("Export the audit file (XAF) again, and choose it unchanged.")
    ),
    "auditfile-encrypted": Code(
        N_("{path} is encrypted or packed by the package that made it."),
        N_("Export the audit file without encryption and without packing it, as XML."),
    ),
    "set-incomplete": Code(
        N_("{path} is a part of a set. Files in the set: {count}, given: {given}, missing: {missing}."),
        N_("Give all files of the set at once."),
    ),
    "auditfile-invalid": Code.counted(
        P_(
            "The audit file breaks the rules of its format ({count} error), but its entries can be read.",
            "The audit file breaks the rules of its format ({count} errors), but its entries can be read.",
        ),
        N_("Look at the findings; accept if the books are right all the same."),
        Weight.NEEDS_CONFIRMATION,
    ),
    "auditfile-unbalanced": Code.counted(
        P_(
            "{count} entry doesn't balance: {entry} in journal {journal}, a difference of {difference}.",
            "{count} entries don't balance. The first is {entry} in journal {journal}: a difference of {difference}.",
        ),
        N_("Correct them in the package's books, and export the audit file again."),
    ),
    "amount-invalid": Code.counted(
        P_(
            "{count} amount can't be read, or has more than two decimals or 18 digits: {detail}.",
            "{count} amounts can't be read, or have more than two decimals or 18 digits: {detail}.",
        ),
        N_("Have the amounts exported with two decimals, as numbers without separators."),
    ),
    "year-present": Code(
        N_("Fiscal year {year} is already in the books, from another file ({file})."),
        N_("Replace it with --replace; a safekeeping backup is made first."),
    ),
    "year-not-found": Code(
        N_("Administration {number} has no fiscal year {year}."), N_("Choose another year, or import its audit file first.")
    ),
    "account-not-found": Code(N_("Administration {number} has no account {account}."), N_("Choose an account of its trial balance.")),
    "year-closed": Code(
        N_("Fiscal year {year} is closed."), N_("A closed year can't be changed: post the correction in a year that is open.")
    ),
    "opening-differs": Code.counted(
        P_(
            "The opening balance of {year} is not the closing balance of {before}: {count} account differs, by {amount}. "
            "Usually last year's result was appropriated in one of them and not in the other.",
            "The opening balance of {year} is not the closing balance of {before}: {count} accounts differ, by {amount} in all. "
            "Usually last year's result was appropriated in one of them and not in the other.",
        ),
        N_("Compare the accounts that differ; accept if the difference is explained."),
        Weight.NEEDS_CONFIRMATION,
    ),
    "encoding-differs": Code(
        N_("The audit file states another encoding than it has; it is read as {encoding}."),
        N_("Check some names with accents; accept if they are right."),
        Weight.NEEDS_CONFIRMATION,
    ),
    "offset-lines": Code.counted(
        P_(
            "The other account of {count} entry is named by its journal only ({journals}). The line is added.",
            "The other account of {count} entries is named by their journal only ({journals}). The lines are added.",
        ),
        N_("Check the accounts of these journals; accept if they are right."),
        Weight.NEEDS_CONFIRMATION,
    ),
    "undeclared": Code(
        N_("The audit file names what it doesn't define; it is made for it: {names}."),
        N_("Check them in the books afterwards; accept to have them made."),
        Weight.NEEDS_CONFIRMATION,
    ),
}

CODES: dict[str, Code] = LICENCE_FILES | ADMINISTRATIONS | USERS | HAND_OVER | BACKUPS | OFFICE | MACHINE | JOURNAL | BOOKS
