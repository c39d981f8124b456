"""One folder per page; each has a `page.py` with its row `PAGE` (`nn_viz.ui.live.page_spec`)."""
