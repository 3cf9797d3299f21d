"""What came of making backups, in words: a line for each, and one for all."""

from collections.abc import Iterator

from accountools.forms.kit.form import Form
from accountools.forms.screens.make_backups.run import Result, Run
from accountools.operations.errors import explain


def told(form: Form, run: Run) -> Iterator[str]:
    """A line for each, then the summary."""
    for one in run.results:
        yield f"{called(one)}: {outcome(form, one)}"
    yield summary(form, run)


def called(one: Result) -> str:
    """What a result is of: number and description."""
    return one.name if one.number is None else f"{one.number} {one.name}"


def outcome(form: Form, one: Result) -> str:
    """What came of one."""
    _ = form.texts
    if one.made is not None:
        return _("made and rehearsed") if one.made.rehearsed else _("made")
    if one.stopped is not None:
        return _.sentence(explain(one.stopped).reason)
    return " ".join(form.say(each) for each in one.refused if each.blocking)


def summary(form: Form, run: Run) -> str:
    """How many were made, refused, and not come to."""
    counts = {"made": len(run.made), "refused": len(run.refused), "rest": len(run.rest)}
    return form.texts("{made} made, {refused} refused, {rest} not made", **counts)
