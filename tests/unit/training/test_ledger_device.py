"""The ledger on a device that the host should not wait for."""

from __future__ import annotations

import torch

from nn_viz.network import CLASSES, NetworkSpec
from nn_viz.training.ledger import LedgerRecorder

SPEC = NetworkSpec.parse("4", 20)


def new_recorder() -> LedgerRecorder:
    weights = torch.zeros(4, 400)
    return LedgerRecorder(SPEC, 0, weights, torch.zeros_like(weights), (0.9, 0.1), 0.01)


def test_a_step_reads_no_value_of_the_device():
    recorder = new_recorder()
    for name in ("_weights", "_gradients", "_moments", "_parts"):
        setattr(recorder, name, getattr(recorder, name).to("meta"))  # has no values: reading one raises
    inputs, errors = torch.zeros(32, 400, device="meta"), torch.zeros(32, 4, device="meta")
    recorder.record_batch(inputs, errors, torch.zeros(32, dtype=torch.int64, device="meta"))
    recorder.record_step(0.1, torch.ones(4, 400, device="meta"))


def test_both_ways_of_adding_up_the_classes_agree():
    random = torch.Generator().manual_seed(3)
    labels = torch.randint(0, CLASSES, (33,), generator=random)
    one, other = new_recorder(), new_recorder()
    for _ in range(3):
        inputs, errors = torch.rand(33, 400, generator=random), torch.randn(33, 4, generator=random)
        one._record_dense(inputs, errors, labels)
        other._record_dense_masked(inputs, errors, labels)
        by_hand = torch.stack([errors[labels == digit].t() @ inputs[labels == digit] for digit in range(CLASSES)])
    assert torch.allclose(one._moments, other._moments, atol=1e-5)
    fresh = new_recorder()
    fresh._record_dense_masked(inputs, errors, labels)
    assert torch.allclose(fresh._moments[:CLASSES], 0.1 * by_hand, atol=1e-5)
