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
from tests.browsing import NL, BrowserPage, BrowserSession, chromium_running, servers

PICTURES = Path(__file__).parent.parent / "docs" / "screens"
HEIGHT = 1500


def office_of_some_months(folder: Path) -> Path:
    """An office that began five months ago; licences came in three months ago, and some were handed over last month."""
    today = system_clock()().today
    office = create_demo(folder, system_clock(today - timedelta(days=150)), clients=9, lines=60).office
    later = Office.open(folder, system_clock(today - timedelta(days=95)))
    later.apply(later.plan_inbox())
    last = Office.open(folder, system_clock(today - timedelta(days=33)))
    last.apply(last.plan_backup([8, 9], rehearse=True))
    last.apply(last.plan_backup([15]))
    return office.folder


def overview(one: BrowserPage, picture: Path) -> None:
    """The office's overview, with a row open."""
    one.screen.locator(".at-picture svg").nth(1).wait_for()
    one.screen.locator("table.dataTable tbody tr", has_text="VRIES\\joris").first.click()
    one.wait_for_text(NL("History"))
    one.page.wait_for_timeout(500)
    whole = Image.open(io.BytesIO(one.screen.screenshot()))
    whole.crop((0, 0, whole.width, min(whole.height, HEIGHT))).quantize(192).save(picture, optimize=True)


def main() -> int:
    """Make them."""
    with tempfile.TemporaryDirectory() as name, chromium_running() as chromium, servers(Path(name)) as served:
        office = office_of_some_months(Path(name) / "kantoor")
        with BrowserSession(chromium, served).at("app", office) as (pages, one):
            one.page.set_viewport_size({"width": 1280, "height": 2800})  # nothing has to be scrolled
            one.open(pages, "07")
            overview(one, PICTURES / "07-overzicht-kantoor.png")
    return 0


if __name__ == "__main__":
    sys.exit(main())
