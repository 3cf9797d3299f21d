"""An audit file is converted to another version, without an office; the file itself stays as it is."""

from dataclasses import replace
from pathlib import Path

from accountools import safe_files
from accountools.domain.audit_file.findings import WrittenVersion
from accountools.domain.errors import Refused
from accountools.formats.auditfile.check import check_source
from accountools.formats.auditfile.source import one_set
from accountools.operations.books.export_auditfile import WrittenFile, validate_version, write_year
from accountools.operations.books.staged_file import stage_file
from accountools.operations.progress import Progress, no_progress, stoppable
from accountools.operations.workdir import workdir_anywhere
from accountools.storage.books.staging import StagedYear, reading_staged
from accountools.storage.books.year_rows import find_year
from accountools.storage.sqlite.office_files import validate_output


def convert_auditfile(
    source: Path | str, target: Path | str, *, version: WrittenVersion = "4.0", progress: Progress = no_progress
) -> WrittenFile:
    """Write what an audit file of any version holds to the new file `target`. What is wrong with it is in the result's `findings`.

    `progress` is called with the bytes of it that were read and those in all.

    Raises `file-not-found`, `not-an-auditfile`, `auditfile-encrypted`, `set-incomplete`, `amount-invalid`, `file-exists`.
    """
    validate_version(version)
    path = safe_files.absolute(target)
    validate_output(path)
    if path.exists():
        raise Refused("file-exists", path=path)
    files = one_set([Path(source)])
    with workdir_anywhere(None) as work, stoppable(progress) as hook:
        checked = check_source(files)
        if checked.facts is None:
            why = next(one.detail for one in checked.findings if one.severity == "error")
            raise Refused("not-an-auditfile", path=files.name, why=f"“{why}”")
        staged = stage_file(checked.source, files.sha256(), work / "staged.sqlite", hook)
        if staged.invalid_count:
            raise Refused("amount-invalid", **staged.amount_facts(files))
        if files.sha256() != staged.sha256:
            raise Refused("changed-meanwhile", what=files.name)
        with StagedYear(staged.path) as year:
            year.add_indexes()
        with reading_staged(staged.path) as rows:
            found = find_year(rows)
            if found is None:
                raise Refused("not-an-auditfile", path=files.name, why="—")
            written = write_year(rows, found, path, version)
    return replace(written, findings=(*checked.findings, *staged.findings))
