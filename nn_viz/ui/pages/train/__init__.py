"""The Train page: choose a network, train it, see its weights, curves and mistakes."""
