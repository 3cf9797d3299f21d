"""The texts of licences, on the command line, on screens and on paper: their status, and the names of their fields."""

from accountools.domain.messages import N_

STATUSES = {
    "valid": N_("valid"),
    "expires-soon": N_("about to expire"),
    "expired": N_("expired"),
    "not-yet-valid": N_("not yet valid"),
    "revoked": N_("revoked"),
}
FIELDS = {  # those of `domain.licence.Difference`
    "number": N_("Licence number"),
    "kind": N_("Kind"),
    "licensee.name": N_("Licensee"),
    "licensee.kvk": N_("KvK number"),
    "licensee.city": N_("City"),
    "licensee.country": N_("Country"),
    "users": N_("Users"),
    "valid_from": N_("Valid from"),
    "valid_until": N_("Valid until"),
    "recipient": N_("Key for backups"),
    "module": N_("Module"),
}
