"""The extract of the register for one administration, as it goes into an image and comes out of one."""

import json
from dataclasses import dataclass
from typing import Any

from accountools.domain.administration import Client, User, find_user
from accountools.domain.errors import AccountoolsError, Unsound
from accountools.domain.identifiers import (
    AdministrationNumber,
    KvkNumber,
    Login,
    parse_description,
    parse_employee,
    parse_name,
    single_line,
)
from accountools.domain.ledger import ControlTotals
from accountools.domain.obstacle import Part
from accountools.formats.claims import Claims
from accountools.operations.register.state import AdministrationState

_LONGEST_NAME = 1 << 20  # the register sets no limit to the name of a user


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
        if json.loads(rows["counts"]) != totals.counts() or json.loads(rows["totals"]) != totals.totals():
            raise Unsound("schema-unexpected", what=Part.CONTROL_TOTALS)
        client = json.loads(rows["client"])
        found = RegisterExtract(
            AdministrationNumber.parse(rows["number"]),
            parse_description(rows["description"]),
            None if client is None else Client(KvkNumber.parse(client["kvk"]), parse_name(client["name"]), single_line(client["city"])),
            _users(rows["users"]),
            rows.get("licence"),
            Login.parse(rows["licence_user"]) if "licence_user" in rows else None,
            single_line(rows["by"]),
        )
        if found.login is not None and find_user(found.users, found.login) is None:
            raise Unsound("schema-unexpected", what="licence_user")
        return found
    except (AccountoolsError, KeyError, ValueError, TypeError, RecursionError) as error:
        raise Unsound("schema-unexpected", what=Part.EXTRACT) from error


def _users(text: str) -> tuple[User, ...]:
    claims = Claims.parse(f'{{"users":{text}}}'.encode())
    found = tuple(
        User(
            Login.parse(one.text("login")),
            parse_name(one.text("name", longest=_LONGEST_NAME)),
            parse_employee(None if one.members.get("employee") is None else one.count("employee")),
            one.members.get("active") is True,
            one.members.get("office") is True,
        )
        for one in claims.objects("users", most=100_000)
    )
    if len({user.login.key for user in found}) != len(found):
        raise ValueError("a login stands twice")
    return found
