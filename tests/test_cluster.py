"""Jobs on a Dask cluster and on processes: the same work, done once, also when a worker is killed."""

import os
import re
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.workspace import Workspace

pytest.importorskip("distributed", reason="dask and distributed (the extra `cluster`) are not installed")
ADDRESS = re.compile(r"tcp://127\.0\.0\.1:\d+")
