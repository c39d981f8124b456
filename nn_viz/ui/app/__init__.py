"""The frame around all pages, the command `nn-viz`, and the server: its lifespan, routes, headers and options."""
