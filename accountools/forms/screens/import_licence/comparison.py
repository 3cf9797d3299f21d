"""The details of an import, to be compared: what the licence says, the client as the office knows it, what was imported before (S13)."""

from collections.abc import Iterator
from dataclasses import dataclass

from accountools.domain.codes import N_
from accountools.domain.licence import Licence, is_same_name
from accountools.forms.kit.descriptions import describe_modules
from accountools.operations.licences.import_licence import ImportPlan
from accountools.texts import Texts


@dataclass(frozen=True)
class Row:
    """A line of the comparison. `known` is what the office knows of the client, `before` what the licence held until now says.

    Either is None where there is nothing to compare with.
    """

    label: str
    licence: str
    known: str | None = None
    before: str | None = None
    differs: bool = False

    @property
    def changes(self) -> bool:
        """Whether a renewal changes this."""
        return self.before is not None and self.before != self.licence


def compare_details(plan: ImportPlan, texts: Texts) -> tuple[Row, ...]:
    """The rows for a plan that holds a licence; else none."""
    if plan.licence is None:
        return ()
    before = dict(_licence_values(plan.replaces, texts)) if plan.replaces else {}
    client = plan.client
    known = {_LICENSEE: client.name, _KVK: client.kvk, _CITY: client.city or "—"} if client else {}

    def row(label: str, licence: str) -> Row:
        other = known.get(label)
        same = other is None or (is_same_name(licence, other) if label == _LICENSEE else licence.casefold() == other.casefold())
        return Row(texts(label), licence, other, before.get(label), not same)

    return tuple(row(label, text) for label, text in _licence_values(plan.licence, texts))


_LICENSEE, _KVK, _CITY = N_("Licensee"), N_("KvK number"), N_("City")


def _licence_values(licence: Licence, texts: Texts) -> Iterator[tuple[str, str]]:
    yield _LICENSEE, licence.licensee.name
    yield _KVK, licence.licensee.kvk
    yield _CITY, licence.licensee.city or "—"
    yield N_("Licence number"), licence.number
    yield N_("Modules"), describe_modules(licence)
    yield N_("Users"), str(licence.users)
    yield N_("Valid from"), texts.day(licence.valid_from)
    yield N_("Valid until"), texts.day(licence.valid_until)
    yield N_("Issuer"), licence.issuer
