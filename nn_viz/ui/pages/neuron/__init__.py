"""The Neuron page: one unit's weights, the ledger of a single weight, and analyses of the unit."""
