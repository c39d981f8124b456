"""Component: one unit's weights as a large picture, to choose a pixel, and the film of its snapshots."""

from nn_viz.ui.pages.neuron.lens.component import Lens, lens, scaled_film

__all__ = ["Lens", "lens", "scaled_film"]
