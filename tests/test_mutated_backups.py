"""Ten thousand backups that were changed on the way or made by an enemy: each ends in a code, or in books that are sound.

A seeded tenth of them in a normal run. They go through the Python interface; `test_backup_file` asks the command line the same.
"""

import contextlib
import random
import shutil
import sqlite3
import struct
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest

import accountools as at
from accountools.clock import system_clock
from tests.seeding import random_for
from tests.test_backup_file import (  # noqa: F401 - `client` and `world` are fixtures
    DRAFT,
    HOSTILE,
    MUTATORS,
    World,
    client,
    container_of,
    forge,
    image_of,
    members_of,
    state,
    world,
)

PARTS = 8
CONTAINERS, IMAGES = 6_000, 4_000
Mutator = Callable[[bytes, bytes, random.Random], bytes]


def share(whole: int, thorough: bool) -> int:
    return whole // PARTS // (1 if thorough else 10)


def code_of(office: at.Office, path: Path, unlock: at.Decryption) -> str | None:
    """The code with which the plan of a restore refuses it, or None. What fails `verify`, no plan accepts."""
    try:
        verified = at.verify(path, unlock, office)
        verdict = verified.findings[0].code if verified.findings else None
    except at.AccountoolsError as error:
        verdict = error.code
    try:
        blocking = [one.code for one in office.plan_restore(path, unlock).obstacles if one.blocking]
        planned = blocking[0] if blocking else None
    except at.AccountoolsError as error:
        planned = error.code
    assert verdict is None or planned is not None, verdict
    return planned


# --- containers that were changed ---


def two_manifests(data: bytes, other: bytes, chance: random.Random) -> bytes:
    members = [(one.filename, zipfile.ZipFile(BytesIO(data)).read(one)) for one in zipfile.ZipFile(BytesIO(data)).infolist()]
    foreign = zipfile.ZipFile(BytesIO(other)).read("manifest.jws")
    return container_of([*members, ("manifest.jws", chance.choice((foreign, members[-1][1])))])


def another_zip(data: bytes, other: bytes, chance: random.Random) -> bytes:
    """The same members in a ZIP as other programs write one: deflated, with a comment, an extra field, a folder, another date."""
    target = BytesIO()
    how = chance.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA))
    with zipfile.ZipFile(BytesIO(data)) as source, zipfile.ZipFile(target, "w", how) as made:
        for one in source.namelist():
            info = zipfile.ZipInfo(chance.choice((one, f"./{one}", f"../{one}", one.upper())), (1980 + chance.randrange(2), 1, 1, 0, 0, 0))
            info.extra = chance.choice((b"", struct.pack("<2H", 0x7875, 0)))
            made.writestr(info, source.read(one), how)
        made.comment = chance.choice((b"", b"PK\x05\x06"))
    return target.getvalue()


def moved_members(data: bytes, other: bytes, chance: random.Random) -> bytes:
    with zipfile.ZipFile(BytesIO(data)) as source:
        members = [(name, source.read(name)) for name in source.namelist()]
    return container_of(chance.choice((members[::-1], members * 2, members[:1], [("a", b""), *members], [*members, ("", b"x")])))


ALL: tuple[Mutator, ...] = (*MUTATORS, *MUTATORS, two_manifests, another_zip, moved_members)


@pytest.mark.parametrize("part", range(PARTS))
def test_a_container_that_was_changed_ends_in_a_code(
    world: World,  # noqa: F811
    client: Path,  # noqa: F811
    tmp_path: Path,
    thorough: bool,
    part: int,
    record_property: Callable[[str, object], None],
) -> None:
    chance, path = random_for(f"changed containers {part}"), tmp_path / "x.acb"
    office = at.Office.open(client, system_clock())
    base = world.plain if part % 2 else world.recipient
    identity = next(line for line in Path(world.identity).read_text().splitlines() if line.startswith("AGE-"))
    data, other, before = base.read_bytes(), world.other.read_bytes(), state(client)
    for _ in range(share(CONTAINERS, thorough)):
        mutator = chance.choice(ALL)
        mutant = mutator(data, other, chance)
        if mutant not in (data, other):
            path.write_bytes(mutant)
            assert code_of(office, path, at.Decryption(identity)) is not None, mutator.__name__
    assert state(client) == before
    record_property("counted changed containers", share(CONTAINERS, thorough))


