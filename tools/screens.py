"""Make pictures of the screens for the documentation anew: `uv run python -m tools.screens` (needs chromium).

Of an office whose clients came over some months, so that there is something to see.
"""

import io
import sys
import tempfile
from datetime import timedelta
from pathlib import Path

from PIL import Image

from accountools.clock import system_clock
from accountools.demo.demonstration import create_demo
from accountools.office import Office
from accountools.operations.backups.target import BackupTarget
from tests.browsing import NL, BrowserPage, BrowserSession, RunningServer, chromium_running, servers
from tests.import_walkthrough import client_and_user

PICTURES = Path(__file__).parent.parent / "docs" / "screens"
HEIGHT = 1500


def office_of_some_months(folder: Path) -> Path:
    """An office that began five months ago; licences came in three months ago, and some were handed over last month."""
    today = system_clock()().today
    create_demo(folder, system_clock(today - timedelta(days=150)), clients=9, lines=60)
    late = folder / "late"
    late.mkdir()
    for path in (folder / "inbox").glob("KL-2041*"):
        path.rename(late / path.name)
    later = Office.open(folder, system_clock(today - timedelta(days=95)))
    later.apply(later.plan_inbox())
    last = Office.open(folder, system_clock(today - timedelta(days=33)))
    last.apply(last.plan_backup([8, 9], rehearse=True))
    last.apply(last.plan_backup([15]))
    return folder


def capture_menu(one: BrowserPage, pages: RunningServer, _office: Office) -> None:
    """The menu."""
    one.open(pages, "00")
    save(one, "00-accountancy")


def capture_import(one: BrowserPage, pages: RunningServer, office: Office) -> None:
    """The three steps of an import, and the backup that follows."""
    one.open(pages, "01")
    client_and_user(one)
    one.fill("Licentiebestand", str(office.folder / "late" / "KL-2041 Bakkerij Jansen.lic"))
    one.wait_for_text("KL-2041")
    save(one, "01-bestand-en-gebruiker")
    one.press("Volgende")
    one.wait_for_text("Zijn dit de licentiegegevens van de cliënt")
    save(one, "02-gegevens-controleren")
    one.press("Klaar")
    one.wait_for_text("is geïmporteerd in administratie 007")
    one.press("Back-up maken")
    one.choose(NL("Not encrypted"))
    one.press("Back-up maken")
    one.wait_for_text("geen spoor van uw eigen licentie")
    save(one, "05-backup-gemaakt")


def capture_backups(one: BrowserPage, pages: RunningServer, _office: Office) -> None:
    """Making backups: which can be made, and why the others can't."""
    one.open(pages, "03")
    save(one, "03-back-ups-maken")


def capture_restore(one: BrowserPage, pages: RunningServer, office: Office) -> None:
    """A safekeeping backup, compared with what is here."""
    (made,) = office.apply(office.plan_backup([8], BackupTarget(plain=True), "safekeeping")).made
    one.open(pages, "04")
    one.fill("Back-up", str(made.path))
    one.button("Volgende").click()
    one.wait_for_text("Administratie")
    one.page.wait_for_timeout(1000)
    save(one, "04-back-up-teruglezen")


def capture_administrations(one: BrowserPage, pages: RunningServer, _office: Office) -> None:
    """The administrations."""
    one.open(pages, "05")
    save(one, "05-administraties")


def capture_users(one: BrowserPage, pages: RunningServer, _office: Office) -> None:
    """The users of an administration."""
    one.open(pages, "06")
    one.fill("Administratie", "008")
    one.wait_for_text("Nieuwe gebruiker")
    one.page.wait_for_timeout(1000)
    save(one, "06-gebruikers")


def capture_overview(one: BrowserPage, pages: RunningServer, _office: Office) -> None:
    """The office's overview, with a row open."""
    one.open(pages, "07")
    one.screen.locator(".at-picture svg").nth(1).wait_for()
    one.screen.locator("table.dataTable tbody tr", has_text="VRIES\\joris").first.click()
    one.wait_for_text(NL("History"))
    one.page.wait_for_timeout(500)
    save(one, "07-overzicht-kantoor")


def capture_books(one: BrowserPage, pages: RunningServer, _office: Office) -> None:
    """The trial balance of an administration."""
    one.open(pages, "08")
    one.fill("Administratie", "8")
    one.wait_for_text("Vorig jaar")
    one.page.wait_for_timeout(1000)
    save(one, "08-boekhouding")


def capture_office(one: BrowserPage, pages: RunningServer, _office: Office) -> None:
    """The office itself."""
    one.open(pages, "09")
    one.page.wait_for_timeout(1000)
    save(one, "09-kantoor")


def capture_made_backups(one: BrowserPage, pages: RunningServer, _office: Office) -> None:
    """The backups that were made."""
    one.open(pages, "10")
    one.page.wait_for_timeout(1000)
    save(one, "10-back-ups-beheren")


def save(one: BrowserPage, name: str) -> None:
    """Save the screen as it is."""
    one.page.wait_for_timeout(300)
    whole = Image.open(io.BytesIO(one.screen.screenshot()))
    whole.crop((0, 0, whole.width, min(whole.height, HEIGHT))).quantize(192).save(PICTURES / f"{name}.png", optimize=True)


CAPTURES = (capture_menu, capture_overview, capture_backups, capture_restore, capture_administrations, capture_users, capture_books,
    capture_office, capture_made_backups, capture_import)  # fmt: skip


def main() -> int:
    """Make them."""
    with tempfile.TemporaryDirectory() as name, chromium_running() as chromium, servers(Path(name)) as served:
        folder = office_of_some_months(Path(name) / "kantoor")
        with BrowserSession(chromium, served).at("app", folder) as (pages, one):
            one.page.set_viewport_size({"width": 1280, "height": 2800})  # nothing has to be scrolled
            for capture in CAPTURES:
                capture(one, pages, Office.open(folder))
    return 0


if __name__ == "__main__":
    sys.exit(main())
