"""One started kernel is kept for the next page: it has imported the program, but has not opened the office.

So a page doesn't wait for Python to start, and shows the office as it is when the page is opened.
"""

import asyncio
from typing import Any

from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager
from jupyter_server.utils import ApiPath

DELAY = 3.0  # seconds between opening a page and starting the next spare kernel


class ReadyKernels(AsyncMappingKernelManager):
    """The kernels of the pages, and a spare one."""

    spare: "asyncio.Future[str] | None" = None

    def start_spare(self) -> None:
        """Start the spare kernel."""
        if self.spare is None:
            self.spare = asyncio.ensure_future(super().start_kernel(path=ApiPath("")))

    async def start_kernel(self, **options: Any) -> str:  # type: ignore[override]
        """Give the spare kernel, or a new one where there is none; start the next spare a little later."""
        spare, self.spare = self.spare, None
        asyncio.get_running_loop().call_later(DELAY, self.start_spare)
        kernel = await spare if spare is not None else None
        return kernel if kernel is not None and kernel in self else await super().start_kernel(**options)

    async def cull_kernel_if_idle(self, kernel_id: str) -> None:
        """Stop a kernel whose page was closed; never the spare."""
        if self.spare is None or not self.spare.done() or self.spare.result() != kernel_id:
            await super().cull_kernel_if_idle(kernel_id)  # type: ignore[no-untyped-call]
