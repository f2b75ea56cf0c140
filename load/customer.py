"""Users of the API: every route, and every reply is looked at. A fast wrong answer is a failure."""

import json
import random
import time
import uuid

from locust import FastHttpUser, constant, task

import rows

MOST_ROWS = 5
# Old enough that nothing lies in it: the route is asked, and deletes nothing.
EMPTY_DAY = "from=1970-01-01T00:00:00Z&to=1970-01-02T00:00:00Z"


class ApiUser(FastHttpUser):
    """What all users share. `settings` and `clearings` are set by the locustfile."""

    abstract = True
    insecure = False
    connection_timeout = network_timeout = 10
    settings = None
    clearings = None

    def ask(self, method, path, name, wanted, check=None, row=None, **more):
        """Sends a request. The reply where it was as wanted, else None, and the failure is counted."""
        headers = {**self.settings.headers, **more.pop("headers", {})}
        url = self.settings.base_path + path
        with self.client.request(method, url, name=name, headers=headers, catch_response=True, **more) as reply:
            status = reply.status_code
            if row is not None and status not in wanted and status == 404 and self.clearings.excuse(row):
                reply.success()
                return None
            if status not in wanted:
                detail = (reply.text or str(reply.error))[:200] if status >= 400 or status == 0 else ""
                reply.failure(f"status {status}, wanted {wanted}: {detail}")
                return None
            fault = check(reply) if check else None
            if fault and not (row is not None and self.clearings.excuse(row)):
                reply.failure(fault)
                return None
            reply.success()
            return reply


