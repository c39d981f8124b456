"""The Convolution page: a filter step by step, receptive fields, and the patches that excite a unit most."""

from __future__ import annotations

import streamlit as st

from nn_viz.ui.live.page_rows import page_rows
from nn_viz.ui.live.page_spec import PageSpec, RenderedPage
from nn_viz.ui.pages.convolution.panels import PANELS
from nn_viz.ui.pages.convolution.parameters import OWN, PARAMETERS, ConvolutionChoices
from nn_viz.ui.pages.convolution.patches import patches_version
from nn_viz.ui.pages.convolution.reveals import REVEALS
from nn_viz.ui.pages.convolution.views import CONVOLUTION_VIEWS
from nn_viz.ui.widgets.switches import switches


def show(page: RenderedPage) -> None:
    """Draw the page."""
    part = page.context.chosen.of(ConvolutionChoices).part
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", gap="small"):
        with st.container(width="content"):
            switches(page.messages["part_switches"])
        for row in page_rows():
            if row.entrance is not None:
                row.entrance(page)
    with st.container(key=f"part_{part}"):
        if page.is_veiled:
            st.info("Say above what you think. Then you see it here.")
        else:
            PANELS[part](page.context, page.messages)


def parts_of(own: ConvolutionChoices) -> tuple[object, ...]:
    """Return the choices that decide which elements Streamlit draws."""
    return own.part, own.kernel == OWN


PAGE = PageSpec(
    "convolution",
    "Convolution",
    4,
    show,
    views=CONVOLUTION_VIEWS,
    choices=ConvolutionChoices,
    parameters=PARAMETERS,
    script_choices=lambda context: parts_of(context.chosen.of(ConvolutionChoices)),
    background_version=patches_version,
    reveals=REVEALS,
)
