"""What one unit sees of the picture: its layers to choose it from, its footprint by arithmetic and as measured."""

from nn_viz.ui.pages.convolution.field.component import FieldLayer, Measured, field, field_message

__all__ = ["FieldLayer", "Measured", "field", "field_message"]
