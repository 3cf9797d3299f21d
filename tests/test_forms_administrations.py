"""The forms of the administrations, walked without a browser: making, copying, putting away, reading in clients."""

from pathlib import Path
from typing import Any

import pytest

from accountools.clock import system_clock
from accountools.domain.calendar import parse_moment
from accountools.domain.errors import MachineFailed
from accountools.domain.identifiers import AdministrationNumber
from accountools.domain.ledger import Entry, Line
from accountools.formats.spreadsheets.charts import STANDARD_CHARTS, read_chart
from accountools.forms.kit import navigation
from accountools.forms.kit.descriptions import find_administrations
from accountools.forms.kit.jobs import run_now
from accountools.forms.screens.administrations.clients import ImportClients
from accountools.forms.screens.administrations.copy import CopyAdministration
from accountools.forms.screens.administrations.form import Administrations
from accountools.forms.screens.administrations.import_chart import ImportChart
from accountools.forms.screens.administrations.make import MakeAdministration
from accountools.forms.screens.administrations.many import MakeMany
from accountools.forms.screens.administrations.two_steps import TwoStepForm
from accountools.forms.screens.administrations.view import AdministrationsScreen, administrations_screen
from accountools.forms.screens.import_licence.view import client_licence_screen
from accountools.office import Office
from accountools.operations.books.entries import post
from accountools.operations.register import administrations
from accountools.texts import Texts
from tests.test_downloads import pieces, upload_field
from tests.test_forms_menu import open_at, press_link
from tests.test_forms_screen import button, field, press, shown_widgets, visible_text
from tests.workspace import CLIENT_KVK, HENK, TODAY, Workspace

EN = Texts("en")
NEW = ("Nieuwe Bakker", "87654321", "Breda")


@pytest.fixture
def desk(empty_office: Workspace) -> Workspace:
    """An office with a template 001 and administration 007 of Bakkerij Jansen."""
    empty_office.add_client()
    empty_office.create(1, "Sjabloon", client=None)
    empty_office.create()
    return empty_office


def office(desk: Workspace) -> Office:
    return Office.open(desk.office, system_clock(parse_moment(f"{TODAY}T12:00:00Z").date()))


def make(desk: Workspace) -> MakeAdministration:
    return MakeAdministration(office(desk), EN)


def show(desk: Workspace, number: int) -> dict:
    return desk.ok("administration", "show", number)


def events(desk: Workspace) -> list[str]:
    return [event["what"] for event in desk.ok("journal")["events"]]


def why(form: TwoStepForm) -> str:
    return form.wizard.buttons()[-1].why


def test_s7_the_next_free_number_is_proposed_and_shown_before_it_is_made(desk: Workspace) -> None:
    form = make(desk)
    assert (form.fields.number.typed, why(form)) == ("008", "Choose or create the client first, or choose a template")
    assert form.choose_client(CLIENT_KVK)
    assert form.fields.description.value == "Bakkerij Jansen"
    before = events(desk)
    assert form.next()
    assert events(desk) == before
    assert [value for _, value in form.summary()][:3] == ["008", "Bakkerij Jansen, KvK 12345678, Delft", "Bakkerij Jansen"]
    assert form.finish()
    assert form.outcome == "Administration 008 “Bakkerij Jansen” created."
    assert show(desk, 8)["counts"]["accounts"] == show(desk, 7)["counts"]["accounts"]
    assert form.close()


def test_a_taken_number_is_refused_at_once_and_the_remedy_proposes_a_free_one(desk: Workspace) -> None:
    form = make(desk)
    form.choose_client(CLIENT_KVK)
    assert form.set_number(7)
    assert why(form) == "Administration 007 already exists."
    assert not form.next()
    assert form.resolve("next-number")
    assert form.fields.number.value == 8
    assert form.set_number("0")
    assert "not an administration number" in why(form)


def test_a_number_that_was_taken_meanwhile_is_refused_and_nothing_is_lost(desk: Workspace) -> None:
    form = make(desk)
    form.create_client(*NEW)
    form.set_description("Bakker in Breda")
    form.next()
    desk.create(8, "Snel")
    assert not form.finish()
    assert (form.feedback.code, form.feedback.action.name, form.wizard.current.state.value) == ("number-taken", "next-number", "fail")
    assert form.remedy(form.feedback.reason) == "Choose a free number."
    assert [client["kvk"] for client in desk.ok("client", "list")["clients"]] == [CLIENT_KVK]
    assert form.resolve("next-number")
    assert [form.fields.number.value, form.fields.description.value, form.client.name] == [9, "Bakker in Breda", NEW[0]]
    assert form.finish()
    assert show(desk, 9)["client"]["kvk"] == NEW[1]


