import itertools
import os
import unittest

import context  # noqa: F401
import memory
from settings import Settings, SettingsError

MB = 1_000_000


def samples(values, step=60):
    clock = itertools.count(0, step)
    values = iter(values)
    taken = memory.Samples(lambda: next(values), lambda: next(clock))
    return taken


def taken(values):
    watched = samples(values)
    for _ in values:
        watched.take()
    return watched


class MemoryTest(unittest.TestCase):
    def test_a_leak_is_found(self):
        # 0.5 MB a minute are 30 MB an hour.
        watched = taken([40 * MB + minute * MB / 2 for minute in range(120)])
        self.assertAlmostEqual(memory.slope_mb_per_hour(watched.settled()), 30, places=3)
        self.assertIn("grew by 30.0 MB an hour", memory.judge(watched, 8)[0])

    def test_noise_and_a_warm_up_are_no_leak(self):
        values = [20 * MB + minute * MB for minute in range(30)]
        values += [50 * MB + (minute % 3) * MB for minute in range(90)]
        self.assertEqual(memory.judge(taken(values), 8), [])

    def test_too_few_readings_are_a_fault(self):
        self.assertIn("4 readings are too few", memory.judge(taken([MB] * 5), 8)[0])

    def test_readings_that_fail_are_told_of(self):
        watched = memory.Samples(lambda: memory._of_metrics("up 1\n"))
        watched.take()
        self.assertIn("no process_resident_memory_bytes", memory.judge(watched, 8)[0])

    def test_each_source_is_read(self):
        own = memory.source(Settings(memory=f"pid:{os.getpid()}"))()
        self.assertGreater(own, MB)
        text = "# TYPE process_resident_memory_bytes gauge\nprocess_resident_memory_bytes 1.5e7\n"
        self.assertEqual(memory._of_metrics(text), 1.5e7)
        answer = {"data": {"result": [{"metric": {}, "value": [1, "123"]}]}}
        self.assertEqual(memory._of_prometheus(answer), 123)
        with self.assertRaisesRegex(ValueError, "found nothing"):
            memory._of_prometheus({"data": {"result": []}})

    def test_an_unknown_source_is_refused(self):
        for text in ("pid:x", "metrics:/metrics", "cgroup:1"):
            with self.subTest(text), self.assertRaisesRegex(SettingsError, "LOAD_MEMORY"):
                memory.source(Settings(memory=text))
