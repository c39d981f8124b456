"""What one unit sees of the picture: its layers to choose it from, its footprint by arithmetic and as measured."""

from nn_viz.ui.pages.convolution.field.component import (
    Field,
    FieldLayer,
    MeasuredCell,
    UnitCell,
    field,
    field_layers,
    field_pictures,
)

__all__ = ["Field", "FieldLayer", "MeasuredCell", "UnitCell", "field", "field_layers", "field_pictures"]
