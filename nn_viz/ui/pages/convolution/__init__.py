"""The Convolution page: a filter walks, what a unit sees, what it looks for."""
