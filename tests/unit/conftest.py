"""What tests of the training ask for with `pytestmark = pytest.mark.usefixtures("one_thread")`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest


@pytest.fixture(scope="module")
def one_thread() -> Iterator[None]:
    """As the engine's workers have it: with more, a matrix product adds up differently for some neurons."""
    import torch  # not above: most tests of the house's rules need none, and it takes a second

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)
