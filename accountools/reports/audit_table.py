"""The rows of the audit: for each client and administration the licence, the user, the last backup and the obstacles."""

from dataclasses import dataclass, fields
from datetime import date
from typing import TYPE_CHECKING, Any

from accountools.domain.administration import Client, find_user
from accountools.domain.calendar import HeldDay
from accountools.domain.codes.code import Weight
from accountools.domain.identifiers import AdministrationNumber, KvkNumber
from accountools.domain.obstacle import Obstacle, obstacle
from accountools.operations.register import handover_rules
from accountools.operations.register.state import AdministrationState, all_states
from accountools.operations.session import HeldLicence, Office
from accountools.reports.verdict_cache import cached_verdicts
from accountools.storage.register import backups, clients

if TYPE_CHECKING:
    import pandas

STATES = ("ready", "attention", "blocked", "missing")


@dataclass(frozen=True)
class AuditRow:
    """One administration of a client, or a client that has none at all (`number` None)."""

    client: str
    kvk: str
    number: AdministrationNumber | None
    description: str | None
    licence_number: str | None
    licence_status: str
    valid_until: date | None
    user: str | None
    user_status: str
    last_handover: str | None
    last_rehearsed: str | None
    state: str
    obstacles: tuple[Obstacle, ...]

    def cells(self) -> tuple[Any, ...]:
        """The values of `COLUMNS`; obstacles as their codes, separated by spaces."""
        return (*self.document().values(), " ".join(one.code for one in self.obstacles))

    def document(self) -> dict[str, Any]:
        """The row as JSON, without the obstacles: their sentences depend on the language of the caller."""
        row = {column: getattr(self, column) for column in COLUMNS if column != "obstacles"}
        row["number"] = None if self.number is None else int(self.number)
        row["valid_until"] = self.valid_until.isoformat() if self.valid_until else None
        return row


COLUMNS = tuple(one.name for one in fields(AuditRow))


@dataclass(frozen=True)
class AuditTable:
    """The state of the office on a day. In a client's own office it is about what the client needs: nothing is handed over there."""

    on: date
    rows: tuple[AuditRow, ...]
    held_day: HeldDay | None = None
    is_client_office: bool = False

    def summary(self) -> dict[str, int]:
        """How many rows are in each state."""
        return {state: sum(1 for row in self.rows if row.state == state) for state in STATES}

    def frame(self) -> "pandas.DataFrame":
        """The rows as a pandas table, one column for each of `COLUMNS`; obstacles as their codes."""
        import pandas as pd

        return pd.DataFrame([row.cells() for row in self.rows], columns=list(COLUMNS)).astype({"number": "Int64"})


def compute_rows(office: Office) -> tuple[date, tuple[AuditRow, ...], HeldDay | None, bool]:
    """The fields of the table: a row for each administration of a client, and for each client that has none.

    Templates and archived administrations have no row, nor do clients whose administrations are all archived.
    """
    with cached_verdicts(office) as verdicts, office.session() as session:
        own, today = session.own, session.context.today
        days = backups.last_days(session.connection)
        known = {client.kvk: client for client in clients.list_all(session.connection)}
        by_client: dict[KvkNumber, list[AuditRow]] = {kvk: [] for kvk in known}
        without = dict.fromkeys(known)
        for state in all_states(session, verify=lambda token: session.hold(verdicts.read_token(token, session.trust)), known=known):
            if state.client is None:
                continue
            without.pop(state.client.kvk, None)
            if not state.administration.archived:
                row = _row(own, state.client, state, days.get(state.administration.number, (None, None)), today)
                by_client[state.client.kvk].append(row)
        for kvk in without:
            by_client[kvk].append(_row_without_administration(own, known[kvk], today))
        found = tuple(row for rows in by_client.values() for row in rows)
    return today, found, session.context.held_day, handover_rules.is_client_office(own)


def _row_without_administration(own: HeldLicence, client: Client, today: date) -> AuditRow:
    if own.licence is not None and handover_rules.is_client_office(own):
        todo = obstacle("no-administration", client=client.name, own_office=True).with_weight(Weight.INFORMS)
        held = own.licence.number, own.licence.status(today, revoked=own.revoked), own.licence.valid_until
        return AuditRow(
            client.name, client.kvk, None, None, *held, None, "missing", None, None, handover_rules.handover_state(True, (todo,)), (todo,)
        )
    missing = (obstacle("no-administration", client=client.name), handover_rules.no_licence(client))
    return AuditRow(client.name, client.kvk, None, None, None, "missing", None, None, "missing", None, None, "missing", missing)


def _row(own: HeldLicence, client: Client, state: AdministrationState, days: tuple[str | None, str | None], today: date) -> AuditRow:
    obstacles = handover_rules.audit_obstacles(own, state, today)
    licence = state.held.licence if state.held else None
    user = find_user(state.users, state.imported.login) if state.imported else None
    return AuditRow(
        client=client.name,
        kvk=client.kvk,
        number=state.administration.number,
        description=state.administration.description,
        licence_number=licence.number if licence else None,
        licence_status=licence.status(today, revoked=state.held.revoked) if licence and state.held else "missing",
        valid_until=licence.valid_until if licence else None,
        user=user.login if user else None,
        user_status="missing" if user is None else "active" if user.active else "inactive",
        last_handover=days[0],
        last_rehearsed=days[1],
        state=handover_rules.handover_state(state.held is not None, obstacles),
        obstacles=obstacles,
    )
