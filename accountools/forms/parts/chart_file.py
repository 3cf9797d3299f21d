"""A file with a chart of accounts: what is in it, what is wrong in it, and what it would change in an administration."""

from collections.abc import Callable
from html import escape

from accountools.domain.messages import N_
from accountools.formats.spreadsheets.charts import ChartFile
from accountools.forms.kit.form import Entry, Form
from accountools.forms.kit.style import html_table, paragraph, state_html
from accountools.forms.parts.field_errors import errors_html
from accountools.operations.books.charts import ChartImportPlan
from accountools.texts import Texts

MOST, MOST_REMARKS = 200, 8  # lines on the screen; all are done
FIELDS = {"name": N_("Name"), "rgs": N_("RGS code"), "kind": N_("Kind"), "side": N_("Side"), "vat": N_("VAT code")}


def describe_chart_plan(plan: ChartImportPlan, _: Texts) -> str:
    """What would be done, in a line."""
    return _(
        "Accounts to add: {added}; to change: {changed}; not in the file, so kept: {absent}.",
        added=len(plan.added),
        changed=len(plan.changed),
        absent=plan.absent,
    )


def chart_file_html(form: Form, file: Entry[ChartFile], describe: Callable[[], str]) -> str:
    """What there is to say of a file with a chart: what it holds, and what is wrong in it or deserves attention, by line."""
    _ = form.texts
    if file.value is None:
        return errors_html(form, file)
    ready, remarks = f"<p>{state_html('ready', describe())}</p>", file.value.remarks
    if not remarks:
        return ready
    lines = "".join(f"<li>{escape(_.sentence(one))}</li>" for one in remarks[:MOST_REMARKS])
    rest = paragraph(_("and {count} more", count=len(remarks) - MOST_REMARKS), "at-quiet") if len(remarks) > MOST_REMARKS else ""
    return f"{ready}<p>{state_html('attention', _('The chart can be used; look at these lines:'))}</p><ul>{lines}</ul>{rest}"


def chart_changes_html(plan: ChartImportPlan, _: Texts) -> str:
    """A table of what would change: the accounts that would be added first."""
    added = [(escape(one.code), escape(one.name), state_html("ready", _("will be added"))) for one in plan.added]
    changed = [
        (escape(code), escape(_(FIELDS[one.what])), f"{escape(one.old or '—')} → {escape(one.new or '—')}")
        for code, one in plan.differences
    ]
    completed = [
        (escape(one.code), escape(_("VAT code")), escape(" / ".join(filter(None, (one.payable_account, one.receivable_account)))))
        for one in plan.completed
    ]
    rows = [*added, *changed, *completed]
    rest = paragraph(_("and {count} more", count=len(rows) - MOST), "at-quiet") if len(rows) > MOST else ""
    return f"{html_table((_('No.'), _('What'), ''), rows[:MOST])}{rest}"
