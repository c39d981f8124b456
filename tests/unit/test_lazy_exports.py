"""What `import nn_viz` offers, and what it leaves alone until it is used."""

from __future__ import annotations

import subprocess
import sys

import pytest

import nn_viz
import nn_viz.engine


@pytest.mark.parametrize("package", [nn_viz, nn_viz.engine], ids=lambda package: package.__name__)
def test_a_package_offers_what_it_lists(package):
    for name in package.__all__:
        assert getattr(package, name).__module__.startswith("nn_viz.")
    assert set(package.__all__) <= set(dir(package))
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        package.nothing  # noqa: B018


def test_importing_the_package_imports_no_torch_before_it_is_used():
    script = "import sys, nn_viz, nn_viz.engine; nn_viz.engine.EngineSettings(); assert 'torch' not in sys.modules; "
    script += "from nn_viz import train; assert 'torch' in sys.modules"
    subprocess.run([sys.executable, "-c", script], check=True)
