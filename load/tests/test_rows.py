import unittest

import context  # noqa: F401
import rows


class RowsTest(unittest.TestCase):
    def test_amounts_are_in_shortest_form(self):
        self.assertEqual([rows.amount(cents) for cents in (1, 10, 100, 1250, 99999)], ["0.01", "0.1", "1", "12.5", "999.99"])

    def test_only_a_deletion_after_the_recording_excuses_a_missing_row(self):
        now = [10.0]
        clearings = rows.Clearings(lambda: now[0])
        older, newer = rows.Row(1, "1", "x", 9.0), rows.Row(2, "1", "x", 12.0)
        self.assertFalse(clearings.excuse(older))
        clearings.begin()
        self.assertTrue(clearings.excuse(newer))
        clearings.end()
        self.assertTrue(clearings.excuse(older))
        self.assertFalse(clearings.excuse(newer))
