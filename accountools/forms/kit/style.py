"""How the screens look: every colour and measure in one place, and small pieces of HTML.

Contrast is at least 4.5 to 1 for text (WCAG AA) on white and on grey.
"""

from collections.abc import Iterable
from html import escape

from accountools.reports.icons import COLOURS, ICONS

INK, QUIET, LINE, PAPER, SHADE = "#1c2733", "#55616f", "#d4dae1", "#ffffff", "#f5f7f9"
ACCENT, ACCENT_DARK = "#0b5cad", "#084682"
GREEN, AMBER, RED = (COLOURS[state] for state in ("ready", "attention", "blocked"))
SETTLE = "0.6s"  # for as long a button that has just come doesn't take a click: the second of a double click was for the one before

CSS = f"""
.at-screen {{ background: {PAPER}; color: {INK}; border: 1px solid {LINE}; border-radius: 10px; max-width: 1060px; overflow: hidden;
  font: 14px/1.5 system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; font-variant-numeric: tabular-nums; }}
.at-screen .widget-html-content, .at-screen .jupyter-widgets {{ font-size: 14px; line-height: 1.5; }}
.at-screen .jupyter-widgets {{ color: {INK}; margin: 0; overflow: visible; }}
.at-screen .widget-html, .at-screen .widget-html-content {{ height: auto; overflow: visible; }}
.at-screen p {{ margin: 0 0 6px; max-width: 72ch; }}
.at-screen h3 {{ margin: 0 0 10px; font-size: 17px; font-weight: 600; }}
.at-bar {{ background: {SHADE}; border-bottom: 1px solid {LINE}; padding: 10px 20px; align-items: center; gap: 4px 8px; flex-wrap: wrap; }}
.at-bar .at-grow {{ flex: 1 1 auto; }} .at-bar .widget-html-content {{ white-space: nowrap; }}
.at-name {{ font-weight: 700; letter-spacing: .02em; color: {ACCENT_DARK}; margin-right: 14px; }}
.at-quiet {{ color: {QUIET}; }}
.at-path {{ color: {QUIET}; white-space: nowrap; }} .at-path b {{ color: {INK}; font-weight: 600; }}
.at-screen .at-links a {{ color: {ACCENT}; text-decoration: underline; text-underline-offset: 2px; }}
.at-screen .at-links a:hover {{ color: {ACCENT_DARK}; }}
.at-screen .at-links a:focus-visible, .at-screen .at-links button:focus-visible {{ outline: 3px solid #7db4ea; outline-offset: 2px; }}
.at-screen .at-links button {{ border: 0; padding: 0; background: none; font: inherit; color: {ACCENT}; text-decoration: underline;
  text-underline-offset: 2px; cursor: pointer; }}
.at-screen .at-links a.at-go {{ display: inline-block; padding: 3px 12px; border: 1px solid #9aa5b1; border-radius: 6px; color: {INK};
  background: {PAPER}; text-decoration: none; }} .at-screen .at-links a.at-go::after {{ content: " \\25B8"; }}
.at-screen .at-links a.at-go:hover {{ background: #e9eef4; color: {INK}; }}
.at-screen ul.at-links {{ list-style: none; margin: 0; padding: 0; display: flex; flex-wrap: wrap; gap: 4px 18px; }}
.at-screen ul.at-list {{ flex-direction: column; }} .at-screen ul.at-links li {{ margin: 0; }}
.at-links li .at-quiet {{ margin-left: 8px; }}
.at-steps {{ padding: 16px 20px 4px; }}
.at-steps ol {{ display: flex; flex-wrap: wrap; gap: 6px 10px; list-style: none; margin: 0; padding: 0; }}
.at-steps li {{ flex: 1 1 150px; border-top: 3px solid {LINE}; padding: 6px 0 0; color: {QUIET}; }}
.at-steps li.at-now {{ border-color: {ACCENT}; color: {INK}; }} .at-steps li.at-now strong {{ font-weight: 700; }}
.at-steps li.at-done {{ border-color: {GREEN}; }}
.at-steps li strong {{ display: block; font-weight: 500; }}
.at-steps li small {{ font-size: 12.5px; }}
.at-body {{ padding: 10px 20px 18px; gap: 10px; min-height: 250px; }} .at-fields {{ gap: 12px; }}
.at-foot {{ border-top: 1px solid {LINE}; background: {SHADE}; padding: 10px 20px; align-items: center; gap: 10px; flex-wrap: wrap; }}
.at-foot .at-grow {{ flex: 1 1 auto; text-align: right; color: {QUIET}; }}
.at-screen button.jupyter-button {{ width: auto; height: 34px; line-height: 20px; padding: 6px 16px; border: 1px solid #9aa5b1;
  border-radius: 6px; background: {PAPER}; color: {INK}; font: inherit; font-size: 14px; box-shadow: none; }}
.at-screen button.jupyter-button:hover:enabled {{ background: #e9eef4; }}
.at-screen button.jupyter-button:focus-visible, .at-screen input:focus-visible, .at-screen select:focus-visible,
  .at-screen textarea:focus-visible {{ outline: 3px solid #7db4ea !important; outline-offset: 1px; }} /* Jupyter's own would take it away */
.at-screen .at-links a:focus-visible, .at-screen .at-links button:focus-visible {{ outline: 3px solid #7db4ea; outline-offset: 2px;
  border-radius: 3px; }} .at-body:focus {{ outline: none; }}
.at-screen button.jupyter-button.at-main {{ background: {ACCENT}; border-color: {ACCENT}; color: #fff; font-weight: 600;
  animation: at-settle {SETTLE} steps(1, end); }}
.at-screen button.jupyter-button.at-main:hover:enabled {{ background: {ACCENT_DARK}; }}
.at-screen button.jupyter-button:disabled {{ background: #e6eaee; border-color: #c3cad2; color: #5b6672; opacity: 1; cursor: not-allowed; }}
@keyframes at-settle {{ from {{ pointer-events: none; }} to {{ pointer-events: none; }} }}
.at-screen button.jupyter-button.at-small {{ height: 28px; padding: 2px 10px; font-size: 13px; }}
.at-right {{ align-items: center; gap: 4px; }} .at-bar button.jupyter-button.at-small {{ padding: 2px 8px; margin-left: 2px; }}
.at-screen button.jupyter-button.at-upload {{ font-size: 0; }} .at-upload i {{ font-size: 13px; }}
.at-screen button.jupyter-button.at-icon {{ font-size: 0; }} .at-icon i {{ font-size: 14px; margin: 0; }} /* its name is only read aloud */
.at-screen .at-listing > label {{ position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }}
.at-upload::after {{ content: attr(title); font-size: 13px; }} /* without the widget's own count of files */
.at-screen button.jupyter-button.at-pressed {{ background: {INK}; border-color: {INK}; color: #fff; }}
.at-screen .at-field {{ display: flex; flex-direction: column; align-items: stretch; height: auto; width: 100%; }}
.at-screen .at-field > label {{ width: auto; text-align: left; font-weight: 600; height: auto; line-height: 22px; margin: 0; }}
.at-screen .at-field input, .at-screen .at-field textarea, .at-screen select {{ border: 1px solid #8793a0; border-radius: 6px; color: {INK};
  background: {PAPER}; font: inherit; font-size: 14px; }}
.at-screen .at-field input {{ height: 34px; padding: 4px 10px; }}
.at-screen .at-field textarea {{ padding: 8px 10px; resize: vertical; line-height: 1.5; }}
.at-screen select {{ width: 100%; padding: 4px; }} .at-screen select option {{ padding: 3px 6px; }}
.at-search {{ align-items: flex-end; gap: 8px; max-width: 760px; }}
.at-screen .at-search button.jupyter-button {{ height: 34px; padding: 6px 12px; }}
.at-search-list {{ max-width: 760px; border: 1px solid {LINE}; border-radius: 8px; background: {SHADE}; padding: 10px; gap: 8px; }}
.at-group {{ gap: 4px; }} .at-row {{ gap: 8px; flex-wrap: wrap; align-items: center; }}
.at-panel {{ border: 1px solid; border-left-width: 5px; border-radius: 8px; padding: 10px 14px; max-width: 760px; gap: 8px; }}
.at-panel.at-blocked {{ border-color: {RED}; background: #fdf3f2; }}
.at-panel.at-attention {{ border-color: {AMBER}; background: #fdf7ec; }}
.at-panel.at-ready {{ border-color: {GREEN}; background: #f1f8f4; }} .at-panel.at-missing {{ border-color: #9aa5b1; background: {SHADE}; }}
.at-screen table.at-table {{ border-collapse: collapse; font-size: 14px; }}
.at-screen table.at-table th, .at-screen table.at-table td {{ text-align: left; padding: 5px 18px 5px 0; border: 0; vertical-align: top;
  border-bottom: 1px solid {LINE}; background: none; color: {INK}; white-space: normal; max-width: 34ch; }}
.at-screen table.at-facts td {{ max-width: none; }}
.at-screen table.at-table thead th {{ color: {QUIET}; font-weight: 600; }}
.at-screen table.at-table tbody th {{ font-weight: 500; color: {QUIET}; }}
.at-screen table.at-table tr.at-differs td {{ font-weight: 600; background: #fdf7ec; }}
.at-screen .widget-checkbox, .at-screen .widget-radio {{ width: 100%; height: auto; }}
.at-screen .widget-checkbox label, .at-screen .widget-radio-box label {{ white-space: normal; height: auto; line-height: 1.45;
  font-size: 14px; }}
.at-screen .widget-radio-box {{ margin: 0; max-width: none; }} .at-screen .widget-radio-box label {{ line-height: 26px; }}
.at-screen code {{ background: {SHADE}; border: 1px solid {LINE}; border-radius: 4px; padding: 1px 5px; font-size: 13px; color: {INK};
  user-select: all; overflow-wrap: anywhere; }}
.at-screen .at-screen {{ border: 0; max-width: none; border-radius: 0; }} /* one in the place of another */
.at-screen .at-choice .widget-radio-box label {{ display: flex; align-items: center; }}
.at-screen .at-choice input[type=radio] {{ height: auto; margin: 0 6px 0 0; order: -1; }} .at-screen .at-choice {{ margin-bottom: 6px; }}
.at-screen table.at-table + p {{ margin-top: 12px; }}
.at-narrow {{ max-width: 760px; }} .at-short {{ max-width: 160px; }} .at-below {{ justify-content: space-between; max-width: 760px; }}
.at-screen .at-below .widget-checkbox {{ width: auto; }}
.at-two {{ display: flex; flex-wrap: wrap; gap: 4px 40px; margin: 10px 0; }}
.at-two ul {{ margin: 0; padding-left: 20px; max-width: 52ch; }}
.at-screen .at-grid {{ gap: 0; width: max-content; max-width: 100%; overflow-x: auto; }}
.at-screen .at-grid > * {{ border-bottom: 1px solid {LINE}; padding: 5px 18px 5px 0; align-self: stretch; display: flex; margin: 0;
  width: auto; align-items: center; }}
.at-screen .at-panel > button.jupyter-button {{ align-self: flex-start; }}
.at-screen button.jupyter-button.at-pressed:hover:enabled {{ background: {INK}; }}
.at-unseen {{ position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }}
.at-section {{ margin-top: 8px; }}
.at-screen .at-grid .widget-html-content {{ align-self: center; }} .at-screen .at-switch label {{ display: flex; align-items: center; }}
.at-screen .at-switch input {{ appearance: none; width: 34px; height: 18px; border-radius: 9px; background: #77828e; position: relative;
  margin: 0 8px 0 0; cursor: pointer; flex: none; }}
.at-screen .at-switch input::after {{ content: ""; position: absolute; top: 2px; left: 2px; width: 14px; height: 14px; border-radius: 7px;
  background: {PAPER}; }}
.at-screen .at-switch input:checked {{ background: {GREEN}; }} .at-screen .at-switch input:checked::after {{ left: 18px; }}
.at-tick-list {{ border-top: 1px solid {LINE}; }}
.at-screen .at-tick-row {{ display: grid; grid-template-columns: minmax(170px, 5fr) 4.5em minmax(160px, 6fr) 12.5em; gap: 4px 14px;
  align-items: baseline; border-bottom: 1px solid {LINE}; padding: 3px 0; }}
.at-screen .at-tick-row > * {{ width: auto; min-width: 0; margin: 0; }}
.at-tick-row > :nth-child(2) {{ text-align: right; white-space: nowrap; }}
.at-screen .at-line .widget-radio-box {{ flex-direction: row; flex-wrap: wrap; gap: 4px 18px; }}
.at-screen .at-line .widget-radio-box label {{ white-space: nowrap; }}
.at-hidden {{ display: none !important; }}
"""


