"""Components and panels that two or more pages use."""
