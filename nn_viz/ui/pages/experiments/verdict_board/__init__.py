"""What came out: a headline, a sentence with the figures, and a bar for each of them with a dot for every seed."""

from nn_viz.ui.pages.experiments.verdict_board.component import VerdictBoard, VerdictRow, verdict_bars, verdict_board

__all__ = ["VerdictBoard", "VerdictRow", "verdict_bars", "verdict_board"]
