"""The members of an office: who may make backups, because the key that signs them is sealed to their own age key.

On a server the key is nowhere else. In a folder it lies there too, for who may read that folder.
"""

from dataclasses import dataclass
from typing import Any

from accountools import safe_files
from accountools.domain.errors import Refused
from accountools.domain.events.keys import MemberAdmitted, MemberDismissed
from accountools.domain.identifiers import parse_name
from accountools.domain.obstacle import obstacle
from accountools.formats import encryption
from accountools.formats.key_files import find_or_create_identity
from accountools.formats.signatures import SigningKey
from accountools.operations.backup_key import add_member, find_own, replace_backup_key
from accountools.operations.plan import RegisterPlan
from accountools.operations.progress import Progress
from accountools.operations.register.file_replacement import finish_replacements
from accountools.operations.session import Office, Session
from accountools.storage.register import members
from accountools.storage.register.members import Member
from accountools.storage.sqlite.office_files import BACKUP_KEY


def list_members(office: Office) -> tuple[Member, ...]:
    """All members, by name."""
    with office.session() as session:
        return members.list_all(session.connection)


def admit(office: Office, name: str, recipient: str) -> Member:
    """Let somebody make backups: seal the key to `recipient`. Who does it must be a member, or have the key in the office's folder.

    Raises `name-missing`, `recipient-invalid`, `member-exists`, `member-not-found`.
    """
    name, recipient = parse_name(name), encryption.encryption_for_recipient(recipient).recipient
    with office.session(write=True) as session:
        connection = session.connection
        for one in members.list_all(connection):
            if one.name.casefold() == name.casefold() or one.recipient == recipient:
                raise Refused("member-exists", name=one.name, recipient=one.recipient)
        admitted = add_member(connection, office.backup_key, name, recipient, session.now_text)
        session.record(MemberAdmitted(name=name, recipient=recipient))
    if office.engine.key_path is None:
        safe_files.discard(office.folder / BACKUP_KEY)  # as older versions had it
    return admitted


def admit_self(session: Session, key: SigningKey) -> Member | None:
    """Where the key is sealed to members only: make who is at work one, by the name in the journal. They have the key.

    Gives the member, for the event; None when there is nothing to do.
    """
    if session.office.engine.key_path is not None:
        return None
    identity = find_or_create_identity()
    if find_own(members.list_all(session.connection), identity) is not None:
        return None
    return add_member(session.connection, key, session.context.actor, identity.recipients[0], session.now_text)


@dataclass(frozen=True, kw_only=True)
class DismissPlan(RegisterPlan):
    """Who would make no more backups. The office gets a new key, which is sealed to `remaining`; `present` is the key that it has."""

    member: Member
    remaining: tuple[Member, ...]
    present: str

    def inputs(self) -> dict[str, Any]:
        """The members and the key."""
        remaining = [[one.name, one.recipient] for one in self.remaining]
        return {"name": self.member.name, "recipient": self.member.recipient, "remaining": remaining, "present": self.present}

    @property
    def subject(self) -> str:
        """The member."""
        return self.member.name

    def plan_again(self, session: Session) -> "DismissPlan":
        """Read the members again."""
        return _plan_dismiss(session, self.member.name)

    def commit(self, session: Session) -> None:
        """Remove the member, make a new key, and seal it to the others."""
        key = SigningKey.new()
        members.remove(session.connection, self.member.name)
        replace_backup_key(session.office.engine, session.connection, key)
        session.record(MemberDismissed(name=self.member.name, key=key.public.thumbprint, replaces=self.present))

    def execute(self, office: Office, progress: Progress) -> str:
        """As every plan of the register; gives the thumbprint of the new key."""
        super().execute(office, progress)
        finish_replacements(office)
        with office.session() as session:
            return session.recorded_trust.key or ""


def plan_dismiss(office: Office, name: str) -> DismissPlan:
    """Plan dismissing a member. Raises `member-not-found`."""
    with office.session() as session:
        return _plan_dismiss(session, name)


def _plan_dismiss(session: Session, name: str) -> DismissPlan:
    held = members.list_all(session.connection)
    found = next((one for one in held if one.name == name), None)
    if found is None:
        raise Refused("member-not-found", name=name)
    remaining = tuple(one for one in held if one != found)
    is_last = session.office.engine.key_path is None and not remaining
    return DismissPlan(
        obstacles=(obstacle("member-last", name=name),) if is_last else (),
        member=found,
        remaining=remaining,
        present=session.present_key,
    )
