-- The image of an administration's books with the register's slice for it, version 1: frozen. Backups made with it are compared with these texts, word for word.
-- A later version gets a file of its own. No index: they are made again on restore.

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
