"""The VAT of a year by box of the return, and the VAT codes that are in none."""

from collections.abc import Iterator

from accountools.domain.messages import N_
from accountools.forms.kit import widgets
from accountools.forms.kit.style import paragraph
from accountools.forms.parts.part import heading
from accountools.forms.screens.books.part import VAT
from accountools.forms.screens.books.report import ReportPart, ReportView
from accountools.forms.screens.books.report_table import facts_line, small_table_html
from accountools.reports.books.books import Books
from accountools.reports.books.vat_return import VatReturn


class VatPart(ReportPart[VatReturn]):
    """The part."""

    name, title = VAT, N_("VAT")

    def compute(self, books: Books) -> VatReturn:
        """Read it."""
        return books.vat(self.form.year, until=self.form.until)


class VatView(ReportView[VatPart]):
    """What is shown of it."""

    def report_widgets(self, report: VatReturn) -> Iterator[widgets.Widget]:
        """The boxes in the order of the return, and what is in none."""
        _ = self.texts
        yield heading(_("VAT by box of the return"))
        yield widgets.html(facts_line(report, _))
        yield widgets.html(small_table_html(report, _))
        yield widgets.html(paragraph(_("The return itself is in whole euros. Exempt turnover is in no box."), "at-quiet"))
        yield self.exports.widget
        for other in report.more():
            why = _("For what is listed here the box isn't known; check it before you file the return.")
            count = len(report.unmapped)
            found = _.plural(
                "{count} VAT code is not or only partly in a box.", "{count} VAT codes are not or only partly in a box.", count
            )
            yield widgets.panel("attention", _("attention"), found, why, widgets.html(small_table_html(other, _)))
