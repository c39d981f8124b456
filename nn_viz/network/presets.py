"""The table of networks that a page offers to begin with."""

from __future__ import annotations

from dataclasses import dataclass

from nn_viz.network.spec import NetworkSpec


@dataclass(frozen=True, slots=True)
class Preset:
    """One row: ``sentence`` says to a learner what to look for in this network."""

    key: str
    title: str
    notation: str
    input_size: int
    sentence: str

    @property
    def spec(self) -> NetworkSpec:
        """The network itself."""
        return NetworkSpec.parse(self.notation, self.input_size)


PRESETS: tuple[Preset, ...] = (
    Preset(
        key="course",
        title="The course: 25 and 15 neurons",
        notation="25-15",
        input_size=20,
        sentence="You watch twenty-five neurons, each looking at all 400 pixels: see who takes which stroke.",
    ),
    Preset(
        key="course-three",
        title="Three layers: 50, 24 and 12 neurons",
        notation="50-24-12",
        input_size=20,
        sentence="You squeeze the 400 pixels through fewer and fewer neurons and see what survives.",
    ),
    Preset(
        key="dense-wide",
        title="Wide: 128 and 64 neurons",
        notation="128-64",
        input_size=28,
        sentence="You give the network plenty of neurons and see how many of them find work of their own.",
    ),
    Preset(
        key="no-hidden",
        title="No hidden layer",
        notation="none",
        input_size=28,
        sentence="You see for each of the ten answers where ink speaks for it and where it speaks against.",
    ),
    Preset(
        key="conv",
        title="Small convolutions with pooling",
        notation="c8k3-p2-c16k3-p2",
        input_size=28,
        sentence="You watch eight small filters walk over the picture, each drawing a map of where it fits.",
    ),
    Preset(
        key="conv-stack",
        title="Two convolutions: 3x3, then 4x4",
        notation="c8k3-c16k4",
        input_size=28,
        sentence="You put a 4x4 window on top of a 3x3 window: each unit up there sees 6x6 = 36 pixels.",
    ),
    Preset(
        key="conv-99",
        title="99 in 100: convolutions of 5x5",
        notation="c8k5-p2-c16k5-p2-64",
        input_size=28,
        sentence="You give each filter a 5x5 window: with all of MNIST to learn from, 99 digits in 100 come out right.",
    ),
    Preset(
        key="lenet",
        title="Like LeNet-5",
        notation="c6k5p2tanh-p2mean-c16k5tanh-p2mean-120tanh-84tanh",
        input_size=28,
        sentence="You train a close relative of the network that read postcodes and cheques in the 1990s.",
    ),
)

DEFAULT_PRESET = PRESETS[0]
