-- The image of an administration's books with the register's slice for it, version 3: frozen. Backups made with it are compared with these texts, word for word.
-- A later version gets a file of its own. No index: they are made again on restore.

CREATE TABLE accounts (
  code TEXT NOT NULL,
  name TEXT NOT NULL,
  rgs TEXT NOT NULL,
  kind TEXT NOT NULL,
  side TEXT NOT NULL,
  vat TEXT NOT NULL,
  rgs_source TEXT,
  more TEXT,
  PRIMARY KEY (code),
  CHECK (kind IN ('B', 'P', 'M')),
  CHECK (side IN ('D', 'C'))
) STRICT;

CREATE TABLE journals (
  code TEXT NOT NULL,
  name TEXT NOT NULL,
  kind TEXT NOT NULL,
  offset_account TEXT,
  bank_account TEXT,
  more TEXT,
  PRIMARY KEY (code)
) STRICT;

CREATE TABLE relations (
  code TEXT NOT NULL,
  name TEXT NOT NULL,
  kind TEXT NOT NULL,
  city TEXT NOT NULL,
  email TEXT,
  kvk TEXT,
  tax_country TEXT,
  tax_number TEXT,
  addresses TEXT,
  more TEXT,
  PRIMARY KEY (code),
  CHECK (kind IN ('D', 'C', 'B', 'O'))
) STRICT;

CREATE TABLE vat_codes (
  code TEXT NOT NULL,
  name TEXT NOT NULL,
  rate INTEGER,
  payable_account TEXT,
  receivable_account TEXT,
  more TEXT,
  PRIMARY KEY (code)
) STRICT;

CREATE TABLE years (
  label TEXT NOT NULL,
  first_day TEXT NOT NULL,
  last_day TEXT NOT NULL,
  closed INTEGER NOT NULL,
  format TEXT,
  file TEXT,
  sha256 TEXT,
  fiscal_year TEXT,
  currency TEXT,
  created TEXT,
  software TEXT,
  software_version TEXT,
  rgs_version TEXT,
  company TEXT,
  kvk TEXT,
  tax_country TEXT,
  tax_number TEXT,
  addresses TEXT,
  opening_day TEXT,
  opening_text TEXT,
  more TEXT,
  PRIMARY KEY (label),
  CHECK ("closed" IN (0, 1))
) STRICT;

CREATE TABLE opening_lines (
  id INTEGER NOT NULL,
  year TEXT NOT NULL,
  account TEXT NOT NULL,
  side TEXT NOT NULL,
  amount INTEGER NOT NULL,
  number TEXT,
  description TEXT,
  relation TEXT,
  document TEXT,
  invoice TEXT,
  due TEXT,
  more TEXT,
  PRIMARY KEY (id),
  CHECK (side IN ('D', 'C')),
  FOREIGN KEY (account) REFERENCES accounts (code),
  FOREIGN KEY (relation) REFERENCES relations (code),
  FOREIGN KEY (year) REFERENCES years (label)
) STRICT;

CREATE TABLE periods (
  year TEXT NOT NULL,
  number INTEGER NOT NULL,
  first_day TEXT,
  last_day TEXT,
  name TEXT,
  more TEXT,
  PRIMARY KEY (year, number),
  FOREIGN KEY (year) REFERENCES years (label)
) STRICT;

CREATE TABLE relation_balances (
  year TEXT NOT NULL,
  relation TEXT NOT NULL,
  opening INTEGER,
  opening_side TEXT,
  closing INTEGER,
  closing_side TEXT,
  PRIMARY KEY (year, relation),
  FOREIGN KEY (relation) REFERENCES relations (code),
  FOREIGN KEY (year) REFERENCES years (label)
) STRICT;

CREATE TABLE entries (
  id INTEGER NOT NULL,
  journal TEXT NOT NULL,
  number TEXT NOT NULL,
  date TEXT NOT NULL,
  period INTEGER NOT NULL,
  description TEXT NOT NULL,
  year TEXT NOT NULL,
  source TEXT,
  user_name TEXT,
  more TEXT,
  PRIMARY KEY (id),
  FOREIGN KEY (journal) REFERENCES journals (code),
  FOREIGN KEY (year, period) REFERENCES periods (year, number)
) STRICT;

CREATE TABLE lines (
  id INTEGER NOT NULL,
  entry INTEGER NOT NULL,
  account TEXT NOT NULL,
  side TEXT NOT NULL,
  amount INTEGER NOT NULL,
  description TEXT NOT NULL,
  relation TEXT,
  number TEXT,
  document TEXT,
  effective_date TEXT,
  settlement_date TEXT,
  due TEXT,
  invoice TEXT,
  match_key TEXT,
  cost_centre TEXT,
  product TEXT,
  project TEXT,
  quantity TEXT,
  receipt TEXT,
  shipment TEXT,
  work_costs TEXT,
  bank_account TEXT,
  offset_bank_account TEXT,
  currency TEXT,
  currency_amount INTEGER,
  more TEXT,
  PRIMARY KEY (id),
  CHECK (side IN ('D', 'C')),
  FOREIGN KEY (account) REFERENCES accounts (code),
  FOREIGN KEY (entry) REFERENCES entries (id),
  FOREIGN KEY (relation) REFERENCES relations (code)
) STRICT;

CREATE TABLE subledger_lines (
  id INTEGER NOT NULL,
  year TEXT NOT NULL,
  line INTEGER,
  opening_line INTEGER,
  ledger TEXT NOT NULL,
  side TEXT NOT NULL,
  amount INTEGER NOT NULL,
  relation TEXT,
  invoice TEXT,
  invoice_date TEXT,
  due TEXT,
  more TEXT,
  PRIMARY KEY (id),
  CHECK (side IN ('D', 'C')),
  FOREIGN KEY (line) REFERENCES lines (id),
  FOREIGN KEY (opening_line) REFERENCES opening_lines (id),
  FOREIGN KEY (relation) REFERENCES relations (code),
  FOREIGN KEY (year) REFERENCES years (label)
) STRICT;

CREATE TABLE vat_rows (
  id INTEGER NOT NULL,
  line INTEGER NOT NULL,
  code TEXT NOT NULL,
  percentage INTEGER,
  side TEXT,
  amount INTEGER,
  PRIMARY KEY (id),
  CHECK (side IN ('D', 'C')),
  FOREIGN KEY (code) REFERENCES vat_codes (code),
  FOREIGN KEY (line) REFERENCES lines (id)
) STRICT;

CREATE TABLE slice (
  name TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (name)
) STRICT;
