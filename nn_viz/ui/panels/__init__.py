"""The blocks that pages are made of: each draws one thing and handles what is clicked in it."""
