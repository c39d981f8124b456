"""The devices of this computer that can train."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from nn_viz.training.config import DEVICES, ConfigError


@dataclass(frozen=True, slots=True)
class Device:
    """An available device: `name` for a configuration, `title` for a person."""

    name: str
    title: str


def devices() -> tuple[Device, ...]:
    """Return the available devices, the best first. The processor is always the last."""
    found = []
    if torch.cuda.is_available():
        found.append(Device("cuda", torch.cuda.get_device_name()))
    if torch.backends.mps.is_available():
        found.append(Device("mps", DEVICES["mps"].title))
    return (*found, Device("cpu", DEVICES["cpu"].title))


def resolve_device(name: str = "auto") -> torch.device:
    """Return the device of that name; `auto` is the first of `devices()`.

    Raises `ConfigError` with a sentence for the learner where it is not there.
    """
    there = [device.name for device in devices()]
    if name == "auto":
        return torch.device(there[0])
    if name not in there:
        title = DEVICES[name].title if name in DEVICES else "device of that name"
        raise ConfigError(f"There is no {title} here. Choose one of: auto, {', '.join(there)}.")
    return torch.device(name)
