"""What one step and one slice of an evaluation may cost."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
import torch

from nn_viz.network import PRESETS, NetworkSpec, build_module, initial_parameters, set_parameters
from nn_viz.network.spec import MAX_ACTIVATIONS, MAX_MULTIPLY_ADDS
from nn_viz.training import ConfigError, Trainer, TrainingConfig, check_affordable, largest_batch_size
from nn_viz.training.affordable import (
    MAX_BATCH_ACTIVATIONS,
    MAX_BATCH_MULTIPLY_ADDS,
    MAX_SLICE_ACTIVATIONS,
    MAX_SLICE_MULTIPLY_ADDS,
    slice_length,
)
from nn_viz.training.config import MAX_BATCH_SIZE
from nn_viz.training.digits import prepare
from nn_viz.training.evaluation import evaluate
from tests.unit.training.test_trainer import make_dataset

HEAVY = ["c128k3p1-c16k3p1-p2", "c128k2p1-p2", "1024-1024", "c64k7-c16k3", "c8k3-p2-c16k3-p2", "none", "25-15"]


@pytest.mark.parametrize("notation", HEAVY)
def test_the_largest_batch_is_the_largest_within_both_limits_and_the_sentence_names_it(notation):
    spec = NetworkSpec.parse(notation)
    most = largest_batch_size(spec)
    fits = [
        spec.activation_count * size <= MAX_BATCH_ACTIVATIONS
        and spec.multiply_add_count * size <= MAX_BATCH_MULTIPLY_ADDS
        for size in (most, most + 1)
    ]
    assert fits == [True, False]
    config = TrainingConfig(batch_size=min(most, MAX_BATCH_SIZE))
    check_affordable(spec, config)
    if most < MAX_BATCH_SIZE:
        with pytest.raises(ConfigError, match=re.escape(f"at most {most:,},")):
            check_affordable(spec, replace(config, batch_size=most + 1))


def test_the_largest_network_that_a_spec_may_be_trains_with_the_default_batch():
    default = TrainingConfig().batch_size
    assert min(MAX_BATCH_ACTIVATIONS // MAX_ACTIVATIONS, MAX_BATCH_MULTIPLY_ADDS // MAX_MULTIPLY_ADDS) >= 2 * default
    for preset in PRESETS:
        check_affordable(preset.spec, TrainingConfig(batch_size=512))


@pytest.mark.parametrize("notation", HEAVY)
def test_a_slice_of_an_evaluation_is_bounded_too(notation):
    spec = NetworkSpec.parse(notation)
    length = slice_length(spec)
    assert 10 <= length <= 250
    assert spec.activation_count * length <= MAX_SLICE_ACTIVATIONS
    assert spec.multiply_add_count * length <= MAX_SLICE_MULTIPLY_ADDS


@pytest.mark.parametrize("length", [1, 7, 100, 250])
def test_slices_of_any_length_measure_the_same(length):
    torch.manual_seed(0)
    spec = NetworkSpec.parse("c3k3-p2", 20)
    module = build_module(spec)
    set_parameters(module, initial_parameters(spec))
    functions = [module]
    digits = prepare(make_dataset(), 20, "natural", torch.device("cpu")).test
    whole = evaluate(functions, digits, 20)
    sliced = evaluate(functions, digits, 20, length)
    assert sliced.tested == whole.tested == 120
    assert sliced.loss == pytest.approx(whole.loss, rel=1e-5)
    assert np.abs(sliced.confusion - whole.confusion).sum() <= 2  # a near tie may fall to the other side


def test_a_snapshot_made_in_slices_is_the_snapshot():
    trainers = [
        Trainer(NetworkSpec.parse("5", 20), make_dataset(), TrainingConfig(device="cpu", epochs=1)) for _ in range(2)
    ]
    for _ in range(3):
        for trainer in trainers:
            trainer.advance()
    slices, pauses = trainers[1].snapshot_in_slices(), 0
    while True:
        try:
            next(slices)
        except StopIteration as end:
            taken = end.value
            break
        pauses += 1
        assert trainers[1].snapshot_due is trainers[0].snapshot_due  # not taken yet
    assert pauses
    whole = trainers[0].snapshot()
    assert (taken.test_loss, taken.train_loss, taken.step) == (whole.test_loss, whole.train_loss, whole.step)
    assert taken.confusion is not None and whole.confusion is not None
    assert np.array_equal(taken.confusion, whole.confusion)


def test_a_frame_for_the_eye_can_do_without_the_optimisers_state():
    trainer = Trainer(NetworkSpec.parse("5", 20), make_dataset(), TrainingConfig(device="cpu"))
    trainer.advance()
    assert not trainer.frame(with_state=False).optimiser_state
    assert trainer.frame().optimiser_state