def test_a_number_that_was_taken_before_next_is_refused(desk: Workspace) -> None:
    form = make(desk)
    form.choose_client(CLIENT_KVK)
    desk.create(8, "Snel")
    assert not form.next()
    assert form.feedback.code == "number-taken"
    assert form.resolve("next-number")
    assert form.next()


def test_a_description_has_at_most_60_characters_and_they_are_counted(desk: Workspace) -> None:
    form = make(desk)
    form.choose_client(CLIENT_KVK)
    assert form.set_description("x" * 61)
    assert (dict(form.fields.description.error.facts)["length"], form.fields.description.error.code) == ("61", "description-too-long")
    assert "the maximum is 60" in why(form)
    assert not form.next()
    form.set_description("x" * 60)
    assert form.next()
    assert not form.set_description("later")


def test_what_was_typed_is_not_replaced_by_the_clients_name(desk: Workspace) -> None:
    form = make(desk)
    form.set_description("Mijn eigen naam")
    form.choose_client(CLIENT_KVK)
    assert form.fields.description.value == "Mijn eigen naam"
    desk.ok("client", "add", "--name", "x" * 70, "--kvk", "55555555")
    form.set_description("")
    form.choose_client("55555555")
    assert (form.fields.description.typed, why(form)) == ("", "Give the administration a description")


def test_an_unknown_client_is_made_in_place_together_with_the_administration(desk: Workspace) -> None:
    form = make(desk)
    assert [list(form.clients("nieuwe")), [one.name for one in form.clients("jansen delft")]] == [[], ["Bakkerij Jansen"]]
    for name, kvk, code in (("Nieuw", "1234", "kvk-invalid"), (" ", "87654321", "name-missing")):
        assert not form.create_client(name, kvk)
        assert form.feedback.code == code
    assert form.create_client(*NEW)
    assert form.next()
    assert form.summary()[1][1] == "Nieuwe Bakker, KvK 87654321, Breda (new: will be created too)"
    assert "client-added" not in events(desk)[-1:]
    assert form.finish()
    assert events(desk)[-2:] == ["client-added", "administration-created"]


def test_a_new_client_who_turns_out_to_be_known_is_used_by_the_remedy(desk: Workspace) -> None:
    form = make(desk)
    assert not form.create_client("Jansen", CLIENT_KVK)
    assert (form.feedback.code, form.feedback.action.name) == ("client-exists", "use-client")
    assert form.resolve("use-client")
    assert (form.client.name, form.client_is_new) == ("Bakkerij Jansen", False)
    form.create_client(*NEW)
    form.next()
    desk.add_client(*NEW[:2])
    assert not form.finish()
    assert form.feedback.code == "client-exists"
    form.previous()
    assert not form.next()
    assert form.resolve("use-client")
    assert form.next()
    assert form.finish()


def test_cancel_leaves_nothing(desk: Workspace) -> None:
    before = events(desk)
    form = make(desk)
    form.create_client(*NEW)
    form.next()
    assert form.cancel()
    assert [form.ended, events(desk), form.cancel(), form.close()] == ["cancelled", before, False, False]


def test_a_second_press_makes_nothing(desk: Workspace) -> None:
    form = make(desk)
    form.choose_client(CLIENT_KVK)
    assert [form.next(), form.next(), form.finish(), form.finish(), form.cancel()] == [True, False, True, False, False]
    assert events(desk).count("administration-created") == 3


def test_s1_a_template_is_for_nobody_and_gives_its_chart(desk: Workspace) -> None:
    form = make(desk)
    form.create_client(*NEW)
    form.choose_for(False)
    form.set_description("Sjabloon bv")
    assert form.next()
    assert form.summary()[1][1] == "no client: this is a template"
    assert form.finish()
    assert show(desk, 8)["client"] is None
    assert len(desk.ok("client", "list")["clients"]) == 1
    form = make(desk)
    form.choose_client(CLIENT_KVK)
    form.choose_chart("template")
    assert why(form) == "Choose where the chart of accounts comes from"
    assert form.choose_template(99)
    assert why(form) == "There is no administration 099."
    form.choose_template(8)
    assert form.describe_chart().startswith("as in 008 Sjabloon bv: 200 accounts")
    assert form.next()
    assert form.finish()
    assert show(desk, 9)["counts"]["accounts"] == 200


@pytest.mark.parametrize("chart", STANDARD_CHARTS)
def test_s1_each_standard_chart_can_be_chosen(desk: Workspace, chart: str) -> None:
    form = make(desk)
    form.choose_client(CLIENT_KVK)
    assert form.choose_chart(chart)
    count = len(read_chart(chart).accounts)
    assert form.describe_chart() == f"{EN(STANDARD_CHARTS[chart])}: {count} accounts"
    assert form.next()
    assert dict(form.summary())["Chart of accounts"] == form.describe_chart()
    assert form.finish()
    assert show(desk, 8)["counts"]["accounts"] == count


