"""Exits with 1 and one sentence when an NN_VIZ_ variable has a value that makes no sense."""

from __future__ import annotations

import sys

from nn_viz.engine.settings import EngineSettings, SettingsError

if __name__ == "__main__":
    try:
        EngineSettings.from_environment()
    except SettingsError as error:
        print(error)
        sys.exit(1)
