"""One neuron's weights large: a pixel to choose, and the film of how they came to be."""

from nn_viz.ui.pages.neuron.lens.component import Lens, lens, scaled_film

__all__ = ["Lens", "lens", "scaled_film"]
