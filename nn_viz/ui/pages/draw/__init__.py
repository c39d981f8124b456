"""The Draw page: a drawn digit's activations in every layer, updated stroke by stroke."""
