"""Books are written to an audit file: a year to a file, whose totals are held against the trial balance before it gets its name."""

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, get_args

import sqlalchemy as sa

from accountools import safe_files
from accountools.domain.audit_file.contents import EntryWithLines, Sums
from accountools.domain.audit_file.findings import Finding, Loss, WrittenVersion
from accountools.domain.audit_file.rows import YearRow
from accountools.domain.errors import MachineFailed, Refused, WrongUsage
from accountools.domain.identifiers import AdministrationNumber
from accountools.domain.ledger import decimal_amount, format_amount
from accountools.formats.auditfile.writer import write_auditfile
from accountools.operations.progress import Progress, no_progress, stoppable
from accountools.operations.register.state import own_books
from accountools.operations.session import Office
from accountools.storage.books.year_rows import find_year, list_labels, year_contents
from accountools.storage.register import administrations, clients
from accountools.storage.sqlite.office_files import validate_output
from accountools.version import VERSION

_SOFTWARE = ("accountools", VERSION)


@dataclass(frozen=True)
class WrittenFile:
    """An audit file that was written. `lost` is what its version can't hold; `findings` what was found in the file it was made of."""

    path: Path
    version: WrittenVersion
    year: str
    size: int
    sha256: str
    counts: dict[str, int]
    debit: int
    credit: int
    lost: tuple[Loss, ...]
    findings: tuple[Finding, ...] = ()

    def totals(self) -> dict[str, str]:
        """Debit and credit of all lines, without the opening balance."""
        return {"debit": format_amount(self.debit), "credit": format_amount(self.credit)}


class _HashedFile:
    """A file that is written to, and hashed on the way."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._hash = hashlib.sha256()
        self.size = 0

    def write(self, data: bytes) -> int:
        self._hash.update(data)
        self.size += len(data)
        return self._file.write(data)

    def hexdigest(self) -> str:
        return self._hash.hexdigest()


def export_auditfile(
    office: Office,
    number: AdministrationNumber,
    path: Path,
    *,
    version: WrittenVersion = "4.0",
    year: str | None = None,
    progress: Progress = no_progress,
) -> WrittenFile:
    """Write a year (by default the latest) of the books to the new file `path`; `progress` is called with its lines, done and in all.

    Raises `administration-not-found`, `books-missing`, `year-not-found`, `file-exists`.
    """
    validate_version(version)
    path = safe_files.absolute(path)
    validate_output(path)
    with _opened(office, number) as (books, company):
        found = find_year(books, year)
        if found is None:
            raise Refused("year-not-found", year=year, number=number) if year else Refused("year-not-found", empty=number)
        return write_year(books, _with_company(found, company), path, version, progress)


def export_all_years(
    office: Office, number: AdministrationNumber, path: Path, *, version: WrittenVersion = "4.0"
) -> tuple[WrittenFile, ...]:
    """Write each year of the books to a new file of its own: its label comes before the suffix of `path`. Raises as `export_auditfile`."""
    validate_version(version)
    path = safe_files.absolute(path)
    with _opened(office, number) as (books, company):
        labels = list_labels(books)
        if not labels:
            raise Refused("year-not-found", empty=number)
        paths = [path.with_name(f"{path.stem}-{label}{path.suffix}") for label in labels]
        for one in paths:
            validate_output(one)
            if one.exists():
                raise Refused("file-exists", path=one)
        written = []
        for label, one in zip(labels, paths, strict=True):
            found = find_year(books, label)
            if found is not None:
                written.append(write_year(books, _with_company(found, company), one, version))
        return tuple(written)


def validate_version(version: str) -> None:
    """Raise WrongUsage for a version that isn't written."""
    if version not in get_args(WrittenVersion):
        raise WrongUsage("usage", what=f"version {version}: {', '.join(get_args(WrittenVersion))}")


def write_year(
    connection: sa.Connection, year: YearRow, path: Path, version: WrittenVersion, progress: Progress = no_progress
) -> WrittenFile:
    """Write a year to the new file `path`: of the books, or of a staged year. Raises `file-exists`, `office-damaged`."""
    contents = year_contents(connection, year, opening_apart=version == "4.0")  # which allows no entries in its place
    with stoppable(progress) as hook, safe_files.create_new(path) as file:
        contents = replace(contents, entries=_reported(contents.entries, contents.sums.lines, hook))
        hashed = _HashedFile(file)
        written = write_auditfile(hashed, contents, version, _SOFTWARE)
        _validate_sums(written.opening_sums, contents.opening_sums)
        _validate_sums(written.sums, contents.sums)
    return WrittenFile(
        path=path,
        version=version,
        year=year.label,
        size=hashed.size,
        sha256=hashed.hexdigest(),
        counts=written.counts,
        debit=written.sums.debit,
        credit=written.sums.credit,
        lost=written.lost,
    )


def _reported(entries: Iterable[EntryWithLines], total: int, progress: Progress) -> Iterator[EntryWithLines]:
    done = 0
    for one in entries:
        yield one
        done += len(one.lines)
        progress(min(done, total), total)


def _validate_sums(written: Sums, balance: Sums) -> None:
    """Raise `office-damaged` when an account's debit or credit isn't in the file as it is in the trial balance."""
    for account in sorted(written.accounts.keys() | balance.accounts.keys()):
        debit, credit = balance.accounts.get(account, (0, 0))
        found = written.accounts.get(account, (0, 0))
        if found != (debit, credit):
            in_file, in_books = decimal_amount(found[0] - found[1]), decimal_amount(debit - credit)
            raise MachineFailed("office-damaged", account=account, written=in_file, booked=in_books)


@contextmanager
def _opened(office: Office, number: AdministrationNumber) -> Iterator[tuple[sa.Connection, dict[str, str | None]]]:
    """The books, and the company whose they are, for years that come from no file."""
    with office.session() as session:
        administration = administrations.get(session.connection, number)
        kvk = administration.client_kvk
        client = None if kvk is None else clients.find(session.connection, kvk)
    company: dict[str, str | None] = {"company": administration.description, "kvk": None}
    if client is not None:
        company = {"company": client.name, "kvk": client.kvk}
    with own_books(office, number) as books:
        yield books, company


def _with_company(year: YearRow, company: dict[str, str | None]) -> YearRow:
    return year if year.company else year._replace(company=company["company"], kvk=year.kvk or company["kvk"])
