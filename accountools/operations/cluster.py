"""Jobs on a Dask cluster."""

import logging
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from accountools import safe_files
from accountools.domain.errors import AccountoolsError, MachineFailed, Refused
from accountools.domain.obstacle import Reason
from accountools.operations.backup_key import read_backup_key
from accountools.operations.errors import InternalError
from accountools.operations.session import Office
from accountools.operations.workers import AHEAD, O, Workers, faults_as_errors
from accountools.storage.address import is_url
from accountools.version import VERSION

if TYPE_CHECKING:
    from distributed import Client

_CONNECTING, _PATIENCE = 5, 5  # seconds: until a scheduler answers, and between two looks whether there are still workers
_MOST_LOOKS = 6  # that find no worker at all, before nobody waits for one any more
T = TypeVar("T")


class ClusterAway(MachineFailed):
    """`cluster-away`: nobody answers for the workers. They may still be at work, and write what they were asked for."""

    def __init__(self, address: str) -> None:
        super().__init__("cluster-away", address=address)


@contextmanager
def cluster(office: O, address: str, *, signs: bool, reads: Iterable[Path], writes: Path | None) -> Iterator[Workers[O]]:
    """The workers of a Dask scheduler. A thread here waits for each job: so what is at work is known, and can be waited for."""
    try:
        from distributed import Client
    except ImportError as error:
        raise Refused("package-missing", package="distributed", extra="cluster") from error
    for name in ("distributed", "distributed.client", "distributed.core"):
        logging.getLogger(name).setLevel(logging.CRITICAL)  # what matters is an error of ours
    try:
        client = Client(address, timeout=_CONNECTING, set_as_default=False)
    except (OSError, ValueError) as error:
        raise ClusterAway(address) from error
    with client:
        folders = [] if writes is None else [writes]
        if office is not None and not is_url(office.engine.place):
            folders.append(office.engine.work_folder)  # books are made in it, and are given their place from there
        there = [path for path in reads if safe_files.has_file(path) or safe_files.has_folder(path)]
        with _probes(folders) as probes:
            count = _suitable_threads(client, office, address, signs=signs, seen=[*probes, *there])
        pool = ThreadPoolExecutor(AHEAD * count)
        try:
            yield Workers(office, pool, _OnCluster(client, office, address), count)
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


@contextmanager
def _probes(folders: Iterable[Path]) -> Iterator[list[Path]]:
    """A file in each of these folders, by which a worker shows that its folder of that name is the same one."""
    probes = [safe_files.temporary_path(folder / "probe") for folder in folders]
    try:
        for probe in probes:
            safe_files.create_private(probe).close()
        yield probes
    finally:
        for probe in probes:
            safe_files.discard(probe)


def _suitable_threads(client: "Client", office: Office | None, address: str, *, signs: bool, seen: list[Path]) -> int:
    """How many jobs the workers can do at a time, once each was asked whether it is able to. Raises `worker-unsuitable`."""
    threads: dict[str, int] = client.nthreads()
    if not threads:
        raise ClusterAway(address)
    for worker, answer in client.run(_why_unsuitable, office, VERSION, signs=signs, seen=seen, on_error="return").items():
        if isinstance(answer, AccountoolsError):
            raise Refused("worker-unsuitable", worker=worker, why=answer.reason)
        if isinstance(answer, str):
            raise Refused("worker-unsuitable", worker=worker, why=Reason.WORKER_VERSION, version=answer)
        if answer is not None:
            raise Refused("worker-unsuitable", worker=worker, why=f"“{answer}”")
    return sum(threads.values())


def _why_unsuitable(office: Office | None, version: str, *, signs: bool, seen: list[Path]) -> str | None:
    """Asked of each worker of a cluster: the version that it has, if it is another."""
    if version != VERSION:
        return f"accountools {VERSION}"
    if office is not None:
        office.engine.open()
        if signs:
            read_backup_key(office.engine)
    for path in seen:
        if not path.exists():
            is_probe = safe_files.is_temporary(path)
            raise Refused("file-not-found", path=path, folder=path.parent) if is_probe else Refused("file-not-found", path=path)
    return None


@dataclass(frozen=True)
class _OnCluster:
    """Runs a job on the cluster, and waits for it."""

    client: "Client"
    office: Office | None
    address: str

    def __call__(self, job: Callable[..., T], /, *args: Any, **kwargs: Any) -> T:
        from distributed import KilledWorker
        from distributed.client import ClosedClientError
        from distributed.comm.core import CommClosedError

        try:
            done: Future[T] = self.client.get_executor(pure=False).submit(_ClusterJob(job, (self.office, *args), kwargs))
        except (ClosedClientError, CancelledError, OSError, RuntimeError) as error:
            raise ClusterAway(self.address) from error
        looks = 0
        while not wait([done], timeout=_PATIENCE).done:
            looks = 0 if self._has_workers() else looks + 1
            if looks == _MOST_LOOKS:
                done.cancel()
                raise ClusterAway(self.address)
        if done.cancelled() or isinstance(done.exception(), CancelledError):  # nobody cancels what is at work: the scheduler is gone
            raise ClusterAway(self.address)
        if isinstance(done.exception(), KilledWorker):
            raise MachineFailed("machine-failed", what=str(done.exception()))
        try:
            with faults_as_errors():
                return done.result()
        except CommClosedError as error:  # which is an OSError, as a job's own
            raise ClusterAway(self.address) from error
        except InternalError as error:
            if self._has_workers():
                raise
            raise ClusterAway(self.address) from error  # Dask has many errors for a scheduler that went just then

    def _has_workers(self) -> bool:
        try:
            return bool(self.client.nthreads())
        except Exception:  # whatever it says, it can't be asked
            return False


class _ClusterJob:
    """A job with its arguments, which Dask's logs and pages show by its name only: they hold licences and passphrases."""

    def __init__(self, job: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        self.__name__ = job.__name__
        self._job, self._args, self._kwargs = job, args, kwargs

    def __call__(self) -> Any:
        return self._job(*self._args, **self._kwargs)

    def __repr__(self) -> str:
        return f"<job {self.__name__}>"
