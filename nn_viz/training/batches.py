"""Which digits make up which batch, and how they look when the network gets them."""

from __future__ import annotations

import torch
from torch import Tensor

from nn_viz.data import IMAGE_SIZE, Dataset
from nn_viz.network import NetworkSpec
from nn_viz.training.augmentation import augmented
from nn_viz.training.config import TrainingConfig
from nn_viz.training.digits import Digits, prepare
from nn_viz.training.keys import SHUFFLE, generator
from nn_viz.training.pixels import pixel_permutation


class Batches:
    """The training digits in batches, shuffled anew each epoch by (seed, epoch).

    An epoch's last batch is shorter if the batch size does not divide the digits: it is used, not dropped.
    """

    def __init__(self, spec: NetworkSpec, data: Dataset, config: TrainingConfig, device: torch.device) -> None:
        """Prepare the digits, or find them prepared by another run."""
        self._size, self._seed, self._length = spec.input_size, config.seed, config.batch_size
        self._augments = config.augmentation
        self._shuffled_pixels: Tensor | None = None
        if config.augmentation:
            # Pictures are moved whole and in natural order; cropping and shuffling come after.
            self._digits: Digits = prepare(data, IMAGE_SIZE, "natural", device).train
            if config.pixel_order == "shuffled":
                self._shuffled_pixels = torch.tensor(pixel_permutation(spec.input_size), device=device)
        else:
            self._digits = prepare(data, spec.input_size, config.pixel_order, device).train
        self.per_epoch = -(-len(self._digits) // self._length)
        self._order: tuple[int, Tensor] | None = None  # (epoch, the digits' order in it)

    def batch(self, position: int, step: int) -> tuple[Tensor, Tensor]:
        """Return batch number `position` of the training: float32 (n, s*s) in 0..1, int64 (n,).

        `position` counts on through the epochs; `step` is the key of the augmentation.
        """
        epoch, index = divmod(position, self.per_epoch)
        begin = index * self._length
        chosen = self._order_of(epoch)[begin : begin + self._length]
        images = self._digits.images.index_select(0, chosen)
        labels = self._digits.labels.index_select(0, chosen)
        if not self._augments:
            return images.to(torch.float32).mul_(1 / 255), labels
        pixels = augmented(images, self._size, self._seed, step)
        if self._shuffled_pixels is not None:
            pixels = pixels.index_select(1, self._shuffled_pixels)
        return pixels, labels

    def _order_of(self, epoch: int) -> Tensor:
        if self._order is None or self._order[0] != epoch:
            order = torch.randperm(len(self._digits), generator=generator(self._seed, SHUFFLE, epoch))
            self._order = epoch, order.to(self._digits.images.device)
        return self._order[1]
