"""Offices and backups of the first version of the tables, which are frozen here: as programs of before the fiscal years made them."""

import contextlib
import json
import sqlite3
from pathlib import Path
from typing import Any

from tests.test_backup_file import forge, image_of

BOOKS = """
CREATE TABLE marks (
  id INTEGER NOT NULL,
  mark TEXT NOT NULL,
  PRIMARY KEY (id),
  CONSTRAINT ck_marks_one CHECK (id = 1)
)
 STRICT;
CREATE TABLE accounts (
  code TEXT NOT NULL,
  name TEXT NOT NULL,
  rgs TEXT NOT NULL,
  kind TEXT NOT NULL,
  side TEXT NOT NULL,
  vat TEXT NOT NULL,
  PRIMARY KEY (code),
  CONSTRAINT ck_accounts_kind CHECK (kind IN ('B', 'P')),
  CONSTRAINT ck_accounts_side CHECK (side IN ('D', 'C'))
)
 STRICT;
CREATE TABLE journals (
  code TEXT NOT NULL,
  name TEXT NOT NULL,
  kind TEXT NOT NULL,
  PRIMARY KEY (code)
)
 STRICT;
CREATE TABLE vat_codes (
  code TEXT NOT NULL,
  name TEXT NOT NULL,
  rate INTEGER,
  PRIMARY KEY (code)
)
 STRICT;
CREATE TABLE relations (
  code TEXT NOT NULL,
  name TEXT NOT NULL,
  kind TEXT NOT NULL,
  city TEXT NOT NULL,
  PRIMARY KEY (code),
  CONSTRAINT ck_relations_kind CHECK (kind IN ('D', 'C', 'B'))
)
 STRICT;
CREATE TABLE entries (
  id INTEGER NOT NULL,
  journal TEXT NOT NULL,
  number TEXT NOT NULL,
  date TEXT NOT NULL,
  period INTEGER NOT NULL,
  description TEXT NOT NULL,
  PRIMARY KEY (id),
  CONSTRAINT fk_entries_journal FOREIGN KEY(journal) REFERENCES journals (code)
)
 STRICT;
CREATE TABLE lines (
  id INTEGER NOT NULL,
  entry INTEGER NOT NULL,
  account TEXT NOT NULL,
  side TEXT NOT NULL,
  amount INTEGER NOT NULL,
  description TEXT NOT NULL,
  relation TEXT,
  vat TEXT,
  PRIMARY KEY (id),
  CONSTRAINT ck_lines_side CHECK (side IN ('D', 'C')),
  CONSTRAINT fk_lines_entry FOREIGN KEY(entry) REFERENCES entries (id),
  CONSTRAINT fk_lines_account FOREIGN KEY(account) REFERENCES accounts (code),
  CONSTRAINT fk_lines_relation FOREIGN KEY(relation) REFERENCES relations (code),
  CONSTRAINT fk_lines_vat FOREIGN KEY(vat) REFERENCES vat_codes (code)
)
 STRICT;
CREATE INDEX ix_lines_entry ON lines (entry);
CREATE INDEX ix_lines_account ON lines (account);
CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num));
"""

IMAGE = """
CREATE TABLE accounts (
  code TEXT NOT NULL,
  name TEXT NOT NULL,
  rgs TEXT NOT NULL,
  kind TEXT NOT NULL,
  side TEXT NOT NULL,
  vat TEXT NOT NULL,
  PRIMARY KEY (code),
  CHECK (kind IN ('B', 'P')),
  CHECK (side IN ('D', 'C'))
) STRICT;

CREATE TABLE journals (
  code TEXT NOT NULL,
  name TEXT NOT NULL,
  kind TEXT NOT NULL,
  PRIMARY KEY (code)
) STRICT;

CREATE TABLE vat_codes (
  code TEXT NOT NULL,
  name TEXT NOT NULL,
  rate INTEGER,
  PRIMARY KEY (code)
) STRICT;

CREATE TABLE relations (
  code TEXT NOT NULL,
  name TEXT NOT NULL,
  kind TEXT NOT NULL,
  city TEXT NOT NULL,
  PRIMARY KEY (code),
  CHECK (kind IN ('D', 'C', 'B'))
) STRICT;

CREATE TABLE entries (
  id INTEGER NOT NULL,
  journal TEXT NOT NULL,
  number TEXT NOT NULL,
  date TEXT NOT NULL,
  period INTEGER NOT NULL,
  description TEXT NOT NULL,
  PRIMARY KEY (id),
  FOREIGN KEY (journal) REFERENCES journals (code)
) STRICT;

CREATE TABLE lines (
  id INTEGER NOT NULL,
  entry INTEGER NOT NULL,
  account TEXT NOT NULL,
  side TEXT NOT NULL,
  amount INTEGER NOT NULL,
  description TEXT NOT NULL,
  relation TEXT,
  vat TEXT,
  PRIMARY KEY (id),
  CHECK (side IN ('D', 'C')),
  FOREIGN KEY (account) REFERENCES accounts (code),
  FOREIGN KEY (entry) REFERENCES entries (id),
  FOREIGN KEY (relation) REFERENCES relations (code),
  FOREIGN KEY (vat) REFERENCES vat_codes (code)
) STRICT;

CREATE TABLE slice (
  name TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (name)
) STRICT;
"""

