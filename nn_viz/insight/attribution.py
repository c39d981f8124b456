"""Attribution: which pixels raise the logit of a class, or its difference to that of another class.

The methods are Captum's (https://captum.ai); every one but "gradient" gives a picture in the units of the logit. Each
has limits: a gradient holds for the smallest changes only, occlusion measures whole squares, and integrated gradients
are a sum over finitely many steps, whose error is returned as `gap`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from nn_viz.insight.responses import Floats, Images
from nn_viz.insight.single import single_picture
from nn_viz.network import CLASSES, NetworkSpec, Parameters, check_parameters, layer_functions, sanitized

PATCH = 4  # pixels along each side of the empty square that occlusion lays over the picture: a pen's width and a bit
PATCH_STEP = 2  # pixels from one square to the next; both divide 28 - 4 and 20 - 4, so the last one fits too
# Pictures between empty paper and the drawing for integrated gradients. Measured on trained networks: 64 leave a
# gap of up to 1.5 % of end - start, 128 of up to 0.8 % (median 0.1 %), for 3 ms (25-15) and 14 ms (c8k3-p2-c16k3-p2)
# on an idle core, up to twice that beside a training.
PATH_STEPS = 128
BATCH = 32  # pictures for one pass: the maps of so many fit the processor's cache (see responses.PREDICT_BATCH)

Score = Callable[[Tensor], Tensor]  # pictures (n, 1, s, s) -> what is to be explained (n,)


@dataclass(frozen=True, slots=True)
class Method:
    """One attribution method: ``sentence`` says to a learner what the picture means."""

    key: str
    title: str
    sentence: str
    is_complete: bool  # whether the picture should sum to end - start; then the result has a gap
    explain: Callable[[Score, Tensor], Tensor]  # what to explain, the picture (1, 1, s, s) -> (1, 1, s, s)


@dataclass(frozen=True, slots=True, eq=False)
class Attribution:
    """One answer explained: a number for each pixel, above zero where it speaks for ``towards``.

    ``start`` and ``end`` are what is explained, for empty paper and for the picture: the logit of ``towards``,
    less that of ``against`` where one was named.
    """

    method: str
    towards: int
    against: int | None
    picture: Floats  # (s, s), read-only
    start: float
    end: float
    gap: float | None  # |picture.sum() - (end - start)|, for a method that should make it zero


def _occlusion(score: Score, x: Tensor) -> Tensor:
    """Return how far the score falls when an empty square hides the pixel: the mean over the squares that do.

    Zeiler and Fergus, "Visualizing and Understanding Convolutional Networks" (2014), section 4.2, with empty
    paper for their grey: hiding what is empty already changes nothing.
    """
    method = _captum().Occlusion(score)
    squares = {"sliding_window_shapes": (1, PATCH, PATCH), "strides": (1, PATCH_STEP, PATCH_STEP)}
    picture: Tensor = method.attribute(x, **squares, perturbations_per_eval=BATCH)
    # A batch rounds otherwise than a single picture, so squares on empty paper would leave 1e-7 instead of nothing.
    square = torch.ones(1, 1, PATCH, PATCH)
    inked = (F.conv2d((x != 0).float(), square, stride=PATCH_STEP) > 0).float()
    return picture.where(F.conv_transpose2d(inked, square, stride=PATCH_STEP) > 0, torch.zeros(()))


def _gradient(score: Score, x: Tensor) -> Tensor:
    """Return the slope of the score at each pixel.

    Simonyan, Vedaldi and Zisserman, "Deep Inside Convolutional Networks" (2014), section 3, sign kept.
    """
    slopes: Tensor = _captum().Saliency(score).attribute(x.requires_grad_(), abs=False)
    return slopes


def _gradient_times_ink(score: Score, x: Tensor) -> Tensor:
    """Return the slope times the pixel; exact, the bias apart, where the network is linear."""
    products: Tensor = _captum().InputXGradient(score).attribute(x.requires_grad_())
    return products


def _integrated_gradients(score: Score, x: Tensor) -> Tensor:
    """Return the pixel times the mean slope on the straight line from empty paper to the picture.

    Sundararajan, Taly and Yan, "Axiomatic Attribution for Deep Networks" (2017), equation 1, at the middles of
    ``PATH_STEPS`` equal steps: with ReLU the slope jumps along the line, so a finer rule such as Gauss's gains nothing.
    """
    method = _captum().IntegratedGradients(score)
    picture: Tensor = method.attribute(x, n_steps=PATH_STEPS, method="riemann_middle", internal_batch_size=BATCH)
    return picture


METHODS: tuple[Method, ...] = (
    Method(
        key="occlusion",
        title="Cover it up",
        sentence=f"You cover {PATCH}x{PATCH} pixels with empty paper, everywhere in turn, and see how far the answer's "
        "number falls: where it falls most, the ink mattered most.",
        is_complete=False,
        explain=_occlusion,
    ),
    Method(
        key="gradient",
        title="Gradient",
        sentence="You see which way the answer's number would go if a pixel had a tiny bit more ink: up, down, or "
        "nowhere, even where there is no ink yet.",
        is_complete=False,
        explain=_gradient,
    ),
    Method(
        key="gradient-ink",
        title="Gradient times ink",
        sentence="You see the gradient only where you drew, times the ink: a quick guess at what each pixel adds, "
        "exact only if the network were one straight line.",
        is_complete=False,
        explain=_gradient_times_ink,
    ),
    Method(
        key="integrated-gradients",
        title="Integrated gradients",
        sentence=f"You fade the picture in from empty paper in {PATH_STEPS} steps and add up what each pixel does on "
        "the way: together the pixels make the whole change of the answer's number, up to the small gap shown.",
        is_complete=True,
        explain=_integrated_gradients,
    ),
)
DEFAULT_METHOD = METHODS[-1]


def attribute(
    spec: NetworkSpec,
    parameters: Parameters,
    image: Images,
    method: str,
    towards: int,
    against: int | None = None,
    *,
    mean: float = 0.0,
    spread: float = 1.0,
) -> Attribution:
    """Which pixels speak for the answer ``towards``, or for it rather than ``against`` ("why 9, and why not 4?").

    ``image``: (28, 28) or (s, s), float in 0..1 or uint8, in the order of pixels that the network was trained
    on; a network of standardised pixels gets (pixel - ``mean``) / ``spread``, and what is explained is the ink all the
    same; ``method``: the key of one of ``METHODS``. Computed in float32; the first call imports Captum, once. Raises
    ValueError for an unknown method or answer and for a picture of another shape, :class:`SpecError` (a
    ValueError) for parameters of another network.
    """
    check_parameters(spec, parameters)
    row = next((row for row in METHODS if row.key == method), None)
    if row is None:
        keys = ", ".join(row.key for row in METHODS)
        raise ValueError(f"There is no way to explain an answer called {sanitized(method)}. Choose one of: {keys}.")
    for answer in (towards,) if against is None else (towards, against):
        if isinstance(answer, bool) or not isinstance(answer, int | np.integer) or not 0 <= answer < CLASSES:
            raise ValueError(
                f"The answers are counted from 0 to {CLASSES - 1}, not {sanitized(answer)}. Choose one of them."
            )
    if towards == against:
        raise ValueError("An answer against itself is always even. Choose two different answers, or only one.")

    # Gradients need it off; Captum itself sets the gradient mode, and like this context puts it back.
    with torch.inference_mode(mode=False):
        score = _score(spec, parameters, towards, against, mean, spread)
        x = torch.from_numpy(single_picture(spec, image))[None, None]
        start, end = score(torch.cat([torch.zeros_like(x), x])).tolist()
        picture: NDArray[np.float32] = row.explain(score, x)[0, 0].detach().numpy()
    picture.flags.writeable = False
    gap = abs(float(picture.sum(dtype=np.float64)) - (end - start)) if row.is_complete else None
    return Attribution(row.key, int(towards), None if against is None else int(against), picture, start, end, gap)


def _score(
    spec: NetworkSpec, parameters: Parameters, towards: int, against: int | None, mean: float, spread: float
) -> Score:
    """Return the logit of ``towards``, less that of ``against``, as a function of pictures that autograd can follow."""
    functions = layer_functions(spec, {name: torch.tensor(array) for name, array in parameters.items()})
    steps = [step for weigh, activate in functions for step in (*weigh, activate) if step is not None]

    def score(x: Tensor) -> Tensor:
        x = (x - mean) / spread if (mean, spread) != (0.0, 1.0) else x
        for step in steps:
            x = step(x)
        return x[:, towards] if against is None else x[:, towards] - x[:, against]

    return score


def _captum() -> ModuleType:
    """Captum's methods, imported when first asked for: they bring matplotlib, which costs 0.6 s and 34 MB."""
    import captum.attr

    module: ModuleType = captum.attr
    return module
