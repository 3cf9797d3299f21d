"""A licence in words, as the screens that look at licences tell it."""

from collections.abc import Iterator
from html import escape

from accountools.domain.codes import N_
from accountools.domain.licence import Difference, Licence
from accountools.forms.kit.comparison import STATUSES
from accountools.forms.kit.style import mark
from accountools.texts import Texts

KINDS = {"client": N_("client's"), "accountant": N_("office's"), "demo": N_("demonstration")}
IN_STATE = {"valid": "ready", "expires-soon": "attention", "expired": "blocked", "revoked": "blocked", "not-yet-valid": "blocked"}
NAMES = {
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
_DAYS = ("valid_from", "valid_until")


def licence_facts(licence: Licence, status: str, _: Texts) -> Iterator[tuple[str, str]]:
    """What a licence says, as pairs of a name and HTML; its state first."""
    yield _("State"), mark(IN_STATE[status], _(STATUSES[status]))
    yield _("Licence number"), escape(licence.number)
    yield _("Kind"), escape(_(KINDS[licence.kind]))
    yield _("Licensee"), escape(licence.licensee.name)
    yield _("KvK number"), escape(licence.licensee.kvk)
    yield _("City"), escape(licence.licensee.city or "—")
    yield _("Modules"), escape(modules(licence))
    yield _("Users"), str(licence.users)
    yield _("Valid"), escape(_("{first} until {last}", first=licence.valid_from, last=licence.valid_until))
    yield _("Issuer"), escape(licence.issuer)


def modules(licence: Licence) -> str:
    """The modules in a line."""
    return ", ".join(f"{module.code} {module.name}" for module in licence.modules) or "—"


def changes(found: tuple[Difference, ...], _: Texts) -> Iterator[tuple[str, str, str]]:
    """Differences in words: what, how it was, how it is."""
    for one in found:
        yield _(NAMES[one.what]), _value(one, one.old, _), _value(one, one.new, _)


def _value(one: Difference, value: str | None, _: Texts) -> str:
    if value is None:
        return "—"
    return _.iso_day(value) if one.what in _DAYS else _(KINDS[value]) if one.what == "kind" else value
