"""The codes of administrations and clients."""

from accountools.domain.codes.code import Code, Weight
from accountools.domain.messages import N_

CODES = {
    "number-invalid": Code(
        N_("“{number}” is not an administration number; it runs from 1 to 99999."), N_("Give a number from 1 to 99999.")
    ),
    "number-taken": Code(
        N_("Administration {number} already exists."),
        N_("Choose a free number."),
        variants={
            "replaceable": Code(
                N_("Administration {number} already exists."), N_("To replace it by the one in the backup, add --replace.")
            ),
        },
    ),
    "administration-not-found": Code(
        N_("There is no administration {number}."), N_("List the numbers with `accountools administration list`.")
    ),
    "description-too-long": Code(N_("The description has {length} characters; the maximum is 60."), N_("Make the description shorter.")),
    "client-not-found": Code(
        N_("There is no client for {what}."),
        N_("Add the client first, with its name and KvK number: `accountools client add`."),
        variants={
            "template": Code(
                N_("Administration {template} is a template: it has no client."),
                N_("Make a client's administration from it: `accountools administration create NUMBER --client KVK --from {template}`."),
            ),
        },
    ),
    "client-exists": Code(N_("A client with KvK number {kvk} already exists: {name}."), N_("Use that client.")),
    "exchanged-before": Code(
        N_("A backup of administration {numbers} was exchanged with {client}, which has the former KvK number in its own office."),
        N_(
            "Have the client change it too, in its own office and before it restores the next backup: "
            "`accountools client change {former_kvk} --kvk {kvk}`."
        ),
        Weight.INFORMS,
    ),
    "kvk-invalid": Code(
        N_("“{kvk}” is not a KvK number of eight digits."),
        N_("Look the number up in the trade register."),
        variants={
            "shortened": Code(
                N_("“{kvk}” is not a KvK number of eight digits."),
                N_(
                    "A spreadsheet drops a zero at the beginning. "
                    "Look the number up in the trade register, and give it as a text of eight digits."
                ),
            ),
        },
    ),
    "name-missing": Code(N_("A name is missing."), N_("Fill in a name.")),
}
