"""The codes of licence files: reading them, importing them, and the lists of issuers and of revocations."""

from accountools.domain.codes.code import Code, Weight
from accountools.domain.messages import N_

_ASK_AGAIN = N_("Ask the client to email the licence file again, as an attachment, unchanged.")
_ASK_SUPPLIER_AGAIN = N_("Ask your supplier to email the licence file again, as an attachment, unchanged.")
_ASK_FOR_LIST = N_("Ask the issuer for its latest list.")
_IMPORT_NEW_LICENCE = N_("Import the new licence of {after} afterwards: until then there can be no hand-over.")

CODES = {
    "file-not-found": Code(
        N_("There is no file {path}."),
        N_("Check the path, or look the file up."),
        variants={
            "folder": Code(N_("There is no folder {folder}."), N_("Check the path, or create the folder.")),
        },
    ),
    "file-too-large": Code(
        N_("{path} is larger than a licence file can be (64 KiB)."),
        N_("Choose the licence file itself."),
        variants={
            "limit": Code(N_("{path} is too large: such a file has at most {limit}."), N_("Check which file it is.")),
            "packed": Code(
                N_("{path} is larger than an email or ZIP with a licence can be, or holds too much."),
                N_("Save the licence from it, and choose that file."),
            ),
            "issued": Code(
                N_("Licence {issued} would be larger than a licence file can be (64 KiB)."),
                N_("Issue it for fewer modules, or with shorter names."),
            ),
            "revoked": Code(
                N_("A revocation list of {revoked} numbers would be larger than one can be (16 MiB)."),
                N_("Revoke fewer numbers, or continue with a new issuer."),
            ),
        },
    ),
    "not-a-licence": Code(
        N_("{path} does not contain exactly one readable licence."),
        _ASK_AGAIN,
        variants={
            "revocations": Code(
                N_("{path} does not contain exactly one readable revocation list."), N_("Choose the revocation list that the issuer sent.")
            ),
            "licences": Code(
                N_("Different licences in {path}: {licences}."), N_("Save each as a file of its own, and choose the right one.")
            ),
            "locked": Code(
                N_("{path} is locked with a password."),
                N_("Ask the client for the licence file itself, or unpack it first."),
                variants={
                    "own_file": Code(
                        N_("{path} is locked with a password."), N_("Ask your supplier for the licence file itself, or unpack it first.")
                    ),
                },
            ),
            "own_file": Code(N_("{path} does not contain exactly one readable licence."), _ASK_SUPPLIER_AGAIN),
        },
    ),
    "algorithm-not-allowed": Code(
        N_("The file states “{algorithm}” as the algorithm of its signature; only EdDSA is accepted."),
        N_("Don't use this file; ask the issuer for a valid one."),
    ),
    "wrong-type": Code(
        N_("This is a signed file of another type ({type}), not a licence."),
        N_("Choose the licence file."),
        variants={
            "revocations": Code(
                N_("This is a signed file of another type ({type}), not a revocation list."),
                N_("Choose the revocation list that the issuer sent."),
            ),
            "members": Code(
                N_("The header of the file has something in it that isn't allowed there ({members})."),
                N_("Don't use this file; ask the issuer for a valid one."),
            ),
        },
    ),
    "unknown-issuer": Code(
        N_("The licence was issued by an issuer that this office doesn't trust (key {key})."),
        N_("If you know the issuer, check its key and add it with `accountools trust add`."),
        variants={
            "samples": Code(
                N_("This is the issuer of the sample files (key {key}): it counts in a demonstration office only."),
                N_("Choose your supplier's list of issuers (trust.jwks)."),
            ),
            "revocations": Code(
                N_("The revocation list was issued by an issuer that this office doesn't trust (key {key})."),
                N_("If you know the issuer, check its key and add it with `accountools trust add`."),
            ),
            "beside": Code(
                N_("The licence was issued by an issuer that is not in {beside} (key {key})."),
                N_("Choose the list of issuers that came with this licence, or ask your supplier for it."),
            ),
            "own_file": Code(
                N_("The licence was issued by an issuer that this office doesn't trust (key {key})."),
                N_(
                    "Ask your supplier where the file comes from. If you know its issuer, check the key and add it with "
                    "`accountools trust add`."
                ),
            ),
        },
    ),
    "bad-signature": Code(
        N_("The signature doesn't match: the licence was changed after it was issued."),
        _ASK_AGAIN,
        variants={
            "revocations": Code(N_("The signature doesn't match: the revocation list was changed after it was issued."), _ASK_FOR_LIST),
            "own_file": Code(N_("The signature doesn't match: the licence was changed after it was issued."), _ASK_SUPPLIER_AGAIN),
        },
    ),
    "claims-invalid": Code(
        N_("The licence is signed, but a field is missing or invalid: {claim}."),
        N_("Ask the issuer for a corrected licence."),
        variants={
            "issued_on": Code(
                N_("The licence says that it was issued on {issued_on}, a day that is still to come."),
                N_("Check the date of this computer; if that is right, ask the issuer for a corrected licence."),
            ),
            "revocations": Code(N_("The revocation list is signed, but a field is missing or invalid: {claim}."), _ASK_FOR_LIST),
        },
    ),
    "licence-revoked": Code(
        N_("Licence {licence} was revoked by its issuer."),
        N_("Ask the client for its current licence."),
        variants={
            "own_file": Code(N_("Licence {licence} was revoked by its issuer."), N_("Ask your supplier for your current licence.")),
        },
    ),
    "licence-not-yet-valid": Code(
        N_("Licence {licence} is valid only from {valid_from}."), N_("Wait until that day, or ask for a licence that is valid now.")
    ),
    "licence-expired": Code(
        N_("Licence {licence} was valid through {valid_until}."),
        N_("Ask the client for the renewed licence."),
        variants={
            "own_file": Code(N_("Licence {licence} was valid through {valid_until}."), N_("Ask your supplier for the renewed licence.")),
        },
    ),
    "wrong-kind": Code(
        N_("Licence {licence} is not a client licence (kind: {kind})."),
        N_("Choose the licence that the client emailed."),
        variants={
            "needed": Code(
                N_("Licence {licence} can't be the office's own licence (kind: {kind}; needed: {needed})."),
                N_("Choose the licence that your supplier issued to your office."),
            ),
            "backup": Code(
                N_("The backup has a licence of an accountancy office in place of a client's ({licence})."),
                N_("Don't restore it; ask for a new one."),
            ),
        },
    ),
    "own-licence": Code(
        N_("Licence {licence} is the office's own licence, not the client's."), N_("Choose the licence that the client emailed.")
    ),
    "licence-differs": Code(
        N_("Licence {licence} is not the one expected here ({expected})."),
        N_("Use the file that belongs to this office's own licence."),
        variants={
            "issuer": Code(
                N_("Licence {licence} was issued by a different issuer ({issuer}) from that of the office's own licence {expected}."),
                N_("Ask the issuer of the office's own licence for one with the new number."),
            ),
            "backup": Code(
                N_("This office restores only backups that it made to keep; this one is for or from a client (licence {licence})."),
                N_("To work in a client's backup, install it: `accountools install`."),
            ),
            "renewed": Code(
                N_("Licence {licence} is not the one expected here ({expected})."),
                N_("Use the file that renews this office's own licence; if your supplier gave the office a new number, add --new-number."),
            ),
        },
    ),
    "revocations-older": Code(
        N_("This revocation list (number {seq}) is not newer than the current one (number {held})."),
        _ASK_FOR_LIST,
    ),
    "kvk-differs": Code(
        N_("The licence is for KvK number {licence_kvk}; the client has {client_kvk}."),
        N_("Check that this is the client's licence; accept only if it is."),
        Weight.NEEDS_CONFIRMATION,
        variants={
            "after": Code(
                N_("The licence that was imported is for KvK number {licence_kvk}, the client will have {client_kvk}."), _IMPORT_NEW_LICENCE
            ),
            "office": Code(
                N_("The licence is for KvK number {licence_kvk}, the office has {client_kvk}."),
                N_("Check that this is the licence of {office}; accept only if it is."),
                Weight.NEEDS_CONFIRMATION,
            ),
            "other": Code(
                N_("The audit file is that of {other} (KvK {file_kvk}), another client here, not of {client}."),
                N_("Import it into the administration of {other}; accept only if the entries are {client}'s nevertheless."),
                Weight.NEEDS_CONFIRMATION,
            ),
            "file_kvk": Code(
                N_("The audit file is of KvK number {file_kvk}; the client has {client_kvk}."),
                N_("Check that this is the client's audit file; accept only if it is."),
                Weight.NEEDS_CONFIRMATION,
            ),
        },
    ),
    "other-client": Code(
        N_("Licence {licence} is that of {other} (KvK {kvk}), another client here, not of {client}."),
        N_("Choose the licence that {client} emailed; import this one into the administration of {other}."),
    ),
    "name-differs": Code(
        N_("The licence is in the name of “{licence_name}”, the client is called “{client_name}”."),
        N_("Check that this is the client's licence; accept only if it is."),
        Weight.NEEDS_CONFIRMATION,
        variants={
            "after": Code(
                N_("The licence that was imported is in the name of “{licence_name}”, the client will be called “{client_name}”."),
                _IMPORT_NEW_LICENCE,
            ),
            "file_name": Code(
                N_("The audit file is of “{file_name}”, the client is called “{client_name}”."),
                N_("Check that this is the client's audit file; accept only if it is."),
                Weight.NEEDS_CONFIRMATION,
            ),
        },
    ),
    "older-than-current": Code(
        N_("This licence was issued before licence {held}, which has been imported or is in the inbox."),
        N_("Find the newer file; accept only if you want the older one."),
        Weight.NEEDS_CONFIRMATION,
        variants={
            "present": Code(
                N_("This licence was issued before the office's present one ({present})."),
                N_("Find the newer file; accept only if you want the older one."),
                Weight.NEEDS_CONFIRMATION,
            ),
        },
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
        N_("Licence {licence} expires on {valid_until}."),
        N_("Ask the client to renew it in time."),
        Weight.INFORMS,
        variants={
            "own_office": Code(
                N_("Your own licence {licence} expires on {valid_until}."), N_("Ask your supplier for a new one in time, then renew it.")
            ),
        },
    ),
    "trust-invalid": Code(N_("{path} is not a list of issuers' public Ed25519 keys (JWKS)."), N_("Ask the issuer for its trust.jwks.")),
}
