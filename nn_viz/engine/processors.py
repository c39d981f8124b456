"""The number of processors that this process may use: in a container or a service often fewer than there are."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path


def processors(root: Path = Path("/")) -> int:
    """Return the processors that the scheduler and the control groups allow, at least 1.

    `docker --cpus` and Kubernetes limit the *time* on processors by a quota of the control group, which the affinity
    mask does not show. A quota of 2.5 processors counts as 2. `root` is where /proc and /sys are, for tests.
    """
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, int(min([cores, *_quotas(root)])))


def _quotas(root: Path) -> Iterator[float]:
    """Yield the limit of each control group that this process is in, in processors; those without a limit are left out.

    A group's parents limit it too. Inside a container its own group is the root of what can be seen.
    """
    for controllers, path in _groups(root):
        unified = controllers == ""
        top = root / "sys/fs/cgroup" / ("" if unified else controllers)
        relative = Path(path.lstrip("/"))
        for group in (relative, *relative.parents):
            quota = _unified_quota(top / group) if unified else _old_quota(top / group)
            if quota is not None:
                yield quota


def _groups(root: Path) -> Iterator[tuple[str, str]]:
    """Yield (controllers, path) from lines like "0::/user.slice" (version 2) and "4:cpu,cpuacct:/docker/1f" (1)."""
    yield from (("", "/"), ("cpu", "/"))
    try:
        lines = (root / "proc/self/cgroup").read_text("utf-8").splitlines()
    except (OSError, ValueError):
        return
    for line in lines:
        number, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        if number == "0" or "cpu" in controllers.split(","):
            yield "" if number == "0" else "cpu", path


def _unified_quota(group: Path) -> float | None:
    """Read `cpu.max`: "250000 100000" are microseconds of time in each period, "max 100000" is no limit."""
    words = _words(group / "cpu.max")
    return _share(words[0], words[1]) if len(words) == 2 else None


def _old_quota(group: Path) -> float | None:
    """Return the quota of cgroups version 1: two files, where -1 is no limit."""
    quota, period = _words(group / "cpu.cfs_quota_us"), _words(group / "cpu.cfs_period_us")
    return _share(quota[0], period[0]) if quota and period else None


def _share(quota: str, period: str) -> float | None:
    if not (quota.isdecimal() and period.isdecimal()) or int(quota) == 0 or int(period) == 0:
        return None
    return int(quota) / int(period)


def _words(path: Path) -> list[str]:
    try:
        return path.read_text("utf-8").split()
    except (OSError, ValueError):
        return []
