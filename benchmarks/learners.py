"""Simulated learners of a class: three kinds, each on a page of its own, and what is measured of them."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from benchmarks.pen import Stroke, pen_strokes
from benchmarks.tab import Header, Tab, TabError

THINK_SECONDS = (1.0, 3.0)  # between two questions
POINTS_A_SECOND = 10
PAD_SIDE = 280.0
PEN_WIDTH = 18
UNANSWERED = 2  # drawings on their way, as in pad.js
THINNED = 3  # the file's points lie 20 ms apart; every third one makes a digit take two seconds, as a mouse does
MAPS = {0: (8, 26 * 26), 2: (16, 11 * 11)}  # units and cells of the convolutional layers, by layer
EPOCHS = "1000"  # longer than any lesson


@dataclass
class Figures:
    """What one learner has measured, in seconds; `frames` are live frames, `runs` runs of the page's script."""

    kind: str
    first_start: list[float] = field(default_factory=list)
    later_starts: list[float] = field(default_factory=list)
    questions: list[float] = field(default_factory=list)
    pen: list[float] = field(default_factory=list)
    layouts: list[float] = field(default_factory=list)
    frames: int = 0
    seconds: float = 0.0
    runs: int = 0
    errors: list[str] = field(default_factory=list)

    @property
    def frame_rate(self) -> float:
        """Return the live frames per second while a tab was open."""
        return self.frames / self.seconds if self.seconds else 0.0

    def leave(self, tab: Tab) -> None:
        """Add what a tab has counted, as it closes."""
        self.frames += tab.frames
        self.runs += tab.runs
        self.seconds += time.perf_counter() - tab.opened
        self.errors += tab.errors


class Learner:
    """A learner who opens a page, presses Train, works until the end, and reloads the page once in between."""

    def __init__(self, kind: str, number: int) -> None:
        self.figures = Figures(kind)
        self._kind = KINDS[kind]
        self._random = random.Random(number)

    async def attend(self, url: str, begin: float, end: float) -> None:
        """Take part in a lesson: open a tab at `begin` and close it at `end` (of `time.perf_counter`)."""
        await _until(begin)
        reload_at = begin + (end - begin) * self._random.uniform(0.4, 0.8)
        seed = str(self._random.randrange(999))
        query: Mapping[str, str] | str = {**self._kind.query, "epochs": EPOCHS, "seed": seed}
        starts = self.figures.first_start
        for stop in (reload_at, end):
            try:
                async with Tab(url, self._kind.page, query) as tab:
                    starts.append(tab.page_start)
                    if starts is self.figures.first_start:
                        await _train(tab)
                    try:
                        while time.perf_counter() < stop:
                            await self._kind.work(tab, self.figures, self._random)
                    finally:
                        self.figures.leave(tab)
                    query, starts = tab.query, self.figures.later_starts
            except (TabError, OSError) as error:
                self.figures.errors.append(str(error))
                await asyncio.sleep(1)


async def _train(tab: Tab) -> None:
    running = asyncio.ensure_future(tab.answer("status", lambda header: header["status"] in ("running", "waiting")))
    tab.press("train")
    await running


async def _ask(
    tab: Tab, channel: str, changes: Mapping[str, str | None], shown: str, answers: Callable[[Header], bool]
) -> float:
    began = time.perf_counter()
    tab.choose(changes)
    return await tab.answer(shown, answers) - began


async def _click_neurons(tab: Tab, figures: Figures, dice: random.Random) -> None:
    """Click another neuron of the wall; the answer is its large picture."""
    for neuron in dice.sample(range(25), 5):
        await asyncio.sleep(dice.uniform(*THINK_SECONDS))
        answers = partial(_is_labelled, label=f"Neuron {neuron + 1}:")
        changes = {"layer": "0", "neuron": str(neuron)}
        figures.questions.append(await _ask(tab, "wall", changes, "neuron", answers))


def _is_labelled(header: Header, label: str) -> bool:
    return str(header["label"]).startswith(label)


