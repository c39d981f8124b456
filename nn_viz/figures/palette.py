"""The colours of all views: one table for Plotly figures and for pictures that the browser paints.

The ramps are built in OKLCH (Björn Ottosson, "A perceptual color space for image processing", 2020), where
equal steps look equal. People with red-green colour blindness can tell blue from orange; both arms of the diverging
ramp have the same lightness, so that -0.3 and +0.3 look equally strong in grey, too.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Ramp = Literal["diverging", "sequential", "ink", "errors", "hits"]
RampKind = Literal["signed", "magnitude"]

STOPS = 17  # sent to the browser, which interpolates between them; odd, so that one stop is exactly zero


@dataclass(frozen=True, slots=True)
class _Arm:
    """A path through OKLCH from zero to full value: lightness, chroma and hue in degrees at both ends."""

    lightness: tuple[float, float]
    chroma: tuple[float, float]
    hue: tuple[float, float]


# Zero is nearly the page's own background, so that weights near zero recede and strong ones stand out.
_LIGHT_NEUTRAL, _DARK_NEUTRAL = 0.97, 0.25
_ARMS: dict[str, tuple[_Arm, _Arm]] = {  # name: (light theme, dark theme)
    "negative": (
        _Arm((_LIGHT_NEUTRAL, 0.40), (0.0, 0.16), (245.0, 262.0)),
        _Arm((_DARK_NEUTRAL, 0.84), (0.0, 0.13), (258.0, 222.0)),
    ),
    "positive": (
        _Arm((_LIGHT_NEUTRAL, 0.40), (0.0, 0.15), (62.0, 40.0)),
        _Arm((_DARK_NEUTRAL, 0.84), (0.0, 0.15), (38.0, 68.0)),
    ),
    "sequential": (
        _Arm((_LIGHT_NEUTRAL, 0.36), (0.0, 0.12), (165.0, 195.0)),
        _Arm((_DARK_NEUTRAL, 0.93), (0.0, 0.14), (195.0, 150.0)),
    ),
    "ink": (_Arm((1.0, 0.20), (0.0, 0.01), (260.0, 260.0)), _Arm((0.21, 0.97), (0.0, 0.01), (260.0, 260.0))),
    "errors": (
        _Arm((_LIGHT_NEUTRAL, 0.50), (0.0, 0.19), (62.0, 35.0)),
        _Arm((_DARK_NEUTRAL, 0.80), (0.0, 0.16), (38.0, 60.0)),
    ),
    "hits": (
        _Arm((_LIGHT_NEUTRAL, 0.86), (0.0, 0.025), (245.0, 250.0)),
        _Arm((_DARK_NEUTRAL, 0.38), (0.0, 0.03), (258.0, 250.0)),
    ),
}

# Single colours by role: (light theme, dark theme). `live_figure.js` swaps them when the theme changes.
ROLES: dict[str, tuple[str, str]] = {
    "train": ("#8a94a3", "#8b97a8"),
    "test": ("#b4500f", "#f2a65a"),
    "held": ("#3b4252", "#d8dee9"),
    "up": ("#b4500f", "#f2a65a"),  # lines and bars in the hues of the diverging ramp
    "down": ("#2c5fb0", "#8ab6f2"),
    # Networks side by side, told apart by their dashes, too.
    "arm0": ("#b4500f", "#f2a65a"),
    "arm1": ("#2c5fb0", "#8ab6f2"),
    "arm2": ("#0b7f6b", "#4fd1b5"),
    "arm3": ("#a23b8c", "#e79ad3"),
    "arm4": ("#3b4252", "#d8dee9"),
    "arm5": ("#806500", "#e3cf57"),
    "arm6": ("#c2272d", "#ff8d85"),
    "arm7": ("#0b7391", "#63d0ee"),
    "text": ("#262b36", "#e8ebf0"),
    "muted": ("#626b7a", "#a2acba"),
    "grid": ("#e4e7ec", "#2c323d"),
    "silent": ("#c3c8d0", "#4a515e"),
}


def _oklch_to_rgb(lightness: NDArray[Any], chroma: NDArray[Any], hue: NDArray[Any]) -> NDArray[np.float64]:
    """Convert OKLCH arrays (n,) to linear sRGB (n, 3), unclipped (Ottosson 2020)."""
    a, b = chroma * np.cos(np.radians(hue)), chroma * np.sin(np.radians(hue))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return np.stack(
        [
            4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
            -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
            -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
        ],
        axis=-1,
    )


def _arm_colours(arm: _Arm, points: int) -> NDArray[np.uint8]:
    """Sample an arm at `points` points from zero outwards: sRGB uint8 (points, 3)."""
    t = np.linspace(0.0, 1.0, points)
    lightness = arm.lightness[0] + (arm.lightness[1] - arm.lightness[0]) * t
    hue = arm.hue[0] + (arm.hue[1] - arm.hue[0]) * t
    # Colour arrives sooner than darkness: a faint weight should already say which sign it has.
    chroma = arm.chroma[0] + (arm.chroma[1] - arm.chroma[0]) * np.sin(t * np.pi / 2)
    for _ in range(40):  # walk into the sRGB gamut by giving up chroma, never lightness
        outside = np.any((rgb := _oklch_to_rgb(lightness, chroma, hue)) < -1e-4, axis=-1) | np.any(
            rgb > 1 + 1e-4, axis=-1
        )
        if not outside.any():
            break
        chroma = np.where(outside, chroma * 0.95, chroma)
    linear = np.clip(rgb, 0.0, 1.0)
    encoded = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return np.round(encoded * 255).astype(np.uint8)


def ramp(name: Ramp, *, dark: bool, points: int = STOPS) -> NDArray[np.uint8]:
    """Return a ramp as sRGB uint8 (points, 3).

    `diverging` runs from -1 over zero (its middle, so `points` must be odd) to +1; the others from 0 to 1.
    Raises ValueError for an even number of points on a diverging ramp.
    """
    theme = int(dark)
    if name != "diverging":
        return _arm_colours(_ARMS[name][theme], points)
    if points % 2 == 0:
        raise ValueError("a diverging ramp needs an odd number of points: its middle one is zero")
    half = points // 2 + 1
    negative = _arm_colours(_ARMS["negative"][theme], half)
    positive = _arm_colours(_ARMS["positive"][theme], half)
    return np.concatenate([negative[::-1], positive[1:]])


def hex_ramp(name: Ramp, *, dark: bool, points: int = STOPS) -> list[str]:
    """Return a ramp as '#rrggbb' strings."""
    return [f"#{r:02x}{g:02x}{b:02x}" for r, g, b in ramp(name, dark=dark, points=points).tolist()]


def plotly_scale(name: Ramp, *, dark: bool = False) -> list[list[float | str]]:
    """Return a ramp as a Plotly colour scale: [[0.0, '#…'], …, [1.0, '#…']]."""
    return [[i / (STOPS - 1), colour] for i, colour in enumerate(hex_ramp(name, dark=dark))]


def browser_table() -> dict[str, Any]:
    """Return everything the browser needs to colour pictures: {'ramps': {name: [light, dark]}, 'roles': …}."""
    names: tuple[Ramp, ...] = ("diverging", "sequential", "ink", "errors", "hits")
    ramps = {name: [hex_ramp(name, dark=False), hex_ramp(name, dark=True)] for name in names}
    return {"ramps": ramps, "roles": {role: list(pair) for role, pair in ROLES.items()}}


def themed(**paths: str) -> dict[str, Any]:
    """Return a Plotly `meta` that names which attributes follow the theme.

    `themed(line__color="test")` says: the attribute `line.color` has the role (or ramp) `test`. The figure
    itself carries the light colours, so it stays an ordinary Plotly figure; `live_figure.js` replaces them
    in the dark.
    """
    return {"colours": {path.replace("__", "."): role for path, role in paths.items()}}


# Ends of a colour bar that stay put while the values creep: numbers that change four times a second cannot
# be read.
_NICE = (1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)


def nice_limit(values: NDArray[Any], mask: NDArray[np.bool_] | None = None, *, share: float = 0.997) -> float:
    """Return the colour scale's end for `values` (any shape): a round number that `share` of them stay within.

    A few extreme weights would otherwise turn the rest of a wall pale; what lies beyond the end takes the
    end's colour, and the colour bar says so. Pixels where `mask` (broadcast over the leading axes) is true,
    and values that are not finite, do not count. Returns 1.0 when nothing is left or all is zero.
    """
    magnitudes = np.abs(np.asarray(values, dtype=np.float64))
    if mask is not None:
        magnitudes = magnitudes[..., ~mask]
    magnitudes = magnitudes[np.isfinite(magnitudes)]
    if magnitudes.size == 0:
        return 1.0
    # The quantile, one of the values. np.quantile takes twice as long, twenty times for few values; without the largest
    # value among the places to be found, so does np.partition.
    rank = math.ceil(share * (magnitudes.size - 1))
    top = float(np.partition(magnitudes, [rank, -1])[rank]) or float(magnitudes.max())
    if top < 1e-30:
        return 1.0
    power = 10.0 ** np.floor(np.log10(top))
    return float(f"{next((step for step in _NICE if step * power >= top * (1 - 1e-9)), 10.0) * power:.6g}")
