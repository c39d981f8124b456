"""Importing torchvision beside a torch that was built without its operators."""

from __future__ import annotations

import importlib
from types import ModuleType
from typing import Any

# As torchvision's C++ library would register them (csrc/ops/nms.cpp, csrc/ops/quantized/cpu/qnms_kernel.cpp).
_OPERATORS = {
    "nms": "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms": "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
}

_libraries: list[Any] = []
"""Keeps the declarations alive: torch forgets them when the library that made them is collected."""


def import_torchvision() -> ModuleType:
    """Return the package torchvision. It takes a second or two: call this where it is needed, not at the top.

    The wheels on the package index are built for CUDA. Beside a CPU-only torch their C++ library does not
    load, and the import stops at "operator torchvision::nms does not exist", although datasets and
    transforms need no such operator. Only then are the missing operators declared (without an
    implementation), and the import tried again.

    Raises ImportError or RuntimeError as torchvision does, when it is missing or broken in another way.
    """
    try:
        return importlib.import_module("torchvision")
    except RuntimeError as error:
        if not any(f"operator torchvision::{name} does not exist" in str(error) for name in _OPERATORS):
            raise
    _declare_operators()
    return importlib.import_module("torchvision")


def _declare_operators() -> None:
    torch: Any = importlib.import_module("torch")
    library = torch.library.Library("torchvision", "FRAGMENT")
    _libraries.append(library)
    for name, signature in _OPERATORS.items():
        if not hasattr(torch.ops.torchvision, name):
            library.define(signature)