async def _look_at_units(tab: Tab, figures: Figures, dice: random.Random) -> None:
    """Ask for footprints of single cells, then for the patches of units, then go back to the footprints."""
    for layer in (0, 2, 0, 2):
        await asyncio.sleep(dice.uniform(*THINK_SECONDS))
        units, cells = MAPS[layer]
        chosen = {"layer": layer, "unit": dice.randrange(units), "cell": dice.randrange(cells)}
        changes = {"layer": str(layer), "neuron": str(chosen["unit"]), "cell": str(chosen["cell"])}
        answers = partial(_is_selected, selected=chosen)
        figures.questions.append(await _ask(tab, "field", changes, "field", answers))
    await _open_part(tab, "patches", "patch_wall", figures)
    for layer in (0, 2, 0):
        await asyncio.sleep(dice.uniform(*THINK_SECONDS))
        unit = dice.randrange(MAPS[layer][0])
        answers = partial(_is_selected, selected=unit, layer=layer)
        changes = {"layer": str(layer), "neuron": str(unit)}
        figures.questions.append(await _ask(tab, "patch_wall", changes, "patch_wall", answers))
    await _open_part(tab, "field", "field", figures)


def _is_selected(header: Header, selected: object, layer: int | None = None) -> bool:
    return bool(header["selected"] == selected and (layer is None or header["layer"] == layer))


async def _open_part(tab: Tab, part: str, channel: str, figures: Figures) -> None:
    began = time.perf_counter()
    tab.choose({"part": part})
    arrived = await tab.answer(channel, lambda header: True, only_by_page=True)
    figures.layouts.append(arrived - began)


async def _draw_digits(tab: Tab, figures: Figures, dice: random.Random) -> None:
    """Draw a digit on the empty pad, point by point."""
    pad = _Pad(tab, figures)
    strokes: list[list[tuple[float, float]]] = []
    for stroke in dice.choice(_DIGITS):
        strokes.append([])
        for x, y in stroke[::THINNED]:
            strokes[-1].append((round(x * PAD_SIDE, 1), round(y * PAD_SIDE, 1)))
            pad.draw([list(points) for points in strokes])
            await asyncio.sleep(1 / POINTS_A_SECOND)
    await pad.wait()
    await asyncio.sleep(dice.uniform(0.3, 1.0))


class _Pad:
    """The pad as pad.js is: a change is sent at once; while two await their answers, only the newest after these."""

    def __init__(self, tab: Tab, figures: Figures) -> None:
        self._tab, self._figures = tab, figures
        self._newest: Callable[[], Coroutine[None, None, None]] | None = None
        self._turn = int(time.time() * 1000)
        self._asking: set[asyncio.Task[None]] = set()

    def draw(self, strokes: Sequence[Sequence[tuple[float, float]]]) -> None:
        """Replace the drawing, and send it as soon as fewer than `UNANSWERED` are on their way."""
        self._turn += 1
        self._newest = partial(self._ask, strokes, self._turn, time.perf_counter())
        self._send()

    async def wait(self) -> None:
        """Wait for the last answer. Raises `TabError` where none comes."""
        while self._asking:
            await asyncio.gather(*self._asking)

    def _send(self) -> None:
        if self._newest is not None and len(self._asking) < UNANSWERED:
            self._asking.add(asyncio.create_task(self._newest()))
            self._newest = None

    async def _ask(self, strokes: Sequence[Sequence[tuple[float, float]]], revision: int, drawn_at: float) -> None:
        points = [[(x, y, 1) for x, y in stroke] for stroke in strokes]
        self._tab.send({"draw": {"revision": revision, "strokes": points, "cells": None, "pen": PEN_WIDTH}})
        try:
            arrived = await self._tab.answer("pad", lambda header: header["revision"] >= revision)
        finally:
            self._asking.discard(asyncio.current_task())
        self._figures.pen.append(arrived - drawn_at)
        self._send()


async def _until(due: float) -> None:
    await asyncio.sleep(max(0.0, due - time.perf_counter()))


@dataclass(frozen=True)
class Kind:
    """One third of a class: its page and network, and the work that each of its learners repeats."""

    page: str
    query: Mapping[str, str]
    work: Callable[[Tab, Figures, random.Random], Awaitable[None]]


KINDS: Mapping[str, Kind] = {
    "neurons": Kind("", {"net": "25-15", "size": "20"}, _click_neurons),
    "footprints": Kind("convolution", {"net": "c8k3-p2-c16k3-p2", "size": "28", "part": "field"}, _look_at_units),
    "pen": Kind("draw", {"net": "25-15", "size": "28"}, _draw_digits),
}
_DIGITS: Sequence[Sequence[Stroke]] = pen_strokes()
