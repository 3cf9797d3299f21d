"""How the kernels of this program's environment start: forked, or where that can't be done as Jupyter starts them."""

import asyncio
import os
from pathlib import Path
from typing import Any

from jupyter_client.provisioning.local_provisioner import LocalProvisioner

from accountools.web.forked_kernels import SOURCE

LAUNCHER = "ipykernel_launcher"


class ForkingProvisioner(LocalProvisioner):
    """Jupyter's provisioner of local kernels, which forks them."""

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        """Fork the kernel, or start it as Jupyter does."""
        self.cwd = kwargs.get("cwd") or str(Path.cwd())
        process = None
        if LAUNCHER in cmd:
            arguments = cmd[cmd.index(LAUNCHER) + 1 :]
            process = await asyncio.to_thread(SOURCE.fork, arguments, Path(self.cwd), dict(kwargs.get("env") or os.environ))
        if process is None:
            return await super().launch_kernel(cmd, **kwargs)
        self.process = process  # type: ignore[assignment]
        self.pid = self.pgid = process.pid  # it leads a group of its own
        return self.connection_info
