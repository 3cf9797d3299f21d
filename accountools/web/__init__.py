"""The notebooks in JupyterLab, and as web pages by Voilà.

`launch` starts either, `lab` and `serve` are their servers, `server_process` is what these share, `page_texts` makes a page of a notebook,
`ready_kernels` keeps started kernels for the next pages, `preload` imports the program while a kernel starts, `shortcut` makes the icon
that starts the pages, `hub` makes them a person's server of a JupyterHub.
"""

from pathlib import Path

SHARE = Path(__file__).parent  # for JUPYTER_PATH: `kernels` has the kernel, `nbconvert/templates` the template of the pages
PARENT = "ACCOUNTOOLS_PARENT"  # in a server's environment: the process that started it, with which it ends
