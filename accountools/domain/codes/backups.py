"""The codes of backups: reading and checking them, and restoring them here."""

from accountools.domain.codes.code import Code, Weight
from accountools.domain.messages import N_

CODES = {
    "not-a-backup": Code(N_("{path} is not a backup of this program."), N_("Choose a file with the extension .acb.")),
    "backup-damaged": Code(N_("The backup is damaged or was changed: {what}."), N_("Use another copy of it, or ask for a new one.")),
    "signature-invalid": Code(N_("The signature of the backup is not valid: {what}."), N_("Don't restore it; ask for a new one.")),
    "newer-version": Code(
        N_("The backup was made by a newer version ({made_by}) than this one ({ours})."), N_("Install the newest version of this program.")
    ),
    "wrong-key": Code(
        N_("This key or passphrase does not decrypt the file."), N_("Use the key that it was encrypted to, or the agreed passphrase.")
    ),
    "key-needed": Code(
        N_("The file is encrypted."),
        N_("Give the key file (--identity) or the passphrase (--passphrase-file)."),
        variants={
            "batch": Code(
                N_("The backups that were interrupted are encrypted with a passphrase ({batch})."),
                N_("Give the same passphrase again (--passphrase-file)."),
            ),
        },
    ),
    "schema-unexpected": Code(
        N_("The backup contains something unexpected: {what}."),
        N_("Don't restore it; ask for a new one."),
        variants={
            "books": Code(
                N_(
                    "A backup of administration {books} was not made, because nobody could restore it. Not as this program writes "
                    "it: {what}."
                ),
                N_("Another program wrote to these books: restore their last good backup. The books as they are now are kept beside it."),
            ),
            "register": Code(
                N_("This backup of the office was not made, because nobody could restore it. Not as this program writes it: {what}."),
                N_("Another program wrote in the register: restore the office from its last good backup."),
            ),
            "together": Code(
                N_(
                    "With the users that are here, administration {number} would have more users than a backup can hold; the "
                    "backup is not restored."
                ),
                N_("Ask for a backup with fewer users: one holds at most {users} of them, with names of at most {characters} characters."),
            ),
            "number": Code(
                N_(
                    "A backup of administration {number} was not made, because nobody could restore it. More than a backup can "
                    "hold: {what}."
                ),
                N_("Check its users: a backup holds at most {users} of them, with names of at most {characters} characters."),
            ),
        },
    ),
    "too-large": Code(
        N_("Unpacked, the file would be larger than it may be ({what})."),
        N_("Don't use it; ask for a new one."),
        variants={
            "memory": Code(
                N_("Trying a passphrase on this file would take {memory} MB of memory."), N_("Don't use it; ask for a new one.")
            ),
            "number": Code(
                N_("A backup of administration {number} was not made, because nobody could restore it: it would be too large ({what})."),
                N_("Shorten very long names of its users; an encrypted backup can hold more of them."),
            ),
        },
    ),
    "more-findings": Code(
        N_("There are more findings like these in the file ({what})."), N_("Resolve these, then inspect it again."), Weight.INFORMS
    ),
    "text-too-long": Code(N_("A text is too long ({what})."), N_("Shorten it: a text in the books has at most 1 MB.")),
    "books-set-aside": Code(
        N_("No safety copy could be made of the books of administration {number} that were here; they are kept as they were: {path}."),
        N_("Keep them until nothing in them is needed any more; the program doesn't remove them."),
        Weight.INFORMS,
    ),
    "file-exists": Code(
        N_("{path} exists already; nothing is overwritten."),
        N_("Choose another name."),
        variants={
            "office": Code(
                N_("{path} belongs to the office at {office}; nothing is written over it."), N_("Choose another name or folder.")
            ),
        },
    ),
    "recipient-invalid": Code(
        N_("“{recipient}” is not a public key of age (age1…)."), N_("Give the whole public key: the line that begins with age1.")
    ),
    "key-invalid": Code(N_("{path} is not a usable key or passphrase."), N_("Check which file it is, and that it is complete.")),
    "signer-changed": Code(
        N_("The backup is signed by {name} (key {thumbprint}), not by the office known so far."),
        N_("Call the office and compare the key; accept only if it is theirs."),
        Weight.NEEDS_CONFIRMATION,
        variants={
            "expected": Code(
                N_("The backup is signed by {name} (key {thumbprint}), not by the office known so far."),
                N_("This isn't the key that was read out to you: call the office, or correct what you typed."),
            ),
        },
    ),
    "made-elsewhere": Code(
        N_(
            "{path} lies outside this office's folder, and it isn't known whether it was made here: this office may be a "
            "copy of another one."
        ),
        N_("Remove it from the office that made it; if this one was moved, or made the backup with an older version, remove it by hand."),
        Weight.INFORMS,
    ),
    "signed-elsewhere": Code(
        N_("The backup is signed by {name} (key {thumbprint}), not by this office."),
        N_("Find out where it comes from; it wasn't made here."),
        variants={
            "path": Code(
                N_("The backup {path} is signed by {name} (key {thumbprint}), which is not a key of this office."),
                N_(
                    "The office's key was replaced without an event, or the backup is forged: "
                    "compare with the last backup of the office itself."
                ),
            ),
        },
    ),
    "client-differs": Code(
        N_("The backup is of {theirs}; administration {number} here is that of {ours}."),
        N_("Find out which number this client's administration has here; the books of one client are never replaced by those of another."),
        variants={
            "former_kvk": Code(
                N_("The backup is of {theirs}, KvK {kvk}; administration {number} here is that of {ours}, KvK {former_kvk}."),
                N_(
                    "If this client's KvK number changed, change it here first: `accountools client change {former_kvk} --kvk {kvk}`. "
                    "If not, it is another client's backup: don't use it."
                ),
            ),
        },
    ),
    "older-backup": Code(
        N_("A newer backup of administration {number} was restored before (number {held}; this is number {counter})."),
        N_("Find the newer file; accept only if you want the older backup."),
        Weight.NEEDS_CONFIRMATION,
        variants={
            "twin": Code(
                N_(
                    "Another backup of administration {number} with the same number ({counter}) was restored before: "
                    "somebody works in two copies."
                ),
                N_("Find out which of the two is the right one; accept only if it is this one."),
            ),
        },
    ),
}
