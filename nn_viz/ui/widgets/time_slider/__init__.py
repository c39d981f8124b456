"""Component: the time slider over the snapshots of a run, to show an earlier one or follow the newest."""

from nn_viz.ui.widgets.time_slider.component import TimeSlider, slider_over, time_slider

__all__ = ["TimeSlider", "slider_over", "time_slider"]
