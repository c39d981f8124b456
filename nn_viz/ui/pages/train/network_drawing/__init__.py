"""Component: the drawing of the network, made by the server as SVG."""
