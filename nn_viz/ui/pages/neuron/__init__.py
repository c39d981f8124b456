"""The Neuron page: one neuron under the lens, the ledger of its weights, questions about it."""
