"""Resident memory of the service while it is under load, and how fast it grows."""

import json
import time
import urllib.parse
import urllib.request

from settings import SettingsError

QUERY = 'max(container_memory_working_set_bytes{namespace="expense",container="expense-backend"})'
# The first part of a run fills caches and pools: it says nothing of leaks.
WARM_UP = 0.25
LEAST_SAMPLES = 10


def source(settings):
    """Reads bytes. Where from is said by LOAD_MEMORY: pid:N, metrics:URL, prometheus:URL; None where it says nothing."""
    if not settings.memory:
        return None
    kind, _, place = settings.memory.partition(":")
    if kind == "pid" and place.isdigit():
        return lambda: _of_process(place)
    if kind == "metrics" and place.startswith(("http://", "https://")):
        return lambda: _of_metrics(_read(place).decode())
    if kind == "prometheus" and place.startswith(("http://", "https://")):
        query = urllib.parse.urlencode({"query": settings.memory_query or QUERY})
        return lambda: _of_prometheus(json.loads(_read(f"{place.rstrip('/')}/api/v1/query?{query}")))
    raise SettingsError(f"LOAD_MEMORY={settings.memory!r} is none of pid:N, metrics:URL, prometheus:URL")


def _read(url):
    with urllib.request.urlopen(url, timeout=10) as reply:
        return reply.read()


def _of_process(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        for line in status:
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
    raise ValueError(f"process {pid} has no resident memory")


def _of_metrics(text):
    for line in text.splitlines():
        if line.startswith("process_resident_memory_bytes"):
            return float(line.split()[-1])
    raise ValueError("no process_resident_memory_bytes among the metrics")


def _of_prometheus(answer):
    result = answer["data"]["result"]
    if not result:
        raise ValueError("the query for memory found nothing")
    return float(result[0]["value"][1])


class Samples:
    """Pairs of seconds and bytes."""

    def __init__(self, read, clock=time.monotonic):
        self._read, self._clock = read, clock
        self._began = clock()
        self.points = []
        self.misses = 0
        self.last_miss = ""

    def take(self):
        try:
            value = self._read()
        except (OSError, ValueError, KeyError, IndexError) as error:
            self.misses += 1
            self.last_miss = str(error)
            return
        self.points.append((self._clock() - self._began, value))

    def settled(self):
        """Without the first part of the run."""
        if not self.points:
            return []
        start = self.points[-1][0] * WARM_UP
        return [point for point in self.points if point[0] >= start]


def slope_mb_per_hour(points):
    """The growth by least squares."""
    count = len(points)
    mean_x = sum(x for x, _ in points) / count
    mean_y = sum(y for _, y in points) / count
    spread = sum((x - mean_x) ** 2 for x, _ in points)
    if spread == 0:
        return 0.0
    slope = sum((x - mean_x) * (y - mean_y) for x, y in points) / spread
    return slope * 3600 / 1e6


def judge(samples, limit):
    """Faults of the memory: it grew, or nobody knows."""
    points = samples.settled()
    if len(points) < LEAST_SAMPLES:
        why = f"; {samples.misses} readings failed, the last: {samples.last_miss}" if samples.misses else ""
        return [f"memory: {len(points)} readings are too few to tell whether it grows{why}"]
    grown = slope_mb_per_hour(points)
    if grown > limit:
        return [f"memory: grew by {grown:.1f} MB an hour, the limit is {limit:.1f}"]
    return []
