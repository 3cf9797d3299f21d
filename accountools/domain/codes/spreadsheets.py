"""The codes of the tables that are read from CSV files and workbooks: charts of accounts, clients, entries, a saved audit."""

from accountools.domain.codes.code import Code, Weight
from accountools.domain.messages import N_, P_

_ON_A_LINE = {  # where the case has a line
    "line": Code(N_("“{value}”: {why}."), N_("Correct it in the file, and save that as CSV in UTF-8 or as a workbook."))
}

CODES = {
    "chart-invalid": Code(
        N_("{path} is not a chart of accounts: {why}."),
        N_("Give a CSV file or workbook with the columns code, name, rgs, kind, side and vat."),
        variants=_ON_A_LINE,
    ),
    "chart-attention": Code(
        N_("“{value}”: {why}."), N_("Correct it in the file if it is wrong; the chart can be used as it is."), Weight.INFORMS
    ),
    "kind-missing": Code.counted(
        P_(
            "{count} account has neither a kind nor an RGS code that gives it.",
            "{count} accounts have neither a kind nor an RGS code that gives it.",
        ),
        N_("A new one gets kind M (not decided); a chart with the kinds can decide it later, even after entries were posted."),
        Weight.INFORMS,
    ),
    "account-in-use": Code(
        N_("Entries are posted to account {account}; its kind can't change from {old} to {new}."),
        N_("Give the other kind to a new account."),
    ),
    "columns-unread": Code(
        N_("{path} has columns that aren't known, and aren't read: {columns}."),
        N_("If anything in them is needed, give the column one of the titles in the documentation."),
        Weight.INFORMS,
    ),
    "clients-invalid": Code(
        N_("{path} is not a list of clients: {why}."),
        N_("Give a CSV file or workbook with the columns name, kvk and city, or Naam, KvK and Plaats."),
        variants=_ON_A_LINE,
    ),
    "audit-invalid": Code(
        N_("{path} is not an audit saved as CSV: {why}."), N_("Give a file written by `accountools audit --csv`."), variants=_ON_A_LINE
    ),
    "entries-invalid": Code(
        N_("{path} is not a list of entries: {why}."),
        N_("Give a CSV file or workbook with the columns journal, number, date, account, debit and credit."),
        variants=_ON_A_LINE,
    ),
    "entry-unbalanced": Code(N_("Entry {entry} doesn't balance: debit {debit}, credit {credit}."), N_("Correct the entry.")),
    "entry-present": Code(
        N_("Entry {entry} is already in the books of {year}, with other contents."), N_("Give the entry another number, or leave it out.")
    ),
}
