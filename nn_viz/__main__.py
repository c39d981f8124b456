"""`python -m nn_viz` serves the app, as the command `nn-viz` does."""

import sys

from nn_viz.ui.app.command import main

if __name__ == "__main__":
    sys.exit(main())
