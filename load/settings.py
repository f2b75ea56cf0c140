"""What a run is asked for: environment variables, read once, every fault named."""

import os
import re
import uuid
from dataclasses import dataclass, field


class SettingsError(Exception):
    """A variable that cannot be used."""


def _number(variables, name, default, least):
    text = variables.get(name, "")
    if text == "":
        return default
    try:
        value = float(text)
    except ValueError:
        raise SettingsError(f"{name}={text!r} is not a number") from None
    if not least <= value < 1e9:
        raise SettingsError(f"{name}={text!r} is not from {least} up")
    return value


def _flag(variables, name):
    text = variables.get(name, "")
    if text not in ("", "0", "1"):
        raise SettingsError(f"{name}={text!r} is neither 0 nor 1")
    return text == "1"


@dataclass(frozen=True)
class Settings:
    """One run. What is None stays as the scenario has it."""

    url: str = "http://127.0.0.1:8080"
    scenario: str = "short"
    base_path: str = ""
    users: float | None = None
    seconds: float | None = None
    rate: float | None = None
    p95_ms: float | None = None
    failures: float | None = None
    slope_mb: float | None = None
    delete_all: bool = False
    memory: str = ""
    memory_query: str = ""
    hpa: str = ""
    headers: dict = field(default_factory=dict, repr=False)
    # In the description of every row that the run records.
    marker: str = field(default_factory=lambda: f"load-{uuid.uuid4().hex[:12]}")

    @classmethod
    def read(cls, variables=os.environ):
        url = variables.get("LOAD_URL", "").rstrip("/")
        if not re.fullmatch(r"https?://[^@?#\s]+", url):
            raise SettingsError(f"LOAD_URL={url!r} must say where the service is, such as https://api.example.com")
        base_path = variables.get("LOAD_BASE_PATH", "")
        if base_path and not re.fullmatch(r"(/[^/?#]+)+", base_path):
            raise SettingsError(f"LOAD_BASE_PATH={base_path!r} must begin with a slash and end without one")
        key, token = variables.get("LOAD_API_KEY"), variables.get("LOAD_BEARER_TOKEN")
        if key and token:
            raise SettingsError("LOAD_API_KEY and LOAD_BEARER_TOKEN are both set: give one")
        # Processes of one run that share the work share the marker too.
        marker = variables.get("LOAD_MARKER", "")
        if not re.fullmatch(r"[A-Za-z0-9-]{0,40}", marker):
            raise SettingsError(f"LOAD_MARKER={marker!r} is more than 40 letters, digits and hyphens")
        headers = {"X-API-Key": key} if key else {"Authorization": f"Bearer {token}"} if token else {}
        return cls(
            url=url,
            scenario=variables.get("LOAD_SCENARIO") or "short",
            base_path=base_path,
            users=_number(variables, "LOAD_USERS", None, 1),
            seconds=_number(variables, "LOAD_SECONDS", None, 1),
            rate=_number(variables, "LOAD_RATE", None, 0.01),
            p95_ms=_number(variables, "LOAD_P95_MS", None, 0),
            failures=_number(variables, "LOAD_FAILURE_RATIO", None, 0),
            slope_mb=_number(variables, "LOAD_MEMORY_MB_PER_HOUR", None, 0),
            delete_all=_flag(variables, "LOAD_DELETE_ALL"),
            memory=variables.get("LOAD_MEMORY", ""),
            memory_query=variables.get("LOAD_MEMORY_QUERY", ""),
            hpa=variables.get("LOAD_HPA", ""),
            headers=headers,
            **({"marker": marker} if marker else {}),
        )