APPLICATION_ID = 0x41434231
ENTRIES = [
    (1, "95", "1", "2024-01-01", 0, "Beginbalans"),
    (2, "60", "2", "2024-03-05", 3, "Verkoop"),
    (3, "20", "2", "2025-12-31", 13, "Afsluiting"),
]
LINES = [
    (1, 1, "1100", "D", 50_000, "Bank", None, None),
    (2, 1, "0500", "C", 50_000, "Kapitaal", None, None),
    (3, 2, "1300", "D", 12_100, "Café", "D1", None),
    (4, 2, "8000", "C", 10_000, "Taart", None, "VH"),
    (5, 2, "1500", "C", 2_100, "Btw", None, None),
    (6, 3, "1100", "D", -5, "", None, None),
    (7, 3, "1300", "C", -5, "", "D1", None),
]
TOTALS = {"debit": "620.95", "credit": "620.95"}


def fill(connection: sqlite3.Connection, chart: list[tuple[Any, ...]], journals: list[tuple[Any, ...]], vat: list[tuple[Any, ...]]) -> None:
    """A chart, and two years of entries."""
    connection.executemany("INSERT INTO accounts VALUES (?, ?, ?, ?, ?, ?)", chart)
    connection.executemany("INSERT INTO journals VALUES (?, ?, ?)", journals)
    connection.executemany("INSERT INTO vat_codes VALUES (?, ?, ?)", vat)
    connection.execute("INSERT INTO relations VALUES ('D1', 'Café Noord', 'D', 'Delft')")
    connection.executemany("INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?)", ENTRIES)
    connection.executemany("INSERT INTO lines VALUES (?, ?, ?, ?, ?, ?, ?, ?)", LINES)


def chart_of(connection: sqlite3.Connection) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    """The chart, journals and VAT codes that books or an image have, by the columns of the first version."""
    return (
        connection.execute("SELECT code, name, rgs, kind, side, vat FROM accounts ORDER BY rowid").fetchall(),
        connection.execute("SELECT code, name, kind FROM journals ORDER BY rowid").fetchall(),
        connection.execute("SELECT code, name, rate FROM vat_codes ORDER BY rowid").fetchall(),
    )


def make_first_version(office: Path) -> None:
    """Turn an office into one of the first version, with other entries in the books of each administration."""
    for path in (office / "administrations").glob("*.db"):
        with contextlib.closing(sqlite3.connect(path)) as present:
            chart = chart_of(present)
            stamp = {name: present.execute(f"PRAGMA {name}").fetchone()[0] for name in ("user_version", "application_id")}
        for ending in ("", "-wal", "-shm"):
            Path(f"{path}{ending}").unlink(missing_ok=True)
        with contextlib.closing(sqlite3.connect(path)) as made, made:
            made.executescript(BOOKS)
            fill(made, *chart)
            made.execute("INSERT INTO marks VALUES (1, 'first')")
            made.execute("INSERT INTO alembic_version VALUES ('0001')")
            for name, value in stamp.items():
                made.execute(f"PRAGMA {name} = {value}")
        with contextlib.closing(sqlite3.connect(path)) as made:
            made.execute("PRAGMA journal_mode = WAL")
        path.chmod(0o600)
    with contextlib.closing(sqlite3.connect(office / "register.db")) as register, register:
        register.execute("UPDATE alembic_version SET version_num = '0001'")
        for name in ("folders", "members", "batches"):  # of the third version, as are the indexes
            register.execute(f"DROP TABLE {name}")
        for name in ("ix_events_administration", "ix_events_what"):
            register.execute(f"DROP INDEX {name}")


def first_version_backup(backup: Path, target: Path) -> Path:
    """A backup of the first version, signed by somebody, for whom `backup` of the present version is."""
    image = target.with_suffix(".sqlite")
    present = image.with_suffix(".present")
    present.write_bytes(image_of(backup))
    with contextlib.closing(sqlite3.connect(present)) as source:
        chart, extract = chart_of(source), dict(source.execute("SELECT name, value FROM slice"))
    counts = {"accounts": len(chart[0]), "entries": len(ENTRIES), "lines": len(LINES), "relations": 1}
    extract |= {"counts": json.dumps(counts), "totals": json.dumps(TOTALS)}
    with contextlib.closing(sqlite3.connect(image)) as made, made:
        made.execute("PRAGMA page_size = 16384")
        made.executescript(IMAGE)
        fill(made, *chart)
        made.executemany("INSERT INTO slice VALUES (?, ?)", sorted(extract.items()))
        made.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        made.execute("PRAGMA user_version = 1")
    return forge(target, image, schema=1)