# --- images by an enemy, signed ---


def flipped(image: bytes, chance: random.Random) -> bytes:
    changed = bytearray(image)
    first = chance.random() < 0.4  # the header and the schema more often than the rest
    for _ in range(chance.choice((1, 1, 2, 8, 40))):
        changed[chance.randrange(120 if first else len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def other_pages(image: bytes, chance: random.Random) -> bytes:
    size = struct.unpack_from(">H", image, 16)[0]
    pages = [image[at_ : at_ + size] for at_ in range(0, len(image), size)]
    one, two = chance.randrange(len(pages)), chance.randrange(len(pages))
    how = chance.randrange(5)
    if how == 0:
        pages[one], pages[two] = pages[two], pages[one]
    elif how == 1:
        pages[one] = pages[two]
    elif how == 2:
        pages[one] = bytes(size)
    elif how == 3:
        pages.append(pages[two])
    else:
        pages.pop()
    changed = bytearray(b"".join(pages))
    if chance.random() < 0.5 and len(changed) > 100:
        struct.pack_into(">I", changed, 28, len(pages))
    return bytes(changed)


def rearranged_cells(image: bytes, chance: random.Random) -> bytes:
    """A page's pointers to its cells, the start of its content, its free blocks or its count changed: what only SQLite's check sees."""
    size, changed = struct.unpack_from(">H", image, 16)[0], bytearray(image)
    start = chance.randrange(len(image) // size) * size + (0 if chance.random() < 0.9 else 100)
    struct.pack_into(
        ">H", changed, start + chance.choice((1, 3, 5, 8, 10, 12, 14)), chance.choice((0, 1, 8, 65535, chance.randrange(size)))
    )
    return bytes(changed)


def enemys(image: bytes, folder: Path, chance: random.Random) -> bytes:
    """An image in which something or other was done by SQL that SQLite lets one do."""
    path = folder / "edited.sqlite"
    path.write_bytes(image)
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection, contextlib.suppress(sqlite3.Error):
        for edit in chance.sample(tuple(HOSTILE.values()), chance.choice((1, 1, 2))):
            edit(connection)
    return path.read_bytes()


@pytest.mark.parametrize("part", range(PARTS))
def test_an_image_of_an_enemy_ends_in_a_code_or_in_sound_books(
    world: World,  # noqa: F811
    client: Path,  # noqa: F811
    tmp_path: Path,
    thorough: bool,
    part: int,
    record_property: Callable[[str, object], None],
) -> None:
    chance, image = random_for(f"hostile images {part}"), tmp_path / "image.sqlite"
    office, plain = at.Office.open(client, system_clock()), image_of(world.plain)
    before, taken = state(client), 0
    for _ in range(share(IMAGES, thorough)):
        how = chance.choice((flipped, other_pages, rearranged_cells, None))
        image.write_bytes(how(plain, chance) if how else enemys(plain, tmp_path, chance))
        backup = forge(tmp_path / "forged.acb", image)
        if code_of(office, backup, at.Decryption()) is None:
            taken += 1
            expect_sound_books(world, backup, client, tmp_path / f"taken-{taken}")
    assert state(client) == before
    assert taken
    record_property("counted images of an enemy", share(IMAGES, thorough))
    record_property("counted images of an enemy that were sound and taken", taken)


def expect_sound_books(world: World, backup: Path, client: Path, folder: Path) -> None:  # noqa: F811
    """What was taken is restored elsewhere: its books are in order by SQLite's whole check, and can be handed on."""
    place = Path(shutil.copytree(client, folder))
    office = at.Office.open(place, system_clock())
    office.apply(office.plan_restore(backup))
    (books,) = (place / "administrations").glob("*.db")
    with contextlib.closing(sqlite3.connect(books)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    made = office.apply(office.plan_backup([7], at.BackupTarget(plain=True), "safekeeping")).made
    assert at.verify(made[0].path, at.Decryption(), office).ok
    shutil.rmtree(place)
