"""The rows that a run records, who may have deleted them, and their removal at the end."""

import json
import time
import urllib.error
import urllib.request
from dataclasses import dataclass

from gevent.pool import Pool

# How many deletions are under way at a time, when the load is over.
TOGETHER = 10


@dataclass
class Row:
    """A row of one user. `asked_at`: when its recording was asked for."""

    id: int
    amount: str
    description: str
    asked_at: float
    etag: str = ""

    def old_json(self):
        """As the old list shows it."""
        return f'{{"id":{self.id},"amount":{self.amount},"description":"{self.description}"}}'


class Clearings:
    """When everything was deleted: a row that is not there is then nobody's fault."""

    def __init__(self, clock=time.monotonic):
        self._clock = clock
        self._running = 0
        self._last_end = float("-inf")

    def begin(self):
        self._running += 1

    def end(self):
        self._running -= 1
        self._last_end = self._clock()

    def excuse(self, row):
        """Whether a deletion of everything may have taken the row."""
        return self._running > 0 or self._last_end >= row.asked_at


def amount(cents):
    """Cents as the service writes amounts: the shortest exact form."""
    whole, rest = divmod(cents, 100)
    return f"{whole}.{rest:02d}".rstrip("0").rstrip(".")


def sweep(settings):
    """Deletes what is left of this run's rows. Faults, in words."""
    base = settings.url + settings.base_path
    try:
        while found := _marked(base, settings):
            for _ in Pool(TOGETHER).imap_unordered(lambda row: _ask("DELETE", f"{base}{row}", settings), found):
                pass
    except (OSError, ValueError, KeyError) as error:
        return [f"rows of this run (description beginning with {settings.marker}) may be left: {error}"]
    return []


def _marked(base, settings):
    reply = _ask("GET", f"{base}/v1/transactions?limit=250&q={settings.marker}", settings)
    items = json.loads(reply)["items"]
    return [f"/v1/transactions/{item['id']}" for item in items if item["description"].startswith(settings.marker)]


def _ask(method, url, settings):
    request = urllib.request.Request(url, method=method, headers=settings.headers)
    try:
        with urllib.request.urlopen(request, timeout=30) as reply:
            return reply.read()
    except urllib.error.HTTPError as error:
        if method == "DELETE" and error.code == 404:
            return b""
        raise
