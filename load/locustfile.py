"""Load tests of the expense API. docs/LOAD-TESTS.md says how they are run and what they judge."""

import json
import os
import signal
import sys
import time
import urllib.request

import gevent
import locust.stats
from locust import LoadTestShape, constant_throughput, events
from locust.runners import WorkerRunner

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import customer  # noqa: E402
import memory  # noqa: E402
import rows  # noqa: E402
import scaling  # noqa: E402
import scenarios  # noqa: E402
import thresholds  # noqa: E402
from settings import Settings, SettingsError  # noqa: E402

try:
    SETTINGS = Settings.read()
    SCENARIO = scenarios.chosen(SETTINGS)
    MEMORY = memory.source(SETTINGS)
    HPA = scaling.parse(SETTINGS.hpa)
    if SCENARIO.slope_mb is not None and MEMORY is None:
        raise SettingsError("LOAD_MEMORY is not set: this scenario judges the growth of resident memory")
except SettingsError as error:
    sys.exit(f"load test: {error}")

# What is on this machine is asked directly.
LOOPBACK = ("localhost", "127.0.0.1", "::1")
os.environ["no_proxy"] = ",".join(filter(None, (os.environ.get("no_proxy") or os.environ.get("NO_PROXY"), *LOOPBACK)))

# A point every second where the run is short: with the default of five its charts would be empty.
locust.stats.HISTORY_STATS_INTERVAL_SEC = 1 if SCENARIO.seconds() < 300 else 5

# Seconds that users may take to end.
PATIENCE = 60

customer.ApiUser.host = SETTINGS.url
customer.ApiUser.settings = SETTINGS
customer.ApiUser.clearings = rows.Clearings()


class Customer(customer.Customer):
    wait_time = constant_throughput(SCENARIO.rate)


if SETTINGS.delete_all:

    class Clearer(customer.Clearer):
        pass


class Shape(LoadTestShape):
    """The scenario's users over time."""

    def tick(self):
        users = SCENARIO.users_at(self.get_run_time())
        return None if users is None else (users, max(1, users))


class Run:
    """What is watched beside the requests."""

    def __init__(self):
        self.faults = []
        self.errors = {}
        self.memory = memory.Samples(MEMORY) if MEMORY else None
        self.replicas = scaling.Replicas(*HPA) if HPA else None
        self.throughput = None
        self._watchers = []

    def watch(self, environment):
        if self.memory:
            every = min(30, max(1, SCENARIO.seconds() / 200))
            self._watchers.append(gevent.spawn(self._repeat, self.memory.take, every))
        if self.replicas:
            self._watchers.append(gevent.spawn(self._repeat, self.replicas.take, 10))
        self._watchers.append(gevent.spawn(self._measure_throughput, environment))

    @staticmethod
    def _repeat(take, seconds):
        while True:
            take()
            gevent.sleep(seconds)

    def _measure_throughput(self, environment):
        gevent.sleep(SCENARIO.before + SCENARIO.rise)
        start = environment.stats.total.num_requests
        # The last second belongs to the end of the run.
        seconds = max(1, SCENARIO.hold - 1)
        gevent.sleep(seconds)
        self.throughput = (environment.stats.total.num_requests - start) / seconds

    def stop(self):
        gevent.killall(self._watchers)

    def judge(self, measured):
        faults = self.faults + thresholds.judge(measured, SCENARIO, SETTINGS)
        faults += [f"a user failed {count} times: {error}" for error, count in self.errors.items()]
        if self.throughput is None:
            faults.append("the run ended before its scenario did")
        else:
            faults += thresholds.judge_throughput(self.throughput, SCENARIO)
        if SCENARIO.slope_mb is not None:
            faults += memory.judge(self.memory, SCENARIO.slope_mb)
        if self.replicas:
            faults += self.replicas.judge()
        return faults


RUN = Run()


def fetch(path):
    request = urllib.request.Request(SETTINGS.url + SETTINGS.base_path + path, headers=SETTINGS.headers)
    with urllib.request.urlopen(request, timeout=10) as reply:
        return reply.read(), reply.headers


