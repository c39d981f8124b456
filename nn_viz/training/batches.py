"""Makes the batches of a training: shuffled, augmented and scaled as the network gets them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from nn_viz.data import IMAGE_SIZE, Dataset
from nn_viz.network import NetworkSpec
from nn_viz.training.augmentation import affine_maps, augmented
from nn_viz.training.config import TrainingConfig
from nn_viz.training.digits import Digits, prepare, to_digits
from nn_viz.training.keys import SHUFFLE, generator
from nn_viz.training.lesson import Lesson
from nn_viz.training.pixels import pixel_permutation, scaled


@dataclass(frozen=True, slots=True)
class Batch:
    """Which digits make a batch: order[begin : begin + count] of those of `batches`, in this epoch's order.

    `maps` says how each digit of the epoch is moved, in the same order; None: not at all.
    """

    batches: Batches
    order: Tensor
    maps: Tensor | None
    begin: int
    count: int
    with_lesson: bool

    @property
    def is_plain(self) -> bool:
        """Whether its pictures are the digits' own, at most moved by `maps`; none is replaced, none shuffled then."""
        return not self.with_lesson and self.batches.shuffled_pixels is None

    def tensors(self) -> tuple[Tensor, Tensor]:
        """Return its pictures, float32 (n, s*s) as the network gets them, and labels, int64 (n,)."""
        return self.batches.tensors(self)


class Batches:
    """The training digits in batches, shuffled anew each epoch by (seed, epoch).

    An epoch's last batch is shorter if the batch size does not divide the digits: it is used, not dropped.
    """

    def __init__(
        self,
        spec: NetworkSpec,
        data: Dataset,
        config: TrainingConfig,
        device: torch.device,
        lesson: Lesson | None = None,
    ) -> None:
        """Prepare the digits, or find them prepared by another run; and the picture of a lesson, if there is one."""
        self._size, self._seed, self._length = spec.input_size, config.seed, config.batch_size
        self._augments = config.augmentation
        self.shuffled_pixels: Tensor | None = None
        """The order of the pixels, where they are shuffled only after each picture was moved."""
        size, order = spec.input_size, config.pixel_order
        if config.augmentation:
            # Pictures are moved whole and in natural order; cropping and shuffling come after.
            if order == "shuffled":
                self.shuffled_pixels = torch.tensor(pixel_permutation(size), device=device)
            size, order = IMAGE_SIZE, "natural"
        chosen = prepare(data, size, order, device, labels=config.labels, examples=config.examples)
        self.digits: Digits = chosen.train
        """The digits to train on; whole and in natural order if they are augmented."""
        self._scaling = config.scaling
        self._lesson = lesson
        if lesson is not None:
            self._drawing = to_digits(lesson.picture[None], np.array([lesson.label]), size, order, device)
        self.per_epoch = -(-len(self.digits) // self._length)
        self._epoch: tuple[int, Tensor, Tensor | None] | None = None  # number, the digits' order, how each is moved

    def batch(self, position: int, *, with_lesson: bool = False) -> Batch:
        """Return batch number `position` of the training.

        `position` counts on through the epochs, and beyond the last one. If it is `with_lesson`, the lesson's picture
        replaces the batch's first digits, and is augmented like them.
        """
        epoch, index = divmod(position, self.per_epoch)
        begin = index * self._length
        order, maps = self._drawn(epoch)
        count = min(self._length, len(order) - begin)
        return Batch(self, order, maps, begin, count, with_lesson and self._lesson is not None)

    def following(self, batch: Batch, number: int) -> Batch:
        """Return the plain batch that comes `number` batches after this one in its epoch."""
        begin = batch.begin + number * self._length
        return replace(batch, begin=begin, count=min(self._length, len(batch.order) - begin))

    def tensors(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """Return its pictures, float32 (n, s*s) as the network gets them, and labels, int64 (n,)."""
        chosen = batch.order[batch.begin : batch.begin + batch.count]
        images = self.digits.images.index_select(0, chosen)
        labels = self.digits.labels.index_select(0, chosen)
        if batch.with_lesson and self._lesson is not None:
            copies = self._lesson.copies(len(labels))
            images[:copies] = self._drawing.images  # index_select has copied: the digits themselves stay as they are
            labels[:copies] = self._drawing.labels
        if batch.maps is None:
            return scaled(images.to(torch.float32).mul_(1 / 255), self._scaling), labels
        pixels = augmented(images, self._size, batch.maps[batch.begin : batch.begin + batch.count])
        if self.shuffled_pixels is not None:
            pixels = pixels.index_select(1, self.shuffled_pixels)
        return scaled(pixels, self._scaling), labels

    def _drawn(self, epoch: int) -> tuple[Tensor, Tensor | None]:
        """Return the digits' order in that epoch, and how each is moved."""
        if self._epoch is None or self._epoch[0] != epoch:
            count, device = len(self.digits), self.digits.images.device
            order = torch.randperm(count, generator=generator(self._seed, SHUFFLE, epoch))
            maps = affine_maps(count, self._seed, epoch).to(device) if self._augments else None
            self._epoch = epoch, order.to(device), maps
        return self._epoch[1:]
