"""LangSmith's alerts, and the webhooks of its automation rules and its Engine; a mapping file says how to read them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path

from incidents.alerts.sources import mapping
from incidents.alerts.sources.reading import Parsed, State

_FILE = Path(__file__).parent / "mappings" / "langsmith.toml"


@cache
def _mapping() -> str:
    return _FILE.read_text("utf-8")


def parse(body: bytes, headers: Mapping[str, str], *, received_at: datetime) -> Parsed:
    """One reading for an alert or an issue, or one for each run that an automation rule matched."""
    return mapping.parse(_mapping(), body, headers, received_at)


def config_snippet(hook_url: str) -> str:
    """What to enter in an alert's notification, and the template that brings what LangSmith leaves out."""
    return (
        "# Alert → Notification → Webhook\n"
        f"URL: {hook_url}\n"
        "Headers: {}\n"
        "Request body template:\n"
        '{"service": "the service this project belongs to", "severity": "high"}\n'
    )


def sample(*, key: str, title: str, state: State, started_at: datetime, at: datetime) -> bytes:
    """An alert as LangSmith posts it; `state` is our addition, since LangSmith tells no end."""
    alert = {
        "alert_rule_id": key,
        "alert_rule_name": title,
        "alert_rule_type": "threshold",
        "alert_rule_attribute": "error_count",
        "triggered_metric_value": 1,
        "triggered_threshold": 0,
        "timestamp": at.isoformat(),
        "state": state.value,
    }
    return json.dumps(alert).encode()
