"""The pages, one row each: a new page is a module with a `show` function and a row here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from nn_viz.ui.pages.convolution import page as convolution
from nn_viz.ui.pages.draw import page as draw
from nn_viz.ui.pages.experiments import page as experiments
from nn_viz.ui.pages.neuron import page as neuron
from nn_viz.ui.pages.train import page as train


@dataclass(frozen=True, slots=True)
class PageRow:
    """A page's name in the address, its title in the navigation and the function that draws it."""

    key: str
    title: str
    show: Callable[[], None]


PAGES = (
    PageRow("train", "Train", train.show),
    PageRow("draw", "Draw", draw.show),
    PageRow("neuron", "Neuron", neuron.show),
    PageRow("convolution", "Convolution", convolution.show),
    PageRow("experiments", "Experiments", experiments.show),
)
