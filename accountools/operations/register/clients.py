"""Clients of the office."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from accountools.domain.administration import Client
from accountools.domain.codes.code import Weight
from accountools.domain.events.administrations import ClientAdded, ClientChanged
from accountools.domain.identifiers import AdministrationNumber, KvkNumber
from accountools.domain.licence import Difference
from accountools.domain.obstacle import Obstacle, obstacle
from accountools.operations.plan import RegisterPlan
from accountools.operations.register import handover_rules
from accountools.operations.register.state import states_of
from accountools.operations.session import Office, Session
from accountools.storage.register import administrations, clients, licences, signers


@dataclass(frozen=True, kw_only=True)
class ClientChangePlan(RegisterPlan):
    """What a client would be called from now on. `administrations` are the client's, with their versions."""

    present: Client
    changed: Client
    administrations: tuple[tuple[AdministrationNumber, int], ...]

    @property
    def differences(self) -> tuple[Difference, ...]:
        """What changes: `name`, `kvk`, `city`."""
        old, new = vars(self.present), vars(self.changed)
        return tuple(Difference(what, old[what], new[what]) for what in ("name", "kvk", "city") if old[what] != new[what])

    def inputs(self) -> dict[str, Any]:
        """The client as it is and as it would be, and its administrations."""
        return {"present": vars(self.present), "changed": vars(self.changed), "administrations": self.administrations}

    @property
    def subject(self) -> str:
        """The client."""
        return self.present.name

    def plan_again(self, session: Session) -> "ClientChangePlan":
        """Read the client again."""
        return _plan_change(session, self.present.kvk, self.changed)

    def commit(self, session: Session) -> None:
        """Change the client. What was accepted of a licence for the name or number that it had, is no longer accepted."""
        if not self.differences:
            return
        connection, former = session.connection, self.present.kvk
        clients.update(connection, former, self.changed)
        if self.changed.kvk != former:
            signers.move(connection, former, self.changed.kvk)
        event = ClientChanged(**vars(self.changed), former_kvk=former)
        for number, _ in self.administrations:
            licences.withdraw_accepted(connection, number, event.outdated_codes(self.present.name))
            administrations.update(connection, number)
        session.record(event)


def plan_client_change(
    office: Office, kvk: KvkNumber, *, name: str | None = None, new_kvk: KvkNumber | None = None, city: str | None = None
) -> ClientChangePlan:
    """Plan giving a client another name, KvK number or city; what is None stays. Raises `client-not-found`."""
    with office.session() as session:
        present = clients.get(session.connection, kvk)
        return _plan_change(session, kvk, Client(new_kvk or kvk, name or present.name, present.city if city is None else city))


def _plan_change(session: Session, kvk: KvkNumber, changed: Client) -> ClientChangePlan:
    """The plan, which also tells of which administrations the licence wouldn't be the changed client's, and which the client has too."""
    connection, present = session.connection, clients.get(session.connection, kvk)
    theirs = [one for one in administrations.list_all(connection) if one.client_kvk == kvk]
    found: list[Obstacle] = []
    if changed.kvk != kvk and (other := clients.find(connection, changed.kvk)) is not None:
        found.append(obstacle("client-exists", kvk=other.kvk, name=other.name))
    if changed != present:
        held = [state.held.licence for state in states_of(session, [one.number for one in theirs]) if state.held is not None]
        differing = {one: None for licence in held if licence is not None for one in handover_rules.identity_obstacles(licence, changed)}
        found += [replace(one, facts=(*one.facts, ("after", changed.name)), weight=Weight.INFORMS) for one in differing]
    exchanged = [str(one.number) for one in theirs if administrations.find_exchanged_revision(connection, one.number) is not None]
    if changed.kvk != kvk and exchanged:
        found.append(obstacle("exchanged-before", numbers=", ".join(exchanged), client=present.name, former_kvk=kvk, kvk=changed.kvk))
    return ClientChangePlan(
        obstacles=tuple(found),
        present=present,
        changed=changed,
        administrations=tuple((one.number, one.version) for one in theirs),
    )


def add_client(office: Office, client: Client) -> None:
    """Add a client. Raises `client-exists`."""
    with office.session(write=True) as session:
        add_in(session, client)


def add_in(session: Session, client: Client) -> None:
    """Add a client in a transaction that is under way. Raises `client-exists`."""
    clients.add(session.connection, client)
    session.record(ClientAdded(kvk=client.kvk, name=client.name, city=client.city))


def import_clients(office: Office, new: Iterable[Client]) -> tuple[tuple[Client, ...], tuple[tuple[Client, Client], ...]]:
    """Add those of a list that aren't known yet; gives the added ones, and those that were there, each beside the one here. All or none."""
    added, known = list[Client](), list[tuple[Client, Client]]()
    with office.session(write=True) as session:
        held = {client.kvk: client for client in clients.list_all(session.connection)}
        for client in new:
            there = held.setdefault(client.kvk, client)
            if there is client:
                add_in(session, client)
                added.append(client)
            else:
                known.append((client, there))
    return tuple(added), tuple(known)


def has_other_details(client: Client, there: Client) -> bool:
    """Whether a list has another name or city than the client here; a city that isn't in it is no other one."""
    return client.name != there.name or client.city not in {"", there.city}


def list_clients(office: Office) -> tuple[Client, ...]:
    """All clients, by name."""
    with office.session() as session:
        return clients.list_all(session.connection)


def get_client(office: Office, kvk: KvkNumber) -> Client:
    """One client. Raises `client-not-found`."""
    with office.session() as session:
        return clients.get(session.connection, kvk)
