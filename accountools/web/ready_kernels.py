"""One kernel is always ready for the next page: it runs and has the program in it, but has looked at nothing of the office yet.

So a page shows the office as it is when the page is opened, and still doesn't wait for Python to start.
"""

import asyncio
from typing import Any

from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager
from jupyter_server.utils import ApiPath

CALM = 3.0  # seconds after a page was opened in which nothing else is begun


class ReadyKernels(AsyncMappingKernelManager):
    """The kernels of the pages, and the one that waits."""

    spare: "asyncio.Future[str] | None" = None

    def make_ready(self) -> None:
        """Start the kernel that waits; it takes the program in while nobody asks for it."""
        if self.spare is None:
            self.spare = asyncio.ensure_future(super().start_kernel(path=ApiPath("")))

    async def start_kernel(self, **asked: Any) -> str:  # type: ignore[override]
        """Give the kernel that waits, if there is one, and begin the next a little later."""
        waiting, self.spare = self.spare, None
        asyncio.get_running_loop().call_later(CALM, self.make_ready)
        taken = await waiting if waiting is not None else None
        return taken if taken is not None and taken in self else await super().start_kernel(**asked)

    async def cull_kernel_if_idle(self, kernel_id: str) -> None:
        """End a kernel whose page went; never the one that waits."""
        if self.spare is None or not self.spare.done() or self.spare.result() != kernel_id:
            await super().cull_kernel_if_idle(kernel_id)  # type: ignore[no-untyped-call]
