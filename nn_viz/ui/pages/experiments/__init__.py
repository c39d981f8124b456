"""The Experiments page: ask, predict, run networks side by side, read the verdict."""