TABLES = f"""
.at-screen.at-wide {{ max-width: 1500px; }}
.at-figures {{ gap: 10px; flex-wrap: wrap; }} .at-screen .at-heading {{ margin-top: 16px !important; }}
.at-screen .at-figures button.jupyter-button {{ height: auto; padding: 8px 16px; border-top-width: 4px; font-size: 15px; }}
.at-screen .at-figures button.jupyter-button.at-small {{ border-top-width: 1px; padding: 4px 12px; font-size: 13px; align-self: center; }}
.at-screen button.jupyter-button.mod-active {{ background: {SHADE}; box-shadow: inset 0 0 0 2px {INK}; font-weight: 600; }}
.at-screen h4 {{ margin: 12px 0 4px; font-size: 14px; font-weight: 600; }}
.at-beside {{ gap: 8px 40px; flex-wrap: wrap; align-items: flex-start; }}
.at-itable {{ overflow-x: auto; }} .at-itable caption {{ position: absolute; width: 1px; height: 1px; overflow: hidden;
  clip-path: inset(50%); }}
.at-screen .at-itable table.dataTable {{ font-size: 14px; color: {INK}; border-collapse: collapse;
  --dt-row-selected: 214, 230, 250; --dt-row-selected-text: 28, 39, 51; }}
.at-screen .at-itable table.dataTable th {{ color: {QUIET}; font-weight: 600; text-align: left; white-space: normal; padding: 5px 8px; }}
.at-itable .at-whole {{ white-space: nowrap; }} .at-screen .at-itable .at-broad {{ min-width: 22ch; }}
.at-screen .at-itable table.dataTable td {{ text-align: left; vertical-align: top; white-space: normal; padding: 5px 8px; }}
.at-screen .at-itable table.dataTable .dt-right {{ text-align: right; }}
.at-screen .at-itable table.dataTable tbody tr {{ cursor: pointer; }}
.at-screen .at-itable table.dataTable tbody tr:focus-visible {{ outline: 3px solid #7db4ea; outline-offset: -3px; }}
.at-screen .at-itable .dt-search input {{ width: 320px; height: 34px; padding: 4px 10px; border: 1px solid #8793a0; border-radius: 6px;
  font: inherit; color: {INK}; background: {PAPER}; }}
.at-screen .at-itable .dt-search label {{ font-weight: 600; margin-right: 8px; }}
.at-screen .at-itable .dt-info {{ color: {QUIET}; }}
.at-screen .at-itable a.at-link {{ color: {ACCENT}; text-decoration: underline; text-underline-offset: 2px; white-space: nowrap; }}
.at-screen .at-itable a.at-link:focus-visible {{ outline: 3px solid #7db4ea; outline-offset: 2px; border-radius: 3px; }}
.at-screen.at-wide .at-itable table.dataTable :is(th, td) {{ padding: 5px 6px; }}
.at-screen .at-itable .at-client {{ min-width: 14ch; }}
.at-screen .at-pictures {{ flex-wrap: wrap; gap: 8px 28px; align-items: flex-start; }}
.at-screen .at-picture {{ flex: 1 1 480px; max-width: 720px; width: auto; min-width: 0; min-height: 350px; }}
.at-picture svg {{ width: 100%; height: auto; display: block; }} .at-picture p {{ margin: 0; }}
.at-picture summary {{ cursor: pointer; color: {QUIET}; }} .at-picture ul {{ margin: 4px 0 0; padding-left: 18px; }}
"""
TABLES += "\n".join(
    f".at-screen .at-is-{state}, .at-screen .at-links a.at-is-{state} {{ color: {colour}; }}\n"
    f".at-screen .at-figures button.at-figure-{state} {{ color: {colour}; border-color: {colour}; }}"
    for state, colour in COLOURS.items()
)


def facts_table(rows: Iterable[tuple[str, str]]) -> str:
    """A table of two columns: labels, and values that are HTML already."""
    body = "".join(f"<tr><th>{escape(name)}</th><td>{value}</td></tr>" for name, value in rows)
    return f'<table class="at-table at-facts"><tbody>{body}</tbody></table>'


def html_table(heads: Iterable[str], rows: Iterable[Iterable[str]], kind: str = "") -> str:
    """A table with heads; its cells are HTML already."""
    head = "".join(f"<th>{escape(name)}</th>" for name in heads)
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return f'<table class="at-table {kind}"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'


def state_html(state: str, word: str) -> str:
    """A state as it is shown everywhere: its icon in its colour, with its word. `state` is one of the audit's four."""
    return f'<span style="color:{COLOURS[state]}">{ICONS[state]} {escape(word)}</span>'


def paragraph(text: str, kind: str = "") -> str:
    """A paragraph of plain text."""
    return f'<p class="{kind}">{escape(text)}</p>' if kind else f"<p>{escape(text)}</p>"
