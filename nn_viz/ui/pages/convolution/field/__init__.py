"""Component: the receptive field of a unit, by arithmetic and as measured, and the layers to choose the unit from."""

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
