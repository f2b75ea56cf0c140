"""The limit of every route, and the judgement over a run."""

from dataclasses import dataclass

# Milliseconds that 95 of 100 replies must stay below, before the scenario's slack. A route without an entry fails the run.
PROBE, READ, WRITE, MANY = 100, 200, 200, 200
P95_MS = {
    ("GET", "/livez"): PROBE,
    ("GET", "/readyz"): PROBE,
    ("GET", "/health"): PROBE,
    ("GET", "/transaction"): READ,
    ("GET", "/transaction?limit"): READ,
    ("POST", "/transaction"): WRITE,
    ("DELETE", "/transaction"): MANY,
    ("GET", "/transaction/id"): READ,
    ("DELETE", "/transaction/id"): WRITE,
    ("GET", "/transaction/{id}"): READ,
    ("DELETE", "/transaction/{id}"): WRITE,
    ("GET", "/v1/transactions"): READ,
    ("POST", "/v1/transactions"): WRITE,
    ("DELETE", "/v1/transactions"): MANY,
    ("GET", "/v1/transactions/{id}"): READ,
    ("PUT", "/v1/transactions/{id}"): WRITE,
    ("PATCH", "/v1/transactions/{id}"): WRITE,
    ("DELETE", "/v1/transactions/{id}"): WRITE,
    ("GET", "/v1/summary"): MANY,
    ("GET", "/openapi.json"): READ,
    ("GET", "/docs"): READ,
}
# Deletes everything: only asked where the run was told that it may.
DELETE_ALL = ("DELETE", "/transaction")


@dataclass(frozen=True)
class Measured:
    """What a run saw of one route."""

    requests: int
    failures: int
    p95_ms: float


def limit_ms(route, scenario, settings):
    """The limit of a route in this run; None where it has none."""
    if settings.p95_ms is not None:
        return settings.p95_ms if route in P95_MS else None
    return P95_MS[route] * scenario.slack if route in P95_MS else None


def judge(measured, scenario, settings):
    """Every fault of a run, each in words. `measured` maps routes to what was seen of them."""
    faults = []
    wanted = set(P95_MS) if settings.delete_all else set(P95_MS) - {DELETE_ALL}
    for method, path in sorted(wanted - set(measured)):
        faults.append(f"{method} {path}: was never asked")
    for route, seen in sorted(measured.items()):
        faults += _of_route(" ".join(route), seen, limit_ms(route, scenario, settings), scenario.failures)
    return faults


def _of_route(name, seen, limit, failures):
    if limit is None:
        yield f"{name}: has no threshold"
        return
    if seen.requests == 0:
        yield f"{name}: was never asked"
        return
    if not seen.p95_ms < limit:
        yield f"{name}: p95 {seen.p95_ms:.0f} ms, the limit is below {limit:.0f} ms"
    if seen.failures > failures * seen.requests:
        yield f"{name}: {seen.failures} of {seen.requests} failed, the limit is {failures:.2%}"


def judge_throughput(made, scenario):
    """`made`: requests a second while all users were there."""
    intended = scenario.peak * scenario.rate
    if made < intended * scenario.throughput:
        yield (
            f"only {made:.0f} requests a second of {intended:.0f} were made: "
            "the service, or the machine that asks, is too slow for this scenario"
        )


def undocumented(document):
    """Routes of an OpenAPI document that have no threshold."""
    methods = {"get", "put", "post", "delete", "patch"}
    routes = {(m.upper(), path) for path, item in document["paths"].items() for m in item if m in methods}
    return sorted(routes - set(P95_MS))
