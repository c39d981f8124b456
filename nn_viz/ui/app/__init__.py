"""The frame that all pages stand in, and what lives as long as the server."""
