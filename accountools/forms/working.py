"""Where long work is done: at once, in the one thread there is, or in a thread of its own so that the page stays alive."""

import threading
from collections.abc import Callable

Job = Callable[[], None]
Start = Callable[[Job], None]


def at_once(job: Job) -> None:
    """Do it here and now, and come back when it is done."""
    job()


def in_a_thread(job: Job) -> None:
    """Do it in a thread, which ends with the program: what it was cut off at is settled the next time the office is opened."""
    threading.Thread(target=job, name="accountools", daemon=True).start()