@events.init.add_listener
def look_first(environment, **_):
    """What would spoil the run is said before it begins."""
    if isinstance(environment.runner, WorkerRunner):
        return
    if SETTINGS.delete_all and environment.parsed_options and environment.parsed_options.processes:
        sys.exit("load test: LOAD_DELETE_ALL=1 goes with one process: others would not know what was deleted")
    try:
        routes = thresholds.undocumented(json.loads(fetch("/openapi.json")[0]))
        policy = fetch("/transaction?limit=1")[1].get("RateLimit-Policy")
    except (OSError, ValueError, KeyError) as error:
        sys.exit(f"load test: {SETTINGS.url}{SETTINGS.base_path} cannot be asked: {error}")
    if routes:
        sys.exit(f"load test: routes without a threshold: {routes}")
    if policy:
        sys.exit(f"load test: the service limits requests ({policy}): set RATE_LIMIT_REQUESTS=0 for the run")


@events.test_start.add_listener
def begin(environment, **_):
    if not isinstance(environment.runner, WorkerRunner):
        print(f"load test of {SETTINGS.url}: {SETTINGS.scenario}, {SCENARIO.seconds():.0f} s, {SETTINGS.marker}")
        RUN.watch(environment)
        # Locust listens to SIGTERM only when a shape is over; until then the run would end without removing its rows.
        gevent.signal_handler(signal.SIGTERM, os.kill, os.getpid(), signal.SIGINT)


@events.user_error.add_listener
def note(exception, **_):
    """A user that fails by itself asks nothing any more: the run would look better than it was."""
    RUN.errors[repr(exception)] = RUN.errors.get(repr(exception), 0) + 1


@events.quitting.add_listener
def conclude(environment, **_):
    if isinstance(environment.runner, WorkerRunner):
        return
    RUN.stop()
    RUN.faults += tidy(environment.runner)
    measured = {}
    for (name, method), entry in environment.stats.entries.items():
        p95 = entry.get_response_time_percentile(0.95) or 0
        measured[(method, name)] = thresholds.Measured(entry.num_requests, entry.num_failures, p95)
    faults = RUN.judge(measured)
    report(measured)
    for fault in faults:
        print(f"FAIL  {fault}")
    print(f"load test {SETTINGS.scenario}: " + (f"{len(faults)} thresholds broken" if faults else "every threshold held"))
    environment.process_exit_code = 1 if faults else 0


def tidy(runner):
    """Removes the run's rows when nobody uses them any more: where several processes share the work, they stop later."""
    runner.stop()
    end = time.monotonic() + PATIENCE
    while runner.user_count and time.monotonic() < end:
        gevent.sleep(0.1)
    return rows.sweep(SETTINGS)


def report(measured):
    print(f"\n{'route':<34}{'requests':>9}{'failed':>8}{'p95 ms':>8}{'limit':>8}")
    for (method, name), seen in sorted(measured.items(), key=lambda item: item[0][::-1]):
        limit = thresholds.limit_ms((method, name), SCENARIO, SETTINGS)
        limit = "none" if limit is None else f"{limit:.0f}"
        print(f"{method:<7}{name:<27}{seen.requests:>9}{seen.failures:>8}{seen.p95_ms:>8.0f}{limit:>8}")
    if RUN.throughput is not None:
        print(f"requests a second with all users: {RUN.throughput:.0f} of {SCENARIO.peak * SCENARIO.rate:.0f}")
    if RUN.memory and len(points := RUN.memory.settled()) > 1:
        first, last = points[0][1] / 1e6, points[-1][1] / 1e6
        print(f"resident memory after warming up: {first:.1f} MB, at the end {last:.1f} MB")
    if RUN.replicas and RUN.replicas.seen:
        print(f"replicas: {RUN.replicas.seen[0][0]} at first, at most {max(now for now, _ in RUN.replicas.seen)}")
    if not SETTINGS.delete_all:
        print("left out: DELETE /transaction (it deletes everything; LOAD_DELETE_ALL=1 has it asked)")
