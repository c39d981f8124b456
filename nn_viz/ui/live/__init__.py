"""The live connection of a tab: what it shows, what is chosen, and the messages in both directions."""
