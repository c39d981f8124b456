"""The entry of the web app: `streamlit run app.py`, or `uvicorn app:app` behind a proxy.

`nn_viz/ui/app/frame.py` is the page that every browser session runs; what lives longer than a session (the training
workers, the headers, the served assets) is set up here, once per server.
"""

import streamlit as st

from nn_viz.ui.app import server

server.check_settings()

app = st.App("nn_viz/ui/app/frame.py", lifespan=server.lifespan, routes=server.routes(), middleware=server.middleware())
