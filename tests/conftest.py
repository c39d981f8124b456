"""What all tests share: how many run side by side, and that no search for a counter-example is timed."""

from __future__ import annotations

import pytest
from hypothesis import settings

from nn_viz.engine.processors import processors

# Each of them holds torch, and some start processes that train: half a gigabyte.
MOST_TEST_PROCESSES = 8

# An example that takes long tells more of the machine, which runs other tests beside it, than of the code.
settings.register_profile("all", deadline=None, max_examples=100)
settings.register_profile("quick", deadline=None, max_examples=40)  # `make quick`
settings.load_profile("all")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """What `-n auto` means: the processors that may really be used, in a container fewer than there are."""
    return min(processors(), MOST_TEST_PROCESSES)