def test_all_that_is_wrong_in_a_chart_is_shown_by_line_in_dutch(desk: Workspace) -> None:
    """And what deserves attention in one that can be used."""
    screen = administrations_screen(office(desk), Texts("nl"))
    screen.form.start_task("make")
    form = screen.form.task
    assert isinstance(form, MakeAdministration)
    form.choose_client(CLIENT_KVK)
    form.choose_chart("file")
    path = desk.folder / "chart.csv"
    path.write_text("code,name,rgs,kind\n1000,,,B\n1100,Bank,,Q\n")
    form.choose_file(path)
    text = visible_text(screen)
    assert "regel 2, kolom name" in text
    assert "regel 3, kolom kind" in text
    path.write_text("code,name,rgs,kind\n" + "".join(f"{code},Kas,BLim,B\n" for code in range(1000, 1012)))
    form.choose_file(path)
    text = visible_text(screen)
    assert "regel 2, kolom rgs: “BLim”: deze RGS-code is van niveau 2" in text
    assert "en nog 15" in text
    assert form.next()


def test_the_chart_of_an_administration_is_exported_and_read_in_again(desk: Workspace) -> None:
    screen = administrations_screen(office(desk), EN)
    form = screen.form
    form.choose(1)
    for kind in (".csv", ".xlsx"):
        assert form.export_chart(kind)
        assert form.exported is not None
        assert form.exported.parent == desk.office / "exports"
        assert read_chart(form.exported) == read_chart("standard")
        assert form.exported.name in visible_text(screen)
    exported = form.exported
    press(screen, "Import a chart of accounts")
    task = form.task
    assert isinstance(task, ImportChart)
    task.choose_file(exported)
    assert "has all accounts in this file already" in next(task.missing())
    path = desk.folder / "new.csv"
    path.write_text("code,name,rgs,kind,side,vat\n1000,Kassa,BLimKasKas,B,D,\n1005,Kleine kas,BLimKasKlk,B,D,\n")
    task.choose_file(path)
    assert task.next()
    assert show(desk, 1)["counts"]["accounts"] == 200
    text = visible_text(screen)
    assert "Kleine kas" in text
    assert "Kas → Kassa" in text
    assert task.finish()
    assert show(desk, 1)["counts"]["accounts"] == 201
    assert task.close()
    assert form.message == "The chart of administration 001 was changed."
    assert "201 accounts" in visible_text(screen)


def test_a_chart_that_would_change_an_account_in_use_is_refused_on_the_screen(desk: Workspace) -> None:
    lines = (Line("1000", "D", 100), Line("8000", "C", 100))
    post(office(desk), AdministrationNumber(7), [Entry("20", "1", "2026-01-02", 1, "Verkoop", lines)])
    form = Administrations(office(desk), EN)
    form.choose(7)
    form.start_task("chart")
    task = form.task
    assert isinstance(task, ImportChart)
    path = desk.folder / "new.csv"
    path.write_text("code,name,kind\n1000,Kas,P\n1001,Bank,B\n")
    task.choose_file(path)
    assert next(task.missing()) == "Entries are posted to account 1000; its kind can't change from B to P."
    assert not task.next()
    path.write_text("code,name,kind\n1001,Bank,B\n")
    task.choose_file(path)
    path.unlink()
    assert not task.next()
    assert task.feedback.code == "file-not-found"


def test_a_chart_from_a_file_or_none(desk: Workspace) -> None:
    form = make(desk)
    form.choose_client(CLIENT_KVK)
    form.choose_chart("file")
    path = desk.folder / "chart.csv"
    form.choose_file(path)
    assert "There is no file" in why(form)
    path.write_text("nonsense\n")
    form.choose_file(path)
    assert "is not a chart of accounts" in why(form)
    path.write_text("code;name;rgs;kind;side;vat\n1000;Kas;BLimKas;B;D;\n8000;Omzet;WOmz;W;C;VH\n")
    form.choose_file(f'"{path}"')
    assert form.describe_chart() == "from chart.csv: 2 accounts"
    assert form.next()
    assert form.finish()
    assert show(desk, 8)["counts"]["accounts"] == 2
    form = make(desk)
    form.choose_client(CLIENT_KVK)
    assert not form.choose_chart("nonsense")
    assert form.choose_chart("empty")
    assert form.next()
    assert form.finish()
    assert show(desk, 9)["counts"]["accounts"] == 0


