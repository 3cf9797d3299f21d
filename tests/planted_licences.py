"""Backups with an accountant's licence planted in them, in each way that one could have come to lie there."""

import base64
import gzip
import io
import json
import shutil
import sqlite3
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pyrage
import zstandard

from accountools.formats.backup.reader import BackupFile
from accountools.formats.backup.writer import SigningOffice, write_backup
from accountools.formats.encryption import encryption_for_recipient
from accountools.office import Office
from accountools.storage import schema
from accountools.version import VERSION
from tests.test_handover import image_of

LOOSE = ("secure_delete = OFF", "trusted_schema = OFF")


@dataclass(frozen=True)
class PlantingContext:
    """What is planted and where: a licence's file and token, an image to begin with, the office that signs, a recipient."""

    licence: str
    token: str
    backup: Path
    office: Office
    recipient: str

    def image(self, path: Path) -> Path:
        """The image of a good backup, as a file of its own."""
        path.write_bytes(image_of(self.backup))
        return path

    def sign(self, path: Path, image: Path, *, encrypted: bool = False) -> Path:
        """A backup of `image` that the office itself has signed."""
        with BackupFile(self.backup, schema.VERSION, VERSION) as good:
            lock = encryption_for_recipient(self.recipient) if encrypted else None
            draft = replace(good.manifest, recipients=(self.recipient,) if encrypted else (), contents=None)
        with self.office.session() as session, path.open("wb+") as target:
            licensee = session.own_licence.licensee
            write_backup(target, image, draft, SigningOffice(licensee.name, licensee.kvk, self.office.backup_key), lock)
        return path


@contextmanager
def changing(path: Path, *pragmas: str) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for pragma in (*LOOSE, *pragmas):
            connection.execute(f"PRAGMA {pragma}").fetchall()
        yield connection


def insert_text(connection: sqlite3.Connection, text: str | bytes) -> None:
    """Put a text in the books, as the description of a line; where there are none, in a table of its own."""
    connection.execute("CREATE TABLE IF NOT EXISTS notes (body)")
    connection.execute("INSERT INTO notes VALUES (?)", (text,))


Planter = Callable[[PlantingContext, Path], Path]
PLANTERS: dict[str, Planter] = {}


def planter(function: Planter) -> Planter:
    PLANTERS[function.__name__] = function
    return function


def _text(name: str, make: Callable[[PlantingContext], str | bytes]) -> None:
    def plant(bed: PlantingContext, folder: Path) -> Path:
        path = bed.image(folder / f"{name}.db")
        with changing(path) as connection:
            insert_text(connection, make(bed))
        return path

    PLANTERS[name] = plant


def _base64_at(shift: int, *, urls: bool) -> Callable[[PlantingContext], str]:
    encode = base64.urlsafe_b64encode if urls else base64.b64encode
    around = "ÿ>?~" * 3  # whose Base64 has the signs in which the alphabets differ

    def make(bed: PlantingContext) -> str:
        before = ("x" * shift + around).encode("latin-1")
        return f"zie bijlage: {encode(before + bed.token.encode() + around.encode('latin-1')).decode()} met dank"

    return make


for _shift in range(3):
    _text(f"base64_at_{_shift}", _base64_at(_shift, urls=False))
    _text(f"base64_for_urls_at_{_shift}", _base64_at(_shift, urls=True))
    _text(f"base64_of_utf16_at_{_shift}", lambda bed, at=_shift: base64.b64encode(b"y" * at + bed.token.encode("utf-16-le")).decode())
_text("a_text", lambda bed: f"de licentie is {bed.token}.")
_text("the_file", lambda bed: bed.licence)
_text("the_file_in_a_blob", lambda bed: bed.licence.encode("utf-16"))
_text("quoted_mail", lambda bed: "".join(f">> {bed.token[at : at + 11]} \r\n" for at in range(0, len(bed.token), 11)))
_text("an_attachment", lambda bed: base64.encodebytes(f"\r\n{bed.licence}".replace("\n", "\r\n").encode()).decode().replace("\n", "\r\n"))
_text("an_attachment_quoted", lambda bed: base64.encodebytes(bed.licence.encode()).decode().replace("\n", "\n> "))
_text("json", lambda bed: json.dumps({"mail": f"Beste,\n\n{bed.licence}\nGroet"}))
_text("hexadecimal", lambda bed: bed.token.encode().hex())
_text("hexadecimal_capitals", lambda bed: bed.licence.encode().hex().upper())
_text("only_its_signature", lambda bed: bed.token.split(".")[2])


