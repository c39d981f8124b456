"""One neuron's weights large: a pixel to choose, and the film of how they came to be."""

from nn_viz.ui.pages.neuron.lens.component import lens, lens_message

__all__ = ["lens", "lens_message"]
