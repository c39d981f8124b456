"""The live connection of a tab: its websocket, its state, the messages in both directions, and caches of results."""