def test_s7_a_copy_says_what_goes_along_and_what_does_not(ready: Workspace) -> None:
    form = CopyAdministration(office(ready), EN)
    assert why(form) == "Choose the administration to copy first"
    assert form.choose_source(7)
    assert form.next()
    along = dict(form.included())
    assert along["Users"] == rf"Henk Jansen ({HENK})"
    assert along["Client licence"] == "KL-2041 of Bakkerij Jansen"
    assert form.left_out() == ("the backups made of it", "its events in the journal")
    assert [form.finish(), form.finish()] == [True, False]
    assert form.outcome == "Administration 008 created, a complete copy of 007."
    assert show(ready, 8)["licence"]["number"] == "KL-2041"
    assert show(ready, 8)["users"] == show(ready, 7)["users"]
    assert ready.ok("administration", "enter", 8, "--as", HENK)["may"]


def test_a_copy_to_a_number_that_is_taken(ready: Workspace) -> None:
    form = CopyAdministration(office(ready), EN)
    form.choose_source(7)
    form.set_number(7)
    assert why(form) == "Administration 007 already exists."
    form.resolve("next-number")
    form.set_description("Kopie")
    form.next()
    ready.create(8)
    assert not form.finish()
    assert form.feedback.action.name == "next-number"
    assert form.resolve("next-number")
    assert form.finish()
    assert show(ready, 9)["description"] == "Kopie"
    assert not form.choose_source(8)


def test_a_copy_of_what_is_not_there(desk: Workspace) -> None:
    form = CopyAdministration(office(desk), EN)
    form.choose_source(99)
    assert why(form) == "There is no administration 099."
    form.choose_source("x")
    assert "is not an administration number" in why(form)
    form.choose_source(7)
    (desk.office / "administrations" / "00007.db").unlink()
    form.choose_source(7)
    assert "missing" in why(form)


def test_reading_in_clients_shows_who_would_be_added_and_who_is_known(desk: Workspace) -> None:
    path = desk.folder / "clients.csv"
    form = ImportClients(office(desk), EN)
    assert why(form) == "Choose a file with clients first"
    form.choose_file(path)
    assert "There is no file" in why(form)
    path.write_text("name,kvk\nA,12\n")
    form.choose_file(path)
    assert "not a KvK number" in why(form)
    path.write_text(f"name,kvk,city\nBakkerij Jansen,{CLIENT_KVK},Delft\n")
    form.choose_file(path)
    assert why(form) == "All clients in this file are already present"
    path.write_text(f"name;kvk;city\nJansen;{CLIENT_KVK};Delft\nNieuw;87654321;Breda\nNog eens;87654321;\n")
    form.choose_file(path)
    assert "“Nog eens 87654321”: this KvK number is also on line 3" in why(form)
    path.write_text(f"name;kvk;city\nJansen;{CLIENT_KVK};Delft\nNieuw;87654321;Breda\nNieuw;87654321;Breda\n")
    form.choose_file(path)
    assert form.next()
    assert (form.counts(), [one.name for one in form.new]) == ("To be added: 1; already present: 1.", ["Nieuw"])
    assert len(desk.ok("client", "list")["clients"]) == 1
    assert [form.finish(), form.finish()] == [True, False]
    assert form.outcome == "Clients added: 1; already present: 1."
    assert {one["name"] for one in desk.ok("client", "list")["clients"]} == {"Bakkerij Jansen", "Nieuw"}


def test_a_file_of_clients_that_vanished_is_looked_up_again(desk: Workspace) -> None:
    path = desk.folder / "clients.csv"
    path.write_text("name,kvk\nNieuw,87654321\n")
    form = ImportClients(office(desk), EN)
    form.choose_file(path)
    path.unlink()
    assert not form.next()
    assert form.feedback.action.name == "choose-file"
    assert form.resolve("choose-file")
    assert form.wants == "file"


def test_the_list_archives_after_a_confirmation_and_unarchives(desk: Workspace) -> None:
    form = Administrations(office(desk), EN)
    assert [str(one.number) for one, _ in form.rows()] == ["001", "007"]
    assert not form.archive()
    assert form.choose(7)
    assert form.archive()
    assert form.confirming
    form.decline()
    assert not form.confirm()
    form.archive()
    assert [form.confirm(), form.confirm()] == [True, False]
    assert form.message == "Administration 007 is archived."
    assert [str(one.number) for one, _ in form.rows()] == ["001"]
    assert form.count_text() == "Administrations: 1; archived: 1"
    form.show_archived()
    assert len(form.rows()) == 2
    assert form.archive()
    assert form.message == "Administration 007 is no longer archived."
    assert events(desk)[-2:] == ["administration-archived", "administration-unarchived"]


