"""What is wrong with a field or a list, to be shown beneath it."""

from html import escape
from typing import Any, Protocol

from accountools.domain.obstacle import Obstacle
from accountools.forms.kit.form import Entry, Form
from accountools.forms.kit.style import paragraph, state_html
from accountools.texts import Texts

MOST_ERRORS = 100


class Describing(Protocol):
    """What has the fields: its language, and how it describes what is wrong."""

    texts: Texts

    def describe(self, one: Obstacle) -> str:
        """An obstacle in one line: what is wrong, and what to do."""


def error_html(form: Describing, error: Obstacle | None) -> str:
    """What is wrong with a field, to be shown beneath it."""
    return "" if error is None else f"<p>{state_html('blocked', form.texts('not usable'))}&ensp;{escape(form.describe(error))}</p>"


def errors_html(form: Form, entry: Entry[Any]) -> str:
    """All that is wrong with a list, each with its line, to be shown beneath its field."""
    _, found = form.texts, entry.errors
    if len(found) <= 1:
        return error_html(form, entry.error)
    lines = "".join(f"<li>{escape(_.sentence(one))}</li>" for one in found[:MOST_ERRORS])
    more = paragraph(_("and {count} more", count=len(found) - MOST_ERRORS), "at-quiet") if len(found) > MOST_ERRORS else ""
    remedies = "".join(paragraph(one, "at-quiet") for one in dict.fromkeys(form.remedy(one) for one in found))
    heading = state_html("blocked", _("{count} things are wrong in this file:", count=len(found)))
    return f"<p>{heading}</p><ul>{lines}</ul>{more}{remedies}"
