"""The Train page: choose a network, train it, watch it learn."""
