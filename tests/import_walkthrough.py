"""The seed's path by hand, from the menu to the backup: counted by a test, timed by `benchmarks/screens.py`."""

from accountools.demo.demonstration import Demo
from tests.browsing import NL, BrowserPage, RunningServer
from tests.workspace import HENK


def client_and_user(one: BrowserPage) -> None:
    """The administration, and the user, who is made in place."""
    one.fill("Administratie", "bakkerij jansen")
    one.wait_for_text("voor Bakkerij Jansen")
    one.press("Gebruiker aanmaken")
    one.fill(NL("Login name, as on their own computer"), HENK)
    one.fill(NL("Full name"), "Henk Jansen")
    one.press(NL("Use this user"))
    one.wait_for_text(NL("will be created on import"))


def from_the_menu_to_the_backup(one: BrowserPage, served: RunningServer, demo: Demo) -> None:
    """By the import's own last step; the path of the licence file is pasted."""
    one.follow(served, "Importeren klantlicentie")
    client_and_user(one)
    one.fill("Licentiebestand", str(demo.inbox / "KL-2041 Bakkerij Jansen.lic"))
    one.wait_for_text("KL-2041")
    one.press("Volgende")
    one.wait_for_text("Zijn dit de licentiegegevens van de cliënt")
    one.press("Klaar")
    one.wait_for_text("is geïmporteerd in administratie 007")
    one.press("Back-up maken")
    one.choose(NL("Not encrypted"))
    one.press("Back-up maken")
    one.wait_for_text("geen spoor van uw eigen licentie")
