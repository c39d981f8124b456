"""Limits on the cost of one training step and of one slice of an evaluation.

A step cannot be interrupted, and many learners share a processor. `NetworkSpec` bounds what one digit costs,
`TrainingConfig` how many digits make a batch; here is the bound on both together.
"""

from __future__ import annotations

from nn_viz.network import NetworkSpec
from nn_viz.training.config import ConfigError, TrainingConfig

# A batch at these limits takes some 0.1 to 0.3 s on one core (measured: 0.06 to 0.12 ns per multiplication where
# these weigh most, 5 to 16 ns per activation where those do, forward and backward). With their gradients the
# activations take 128 MB. Every network that `NetworkSpec` allows can be trained in batches of up to 80.
MAX_BATCH_ACTIVATIONS = 16_000_000
MAX_BATCH_MULTIPLY_ADDS = 2_000_000_000
BYTES_PER_ACTIVATION = 8  # float32, and its gradient

# A slice of an evaluation is a forward pass only. 250 digits keep the maps of a usual convolution in the processor's
# cache (with channels_last 0.49 s for 10,000 digits instead of 0.89 s, measured); of larger networks fewer digits
# make a slice, so that none takes longer than some 20 ms.
MAX_SLICE = 250
MAX_SLICE_ACTIVATIONS = 2_500_000
MAX_SLICE_MULTIPLY_ADDS = 200_000_000


def check_affordable(spec: NetworkSpec, config: TrainingConfig) -> None:
    """Raise `ConfigError`, naming the largest batch that fits, if one batch of this network is too much.

    The engine checks this, because its processors are shared; `Trainer` does not.
    """
    most = largest_batch_size(spec)
    if config.batch_size > most:
        megabytes = spec.activation_count * config.batch_size * BYTES_PER_ACTIVATION / 1e6
        multiplications = spec.multiply_add_count * config.batch_size / 1e9
        raise ConfigError(
            f"A batch of {config.batch_size:,} digits is too large for this network: one step would take "
            f"{megabytes:,.0f} MB of memory and {multiplications:,.1f} billion multiplications, and everybody else "
            f"would wait for it. Choose a batch size of at most {most:,}, or a smaller network."
        )


def largest_batch_size(spec: NetworkSpec) -> int:
    """Return the most digits of a batch that one step of this network may take."""
    return _digits_within(spec, MAX_BATCH_ACTIVATIONS, MAX_BATCH_MULTIPLY_ADDS)


def slice_length(spec: NetworkSpec) -> int:
    """Return how many digits an evaluation takes through this network at once."""
    return min(MAX_SLICE, _digits_within(spec, MAX_SLICE_ACTIVATIONS, MAX_SLICE_MULTIPLY_ADDS))


def _digits_within(spec: NetworkSpec, activations: int, multiply_adds: int) -> int:
    return max(1, min(activations // spec.activation_count, multiply_adds // spec.multiply_add_count))
