"""The Experiments page: choose a question, predict, train several networks, read the verdict."""
