"""Requests that use every route of the service, at a pace that changes, and the faults that people make.

    traffic.py --seconds 30 --keys FILE URL [URL...]

FILE holds API keys, one a line: first of one who asks too often, then of each caller one that may all and one that may
only read.
"""

import argparse
import http.client
import json
import math
import random
import sys
import threading
import time
from collections import Counter
from urllib.parse import urlsplit

# Of each caller, requests a second at the busiest.
PACE = 12
WORDS = ["Groceries", "Bus ticket", "Coffee ☕", "Rent", "Books", "Lunch", "Phone", "Shoes", "Present", "Cinema"]


class Caller(threading.Thread):
    def __init__(self, number, urls, keys, end, span):
        super().__init__(daemon=True)
        self.chance = random.Random(number)
        self.address = urlsplit(urls[number % len(urls)])
        self.hasty, self.all, self.reader = keys
        self.end, self.span = end, span
        self.rows = []
        self.seen = Counter()
        self.connection = None

    def run(self):
        start = self.end - self.span
        while (now := time.monotonic()) < self.end:
            self.one_of_many()
            # Two waves in the whole time.
            wave = 0.55 - 0.45 * math.cos(4 * math.pi * (now - start) / self.span)
            time.sleep(self.chance.expovariate(PACE * wave))

    def one_of_many(self):
        kinds = [
            (30, self.list_old), (12, self.list_new), (16, self.read), (14, self.record), (6, self.record_old),
            (5, self.change), (4, self.remove), (3, self.summary), (2, self.wrong_body), (2, self.not_there),
            (1, self.no_key), (1, self.no_right), (2, self.too_often), (2, self.health),
        ]
        self.chance.choices([call for _, call in kinds], [weight for weight, _ in kinds])[0]()

    def ask(self, method, path, body=None, key="", headers=None):
        if self.connection is None:
            self.connection = http.client.HTTPConnection(self.address.hostname, self.address.port, timeout=20)
        headers = dict(headers or {})
        if key is not None:
            headers["X-API-Key"] = key or self.all
        if body is not None:
            headers["Content-Type"] = "application/json"
        try:
            self.connection.request(method, path, None if body is None else json.dumps(body), headers)
            reply = self.connection.getresponse()
            text = reply.read()
        except (OSError, http.client.HTTPException) as error:
            self.connection = None
            self.seen[type(error).__name__] += 1
            return 0, b"", {}
        self.seen[reply.status] += 1
        return reply.status, text, reply.headers

    def new(self):
        amount = f"{self.chance.lognormvariate(3, 1):.2f}"
        return {"amount": amount, "description": self.chance.choice(WORDS)}

    def record(self):
        status, text, _ = self.ask("POST", "/v1/transactions", self.new())
        if status == 201:
            self.rows.append(json.loads(text)["id"])

    def record_old(self):
        row = self.new()
        self.ask("POST", "/transaction", {"amount": row["amount"], "desc": row["description"]})

    def list_old(self):
        self.ask("GET", "/transaction", key=self.chance.choice([self.all, self.reader]))

    def list_new(self):
        self.ask("GET", "/v1/transactions?limit=20", key=self.reader)

    def read(self):
        if self.rows:
            family = self.chance.choice(["/v1/transactions", "/transaction"])
            self.ask("GET", f"{family}/{self.chance.choice(self.rows)}", key=self.reader)

    def change(self):
        if self.rows:
            self.ask("PATCH", f"/v1/transactions/{self.chance.choice(self.rows)}", {"amount": self.new()["amount"]})

    def remove(self):
        if self.rows:
            row = self.rows.pop(self.chance.randrange(len(self.rows)))
            self.ask("DELETE", f"/v1/transactions/{row}")

    def summary(self):
        self.ask("GET", "/v1/summary?by=day", key=self.reader)

    def wrong_body(self):
        self.ask("POST", "/v1/transactions", {"amount": "much", "description": ""})

    def not_there(self):
        self.ask("GET", "/v1/transactions/9000000000")

    def no_key(self):
        self.ask("GET", "/v1/transactions", key=None)
        self.ask("GET", "/v1/transactions", key="expense_nobody")

    def no_right(self):
        self.ask("POST", "/v1/transactions", self.new(), key=self.reader)
        self.ask("DELETE", "/transaction", key=self.reader)

    def too_often(self):
        for _ in range(15):
            self.ask("GET", "/v1/transactions?limit=1", key=self.hasty)

    def health(self):
        for path in ["/health", "/readyz", "/livez"]:
            self.ask("GET", path, key=None)


def main():
    words = argparse.ArgumentParser()
    words.add_argument("--seconds", type=float, required=True)
    words.add_argument("--keys", required=True)
    words.add_argument("urls", nargs="+")
    given = words.parse_args()
    with open(given.keys, encoding="utf-8") as file:
        keys = file.read().split()
    end = time.monotonic() + given.seconds
    hasty, pairs = keys[0], zip(keys[1::2], keys[2::2])
    callers = [Caller(number, given.urls, (hasty, *pair), end, given.seconds) for number, pair in enumerate(pairs)]
    for caller in callers:
        caller.start()
    seen = Counter()
    for caller in callers:
        caller.join()
        seen.update(caller.seen)
    print("      replies:", ", ".join(f"{count} x {what}" for what, count in sorted(seen.items(), key=str)))
    # A load that never succeeded proves nothing.
    if not seen[200] or not seen[201]:
        sys.exit("no request succeeded")


main()
