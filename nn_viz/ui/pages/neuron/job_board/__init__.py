"""The job board: neurons by answers, what breaks without each neuron, and which other one answers most alike."""

from nn_viz.ui.pages.neuron.job_board.component import BoardRow, JobBoard, job_board

__all__ = ["BoardRow", "JobBoard", "job_board"]
