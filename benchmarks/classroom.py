"""Measure how quickly the server answers a whole class at once: `python -m benchmarks.classroom`.

    python -m benchmarks.classroom [--learners 30] [--seconds 60] [--lessons 1] [--no-browser] [--dry]

Light clients (`benchmarks/tab.py`) speak Streamlit's websocket and the live connection as tabs do; one of the class is
a real browser. A third trains a dense network and clicks neurons, a third trains a convolution and asks for footprints
and patches, a third draws while a network trains. A class of three goes first, on the same server. With `--lessons`
one class after the other opens and closes its tabs, so that a memory leak shows. All times are as a client sees them;
the clients share the machine with the server.

* question: from the choice to the first live message that shows what was chosen,
* pen: from a point of the pen to the first live message for the drawing with that point,
* another part of a page: from the choice to the page that Streamlit has run again (only it can place the components),
* page start: from opening the websocket to the finished script and the first live frame, when the class begins and
  once more, for each, in the middle of the lesson,
* fairness: the smallest number of live frames a second over the largest, among the clients of one kind.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Error as BrowserError
from playwright.sync_api import sync_playwright

from benchmarks.learners import KINDS, Figures, Learner
from benchmarks.page import WIDGETS, open_page, press_and_watch
from benchmarks.results import circumstances, publish
from tests.e2e.browser import Server, launch_browser, start_server, stop_server

COMMAND = "python -m benchmarks.classroom"
OPENING_SECONDS = 10.0  # in which 30 learners open their pages, one after the other
SMALL_CLASS = 3
RUNS_END_SECONDS = 60.0  # until the runs of closed tabs must have ended
GRACE_SECONDS = "5"  # a school's next class comes after minutes, when the runs of the last one have ended: so end early
TICK_SECONDS = 0.05  # of the clock whose delays show how busy this process is
WANTED = {"question": 300, "pen": 200, "start": 1000, "fairness": 0.5}


@dataclass(frozen=True)
class Process:
    """The resources of one process, or of several together: megabytes, seconds of processor time."""

    resident: float
    proportional: float
    seconds: float

    @classmethod
    def read(cls, pids: Sequence[int]) -> Process:
        """Read the counters from Linux's /proc; return zeros on other systems."""
        total = [0.0, 0.0, 0.0]
        for pid in pids:
            with suppress(OSError):
                sizes = dict(
                    line.split()[:2] for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
                )
                ticks = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
                total[0] += int(sizes["Rss:"]) / 1024
                total[1] += int(sizes["Pss:"]) / 1024
                total[2] += sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")
        return cls(*total)


@dataclass
class Lesson:
    """What one class has measured, in seconds; `web` and `workers` are read while the tabs are still open."""

    title: str
    learners: list[Figures] = field(default_factory=list)
    browser: list[float] = field(default_factory=list)
    seconds: float = 0.0
    web: Process = Process(0, 0, 0)
    workers: Process = Process(0, 0, 0)
    web_seconds: float = 0.0
    late: list[float] = field(default_factory=list)  # delays of the clients' own clock
    load: float = 0.0

    def all(self, name: str) -> list[float]:
        """Return one figure of all learners."""
        return [value for learner in self.learners for value in getattr(learner, name)]

    def of(self, kind: str, name: str) -> list[float]:
        """Return one figure of the learners of one kind."""
        return [value for learner in self.learners if learner.kind == kind for value in getattr(learner, name)]

    @property
    def fairness(self) -> float:
        """Return the smallest frame rate over the largest, for the kind of learners where this is smallest."""
        rates = [[one.frame_rate for one in self.learners if one.kind == kind] for kind in KINDS]
        return min((min(rate) / max(rate) for rate in rates if any(rate)), default=0.0)


class Browser(threading.Thread):
    """A real browser in the class: it trains and clicks a neuron every few seconds, until `stop` is set."""

    def __init__(self, server: Server) -> None:
        super().__init__(daemon=True)
        self._server = server
        self.answers: list[float] = []
        self.stop = threading.Event()

    def run(self) -> None:
        """Open a page, start a training, click a neuron again and again."""
        clicks = next(widget for widget in WIDGETS if widget.name == "another neuron")
        with sync_playwright() as playwright:
            browser = launch_browser(playwright)
            try:
                page = open_page(browser, self._server, "net=25-15&size=20&epochs=1000")
                page.locator(".st-key-train button:visible").click()
                while not self.stop.wait(3.0):
                    press = clicks.presses[len(self.answers) % 2]
                    self.answers.append(press_and_watch(page, press, clicks.watch, clicks.read) / 1000)
            except BrowserError as error:
                print(f"the browser: {str(error).splitlines()[0]}")
            finally:
                browser.close()


