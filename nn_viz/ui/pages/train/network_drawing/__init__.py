"""The drawing of the network beside its settings."""
