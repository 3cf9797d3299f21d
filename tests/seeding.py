"""All that is random in the tests follows from one number: `pytest --seed N`. It is printed in the header; the default never changes.

Keys, nonces and salts are made by the program's libraries and differ in each run: no test may depend on their values.
"""

import random

from hypothesis import HealthCheck, settings

DEFAULT_SEED = 2041
_seed = DEFAULT_SEED


def use_seed(seed: int) -> None:
    """Set the seed of this process. Hypothesis gets it through its own option, `--hypothesis-seed`."""
    global _seed  # noqa: PLW0603
    _seed = seed
    # A database of examples would add those of earlier runs; time limits would depend on how busy the machine is.
    settings.register_profile("seeded", database=None, deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True)
    settings.load_profile("seeded")


def random_for(purpose: object) -> random.Random:
    """A generator of random numbers for one purpose; the same seed and purpose give the same numbers."""
    return random.Random(f"{_seed} {purpose}")
