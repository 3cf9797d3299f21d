"""A picture (a matplotlib figure) as bytes, PNG or SVG, with its title and its description as text within it.

Nothing of the machine or the moment is in them: the same picture gives the same bytes.
"""

import io
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_STYLE: Any = {  # matplotlib names the type of each key
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 9,
    "text.parse_math": False,  # a name may hold a dollar sign
    "hatch.linewidth": 0.8,
    "svg.fonttype": "none",  # text stays text: to be searched, and read aloud
    "svg.hashsalt": "accountools",
}
_NAMELESS = {"Creator": None, "Date": None, "Format": None, "Type": None}
_DPI = 160
_FONT = '"DejaVu Sans", system-ui, "Segoe UI", Roboto, Arial, sans-serif'


@contextmanager
def drawing() -> Iterator[None]:
    """The style in which pictures are drawn and written, whatever the user's own is; a sign that no font has is no reason to complain."""
    import matplotlib as mpl

    with mpl.rc_context(), warnings.catch_warnings():
        mpl.rcdefaults()
        mpl.rcParams.update(_STYLE)
        warnings.filterwarnings("ignore", message="Glyph")
        yield


def png(figure: "Figure", title: str, words: str) -> bytes:
    """The picture as PNG; title and words stand in its text chunks."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    buffer = io.BytesIO()
    with drawing():
        FigureCanvasAgg(figure)  # the figure is drawn on it from now on
        figure.savefig(buffer, format="png", dpi=_DPI, metadata={"Software": None, "Title": title, "Description": words})
    return buffer.getvalue()


def svg(figure: "Figure", title: str, words: str) -> bytes:
    """The picture as a file of SVG, with `title` and `desc` for who doesn't see it."""
    return b'<?xml version="1.0" encoding="utf-8"?>\n' + inline_svg(figure, title, words, "picture").encode(errors="replace") + b"\n"


def inline_svg(figure: "Figure", title: str, words: str, name: str) -> str:
    """The picture as SVG to stand within a page; `name` sets its identifiers apart from those of another picture there."""
    from matplotlib.backends.backend_svg import FigureCanvasSVG

    buffer = io.BytesIO()
    with drawing():
        canvas: Any = FigureCanvasSVG(figure)
        canvas.print_svg(buffer, metadata=_NAMELESS)
    text = buffer.getvalue().decode()
    text = text[text.index("<svg") :].strip().replace("'DejaVu Sans'", escape(_FONT).replace("&quot;", "'"))
    text = re.sub(r'(\bid="|url\(#|href="#)', rf"\g<1>{name}-", text)
    text = text.replace("*{stroke", f"#{name}-figure_1 *{{stroke", 1)  # of this picture, not of the page around it
    described = f'<title id="{name}-title">{escape(title)}</title><desc id="{name}-words">{escape(words)}</desc>'
    text = re.sub(r"<svg\b", f'<svg role="img" aria-labelledby="{name}-title {name}-words"', text, count=1)
    return re.sub(r"(<svg\b[^>]*>)", lambda found: found[1] + described, text, count=1)
