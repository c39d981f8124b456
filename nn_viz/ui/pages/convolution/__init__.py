"""The Convolution page: a filter step by step, receptive fields, and the patches that excite a unit most."""
