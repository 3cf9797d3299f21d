"""The key that signs an office's backups: in a folder a file, 0600; on a server in the database only, sealed to each member."""

import base64

import sqlalchemy as sa

from accountools.domain.errors import MachineFailed, Refused
from accountools.domain.obstacle import Obstacle
from accountools.formats import armor, encryption
from accountools.formats.key_files import Identity, find_identity, identity_path
from accountools.formats.signatures import SigningKey
from accountools.safe_files import read_whole
from accountools.storage.engine import Engine
from accountools.storage.register import members
from accountools.storage.register.members import Member
from accountools.storage.sqlite.office_files import BACKUP_KEY, replace_recorded


def read_backup_key(engine: Engine) -> SigningKey:
    """The key, as it is now.

    Raises `office-damaged` when there is none that can be read; on a server `member-not-found` for who isn't a member, or has no age key.
    """
    try:
        return SigningKey.from_pem(_read_pem(engine))
    except ValueError as error:
        raise MachineFailed("office-damaged", what=BACKUP_KEY) from error


def key_obstacles(engine: Engine) -> tuple[Obstacle, ...]:
    """Why the user can make no backups on a server: `member-not-found`. A key that can't be read is reported by who uses it."""
    try:
        if engine.key_path is None:
            read_backup_key(engine)
    except Refused as error:
        return (error.reason,)
    except MachineFailed:
        pass
    return ()


def _read_pem(engine: Engine) -> bytes:
    path = engine.key_path
    if path is None:
        with engine.reading() as connection:
            held = members.list_all(connection)
        if held:
            return _open(held)
        path = engine.folder / BACKUP_KEY  # as older versions had it
    try:
        return read_whole(path, armor.LARGEST)
    except Refused as error:
        raise MachineFailed("office-damaged", what=BACKUP_KEY) from error


def _open(held: tuple[Member, ...]) -> bytes:
    """The key that is sealed to the user. Raises `member-not-found`."""
    identity = find_identity()
    if identity is None:
        raise Refused("member-not-found", identity=identity_path())
    own = find_own(held, identity)
    if own is None:
        raise Refused("member-not-found", recipient=identity.recipients[0])
    try:
        return encryption.decrypt_bytes(base64.b64decode(own.sealed), identity.secrets, None)
    except (Refused, ValueError) as error:
        raise MachineFailed("office-damaged", what=BACKUP_KEY) from error


def find_own(held: tuple[Member, ...], identity: Identity) -> Member | None:
    """The member who the user is."""
    return next((one for one in held if one.recipient in identity.recipients), None)


def replace_backup_key(engine: Engine, connection: sa.Connection, key: SigningKey) -> None:
    """Put a key in the place of the present one, in the transaction that records it: for all who are members then."""
    if engine.key_path is not None:
        replace_recorded(engine.key_path, key.pem())
    seal_to_members(connection, key)


def seal_to_members(connection: sa.Connection, key: SigningKey) -> None:
    """Seal the key anew to each member."""
    for one in members.list_all(connection):
        add_member(connection, key, one.name, one.recipient, one.since)


def add_member(connection: sa.Connection, key: SigningKey, name: str, recipient: str, since: str) -> Member:
    """Add a member, to whom the key is sealed, in place of one of that name; gives it. Raises `recipient-invalid`."""
    sealed = base64.b64encode(encryption.encrypt_bytes(key.pem(), recipient, None)).decode()
    added = Member(name, recipient, sealed, since)
    members.save(connection, added)
    return added
