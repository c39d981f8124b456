"""The entry of the web app for Streamlit and ASGI servers: `streamlit run app.py`, or `uvicorn app:app` behind a proxy.

`nn-viz` and `make run` serve the same app without this file (`nn_viz/ui/app/command.py`). What lives longer than a
browser session (the training workers, the headers, the served files) is set up once per server.
"""

import streamlit as st

from nn_viz.ui.app import server

server.prepare()

app = st.App(server.FRAME, lifespan=server.lifespan, routes=server.routes(), middleware=server.middleware())
