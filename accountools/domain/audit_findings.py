"""What is found in audit files: a sentence and a remedy for each code, pyxaf's own and ours. The exact words are the finding's detail."""

import json

from accountools.domain.messages import N_

# What is said on screens, of what an import counts and of how a version of the format couldn't hold something.
COUNTED = {
    "accounts": N_("Accounts"),
    "relations": N_("Relations"),
    "vat_codes": N_("VAT codes"),
    "journals": N_("Journals"),
    "periods": N_("Periods"),
    "entries": N_("Entries"),
    "lines": N_("Lines"),
}
FIELDS = {
    "name": N_("Name"),
    "kind": N_("Kind"),
    "rgs": N_("RGS code"),
    "city": N_("City"),
    "email": N_("Email"),
    "kvk": N_("KvK number"),
    "tax_country": N_("Country of the VAT number"),
    "addresses": N_("Addresses"),
    "bank_account": N_("Bank account"),
    "tax_number": N_("VAT number"),
    "offset_account": N_("Offset account"),
    "payable_account": N_("Account of VAT payable"),
    "receivable_account": N_("Account of VAT receivable"),
}
USED = {  # whose data hold where a file differs from the books, by whether its year is the newest
    True: N_("This year is the newest: what the file says replaces what is in the books."),
    False: N_("The books have a newer year: what is in the books stays."),
}
HOW_LOST = {"left-out": N_("left out"), "shortened": N_("shortened"), "replaced": N_("replaced")}

_VENDOR = N_("Have the supplier of the package correct the export.")
_AGAIN = N_("Export the file again; if that doesn't help, ask the supplier of the package.")
_NONE = N_("Nothing needs to be done.")
_CHECK = N_("Check in the package whether this is right.")
_BOOKS = N_("Correct it in the package's books and export again.")
_WHOLE = N_("Ask for the whole file, unchanged.")
_UNSAFE = N_("Don't use this file; ask for one that the package itself exported.")
_SET = N_("Check that all parts are of the same export, and that none is missing.")
_NAMES = N_("Compare names and descriptions with those in the package.")
_DECLARE = N_("Export the missing data too, or have them created by the import.")
_OPENING = N_("Check the opening balance; usually last year's result wasn't appropriated yet.")
_RGS = N_("Correct the RGS codes in the package's chart of accounts.")
_AMOUNT = N_("Have the amounts exported with two decimals, as numbers without separators.")

CONTROLS = {  # the tax office's own numbers of what it checks in an audit file 4.0
    "XAF5004": "[0004]", "XAF5005": "[0005]", "XAF5006": "[0006]", "XAF5007": "[0007]", "XAF5008": "[0008]", "XAF5009": "[0009]",
    "XAF5010": "[0010]", "XAF6001": "[0001]", "XAF6002": "[0002]", "XAF6003": "[0003]",
}  # fmt: skip
WITHOUT_EXAMPLE = {"set-incomplete", "XAF1021", "XAF2003", "XAF3040", "XAF7003"}  # their details name files, or values without quoting them

