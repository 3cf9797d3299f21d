"""Voila's exporter, with templates that are compiled once in the life of the server.

Voila makes an exporter for each page, and each would compile them again: a tenth of the time until the page is there.
"""

from types import CodeType

import voila.notebook_renderer
from jinja2 import BytecodeCache, Environment
from jinja2.bccache import Bucket
from voila.exporter import VoilaExporter


class _CompiledTemplates(BytecodeCache):
    """Kept in memory, by the name of the template's file and its text."""

    def __init__(self) -> None:
        self._codes: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give the bucket its code, if there is any."""
        bucket.code = self._codes.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep the bucket's code."""
        if bucket.code is not None:
            self._codes[bucket.key, bucket.checksum] = bucket.code


_COMPILED = _CompiledTemplates()


class PageExporter(VoilaExporter):  # type: ignore[misc]
    """See the module."""

    def _create_environment(self) -> Environment:
        environment: Environment = super()._create_environment()
        environment.bytecode_cache = _COMPILED
        return environment


def use() -> None:
    """Let Voila use it: which class it takes can't be configured."""
    voila.notebook_renderer.VoilaExporter = PageExporter
