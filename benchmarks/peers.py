"""Other libraries at the same work, where they are installed: a step of Adam on a batch of MNIST.

Each peer is a generator that trains on so many batches between two `yield`s. They are there for a comparison only:
scikit-learn comes with the digits' package, JAX by hand (`pip install jax`); what is not there is left out, in words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn_viz.network import Conv, Dense, NetworkSpec, Pool

Peer = Callable[[NetworkSpec, NDArray[Any], NDArray[Any], int, int, float], Iterator[None]]
"""(spec, pictures float32 (n, pixels), labels (n,), batch size, batches between yields, rate)."""


class UnavailableError(Exception):
    """The library is not installed, or has nothing for this network; the text says which."""


def scikit_learn(
    spec: NetworkSpec, images: NDArray[Any], labels: NDArray[Any], batch: int, batches: int, rate: float
) -> Iterator[None]:
    """`MLPClassifier.partial_fit`, dense networks with ReLU only."""
    if not spec.layers or not all(isinstance(layer, Dense) and layer.activation == "relu" for layer in spec.layers):
        raise UnavailableError("scikit-learn has no such network")
    try:
        from sklearn.neural_network import MLPClassifier
    except ImportError:
        raise UnavailableError("scikit-learn is not installed") from None
    units = tuple(layer.units for layer in spec.layers if isinstance(layer, Dense))
    network = MLPClassifier(units, learning_rate_init=rate, batch_size=batch, shuffle=True, alpha=0.0)
    random = np.random.default_rng(0)
    classes = np.arange(10)
    while True:
        # It makes a pass in batches over what it is given: less overhead than a call for each batch.
        chosen = random.permutation(len(labels))[: batches * batch]
        network.partial_fit(images[chosen], labels[chosen], classes=classes)
        yield


def jax_scan(
    spec: NetworkSpec, images: NDArray[Any], labels: NDArray[Any], batch: int, batches: int, rate: float
) -> Iterator[None]:
    """JAX, all steps between two yields compiled into one `lax.scan`; Adam written out."""
    try:
        import jax
        from jax import lax
        from jax import numpy as jnp
    except ImportError:
        raise UnavailableError("JAX is not installed") from None

    parameters = _jax_parameters(spec, jax)
    forward = _jax_forward(spec, jax, jnp, lax)

    def loss(parameters: Any, x: Any, y: Any) -> Any:
        log_probabilities = jax.nn.log_softmax(forward(parameters, x))
        return -jnp.take_along_axis(log_probabilities, y[:, None], 1).mean()

    def step(state: Any, chosen: Any) -> Any:
        parameters, first, second, count = state
        gradients = jax.grad(loss)(parameters, pictures[chosen], answers[chosen])
        count = count + 1
        first = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, first, gradients)
        second = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, second, gradients)
        factor = rate / (1 - 0.9**count)
        root = jnp.sqrt(1 - 0.999**count)
        parameters = jax.tree.map(
            lambda p, m, v: p - factor * m / (jnp.sqrt(v) / root + 1e-8), parameters, first, second
        )
        return (parameters, first, second, count), None

    pictures, answers = jnp.array(images), jnp.array(labels)
    zeros = jax.tree.map(jnp.zeros_like, parameters)
    state = (parameters, zeros, zeros, jnp.float32(0))
    run = jax.jit(lambda state, order: lax.scan(step, state, order)[0])
    random = np.random.default_rng(0)

    def order() -> Any:
        return jnp.array(random.permutation(len(labels))[: batches * batch].reshape(batches, batch))

    jax.block_until_ready(run(state, order()))  # compiled outside the clock
    while True:
        state = jax.block_until_ready(run(state, order()))
        yield


def _jax_parameters(spec: NetworkSpec, jax: Any) -> list[Any]:
    parameters: list[Any] = []
    key = jax.random.key(0)
    for shape in spec.weight_shapes:
        key, own = jax.random.split(key)
        if shape is None:
            parameters.append(None)
            continue
        scale = (2 / np.prod(shape[1:])) ** 0.5
        parameters.append((scale * jax.random.normal(own, shape), jax.numpy.zeros(shape[0])))
    return parameters


def _jax_forward(spec: NetworkSpec, jax: Any, jnp: Any, lax: Any) -> Callable[[Any, Any], Any]:
    for layer in spec.layers:
        match layer:
            case Dense(activation="relu" | "linear") | Conv(activation="relu", padding=0) | Pool(kind="max"):
                pass
            case _:
                raise UnavailableError("this comparison has no such layer for JAX")

    def forward(parameters: Any, x: Any) -> Any:
        x = x.reshape(len(x), 1, spec.input_size, spec.input_size)
        for layer, own in zip(spec.all_layers, parameters, strict=True):
            if isinstance(layer, Pool):
                window = (1, 1, layer.size, layer.size)
                x = lax.reduce_window(x, -jnp.inf, lax.max, window, window, "VALID")
            elif isinstance(layer, Conv):
                x = lax.conv(x, own[0], (layer.stride, layer.stride), "VALID") + own[1][None, :, None, None]
                x = jax.nn.relu(x)
            else:
                x = x.reshape(len(x), -1) @ own[0].T + own[1]
                x = jax.nn.relu(x) if layer.activation == "relu" else x
        return x

    return forward


PEERS: dict[str, Peer] = {"scikit-learn": scikit_learn, "JAX": jax_scan}
