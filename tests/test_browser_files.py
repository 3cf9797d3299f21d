"""From the backup to the client by a person's own means: their downloads folder, the letter in a tab, a file handed in by its button."""

import re
from pathlib import Path

from accountools.demo.demonstration import Demo
from tests.browsing import ENOUGH, NL, BrowserPage, BrowserSession, accessibility_violations, expected, in_both_modes
from tests.import_walkthrough import client_and_user
from tests.test_browser import demo  # noqa: F401 - a fixture


def hand_in(one: BrowserPage, path: Path) -> None:
    """Choose a file by the button of the page, as the browser asks for one."""
    with one.page.expect_file_chooser() as asked:
        one.button("Bestand uploaden").click()
    asked.value.set_files(path)


@in_both_modes
def test_a_backup_reaches_the_downloads_folder_and_from_there_the_client(
    mode: str,
    demo: Demo,  # noqa: F811
    tmp_path: Path,
    browser: BrowserSession,
) -> None:
    with browser.at(mode, demo.folder) as (served, one):
        one.page.set_viewport_size({"width": 1280, "height": 800})
        one.open(served, "01")
        client_and_user(one)
        one.fill("Licentiebestand", str(demo.inbox / "KL-2041 Bakkerij Jansen.lic"))
        one.wait_for_text("KL-2041")
        one.press("Volgende")
        one.press("Klaar")
        one.wait_for_text("is geïmporteerd")
        one.press("Back-up maken")
        one.choose(NL("Encrypted with a generated passphrase, a different one for each client"))
        one.press("Back-up maken")
        one.wait_for_text("geen spoor van uw eigen licentie")
        assert accessibility_violations(one) == []
        with one.page.expect_download() as downloading:
            one.screen.get_by_role("link", name="Downloaden").first.click()
        (made,) = (demo.folder / "backups").glob("*.acb")
        downloaded = tmp_path / "Downloads" / downloading.value.suggested_filename
        downloading.value.save_as(downloaded)
        assert (downloaded.name, downloaded.read_bytes()) == (made.name, made.read_bytes())
        words = one.screen.locator(".at-key").inner_text()
        email = one.screen.get_by_role("link", name="Mail opstellen").get_attribute("href")
        assert email.startswith("mailto:?subject=Back-up")
        with one.page.context.expect_page() as opened:
            one.screen.get_by_role("link", name="Openen").click()
        letter = opened.value.locator("body").inner_text()
        assert words not in letter
        passphrase = opened.value.locator("code.words").inner_text()
        opened.value.close()
        one.open(served, "04")
        (tmp_path / "12 MB.acb").write_bytes(bytes(12 << 20))
        hand_in(one, tmp_path / "12 MB.acb")
        one.wait_for_text("12 MB.acb is geen back-up van dit programma")
        hand_in(one, downloaded)
        one.wait_for_text("administratie 007")
        if mode == "app":  # what was handed in is gone with its page, and isn't looked for
            one.page.reload()
            one.wait_for_text("Kies eerst een back-up")
            one.page.wait_for_timeout(1500)
            assert one.screen.get_by_label("Back-up", exact=True).input_value() == ""
            hand_in(one, downloaded)
            one.wait_for_text("administratie 007")
        assert accessibility_violations(one) == []
        one.fill("Wachtwoordzin", passphrase)
        one.press("Volgende")
        one.screen.locator(".at-key").wait_for(timeout=ENOUGH)
        expected(one.screen.locator(".at-key")).to_have_text(words)
        assert re.fullmatch(r"([a-z]+ ){5}[a-z]+", words)
        assert one.outside() == []