def test_what_was_made_is_opened_in_the_list_and_the_language_goes_along(desk: Workspace) -> None:
    form = Administrations(office(desk), EN)
    assert form.start_task("make")
    assert not form.start_task("copy")
    assert not form.close()
    form.task.choose_client(CLIENT_KVK)
    form.task.next()
    form.task.finish()
    form.task.set_language("nl")
    form.task.close()
    assert (form.task, form.texts.language, form.chosen.number) == (None, "nl", 8)
    assert form.message == "Administratie 008 “Bakkerij Jansen” is aangemaakt."
    form.set_language("en")
    assert form.message == "Administration 008 “Bakkerij Jansen” created."
    form.start_task("copy")
    assert form.task.source.value.administration.number == 8
    form.task.cancel()
    assert (form.task, form.message) == (None, "")
    assert form.close()
    form.restart()
    assert form.ended == ""


def test_an_administration_without_books_can_still_be_archived(desk: Workspace) -> None:
    (desk.office / "administrations" / "00007.db").unlink()
    form = Administrations(office(desk), EN)
    assert not form.choose(7)
    assert form.feedback.code == "books-missing"
    assert (form.chosen.number, form.view) == (7, None)
    form.archive()
    assert form.confirm()


def test_a_search_matches_the_number_first_and_else_words(desk: Workspace) -> None:
    desk.create(70, "Jansen Beheer")
    pairs = Administrations(office(desk), EN).rows()
    searches = ("7", "07", "jansen", "BEHEER jansen", "nobody", "")
    found = {typed: [int(one.number) for one, _ in find_administrations(typed, pairs)] for typed in searches}
    assert found == {"7": [7], "07": [7], "jansen": [7, 70], "BEHEER jansen": [70], "nobody": [], "": [1, 7, 70]}


def test_the_screen_makes_copies_and_goes_back_to_the_list(desk: Workspace) -> None:
    screen = administrations_screen(office(desk), EN)
    press(screen, "Create an administration")
    assert "number can't be changed later" in visible_text(screen)
    assert button(screen, "Next").disabled
    field(screen, "Number").value = "7"
    assert "Administration 007 already exists. Choose a free number." in visible_text(screen)
    press(screen, "Use the next free number")
    assert field(screen, "Number").value == "008"
    field(screen, "Client").value = "unknown"
    assert "No client found; create one" in visible_text(screen)
    press(screen, "Create client")
    assert field(screen, "Name").value == "unknown"
    field(screen, "KvK number").value = "1234"
    press(screen, "Use this client")
    assert "is not a KvK number" in visible_text(screen)
    press(screen, "nl")
    press(screen, "en")
    assert field(screen, "KvK number").value == "1234"
    field(screen, "KvK number").value = NEW[1]
    press(screen, "Use this client")
    assert "will be created with the administration" in visible_text(screen)
    assert "7 of 60 characters" in visible_text(screen)
    press(screen, "Next")
    press(screen, "Create administration")
    assert "Administration 008 “unknown” created." in visible_text(screen)
    press(screen, "Close")
    assert "Administration 008 “unknown” created." in visible_text(screen)
    press(screen, "Copy to another number")
    press(screen, "Next")
    assert "is not copied" in visible_text(screen)
    press(screen, "nl")
    press(screen, "Annuleren")
    assert button(screen, "Archiveren")
    press(screen, "Sluiten")
    press(screen, "Administraties")


def test_the_screen_archives_after_a_confirmation(desk: Workspace) -> None:
    screen = administrations_screen(office(desk), EN)
    screen.form.choose(7)
    press(screen, "Archive")
    assert "left out of the office overview and can't be handed over" in visible_text(screen)
    press(screen, "Yes, archive it")
    assert "Administration 007 is archived." in visible_text(screen)
    press(screen, "Unarchive")
    assert "no longer archived" in visible_text(screen)


