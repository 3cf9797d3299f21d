"""The notebooks in JupyterLab, and as web pages by Voilà.

`launch` starts either, `serve` is the server of the pages, `page_texts` makes a page of a notebook, `ready_kernels` keeps a started kernel
for the next page, `preload` imports the program while a kernel starts.
"""

from pathlib import Path

SHARE = Path(__file__).parent  # for JUPYTER_PATH: `kernels` has the kernel, `nbconvert/templates` the template of the pages
