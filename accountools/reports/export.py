"""The audit as a file in the office's own folder: for a spreadsheet, to print, or to compare with a later one."""

from pathlib import Path

from accountools import safe_files
from accountools.operations.session import Office
from accountools.reports.audit import Audit
from accountools.reports.audit_papers import render_csv, render_page, render_workbook, report_details
from accountools.texts import Texts

KINDS = ("csv", "xlsx", "html")


def export(office: Office, audit: Audit, texts: Texts, kind: str) -> Path:
    """Write all rows to the office's folder, as one of `KINDS`, in the language of `texts`. Gives the path."""
    details = report_details(office, audit)
    make = {
        "csv": lambda: render_csv(audit, texts),
        "xlsx": lambda: render_workbook(audit, details, texts),
        "html": lambda: render_page(audit, details, texts),
    }
    data = make[kind]()
    folder = office.folder / "exports"
    folder.mkdir(mode=0o700, exist_ok=True)
    path = safe_files.free_name(folder, f"audit-{audit.on.isoformat()}", f".{kind}")
    safe_files.write_new(path, data)
    return path
