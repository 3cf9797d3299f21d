"""The outcome of making backups, in words: a line for each, and one for all."""

from collections.abc import Iterator

from accountools.forms.kit.form import Form
from accountools.forms.screens.make_backups.run import Result, Run
from accountools.operations.errors import translate_error


def describe_run(form: Form, run: Run) -> Iterator[str]:
    """A line for each, then the summary."""
    for one in run.results:
        yield f"{label(one)}: {describe_result(form, one)}"
    yield describe_counts(form, run)


def label(one: Result) -> str:
    """What a result is of: number and description."""
    return one.name if one.number is None else f"{one.number} {one.name}"


def describe_result(form: Form, one: Result) -> str:
    """The result of one."""
    _ = form.texts
    if one.made is not None:
        return _("made and rehearsed") if one.made.rehearsed else _("made")
    if one.stopped is not None:
        return _.sentence(translate_error(one.stopped).reason)
    return " ".join(form.describe(each) for each in one.refused if each.blocking)


def describe_counts(form: Form, run: Run) -> str:
    """How many were made, refused, and not made."""
    counts = {"made": len(run.made), "refused": len(run.refused), "rest": len(run.rest)}
    return form.texts("{made} made, {refused} refused, {rest} not made", **counts)
