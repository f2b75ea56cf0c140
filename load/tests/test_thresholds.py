import json
import pathlib
import unittest

import context  # noqa: F401
import thresholds
from scenarios import SCENARIOS
from settings import Settings
from thresholds import DELETE_ALL, P95_MS, Measured

DOCUMENT = pathlib.Path(__file__).parents[2] / "docs/openapi.json"
BASELINE = SCENARIOS["baseline"]


def sound():
    return {route: Measured(1000, 0, 20.0) for route in P95_MS}


class ThresholdsTest(unittest.TestCase):
    def judge(self, measured, **settings):
        return thresholds.judge(measured, BASELINE, Settings(delete_all=True, **settings))

    def test_a_good_run_has_no_fault(self):
        self.assertEqual(self.judge(sound()), [])

    def test_each_route_can_fail_the_run_by_its_latency_by_its_failures_and_by_its_absence(self):
        for route in P95_MS:
            name = " ".join(route)
            for seen, words in (
                (Measured(1000, 0, P95_MS[route]), "p95"),
                (Measured(1000, 2, 20.0), "2 of 1000 failed"),
                (Measured(0, 0, 0.0), "was never asked"),
            ):
                with self.subTest(name, words=words):
                    faults = self.judge(sound() | {route: seen})
                    self.assertEqual(len(faults), 1, faults)
                    self.assertTrue(faults[0].startswith(f"{name}: ") and words in faults[0], faults)
            with self.subTest(name, words="missing"):
                measured = sound()
                del measured[route]
                self.assertEqual(self.judge(measured), [f"{name}: was never asked"])

    def test_the_promise_is_200_ms(self):
        self.assertEqual(P95_MS["GET", "/transaction"], 200)
        self.assertLessEqual(max(P95_MS.values()), 200)

    def test_a_limit_of_nothing_fails_everything(self):
        faults = thresholds.judge(sound(), BASELINE, Settings(delete_all=True, p95_ms=0))
        self.assertEqual(len(faults), len(P95_MS))

    def test_deleting_everything_is_a_choice(self):
        measured = sound()
        del measured[DELETE_ALL]
        self.assertEqual(thresholds.judge(measured, BASELINE, Settings()), [])

    def test_a_route_without_a_limit_is_a_fault(self):
        faults = self.judge(sound() | {("GET", "/new"): Measured(5, 0, 1.0)})
        self.assertEqual(faults, ["GET /new: has no threshold"])

    def test_too_few_requests_are_no_proof(self):
        self.assertEqual(list(thresholds.judge_throughput(950, BASELINE)), [])
        self.assertIn("only 500 requests", next(thresholds.judge_throughput(500, BASELINE)))

    def test_every_documented_route_has_a_threshold(self):
        document = json.loads(DOCUMENT.read_text())
        self.assertEqual(thresholds.undocumented(document), [])
        document["paths"]["/v2/new"] = {"post": {}, "parameters": []}
        self.assertEqual(thresholds.undocumented(document), [("POST", "/v2/new")])
