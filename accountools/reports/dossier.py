"""The dossier of one administration: what was handed over to its client, when, under which licence, to which user, and the proof of it."""

from dataclasses import dataclass
from pathlib import Path

from accountools import safe_files
from accountools.domain.identifiers import AdministrationNumber
from accountools.operations.session import Office
from accountools.reports.dossier_contents import DossierContents, HandOver, compute_contents
from accountools.reports.dossier_page import render_dossier
from accountools.texts import Language, Texts

__all__ = ("Dossier", "HandOver", "dossier", "file_dossier")


@dataclass(frozen=True)
class Dossier(DossierContents):
    """The dossier of one administration: its contents, and the page to print and file."""

    def page(self, language: Language = "nl") -> bytes:
        """The page (HTML, UTF-8): one file that makes no request."""
        return render_dossier(self, Texts(language))


def dossier(office: Office, number: AdministrationNumber) -> Dossier:
    """The dossier of an administration. Raises `administration-not-found`."""
    return Dossier(**vars(compute_contents(office, number)))


def file_dossier(office: Office, number: AdministrationNumber, texts: Texts) -> Path:
    """Write the page to the office's folder `exports`, under a name not yet in use, in the language of `texts`. Gives the path."""
    contents = dossier(office, number)
    folder = office.folder / "exports"
    folder.mkdir(mode=0o700, exist_ok=True)
    path = safe_files.free_name(folder, f"dossier-{number}-{contents.occasion.today.isoformat()}", ".html")
    safe_files.write_new(path, contents.page(texts.language))
    return path
