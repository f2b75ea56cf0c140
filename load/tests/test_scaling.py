import json
import pathlib
import tempfile
import unittest

import context  # noqa: F401
import scaling
from settings import SettingsError


class ScalingTest(unittest.TestCase):
    """With a stand-in for kubectl that plays answers one after the other."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def replicas(self, answers):
        for number, (current, desired) in enumerate(answers):
            status = {"status": {"currentReplicas": current, "desiredReplicas": desired}}
            (self.folder / str(number)).write_text(json.dumps(status))
        program = self.folder / "kubectl"
        program.write_text(
            "#!/bin/sh\n"
            f'cd {self.folder} || exit 1\n'
            '[ "$*" = "get hpa backend --namespace expense --output json" ] || { echo "asked $*" >&2; exit 1; }\n'
            'for answer in 0 1 2; do [ -f "$answer" ] && cat "$answer" && rm "$answer" && exit 0; done\n'
            'echo "no such autoscaler" >&2; exit 1\n'
        )
        program.chmod(0o755)
        seen = scaling.Replicas("expense", "backend", str(program))
        for _ in range(3):
            seen.take()
        return seen

    def test_more_replicas_are_the_proof(self):
        self.assertEqual(self.replicas([(2, 2), (2, 5), (5, 5)]).judge(), [])

    def test_a_wish_alone_is_none(self):
        faults = self.replicas([(2, 2), (2, 5), (2, 5)]).judge()
        self.assertEqual(faults, ["autoscaler: began with 2 replicas, wanted 5, and never had more than 2"])

    def test_a_beginning_that_was_not_counted_is_none(self):
        self.assertEqual(self.replicas([(0, 0), (2, 2), (2, 2)]).seen, [(2, 2), (2, 2)])
        self.assertIn("not counted", self.replicas([(0, 0), (0, 0), (0, 0)]).judge()[0])

    def test_an_autoscaler_that_is_not_there_is_a_fault(self):
        self.assertIn("no such autoscaler", self.replicas([]).judge()[0])

    def test_the_name_is_checked(self):
        self.assertEqual(scaling.parse("expense/expense-backend"), ("expense", "expense-backend"))
        self.assertIsNone(scaling.parse(""))
        with self.assertRaisesRegex(SettingsError, "NAMESPACE/NAME"):
            scaling.parse("expense-backend; rm")
