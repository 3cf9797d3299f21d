"""Reading an audit file: its master data first, then its entries in batches, then what its sub-ledgers say of them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path

import pyxaf

from accountools.domain.audit_file.contents import EntryBatch, MasterData
from accountools.domain.audit_file.findings import FileFacts, Finding
from accountools.domain.audit_file.rows import JournalRow, SubledgerRow
from accountools.formats.auditfile.check import findings_of
from accountools.formats.auditfile.entries import EntryReader
from accountools.formats.auditfile.faults import AmountFaults, DateFaults
from accountools.formats.auditfile.master import check_days, facts_of, journal_row, read_master
from accountools.formats.auditfile.proof import Proof
from accountools.formats.auditfile.source import AuditfileSource, readable
from accountools.formats.auditfile.subledgers import SubledgerReader
from accountools.formats.auditfile.values import to_json

_WITH_SUBLEDGERS = {pyxaf.Version.XAF30, pyxaf.Version.XAF31, pyxaf.Version.XAF32, pyxaf.Version.XAF321}
_MARKS = (b"ubledger>", b"<basic>", b":basic>")
_CHUNK = 1 << 20
_LATE_MASTER = "XAF3030"


class AuditfileReader:
    """An audit file that is open. Read in this order: `master`, all of `batches`, then `journals` and `subledger_lines`.

    Once the entries were read `has_late_master` says whether there is more of `master` by then. `dates` are those that can't be read.
    Raises while it is read as `source.readable`.
    """

    def __init__(
        self, opened: pyxaf.AuditFile, source: AuditfileSource, sha256: str, subledgers: SubledgerReader | None, *, prove: bool
    ) -> None:
        self._opened = opened
        self._source = source
        self._faults = AmountFaults() if subledgers is None else subledgers.faults
        self._subledgers = subledgers
        self._sha256 = sha256
        self.dates = DateFaults()
        self.has_late_master = False
        self.facts: FileFacts = facts_of(opened, source)
        self.proof = Proof(opened, source, self._faults) if prove else None
        self.master = self._read_master(None)
        check_days(opened, self.master.year, self.dates)

    def _read_master(self, earlier: MasterData | None) -> MasterData:
        master = read_master(self._opened, self._source, self._sha256, self._faults, earlier)
        if self._subledgers is not None and self._subledgers.basics:
            more = (master.year.more or "{}")[:-1]
            basics = to_json(self._subledgers.basics)
            master.year = master.year._replace(more=f'{more}{"," if len(more) > 1 else ""}"basics":{basics}}}')
        return master

    def batches(self) -> Iterator[EntryBatch]:
        """The entries, some thousand lines at a time."""
        entries = EntryReader(self._opened, self.master, self._faults, self.dates)
        for batch in entries.batches():
            if self.proof is not None:
                self.proof.check_batch(batch)
            yield batch
        self.has_late_master = any(one.code == _LATE_MASTER for one in self._opened.findings)
        if self.has_late_master:
            self.master = self._read_master(self.master)

    @property
    def is_doubtful(self) -> bool:
        """Whether pyxaf.validate has to say what is wrong in the file, if anything is."""
        return self.proof is None or self.proof.is_doubtful

    def proven_findings(self) -> tuple[Finding, ...] | None:
        """All that pyxaf.validate would find, if that is proven: once the entries were read."""
        if self.proof is None or not self.proof.holds():
            return None
        return findings_of(self._opened.findings, self._source)

    @property
    def is_clair2(self) -> bool:
        """Whether it is of the oldest formats, in which entry 0 opens the year and periods aren't declared."""
        return self._opened.format.family is not pyxaf.Family.XAF

    @property
    def journals(self) -> list[JournalRow]:
        """The journals; known when the entries were read."""
        return [journal_row(one) for one in self._opened.journals.values()]

    @property
    def subledger_lines(self) -> list[SubledgerRow]:
        """The lines of sub-ledgers that were come past since this was last asked."""
        return [] if self._subledgers is None else self._subledgers.taken()

    @property
    def findings(self) -> list[Finding]:
        """The amounts that couldn't be read."""
        return [replace(one, file=self._source.name) for one in self._faults.findings]

    @property
    def invalid_amounts(self) -> int:
        """How many amounts couldn't be read."""
        return self._faults.count


@contextmanager
def open_auditfile(
    source: AuditfileSource, sha256: str = "", progress: Callable[[int, int], object] | None = None, *, prove: bool = False
) -> Iterator[AuditfileReader]:
    """Open an audit file; to `prove` while it is read that nothing is wrong in it, if so.

    `progress` gets the bytes that were read and those in all. Raises as `source.readable`.
    """
    subledgers = SubledgerReader(AmountFaults()) if _may_have_subledgers(source) else None
    with source.open(subledgers.observe if subledgers else None, progress) as opened:
        reader = AuditfileReader(opened, source, sha256, subledgers, prove=prove)
        with reader.proof or nullcontext():
            yield reader


def _may_have_subledgers(source: AuditfileSource) -> bool:
    """Whether their elements are in the bytes: looking costs little, and reading by an observer a third."""
    with readable(source.paths[0]):
        formats = [pyxaf.detect(path) for path in source.paths]
    if formats[0].version not in _WITH_SUBLEDGERS:
        return False
    hidden = any(one.compression or one.encoding.effective.startswith(("utf-16", "utf-32")) for one in formats)
    return hidden or any(_contains(path, _MARKS) for path in source.paths)


def _contains(path: Path, marks: tuple[bytes, ...]) -> bool:
    kept = max(map(len, marks)) - 1
    with path.open("rb") as file:
        tail = b""
        while chunk := file.read(_CHUNK):
            chunk = tail + chunk
            if any(mark in chunk for mark in marks):
                return True
            tail = chunk[-kept:]
    return False
