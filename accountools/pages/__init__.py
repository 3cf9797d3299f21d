"""The pages: the notebooks as Voilà serves them, with their code hidden. `serve` starts it, `wording` makes a page of a notebook."""

from pathlib import Path

TEMPLATES = Path(__file__).parent  # for JUPYTER_PATH; the template is in its `nbconvert/templates`
