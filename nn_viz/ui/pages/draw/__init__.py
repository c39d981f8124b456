"""The Draw page: every neuron answers while a digit is drawn."""
