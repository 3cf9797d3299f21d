"""The audit as a file, for a spreadsheet or to compare with a later one."""

from pathlib import Path

from accountools import safe_files
from accountools.formats.spreadsheet import write_csv
from accountools.operations.auditing import COLUMNS, Audit
from accountools.operations.office import Office


def export_csv(office: Office, found: Audit, *, dutch: bool) -> Path:
    """Write all rows as CSV to the office's folder; in Dutch with `;` and a mark, as a spreadsheet in Dutch reads it. Gives the path."""
    folder = office.folder / "exports"
    folder.mkdir(mode=0o700, exist_ok=True)
    path = safe_files.free_name(folder, f"audit-{found.on.isoformat()}", ".csv")
    safe_files.write_new(path, write_csv(COLUMNS, (row.cells() for row in found.rows), delimiter=";" if dutch else ",", bom=dutch))
    return path
