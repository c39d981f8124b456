"""The live views: painted in the browser, repainted in place.

Every root element carries `data-view`, `data-epoch`, `data-step`, `data-sent` and `data-painted`
(milliseconds since 1970: when the server looked, when the browser had painted) and an accessible name.
"""

from nn_viz.ui.components.bar_rows import BarRow, bar_rows, bars_message
from nn_viz.ui.components.digit_flow import FlowLayer, Ways, digit_flow, flow_message
from nn_viz.ui.components.drag_box import Answering, drag_box, drag_message
from nn_viz.ui.components.field import FieldLayer, Measured, field, field_message
from nn_viz.ui.components.flow_weights import Filters, weights_message
from nn_viz.ui.components.job_board import BoardRow, board_message, job_board
from nn_viz.ui.components.lens import lens, lens_message
from nn_viz.ui.components.live_figure import figure_message, live_figure
from nn_viz.ui.components.pad import drawing_pad, pad_message
from nn_viz.ui.components.picture_row import picture_row, pictures_message
from nn_viz.ui.components.pixel_wall import pixel_wall, wall_message
from nn_viz.ui.components.progress_bar import Follow, progress_message
from nn_viz.ui.components.sentences import sentences, sentences_message
from nn_viz.ui.components.shift_curves import CurveLine, CurvePanel, curves_message, shift_curves
from nn_viz.ui.components.status_bar import status_bar, status_message
from nn_viz.ui.components.switches import Control, switch, switches, switches_message
from nn_viz.ui.components.time_slider import slider_message, time_slider
from nn_viz.ui.components.verdict_board import VerdictRow, verdict_board, verdict_message
from nn_viz.ui.components.walk import Operation, walk, walk_message
from nn_viz.ui.components.wire import content, dated, now

__all__ = [
    "Answering",
    "BarRow",
    "BoardRow",
    "Control",
    "CurveLine",
    "CurvePanel",
    "FieldLayer",
    "Filters",
    "FlowLayer",
    "Follow",
    "Measured",
    "Operation",
    "VerdictRow",
    "Ways",
    "bar_rows",
    "bars_message",
    "board_message",
    "content",
    "curves_message",
    "dated",
    "digit_flow",
    "drag_box",
    "drag_message",
    "drawing_pad",
    "field",
    "field_message",
    "figure_message",
    "flow_message",
    "job_board",
    "lens",
    "lens_message",
    "live_figure",
    "now",
    "pad_message",
    "picture_row",
    "pictures_message",
    "pixel_wall",
    "progress_message",
    "sentences",
    "sentences_message",
    "shift_curves",
    "slider_message",
    "status_bar",
    "status_message",
    "switch",
    "switches",
    "switches_message",
    "time_slider",
    "verdict_board",
    "verdict_message",
    "walk",
    "walk_message",
    "wall_message",
    "weights_message",
]
