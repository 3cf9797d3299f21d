"""From a mail and a list of clients to administrations, in the browser: files dropped on their fields, buttons to the next step."""

import base64
from pathlib import Path

from accountools.demo.demonstration import Demo
from tests.browsing import NL, BrowserPage, BrowserSession, accessibility_violations, in_browser
from tests.test_browser import demo  # noqa: F401 - a fixture
from tests.test_mailed_licences import mail

FILES = """(files) => {
  const held = new DataTransfer();
  for (const [name, data] of files) held.items.add(new File([Uint8Array.from(atob(data), (one) => one.charCodeAt(0))], name));
  return held;
}"""
LIST = "Bestand met klanten (kolommen Naam, KvK en Plaats)"


def drop(one: BrowserPage, label: str, files: dict[str, bytes]) -> None:
    """Drop these files, by name, on the box with this label."""
    held = one.page.evaluate_handle(FILES, [[name, base64.b64encode(data).decode()] for name, data in files.items()])
    for event in ("dragenter", "dragover", "drop"):
        one.screen.get_by_label(label, exact=True).dispatch_event(event, {"dataTransfer": held})


@in_browser
def test_a_mail_dropped_on_the_field_and_a_list_lead_to_administrations(
    demo: Demo,  # noqa: F811
    tmp_path: Path,
    browser: BrowserSession,
) -> None:
    licence = (demo.inbox / "KL-2041 Bakkerij Jansen.lic").read_bytes()
    with browser.at("app", demo.folder) as (served, one):
        one.page.set_viewport_size({"width": 1280, "height": 800})
        one.open(served, "01")
        one.fill("Administratie", "7")
        one.wait_for_text("voor Bakkerij Jansen")
        drop(one, "Licentiebestand", {"Licentie Jansen.eml": mail(bytes(3 << 20), licence), "KL-2041.lic": licence})
        one.wait_for_text("Eén bestand tegelijk: geen van deze 2 bestanden is overgenomen.")
        assert not (demo.inbox / "Licentie Jansen.eml").exists()
        drop(one, "Licentiebestand", {"Licentie Jansen.eml": mail(bytes(3 << 20), licence)})
        one.wait_for_text("KL-2041")
        assert (demo.inbox / "Licentie Jansen.eml").exists()
        drop(one, "Licentiebestand", {"offerte.eml": mail(b"Beste,")})
        one.wait_for_text("niet bruikbaar")
        assert (demo.inbox / "refused" / "offerte.eml").exists()
        assert accessibility_violations(one) == []
        one.open(served, "05")
        one.press("Klanten inlezen uit een bestand")
        drop(one, LIST, {"klanten.csv": b"Naam;KvK;Plaats\n;1;Delft\nVis BV;1111222;Urk\n"})
        one.wait_for_text("3 fouten in dit bestand")
        # where the reason takes more than a line, the buttons stay in their corner
        one.page.set_viewport_size({"width": 760, "height": 800})
        boxes = [one.button(name).bounding_box() for name in ("Annuleren", "Volgende")]
        assert boxes[0]["y"] == boxes[1]["y"]
        assert boxes[1]["x"] + boxes[1]["width"] > 680
        one.page.set_viewport_size({"width": 1280, "height": 800})
        path = tmp_path / "klanten.csv"
        path.write_text("Naam;KvK;Plaats\nVis BV;1111222;Urk\n")
        one.fill(LIST, str(path))
        one.wait_for_text("regel 2, kolom KvK")
        path.write_text("Naam;KvK;Plaats\nVis BV;11112222;Urk\nKaas BV;11112223;Gouda\n")
        one.press("Opnieuw lezen")
        one.wait_for_text("Toe te voegen: 2")
        one.press("Volgende")
        one.press("Klanten toevoegen")
        one.press(NL("Create administrations for several clients"))
        one.wait_for_text("zoals in 001")
        one.press("Volgende")
        assert accessibility_violations(one) == []
        one.press("Administraties aanmaken")
        one.wait_for_text("Aangemaakte administraties")
        one.press("Sluiten")
        one.wait_for_text("Kaas BV")
        assert one.outside() == []
