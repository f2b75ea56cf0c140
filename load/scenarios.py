"""The shapes of load: how many users when, how often each asks, what is wanted."""

from dataclasses import dataclass, replace

from settings import SettingsError


@dataclass(frozen=True)
class Scenario:
    """Users rise from `first` to `peak`, and stay there."""

    first: int
    # Seconds with the first users, of the rise, and with all of them.
    before: float
    rise: float
    hold: float
    peak: int
    # Requests a second of each user.
    rate: float
    # What the limits of the routes are multiplied by.
    slack: float
    # Failures of each route, as a part of its requests.
    failures: float
    # The part of the intended requests that must have been made while all users were there.
    throughput: float
    # Growth of resident memory, in MB an hour; None where the run is too short to tell.
    slope_mb: float | None = None

    def users_at(self, seconds):
        """How many users there are; None when the run is over."""
        if seconds >= self.before + self.rise + self.hold:
            return None
        risen = min(max(seconds - self.before, 0) / self.rise, 1)
        return max(1, round(self.first + (self.peak - self.first) * risen))

    def seconds(self):
        return self.before + self.rise + self.hold


SCENARIOS = {
    # The promise: 100 users with 10 requests a second each for ten minutes, p95 below 200 ms.
    "baseline": Scenario(
        first=1, before=0, rise=10, hold=600, peak=100, rate=10, slack=1, failures=0.001, throughput=0.9
    ),
    # 10 to 500 users in a minute, held for five: new replicas have to come while it lasts.
    "spike": Scenario(
        first=10, before=30, rise=60, hold=300, peak=500, rate=2, slack=5, failures=0.01, throughput=0.8
    ),
    # 200 users for two hours: does memory grow?
    "endurance": Scenario(
        first=1, before=0, rise=60, hold=7200, peak=200, rate=1, slack=1, failures=0.001, throughput=0.9, slope_mb=8
    ),
    # A minute on a machine that also runs the stores and this program: every route, generous limits.
    "short": Scenario(
        first=10, before=15, rise=10, hold=30, peak=40, rate=4, slack=10, failures=0.001, throughput=0.5
    ),
}


def chosen(settings):
    """The scenario with what the settings change of it."""
    if settings.scenario not in SCENARIOS:
        raise SettingsError(f"LOAD_SCENARIO={settings.scenario!r} is none of {', '.join(SCENARIOS)}")
    scenario = SCENARIOS[settings.scenario]
    changes = {
        "peak": None if settings.users is None else int(settings.users),
        "hold": settings.seconds,
        "rate": settings.rate,
        "failures": settings.failures,
        "slope_mb": settings.slope_mb if scenario.slope_mb is not None else None,
    }
    scenario = replace(scenario, **{name: value for name, value in changes.items() if value is not None})
    return replace(scenario, first=min(scenario.first, scenario.peak))
