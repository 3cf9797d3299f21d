"""The choices of `to_whom` on the screen. The passphrase's two lines are emptied at once when they are used or left."""

from collections.abc import Callable

from accountools.forms.kit import widgets
from accountools.forms.kit.choose_file import ChooseFolder
from accountools.forms.kit.encryption_choice import EXPLAINED, WAYS, ToWhom
from accountools.forms.kit.form import Form, typed_path
from accountools.forms.kit.style import line, mark
from accountools.forms.kit.widgets import Callbacks


class ToWhomView:
    """The fields for one `ToWhom`. `changed` is called when something was chosen."""

    def __init__(self, form: Form, callbacks: Callbacks, choice: ToWhom, changed: Callable[[], object]) -> None:
        self.choice, self._callbacks, self._changed = choice, callbacks, changed
        _ = self._texts = form.texts
        ways = widgets.choice([(_(WAYS[way]), way) for way in choice.ways], choice.way, _("For whom"))
        self._explained = widgets.html()
        self._words, self._again = widgets.password(_("Passphrase")), widgets.password(_("The same once more"))
        self._secret = widgets.row(self._words, self._again, kinds=("at-look",))
        self._key = widgets.text(_("Key"), choice.key, placeholder="age1…")
        self._key_row = widgets.row(self._key, kinds=("at-look",))
        self._folder = ChooseFolder(callbacks, _, lambda: choice.folder, self._set_folder)
        self.rehearse = widgets.tick(_("Rehearse: restore it aside, compare the books and log in as its user before it counts"),
            value=choice.rehearse)  # fmt: skip
        callbacks.change(ways, lambda way: self._set("way", way))
        callbacks.change(self._key, lambda key: self._set("key", key.strip()))
        callbacks.change(self.rehearse, lambda yes: self._set("rehearse", yes))
        for field in (self._words, self._again):
            callbacks.change(field, lambda _: self._compare())
        self.widget = widgets.column(ways, self._explained, self._secret, self._key_row, self._folder.widget, self.rehearse,
            kinds=("at-group",))  # fmt: skip

    def refresh(self) -> None:
        """Show what is chosen now."""
        choice = self.choice
        self._folder.say(str(choice.folder), "")
        explained = self._texts(EXPLAINED[choice.way])
        self._explained.value = f"<p>{mark('attention', explained)}</p>" if choice.way == "plain" else line(explained, "at-quiet")
        widgets.show(self._secret, choice.way == "passphrase")
        widgets.show(self._key_row, choice.way == "key")

    def take_words(self) -> str | None:
        """The passphrase, taken out of its lines; None when there is none, or two that differ."""
        words, again = str(self._words.value), str(self._again.value)
        was, self._callbacks.quiet = self._callbacks.quiet, True
        self._words.value = self._again.value = ""
        self._callbacks.quiet = was
        return words if words and words == again else None

    def leave(self) -> bool:
        """Empty the passphrase's lines; whether there was something in them."""
        if not (self._words.value or self._again.value):
            return False
        self.take_words()
        self.choice.compare("", "")
        return True

    def _set(self, name: str, value: object) -> None:
        setattr(self.choice, name, value)
        self._changed()

    def _set_folder(self, folder: object) -> None:
        path = typed_path(str(folder))
        if path is not None:
            self._set("folder", path)

    def _compare(self) -> None:
        self.choice.compare(self._words.value, self._again.value)
        self._changed()
