"""Your own JSON: the plain form that Seamline suggests, read by a mapping that a source may replace with its own."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path

from incidents.alerts.sources import mapping as mappings
from incidents.alerts.sources.reading import Parsed, State

_FILE = Path(__file__).parent / "mappings" / "custom.toml"


@cache
def default_mapping() -> str:
    """The mapping of a source that has none of its own."""
    return _FILE.read_text("utf-8")


def parse(
    body: bytes,
    headers: Mapping[str, str],
    *,
    received_at: datetime,
    mapping: str = "",
) -> Parsed:
    """One reading for each alert, by the source's own mapping, or by the default where it has none."""
    return mappings.parse(mapping or default_mapping(), body, headers, received_at)


def config_snippet(hook_url: str) -> str:
    """A request for the console, to copy into whatever sends."""
    return (
        f"curl -X POST {hook_url} \\\n"
        "  -H 'Content-Type: application/json' \\\n"
        "  -d '{\n"
        '    "key": "checkout-latency",\n'
        '    "title": "Checkout answers slowly",\n'
        '    "state": "firing",\n'
        '    "severity": "high",\n'
        '    "labels": {"service": "checkout"}\n'
        "  }'\n"
    )


def sample(*, key: str, title: str, state: State, started_at: datetime, at: datetime) -> bytes:
    """One alert in the plain form."""
    alert = {
        "key": key,
        "title": title,
        "name": "SeamlineTest",
        "state": state.value,
        "severity": "low",
        "summary": "Sent by the test button; nothing is wrong.",
        "time": at.isoformat(),
        "started_at": started_at.isoformat(),
    }
    return json.dumps(alert).encode()
