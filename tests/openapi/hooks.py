"""What the API promises beyond what a schema can say."""

import re
import uuid

import schemathesis

KEY = "Idempotency-Key"
CURSOR = re.compile(r"[A-Za-z0-9_-]{23}")
VALID_KEY = re.compile(r"[!-~]{1,255}")


@schemathesis.hook
def filter_case(context, case):
    """Two rules of the collection that OpenAPI has no word for."""
    if case.operation.path != "/v1/transactions":
        return True
    query = case.query or {}
    if case.method.upper() == "DELETE":
        # One of the bounds must be given.
        return "from" in query or "to" in query
    # A cursor comes from a page: one that only looks like it is rightly refused.
    cursor = query.get("cursor")
    return not (isinstance(cursor, str) and CURSOR.fullmatch(cursor))


@schemathesis.hook
def before_call(context, case, kwargs):
    """A valid key belongs to one request: generated ones repeat, and the second request is rightly refused."""
    headers = case.headers or {}
    key = headers.get(KEY)
    if isinstance(key, str) and VALID_KEY.fullmatch(key):
        headers[KEY] = uuid.uuid4().hex