class Customer(ApiUser):
    """Records, reads, changes and deletes rows of its own, and reads what all see."""

    def on_start(self):
        self.rows = []
        self.count = 0
        self.name = uuid.uuid4().hex[:12]

    def new_row(self):
        self.count += 1
        text = f"{self.settings.marker} {self.name} {self.count}"
        return rows.Row(0, rows.amount(random.randint(1, 99999)), text, time.monotonic())

    def remember(self, row, location):
        row.id = int(location.rsplit("/", 1)[1])
        self.rows.append(row)

    def any_row(self):
        """One of the user's rows; records one where there is none, and then it is that task's request."""
        if self.rows:
            return random.choice(self.rows)
        self.create_new()
        return None

    # The old routes.

    @task(20)
    def list_old(self):
        row = self.rows[-1] if self.rows else None
        self.ask("GET", "/transaction", "/transaction", (200,), lambda reply: self.listed(reply, row), row)

    @staticmethod
    def listed(reply, row):
        if not reply.text.startswith('{"result":['):
            return "no list"
        if row is not None and row.old_json() not in reply.text:
            return "the list does not hold a row that was acknowledged"
        return None

    @task(5)
    def page_old(self):
        self.ask("GET", "/transaction?limit=50", "/transaction?limit", (200,), lambda reply: self.listed(reply, None))

    @task(6)
    def create_old(self):
        if len(self.rows) >= MOST_ROWS:
            return self.delete_old()
        row = self.new_row()
        body = {"amount": row.amount, "desc": row.description}
        reply = self.ask("POST", "/transaction", "/transaction", (200,), self.located, json=body)
        if reply is not None:
            self.remember(row, reply.headers["Location"])

    @staticmethod
    def located(reply):
        return None if "/v1/transactions/" in reply.headers.get("Location", "") else "no Location"

    @task(4)
    def find_old(self):
        if row := self.any_row():
            self.ask("GET", f"/transaction/{row.id}", "/transaction/{id}", (200,), lambda r: self.amount_is(r, row), row)

    @task(2)
    def find_by_parameter(self):
        if row := self.any_row():
            path = f"/transaction/id?id={row.id}"
            self.ask("GET", path, "/transaction/id", (200,), lambda r: self.amount_is(r, row), row)

    @staticmethod
    def amount_is(reply, row):
        return None if f'"amount":{row.amount},' in reply.text else f"not the amount {row.amount}"

    @task(2)
    def delete_old(self):
        if row := self.any_row():
            self.rows.remove(row)
            self.ask("DELETE", f"/transaction/{row.id}", "/transaction/{id}", (200,))

    @task(1)
    def delete_by_parameter(self):
        if row := self.any_row():
            self.rows.remove(row)
            self.ask("DELETE", f"/transaction/id?id={row.id}", "/transaction/id", (200,))

    # The new ones.

    @task(8)
    def list_new(self):
        self.ask("GET", "/v1/transactions?limit=50", "/v1/transactions", (200,), self.page)

    @staticmethod
    def page(reply):
        body = json.loads(reply.text)
        ids = [item["id"] for item in body["items"]]
        if len(ids) > 50 or ids != sorted(ids, reverse=True) or "next_cursor" not in body:
            return "not a page of at most 50 items, newest first"
        return None

    @task(6)
    def create_new(self):
        if len(self.rows) >= MOST_ROWS:
            return self.delete_new()
        row = self.new_row()
        body = {"amount": row.amount, "description": row.description}
        key = {"Idempotency-Key": row.description.replace(" ", "-")}
        path = "/v1/transactions"
        reply = self.ask("POST", path, path, (201,), self.located, json=body, headers=key)
        if reply is not None:
            row.etag = reply.headers["ETag"]
            self.remember(row, reply.headers["Location"])

    @task(8)
    def find_new(self):
        if row := self.any_row():
            # Half of the reads know the state already.
            known = {"If-None-Match": row.etag} if row.etag and random.random() < 0.5 else {}
            wanted = (304,) if known else (200,)
            check = None if known else lambda reply: self.amount_is(reply, row)
            reply = self.one(row, "GET", wanted, check, headers=known)
            if reply is not None and not known:
                row.etag = reply.headers["ETag"]

    def one(self, row, method, wanted, check=None, **more):
        return self.ask(method, f"/v1/transactions/{row.id}", "/v1/transactions/{id}", wanted, check, row, **more)

    @task(3)
    def replace(self):
        if row := self.any_row():
            text = rows.amount(random.randint(1, 99999))
            self.changed(row, "PUT", text, {"amount": text, "description": row.description})

    @task(3)
    def amend(self):
        if row := self.any_row():
            text = rows.amount(random.randint(1, 99999))
            self.changed(row, "PATCH", text, {"amount": text})

    def changed(self, row, method, text, body):
        guard = {"If-Match": row.etag} if row.etag else {}
        reply = self.one(row, method, (200,), json=body, headers=guard)
        if reply is not None:
            row.amount, row.etag = text, reply.headers["ETag"]
        elif row in self.rows:
            # Whether it was changed is not known: nothing can be wanted of it any more.
            self.rows.remove(row)

    @task(3)
    def delete_new(self):
        if row := self.any_row():
            self.rows.remove(row)
            self.one(row, "DELETE", (204,))

    @task(1)
    def delete_range(self):
        path = f"/v1/transactions?{EMPTY_DAY}"
        self.ask("DELETE", path, "/v1/transactions", (200,), lambda r: None if r.text == '{"deleted":0}' else r.text)

    @task(2)
    def summarize(self):
        by = random.choice(("day", "month"))
        self.ask("GET", f"/v1/summary?by={by}", "/v1/summary", (200,))

    # What machines ask.

    @task(1)
    def probes(self):
        path = random.choice(("/livez", "/readyz", "/health"))
        self.ask("GET", path, path, (200,))

    @task(1)
    def documents(self):
        path = random.choice(("/openapi.json", "/docs"))
        self.ask("GET", path, path, (200,))


class Clearer(ApiUser):
    """Deletes everything every five seconds: only where the run was told that it may (LOAD_DELETE_ALL=1)."""

    fixed_count = 1
    wait_time = constant(5)

    @task
    def delete_all(self):
        self.clearings.begin()
        self.ask("DELETE", "/transaction", "/transaction", (200,))
        self.clearings.end()
