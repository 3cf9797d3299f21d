-- The image of an office's register with the files beside it, version 3: frozen. Backups made with it are compared with these texts, word for word.
-- A later version gets a file of its own. No index: they are made again on restore.

CREATE TABLE backups (
  id INTEGER NOT NULL,
  administration INTEGER,
  purpose TEXT NOT NULL,
  part_path TEXT NOT NULL,
  path TEXT,
  bytes INTEGER,
  sha256 TEXT,
  licence_number TEXT NOT NULL,
  encrypted INTEGER NOT NULL,
  books_mark TEXT,
  counter INTEGER NOT NULL,
  journal_length INTEGER NOT NULL,
  journal_head TEXT NOT NULL,
  at TEXT NOT NULL,
  day TEXT NOT NULL,
  milliseconds INTEGER,
  rehearsed TEXT,
  state TEXT NOT NULL,
  PRIMARY KEY (id),
  CHECK ("encrypted" IN (0, 1)),
  CHECK (state IN ('begun', 'sealed', 'made', 'pruned'))
) STRICT;

CREATE TABLE clients (
  kvk TEXT NOT NULL,
  name TEXT NOT NULL,
  city TEXT NOT NULL,
  PRIMARY KEY (kvk)
) STRICT;

CREATE TABLE events (
  n INTEGER NOT NULL,
  at TEXT NOT NULL,
  "by" TEXT NOT NULL,
  what TEXT NOT NULL,
  administration INTEGER,
  details TEXT NOT NULL,
  hash TEXT NOT NULL,
  PRIMARY KEY (n)
) STRICT;

CREATE TABLE folders (
  name TEXT NOT NULL,
  path TEXT NOT NULL,
  PRIMARY KEY (name),
  CHECK (name IN ('backups', 'inbox'))
) STRICT;

CREATE TABLE licences (
  sha256 TEXT NOT NULL,
  token TEXT NOT NULL,
  number TEXT NOT NULL,
  key_id TEXT NOT NULL,
  PRIMARY KEY (sha256)
) STRICT;

CREATE TABLE members (
  name TEXT NOT NULL,
  recipient TEXT NOT NULL,
  sealed TEXT NOT NULL,
  since TEXT NOT NULL,
  PRIMARY KEY (name)
) STRICT;

CREATE TABLE office (
  id INTEGER NOT NULL,
  made_at TEXT NOT NULL,
  PRIMARY KEY (id),
  CHECK (id = 1)
) STRICT;

CREATE TABLE received (
  administration INTEGER NOT NULL,
  thumbprint TEXT NOT NULL,
  counter INTEGER NOT NULL,
  PRIMARY KEY (administration, thumbprint)
) STRICT;

CREATE TABLE revocations (
  key_id TEXT NOT NULL,
  seq INTEGER NOT NULL,
  token TEXT NOT NULL,
  PRIMARY KEY (key_id)
) STRICT;

CREATE TABLE signers (
  client_kvk TEXT NOT NULL,
  thumbprint TEXT NOT NULL,
  jwk TEXT NOT NULL,
  name TEXT NOT NULL,
  kvk TEXT NOT NULL,
  kept_at TEXT NOT NULL,
  PRIMARY KEY (client_kvk)
) STRICT;

CREATE TABLE administrations (
  number INTEGER NOT NULL,
  description TEXT NOT NULL,
  client_kvk TEXT,
  archived INTEGER NOT NULL,
  version INTEGER NOT NULL,
  counter INTEGER NOT NULL,
  exchanged_mark TEXT,
  PRIMARY KEY (number),
  CHECK ("archived" IN (0, 1)),
  FOREIGN KEY (client_kvk) REFERENCES clients (kvk)
) STRICT;

CREATE TABLE own_licences (
  n INTEGER NOT NULL,
  licence TEXT NOT NULL,
  since TEXT NOT NULL,
  PRIMARY KEY (n),
  FOREIGN KEY (licence) REFERENCES licences (sha256)
) STRICT;

CREATE TABLE users (
  administration INTEGER NOT NULL,
  login_key TEXT NOT NULL,
  login TEXT NOT NULL,
  name TEXT NOT NULL,
  employee INTEGER,
  active INTEGER NOT NULL,
  office INTEGER NOT NULL,
  PRIMARY KEY (administration, login_key),
  CHECK ("active" IN (0, 1)),
  CHECK ("office" IN (0, 1)),
  FOREIGN KEY (administration) REFERENCES administrations (number)
) STRICT;

CREATE TABLE imports (
  administration INTEGER NOT NULL,
  licence TEXT NOT NULL,
  login_key TEXT NOT NULL,
  imported_at TEXT NOT NULL,
  accepted TEXT NOT NULL,
  PRIMARY KEY (administration),
  FOREIGN KEY (administration) REFERENCES administrations (number),
  FOREIGN KEY (administration, login_key) REFERENCES users (administration, login_key),
  FOREIGN KEY (licence) REFERENCES licences (sha256)
) STRICT;

CREATE TABLE office_files (
  name TEXT NOT NULL,
  content BLOB NOT NULL,
  PRIMARY KEY (name)
) STRICT;

CREATE TABLE slice (
  name TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (name)
) STRICT;