async def attend(server: Server, count: int, seconds: float) -> tuple[list[Figures], list[float]]:
    """Run `count` learners for so long; return their figures, and the delays of this process's own clock."""
    late: list[float] = []

    async def measure_delays() -> None:
        while True:
            due = time.perf_counter() + TICK_SECONDS
            await asyncio.sleep(TICK_SECONDS)
            late.append(time.perf_counter() - due)

    clock = asyncio.create_task(measure_delays())
    kinds, now = list(KINDS), time.perf_counter()
    learners = [Learner(kinds[number % len(kinds)], number) for number in range(count)]
    opening = OPENING_SECONDS * min(1.0, count / 30)
    await asyncio.gather(
        *(one.attend(server.url, now + opening * i / count, now + seconds) for i, one in enumerate(learners))
    )
    clock.cancel()
    return [one.figures for one in learners], late


def teach(server: Server, title: str, count: int, seconds: float, *, with_browser: bool) -> Lesson:
    """Measure one class, from its first tab to the end of its runs."""
    lesson, began = Lesson(title), time.perf_counter()
    browser = Browser(server) if with_browser else None
    if browser:
        browser.start()
    before = Process.read([server.process.pid])
    at_the_end = threading.Timer(seconds - 1.0, lambda: _read_resources(server, lesson))
    at_the_end.start()
    lesson.learners, lesson.late = asyncio.run(attend(server, count - bool(browser), seconds))
    lesson.seconds = time.perf_counter() - began
    lesson.web_seconds = Process.read([server.process.pid]).seconds - before.seconds
    lesson.load = os.getloadavg()[0]
    at_the_end.join()
    if browser:
        browser.stop.set()
        browser.join()
        lesson.browser = browser.answers
    wait_until_left(server)
    return lesson


def _read_resources(server: Server, lesson: Lesson) -> None:
    lesson.web = Process.read([server.process.pid])
    lesson.workers = Process.read(server.worker_pids())


def wait_until_left(server: Server) -> None:
    """Wait until the engine has ended the runs of the closed tabs."""
    until = time.monotonic() + RUNS_END_SECONDS
    while json.loads(server.get("nn-viz/health")[0])["runs"] and time.monotonic() < until:
        time.sleep(0.2)


def share(values: Sequence[float], percent: int) -> float:
    """Return a percentile of seconds, in milliseconds; NaN where there are no values."""
    if len(values) < 2:
        return 1000 * values[0] if values else float("nan")
    return 1000 * statistics.quantiles(values, n=100, method="inclusive")[percent - 1]


def _times(values: Sequence[float]) -> str:
    return f"{share(values, 50):.0f} / {share(values, 95):.0f} ({len(values)})" if values else "–"


ROWS: Sequence[tuple[str, Callable[[Lesson], str], str]] = (
    ("question to next picture, all", lambda x: _times(x.all("questions")), f"p95 under {WANTED['question']}"),
    ("– a neuron of the wall", lambda x: _times(x.of("neurons", "questions")), ""),
    ("– footprints and patches", lambda x: _times(x.of("footprints", "questions")), ""),
    ("– a neuron, in the real browser, to the painted picture", lambda x: _times(x.browser), ""),
    ("pen to picture", lambda x: _times(x.all("pen")), f"p95 under {WANTED['pen']}"),
    ("another part of the page", lambda x: _times(x.all("layouts")), ""),
    ("page start, coming in", lambda x: _times(x.all("first_start")), f"p95 under {WANTED['start']}"),
    ("page start, in the middle of it", lambda x: _times(x.all("later_starts")), f"p95 under {WANTED['start']}"),
    ("fairness, smallest / largest", lambda x: f"{x.fairness:.2f}", f"over {WANTED['fairness']}"),
    ("live frames a second, each", lambda x: f"{statistics.mean(f.frame_rate for f in x.learners):.1f}", ""),
    ("scripts a second, all", lambda x: f"{sum(f.runs for f in x.learners) / x.seconds:.1f}", ""),
    ("without an answer, or errors", lambda x: str(len(x.all("errors"))), "0"),
    ("web process, share of one core", lambda x: f"{x.web_seconds / x.seconds:.0%}", ""),
    ("web process, MB resident (proportional)", lambda x: f"{x.web.resident:.0f} ({x.web.proportional:.0f})", ""),
    ("workers, MB resident (proportional)", lambda x: f"{x.workers.resident:.0f} ({x.workers.proportional:.0f})", ""),
    ("the clients' own clock is late by", lambda x: _times(x.late), ""),
    ("load average", lambda x: f"{x.load:.1f}", ""),
)  # fmt: skip