@planter
def utf16_database(bed: PlantingContext, folder: Path) -> Path:
    return _fresh(bed, folder / "utf16.db", "encoding = 'UTF-16le'")


@planter
def utf16_database_of_the_other_order(bed: PlantingContext, folder: Path) -> Path:
    return _fresh(bed, folder / "utf16be.db", "encoding = 'UTF-16be'")


@planter
def overflow_pages(bed: PlantingContext, folder: Path) -> Path:
    return _fresh(bed, folder / "overflow.db", "page_size = 512", before="ver van het begin " * 60)


@planter
def overflow_pages_of_utf16(bed: PlantingContext, folder: Path) -> Path:
    return _fresh(bed, folder / "overflow16.db", "page_size = 512", "encoding = 'UTF-16le'", before="ver van het begin " * 23)


def _fresh(bed: PlantingContext, path: Path, *pragmas: str, before: str = "") -> Path:
    with changing(path, *pragmas) as connection:
        insert_text(connection, before + bed.token)
    return path


@planter
def free_page(bed: PlantingContext, folder: Path) -> Path:
    path = bed.image(folder / "free.db")
    with changing(path) as connection:
        insert_text(connection, bed.token)
        connection.execute("DROP TABLE notes")
        assert connection.execute("PRAGMA freelist_count").fetchone()[0] > 0
    return path


@planter
def unallocated_space(bed: PlantingContext, folder: Path) -> Path:
    path = bed.image(folder / "deleted.db")
    with changing(path) as connection:
        insert_text(connection, "blijft")
        insert_text(connection, bed.token)
        connection.execute("DELETE FROM notes WHERE rowid = 2")
        assert connection.execute("PRAGMA freelist_count").fetchone()[0] == 0
    return path


@planter
def view(bed: PlantingContext, folder: Path) -> Path:
    path = bed.image(folder / "view.db")
    with changing(path) as connection:
        connection.execute(f"CREATE VIEW licence AS SELECT '{bed.token}' AS token")
    return path


@planter
def view_put_together(bed: PlantingContext, folder: Path) -> Path:
    path = bed.image(folder / "together.db")
    pieces = " ||\n  ".join(f"'{bed.token[at : at + 20]}'" for at in range(0, len(bed.token), 20))
    with changing(path) as connection:
        connection.execute(f"CREATE VIEW licence AS SELECT {pieces} AS token")
    return path


@planter
def trigger(bed: PlantingContext, folder: Path) -> Path:
    path = bed.image(folder / "trigger.db")
    remark = "\n".join(f"-- {line}" for line in bed.licence.splitlines())
    with changing(path) as connection:
        connection.execute(f"CREATE TRIGGER t AFTER INSERT ON lines BEGIN\n{remark}\nSELECT 1; END")
    return path


@planter
def write_ahead_log(bed: PlantingContext, folder: Path) -> Path:
    """A database that was copied while it was in use: what was written last stands in its log only."""
    _copy_while_open(bed, folder / "logged.db", "-wal")
    return folder / "logged.db"


@planter
def write_ahead_log_alone(bed: PlantingContext, folder: Path) -> Path:
    _copy_while_open(bed, folder / "gone.db", "-wal")
    (folder / "gone.db").unlink()
    return folder / "gone.db-wal"


def _copy_while_open(bed: PlantingContext, target: Path, ending: str) -> None:
    source = bed.image(target.with_name(f"{target.stem}.open"))
    with changing(source, "journal_mode = WAL") as connection:
        insert_text(connection, bed.token)
        shutil.copyfile(source, target)
        shutil.copyfile(f"{source}{ending}", f"{target}{ending}")
    source.unlink()


