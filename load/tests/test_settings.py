import unittest

import context  # noqa: F401
import scenarios
from settings import Settings, SettingsError

URL = {"LOAD_URL": "https://api.example.com/"}


class SettingsTest(unittest.TestCase):
    def test_nothing_but_the_address_is_needed(self):
        settings = Settings.read(URL)
        self.assertEqual((settings.url, settings.scenario), ("https://api.example.com", "short"))
        self.assertEqual(scenarios.chosen(settings), scenarios.SCENARIOS["short"])

    def test_variables_change_the_scenario(self):
        more = {"LOAD_SCENARIO": "spike", "LOAD_USERS": "5", "LOAD_SECONDS": "7", "LOAD_RATE": "3"}
        scenario = scenarios.chosen(Settings.read(URL | more))
        self.assertEqual((scenario.first, scenario.peak, scenario.hold, scenario.rate), (5, 5, 7, 3))

    def test_each_fault_is_named(self):
        for variables in (
            {"LOAD_URL": ""},
            {"LOAD_URL": "ftp://x"},
            {"LOAD_URL": "https://user:secret@x"},
            {"LOAD_BASE_PATH": "api/"},
            {"LOAD_USERS": "many"},
            {"LOAD_SECONDS": "0"},
            {"LOAD_P95_MS": "-1"},
            {"LOAD_DELETE_ALL": "yes"},
            {"LOAD_MARKER": "a b"},
            {"LOAD_SCENARIO": "storm"},
        ):
            with self.subTest(variables), self.assertRaisesRegex(SettingsError, next(iter(variables))):
                scenarios.chosen(Settings.read(URL | variables))
        with self.assertRaisesRegex(SettingsError, "both set"):
            Settings.read(URL | {"LOAD_API_KEY": "a", "LOAD_BEARER_TOKEN": "b"})

    def test_a_credential_is_not_shown(self):
        self.assertNotIn("topsecret", repr(Settings.read(URL | {"LOAD_API_KEY": "topsecret"})))


class ScenarioTest(unittest.TestCase):
    def test_the_promised_shapes(self):
        baseline, spike = scenarios.SCENARIOS["baseline"], scenarios.SCENARIOS["spike"]
        endurance = scenarios.SCENARIOS["endurance"]
        self.assertEqual((baseline.peak, baseline.rate, baseline.hold, baseline.slack), (100, 10, 600, 1))
        self.assertEqual((spike.first, spike.peak, spike.rise, spike.hold), (10, 500, 60, 300))
        self.assertEqual((endurance.peak, endurance.hold), (200, 7200))
        self.assertIsNotNone(endurance.slope_mb)

    def test_users_rise_stay_and_end(self):
        spike = scenarios.SCENARIOS["spike"]
        users = [spike.users_at(seconds) for seconds in (0, 29, 60, 90, 389, 390)]
        self.assertEqual(users, [10, 10, 255, 500, 500, None])
