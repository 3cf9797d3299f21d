"""What prevents the import of an audit file, or has to be confirmed."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import date

from accountools.domain.administration import Client
from accountools.domain.audit_file.findings import FileFacts
from accountools.domain.errors import Refused
from accountools.domain.identifiers import KvkNumber
from accountools.domain.ledger import decimal_amount
from accountools.domain.licence import is_same_name
from accountools.domain.obstacle import Obstacle, obstacle
from accountools.formats.auditfile.check import CheckedAuditfile
from accountools.operations.books.staged_file import StagedFile
from accountools.storage.books import merge

_MOST_NAMES = 10


def file_obstacles(checked: CheckedAuditfile, staged: StagedFile) -> Iterator[Obstacle]:
    """What is wrong with the file itself."""
    errors, repairs = checked.errors, checked.repairs
    if staged.invalid_count:
        yield obstacle("amount-invalid", **staged.amount_facts(checked.source))
    if staged.unbalanced_count:
        one = staged.unbalanced[0]
        of_first = {"entry": one.number, "journal": one.journal, "difference": decimal_amount(one.difference)}
        yield obstacle("auditfile-unbalanced", count=staged.unbalanced_count, **of_first)
    if staged.dates.count:
        element, written, becomes = staged.dates.first
        day: str | date = becomes
        with suppress(ValueError):  # the year of a file may be 0000
            day = date.fromisoformat(becomes)
        place = {"path": checked.source.name} | ({} if (line := staged.dates.findings[0].line) is None else {"line": line})
        yield obstacle("date-invalid", **place, count=staged.dates.count, element=element, written=written, day=day)
    if staged.opening_twice:
        yield obstacle("opening-twice", count=staged.opening_twice)
    if staged.offset_lines:
        yield obstacle("offset-lines", count=sum(staged.offset_lines.values()), journals=", ".join(staged.offset_lines))
    if staged.undeclared:
        codes = [code or "“”" for found in staged.undeclared.values() for code in found]
        names = ", ".join(codes[:_MOST_NAMES]) + (f" … ({len(codes)})" if len(codes) > _MOST_NAMES else "")
        yield obstacle("undeclared", names=names)
    if repairs.encoding is not None:
        yield obstacle("encoding-differs", encoding=repairs.encoding)
    other_dates = max(errors.get("date", 0) - staged.dates.written, 0)
    invalid = errors.get("other", 0) + other_dates + len(repairs.names)
    if invalid:
        yield obstacle("auditfile-invalid", count=invalid)


def client_obstacles(facts: FileFacts, client: Client | None, other: Client | None) -> Iterator[Obstacle]:
    """Whether the file is the client's: by the KvK number, else by the name. Of a template there is nothing to compare.

    `other` is the client here who has the file's KvK number, if any.
    """
    if client is None:
        return
    written = kvk_of(facts)
    if written is not None and written != client.kvk:
        whose = {} if other is None else {"other": other.name, "client": client.name}
        yield obstacle("kvk-differs", file_kvk=written, client_kvk=client.kvk, **whose)
    elif facts.company and not is_same_name(facts.company, client.name):
        yield obstacle("name-differs", file_name=facts.company, client_name=client.name)


def kvk_of(facts: FileFacts) -> KvkNumber | None:
    """The KvK number, where what the file has in its place is one: it may be the package's own code."""
    try:
        return KvkNumber.parse(facts.kvk or "")
    except Refused:
        return None


def find_overlapping(years: Sequence[merge.PresentYear], staged: StagedFile) -> list[merge.PresentYear]:
    """The years in whose place the file would come: those whose days it shares.

    Of a year of its label also one that has nothing in it, or whose days aren't known: what has other days is another part of the year.
    """
    days = _days(staged.first_day, staged.last_day)

    def overlaps(one: merge.PresentYear) -> bool:
        present = _days(one.first_day, one.last_day)
        if days is None or present is None:
            return one.label == staged.facts.year
        return (present[0] <= days[1] and days[0] <= present[1]) or (one.label == staged.facts.year and one.is_empty)

    return [one for one in years if overlaps(one)]


def year_obstacles(
    years: Sequence[merge.PresentYear], overlapping: Sequence[merge.PresentYear], staged: StagedFile, *, replaces: bool
) -> Iterator[Obstacle]:
    """Whether the year may come in place of those of all years that overlap it, and no other has its label."""
    days = _days(staged.first_day, staged.last_day)
    for one in years:
        present = _days(one.first_day, one.last_day)
        both = {} if days is None or present is None or days == present else {
            "first_day": present[0], "last_day": present[1], "file_first": days[0], "file_last": days[1]
        }  # fmt: skip
        if one not in overlapping:
            if one.label == staged.facts.year:
                yield obstacle("label-taken", year=one.label, **both)
        elif one.closed:
            yield obstacle("year-closed", year=one.label)
        elif not one.is_empty and not replaces:
            yield obstacle("year-present", year=one.label, file=one.file or "—", **both)


def _days(first_day: str, last_day: str) -> tuple[date, date] | None:
    """The first and last day of a year; None where they are none: a file, or another program, may say anything there."""
    try:
        first, last = date.fromisoformat(first_day), date.fromisoformat(last_day)
    except ValueError:
        return None
    return (first, last) if first <= last else None
