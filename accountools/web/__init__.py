"""What a Jupyter server gets from us: kernels that take the program in ahead (`ahead`), and the notebooks as pages, their code hidden.

`serve` starts the pages, `wording` makes a page of a notebook, `ready` keeps a kernel ready for the next one.
"""

from pathlib import Path

SHARE = Path(__file__).parent  # for JUPYTER_PATH: in `kernels` the kernel, in `nbconvert/templates` the template of a page
