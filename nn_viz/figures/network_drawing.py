"""A small SVG drawing of a network: one row a layer, from the input down to the ten outputs."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Protocol

_WIDTH = 260  # CSS pixels: the inner width of the column at the side
_ROW = 40
_GLYPH_X, _TEXT_X = 26, 58
_LETTER = 5.8  # the mean width of a letter in the second line, measured in the page's font


class DrawableSpec(Protocol):
    """The attributes of a NetworkSpec that the drawing needs (figures import numpy and plotly alone)."""

    @property
    def input_size(self) -> int: ...  # noqa: D102
    @property
    def shapes(self) -> Sequence[tuple[int, ...]]: ...  # noqa: D102
    @property
    def parameter_counts(self) -> Sequence[int]: ...  # noqa: D102


def network_drawing(spec: DrawableSpec, titles: Sequence[str]) -> str:
    """Return an SVG string: layers with their title, output shape and parameter count, top to bottom.

    `titles` name every layer, the output layer included, as `nn_viz.network.layer_titles` does; what follows a
    title's first comma goes into the second line. The drawing takes its colour from the page (`currentColor`), carries
    a title and a description for screen readers, and escapes every text it is given. Streamlit's `st.html` removes
    SVG; the component `drawing` shows it. Raises ValueError if there is not one title for each layer.
    """
    if len(titles) != len(spec.shapes):
        raise ValueError(f"{len(titles)} titles for {len(spec.shapes)} layers, the output layer included")
    size = spec.input_size
    rows = [(_maps_glyph(1), "input", f"{size} × {size} pixels", "")]
    for title, shape, parameters in zip(titles[:-1], spec.shapes, spec.parameter_counts, strict=False):
        name, _, details = title.partition(", ")
        words = f"{details} · {_shape_words(shape)}" if details else _shape_words(shape)
        rows.append((_glyph(shape), name, words, _count(parameters)))
    rows.append((_dots_glyph(10), titles[-1], "one per class", _count(spec.parameter_counts[-1])))
    total = sum(spec.parameter_counts)
    height = len(rows) * _ROW + 26
    parts = [_row(i, *row) for i, row in enumerate(rows)]
    links = "".join(
        f'<path d="M{_GLYPH_X} {i * _ROW + 35}v10" stroke="currentColor" stroke-opacity=".35" stroke-width="1.5"/>'
        for i in range(len(rows) - 1)
    )
    described = "; ".join(f"{title}, {words}" + (f", {count}" if count else "") for _, title, words, count in rows)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" width="100%" role="img" '
        f'style="max-width:{_WIDTH + 60}px;display:block;'
        f'font-family:inherit;font-variant-numeric:tabular-nums">'
        f"<title>{escape(_headline(titles, total))}</title><desc>{escape(described)}</desc>"
        f"{links}{''.join(parts)}"
        f'<text x="{_WIDTH}" y="{height - 8}" text-anchor="end" font-size="12" fill="currentColor">'
        f'<tspan font-weight="600">{total:,}</tspan> weights and biases</text></svg>'
    )


def _headline(titles: Sequence[str], total: int) -> str:
    *hidden, answers = titles
    return f"A network with {total:,} weights and biases: {'; '.join(hidden or ['no hidden layer'])}; then {answers}"


def _row(index: int, glyph: str, title: str, words: str, count: str) -> str:
    y = index * _ROW
    width = _WIDTH - _TEXT_X
    # A text that is too long, as of a convolution with all options, is squeezed rather than cut off.
    squeezed = f' textLength="{width}" lengthAdjust="spacingAndGlyphs"' if len(words) * _LETTER > width else ""
    return (
        f'<g transform="translate(0 {y})">{glyph}'
        f'<text x="{_TEXT_X}" y="17" font-size="13" font-weight="600" fill="currentColor">{escape(title)}</text>'
        f'<text x="{_TEXT_X}" y="32" font-size="11.5" fill="currentColor" fill-opacity=".7"{squeezed}>'
        f"{escape(words)}</text>"
        f'<text x="{_WIDTH}" y="17" font-size="11.5" text-anchor="end" fill="currentColor" fill-opacity=".7">'
        f"{escape(count)}</text></g>"
    )


def _shape_words(shape: tuple[int, ...]) -> str:
    if len(shape) == 1:
        return "each sees all before it"
    maps = "map" if shape[0] == 1 else "maps"
    return f"{shape[0]} {maps} of {shape[1]} × {shape[2]}"


def _count(parameters: int) -> str:
    return f"{parameters:,}" if parameters else "no weights"


def _glyph(shape: tuple[int, ...]) -> str:
    return _dots_glyph(shape[0]) if len(shape) == 1 else _maps_glyph(shape[0])


def _maps_glyph(channels: int) -> str:
    """Draw a stack of squares: more sheets for more channels, at most four."""
    sheets = min(4, 1 + (channels > 1) + (channels > 7) + (channels > 15))
    left, top = _GLYPH_X - 10 - 1.5 * (sheets - 1), 9 + (sheets - 1)
    stroke = 'stroke="currentColor" stroke-opacity=".6"'
    # Only what shows of the sheets behind: no fill has to hide the rest, whatever the page's background is.
    behind = "".join(
        f'<path d="M{left + 3 * k:g} {top - 2 * k + 2:g}v-2h20v20h-3" fill="none" {stroke}/>' for k in range(1, sheets)
    )
    geometry = f'x="{left:g}" y="{top:g}" width="20" height="20" rx="1"'
    return behind + f'<rect {geometry} fill="currentColor" fill-opacity=".08" {stroke}/>'


def _dots_glyph(units: int) -> str:
    """Draw a row of dots: wider for more units, at most nine."""
    dots = 3 if units < 8 else 5 if units < 20 else 7 if units < 60 else 9
    step = 36 / 9
    return "".join(
        f'<circle cx="{_GLYPH_X + (k - (dots - 1) / 2) * step * 1.25:g}" cy="20" r="2" fill="currentColor" '
        'fill-opacity=".75"/>'
        for k in range(dots)
    )
