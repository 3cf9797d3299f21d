"""The extract of the register for one administration, as it goes into an image and comes out of one."""

import json
from dataclasses import dataclass
from typing import Any

from accountools.domain.administration import Client, User
from accountools.domain.errors import AccountoolsError, Refused, Unsound
from accountools.domain.identifiers import (
    MAX_DESCRIPTION,
    AdministrationNumber,
    KvkNumber,
    Login,
    is_single_line,
    parse_employee,
)
from accountools.domain.ledger import ControlTotals
from accountools.domain.obstacle import Part
from accountools.formats.claims import Claims, canonical, parse_json
from accountools.operations.register.state import AdministrationState
from accountools.storage.image.frozen_schema import EXTRACT_NAMES
from accountools.storage.schema import LONGEST_TEXT

_OPTIONAL = {"licence", "licence_user"}
_MAX_USERS, _LONGEST_NAME = 100_000, 1 << 20  # of a user; the register itself sets no limits


@dataclass(frozen=True)
class RegisterExtract:
    """An administration without its books: what the client gets of the register. `licence` is the client's token, never the office's."""

    number: AdministrationNumber
    description: str
    client: Client | None
    users: tuple[User, ...]
    licence: str | None
    login: Login | None
    by: str

    def contents(self, totals: ControlTotals) -> dict[str, Any]:
        """What a plain backup's manifest says of it."""
        return {
            "description": self.description,
            "client": vars(self.client).copy() if self.client else None,
            "users": [user.document() for user in self.users],
            "counts": totals.counts(),
            "totals": totals.totals(),
            "by": self.by,
        }

    def rows(self) -> dict[str, str]:
        """The rows of the image's table `slice`."""
        rows = {
            "number": str(int(self.number)),
            "description": self.description,
            "client": json.dumps(vars(self.client) if self.client else None, ensure_ascii=False),
            "users": json.dumps([user.document() for user in self.users], ensure_ascii=False),
            "by": self.by,
        }
        return rows | ({"licence": self.licence} if self.licence else {}) | ({"licence_user": self.login} if self.login else {})


def extract_of(state: AdministrationState, actor: str, *, with_office_users: bool) -> RegisterExtract:
    """The extract for an administration; without the office's own users it is for the client, and doesn't name its maker, who is one."""
    users = tuple(user for user in state.users if with_office_users or not user.office)
    token = state.held.licence.token if state.held and state.held.licence else None
    login = next((user.login for user in users if state.imported and user.login.key == state.imported.login.key), None)
    by = actor if with_office_users else ""
    return RegisterExtract(state.administration.number, state.administration.description, state.client, users, token, login, by)


def read_extract(rows: dict[str, str], totals: ControlTotals) -> RegisterExtract:
    """The extract in an image that was opened, compared with the image's own control totals. Raises `schema-unexpected`."""
    try:
        if any(len(value.encode()) > LONGEST_TEXT for name, value in rows.items() if name != "users"):
            raise Unsound("schema-unexpected", what=Part.EXTRACT)
        if [_canonical(rows["counts"]), _canonical(rows["totals"])] != [canonical(totals.counts()), canonical(totals.totals())]:
            raise Unsound("schema-unexpected", what=Part.CONTROL_TOTALS)
        if rows.keys() | _OPTIONAL != EXTRACT_NAMES["administration"]:
            raise Unsound("schema-unexpected", what=Part.EXTRACT)
        client = parse_json(rows["client"].encode())
        found = RegisterExtract(
            _number(rows["number"]),
            _line(rows["description"], longest=MAX_DESCRIPTION),
            None if client is None else _client(client),
            _users(rows["users"]),
            rows.get("licence"),
            Login.read(rows["licence_user"]) if "licence_user" in rows else None,
            _line(rows["by"], empty=True),
        )
        if found.login is not None and found.login not in [user.login for user in found.users]:
            raise Unsound("schema-unexpected", what="licence_user")
        return found
    except (AccountoolsError, KeyError, ValueError, TypeError, RecursionError) as error:
        raise Unsound("schema-unexpected", what=Part.EXTRACT) from error


def validate_extract(extract: RegisterExtract) -> None:
    """Validate, before it is written, that `read_extract` takes it, and as it is: so that what is made can be restored.

    Raises `schema-unexpected`.
    """
    empty = ControlTotals()
    rows = extract.rows() | {"counts": json.dumps(empty.counts()), "totals": json.dumps(empty.totals())}
    try:
        if read_extract(rows, empty) == extract:
            return
    except Unsound:
        pass
    raise Refused("schema-unexpected", what=Part.EXTRACT, number=extract.number, users=_MAX_USERS, characters=_LONGEST_NAME)


def _canonical(text: str) -> bytes:
    """JSON that is read strictly, to compare: in Python `true` and `1.0` are 1."""
    return canonical(parse_json(text.encode()))


def _number(text: str) -> AdministrationNumber:
    number = AdministrationNumber.parse(text)
    if text != f"{int(number)}":
        raise ValueError("another spelling of a number")
    return number


def _line(text: str, *, longest: int = LONGEST_TEXT, empty: bool = False) -> str:
    """A text as its maker normalised it: this reader's own tables of Unicode may be older or newer."""
    if len(text) > longest or not (text or empty) or not is_single_line(text):
        raise ValueError("not a line")
    return text


def _client(members: dict[str, str]) -> Client:
    if not isinstance(members, dict) or members.keys() != {"kvk", "name", "city"}:
        raise TypeError("not a client")
    kvk = KvkNumber.parse(members["kvk"])
    if kvk != members["kvk"]:
        raise ValueError("another spelling of a number")
    return Client(kvk, _line(members["name"]), _line(members["city"], empty=True))


def _users(text: str) -> tuple[User, ...]:
    claims = Claims({"users": parse_json(text.encode())})
    found = tuple(map(_user, claims.objects("users", most=_MAX_USERS)))
    if len({user.login.key for user in found}) != len(found):
        raise ValueError("a login stands twice")
    return found


def _user(one: Claims) -> User:
    if one.members.keys() != {"login", "name", "employee", "active", "office"}:
        raise ValueError("other members than a user has")
    name = one.text("name", longest=_LONGEST_NAME)
    employee = parse_employee(None if one.members["employee"] is None else one.count("employee"))
    return User(Login.read(one.text("login")), name, employee, one.flag("active"), one.flag("office"))
