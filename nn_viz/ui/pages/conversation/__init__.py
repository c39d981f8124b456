"""The conversation: eight stations that lead through the other pages."""
