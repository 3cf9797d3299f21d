"""A stage of a stream hands on all that it gets, in order, and what goes wrong behind it is raised before it."""

import io
from typing import IO, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accountools.formats.backup.pipeline import PipelineStage


@given(st.lists(st.binary(max_size=50), max_size=60), st.integers(1, 200), st.integers(1, 200))
def test_all_of_it_arrives_in_order(chunks: list[bytes], one: int, other: int) -> None:
    target = io.BytesIO()
    with PipelineStage(target, one) as second, PipelineStage(second, other) as first:
        for chunk in chunks:
            assert first.write(chunk) == len(chunk)
    assert target.getvalue() == b"".join(chunks)


def test_a_buffer_that_is_used_again_has_arrived_as_it_was() -> None:
    target, buffer = io.BytesIO(), bytearray(b"first")
    with PipelineStage(target, 1) as stage:
        stage.write(cast("bytes", buffer))
        buffer[:] = b"other"
        stage.write(cast("bytes", buffer))
    assert target.getvalue() == b"firstother"


class Failing(io.BytesIO):
    """Fails at the nth write and counts those after it."""

    def __init__(self, at: int) -> None:
        super().__init__()
        self.at, self.writes = at, 0

    def write(self, data: object, /) -> int:
        self.writes += 1
        if self.writes >= self.at:
            raise OSError(28, "full")
        return len(cast("bytes", data))


@pytest.mark.parametrize("at", [1, 2, 40])
@pytest.mark.parametrize("chunks", [1, 40, 500])
def test_what_fails_behind_it_is_raised_once_and_nothing_hangs(at: int, chunks: int) -> None:
    target = Failing(at)

    def write_all(sink: IO[bytes]) -> None:
        with PipelineStage(sink, 1) as stage:
            for _ in range(chunks):
                stage.write(b"x")

    if chunks < at:
        write_all(cast("IO[bytes]", target))
    else:
        with pytest.raises(OSError, match="full"):
            write_all(cast("IO[bytes]", target))
    assert target.writes == min(at, chunks)


def test_what_fails_before_it_is_not_hidden_by_what_failed_behind() -> None:
    def write_and_fail() -> None:
        with PipelineStage(Failing(1)) as stage:
            stage.write(b"x")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_and_fail()
