"""The job board: neurons by answers, what breaks without each neuron, and which other one answers most alike."""

from nn_viz.ui.pages.neuron.job_board.component import BoardRow, board_message, job_board

__all__ = ["BoardRow", "board_message", "job_board"]
