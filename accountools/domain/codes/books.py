"""The codes of audit files and fiscal years."""

from accountools.domain.codes.code import Code, Weight
from accountools.domain.messages import N_, P_

CODES = {
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
        variants={
            "other": Code(
                N_("{path} and {other} are whole audit files, not parts of one."),
                N_("Import each of them by itself; if they are parts of one year, export that year as one file."),
            )
        },
    ),
    "auditfile-invalid": Code.counted(
        P_(
            "The audit file breaks the rules of its format ({count} error), but its entries can be read.",
            "The audit file breaks the rules of its format ({count} errors), but its entries can be read.",
        ),
        N_("Look at the findings; accept if the books are right nevertheless."),
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
    "date-invalid": Code.counted(
        P_(
            "{count} date can't be read: {written} in {element}. It becomes {day}: a day of its lines, of its period or of the year.",
            "{count} dates can't be read. The first is {written} in {element}, and becomes {day}. "
            "Each becomes a day of its lines, of its period or of the year.",
        ),
        N_("Have the dates exported as year-month-day; accept if the other days may stay."),
        Weight.NEEDS_CONFIRMATION,
    ),
    "opening-twice": Code.counted(
        P_(
            "The audit file has an opening balance, and {count} entry that opens the year with other amounts: both count.",
            "The audit file has an opening balance, and {count} entries that open the year with other amounts: both count.",
        ),
        N_("Compare them in the package; accept if both belong to the opening."),
        Weight.NEEDS_CONFIRMATION,
    ),
    "year-present": Code(
        N_("Fiscal year {year} is already in the books, from another file ({file})."),
        N_("Replace it with --replace; a safekeeping backup is made first."),
        variants={
            "file_first": Code(
                N_(
                    "Fiscal year {year} is already in the books, from another file ({file}), with other days: {first_day} to {last_day} "
                    "in the books, {file_first} to {file_last} in this file."
                ),
                N_("If this file has all that is to be kept of it, replace it with --replace; a safekeeping backup is made first."),
            )
        },
    ),
    "label-taken": Code(
        N_("Fiscal year {year} is {first_day} to {last_day} in the books, and {file_first} to {file_last} in the audit file."),
        N_(
            "If these are parts of one year, export that year as one file. If they are two fiscal years, give each its own name in the "
            "package, and export again."
        ),
    ),
    "year-not-found": Code(
        N_("Administration {number} has no fiscal year {year}."),
        N_("Choose another year, or import its audit file first."),
        variants={
            "empty": Code(N_("Administration {empty} has no fiscal years yet."), N_("Import an audit file first, or entries.")),
            "begins": Code(
                N_("Fiscal year {year} of administration {number} begins on {begins}, after {day}."),
                N_("Choose a later day, or an earlier fiscal year."),
            ),
        },
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
        N_("The audit file states a different encoding from the one it has; it is read as {encoding}."),
        N_("Check some names with accents; accept if they are right."),
        Weight.NEEDS_CONFIRMATION,
    ),
    "offset-lines": Code.counted(
        P_(
            "The offset account of {count} entry is named by its journal only ({journals}). The line is added.",
            "The offset account of {count} entries is named by their journal only ({journals}). The lines are added.",
        ),
        N_("Check the accounts of these journals; accept if they are right."),
        Weight.NEEDS_CONFIRMATION,
    ),
    "undeclared": Code(
        N_("The audit file names what it doesn't define; the import creates these: {names}."),
        N_("Accept to have them created, and check them in the books afterwards."),
        Weight.NEEDS_CONFIRMATION,
    ),
}
