"""A licence as a value: its fields, whether it is valid on a day, and how two of them differ.

`Licence` is made by the reader of licence files from a token whose signature verified; what a token merely claims is an
`UnverifiedLicence`, another type, so that no operation confuses them.
"""

import re
import unicodedata
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal

from accountools.domain.calendar import day_of
from accountools.domain.identifiers import single_line

Kind = Literal["accountant", "client", "demo"]
Status = Literal["valid", "expires-soon", "expired", "not-yet-valid", "revoked"]

E_ACCOUNTANCY = "SE1065"
MODULE_NAMES = {E_ACCOUNTANCY: "E-Accountancy", "SE1063": "E-Cliëntenbeheer"}
SOON = timedelta(days=60)
_CLAIMED = (("number", "sub"), ("issuer", "iss"))
_CLAIMED_DAYS = (("valid_from", "nbf"), ("valid_until", "exp"))

_LEGAL_FORMS = re.compile(
    r"\b(bvba|b v b a|bv|b v|nv|n v|vof|v o f|cv|c v|ua|u a|eenmanszaak|maatschap|co[oö]peratie|stichting|vereniging)\b"
)
_BETWEEN_INITIALS = re.compile(r"(?<=\b[^\W\d_]) (?=[^\W\d_]\b)")


@dataclass(frozen=True)
class Module:
    """A licensed function, known by its code."""

    code: str
    name: str


@dataclass(frozen=True)
class Licensee:
    """The holder of a licence."""

    name: str
    kvk: str
    city: str
    country: str


@dataclass(frozen=True)
class Licence:
    """A licence whose signature verified. `token` is the signed text it was read from, `key_id` the issuer's key (RFC 7638)."""

    number: str
    kind: Kind
    licensee: Licensee
    users: int
    modules: tuple[Module, ...]
    valid_from: date
    valid_until: date
    issuer: str
    issued_at: datetime
    key_id: str
    token: str
    recipient: str | None = None

    def has_module(self, code: str) -> bool:
        """Whether the module with this code is licensed."""
        return any(module.code == code for module in self.modules)

    @property
    def is_accountant_office(self) -> bool:
        """Whether an office under it is an accountant's: kind accountant, or demo with E-Accountancy (S4)."""
        return self.kind == "accountant" or (self.kind == "demo" and self.has_module(E_ACCOUNTANCY))

    def status(self, today: date, *, revoked: bool = False) -> Status:
        """Its status on `today` (a day in Amsterdam); the last day counts as valid."""
        if revoked:
            return "revoked"
        if today < self.valid_from:
            return "not-yet-valid"
        if today > self.valid_until:
            return "expired"
        return "expires-soon" if self.valid_until - today <= SOON else "valid"

    def is_issued_by(self, day: date) -> bool:
        """Whether it was issued on `day` or before: one from the future would make each that follows an older one."""
        return day_of(self.issued_at) <= day

    def document(self) -> dict[str, Any]:
        """The licence as the interface's JSON gives it; the token is not in it."""
        return {
            "number": self.number,
            "kind": self.kind,
            "licensee": vars(self.licensee).copy(),
            "users": self.users,
            "modules": [{"code": module.code, "name": module.name} for module in self.modules],
            "valid_from": self.valid_from.isoformat(),
            "valid_until": self.valid_until.isoformat(),
            "issuer": self.issuer,
        }


@dataclass(frozen=True)
class UnverifiedLicence:
    """The claims of a token whose signature did not verify: to show only."""

    claims: dict[str, Any]

    def document(self) -> dict[str, Any]:
        """The claims, and the fields of `Licence.document` that have another name there, as far as they can be read."""
        found = self.claims | {name: self.claims[claim] for name, claim in _CLAIMED if claim in self.claims}
        for name, claim in _CLAIMED_DAYS:
            with suppress(KeyError, TypeError, ValueError, OverflowError, OSError):
                found[name] = day_of(datetime.fromtimestamp(self.claims[claim], UTC)).isoformat()
        return found


@dataclass(frozen=True)
class Difference:
    """One thing in which two licences differ; `old` None is an addition, `new` None a removal."""

    what: str
    old: str | None
    new: str | None

    def document(self) -> dict[str, str | None]:
        """The difference as JSON."""
        return {"what": self.what, "old": self.old, "new": self.new}


def differences(old: Licence, new: Licence) -> tuple[Difference, ...]:
    """What changes when `new` replaces `old`: the simple fields first, then modules added, removed, renamed."""
    fields = (
        ("number", old.number, new.number),
        ("kind", old.kind, new.kind),
        ("licensee.name", old.licensee.name, new.licensee.name),
        ("licensee.kvk", old.licensee.kvk, new.licensee.kvk),
        ("licensee.city", old.licensee.city, new.licensee.city),
        ("licensee.country", old.licensee.country, new.licensee.country),
        ("users", str(old.users), str(new.users)),
        ("valid_from", old.valid_from.isoformat(), new.valid_from.isoformat()),
        ("valid_until", old.valid_until.isoformat(), new.valid_until.isoformat()),
        ("recipient", old.recipient, new.recipient),
    )
    before, after = ({module.code: f"{module.code} {module.name}" for module in one.modules} for one in (old, new))
    modules = (("module", before.get(code), after.get(code)) for code in sorted(before.keys() | after.keys()))
    return tuple(Difference(what, held, wanted) for what, held, wanted in (*fields, *modules) if held != wanted)


def is_same_name(one: str, other: str) -> bool:
    """Whether two names are of the same client: case, composition, punctuation and legal form don't count."""
    return one == other or _comparable_name(one) == _comparable_name(other)


def _comparable_name(name: str) -> str:
    folded = unicodedata.normalize("NFKC", single_line(name).casefold())
    joined = re.sub(r"(?<=\b\w)\.(?=\w\b|$|\s)", "", folded)
    words = " ".join("".join(c if unicodedata.category(c)[0] in "LMN" else " " for c in joined).split())
    return _BETWEEN_INITIALS.sub("", " ".join(_LEGAL_FORMS.sub(" ", words).split())) or folded