FINDINGS: dict[str, tuple[str, str]] = {
    "XAF1001": (N_("The file begins with a byte order mark."), _NONE),
    "XAF1002": (N_("The file doesn't say in which encoding it is; it is read as UTF-8."), _NAMES),
    "XAF1003": (N_("The file is in an encoding that the format doesn't allow."), _VENDOR),
    "XAF1004": (N_("The file is read in another encoding than the one it states."), _NAMES),
    "XAF1005": (N_("The file says ISO-8859-1 but has characters of Windows-1252."), _NAMES),
    "XAF1006": (N_("Some bytes are no characters and were replaced."), _NAMES),
    "XAF1010": (N_("Control characters that XML doesn't allow were removed."), _VENDOR),
    "XAF1011": (N_("The file was read as Windows-1252 instead of ISO-8859-1."), _NAMES),
    "XAF1012": (N_("Bare ampersands (&) were read as text."), _VENDOR),
    "XAF1013": (N_("What follows after the end of the document was ignored."), _AGAIN),
    "XAF1020": (N_("The file is compressed."), _NONE),
    "XAF1021": (N_("The compressed file is damaged or incomplete."), _WHOLE),
    "XAF2001": (N_("The file is not well-formed XML."), _WHOLE),
    "XAF2002": (N_("The file has a construct that no audit file needs and that is refused for safety."), _UNSAFE),
    "XAF2003": (N_("Something in the file is larger or deeper than in any real audit file."), _UNSAFE),
    "XAF3001": (N_("The version of the file was recognised."), _NONE),
    "XAF3002": (N_("The namespace is a known variant, not that of the schema."), _VENDOR),
    "XAF3003": (N_("The namespace doesn't exist officially."), _VENDOR),
    "XAF3004": (N_("The namespace is unknown."), _VENDOR),
    "XAF3005": (N_("The file contradicts itself about its version."), _VENDOR),
    "XAF3006": (N_("The file is the continuation of another one."), _SET),
    "XAF3007": (N_("The version of the file is not certain."), _VENDOR),
    "XAF3008": (N_("The files of the set are of different versions."), _SET),
    "XAF3009": (N_("The parts of the set are numbered inconsistently."), _SET),
    "XAF3010": (N_("A required element is missing."), _VENDOR),
    "XAF3011": (N_("An element is not defined for this version."), _VENDOR),
    "XAF3012": (N_("An element occurs more often than allowed."), _VENDOR),
    "XAF3013": (N_("Elements are in the wrong order."), _VENDOR),
    "XAF3014": (N_("A value is too long or too short."), _VENDOR),
    "XAF3015": (N_("A value is not one of those allowed."), _VENDOR),
    "XAF3016": (N_("A value doesn't have the required form."), _VENDOR),
    "XAF3017": (N_("A date is invalid."), _VENDOR),
    "XAF3018": (N_("A number is invalid or has too many digits."), _AMOUNT),
    "XAF3019": (N_("A whole number is invalid."), _VENDOR),
    "XAF3020": (N_("A value differs from the only one allowed."), _VENDOR),
    "XAF3021": (N_("A number is outside the allowed range."), _VENDOR),
    "XAF3030": (N_("Master data follow after the transactions."), _VENDOR),
    "XAF3040": (N_("The file does not conform to the schema."), _VENDOR),
    "XAF3050": (N_("A line of fixed width is invalid."), _VENDOR),
    "XAF4001": (N_("A line names an account that the file doesn't define."), _DECLARE),
    "XAF4002": (N_("A line names a relation that the file doesn't define."), _DECLARE),
    "XAF4003": (N_("A line names a VAT code that the file doesn't define."), _DECLARE),
    "XAF4004": (N_("A transaction names a period that the file doesn't define."), _DECLARE),
    "XAF4005": (N_("A journal names an offset account that the file doesn't define."), _DECLARE),
    "XAF4006": (N_("A VAT code names an account that the file doesn't define."), _DECLARE),
    "XAF4007": (N_("The opening balance names an account that the file doesn't define."), _DECLARE),
    "XAF4008": (N_("References weren't checked: a section of master data is missing."), _DECLARE),
    "XAF5004": (N_("The stated debit total of the opening balance is not the sum of its lines."), _VENDOR),
    "XAF5005": (N_("The stated credit total of the opening balance is not the sum of its lines."), _VENDOR),
    "XAF5006": (N_("The stated totals of the opening balance are not equal."), _OPENING),
    "XAF5007": (N_("The stated debit total of the transactions is not the sum of their lines."), _VENDOR),
    "XAF5008": (N_("The stated credit total of the transactions is not the sum of their lines."), _VENDOR),
    "XAF5009": (N_("The stated totals of the transactions are not equal."), _VENDOR),
    "XAF5010": (N_("A transaction doesn't balance."), _BOOKS),
    "XAF5011": (N_("The stated number of lines of the opening balance is wrong."), _VENDOR),
    "XAF5012": (N_("The stated number of lines of the transactions is wrong."), _VENDOR),
    "XAF5013": (N_("The opening balance doesn't balance."), _OPENING),
    "XAF6001": (N_("A relation is defined twice."), _VENDOR),
    "XAF6002": (N_("An account is defined twice."), _VENDOR),
    "XAF6003": (N_("Two accounts have the same RGS code."), _RGS),
    "XAF6004": (N_("A transaction number occurs twice in a journal."), _VENDOR),
    "XAF6005": (N_("A line number occurs twice in a transaction."), _VENDOR),
    "XAF6006": (N_("A line number occurs twice in the opening balance."), _VENDOR),
    "XAF6007": (N_("A journal is defined twice."), _VENDOR),
    "XAF6008": (N_("A VAT code is defined twice."), _VENDOR),
    "XAF6009": (N_("A period is defined twice."), _VENDOR),
    "XAF6010": (N_("The files of the set contradict each other about master data."), _SET),
    "XAF6011": (N_("The files of the set are of different administrations."), _SET),
    "XAF7001": (N_("An amount is negative; it counts on the other side."), _NONE),
    "XAF7002": (N_("A transaction's date is outside the fiscal year."), _CHECK),
    "XAF7003": (N_("A transaction's date is outside its period."), _CHECK),
    "XAF7004": (N_("The opening balance is there twice: by itself, and as transactions."), _BOOKS),
    "XAF7005": (N_("In XAF 4.0 the opening balance may not be given as transactions."), _VENDOR),
    "XAF7006": (N_("There is no opening balance."), _CHECK),
    "XAF7007": (N_("The fiscal year doesn't fit its first and last day."), _VENDOR),
    "XAF7008": (N_("A date has a time zone, which was ignored."), _NONE),
    "XAF7009": (N_("An identifier begins or ends with a space."), _VENDOR),
    "XAF7010": (N_("Lines have a date outside the fiscal year."), _CHECK),
    "XAF7011": (N_("A transaction has no lines."), _CHECK),
    "XAF7012": (N_("A code has an unusual value."), _VENDOR),
    "XAF7013": (N_("A line has both a debit and a credit amount."), _BOOKS),
    "XAF7014": (N_("A period has no number."), _VENDOR),
    "XAF8001": (N_("An RGS code is only a placeholder."), _RGS),
    "XAF8002": (N_("An RGS code doesn't look like one."), _RGS),
    "XAF8003": (N_("An RGS code is not in this version of RGS."), _RGS),
    "XAF8004": (N_("An RGS code was renamed in a later version."), _RGS),
    "XAF8005": (N_("The version of RGS is not known."), _RGS),
    "XAF8006": (N_("An account has an RGS code of another level than 4 or 5."), _RGS),
    "amount-invalid": (N_("An amount can't be read, or has more than two decimals or 18 digits."), _AMOUNT),
    "date-invalid": (N_("A date can't be read; another day takes its place."), _VENDOR),
    "encoding-differs": (N_("The file states another encoding than it has."), _NAMES),
    "offset-lines": (N_("The offset account of each entry is named by its journal only."), _CHECK),
    "opening-twice": (N_("The opening balance is there twice, with the same amounts; it counts once."), _NONE),
    "set-incomplete": (N_("Parts of the set are missing."), _SET),
    "subledger-reference": (N_("Lines of a sub-ledger belong to no line of an entry."), _VENDOR),
}


def one_line(field: str, value: str | None) -> str:
    """A value in which a file differs from the books, as it is shown: addresses (JSON) by their parts, all else as it is stored."""
    try:
        addresses = json.loads(value or "") if field == "addresses" else []
        return "; ".join(" ".join(str(part) for name, part in one.items() if name != "kind") for one in addresses) or value or "—"
    except (ValueError, RecursionError, TypeError, AttributeError):
        return value or "—"
