"""The snapshots of a run as a track: drag to go back in time, play back, or follow the newest."""

from nn_viz.ui.widgets.time_slider.component import TimeSlider, slider_over, time_slider

__all__ = ["TimeSlider", "slider_over", "time_slider"]