def test_the_screen_reads_in_clients(desk: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "clients.csv"
    path.write_text("name,kvk\n<b>Nieuw</b>,87654321\n")
    screen = administrations_screen(office(desk), EN)
    press(screen, "Import clients from a file")
    field(screen, "File with clients").value = str(path)
    press(screen, "Next")
    assert not [one for one in shown_widgets(screen.widget) if "<b>Nieuw" in str(getattr(one, "value", ""))]
    press(screen, "Add clients")
    assert "Clients added: 1; already present: 0." in visible_text(screen)


def test_the_screen_opens_what_the_page_asks_for(desk: Workspace) -> None:
    href = navigation.address(navigation.ADMINISTRATIONS, administration=7)
    assert open_at(administrations_screen(office(desk), EN), href).form.chosen.number == 7
    assert administrations_screen(office(desk), EN).form.chosen is None


# --- lists ---


def reads_in(desk: Workspace, text: str, language: str = "en") -> tuple[AdministrationsScreen, Path]:
    """The screen on which a list of clients was chosen."""
    path = desk.folder / "klanten.csv"
    path.write_text(text, "utf-8")
    screen = administrations_screen(office(desk), Texts(language))
    screen.form.start_task("clients")
    screen.form.task.choose_file(path)
    return screen, path


def test_a_corrected_list_at_the_same_path_is_read_again(desk: Workspace) -> None:
    screen, path = reads_in(desk, "Naam;KvK;Plaats\nA;1;x\n")
    assert button(screen.inner, "Next").disabled
    path.write_text("Naam;KvK;Plaats\nA;11112222;x\n", "utf-8")
    press(screen.inner, "Read again")
    assert "To be added: 1" in visible_text(screen)
    press(screen.inner, "Next")
    press(screen.inner, "Add clients")
    assert len(desk.ok("client", "list")["clients"]) == 2


def test_a_corrected_chart_and_a_corrected_licence_are_read_again_too(desk: Workspace) -> None:
    """The kind, not the case: each field of a file that may be corrected has the button."""
    chart, licence = desk.folder / "chart.csv", desk.folder / "a.lic"
    chart.write_text("code\n1000\n")
    licence.write_text("Beste,")
    screen = administrations_screen(office(desk), EN)
    screen.form.start_task("make")
    screen.form.task.choose_chart("file")
    screen.form.task.choose_file(chart)
    chart.write_text("Rekening;Naam\n1000;Kas\n")
    press(screen.inner, "Read again")
    assert "1 account" in visible_text(screen)
    importing = client_licence_screen(office(desk), EN)
    importing.form.choose_file(licence)
    licence.write_bytes(desk.issue("right.lic").read_bytes())
    press(importing, "Read again")
    assert importing.form.fields.showing.verdict is None


def test_without_a_file_there_is_nothing_to_read_again(desk: Workspace) -> None:
    screen = administrations_screen(office(desk), EN)
    screen.form.start_task("clients")
    assert "Read again" not in [one.description for one in shown_widgets(screen.widget) if type(one).__name__ == "Button"]


def test_every_fault_of_a_list_is_on_the_screen_with_its_line_in_dutch(desk: Workspace) -> None:
    screen, _ = reads_in(desk, "Naam;KvK;Plaats\n;1;x\nB;11112222;x;y\nC;1234567;x\n", "nl")
    for words in ("4 fouten", "regel 2, kolom KvK", "regel 2, kolom Naam", "regel 3: “y”", "regel 4, kolom KvK", "nul"):
        assert words in visible_text(screen), words
    assert not [word for word in ("line", "column") if f" {word} " in visible_text(screen)]


def test_a_list_that_is_handed_in_counts_as_one_that_was_chosen(desk: Workspace) -> None:
    screen = administrations_screen(office(desk), EN)
    screen.form.start_task("clients")
    pieces(upload_field(screen), "klanten.csv", b"Naam;KvK\nA;11112222\n")
    assert "To be added: 1" in visible_text(screen)


# --- many at once ---

LIST = "Naam;KvK;Plaats\nBakkerij Jansen;12345678;Delft\nVis BV;11112222;Urk\nKaas BV;11112223;Gouda\n"


def many(desk: Workspace) -> MakeMany:
    return MakeMany(office(desk), EN)


def made(desk: Workspace) -> dict[int, str | None]:
    found = desk.ok("administration", "list")["administrations"]
    return {one["number"]: one["client"]["name"] if one["client"] else None for one in found}


def test_s1_administrations_are_made_for_all_clients_of_a_list_from_a_template(desk: Workspace) -> None:
    """Those who have one are left out, those who aren't known are added, and taken numbers are passed over."""
    desk.create(9, "Andere", client=None, chart=None)
    (desk.folder / "list.csv").write_text(LIST, "utf-8")
    form = many(desk)
    assert (form.chart, form.template.value.administration.number) == ("template", 1)
    assert why(form) == "All these clients have an administration already"
    form.choose_source("list")
    assert why(form) == "Choose a file with clients first"
    assert form.choose_list(desk.folder / "list.csv")
    form.set_first("8")
    assert [(int(number), client.name, new) for number, client, new in form.planned] == [(8, "Vis BV", True), (10, "Kaas BV", True)]
    before = events(desk)
    assert form.next()
    assert (events(desk), made(desk)) == (before, {1: None, 7: "Bakkerij Jansen", 9: None})
    assert form.finish()
    assert made(desk) == {1: None, 7: "Bakkerij Jansen", 8: "Vis BV", 9: None, 10: "Kaas BV"}
    assert show(desk, 8)["counts"]["accounts"] == show(desk, 1)["counts"]["accounts"]
    assert form.outcome == "Administrations created: 2, from 008 to 010."
    assert not form.finish()
    assert desk.ok("journal", "verify")["ok"]


def test_administrations_are_made_for_all_registered_clients_without_one(desk: Workspace) -> None:
    desk.add_client("A" * 70, "11112222")
    desk.add_client("Vis BV", "11112223")
    form = many(desk)
    form.choose_chart("standard")
    assert form.next()
    assert form.finish()
    assert made(desk) == {1: None, 7: "Bakkerij Jansen", 8: "A" * 70, 9: "Vis BV"}
    assert show(desk, 8)["description"] == "A" * 60
    assert many(desk).planned == ()


def test_what_was_made_before_it_was_stopped_stays_and_the_rest_is_made_the_next_time(
    desk: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("accountools.forms.kit.jobs.OFTEN", -1)
    for number in range(4):
        desk.add_client(f"Klant {number}", f"1111222{number}")
    screen = administrations_screen(office(desk), EN)
    screen.form.start = run_now
    press(screen, "Create for several clients")
    press(screen.inner, "Next")
    seen = []

    def watch() -> None:
        if screen.form.task.busy and screen.form.task.bytes_done == (2, 4) and not seen:
            seen.append(visible_text(screen))
            press(screen.inner, "Stop")

    screen.form.task.subscribe(watch)
    press(screen.inner, "Create administrations")
    assert "The administrations are being created" in seen[0]
    assert "2 of 4" in seen[0]
    assert "Administrations created: 3 of 4; the others were not." in visible_text(screen)
    assert sorted(made(desk)) == [1, 7, 8, 9, 10]
    press(screen.inner, "Close")
    press(screen, "Create for several clients")
    assert [client.name for _, client, _ in screen.form.task.planned] == ["Klant 3"]


def test_a_number_that_is_taken_meanwhile_ends_it_where_it_is(desk: Workspace) -> None:
    desk.add_client("Vis BV", "11112222")
    desk.add_client("Zout BV", "11112223")
    form = many(desk)
    assert form.next()
    desk.create(9, "Andere", client=None, chart=None)
    form.finish()
    assert form.feedback.code == "number-taken"
    assert form.outcome == "Administrations created: 1 of 2; the others were not."
    again = many(desk)
    assert [int(number) for number, _, _ in again.planned] == [10]


@pytest.mark.parametrize(
    ("error", "code"),
    [(MachineFailed("disk-full"), "disk-full"), (OSError(28, "full", "x"), "disk-full"), (RuntimeError("x"), "internal-error")],
)
def test_what_was_made_before_the_machine_failed_is_shown(
    desk: Workspace, monkeypatch: pytest.MonkeyPatch, error: Exception, code: str
) -> None:
    real = administrations.create

    def create(office: Any, number: Any, *words: Any, **more: Any) -> Any:
        if number == 9:
            raise error
        return real(office, number, *words, **more)

    for number in range(3):
        desk.add_client(f"Klant {number}", f"1111222{number}")
    monkeypatch.setattr(administrations, "create", create)
    form = many(desk)
    assert form.next()
    assert not form.finish()
    assert form.feedback.code == code
    assert form.outcome == "Administrations created: 1 of 3; the others were not."
    assert form.wizard.finished
    assert "Nothing was changed" not in form.remedy(form.feedback.reason)
    assert sorted(made(desk)) == [1, 7, 8]


# --- what comes next ---


def buttons(screen: AdministrationsScreen) -> dict[str, str]:
    """The links that are shown, with where they lead."""
    found = (one for one in shown_widgets(screen.inner.widget) if type(one).__name__ == "Links" and one.shape == "line")
    return {link["label"]: link["href"] for one in found for link in one.links}


def test_after_making_one_there_are_buttons_to_the_next_step(desk: Workspace) -> None:
    desk.add_client("Vis BV", "11112222")
    screen = administrations_screen(office(desk), EN)
    screen.form.start_task("make")
    screen.form.task.choose_client("11112222")
    press(screen.inner, "Next")
    press(screen.inner, "Create administration")
    assert buttons(screen) == {
        "Create the user": "06_users.ipynb?administration=8",
        "Import client licence": "01_import_client_licence.ipynb?administration=8",
        "Create another administration": "",
    }


def test_after_reading_clients_in_their_administrations_are_made(desk: Workspace) -> None:
    screen, _ = reads_in(desk, LIST)
    assert screen.form.task.path[-1] == "Import clients"
    press(screen.inner, "Next")
    press(screen.inner, "Add clients")
    press_link(screen.inner, "Create administrations for several clients")
    assert isinstance(screen.form.task, MakeMany)
    assert [client.name for _, client, _ in screen.form.task.planned] == ["Kaas BV", "Vis BV"]
    press(screen.inner, "Next")
    screen.form.task.start = run_now
    press(screen.inner, "Create administrations")
    assert buttons(screen) == {"Users": "06_users.ipynb?administration=8", "Inbox": "02_check_licences.ipynb?show=inbox"}


def test_after_a_copy_and_a_template_there_are_buttons_too(ready: Workspace) -> None:
    screen = administrations_screen(office(ready), EN)
    screen.form.choose(7)
    screen.form.start_task("copy")
    press(screen.inner, "Next")
    press(screen.inner, "Make copy")
    assert buttons(screen)["Users"] == "06_users.ipynb?administration=8"
    press(screen.inner, "Close")
    screen.form.start_task("make")
    screen.form.task.choose_for(client=False)
    screen.form.task.set_description("Sjabloon")
    press(screen.inner, "Next")
    press(screen.inner, "Create administration")
    press_link(screen.inner, "Create administrations for several clients")
    assert isinstance(screen.form.task, MakeMany)
    assert screen.form.task.template.value.administration.number == 9


# --- changing a client ---


def changing(desk: Workspace) -> AdministrationsScreen:
    """The screen on which the client of administration 007 is being changed."""
    screen = administrations_screen(office(desk), EN)
    screen.form.choose(7)
    press(screen, "Change client")
    return screen


def test_a_client_gets_another_name_kvk_number_and_city_after_what_it_does_was_shown(ready: Workspace) -> None:
    screen = changing(ready)
    assert screen.form.task.client.name == "Bakkerij Jansen"
    field(screen.inner, "Name").value = "Bakkerij De Jong"
    field(screen.inner, "KvK number").value = "87654321"
    field(screen.inner, "City").value = ""
    before = ready.ok("client", "list")
    press(screen.inner, "Next")
    assert ready.ok("client", "list") == before
    shown = visible_text(screen)
    for words in (
        "Bakkerij De Jong",
        "87654321",
        "Delft",
        "Administrations of this client: 007.",
        "The licence that was imported is for KvK number 12345678",
    ):
        assert words in shown, words
    press(screen.inner, "Change client")
    assert ready.ok("client", "list")["clients"] == [{"kvk": "87654321", "name": "Bakkerij De Jong", "city": ""}]
    press(screen.inner, "Close")
    assert "Client changed: Bakkerij De Jong, KvK 87654321." in visible_text(screen)
    assert screen.form.client.name == "Bakkerij De Jong"
    assert events(ready)[-1] == "client-changed"
    assert ready.ok("journal", "verify")["ok"]


def test_who_changes_a_kvk_number_is_told_that_the_client_has_to_change_it_too(ready: Workspace) -> None:
    ready.backup()
    screen = changing(ready)
    field(screen.inner, "KvK number").value = "87654321"
    press(screen.inner, "Next")
    assert "Have the client change it too" in visible_text(screen)


def test_a_client_without_an_administration_is_looked_up_and_changed(desk: Workspace) -> None:
    desk.add_client("Vis BV", "11112222")
    screen = administrations_screen(office(desk), EN)
    press(screen, "Change a client")
    assert why(screen.form.task) == "Choose the client first"
    field(screen.inner, "Client").value = "vis"
    assert screen.form.task.client.kvk == "11112222"
    assert why(screen.form.task) == "Nothing is different yet"
    field(screen.inner, "Name").value = "Vis en Zn."
    press(screen.inner, "Next")
    press(screen.inner, "Change client")
    assert "Vis en Zn." in [one["name"] for one in desk.ok("client", "list")["clients"]]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"name": " "}, "Fill in a name"),
        ({"kvk": ""}, "Fill in the KvK number"),
        ({"kvk": "1234567"}, "“1234567” is not a KvK number of eight digits."),
        ({}, "Nothing is different yet"),
    ],
)
def test_what_is_wrong_with_a_change_stands_beside_the_button(desk: Workspace, change: dict[str, str], reason: str) -> None:
    screen = changing(desk)
    screen.form.task.change(**change)
    assert why(screen.form.task) == reason
    assert not screen.form.task.next()


def test_another_clients_number_is_refused_and_what_was_typed_stays(desk: Workspace) -> None:
    desk.add_client("Vis BV", "11112222")
    screen = changing(desk)
    screen.form.task.change(kvk="11112222")
    assert not screen.form.task.next()
    assert screen.form.task.feedback.code == "client-exists"
    assert screen.form.task.kvk.typed == "11112222"


def test_a_client_that_was_changed_meanwhile_is_not_changed_over(desk: Workspace) -> None:
    screen = changing(desk)
    screen.form.task.change(city="Breda")
    assert screen.form.task.next()
    desk.ok("client", "change", CLIENT_KVK, "--name", "Anders", "--confirm")
    assert not screen.form.task.finish()
    assert screen.form.task.feedback.code == "changed-meanwhile"
    assert [one["city"] for one in desk.ok("client", "list")["clients"]] == ["Delft"]