IN_SHORT: Sequence[tuple[str, Callable[[Lesson], str]]] = (
    ("question", lambda x: _times(x.all("questions"))),
    ("pen", lambda x: _times(x.all("pen"))),
    ("page start, coming in", lambda x: _times(x.all("first_start"))),
    ("page start, in the middle", lambda x: _times(x.all("later_starts"))),
    ("fairness", lambda x: f"{x.fairness:.2f}"),
    ("web process, MB", lambda x: f"{x.web.resident:.0f}"),
    ("workers, MB", lambda x: f"{x.workers.resident:.0f}"),
)


def in_short(lesson: Lesson) -> str:
    """Return one row of a table with a lesson a row."""
    return f"| {lesson.title} | {' | '.join(cell(lesson) for _, cell in IN_SHORT)} |"


def report(lessons: Sequence[Lesson], seconds: float) -> str:
    """Return the section of RESULTS.md: the first two lessons in full, each of them in short where there are more."""
    full = lessons[:2]
    names = [name for name, _ in IN_SHORT]
    each = ["| | " + " | ".join(names) + " |", "|---|" + "---:|" * len(names), *map(in_short, lessons), ""]
    lines = [
        "## Thirty learners",
        "",
        f"{circumstances(' '.join([COMMAND, *sys.argv[1:]]))}. Lessons of {seconds:.0f} s on one server, everyone "
        "trains all the time. Milliseconds p50 / p95 (how many), seen by clients that share the machine with the "
        "server.",
        "",
        "| | " + " | ".join(lesson.title for lesson in full) + " | wanted |",
        "|---|" + "---:|" * len(full) + "---|",
        *(f"| {name} | {' | '.join(map(cell, full))} | {wanted} |" for name, cell, wanted in ROWS),
        "",
        *(each if len(lessons) > len(full) else []),
    ]
    return "\n".join(lines)


def main() -> None:
    """Measure all classes, print, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--learners", type=int, default=30, help="in a class, the real browser included")
    parser.add_argument("--seconds", type=float, default=60.0, help="of a lesson")
    parser.add_argument("--lessons", type=int, default=1, help="classes that come one after the other")
    parser.add_argument("--no-browser", action="store_true", help="light clients only")
    parser.add_argument("--dry", action="store_true", help="write nothing")
    given = parser.parse_args()
    if given.learners < SMALL_CLASS or given.seconds < 10 or given.lessons < 1:
        parser.error(f"--learners must be {SMALL_CLASS} or more, --seconds 10 or more, --lessons 1 or more")
    with tempfile.TemporaryDirectory() as folder:
        server = start_server(Path(folder) / "log.txt", NN_VIZ_GRACE_SECONDS=GRACE_SECONDS)
        try:
            lessons = [teach(server, f"{SMALL_CLASS} learners", SMALL_CLASS, given.seconds / 2, with_browser=False)]
            for number in range(given.lessons):
                title = f"{given.learners} learners" + (f", class {number + 1}" if given.lessons > 1 else "")
                with_browser = not given.no_browser
                lessons.append(teach(server, title, given.learners, given.seconds, with_browser=with_browser))
                print(in_short(lessons[-1]), flush=True)  # the others may take minutes
                for error in sorted(set(lessons[-1].all("errors"))):
                    print(f"{title}: {error}", flush=True)
        finally:
            stop_server(server)
    section = report(lessons, given.seconds)
    publish("classroom", section, dry=given.dry)


if __name__ == "__main__":
    main()