@planter
def rollback_journal(bed: PlantingContext, folder: Path) -> Path:
    """A database from which the licence was removed; its journal, kept, has the page as it was."""
    path = bed.image(folder / "journal.db")
    with changing(path, "journal_mode = PERSIST", "secure_delete = ON") as connection:
        insert_text(connection, bed.token)
        connection.execute("DELETE FROM notes")
    assert bed.token.encode()[-60:] not in path.read_bytes()
    return path


@planter
def signed_backup(bed: PlantingContext, folder: Path) -> Path:
    return bed.sign(folder / "signed.acb", PLANTERS["view"](bed, folder).rename(folder / "x.part"))


@planter
def signed_backup_in_the_books(bed: PlantingContext, folder: Path) -> Path:
    """One whose image is in order: the licence stands in the description of a line."""
    image = bed.image(folder / "books.part")
    with changing(image) as connection:
        connection.execute("UPDATE accounts SET name = ? WHERE rowid = 3", (f"zie {bed.token}",))
    return bed.sign(folder / "books.acb", image)


@planter
def encrypted_backup(bed: PlantingContext, folder: Path) -> Path:
    return bed.sign(folder / "secret.acb", PLANTERS["base64_at_1"](bed, folder).rename(folder / "y.part"), encrypted=True)


@planter
def damaged_backup(bed: PlantingContext, folder: Path) -> Path:
    """One of which a byte of the manifest was lost."""
    path = signed_backup_in_the_books(bed, folder)
    data = bytearray(path.read_bytes())
    data[data.rindex(b"manifest.jws", 0, data.rindex(b"PK\x01\x02")) + 120] ^= 1
    return _written(folder / "torn.acb", bytes(data), path)


def _written(path: Path, data: bytes, *gone: Path) -> Path:
    path.write_bytes(data)
    for one in gone:
        one.unlink()
    return path


@planter
def zipped(bed: PlantingContext, folder: Path) -> Path:
    inner = PLANTERS["a_text"](bed, folder)
    with zipfile.ZipFile(folder / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(inner, "map/boeken.db")
    inner.unlink()
    return folder / "a.zip"


@planter
def backup_in_a_zip(bed: PlantingContext, folder: Path) -> Path:
    inner = signed_backup_in_the_books(bed, folder)
    with zipfile.ZipFile(folder / "b.zip", "w") as archive:
        archive.write(inner, "map/uit.acb")
    inner.unlink()
    return folder / "b.zip"


@planter
def tape_archive(bed: PlantingContext, folder: Path) -> Path:
    inner = PLANTERS["utf16_database"](bed, folder)
    with tarfile.open(folder / "c.tgz", "w:gz") as archive:
        archive.add(inner, "boeken.db")
    inner.unlink()
    return folder / "c.tgz"


@planter
def compressed(bed: PlantingContext, folder: Path) -> Path:
    inner = free_page(bed, folder)
    return _written(folder / "d.db.zst", zstandard.compress(inner.read_bytes()), inner)


@planter
def gzip_in_a_tape_archive(bed: PlantingContext, folder: Path) -> Path:
    inner = PLANTERS["trigger"](bed, folder)
    data = gzip.compress(inner.read_bytes())
    with tarfile.open(folder / "e.tar", "w") as archive:
        member = tarfile.TarInfo("boeken.db.gz")
        member.size = len(data)
        archive.addfile(member, io.BytesIO(data))
    inner.unlink()
    return folder / "e.tar"


@planter
def scripted(bed: PlantingContext, folder: Path) -> Path:
    """What people script: a copy, compressed, encrypted."""
    inner = PLANTERS["a_text"](bed, folder)
    data = zstandard.compress(inner.read_bytes())
    return _written(folder / "f.db.zst.age", pyrage.encrypt(data, [pyrage.x25519.Recipient.from_str(bed.recipient)]), inner)


def wipe(folder: Path) -> None:
    """Remove what planting left beside its fruit."""
    for path in folder.iterdir():
        if path.suffix == ".part":
            path.unlink()
