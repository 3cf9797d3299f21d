"""How the screens with a table look, and the figures and pictures above it."""

from accountools.forms.kit.style import ACCENT, INK, PAPER, QUIET, SHADE
from accountools.reports.icons import COLOURS

CSS = f"""
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
.at-screen .at-itable a.at-way {{ color: {ACCENT}; text-decoration: underline; text-underline-offset: 2px; white-space: nowrap; }}
.at-screen .at-itable a.at-way:focus-visible {{ outline: 3px solid #7db4ea; outline-offset: 2px; border-radius: 3px; }}
.at-screen.at-wide .at-itable table.dataTable :is(th, td) {{ padding: 5px 6px; }}
.at-screen .at-itable .at-client {{ min-width: 14ch; }}
.at-screen .at-pictures {{ flex-wrap: wrap; gap: 8px 28px; align-items: flex-start; }}
.at-screen .at-picture {{ flex: 1 1 480px; max-width: 720px; width: auto; min-width: 0; min-height: 350px; }}
.at-picture svg {{ width: 100%; height: auto; display: block; }} .at-picture p {{ margin: 0; }}
.at-picture summary {{ cursor: pointer; color: {QUIET}; }} .at-picture ul {{ margin: 4px 0 0; padding-left: 18px; }}
"""
CSS += "\n".join(
    f".at-screen .at-is-{state}, .at-screen .at-ways a.at-is-{state} {{ color: {colour}; }}\n"
    f".at-screen .at-figures button.at-figure-{state} {{ color: {colour}; border-color: {colour}; }}"
    for state, colour in COLOURS.items()
)
